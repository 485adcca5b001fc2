SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup demo test test-fast lint format bench clean

# uv makes the environment .venv from uv.lock; one that is missing is brought into .tools.
UV := $(or $(shell command -v uv),.tools/bin/uv)
export UV_PROJECT_ENVIRONMENT := .venv
export UV_PYTHON_DOWNLOADS := never
# Trust what the machine trusts (a company's proxy may sign anew), where the machine says
# what that is; the second name is the one that older versions of uv know.
ifneq ($(wildcard /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt),)
export UV_SYSTEM_CERTS := 1
export UV_NATIVE_TLS := 1
endif
unexport VIRTUAL_ENV

BIN := .venv/bin
READY := .venv/.ready
# .java is there only where the machine has no Java for Spark; asked in the recipe, as setup may just have made it.
WITH_JAVA = [ ! -x .java/bin/java ] || export JAVA_HOME="$(CURDIR)/.java";

# Most tests run the pipeline, which keeps one core busy with planning, so there is a process for each core, of up to
# 2.5 GB; a file's tests share a process and its session.
SIDE_BY_SIDE := -n logical --maxprocesses 4 --dist loadfile

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

setup: $(READY) ## Install everything into .venv (needs Python >= 3.11 and a package registry, nothing else)

demo: $(READY) ## Run the whole pipeline on the built-in sample, without a key
	@$(WITH_JAVA) $(BIN)/webscale-rl demo

test: $(READY) ## Run all tests, side by side
	@$(WITH_JAVA) $(BIN)/python -m pytest $(SIDE_BY_SIDE)

test-fast: $(READY) ## Run the tests that are not slow
	@$(WITH_JAVA) $(BIN)/python -m pytest $(SIDE_BY_SIDE) -m "not slow"

lint: $(READY) ## Check style, formatting and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(READY) ## Fix what ruff can fix, and format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(READY) ## Measure throughput
	@$(WITH_JAVA) $(BIN)/python -m tests.bench

clean: ## Remove caches and Spark's droppings (never a warehouse, nor MLflow's records)
	rm -rf dist *.egg-info .pytest_cache .mypy_cache .ruff_cache spark-warehouse metastore_db derby.log
	find etl udfs tests notebooks -type d -name __pycache__ -prune -exec rm -rf {} +

$(READY): pyproject.toml uv.lock scripts/java.sh $(if $(findstring .tools,$(UV)),$(UV))
	@$(UV) sync --frozen || { echo "setup: 'uv sync' failed, see above; it needs Python >= 3.11 (as 'python3' or 'python3.11' in PATH) and a package registry" >&2; exit 1; }
	@scripts/java.sh $(UV)
	@touch $@

.tools/bin/uv:
	@python3 -m venv .tools && .tools/bin/pip install --quiet uv || { rm -rf .tools; echo "setup: could not install uv; it needs Python 3 with venv and pip (Debian: apt install python3-venv), or uv in PATH" >&2; exit 1; }
