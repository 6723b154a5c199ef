from __future__ import annotations

import dataclasses
import inspect

import numpy as np
import pytest

from strokewise.errors import OutputError
from strokewise.export import BRUSHES, Look, dressed
from strokewise.settings import Settings
from strokewise.sketch import Sketch


@pytest.fixture
def varied(sketch):
    return dataclasses.replace(sketch, widths=np.array([1.0, 2.0, 4.0]), opacities=np.array([0.2, 0.4, 0.8]))


def test_nothing_asked_for_changes_nothing(varied):
    same = dressed(varied, Look())
    assert same.to_svg() == varied.to_svg()


def test_width_is_that_of_a_drawing_224_pixels_long(sketch):
    assert dressed(sketch, Look(width=2.24)).widths == pytest.approx([2, 2, 2])  # the canvas is 200 long
    assert dressed(sketch.scaled(3), Look(width=2.24)).widths == pytest.approx([6, 6, 6])


def test_lines_that_swell_and_fade_still_do(varied):
    look = Look(width=2.24, opacity=1.0)
    new = dressed(varied, look)
    assert new.widths == pytest.approx([1, 2, 4]) and new.opacities == pytest.approx([0.25, 0.5, 1])
    twice = dressed(new, look)
    assert twice.widths == pytest.approx(new.widths) and twice.opacities == pytest.approx(new.opacities)


def test_strokes_that_were_invisible_can_be_shown(sketch):
    hidden = dataclasses.replace(sketch, opacities=np.zeros(3))
    assert (dressed(hidden, Look(opacity=0.5)).opacities == 0.5).all()


def test_color_and_paper(sketch):
    new = dressed(sketch, Look(color="navy", paper="#ff8000"))
    assert (new.colors == [0, 0, 128 / 255]).all() and new.paper == (1, 128 / 255, 0)
    assert sketch.paper is None and (sketch.colors == 0).all()
    assert dressed(new, Look()).paper == new.paper
    assert dressed(new, Look(paper="none")).paper is None
    assert Look(paper="none").transparent and not Look().transparent and not Look(paper="white").transparent


def test_no_strokes(sketch):
    assert len(dressed(sketch.reordered([]), Look(width=2, color="red", opacity=0.5, paper="tan"))) == 0


@pytest.mark.parametrize(
    ("look", "match"),
    [
        ({"width": 0}, "from 0.1 to 20 pixels .* not 0"),
        ({"width": float("nan")}, "not nan"),
        ({"opacity": 0}, "over 0, at most 1, not 0"),
        ({"opacity": 1.5}, "not 1.5"),
        ({"opacity": float("nan")}, "not nan"),
        ({"color": "bleu"}, "color 'bleu' is no plain colour: use a name like navy, or #rrggbb$"),
        ({"color": "#11223380"}, "no plain colour"),
        ({"color": "none"}, "no plain colour"),
        ({"paper": "papyrus"}, "paper 'papyrus' is no plain colour: .*, or \"none\"$"),
        ({"brush": "quill"}, "no brush 'quill': use round, pen, ink, pencil or marker"),
    ],
)
def test_refusals_are_one_line(look, match):
    with pytest.raises(OutputError, match=match) as caught:
        Look(**look)
    assert "\n" not in str(caught.value)


def test_widths_are_those_of_the_settings():
    for width in (0.1, 20):
        assert Settings(width=width).width == Look(width=width).width


def test_brushes_are_told(sketch):
    assert BRUSHES[0] == inspect.signature(Look).parameters["brush"].default
    assert isinstance(dressed(sketch, Look(brush="ink")), Sketch)
