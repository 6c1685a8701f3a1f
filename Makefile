PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help install quickstart test test-fast slow faults bench lint format figures docs wheel clean

help: ## show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "make %-12s %s\n", $$1, $$2}'

$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; (3, 11) <= v <= (3, 13) or sys.exit("This needs Python 3.11, 3.12 or 3.13, which TensorFlow has wheels for. Received %d.%d (%s). Type for example: make $(MAKECMDGOALS) PYTHON=python3.12" % (*v, sys.executable))'
	@echo "installing into $(VENV): first what compares runs, then TensorFlow and its dependencies, about 600 MB to download, a few minutes"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	@$(BIN)/python -m pip install --quiet --group demo
	@$(BIN)/python -m pip install --quiet --no-deps --editable .
	@echo "while it goes on, try in another terminal: $(BIN)/ablate-compare --demo"
	@$(BIN)/python -m pip install --quiet --editable . --group dev
	@touch $@

install: $(READY) ## create .venv with the package and what its tests need

quickstart: $(READY) ## train plain34 and resnet34 on digits with three seeds each, and compare them: minutes, no GPU, no data download
	$(BIN)/ablate -m model=plain34,resnet34 seed=0,1,2 data=digits model.width=8 train=quickstart outputs=outputs/quickstart
	$(BIN)/ablate-compare outputs/quickstart --baseline resnet34 --out comparison/quickstart
	@echo "Next: open comparison/quickstart/report.html, then remove a component yourself: $(BIN)/ablate -m model=resnet34 model.norm=batch,none seed=0,1,2 model.width=8 train=quickstart"

test: $(READY) ## run the tests
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

test-fast: $(READY) ## run the tests that are quick: no training, no whole command, no long search, no network of every family
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not slow and not integration"

slow: $(READY) ## run the tests that take minutes each
	$(BIN)/python -m pytest -m slow

faults: $(READY) ## test recovery by fault injection: kill runs, fill disks, compare results; about an hour, ONLY=kill runs one test
	PYTHONPATH=tests $(BIN)/python -m faults $(ONLY)

bench: $(READY) ## measure speed against Keras, PyTorch and an earlier version: 16 minutes of an idle machine; TFDS_DATA_DIR says where CIFAR-10 is; ONLY=sweep measures one row
	@$(BIN)/python -c "import torch" 2>/dev/null || $(BIN)/python -m pip install --quiet --group bench
	$(BIN)/python -m benchmarks.bench $(if $(ONLY),--only $(ONLY))

lint: $(READY) ## check style, imports and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright --pythonpath $(BIN)/python

format: $(READY) ## fix the style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

figures: $(READY) ## regenerate all pictures and quoted screens of README and docs: minutes; needs pdflatex, pdftoppm, chromium
	PYTHONPATH=. $(BIN)/python docs/figures.py $(ONLY)

docs: $(READY) ## build the documentation into site/; warnings are errors
	NO_MKDOCS_2_WARNING=1 PYTHONPATH=. $(BIN)/mkdocs build --strict --quiet

wheel: $(READY) ## build the wheel into dist/
	$(BIN)/python -m build --wheel

clean: ## remove .venv, caches, builds and the quickstart's results; keep other outputs
	rm -rf $(VENV) dist build site comparison/quickstart outputs/quickstart .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
