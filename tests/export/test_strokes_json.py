from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from strokewise import cli
from strokewise.errors import StrokewiseError
from strokewise.export import JsonError, from_json, to_json
from strokewise.export.strokes_json import to_document
from strokewise.export.svg.limits import MAX_BYTES, MAX_STROKES
from strokewise.sketch import Sketch

COORDINATE = st.floats(-1e7, 1e7)
SHARE = st.floats(0, 1)


@settings(deadline=None)
@given(st.data(), st.integers(1, 4), st.sampled_from([4, 7, 13]))
def test_there_and_back_to_the_last_bit(data, n, points):
    sketch = Sketch.of(
        data.draw(st.tuples(st.floats(1e-3, 1e7), st.floats(1e-3, 1e7))),
        data.draw(arrays(np.float64, (n, points, 2), elements=COORDINATE)),
        data.draw(arrays(np.float64, n, elements=st.floats(1e-6, 1e6))),
        data.draw(arrays(np.float64, (n, 3), elements=SHARE)),
        data.draw(arrays(np.float64, n, elements=SHARE)),
        data.draw(arrays(bool, n)),
        data.draw(st.none() | st.tuples(SHARE, SHARE, SHARE)),
        data.draw(st.dictionaries(st.text(), st.none() | st.booleans() | st.integers(-9, 9) | st.text())),
    )
    text = to_json(sketch)
    again = from_json(text)
    for field in dataclasses.fields(Sketch):
        one, other = getattr(again, field.name), getattr(sketch, field.name)
        assert (one == other).all() if isinstance(one, np.ndarray) else one == other
    assert to_json(again) == text and text.isascii()


def test_one_stroke_is_one_line(sketch):
    text = to_json(sketch)
    assert sum(line.lstrip().startswith('{"points"') for line in text.splitlines()) == len(sketch)
    assert json.loads(text) == to_document(sketch)


def test_numbers_that_json_lacks(sketch):
    odd = dataclasses.replace(sketch, metadata={"losses": {"total": float("nan")}, "n": np.int64(3)})
    assert from_json(to_json(odd)).metadata == {"losses": {"total": None}, "n": 3}


def test_what_may_be_left_out():
    least = {
        "format": "strokewise-sketch",
        "version": 1,
        "canvas": [100, 50],
        "strokes": [{"points": [[1, 2], [3, 4], [5, 6], [7, 8]], "width": 2}],
    }
    sketch = from_json(json.dumps(least))
    assert sketch.to_svg() == Sketch.of((100, 50), [[[1, 2], [3, 4], [5, 6], [7, 8]]], 2).to_svg()
    assert from_json(b"\xef\xbb\xbf" + json.dumps(least).encode()).paper is None


def test_strokes_of_several_lengths_stay_as_they_are(sketch):
    document = to_document(sketch)
    long = [[x, x] for x in range(7)]
    document["strokes"][1]["points"] = long
    document["strokes"][1]["locked"] = True
    again = from_json(json.dumps(document))
    assert len(again) == 3 and again.locked.tolist() == [False, True, False]
    assert again.points[1].tolist() == long and [len(chain) for chain in again.chains] == [4, 7, 4]
    assert to_document(again)["strokes"] == document["strokes"]


def changed(path, value):
    """A good document with one value changed; `path` is dotted."""
    document = to_document(Sketch.of((10, 10), np.ones((2, 4, 2)), paper=(1, 1, 1)))
    *way, last = path.split(".")
    place = document
    for key in way:
        place = place[int(key) if isinstance(place, list) else key]
    if value is ...:
        del place[last]
    else:
        place[int(last) if isinstance(place, list) else last] = value
    return json.dumps(document)


@pytest.mark.parametrize(
    ("path", "value", "match"),
    [
        ("format", ..., "no sketch"),
        ("format", "geojson", 'must hold "format": "strokewise-sketch"'),
        ("version", 2, "of version 2: only 1"),
        ("version", True, "of version True"),
        ("version", ..., "of version None"),
        ("canvas", ..., "has no canvas"),
        ("canvas", [0, 5], "two numbers over 0"),
        ("canvas", [5, 1e9], "two numbers over 0"),
        ("canvas", [5], "must be 2 numbers"),
        ("canvas", "5x5", "must be 2 numbers"),
        ("paper", "#ffffff", "paper must be 3 numbers"),
        ("paper", [2, 0, 0], "paper must be from 0 to 1"),
        ("metadata", [], "metadata must be an object"),
        ("script", "alert(1)", "has 'script', which is not known"),
        ("strokes", [], "strokes must be a list of 1 to"),
        ("strokes", {}, "strokes must be a list"),
        ("strokes.1", 7, "stroke 1 must be an object"),
        ("strokes.1.colour", [0, 0, 0], "stroke 1 has 'colour'"),
        ("strokes.1.points", ..., "stroke 1 has no points"),
        ("strokes.1.points", [[0, 0]] * 5, "4, 7, 10... pairs"),
        ("strokes.1.points", [[0, 0]], "4, 7, 10... pairs"),
        ("strokes.1.points", "many", "4, 7, 10... pairs"),
        ("strokes.1.points.2", [0, 0, 0], "each of points must be 2 numbers"),
        ("strokes.1.points.2", [0, None], "each of points must be 2 numbers"),
        ("strokes.1.points.2", [0, True], "each of points must be 2 numbers"),
        ("strokes.1.points.2", [0, -1e8], "points must be within"),
        ("strokes.0.width", 0, "width must be over 0"),
        ("strokes.0.width", "2", "width must be 1 number"),
        ("strokes.0.width", 1e300, "width must be over 0, at most"),
        ("strokes.0.color", [0, 0], "color must be 3 numbers"),
        ("strokes.0.color", [0, 0, 1.01], "color must be from 0 to 1"),
        ("strokes.0.opacity", -0.1, "opacity must be from 0 to 1"),
        ("strokes.0.locked", 1, "locked must be true or false"),
    ],
)
def test_what_is_not_known_is_refused(path, value, match):
    refused(changed(path, value), match)


def refused(source, match):
    with pytest.raises(JsonError, match=match) as caught:
        from_json(source)
    assert isinstance(caught.value, StrokewiseError)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 300


@pytest.mark.parametrize(
    ("source", "match"),
    [
        ("", "no JSON"),
        ("{", "no JSON"),
        ("[]", "no sketch"),
        ("null", "no sketch"),
        ('{"format": "strokewise-sketch", "format": "x"}', "appears twice"),
        ("[NaN]", "the number NaN"),
        ("[-Infinity]", "the number -Infinity"),
        ("[1e999]", "the number 1e999"),
        ("[" + "9" * 100_000 + "]", "a number of 100000 digits"),
        ("[0." + "9" * 100_000 + "]", "the number 0.9999"),
        ("[" * 200_000, "nested too deeply|no JSON"),
        (b'{"a": "\xff"}', "no JSON"),
        (" " * (MAX_BYTES + 1), "larger than 20 MB"),
    ],
)
def test_hostile_text(source, match):
    refused(source, match)


def test_too_many_strokes():
    refused(changed("strokes", [0] * (MAX_STROKES + 1)), f"a list of 1 to {MAX_STROKES}")


def test_the_documented_example_is_read():
    page = (Path(__file__).parents[2] / "docs/formats.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    sketch = from_json(example)
    assert len(sketch) == 1 and to_document(sketch) == json.loads(example)


def test_documented_blocks_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    page = (Path(__file__).parents[2] / "docs/formats.md").read_text(encoding="utf-8")
    for block in re.findall(r"```python\n(.*?)```", page, re.DOTALL):
        exec(compile(block, "formats.md", "exec"), {})
    (commands,) = re.findall(r"```\n(strokewise .*?)```", page, re.DOTALL)
    for command in commands.splitlines():
        assert cli.main([*command.split()[1:], "--force"]) == 0
    assert {path.name for path in tmp_path.iterdir()} == {"cat.svg", "cat.png", "cat.pdf", "cat.gif", "plot.svg"}
