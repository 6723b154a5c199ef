"""The drawing as a value: its checks, and that nothing it holds can change."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from strokewise.sketch import MAX_NESTING, Sketch

POINTS = np.arange(24, dtype=float).reshape(3, 4, 2)


def test_one_value_serves_all_strokes():
    sketch = Sketch.of((10, 20), POINTS, widths=2, colors=0.5, opacities=0.25)
    assert len(sketch) == 3 and sketch.canvas == (10.0, 20.0)
    assert sketch.widths.tolist() == [2, 2, 2] and sketch.opacities.tolist() == [0.25] * 3
    assert (sketch.colors == 0.5).all() and sketch.colors.shape == (3, 3)
    assert sketch.metadata == {}


def test_values_per_stroke():
    sketch = Sketch.of((10, 20), POINTS[:2], widths=[1, 2], colors=[0.1, 0.2], opacities=[0.5, 1])
    assert sketch.colors.tolist() == [[0.1] * 3, [0.2] * 3]
    assert Sketch.of((10, 20), POINTS[:2], colors=[1, 0, 0]).colors.tolist() == [[1, 0, 0]] * 2


def test_what_is_given_is_copied():
    points, metadata = POINTS.copy(), {"seed": 1}
    sketch = Sketch.of((10, 20), points, metadata=metadata)
    points[:] = 0
    metadata["seed"] = 2
    assert (sketch.points == POINTS).all() and sketch.metadata == {"seed": 1}


def test_arrays_cannot_be_written_to():
    points = POINTS.copy()
    given = Sketch((10, 20), points, np.ones(3), np.zeros((3, 3)), np.ones(3), np.zeros(3, dtype=bool))
    points[:] = 0
    assert (given.points == POINTS).all()
    for sketch in (given, Sketch.of((10, 20), POINTS), given.mapped((1, 1), 2, (0, 0)), given.reordered([1, 0])):
        for name in ("points", "widths", "colors", "opacities", "locked"):
            with pytest.raises(ValueError, match="read-only"):
                getattr(sketch, name)[:] = 0
    # A read-only view of an array that others can write to is copied too.
    view = points[:]
    view.flags.writeable = False
    sketch = dataclasses.replace(given, points=view)
    points[:] = 5
    assert (sketch.points == 0).all()


def test_no_two_sketches_share_metadata():
    known = {"losses": {"total": 1.0}, "stages": [1, 2], "pair": ({"a": 1}, 2)}
    sketch = Sketch.of((10, 20), POINTS, metadata=known)
    made = [sketch.mapped((1, 1), 2, (0, 0)), sketch.scaled(2), sketch.reordered([0]), dataclasses.replace(sketch)]
    known["stages"].append(3)
    sketch.metadata["losses"]["total"] = 2.0
    sketch.metadata["pair"][0]["a"] = 2
    for other in made:
        assert other.metadata == {"losses": {"total": 1.0}, "stages": [1, 2], "pair": ({"a": 1}, 2)}


def test_metadata_nested_too_deeply():
    deep: list = []
    for _ in range(MAX_NESTING - 2):
        deep = [deep]
    assert Sketch.of((10, 20), POINTS, metadata={"deep": deep}).metadata == {"deep": deep}
    with pytest.raises(ValueError, match="nested more than 100 deep"):
        Sketch.of((10, 20), POINTS, metadata={"deep": [deep]})
    deep.append(deep)
    with pytest.raises(ValueError, match="nested more than 100 deep"):
        Sketch.of((10, 20), POINTS, metadata={"endless": deep})


@pytest.mark.parametrize("shape", [(4, 2), (1, 4, 3), (1, 3, 2), (1, 1, 2), (1, 5, 2)])
def test_wrong_points(shape):
    with pytest.raises(ValueError, match="points must be"):
        Sketch.of((10, 20), np.zeros(shape))


def test_polybeziers_and_no_strokes_are_fine():
    assert len(Sketch.of((10, 20), np.zeros((2, 7, 2)))) == 2
    assert len(Sketch.of((10, 20), np.zeros((0, 4, 2)))) == 0


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("name", ["points", "widths", "colors", "opacities"])
def test_not_finite(name, bad):
    values = {"points": POINTS.copy(), "widths": np.ones(3), "colors": np.zeros((3, 3)), "opacities": np.ones(3)}
    values[name].flat[0] = bad
    with pytest.raises(ValueError, match=f"{name} has values that are not finite"):
        Sketch.of((10, 20), **values)


@pytest.mark.parametrize("canvas", [(0, 10), (10, -1), (np.nan, 10), (np.inf, 10)])
def test_wrong_canvas(canvas):
    with pytest.raises(ValueError, match="canvas"):
        Sketch.of(canvas, POINTS)


def test_wrong_lengths():
    with pytest.raises(ValueError, match="widths must have shape"):
        Sketch((10, 20), POINTS, np.ones(2), np.zeros((3, 3)), np.ones(3), np.zeros(3, dtype=bool))


def test_widths_are_over_0():
    for widths in (-1, [1, 0, 2]):
        with pytest.raises(ValueError, match="widths must be over 0, got"):
            Sketch.of((10, 20), POINTS, widths=widths)


def test_repr_is_short():
    assert repr(Sketch.of((640, 415.5), POINTS)) == "<Sketch 3 strokes, 640 x 415.5>"


def test_mapped_and_scaled(sketch):
    mapped = sketch.mapped((1000, 800), 3, (10, -5))
    assert mapped.canvas == (1000, 800)
    assert (mapped.points == sketch.points * 3 + [10, -5]).all()
    assert (mapped.widths == sketch.widths * 3).all() and mapped.metadata == sketch.metadata
    half = sketch.scaled(0.5)
    assert half.canvas == (100, 50) and (half.points == sketch.points / 2).all()


def test_reordered(sketch):
    other = sketch.reordered([2, 0])
    assert len(other) == 2 and (other.points == sketch.points[[2, 0]]).all()
    assert len(sketch.reordered([])) == 0


def test_shows_itself_in_notebooks(sketch):
    assert sketch._repr_svg_() == sketch.to_svg()
