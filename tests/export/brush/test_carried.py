"""A brushed drawing that was edited in another program keeps the edits, or tells what it left out."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

from strokewise.errors import UnsupportedSvgError
from strokewise.export import brushed_svg, read_sketch
from strokewise.export.svg.text import from_svg
from strokewise.sketch import Sketch

ADDED = '<path d="M10 90L60 90L60 95" fill="none" stroke="#ff0000" stroke-width="2"/></svg>'


@pytest.fixture
def waves():
    """Four strokes apart from each other, of several colours and widths."""
    points = [[[10, 20 * i + 15], [60, 20 * i], [120, 20 * i + 30], [190, 20 * i + 15]] for i in range(4)]
    return Sketch.of((200, 100), points, widths=[3, 4, 5, 6], colors=np.eye(4, 3), metadata={"seed": 7})


def read(text):
    told: list[str] = []
    return read_sketch(text.encode(), told.append), told


def outlines(text):
    return re.findall(r"<path [^>]*/>", text)


@pytest.mark.parametrize("brush", ["ink", "pen", "pencil", "marker"])
def test_an_unchanged_file_is_read_as_it_was_and_nothing_is_told(brush, waves):
    again, told = read(brushed_svg(waves, brush))
    assert (again.points == waves.points).all() and (again.widths == waves.widths).all() and not told
    assert again.metadata == waves.metadata and again.paper is None


@pytest.mark.parametrize("brush", ["ink", "pencil"])
def test_numbers_written_in_another_way_change_nothing(brush, waves):
    text = brushed_svg(waves, brush)
    spaced = re.sub(r' d="([^"]*)"', lambda m: re.sub("([MLZ])", r" \1 ", m[0]), text)
    again, told = read(spaced.replace(".50 ", ".5 "))
    assert (again.points == waves.points).all() and not told


def test_a_stroke_that_was_added_comes_with_the_others(waves):
    again, told = read(brushed_svg(waves, "ink").replace("</svg>", ADDED))
    assert len(again) == 5 and [len(chain) for chain in again.chains] == [4, 4, 4, 4, 7]
    assert (again.points[:4, :4] == waves.points).all() and again.colors[4].tolist() == [1, 0, 0]
    assert told == ["1 stroke added in another program to 4 brushed: all are read"]


def test_an_added_line_that_has_to_be_cut_is_told(waves):
    long = "M0 0" + "".join(f"L{k % 97} {k % 31}" for k in range(20_000))
    short = '<path d="M0 0L9 9" fill="none" stroke="red"/>' * 100
    text = brushed_svg(waves, "ink").replace("</svg>", f'<path d="{long}" fill="none" stroke="red"/>{short}</svg>')
    again, told = read(text)
    assert len(again) > 105 and again.points.nbytes < 60_000_000
    assert "1 long line cut in pieces: lines of so different lengths take too much memory together" in told


def test_a_stroke_added_below_the_others_lies_below_them(waves):
    text = brushed_svg(waves, "ink")
    again, _ = read(text.replace('<g stroke="none"', ADDED.replace("</svg>", "") + '<g stroke="none"'))
    assert again.colors[0].tolist() == [1, 0, 0] and len(again) == 5


@pytest.mark.parametrize("how", ["deleted", "hidden", "opacity"])
def test_a_stroke_that_was_deleted_stays_away(how, waves):
    text = brushed_svg(waves, "ink")
    gone = outlines(text)[1]
    instead = {
        "deleted": "",
        "hidden": gone.replace("<path", '<path style="display:none"'),
        "opacity": gone.replace("<path", '<path opacity="0"'),
    }[how]
    again, told = read(text.replace(gone, instead))
    assert (again.points == waves.points[[0, 2, 3]]).all()
    assert told == ["1 brushed stroke deleted or redrawn in another program: left out"]


def test_a_part_of_a_pencil_stroke(waves):
    text = brushed_svg(waves, "pencil")
    again, told = read(text.replace(outlines(text)[1], ""))
    assert len(again) == 4 and told == ["1 brushed stroke partly deleted in another program: read as a whole"]


def test_nothing_left(waves):
    text = brushed_svg(waves, "ink")
    bare = re.sub(r"<path [^>]*/>", "", text)
    with pytest.raises(UnsupportedSvgError, match="all brushed ones were deleted"):
        read(bare)
    again, _ = read(bare.replace("</svg>", ADDED))
    assert len(again) == 1 and again.colors[0].tolist() == [1, 0, 0]


def test_colours_and_opacities_follow(waves):
    text = brushed_svg(waves, "marker")
    two = outlines(text)[2]
    painted = re.sub('fill="#[^"]*" fill-opacity="[^"]*"', 'style="fill:#00ff80;fill-opacity:0.39"', two)
    again, told = read(text.replace(two, painted))
    assert again.colors[2] == pytest.approx([0, 1, 128 / 255]) and again.opacities[2] == pytest.approx(0.5)
    assert (again.colors[[0, 1, 3]] == waves.colors[[0, 1, 3]]).all() and not told


def test_white_strokes_are_strokes(waves):
    white = Sketch.of(waves.canvas, waves.points, colors=1.0, widths=4, paper=(0, 0, 0.5))
    again, told = read(brushed_svg(white, "ink"))
    assert len(again) == 4 and not told and again.paper == (0, 0, 0.5)


def test_the_paper_follows(waves):
    sheet = Sketch.of(waves.canvas, waves.points, widths=4, paper=(0, 0, 0.5))
    text = brushed_svg(sheet, "ink")
    assert read(re.sub("<rect [^>]*/>", "", text))[0].paper is None
    assert read(text.replace("#000080", "#00ff00"))[0].paper == (0, 1, 0)


MOVE = "matrix(0.8,0.6,-0.6,0.8,20,-10)"


def moved(points):
    return points @ np.array([[0.8, 0.6], [-0.6, 0.8]]) + [20, -10]


def test_a_layer_that_was_moved(waves):
    again, told = read(brushed_svg(waves, "ink").replace("<g ", f'<g transform="{MOVE}" '))
    assert np.abs(again.points - moved(waves.points)).max() < 1e-9 and not told
    assert again.widths == pytest.approx(waves.widths)


def test_an_outline_that_was_moved_and_written_anew(waves):
    """As Inkscape writes it: the numbers of its path are others."""
    text = brushed_svg(waves, "ink")
    one = outlines(text)[1]

    def place(match):
        x, y = moved(np.array([float(match[1]), float(match[2])]))
        return f"{x:.4f} {y:.4f}"

    data = re.search(r'd="([^"]*)"', one)[1]
    again, told = read(text.replace(data, re.sub(r"(-?[\d.]+) (-?[\d.]+)", place, data)))
    assert not told and len(again) == 4
    assert np.abs(again.points[1] - moved(waves.points[1])).max() < 0.05
    assert (again.points[[0, 2, 3]] == waves.points[[0, 2, 3]]).all()


def test_an_outline_of_another_shape_is_told(waves):
    text = brushed_svg(waves, "ink")
    data = re.search(r'd="([^"]*)"', outlines(text)[1])[1]
    again, told = read(text.replace(data, "M0 0L50 0L50 50z"))
    assert len(again) == 3 and len(told) == 2
    assert told[0].startswith("1 brushed stroke deleted or redrawn") and told[1].startswith(
        "1 filled shape added or re"
    )


def test_outlines_that_are_all_of_another_shape(waves):
    text = re.sub(r' d="[^"]*"', ' d="M0 0L50 0L50 50z"', brushed_svg(waves, "ink"))
    again, told = read(text)
    assert (again.points == waves.points).all()
    assert told == ["another program redrew all outlines: the strokes that they were made from are read, without edits"]


@pytest.mark.parametrize("marks", [None, 3, [], ["a"] * 4, [[1, None]] * 4, [["zz/zz"]] * 4])
def test_files_without_sound_marks(marks, waves):
    """Those of earlier versions have none: they are made anew. Nonsense in them is no reason to fail."""
    text = brushed_svg(waves, "ink")
    metadata = json.loads(re.search(r"<drawing[^>]*>(.*)</drawing>", text)[1])
    given = metadata.pop("outlines")
    assert len(given) == 4
    if marks is not None:
        metadata["outlines"] = marks
    changed = re.sub(r"(<drawing[^>]*>).*(</drawing>)", lambda m: m[1] + json.dumps(metadata) + m[2], text)
    again, _ = read(changed)
    assert len(again) == 4
    if marks is None:
        again, told = read(changed.replace(outlines(changed)[0], ""))
        assert len(again) == 3 and len(told) == 1


def test_an_animated_drawing_keeps_its_edits(waves):
    from strokewise.export.svg.animated import to_animated_svg

    text = to_animated_svg(waves)
    assert (from_svg(text).points == waves.points).all()
    assert len(from_svg(text.replace(outlines(text)[0], ""))) == 3
    again = from_svg(text.replace("</svg>", ADDED))
    assert len(again) == 5 and (again.points[:4, :4] == waves.points).all()
    assert from_svg(text.replace('<g class="', '<g transform="translate(3)" class="')).points[0, 0].tolist() == [13, 15]
