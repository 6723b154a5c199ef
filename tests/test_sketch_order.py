import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from strokewise.sketch import Sketch, in_drawing_order


def straight(*pairs):
    return Sketch.of((100, 100), [np.linspace(a, b, 4) for a, b in pairs])


def test_a_line_in_pieces_is_followed_from_end_to_end():
    sketch = straight(((60, 0), (90, 0)), ((60, 0), (30, 0)), ((0, 0), (30, 0)))
    points = in_drawing_order(sketch).points
    assert [(p[0].tolist(), p[-1].tolist()) for p in points] == [
        ([0, 0], [30, 0]),
        ([30, 0], [60, 0]),
        ([60, 0], [90, 0]),
    ]


def test_large_shapes_come_before_details():
    sketch = straight(((50, 50), (52, 50)), ((0, 90), (90, 90)), ((10, 10), (40, 10)))
    lengths = np.linalg.norm(np.diff(in_drawing_order(sketch).points[:, [0, -1]], axis=1), axis=2)[:, 0]
    assert lengths.tolist() == [90, 30, 2]


@given(st.integers(0, 2**32 - 1), st.integers(1, 30))
def test_no_stroke_is_lost_or_changed(seed, count):
    rng = np.random.default_rng(seed)
    sketch = Sketch.of((100, 100), rng.integers(0, 6, (count, 4, 2)) * 20.0, widths=rng.uniform(1, 2, count))
    ordered = in_drawing_order(sketch)

    def as_set(s):
        return sorted(
            (float(w), min(p.ravel().tolist(), p[::-1].ravel().tolist()))
            for p, w in zip(s.points, s.widths, strict=True)
        )

    assert as_set(ordered) == as_set(sketch)
    assert np.array_equal(in_drawing_order(sketch).points, ordered.points)
