PYTHON ?= python3
PHOTO ?= examples/duck.jpg
PHOTOS ?= examples
VENV := .venv
# Where the commands of a virtual environment lie on Windows, and elsewhere.
BIN := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
NAME := $(basename $(notdir $(PHOTO)))

.PHONY: help demo test coverage lint gallery looks docs bench release release-check clean

help:
	@echo "make demo     draw an example photo ($(PHOTO)) with 16 strokes into out/"
	@echo "make test     run all tests"
	@echo "make coverage how much of the code the fast tests run, into out/coverage"
	@echo "make lint     style, format, types, and which room imports which"
	@echo "make gallery  contact sheet of PHOTOS=folder at 32, 16, 8 and 4 strokes into out/"
	@echo "make looks    the gallery, docs/gallery: the examples at four stroke counts, one of them in every look"
	@echo "make docs     the documentation site into out/site; a broken link fails"
	@echo "make bench    time the rasterizer and the whole command"
	@echo "make release  wheel and sdist into dist/, checked; make release-check installs them on each Python found"

demo: $(VENV)/installed
	@mkdir -p out
	$(BIN)/strokewise draw "$(PHOTO)" --strokes 16 --output "out/$(NAME).svg" --png --force > /dev/null
	@echo "SVG: $(CURDIR)/out/$(NAME).svg"
	@echo "PNG: $(CURDIR)/out/$(NAME)-preview.png"

test: $(VENV)/tests-installed
	OMP_NUM_THREADS=1 GOMP_SPINCOUNT=3000 $(BIN)/python -m pytest -n 2 --dist loadfile

coverage: $(VENV)/tests-installed
	GOMP_SPINCOUNT=3000 $(BIN)/python -m pytest -m "not slow" --cov --cov-report term:skip-covered \
		--cov-report html:out/coverage

lint: $(VENV)/tests-installed
	$(BIN)/ruff check src tests benchmarks training docs tools integrations
	$(BIN)/ruff format --check src tests benchmarks training docs tools integrations
	$(BIN)/mypy
	$(BIN)/lint-imports

gallery: $(VENV)/installed
	GOMP_SPINCOUNT=3000 $(BIN)/python benchmarks/gallery.py "$(PHOTOS)" --output out/gallery.png

looks: $(VENV)/installed
	GOMP_SPINCOUNT=3000 $(BIN)/python benchmarks/looks.py examples --looks dog --output docs/gallery

docs: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[docs]"
	$(BIN)/zensical build --strict

bench: $(VENV)/tests-installed
	GOMP_SPINCOUNT=3000 $(BIN)/python benchmarks/raster.py
	$(BIN)/python benchmarks/draw.py "$(PHOTO)"

release: $(BIN)/python
	$(BIN)/python -m pip install --quiet --constraint constraints.txt "build>=1.2" "twine>=6.1"
	$(BIN)/python tools/release.py build

release-check: release
	$(BIN)/python tools/release.py check

clean:
	rm -rf $(VENV) out dist

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

# Installed in place (-e), so that a change of the code needs no new installation.
$(VENV)/installed: pyproject.toml constraints.txt src/strokewise/_version.py | $(BIN)/python
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable .
	@touch $@

$(VENV)/tests-installed: pyproject.toml constraints.txt src/strokewise/_version.py | $(BIN)/python
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[test]"
	@touch $@ $(VENV)/installed
