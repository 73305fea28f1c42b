# `make run` and `make test` are enough: both set up .venv first, and again when a lock has changed.
#
# .venv/interpreter  is remade when .venv is missing, broken, moved or of another Python than the one asked for
# .venv/run.stamp    stands for what the command line needs, .venv/test.stamp for everything in Python
# .venv/node.stamp   stands for what the tests run on Node: each folder of tests that has a package-lock.json
# .venv/chromium.stamp  stands for Chromium, which draws cards in the tests

PIP := .venv/bin/python -m pip -qq --disable-pip-version-check --no-input
OFFLINE := { echo "Not installed. pip's reason is above; the first set-up needs PyPI or the package index of your pip configuration. Then run make again." >&2; exit 1; }

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help run test check bench package lock docs clean FORCE

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' Makefile
	@echo "  PYTHON=/path/to/python3.12 chooses the interpreter (3.11, 3.12 or 3.13)."

run: .venv/run.stamp ## Replay the example events on the example estate, two days
	@rm -rf .local/example && mkdir -p .local/example
	.venv/bin/python cli.py replay examples/events/day-1.json --estate examples/estate/day-1 --store .local/example/compliance.db
	.venv/bin/python cli.py replay examples/events/day-2.json --estate examples/estate/day-2 --store .local/example/compliance.db

test: .venv/node.stamp .venv/chromium.stamp check ## Everything that must pass: check, then the tests with coverage
	.venv/bin/python -m pytest -n auto --maxprocesses 4 --cov --cov-report term:skip-covered --cov-fail-under 90

check: .venv/test.stamp ## Lint, format, types, import contracts
	.venv/bin/python -m ruff check .
	.venv/bin/python -m ruff format --check .
	.venv/bin/python -m mypy
	.venv/bin/lint-imports --no-cache --no-logo

bench: .venv/test.stamp .venv/node.stamp ## Measure the pipeline, alone and against the local Azure
	.venv/bin/python -m tools.bench

# What azd deploys (azure.yaml). INTERPRETER names a Python of the version that the app runs, where it is not found.
package: .venv/run.stamp ## Make .local/package.zip: the app as it is deployed
	@.venv/bin/python -c 'import uv' 2>/dev/null || $(PIP) install uv || $(OFFLINE)
	.venv/bin/python -m tools.package $(if $(COMPLIANCE_PYTHON),--python $(COMPLIANCE_PYTHON)) $(if $(INTERPRETER),--interpreter $(INTERPRETER))

docs: .venv/run.stamp ## Write docs/controls.md, the tables of docs/sinks.md, infra/modules/*.json and the workbook
	.venv/bin/python -m tools.infra_tables
	.venv/bin/python -m tools.workbook
	@mkdir -p docs
	.venv/bin/python -m tools.document_controls > docs/controls.md.new
	@mv docs/controls.md.new docs/controls.md

# Keeps the locked versions that still fit; `make lock UV_FLAGS=--upgrade` takes newer ones, none younger than a week.
UV_COMPILE = .venv/bin/python -m uv pip compile --quiet --universal --generate-hashes --no-emit-index-url \
	--no-emit-find-links --exclude-newer "1 week" --custom-compile-command "make lock" $(UV_FLAGS)

lock: .venv/interpreter ## Write the requirements*.txt from the requirements*.in
	@.venv/bin/python -c 'import uv' 2>/dev/null || $(PIP) install uv || $(OFFLINE)
	@echo "Locking with uv"
	@$(UV_COMPILE) --python-version 3.11 requirements.in -o requirements.txt
	@$(UV_COMPILE) --python-version 3.11 requirements-cli.in -o requirements-cli.txt
	@$(UV_COMPILE) --python-version 3.11 requirements-dev.in -o requirements-dev.txt
	@$(UV_COMPILE) --python-version 3.13 --no-deps requirements-functions-runtime.in -o requirements-functions-runtime.txt

clean: ## Remove .venv, caches and the example's store
	rm -rf .venv tests/*/node_modules .local/example .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache htmlcov .coverage .coverage.*
	find . -name node_modules -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/run.stamp: requirements.txt requirements-cli.txt .venv/interpreter
	@echo "Installing requirements.txt and requirements-cli.txt into .venv (once; about 10 seconds)"
	@$(PIP) install --require-hashes -r requirements.txt -r requirements-cli.txt || $(OFFLINE)
	@touch $@

# The third wheel of requirements-functions-runtime.txt is only downloaded: installed, its package `tests` would hide ours.
.venv/test.stamp: requirements-dev.txt requirements-functions-runtime.txt .venv/run.stamp
	@echo "Installing requirements-dev.txt and requirements-functions-runtime.txt into .venv (once; about 15 seconds)"
	@$(PIP) install --require-hashes -r requirements-dev.txt || $(OFFLINE)
	@rm -rf .venv/functions-runtime
	@$(PIP) download --require-hashes --no-deps --ignore-requires-python -r requirements-functions-runtime.txt \
		-d .venv/functions-runtime || $(OFFLINE)
	@$(PIP) install --no-index --find-links .venv/functions-runtime --no-deps --ignore-requires-python \
		azure-functions-runtime azurefunctions-extensions-base
	@touch $@

NODE_LOCKS := $(wildcard tests/*/package-lock.json)

.venv/node.stamp: $(NODE_LOCKS) .venv/interpreter
	@command -v npm >/dev/null || { \
		echo "The tests run some programs on Node.js, and npm was not found. Install Node.js 20 or newer, with npm." >&2; exit 1; }
	@echo "Installing $(NODE_LOCKS:tests/%/package-lock.json=%) into tests/*/node_modules (once; about 20 seconds)"
	@for lock in $(NODE_LOCKS); do \
		npm ci --prefix "$${lock%/*}" --no-audit --no-fund --loglevel error --ignore-scripts >/dev/null || { \
			echo "Not installed. npm's reason is above; the first set-up needs the registry of your npm configuration. Then run make again." >&2; \
			exit 1; }; \
	done
	@touch $@

# Draws the cards of alerts in the tests. Where it cannot be installed those tests are skipped, and say so.
.venv/chromium.stamp: .venv/interpreter
	@found() { command -v chromium || command -v chromium-browser; }; \
	if ! found >/dev/null && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing Chromium with apt-get (once; about 30 seconds)"; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends \
			chromium fonts-dejavu-core fonts-noto-color-emoji >/dev/null; \
	fi; \
	if found >/dev/null; then touch $@; \
	else echo "No Chromium: tests that draw cards will be skipped. On Debian: apt-get install chromium" >&2; fi

# Without PYTHON a sound .venv of 3.11, 3.12 or 3.13 is kept; its recipe then changes nothing, so nothing is reinstalled.
.venv/interpreter: FORCE
	@version() { "$$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null; }; \
	fits() { case "$$1" in 3.11 | 3.12 | 3.13) ;; *) return 1 ;; esac; }; \
	made=$$(version .venv/bin/python && .venv/bin/python -c 'import pip' 2>/dev/null) || made=; \
	asked=$${PYTHON:+$$(version "$$PYTHON")}; \
	if fits "$$made" && [ "$$(cat $@ 2>/dev/null)" = "$$made $$(pwd -P)" ] && [ "$${PYTHON:+$$asked}" = "$${PYTHON:+$$made}" ]; \
	then exit 0; fi; \
	python=; seen=; bare=; \
	set -- $${PYTHON:+"$$PYTHON"}; [ $$# -gt 0 ] || set -- python3 python3.13 python3.12 python3.11; \
	for candidate; do \
		found=$$(version "$$candidate") || found="not a working Python"; \
		seen="$$seen  $$candidate: $$found\n"; \
		fits "$$found" || continue; \
		if "$$candidate" -c 'import ensurepip, venv' 2>/dev/null; then python=$$candidate; break; fi; \
		bare=$${bare:-$$found}; \
	done; \
	if [ -z "$$python" ] && [ -n "$$bare" ]; then \
		printf 'Python %s is here, but without its venv module. On Debian and Ubuntu: apt-get install python%s-venv\n' "$$bare" "$$bare" >&2; \
		exit 1; \
	fi; \
	if [ -z "$$python" ]; then \
		printf 'Needs Python 3.11, 3.12 or 3.13. Found:\n%b' "$$seen" >&2; \
		printf 'Install one (Debian and Ubuntu: apt-get install python3 python3-venv), or name it: make PYTHON=/path/to/python3.12 test\n' >&2; \
		exit 1; \
	fi; \
	echo "Making .venv with Python $$found ($$python)"; \
	rm -rf .venv && "$$python" -m venv .venv && echo "$$found $$(pwd -P)" > $@
