# Every target sets up what it needs: a virtual environment in .venv, from the hash-locked lists in requirements/.
# PYTHON=/path/to/python3 chooses the interpreter (3.11, 3.12 or 3.13); delete .venv to change it later.

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
SHELL := /bin/sh

# modules from outside must not stand in front of the locked ones
unexport PYTHONPATH PYTHONHOME
# the matrices here are small: a second thread of BLAS costs more than it brings
export OMP_NUM_THREADS ?= 1

.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:
.PHONY: help sim test verilog xcheck regress oracle gates bench study assumptions lint book pdf epub serve site lab notebooks lock clean

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /\1:/p' Makefile | awk -F: '{ printf "make %-12s %s\n", $$1, substr($$0, length($$1) + 2) }'

sim: $(VENV)/.sim-stamp ## check every block, the memory controller, the tile and the slice against their models (BLOCK=name, SEED=n; RANGES=1 stops where an int does not fit Verilog)
	@$(BIN)/zhenwu sim $(if $(BLOCK),--block '$(BLOCK)') $(if $(SEED),--seed '$(SEED)') $(if $(RANGES),--ranges)

test: $(VENV)/.test-stamp ## run the test suite (ARGS="-k name" goes to pytest)
	@$(BIN)/python -m pytest $(ARGS)

verilog: $(VENV)/.sim-stamp ## write every block's Verilog to build/verilog
	@$(BIN)/python -m hdl.emit

xcheck: $(VENV)/.xcheck-stamp ## replay recorded pins in Icarus, Verilator and CXXRTL (needs iverilog and g++; ARGS=--quick)
	@$(BIN)/python -m zhenwu.cosim.xcheck $(ARGS)

regress: $(VENV)/.xcheck-stamp ## run controller, tile and slice as compiled Verilog for millions of random cycles beside their models (needs g++; ARGS="--cycles 100000" a short form)
	@$(BIN)/zhenwu regress $(ARGS)

# torch stands in no lock file: which build fits is the machine's business
ORACLE := build/oracle/venv

oracle: $(ORACLE)/.oracle-stamp ## hold the models, the quantised agent and its training to transformers and torch 2.13.0
	@$(ORACLE)/bin/python -m pytest tests/oracle $(ARGS)

$(ORACLE)/.oracle-stamp: requirements/oracle.txt pyproject.toml $(VENV)/.python-stamp
	@echo "Installing torch 2.13.0 and transformers into $(ORACLE) (from 300 MB to some GB, by platform, once)"
	@mkdir -p build/oracle
	@$(BIN)/python -m venv --clear $(ORACLE)
	@$(ORACLE)/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes -r requirements/oracle.txt
	@$(ORACLE)/bin/python -m pip --disable-pip-version-check --quiet install torch==2.13.0
	@$(ORACLE)/bin/python -m pip --disable-pip-version-check --quiet install --no-deps --no-build-isolation --editable .
	@touch $@

gates: $(VENV)/.gates-stamp ## read a dot unit and a 2 x 2 array with Yosys and count their cells
	@$(BIN)/python -m zhenwu.cosim.yosys

bench: $(VENV)/.sim-stamp ## speed of the simulation, and what the memory controller's depths buy
	@$(BIN)/zhenwu bench

study: $(VENV)/.study-stamp ## run the study of how the small agent's errors compound (ARGS=--quick: a minute instead of an hour)
	@$(BIN)/zhenwu agent study $(ARGS)

assumptions: $(VENV)/.sim-stamp ## list every size we chose ourselves, why, and what rests on it
	@$(BIN)/python -m zhenwu.spec.assumptions

lint: $(VENV)/.lint-stamp ## check the style of all Python files
	@$(BIN)/python -m ruff check .

book: $(VENV)/.book-stamp ## build the book's site into build/html, every chapter executed
	@$(BIN)/python book/build.py

pdf: $(VENV)/.book-stamp $(VENV)/.copies-stamp $(VENV)/.test-stamp ## print the book into one PDF in build/copies, linked from the site (needs chromium, fonts-noto-cjk)
	@$(BIN)/python -m book.copies pdf
	@$(BIN)/python -m pytest -q tests/copies/test_printing.py tests/copies/test_pdf.py

epub: $(VENV)/.book-stamp $(VENV)/.copies-stamp $(VENV)/.test-stamp ## pack the book into an EPUB in build/copies, linked from the site (Java lets epubcheck look at it)
	@$(BIN)/python -m book.copies epub
	@$(BIN)/python -m pytest -q tests/copies/test_epub.py

serve: $(VENV)/.sim-stamp ## show the built site on this machine (PORT=8000)
	@$(BIN)/python book/serve.py $(or $(PORT),8000)

site: $(VENV)/.site-stamp $(VENV)/.book-stamp $(VENV)/.test-stamp ## check the built book in Chromium: links, accessibility, search, live cells
	@ZHENWU_SITE_REQUIRED=1 $(BIN)/python -m pytest tests/site $(ARGS)

lab: book $(VENV)/.lab-stamp ## open the chapters as notebooks, in build/lab (as root: ARGS=--allow-root)
	@mkdir -p build/lab
	@for made in build/html/notebooks/*.ipynb; do \
		yours="build/lab/$${made##*/}"; \
		if [ -e "$$yours" ]; then echo "$$yours stays as you left it; delete it to start afresh"; \
		else cp "$$made" "$$yours"; fi; \
	done
	@$(BIN)/jupyter lab --notebook-dir build/lab $(ARGS)

# What a learner has: the extra's list and the wheel, in an environment that knows nothing of this folder.
LEARNER := build/notebooks

notebooks: $(VENV)/.test-stamp $(LEARNER)/.lab-stamp ## run every notebook of the built book in an empty folder, with the wheel alone
	@echo "Building the wheel"
	@rm -rf $(LEARNER)/wheel
	@$(BIN)/python -m hatchling build --target wheel --directory $(LEARNER)/wheel
	@$(LEARNER)/venv/bin/python -m pip --disable-pip-version-check --quiet install --no-index --no-deps --force-reinstall $(LEARNER)/wheel/*.whl
	@ZHENWU_NOTEBOOKS_REQUIRED=1 $(BIN)/python -m pytest tests/notebooks --verbose --durations=3 $(ARGS)

$(LEARNER)/.lab-stamp: requirements/lab.txt $(VENV)/.python-stamp
	@echo "Installing what the extra [notebooks] names into $(LEARNER)/venv (about 60 MB from PyPI, once)"
	@mkdir -p $(LEARNER)
	@$(BIN)/python -m venv --clear $(LEARNER)/venv
	@$(LEARNER)/venv/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes -r requirements/lab.txt
	@touch $@

EXTRAS := test lint gates xcheck proofs book notebooks site copies study oracle
LOCK = $(BIN)/uv pip compile pyproject.toml --quiet --universal --fork-strategy fewest --python-version 3.11 \
	--generate-hashes --no-annotate --no-emit-index-url --custom-compile-command "make lock"

lock: $(VENV)/.lock-stamp ## resolve requirements/*.txt anew from pyproject.toml (UPGRADE=1: newest versions)
	@mkdir -p build
	@cat requirements/*.txt > build/all.txt
	@echo "Resolving all targets together, then one list for each"
	@$(LOCK) $(EXTRAS:%=--extra %) --group build --group lock $(if $(UPGRADE),--upgrade) --output-file build/all.txt
	@$(LOCK) --constraint build/all.txt --group build --output-file requirements/sim.txt
	@$(LOCK) --constraint build/all.txt --extra test --output-file requirements/test.txt
	@$(LOCK) --constraint build/all.txt --extra lint --output-file requirements/lint.txt
	@$(LOCK) --constraint build/all.txt --extra gates --output-file requirements/gates.txt
	@$(LOCK) --constraint build/all.txt --extra xcheck --output-file requirements/xcheck.txt
	@$(LOCK) --constraint build/all.txt --extra book --output-file requirements/book.txt
	@$(LOCK) --constraint build/all.txt --extra notebooks --output-file requirements/lab.txt
	@$(LOCK) --constraint build/all.txt --extra site --output-file requirements/site.txt
	@$(LOCK) --constraint build/all.txt --extra copies --output-file requirements/copies.txt
	@$(LOCK) --constraint build/all.txt --extra study --output-file requirements/study.txt
	@$(LOCK) --constraint build/all.txt --extra oracle --group build --output-file requirements/oracle.txt
	@$(LOCK) --constraint build/all.txt --group lock --output-file requirements/lock.txt

clean: ## delete build/ and all caches (the environment in .venv stays)
	@rm -rf build .pytest_cache .ruff_cache .hypothesis
	@find zhenwu hdl tests book -name __pycache__ -type d -prune -exec rm -rf {} +

# A virtual environment does not move with its folder: where the stamp names another folder, start afresh.
ifneq ($(shell cat $(VENV)/.python-stamp 2>/dev/null),$(CURDIR))
.PHONY: $(VENV)/.python-stamp
endif

SUPPORTED := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
CANDIDATES := $(or $(PYTHON),python3 python3.13 python3.12 python3.11 python)

$(VENV)/.python-stamp:
	@for candidate in $(CANDIDATES); do \
		if "$$candidate" -c '$(SUPPORTED)' 2>/dev/null; then chosen="$$candidate"; break; fi; \
	done; \
	if [ -z "$$chosen" ]; then \
		echo "No Python 3.11, 3.12 or 3.13 among: $(CANDIDATES). Name one with make PYTHON=/path/to/python3 ..." >&2; exit 1; \
	fi; \
	echo "Creating $(VENV) with $$("$$chosen" --version)"; \
	"$$chosen" -m venv --clear $(VENV) || { echo "$$chosen cannot make a virtual environment: on Debian and Ubuntu, apt-get install python3-venv" >&2; exit 1; }
	@echo "$(CURDIR)" > $@

$(VENV)/.sim-stamp: requirements/sim.txt pyproject.toml $(VENV)/.python-stamp
	@echo "Installing numpy, MyHDL and what else the simulation needs into $(VENV) (about 30 MB from PyPI, once)"
	@$(PIP) install --require-hashes -r requirements/sim.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.%-stamp: requirements/%.txt $(VENV)/.sim-stamp
	@echo "Installing what make $* needs besides into $(VENV) (from PyPI, once)"
	@$(PIP) install --require-hashes -r $<
	@touch $@
