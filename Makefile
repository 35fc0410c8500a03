# Tasks of development and release; `make help` lists them.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

BIN := .venv/bin
INSTALLED := .venv/installed
GRAPHIQL := api/graphiql
LINTER := tests/lint-schema
CLIENTS := tests/clients
WORKERS ?= 2

PYTHON ?= $(shell for python in python3.11 python3.12 python3.13 python3.14 python3; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)

##@ Start

.PHONY: help
help: ## Show this list
	@echo "Usage: make TARGET. Each target first installs what it needs into .venv."
	@awk -F ':.*## ' '/^##@ / { printf "\n%s\n", substr($$0, 5) } /^[a-z-]+:.*## / { printf "  %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@printf '\nOptions\n  %-13s %s\n  %-13s %s\n' \
		'WORKERS=4' 'Processes of the test targets (now $(WORKERS))' \
		'PYTHON=path' 'The Python that creates .venv (now $(PYTHON))'

.PHONY: run
run: install graphiql ## Install, migrate, load the demo into an empty database, and serve
	$(BIN)/gatehouse migrate
	$(BIN)/gatehouse demo --if-empty
	exec $(BIN)/gatehouse serve

.PHONY: install
install: $(INSTALLED) ## Create .venv with exactly the packages of requirements.lock

$(INSTALLED): requirements.lock pyproject.toml
	@if [ -z "$(PYTHON)" ]; then echo "Gatehouse needs Python 3.11 or newer: install it, or say make PYTHON=/path/to/it"; exit 1; fi
	@if [ ! -x $(BIN)/python ]; then \
		echo "Creating .venv with $(PYTHON)"; \
		$(PYTHON) -m venv .venv || { rm -rf .venv; echo "Python's venv module is missing (Debian: python3-venv)"; exit 1; }; \
	fi
	@echo "Installing requirements.lock (the first time takes a minute)"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

.PHONY: graphiql
graphiql: ## Build the GraphiQL page, if npm is installed and a source has changed
	@if [ ! -f $(GRAPHIQL)/package.json ]; then exit 0; fi; \
	if [ -f $(GRAPHIQL)/dist/index.html ] && [ -z "$$(find $(GRAPHIQL) -type f -newer $(GRAPHIQL)/dist/index.html \
		-not -path '*/node_modules/*' -not -path '*/dist/*' -print -quit)" ]; then exit 0; fi; \
	if ! command -v npm >/dev/null; then echo "No npm here: going on without the GraphiQL page"; exit 0; fi; \
	echo "Building the GraphiQL page (half a minute)"; \
	cd $(GRAPHIQL) && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error && npm run --silent build \
		|| echo "The GraphiQL page could not be built: going on without it"

.PHONY: clean
clean: ## Remove everything that was built or installed here; databases stay
	rm -rf .venv build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	rm -rf $(GRAPHIQL)/dist $(GRAPHIQL)/node_modules $(LINTER)/node_modules $(CLIENTS)/node_modules
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

##@ Check a change

.PHONY: check
check: install ## The gate: format, lint, types, clients and every test; what CI runs
	$(BIN)/ruff format --check --quiet
	$(BIN)/ruff check --quiet
	$(BIN)/mypy
	$(MAKE) schema-diff
	$(MAKE) check-clients
	$(MAKE) test

.PHONY: test
test: install ## Run every test, on SQLite and on a PostgreSQL that the tests start themselves
	$(BIN)/pytest -n $(WORKERS) --dist worksteal --ignore $(CLIENTS)

FAST := tests/rules tests/journeys $(addprefix tests/services/,auth bulk mail) \
	$(addprefix tests/architecture/,test_layers.py test_schema.py test_tenant_door.py) \
	$(addprefix tests/api/,graphql/cost graphql/test_http.py security/access_tokens) \
	$(addprefix tests/features/,account/test_edits.py bulk/test_actions.py invitations/test_invitations.py sign_in/test_sign_in.py)

.PHONY: test-fast
test-fast: install ## Run a cross-section of the tests on SQLite, in less than a minute
	$(BIN)/pytest -n $(WORKERS) --dist worksteal -k "not postgres" $(FAST)

.PHONY: fuzz
fuzz: install ## Run the property tests with many more examples
	HYPOTHESIS_PROFILE=fuzz $(BIN)/pytest -n $(WORKERS) --dist worksteal -m hypothesis

.PHONY: lint
lint: install ## Lint the code
	$(BIN)/ruff check

.PHONY: lint-schema
lint-schema: ## Lint schema.graphql with graphql-eslint, if npm is installed
	@if ! command -v npm >/dev/null; then echo "No npm here: schema.graphql is not linted"; exit 0; fi; \
	if [ ! $(LINTER)/node_modules/.package-lock.json -nt $(LINTER)/package-lock.json ]; then \
		(cd $(LINTER) && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error); \
	fi; \
	$(LINTER)/node_modules/.bin/eslint --config $(LINTER)/eslint.config.js --max-warnings 0 schema.graphql

.PHONY: check-clients
check-clients: install ## Compile and run the guide's clients and the example operations, if npm is installed
	@if ! command -v npm >/dev/null; then echo "No npm here: the clients of docs/frontend.md are not checked"; exit 0; fi; \
	if [ ! $(CLIENTS)/node_modules/.package-lock.json -nt $(CLIENTS)/package-lock.json ]; then \
		(cd $(CLIENTS) && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error); \
	fi; \
	$(BIN)/pytest -n 0 $(CLIENTS)

.PHONY: schema-diff
schema-diff: install ## Print what changed in schema.graphql since main, or since base=COMMIT; breaking changes fail from 1.0.0 on
	@$(BIN)/python -m tests.schema_diff $(if $(base),--base $(base))

.PHONY: types
types: install ## Check the types
	$(BIN)/mypy

##@ Rewrite what is generated

.PHONY: format
format: install ## Format the code and apply the safe repairs of the linter
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

.PHONY: schema
schema: install ## Rewrite schema.graphql from the code
	$(BIN)/gatehouse schema > schema.graphql.new
	mv schema.graphql.new schema.graphql

.PHONY: docs
docs: install ## Rewrite what README and docs/ take from the code: settings, rooms, mails, status diagram
	$(BIN)/python -m tests.documentation

.PHONY: migration
migration: install ## Write the migration that the models need: make migration name=what_changes
	@if [ -z "$(name)" ]; then echo "Say what changes: make migration name=what_changes"; exit 1; fi
	$(BIN)/tortoise -c models.db.database.TORTOISE makemigrations -n "$(name)"

COMPILE := CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host

.PHONY: lock
lock: install ## Rewrite requirements.lock and the constraints from pyproject.toml; upgrade=1 takes new versions
	$(COMPILE) --extra dev --extra tracing $(if $(upgrade),--upgrade) --output-file requirements.lock pyproject.toml
	@# What the files for production hold before they are compiled is kept: the versions and hashes of requirements.lock.
	cp requirements.lock constraints.txt
	cp requirements.lock constraints-tracing.txt
	$(COMPILE) --output-file constraints.txt pyproject.toml
	$(COMPILE) --extra tracing --output-file constraints-tracing.txt pyproject.toml

##@ Measure

BENCH_OPTIONS ?=

.PHONY: bench
bench: install ## Measure everything beside its peers and write docs/benchmarks.md; base=COMMIT: beside that commit instead
	$(BIN)/python -m tests.bench --write $(if $(base),--base $(base)) $(BENCH_OPTIONS)

.PHONY: bench-quick
bench-quick: install ## Measure the users page only, beside PostGraphile and Mercurius if npm is installed (two minutes)
	$(BIN)/python -m tests.bench --quick $(BENCH_OPTIONS)

.PHONY: rows-read
rows-read: install ## Print how many rows each statement reads on 200,000 users and 1,000,000 events (some minutes)
	$(BIN)/pytest -n 0 -q -s tests/bench/rows_read/largest.py

.PHONY: timing
timing: install ## Measure that sign-ins which must look alike take the same time (four minutes)
	$(BIN)/python -m tests.timing

##@ Release

.PHONY: audit
audit: install ## Look up every locked version in the advisory database (needs the network and pip-audit)
	@if ! command -v pip-audit >/dev/null; then echo "pip-audit is missing: pipx install pip-audit"; exit 1; fi
	pip-audit --requirement requirements.lock --require-hashes --disable-pip

.PHONY: wheel
wheel: install graphiql ## Build a wheel in dist/, with the GraphiQL page if npm is installed
	rm -rf build dist
	$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation --wheel-dir dist .
	cp constraints.txt constraints-tracing.txt dist/
