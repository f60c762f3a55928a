# Two commands matter: `make reports` and `make test`. Both set everything up first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# Two pytest workers never share a core with each other's BLAS threads.
export OMP_NUM_THREADS := 1

# Each file goes to one worker; conftest puts those first that take longest.
WORKERS := -n 2 --dist loadfile --no-loadscope-reorder
# What `make check` runs: the project itself, notebooks as committed, pages, runs without a kernel.
FAST := tests/test_notebooks.py tests/test_project.py tests/test_packages.py tests/test_library.py \
	tests/test_golden_hooks.py tests/test_cells.py tests/test_pages.py tests/test_phrases.py \
	tests/test_cache.py tests/test_metrics.py tests/test_intervals.py tests/test_findings.py \
	tests/test_contract.py tests/test_claims.py tests/runs/test_page_checks.py \
	tests/runs/test_deliverables.py tests/runs/test_plan.py tests/runs/test_publishing.py

.PHONY: help reports report test golden check style lab strip lock bench faults identity same-as packages clean

help:
	@echo "make reports             build the reports of all 21 areas, print the path of the index"
	@echo "make report AREA=surrey  build one area's report"
	@echo "make test                run every test"
	@echo "make style               style of the code, and every table as data/ describes it"
	@echo "make check               style, tables, notebooks and the fast tests, in less than a minute"
	@echo "make bench               time options and batches beside other ways; prints ratios"
	@echo "make faults              kill a batch at random 200 times; nothing may tear"
	@echo "make identity            build every report in three ways; all must be the same"
	@echo "make same-as REV=main    tell what a reader would find changed since a revision"
	@echo "make packages            draw docs/packages.md from the imports"
	@echo "make lab                 open the project in JupyterLab, at a page that says where to start"
	@echo "make strip               take the outputs out of notebooks that were run and saved"
	@echo "make golden              execute the golden notebooks again (then read the diff)"
	@echo "make lock                resolve the dependencies again into requirements.lock"
	@echo "make clean               remove the environment and the published reports"

$(READY): requirements.lock pyproject.toml packages/forked-kernels/pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "lgr-report needs Python 3.11 or later: make PYTHON=/path/to/python3.11 ...")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "setting up $(VENV) (once, about a minute)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e packages/forked-kernels -e .
	@touch $@

reports: $(READY)
	@$(BIN)/lgr-report build

report: $(READY)
	@test -n "$(AREA)" || { echo "name an area: make report AREA=surrey"; $(BIN)/lgr-report areas; exit 2; }
	@$(BIN)/lgr-report build "$(AREA)"

# Style, and every table as data/ describes it: what both kinds of test begin with.
style: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lgr-report check

check: style
	$(BIN)/python -m pytest $(WORKERS) -m "not slow" --quiet $(FAST)

test: style
	$(BIN)/python -m pytest $(WORKERS) --nbval --nbval-sanitize-with tests/golden/sanitize.cfg --durations=10

golden: $(READY)
	$(BIN)/python tests/golden/regenerate.py

packages: $(READY)
	@$(BIN)/python scripts/draw_packages.py

bench: $(READY)
	@$(BIN)/python -c "import gerrychain" 2>/dev/null || $(BIN)/python -m pip install --quiet --disable-pip-version-check gerrychain
	@$(BIN)/python benchmarks/options.py
	@$(BIN)/python benchmarks/batch.py --whole --many

faults: $(READY)
	LGR_REPORT_KILLS=200 $(BIN)/python -m pytest tests/faults -rA

identity: $(READY)
	LGR_REPORT_IDENTITY=all $(BIN)/python -m pytest tests/runs/test_identity.py

same-as: $(READY)
	@test -n "$(REV)" || { echo "name a revision: make same-as REV=main"; exit 2; }
	@$(BIN)/python scripts/same_as.py "$(REV)"

lab: $(READY)
	$(BIN)/jupyter lab --LabApp.app_settings_dir=lab --LabApp.default_url=/lab/tree/lab/START.md

strip: $(READY)
	@$(BIN)/python scripts/strip.py

# Not from $(READY): a lock that no longer installs must still be mendable.
lock:
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --custom-compile-command "make lock" --quiet -o requirements.lock

clean:
	rm -rf $(VENV) .national_results .test_reports outputs/*/ outputs/index.html
