# Two commands do everything: `make demo` and `make test`. Python 3.11 or newer, pip, git and make
# are all that must be there.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

# torch and torchvision are released as pairs; this is the pair that is tested.
PAIR := torch==2.14.1 torchvision==0.29.1

# What `make demo` runs, line by line.
define DEMO
$(BIN)/fulgurite fit --config digits_cnn
$(BIN)/fulgurite test --ckpt_path runs/latest
endef

.PHONY: help demo test test-fast check format install lock clean

help: ## say what there is
	@awk -F ': .*## ' '/^[a-z-]+: .*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile

demo: $(STAMP) ## train on real data, then evaluate on held-out rows
	$(DEMO)
	@echo; echo "To type these commands yourself: . $(BIN)/activate"

test: $(STAMP) ## run all tests, the slow ones included
	$(BIN)/python -m pytest -m ""

test-fast: $(STAMP) ## run the tests that take seconds, on all cores
	$(BIN)/python -m pytest -n auto

check: $(STAMP) ## check format, lint, types and import directions
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(STAMP) ## write the format and mend what ruff can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

install: $(STAMP) ## create .venv with the versions of requirements.lock

# Debian's Python has no ensurepip unless python3-venv is there: its own pip then puts one in.
$(STAMP): pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { echo \
	  "Fulgurite needs Python 3.11 or newer, but '$(PYTHON) --version' says" \
	  "'$$($(PYTHON) --version 2>&1)': name another, as in 'make demo PYTHON=python3.12'." >&2; exit 1; }
	@echo "Installing into $(VENV): some minutes, and on Linux 6 GB, most of it torch for GPUs."
	@test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV) >/dev/null 2>&1 || { \
	  $(PYTHON) -m venv --without-pip $(VENV) && \
	  $(PYTHON) -m pip --python $(BIN)/python install pip; }
	$(BIN)/python -m pip install -r requirements.lock
	$(BIN)/python -m pip install --no-deps -e .
	@touch $@

# The comments at the head of the file stay; it is replaced only once all of it is there.
lock: ## resolve the newest versions anew and write requirements.lock
	@set -e; fresh=$$(mktemp -d); trap 'rm -rf "$$fresh"' EXIT; \
	$(PYTHON) -m venv "$$fresh"; \
	"$$fresh/bin/python" -m pip install $(PAIR) -e '.[dev]'; \
	grep '^#' requirements.lock > "$$fresh/lock"; \
	"$$fresh/bin/python" -m pip freeze --all --exclude-editable --exclude pip \
	  | grep -Ev '^(cuda-|nvidia-|triton=)' >> "$$fresh/lock"; \
	cp "$$fresh/lock" requirements.lock

clean: ## remove .venv, builds and caches; runs stay
	rm -rf .venv dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
