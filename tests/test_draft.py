"""Drafts: the strokes as first placed, without a network to compare."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

import strokewise
from strokewise import Settings, SettingsError, cli, drawing
from strokewise.photo.preparing import prepare
from strokewise.placement import candidates
from strokewise.placement.constants import DEFAULTS

CHECK = """
import sys, strokewise
strokewise.draw("disc.png", strokes=6, draft=True, subject="keep")
heavy = {"torch", "numba", "onnx"} & set(sys.modules)
assert not heavy, heavy
"""


def test_a_draft_is_what_a_drawing_starts_from_where_nothing_stands_out(disc_image, monkeypatch):
    level = DEFAULTS.pool.draft_saliency
    monkeypatch.setattr(candidates, "saliency_map", lambda encoder, seen, side, device: np.full((side, side), level))
    prepared = prepare(disc_image(), Settings(subject="keep"))
    first = []
    settings = Settings(strokes=6, subject="keep", steps=1)
    drawing.draw_prepared(prepared, settings, placed=first.append)
    draft = strokewise.draw(prepared, strokes=6, subject="keep", draft=True)
    scale = prepared.framed.frame.side / 224
    points = first[0][0] * scale + np.array([prepared.framed.frame.x0, prepared.framed.frame.y0])
    assert len(first) == 1 and len(first[0]) == 1
    assert all(np.isclose(points, one).all((1, 2)).any() for one in draft.points)


def test_a_draft_says_that_nothing_was_compared(disc_image):
    draft = strokewise.draw(disc_image(), strokes=6, draft=True, encoder="clip-rn101", candidates=9)
    known = draft.metadata
    assert not {"losses", "placement_losses", "encoder"} & known.keys()
    assert known["settings"]["draft"] and known["steps"] == 0 and known["order"] == "hand"


def test_the_same_seed_gives_the_same_draft(disc_image):
    one, two, other = (strokewise.draw(disc_image(), strokes=5, draft=True, seed=seed) for seed in (1, 1, 2))
    assert one.to_svg() == two.to_svg() != other.to_svg()


def test_a_draft_loads_nothing_heavy(disc_image, tmp_path):
    disc_image().save(tmp_path / "disc.png")
    subprocess.run([sys.executable, "-c", CHECK], cwd=tmp_path, check=True)


def test_what_only_tone_needs_is_not_loaded_for_other_drawings():
    check = "import sys, strokewise.drawing; sys.exit('scipy.spatial' in sys.modules)"
    subprocess.run([sys.executable, "-c", check], check=True)


def test_one_line_and_ladders_of_drafts(disc_image):
    line = strokewise.draw(disc_image(), strokes=6, draft=True, one_line=True)
    assert len(line) == 1 and line.curves == 6
    steps = strokewise.ladder(disc_image(), (6, 3), draft=True)
    assert [len(rung) for rung in steps.rungs] == [6, 3]


@pytest.mark.parametrize("other", [{"placement": "saliency"}, {"schedule": "paper"}, {"optimize": "width"}])
def test_what_a_draft_cannot_do(other):
    with pytest.raises(SettingsError, match="draft works with placement contour"):
        Settings(draft=True, **other)


def test_no_fewest_strokes_and_no_continuation_by_drafts(disc_image, tmp_path):
    with pytest.raises(SettingsError, match="draft does not go with the fewest strokes"):
        strokewise.fewest(disc_image(), draft=True)
    sketch = strokewise.draw(disc_image(), strokes=3, draft=True)
    with pytest.raises(SettingsError, match="only a new drawing can be made with draft"):
        strokewise.carry_on(disc_image(), sketch, add=2, draft=True)


def test_the_command_line(disc_image, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    disc_image().save("disc.png")
    assert cli.main(["draw", "disc.png", "-n", "5", "--draft"]) == 0
    assert len(strokewise.from_svg((tmp_path / "disc.svg").read_text())) == 5
    for wrong, line in (
        (["-n", "auto"], "--strokes auto and --draft do not go together"),
        (["--from", "disc.svg", "--add", "2"], "--draft and --from do not go together"),
        (["--stage", "4,4"], "--draft and --stage do not go together"),
        (["-n", "5", "--optimize", "color"], "--draft works with placement contour"),
    ):
        assert cli.main(["draw", "disc.png", "--draft", "-o", "new.svg", *wrong]) == 2
        assert line in capsys.readouterr().err
