"""The bar charts: the same bytes each time, whole, and readable to those who do not see them."""

import io
from xml.etree import ElementTree

import matplotlib
import numpy as np
import pytest
from evaluation_shapes import said
from PIL import Image

from strokewise.recognition.evaluation import Evaluation, Figures, Result
from strokewise.recognition.evaluation.charts import WITH_NONE, by_strokes, draw_charts
from strokewise.recognition.recognizers import NONE
from strokewise.settings import Settings

SVG = "{http://www.w3.org/2000/svg}"


def evaluated(labels: tuple[str, ...], counts: tuple[int, ...] = (4, 8)) -> Evaluation:
    """Of each class, one drawing in two is recognised with 4 strokes, all with more."""
    results = []
    for label in labels:
        for i in range(4):
            for n in (*counts, None):
                other = labels[labels.index(label) - 1]
                order = [label, other] if n != 4 or i % 2 else [other, label]
                ranked = [(name, 0.6 - 0.3 * j) for j, name in enumerate(dict.fromkeys(order))]
                with_none = [(NONE, 0.9), *ranked] if n == 4 else [*ranked, (NONE, 0.1)]
                results.append(Result(f"{label}/{i}.jpg", label, n, "x.svg", 1.0, said(*ranked), said(*with_none)))
    drawings = tuple(r for r in results if r.strokes is not None)
    photos = tuple(r for r in results if r.strokes is None)
    figures = Figures.of(drawings, photos, labels)
    return Evaluation(figures, drawings, photos, (), labels, counts, Settings(), "eye", "spread")


def test_same_figures_same_bytes_and_nothing_left_changed() -> None:
    before = matplotlib.rcParams.copy()
    first = draw_charts(evaluated(("cat", "dog")))
    matplotlib.rcParams["font.size"] = 30  # somebody's own taste
    try:
        assert draw_charts(evaluated(("cat", "dog"))) == first
        assert matplotlib.rcParams["font.size"] == 30
    finally:
        matplotlib.rcParams.update(before)
    assert sorted(first) == [
        f"recognition-by-{what}.{kind}" for what in ("class", "strokes") for kind in ("png", "svg")
    ]


@pytest.mark.parametrize(
    "labels",
    [("cat",), ("cat", "dog"), tuple(f"class {i}" for i in range(30)), ("a,b", "$x$", "<猫>&", "é\n|")],
    ids=len,
)
def test_charts_of_any_labels(labels: tuple[str, ...]) -> None:
    files = draw_charts(evaluated(labels))
    for name, data in files.items():
        if name.endswith(".png"):
            with Image.open(io.BytesIO(data)) as image:
                assert min(image.size) > 300 and max(image.size) < 8000
                assert np.asarray(image.convert("L")).std() > 10
            continue
        root = ElementTree.fromstring(data)
        assert root.tag == f"{SVG}svg" and root.get("role") == "img"
        assert [child.tag for child in root][:2] == [f"{SVG}title", f"{SVG}desc"]
        assert "Recognition by" in str(root[0].text)
        assert "100 %" in str(root[1].text)
        assert b"DOCTYPE" not in data and b"<dc:date>" not in data
    shown = " ".join(ElementTree.fromstring(files["recognition-by-class.svg"]).itertext())
    for label in labels:
        assert label.replace("\n", " ") in shown


def test_bars_are_as_high_as_the_shares() -> None:
    figure, title, description = by_strokes(evaluated(("cat", "dog")))
    bars = figure.axes[0].containers
    heights = [[bar.get_height() for bar in bars[i].patches] for i in (0, 2)]  # between them, the whiskers
    assert heights == [[0.5, 1, 1], [0, 1, 1]]
    assert matplotlib.colors.to_hex(bars[2].patches[0].get_facecolor()) == WITH_NONE
    assert "forced choice: 4 strokes 50 %, 8 strokes 100 %, photo 100 %" in description
    assert title == "Recognition by number of strokes"


def test_one_stroke_is_one() -> None:
    _, _, description = by_strokes(evaluated(("cat", "dog"), counts=(1,)))
    assert "1 stroke 100 %" in description
