from __future__ import annotations

import os

import pytest

from strokewise.errors import StrokewiseError, SvgError, UnsupportedSvgError
from strokewise.export import JsonError, brushed_svg, read_sketch, to_json
from strokewise.export.svg.limits import MAX_BYTES


def test_svg_and_json(sketch, tmp_path):
    for name, text in (("a.svg", sketch.to_svg()), ("a.json", to_json(sketch)), ("b.txt", to_json(sketch))):
        (tmp_path / name).write_text(text)
        for source in (tmp_path / name, str(tmp_path / name), text.encode()):
            assert read_sketch(source).to_svg() == sketch.to_svg()


def test_another_program(tmp_path):
    (tmp_path / "a.svg").write_text(
        '<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10">'
        '<line x1="1" y1="1" x2="9" y2="9" stroke="red"/></svg>'
    )
    assert read_sketch(tmp_path / "a.svg").colors.tolist() == [[1, 0, 0]]


def refused(source, kind, match):
    with pytest.raises(kind, match=match) as caught:
        read_sketch(source)
    assert "\n" not in str(caught.value) and isinstance(caught.value, StrokewiseError)


def test_files_that_are_none(tmp_path):
    refused(tmp_path / "no.svg", SvgError, r"no\.svg does not exist: name an SVG")
    refused(tmp_path, SvgError, "is no file")
    refused("a\0.svg", SvgError, "cannot be read")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.svg")
        refused(tmp_path / "pipe.svg", SvgError, "is no file")


@pytest.mark.parametrize(
    ("content", "kind", "match"),
    [
        (b"", SvgError, "strokewise draw PHOTO"),
        (b"\x89PNG\r\n\x1a\n", SvgError, "a photo has to be drawn first: strokewise draw PHOTO"),
        (b'{"format": "other"}', JsonError, "no sketch"),
        (b"<html></html>", SvgError, "no SVG but <html>"),
        (b'<!DOCTYPE svg [<!ENTITY a "a">]><svg/>', SvgError, "not safe to read"),
        (b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><script/></svg>', SvgError, "not safe to read"),
        (b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>', UnsupportedSvgError, "no strokes"),
        (b"<" + b" " * MAX_BYTES, SvgError, "larger than 20 MB"),
    ],
)
def test_contents_that_are_none(content, kind, match, tmp_path):
    refused(content, kind, match)
    (tmp_path / "a.svg").write_bytes(content)
    refused(tmp_path / "a.svg", kind, rf"a\.svg: .*{match}")


@pytest.mark.parametrize(
    ("old", "new", "kind", "match"),
    [
        ('"format": "strokewise-sketch"', '"format": "x"', JsonError, "no sketch"),
        ('"width": ', '"width": -', JsonError, "width must be over 0"),
        ('"sketch": ', '"other": ', UnsupportedSvgError, "no strokes"),
        ('"brush": ', '"brush" ', UnsupportedSvgError, "no strokes"),
        ("<g ", "<script/><g ", SvgError, "not safe to read"),
    ],
)
def test_carried_strokes_are_read_as_strictly(sketch, old, new, kind, match):
    svg = brushed_svg(sketch, "ink")
    assert old in svg
    refused(svg.replace(old, new).encode(), kind, match)
