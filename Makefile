# Everything runs from .venv, which this file builds from the pinned requirements.
PYTHON ?= python3
BIN := .venv/bin
# Some tests wait for processes: two more at a time than there are cores.
WORKERS := $(shell $(PYTHON) -c 'import os; print((os.cpu_count() or 1) + 2)')
export PROMPT

.PHONY: demo test soak lint format venv requirements docs picture gallery words crash deploys released mutations bench first-answer deploy-check

demo: venv ## the main job on this machine: no accounts, nothing installed
	$(BIN)/python -m bot demo

test: venv ## all the tests
	$(BIN)/python -m pytest -n $(WORKERS) --maxschedchunk 1

soak: venv ## random runs: 5,000 in one process with a moved clock, 100 over the wire
	$(BIN)/python -m tests.simulation $(SOAK)
	$(BIN)/python -m tests.wire $(WIRE)

lint: venv ## ruff, mypy --strict, import-linter, documents without drift
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tests.documents --check
	$(BIN)/python -m tests.languages --check

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
	pip-compile --quiet --strip-extras --generate-hashes --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-header --extra sentry --extra otel -c requirements.txt -o requirements-extras.txt pyproject.toml
	pip-compile --quiet --strip-extras --generate-hashes --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-header --extra dev --extra sentry --extra otel -c requirements.txt -o requirements-dev.txt pyproject.toml

docs: venv ## write what the documents take from the code
	$(BIN)/python -m tests.documents

words: venv ## bring the files of the languages up to date with the code
	$(BIN)/python -m tests.languages

picture: venv ## take the pictures of the demo's page and of the status page anew (needs chromium)
	$(BIN)/python -m tests.picture docs/images/page.png
	$(BIN)/python -m tests.status_picture docs/images/status.png

gallery: venv ## take the pictures of everything people see anew (needs chromium)
	$(BIN)/python -m tests.gallery docs/images/gallery

crash: venv ## kill the bot at every point and judge what is left; takes an hour
	$(BIN)/python -m tests.crash

deploys: venv ## 20 rolling deploys under load; DEPLOYS="--store sqlite", "--platform all" or "--old REF" for others
	$(BIN)/python -m tests.deploys $(DEPLOYS)

released: venv ## keep what this version's code writes, as data that later versions bring along
	$(BIN)/python -m tests.upgrades

mutations: venv ## break each guard and see the suite notice
	$(BIN)/python -m tests.mutations

bench: venv ## measure what is promised about speed and size; two minutes
	$(BIN)/python -m tests.benchmarks $(BENCH)

first-answer: venv ## from an empty folder to the first sound, in seconds; half a minute
	$(BIN)/python -m tests.first_answer

deploy-check: venv ## what platforms install, in an empty environment; a minute
	$(BIN)/python -m tests.deploy
