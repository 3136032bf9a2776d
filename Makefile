# Everything runs from .venv, which this file builds from the pinned requirements.
PYTHON ?= python3
BIN := .venv/bin
export PROMPT

.PHONY: demo test lint format venv requirements

demo: venv ## the main job on this machine: no accounts, nothing installed
	$(BIN)/python -m bot demo

test: venv ## all the tests
	$(BIN)/python -m pytest

lint: venv ## ruff, mypy --strict, import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: venv
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

venv: .venv/ready

.venv/ready: requirements-dev.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch .venv/ready

requirements: ## write the pins anew from pyproject.toml (needs pip-tools)
	pip-compile --quiet --strip-extras --generate-hashes --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-header -o requirements.txt pyproject.toml
	pip-compile --quiet --strip-extras --generate-hashes --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-header --extra dev -c requirements.txt -o requirements-dev.txt pyproject.toml
