PYTHON ?= python3
PHOTO ?= examples/coffee.jpg
PHOTOS ?= examples
VENV := .venv
# Where the commands of a virtual environment lie on Windows, and elsewhere.
BIN := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
NAME := $(basename $(notdir $(PHOTO)))

.PHONY: help demo test lint gallery looks docs bench clean

help:
	@echo "make demo     draw an example photo ($(PHOTO)) with 16 strokes into out/"
	@echo "make test     run all tests"
	@echo "make lint     style, format, types, and which room imports which"
	@echo "make gallery  contact sheet of PHOTOS=folder at 32, 16, 8 and 4 strokes into out/"
	@echo "make looks    the photo in every look into docs/gallery"
	@echo "make docs     the documentation site into out/site; a broken link fails"
	@echo "make bench    time the rasterizer and the whole command"

demo: $(VENV)/installed
	@mkdir -p out
	$(BIN)/strokewise draw "$(PHOTO)" --strokes 16 --output "out/$(NAME).svg" --png --force
	@echo "SVG: $(CURDIR)/out/$(NAME).svg"
	@echo "PNG: $(CURDIR)/out/$(NAME)-preview.png"

test: $(VENV)/tests-installed
	GOMP_SPINCOUNT=3000 $(BIN)/python -m pytest

lint: $(VENV)/tests-installed
	$(BIN)/ruff check src tests benchmarks training docs
	$(BIN)/ruff format --check src tests benchmarks training docs
	$(BIN)/mypy
	$(BIN)/lint-imports

gallery: $(VENV)/installed
	GOMP_SPINCOUNT=3000 $(BIN)/python benchmarks/gallery.py "$(PHOTOS)" --output out/gallery.png

looks: $(VENV)/installed
	GOMP_SPINCOUNT=3000 $(BIN)/python benchmarks/looks.py examples/chelsea.jpg --output docs/gallery

docs: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[docs]"
	$(BIN)/zensical build --strict

bench: $(VENV)/tests-installed
	GOMP_SPINCOUNT=3000 $(BIN)/python benchmarks/raster.py
	$(BIN)/python benchmarks/draw.py "$(PHOTO)"

clean:
	rm -rf $(VENV) out

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

# Installed in place (-e), so that a change of the code needs no new installation.
$(VENV)/installed: pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable .
	@touch $@

$(VENV)/tests-installed: pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[test]"
	@touch $@ $(VENV)/installed
