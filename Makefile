# Every target does its own set-up. Needed: Python 3.11+ with venv and pip, git, make, a package index.
# `.venv/bin/python -m` instead of scripts: they break in a path with a space.
PYTHON ?= python3
PY := .venv/bin/python
# A newline-free name for "the development packages are installed as the lock file says".
DEV := .make/dev
RUN := .make/run

.DEFAULT_GOAL := help
.PHONY: help demo up test check mutants bench lint fmt docs lock

help: ## Print this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(RUN) ## Set everything up and show a line run, from push to approved deploy
	@$(PY) -m app.cli.main demo

up: $(RUN) ## Set everything up and serve for real
	@$(PY) -m app.cli.main up

test: $(DEV) ## Run the tests, with a real Valkey and a real PostgreSQL
	@$(PY) tests/run.py $(ARGS)

check: lint test ## Everything that CI runs: format, lint, types, import contracts, tests

lint: $(DEV) ## Check format, lint, types and import contracts
	@$(PY) -m ruff format --check .
	@$(PY) -m ruff check .
	@$(PY) -m mypy
	@$(PY) -c 'from importlinter.cli import lint_imports_command as main; main()' --no-cache

fmt: $(DEV) ## Format the code and mend what can be mended
	@$(PY) -m ruff format .
	@$(PY) -m ruff check --fix .

docs: $(DEV) ## Write the generated tables of docs/ from the code
	@$(PY) -m app.cli.reference

mutants: $(DEV) ## Mutate the engine and see whether the tables notice
	@$(PY) tests/mutants.py

bench: $(DEV) ## Measure, and print the figures beside the machine's noise
	@$(PY) -m bench

lock: $(DEV) ## Pin the newest allowed versions, with hashes
	@$(PY) -m pip install -q uv
	@$(PY) -m uv pip compile pyproject.toml --generate-hashes --universal --python-version 3.11 --no-emit-index-url --no-header -q -U -o requirements.txt
	@$(PY) -m uv pip compile pyproject.toml --extra dev -c requirements.txt --generate-hashes --universal --python-version 3.11 --no-emit-index-url --no-header -q -U -o requirements-dev.txt

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name one: make PYTHON=python3.12 ...")'
	@echo "Making the virtual environment .venv"
	@$(PYTHON) -m venv .venv

$(RUN): requirements.txt pyproject.toml | .venv/bin/python
	@echo "Installing the packages that requirements.txt pins"
	@$(PY) -m pip install -q --disable-pip-version-check --require-hashes -r requirements.txt
	@$(PY) -m pip install -q --disable-pip-version-check --no-deps -e .
	@mkdir -p .make && touch $@

$(DEV): requirements-dev.txt pyproject.toml | .venv/bin/python
	@echo "Installing the packages that requirements-dev.txt pins"
	@$(PY) -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@$(PY) -m pip install -q --disable-pip-version-check --no-deps -e .
	@mkdir -p .make && touch $@ $(RUN)
