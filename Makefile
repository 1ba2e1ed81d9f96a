# make run      serves the chat on http://localhost:8508
# make test     runs the tests, in minutes; test-thorough those that take long (pytest: both)
# make check    lint and types
# make trials   tries what docs/reliability.md promises, for hours; trials-short does a tenth
# make quality  measures again what docs/quality.md publishes (needs ../shared, or ERT_SHARED)
#
# PYTHON=python3.12 chooses the interpreter (3.10 to 3.13).
# TORCH_INDEX=https://download.pytorch.org/whl/cpu takes torch from there (README, "CPU-only or CUDA").

PYTHON ?= python3
TORCH_INDEX ?=
VENV := .venv
BIN := $(VENV)/bin
TORCH := $(shell grep '^torch==' requirements.txt)

.PHONY: run test test-thorough check lint types samples screenshots quality trials trials-short clean

run: $(VENV)/.ready
	$(BIN)/streamlit run ERT.py

test: $(VENV)/.ready-dev
	$(BIN)/python -m pytest -m "not thorough"

test-thorough: $(VENV)/.ready-dev
	$(BIN)/python -m pytest -m thorough

check: lint types

lint: $(VENV)/.ready-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.ready-dev
	$(BIN)/mypy

samples: $(VENV)/.ready-dev
	$(BIN)/python scripts/build_samples.py

screenshots: $(VENV)/.ready-dev
	$(BIN)/python scripts/screenshots.py --every build/screenshots

quality: $(VENV)/.ready-dev
	$(BIN)/python benchmarks/quality.py

trials: $(VENV)/.ready-dev
	$(BIN)/python -m trials

trials-short: $(VENV)/.ready-dev
	$(BIN)/python -m pytest tests/test_trials.py

clean:
	rm -rf $(VENV)

# Another TORCH_INDEX installs torch again: pip would keep the build that is there.
$(VENV)/.torch-$(notdir $(TORCH_INDEX)):
	@$(PYTHON) -c 'import sys; ok = (3, 10) <= sys.version_info[:2] <= (3, 13); sys.exit(None if ok else "ERT needs Python 3.10 to 3.13: make PYTHON=python3.12 $(MAKECMDGOALS)")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	rm -f $(VENV)/.torch-*
	$(BIN)/python -m pip install --disable-pip-version-check $(if $(TORCH_INDEX),--force-reinstall --index-url $(TORCH_INDEX)) $(TORCH)
	touch $@

$(VENV)/.ready: requirements.txt $(if $(TORCH_INDEX),$(VENV)/.torch-$(notdir $(TORCH_INDEX)),$(if $(wildcard $(VENV)/.torch-*),,$(VENV)/.torch-))
	$(BIN)/python -m pip install --disable-pip-version-check -r requirements.txt
	touch $@

$(VENV)/.ready-dev: $(VENV)/.ready requirements-dev.txt
	$(BIN)/python -m pip install --disable-pip-version-check -r requirements-dev.txt
	touch $@
