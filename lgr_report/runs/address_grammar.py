"""A second saved wherever jsonschema is imported: it need not know web addresses in any script."""

import sys

GRAMMAR = "rfc3987_syntax"


def skip() -> None:
    """Import jsonschema without its grammar of such addresses.

    nbformat and frictionless import jsonschema, which compiles that grammar at import, for about a
    second; no notebook and no table of ours has such an address. Whoever imports the grammar
    itself finds it as it is.
    """
    hidden = sys.modules.setdefault(GRAMMAR, None) is None
    try:
        import jsonschema  # noqa: F401
    finally:
        if hidden:
            del sys.modules[GRAMMAR]
