# Each of `make demo` and `make check` works as the first command on a fresh machine.
BIN := .venv/bin
DEMO := demo/query_history.parquet
STORE := demo/store
.DEFAULT_GOAL := help
.PHONY: help install demo check format profiles clean

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST)

install: ## make .venv, find or install Java, fetch Delta's jars; quick the second time
	@.ci/install

demo: install ## a made-up warehouse's log, profiled, and the bundled training sets ranked by it
	$(BIN)/python jobs/demo_log.py $(DEMO)
	$(BIN)/sqlalign profile $(DEMO) --name demo-warehouse --kind log --dialect snowflake --store $(STORE)
	$(BIN)/sqlalign align --target demo-warehouse --store $(STORE)

check: install ## format, lint, types, tests
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/pytest

format: install ## write the format and the mendable lints
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

profiles: install ## rebuild the bundled profiles
	$(BIN)/python jobs/build_box.py

clean: ## all that the targets above make, the environment too
	rm -rf .venv demo build dist lib/*.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
