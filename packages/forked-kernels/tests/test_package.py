"""The package stands by itself: it is small, plain, and knows nobody but Jupyter."""

import ast
import re
import sys
from pathlib import Path

import forked_kernels

ROOT = Path(__file__).resolve().parents[1]
MODULES = sorted(Path(forked_kernels.__file__).parent.glob("*.py"))


def test_it_imports_jupyter_and_the_standard_library_only():
    known = {"forked_kernels", "ipykernel", "jupyter_client", "traitlets", *sys.stdlib_module_names}
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [node.module] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            assert {name.split(".")[0] for name in names} <= known, path.name


def test_the_process_that_is_forked_imports_nothing_of_it():
    (zygote,) = (path for path in MODULES if path.name == "zygote.py")
    assert "import forked_kernels" not in (code := zygote.read_text(encoding="utf-8"))
    assert "from forked_kernels" not in code


def test_no_module_is_long():
    assert all(len(path.read_text(encoding="utf-8").splitlines()) < 300 for path in MODULES)


def test_the_readme_names_every_variable_and_every_module():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    told = {*re.findall(r"`(FORKED_KERNELS\w*)", readme)}
    read = {
        name for path in MODULES for name in re.findall(r'"(FORKED_KERNELS\w*)"', path.read_text())
    }
    assert told == read
    listed = {*re.findall(r"^\| `(\w+)` \|", readme, re.M)} - told
    assert listed == {path.stem for path in MODULES} - {"__init__"}
