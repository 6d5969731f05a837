# make demo    a small business, its site, its admin and a stand-in for Stripe, on this machine
# make test    every test, on SQLite, PostgreSQL and MariaDB; browser tests where there is a Chromium
# make lint    style, types, and who may import whom
# make bench   how fast, compared with something else in the same run

VENV ?= .venv
BIN := $(VENV)/bin
PYTHON ?= $(firstword $(foreach name,python3.11 python3 python3.12 python3.13,$(if $(shell \
	$(name) -c 'import sys; print("yes" if sys.version_info >= (3, 11) else "")' 2>/dev/null),$(name))))
JOBS ?= 2
PGHOST ?= 127.0.0.1
PGPORT ?= 5432
PGUSER ?= postgres
MARIADB_HOST ?= 127.0.0.1
MARIADB_PORT ?= 3306
MARIADB_USER ?= root
export PGHOST PGPORT PGUSER MARIADB_HOST MARIADB_PORT MARIADB_USER

PYTEST := $(BIN)/python -m pytest -q -n $(JOBS) --dist worksteal

.PHONY: demo test test-sqlite test-postgresql test-mariadb lint bench clean

demo: $(VENV)/.demo
	$(BIN)/python example_site/manage.py demo

test: test-sqlite test-postgresql test-mariadb

test-sqlite: $(VENV)/.test
	TEST_DATABASE=sqlite $(PYTEST) $(ARGS)

# Everything again that uses the database; the browser can't tell which one there is.
test-postgresql: $(VENV)/.test
	@if $(BIN)/python -m tests.databases; then \
		TEST_DATABASE=postgresql $(PYTEST) $(ARGS); \
	elif [ "$$CI" = true ]; then \
		echo "No PostgreSQL at $$PGHOST:$$PGPORT, and CI=true: that is a failure." >&2; exit 1; \
	else \
		echo "No PostgreSQL at $$PGHOST:$$PGPORT: tested on SQLite only."; \
	fi

# The driver is compiled where it is installed; where that can't be done, there is no testing on MariaDB either.
test-mariadb: $(VENV)/.test
	@$(BIN)/python -c "import MySQLdb" 2>/dev/null || $(BIN)/python -m pip install --quiet --group mariadb 2>/dev/null || true
	@if $(BIN)/python -m tests.databases mariadb; then \
		TEST_DATABASE=mariadb $(PYTEST) $(ARGS); \
	elif [ "$$CI" = true ]; then \
		echo "No MariaDB at $$MARIADB_HOST:$$MARIADB_PORT, and CI=true: that is a failure." >&2; exit 1; \
	else \
		echo "No MariaDB at $$MARIADB_HOST:$$MARIADB_PORT, or no driver for it: not tested there."; \
	fi

lint: $(VENV)/.test
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports
	$(BIN)/mypy

bench: $(VENV)/.test
	@for script in tests/benchmarks/[a-z]*.py; do echo "== $$script"; $(BIN)/python $$script || exit 1; done

clean:
	-$(BIN)/python -m tests.databases forget
	rm -rf $(VENV) var build dist *.egg-info

$(BIN)/python:
	@if [ -z "$(PYTHON)" ]; then echo "Python 3.11 or newer is needed." >&2; exit 1; fi
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip

$(VENV)/.demo: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable . --group demo
	@touch $@

$(VENV)/.test: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable . --group test
	@touch $@
