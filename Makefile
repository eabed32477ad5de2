# Two commands matter: `make demo` and `make test`. `make help` lists the rest.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SIZE ?= 10k

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup styles spec clients translations demo demo-reset sure checks test strings migration lock drill bench soak fuzz clean
MAKEFLAGS += --no-print-directory

help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## make the environment in .venv from the hash-pinned lock (nothing to do when it is unchanged)
	@$(PYTHON) scripts/set_up.py

styles: setup ## build static/dist/ from the sources in static/
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python scripts/build_styles.py

spec: setup ## fetch the processor's published API description, which the sandbox and the tests check against
	@test -f .build/stripe-spec.json -a .build/stripe-spec.json -nt requirements/stripe-spec.lock \
		|| $(BIN)/python -m sandbox.spec --fetch

CLIENTS := tests/contract/clients
clients: setup ## install the processor's own clients, which try the sandbox; without them those tests are skipped
	@cmp -s $(CLIENTS)/package-lock.json $(CLIENTS)/node_modules/.installed-from || { cd $(CLIENTS) && \
		PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null && \
		cp package-lock.json node_modules/.installed-from && echo "clients: installed"; } \
		|| echo "clients: not installed, so their tests will be skipped"

translations: setup ## compile the Spanish catalog
	@if [ -f translations/es/LC_MESSAGES/messages.po ] && \
		[ ! translations/es/LC_MESSAGES/messages.mo -nt translations/es/LC_MESSAGES/messages.po ]; \
		then $(BIN)/pybabel -q compile -d translations -D messages; fi

demo: setup styles spec translations ## start the whole portal with a made-up city (PORT=8000 SANDBOX_PORT=8001)
	@exec $(BIN)/python -m demo

demo-reset: ## forget the demo's database, mails and secrets; the next `make demo` starts over
	@$(PYTHON) scripts/reset_demo.py

checks: setup styles spec translations
	@mkdir -p .build; echo "format, lint, types, imports, translations"
	@$(BIN)/ruff format --check --quiet . || { echo "Not formatted; run: $(BIN)/ruff format ."; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy --no-error-summary
	@if grep -q '^\[tool.importlinter' pyproject.toml; then \
		$(BIN)/lint-imports --no-cache >.build/imports.txt || { cat .build/imports.txt; exit 1; }; fi
	@$(BIN)/python scripts/translations.py check

sure: checks ## before each commit: all but browser journeys and what makes processes die or takes minutes
	@scripts/need_programs.sh hledger
	@$(BIN)/python -m pytest -q -n 2 -m "not browser and not long"

test: ## everything, browser journeys included; pytest's last line says how long it took
	@began=$$(date +%s); $(MAKE) checks clients && scripts/need_programs.sh chromium hledger \
		&& echo "Before the tests: $$(( $$(date +%s) - began )) s" && $(BIN)/python -m pytest -q -n 2

strings: setup ## bring the catalogs up to date with the pages' words
	@$(BIN)/python scripts/translations.py update

migration: setup ## draft a migration from the models: make migration NAME="What it adds"
	@$(BIN)/python -m scripts.new_migration "$(NAME)"

lock: setup ## pin the dependencies again, with hashes and without index addresses
	@$(BIN)/pip install --quiet uv
	@for lock in production development; do \
		extras=$$([ $$lock = development ] && echo --all-extras); \
		$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-annotate --no-header --python-version 3.11 \
			pyproject.toml $$extras -o requirements/$$lock.lock; done

drill: setup styles spec translations ## make things fail against the sandbox and count every cent, as before going live
	@$(BIN)/ventanilla drill

bench: setup styles spec translations ## measure (SIZE=10k, 100k or 1M accounts); never a timed test
	@SIZE=$(SIZE) $(BIN)/python -m bench

soak: setup spec ## storms of random acts, faults and crashes for an hour (MINUTES=60); every payment once
	@$(BIN)/python -m tests.reliability.soak --minutes $(or $(MINUTES),60)

fuzz: setup ## look for bytes that break a parser (SECONDS=60 for each of the three)
	@for target in webhook_bodies import_profiles lookup_input; do \
		$(BIN)/python -m fuzz $$target --seconds $(or $(SECONDS),60) || exit 1; done

clean: ## remove what was built, and keep the demo's data and the environment
	rm -rf static/dist .build node_modules $(CLIENTS)/node_modules .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -path ./$(VENV) -prune -o -name '__pycache__' -type d -prune -exec rm -rf {} +
	find translations -name '*.mo' -delete 2>/dev/null || true
