"""`width="auto"` in whole drawings: the strokes of width 1.5, only bolder, in every kind of drawing and every file."""

import dataclasses
import io

import numpy as np
import pytest
from PIL import Image

import strokewise
from strokewise.export import from_json, from_svg, to_json, to_png
from strokewise.export.look import Look, dressed
from strokewise.optimize.pen_width import thin_widths
from strokewise.photo.preparing import prepare
from strokewise.recognition.inputs import sketch_picture
from strokewise.settings import PEN, Settings

QUICK = {"candidates": 1, "steps": 3}


@pytest.fixture(scope="module")
def prepared():
    y, x = np.mgrid[:300, :400]
    disc = np.hypot(x - 200, y - 150) < 100
    picture = np.where(disc[..., None], (0.2, 0.3, 0.5), (0.95, 0.95, 0.9)).astype(np.float32)
    return prepare(picture, Settings(subject="keep"))


def pen(sketch, prepared):
    """Median width in pixels of a 224 px canvas."""
    return float(np.median(sketch.widths)) * 224 / prepared.framed.frame.side


def test_the_points_are_those_of_a_thin_pen_and_the_strokes_bolder(prepared):
    bold = strokewise.draw(prepared, strokes=8, **QUICK)
    thin = strokewise.draw(prepared, strokes=8, width=1.5, **QUICK)
    assert bold.points.tobytes() == thin.points.tobytes()
    assert bold.metadata["losses"] == thin.metadata["losses"]
    assert pen(thin, prepared) == pytest.approx(1.5)
    assert pen(bold, prepared) == pytest.approx(bold.metadata["pen"]) and 1.5 < bold.metadata["pen"] <= 3
    assert bold.metadata["settings"]["width"] == "auto" and "pen" not in thin.metadata


def test_the_same_drawing_is_the_same_bytes(prepared):
    one, other = (strokewise.draw(prepared, strokes=6, **QUICK).to_svg() for _ in range(2))
    assert one == other


def test_widths_that_are_optimised_keep_their_proportions():
    # A photo of nothing but a thick bar and a thin one, which wants strokes of two widths.
    picture = np.ones((200, 200, 3), np.float32)
    picture[40:52, 20:180] = picture[140:142, 20:180] = 0
    asked = {"strokes": 3, "subject": "keep", "optimize": "width", "candidates": 1, "steps": 20}
    bold, thin = (strokewise.draw(picture, width=width, **asked) for width in ("auto", 1.5))
    assert np.ptp(thin.widths) > 0
    assert bold.widths == pytest.approx(thin.widths * bold.metadata["pen"] / PEN)


def test_every_format_has_the_bold_strokes(prepared):
    bold = strokewise.draw(prepared, strokes=6, **QUICK)
    thin = strokewise.draw(prepared, strokes=6, width=1.5, **QUICK)
    assert from_svg(bold.to_svg()).widths == pytest.approx(bold.widths, abs=1e-3)
    assert from_json(to_json(bold)).widths == pytest.approx(bold.widths)
    black = [(np.asarray(Image.open(io.BytesIO(to_png(one, 400))).convert("L")) < 128).sum() for one in (bold, thin)]
    assert black[0] / black[1] == pytest.approx(bold.metadata["pen"] / PEN, rel=0.1)


def test_a_draft_and_a_single_line_have_it_too(prepared):
    for kind in ({"draft": True}, {"one_line": True, **QUICK}):
        bold, thin = (strokewise.draw(prepared, strokes=6, width=width, **kind) for width in ("auto", 1.5))
        assert bold.points.tobytes() == thin.points.tobytes() and pen(bold, prepared) > 1.5


def test_each_level_of_a_ladder_has_its_own_pen(prepared):
    levels = strokewise.ladder(prepared, (16, 8, 4), **QUICK).rungs
    pens = [level.metadata["pen"] for level in levels]
    assert pens == sorted(pens) and pens[0] < pens[-1]
    assert pens == pytest.approx([pen(level, prepared) for level in levels])


def test_stages_are_compared_with_one_pen_and_finished_with_that_of_the_whole(prepared):
    bold = strokewise.draw_in_stages(prepared, (3, 5), **QUICK)
    thin = strokewise.draw_in_stages(prepared, (3, 5), width=1.5, **QUICK)
    assert bold.points.tobytes() == thin.points.tobytes()
    assert np.ptp(bold.widths) == pytest.approx(0, abs=1e-9) and pen(bold, prepared) == pytest.approx(2.6, abs=0.7)
    assert pen(bold, prepared) == pytest.approx(bold.metadata["pen"]) and bold.metadata["pen"] > 1.5
    assert bold.metadata["settings"]["width"] == "auto"


def test_a_sketch_that_is_continued_keeps_its_own_pen(prepared):
    sketch = strokewise.draw(prepared, strokes=4, **QUICK)
    wide = dataclasses.replace(sketch, widths=sketch.widths * 0 + 7.0)
    for one in (sketch, wide):
        more = strokewise.carry_on(prepared, one, add=2, steps=2)
        assert more.widths == pytest.approx(np.full(6, one.widths[0]))


def test_all_parts_of_a_scene_have_one_pen():
    y, x = np.mgrid[:240, :320]
    picture = np.full((240, 320, 3), 0.9, np.float32)
    picture[np.hypot(x - 220, y - 150) < 50] = (0.6, 0.1, 0.1)
    picture[120:125, :140] = picture[40:200, 60:64] = 0.2
    bold, thin = (strokewise.scene(picture, strokes=10, width=width, steps=2, candidates=1) for width in ("auto", 1.5))
    assert bold.points.tobytes() == thin.points.tobytes()
    assert np.ptp(bold.widths) == pytest.approx(0, abs=1e-9) and bold.widths[0] > thin.widths[0]


def test_a_recogniser_sees_the_drawing_as_it_was_compared(prepared):
    bold, thin = (strokewise.draw(prepared, strokes=6, width=width, **QUICK) for width in ("auto", 1.5))
    assert np.abs(sketch_picture(bold) - sketch_picture(thin)).max() < 1e-6
    for odd in ("bold", -1, 0, 1e9, float("nan"), None, [2], True):
        told = dataclasses.replace(bold, metadata={"pen": odd})
        assert thin_widths(told).tolist() == bold.widths.tolist()
    worn = dressed(bold, Look(width=4))
    assert thin_widths(worn).tolist() == worn.widths.tolist()


def test_tone_stays_as_thin_as_with_a_thin_pen(prepared):
    asked = {"strokes": 6, "draft": True, "tone": "hatch"}
    bold, thin = (strokewise.draw(prepared, width=width, **asked) for width in ("auto", 1.5))
    assert bold.tone.width == pytest.approx(thin.tone.width) and bold.widths[0] > thin.widths[0]


def test_words_alone_are_drawn_with_it():
    bold, thin = (strokewise.imagine("cat", strokes=6, width=width, steps=2, candidates=1) for width in ("auto", 1.5))
    assert bold.points.tobytes() == thin.points.tobytes()
    assert thin.widths == pytest.approx(np.full(6, 1.5))
    assert bold.widths == pytest.approx(np.full(6, bold.metadata["pen"])) and bold.metadata["pen"] > 1.5
