import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strokewise.errors import OutputError
from strokewise.export.plot.page import PAPERS, Page, bounding_box, on_page
from strokewise.sketch import Sketch


def straight(canvas, *pairs):
    return Sketch.of(canvas, [np.linspace(a, b, 4) for a, b in pairs], widths=2)


def test_a_drawing_lies_in_the_middle_as_large_as_the_margins_let_it():
    sketch = straight((200, 100), ((0, 0), (200, 100)))
    laid = on_page(sketch, Page("a4", margin=10))
    # Lying it can be 277 mm wide, standing 190.
    assert laid.canvas == (297, 210)
    assert laid.points[0, 0] == pytest.approx([10, 105 - 277 / 4])
    assert laid.points[0, -1] == pytest.approx([287, 105 + 277 / 4])
    assert laid.widths == pytest.approx(2 * 277 / 200)


@pytest.mark.parametrize(
    ("page", "canvas", "size"),
    [
        (Page("a4"), (100, 200), (210, 297)),
        (Page("a4"), (100, 100), (210, 297)),
        (Page("a4", landscape=True), (100, 200), (297, 210)),
        (Page("A3", landscape=False), (200, 100), (297, 420)),
        (Page("letter"), (200, 100), (279.4, 215.9)),
        (Page("200x150mm"), (100, 100), (200, 150)),
        (Page("20 x 15cm"), (100, 200), (150, 200)),
        (Page("8.5x11in"), (100, 100), (215.9, 279.4)),
        (Page("200×150", landscape=False), (300, 100), (150, 200)),
    ],
)
def test_sizes(page, canvas, size):
    assert on_page(straight(canvas, ((1, 1), (2, 2))), page).canvas == pytest.approx(size)


def test_papers_have_their_standard_sizes():
    for big, small in (("a0", "a1"), ("a1", "a2"), ("a2", "a3"), ("a3", "a4"), ("a4", "a5"), ("a5", "a6")):
        assert PAPERS[small] == (PAPERS[big][1] // 2, PAPERS[big][0])
    assert [round(side / 25.4, 2) for name in ("letter", "legal", "tabloid") for side in PAPERS[name]] == [
        *(8.5, 11),
        *(8.5, 14),
        *(11, 17),
    ]


@pytest.mark.parametrize(
    ("made", "match"),
    [
        ({"paper": "a9"}, "no paper size 'a9': use .*a4"),
        ({"paper": ""}, "no paper size"),
        ({"paper": "200x"}, "no paper size"),
        ({"paper": "-200x100"}, "no paper size"),
        ({"paper": "1e3x100"}, "no paper size"),
        ({"paper": "x" * 10_000}, "no paper size"),
        ({"paper": "9x100"}, "sides must be from 10 to 3000 mm"),
        ({"paper": "100x200in"}, "sides must be from 10 to 3000 mm"),
        ({"margin": -1}, "margin of a4 must be from 0 to 102.5 mm, not -1"),
        ({"margin": 103}, "margin"),
        ({"margin": float("nan")}, "margin"),
        ({"fit": "page"}, "fit must be canvas or ink"),
    ],
)
def test_bad_pages(made, match):
    with pytest.raises(OutputError, match=match) as caught:
        Page(**made)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 250


def test_fit_to_ink_fills_the_page():
    sketch = straight((1000, 1000), ((500, 500), (510, 520)))
    laid = on_page(sketch, Page("100x220", margin=10, fit="ink"))
    assert laid.canvas == (100, 220) and laid.points[0, [0, -1]].tolist() == [[10, 30], [90, 190]]


@pytest.mark.parametrize("fit", ["canvas", "ink"])
@pytest.mark.parametrize("ends", [((50, 50), (50, 50)), ((50, 20), (50, 80)), ((20, 50), (80, 50))])
def test_ink_without_extent(fit, ends):
    laid = on_page(straight((100, 100), ends), Page("a5", fit=fit))
    assert laid.points.mean((0, 1)) == pytest.approx(np.array(laid.canvas) / 2)
    low, high = bounding_box(laid)
    assert (low >= 10 - 1e-9).all() and (high <= np.array(laid.canvas) - 10 + 1e-9).all()


def test_the_box_around_curves_is_exact():
    rng = np.random.default_rng(3)
    sketch = Sketch.of((100, 100), rng.uniform(-50, 150, (40, 7, 2)))
    low, high = bounding_box(sketch)
    t = np.linspace(0, 1, 20_001)[:, None]
    every = np.concatenate(
        [
            (1 - t) ** 3 * p[k] + 3 * (1 - t) ** 2 * t * p[k + 1] + 3 * (1 - t) * t**2 * p[k + 2] + t**3 * p[k + 3]
            for p in sketch.points
            for k in (0, 3)
        ]
    )
    assert low == pytest.approx(every.min(0), abs=1e-5) and high == pytest.approx(every.max(0), abs=1e-5)
    assert (low <= every.min(0) + 1e-9).all() and (high >= every.max(0) - 1e-9).all()


@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from(["a6", "a3", "letter", "50x400"]),
    st.sampled_from([None, True, False]),
    st.sampled_from(["canvas", "ink"]),
    st.floats(0, 20),
)
def test_nothing_leaves_the_margins_and_shapes_stay(seed, paper, landscape, fit, margin):
    rng = np.random.default_rng(seed)
    canvas = rng.uniform(10, 1000, 2)
    sketch = Sketch.of(tuple(canvas), rng.uniform(-0.3, 1.3, (5, 4, 2)) * canvas)
    laid = on_page(sketch, Page(paper, margin, landscape, fit))
    low, high = bounding_box(laid)
    assert (low >= margin - 1e-6).all() and (high <= np.array(laid.canvas) - margin + 1e-6).all()
    scale = laid.widths[0] / sketch.widths[0]
    assert np.allclose(np.diff(laid.points, axis=1), scale * np.diff(sketch.points, axis=1))
    if fit == "ink":  # it touches two opposite margins
        inside = np.array(laid.canvas) - 2 * margin
        assert np.isclose(high - low, inside).any()
    if landscape is None:  # the other way it would not be larger
        for turned in (True, False):
            assert on_page(sketch, Page(paper, margin, turned, fit)).widths[0] <= laid.widths[0] * (1 + 1e-9)


def test_a_page_without_strokes():
    assert len(on_page(Sketch.of((10, 20), np.zeros((0, 4, 2))), Page())) == 0
