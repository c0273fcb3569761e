# From a clone to an answer: `make demo`. Needs Python 3.11 or newer, git and make; everything else goes into .venv.
# Paths are relative throughout, so that a clone may live in a folder whose name has spaces.

SHELL := /bin/sh
PYTHON ?=
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input install --quiet --constraint constraints.txt
RUN := runs/liupanshui
PORT := 8080

.PHONY: demo watch test bench lint clean help
.DELETE_ON_ERROR:

help:
	@echo "make demo   plan the Liupanshui case for a year and write its report"
	@echo "make watch  open the dispatch centre of Fa'er mine with a simulation as the mine, until Ctrl-C"
	@echo "make test   run the tests"
	@echo "make bench  measure against peers (minutes; NAMES='build' for some, NAMES=watching for what the live reading is"
	@echo "            held to, ARGS=--smoke for small sizes)"
	@echo "make lint   ruff and mypy"
	@echo "make clean  remove the environment and the demo's run"

demo: .venv/run.stamp
	@$(BIN)/lodeworks plan cases/liupanshui --out $(RUN) --replace --report
	@echo "The report is $(RUN)/report.html: open it in a browser."
	@echo "Next: change a number in cases/liupanshui and plan again, or ask: $(BIN)/lodeworks show $(RUN)"

watch: .venv/watch.stamp
	@$(BIN)/lodeworks watch cases/faer-mine --rehearse --script cases/faer-mine/rehearsals/shift.yaml --port $(PORT)

# A file's tests run in one process, for they share what is costly.
test: .venv/test.stamp
	@$(BIN)/python -m pytest -n 2 --dist loadfile

bench: .venv/bench.stamp
	@$(BIN)/python -m benchmarks $(NAMES) $(ARGS)

lint: .venv/lint.stamp
	@$(BIN)/ruff check .
	@$(BIN)/mypy --strict

clean:
	rm -rf .venv $(RUN)

# A stamp is newer than what it was made from, so nothing is installed twice. setuptools is installed first and
# used as it is (no build isolation), so that the build tool too has the version of constraints.txt.
.venv/python.stamp:
	@found=; \
	for python in "$(PYTHON)" python3 python3.13 python3.12 python3.11 python3.14 python; do \
	  [ -n "$$python" ] || continue; \
	  if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then found=$$python; break; fi; \
	done; \
	[ -n "$$found" ] || { echo "Lodeworks needs Python 3.11 or newer; name one with: make PYTHON=/path/to/python" >&2; exit 1; }; \
	echo "Making .venv with $$("$$found" --version)"; \
	"$$found" -m venv .venv
	@touch $@

.venv/build.stamp: .venv/python.stamp constraints.txt
	@$(PIP) setuptools
	@touch $@

.venv/run.stamp: .venv/build.stamp pyproject.toml setup.py
	@echo "Installing Lodeworks (once)"
	@$(PIP) --no-build-isolation --editable .
	@echo "Compiling the event kernel (once on a machine)"
	@$(BIN)/python -c "from lodeworks.simulate import compile_kernel; compile_kernel()"
	@touch $@

.venv/watch.stamp: .venv/run.stamp
	@echo "Installing what the pages need (once)"
	@$(PIP) --no-build-isolation --editable '.[watch]'
	@touch $@

.venv/test.stamp: .venv/run.stamp
	@echo "Installing what the tests need (once)"
	@$(PIP) --no-build-isolation --editable '.[test]'
	@touch $@

.venv/bench.stamp: .venv/test.stamp
	@echo "Installing what the benchmarks compare with (once)"
	@$(PIP) --no-build-isolation --editable '.[test,bench]'
	@touch $@

.venv/lint.stamp: .venv/test.stamp
	@echo "Installing ruff and mypy (once)"
	@$(PIP) --no-build-isolation --editable '.[test,dev]'
	@touch $@
