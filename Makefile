# Targets a newcomer needs: demo and test. Everything installs itself into .venv on first use.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: setup demo serve test check bench examples refusals reference clean

setup: $(READY)

# The mark is touched last, so an install that broke half-way is done again.
$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "dangphi cần Python 3.11 trở lên; gõ: make PYTHON=python3.11"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $(READY)

demo: setup
	$(BIN)/dangphi demo

serve: setup
	$(BIN)/dangphi serve --demo

test: setup
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup
	$(BIN)/python -m bench

examples: setup
	$(BIN)/dangphi example

refusals: setup
	PYTHONPATH=. $(BIN)/python docs/reference/make_refusals.py

# Every page of the reference that is made from the program.
reference: refusals
	PYTHONPATH=. $(BIN)/python docs/reference/make_cli.py
	PYTHONPATH=. $(BIN)/python docs/reference/make_policy_settings.py
	PYTHONPATH=. $(BIN)/python docs/reference/make_api_routes.py

clean:
	rm -rf $(VENV) demo-output .pytest_cache .mypy_cache .ruff_cache .hypothesis
