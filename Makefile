## make serve     its own environment, then the server    make test         the same, then the whole suite
## make quick     the suite without the slow parts         make check        format, lint, strict types
## make bench     the measurements of bench/               make build        wheel and sdist into dist/
## make fuzz      hostile requests without end             make format       what make check asks of it
## make audit     known weaknesses of the dependencies     make licences     docs/licences.md, written anew
## make clean     removes what all these have made         make screenshots  docs/images, taken anew
##
## PYTHON=python3.12 says which Python, CHROMIUM=/path which browser; ARGS="..." goes to the command:
## make serve ARGS="--port 9000 --scenario hanging", make quick ARGS="-k webhook"

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
ARGS   ?=
CHROMIUM ?=
export CHROMIUM

.PHONY: help serve test quick check format fuzz licences audit bench build clean browser postgres screenshots

help:
	@sed -n 's/^## \{0,1\}//p' Makefile

serve: $(VENV)/.serve
	@exec $(BIN)/mock-nicepay serve $(ARGS)

test: $(VENV)/.dev browser postgres
	$(BIN)/python -m pytest -n 2 $(ARGS)

screenshots: $(VENV)/.dev browser
	$(BIN)/python tests/browser/screenshots.py docs/images

quick: $(VENV)/.dev
	$(BIN)/python -m pytest -n 2 -m "not slow" $(ARGS)

check: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

# Other hostile requests and scenarios each time, ARGS of each kind.
fuzz: $(VENV)/.dev
	PYTHONPATH=tests:tests/helpers $(BIN)/python tests/fuzz/longer.py $(ARGS)

# What an installation brings along, from the metadata of what is installed here.
licences: $(VENV)/.dev
	$(BIN)/python tools/licences.py

# Known weaknesses of the dependencies. It asks the internet; where there is none it says so, and ends with 2.
audit: $(VENV)/.dev
	@$(BIN)/python tools/audit.py

format: $(VENV)/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.bench
	$(BIN)/python bench/run.py $(ARGS)

build: $(VENV)/.dev
	$(BIN)/python -m build

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache

# The tests of the pages need a browser, and are never skipped: Debian's Chromium where there is none.
browser:
	@if [ -n "$(CHROMIUM)" ]; then exit 0; fi; \
	for name in chromium chromium-browser google-chrome google-chrome-stable; do \
	  if command -v $$name >/dev/null; then exit 0; fi; done; \
	if command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then as=; \
	elif command -v apt-get >/dev/null && sudo -n true 2>/dev/null; then as=sudo; \
	else echo "the tests of the payment window need Chromium or Chrome, and there is none. Install one:" >&2; \
	  echo "  Debian, Ubuntu: sudo apt-get install chromium    macOS: brew install --cask google-chrome" >&2; \
	  echo "or say where it is: make test CHROMIUM=/path/to/chrome" >&2; exit 2; fi; \
	echo "installing Debian's chromium for the tests of the payment window"; \
	$$as apt-get update -qq && $$as apt-get install -y -qq --no-install-recommends chromium fonts-nanum

# The tests of the stores run a PostgreSQL server of their own, and are never skipped either.
postgres:
	@if command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; then exit 0; fi; \
	if command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then as=; \
	elif command -v apt-get >/dev/null && sudo -n true 2>/dev/null; then as=sudo; \
	else echo "the tests of the stores need the server of PostgreSQL 13 or newer, and there is none. Install it:" >&2; \
	  echo "  Debian, Ubuntu: sudo apt-get install postgresql    macOS: brew install postgresql" >&2; exit 2; fi; \
	echo "installing Debian's postgresql for the tests of the stores"; \
	$$as apt-get update -qq && $$as apt-get install -y -qq --no-install-recommends postgresql

$(VENV)/.python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "mock-nicepay needs Python 3.11 or newer; $(PYTHON) is none. Say which: make PYTHON=python3.12 ..." >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.serve: $(VENV)/.python setup.cfg pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[people,stores]'
	@touch $@

$(VENV)/.dev: $(VENV)/.python setup.cfg pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@ $(VENV)/.serve

$(VENV)/.bench: $(VENV)/.dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev,bench]'
	@touch $@
