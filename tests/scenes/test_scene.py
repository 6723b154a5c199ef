"""Scenes drawn, faithful and loose, rich and sparse, and all of them on one sheet."""

import numpy as np
import pytest
from PIL import Image
from scene_pictures import house_photo

from strokewise import Settings, from_svg, matrix, scene
from strokewise.bezier import evaluate
from strokewise.errors import OutputError, PhotoError, SettingsError
from strokewise.photo.preparing import prepare
from strokewise.scenes import single

QUICK = {"steps": 3, "candidates": 1, "size": 112, "strokes": 24}


def curves(sketch):
    t = np.linspace(0, 1, 40)
    return evaluate(sketch.points, np.broadcast_to(t, (len(sketch), 40)))


def apart(sketch, other):
    """Mean distance of the strokes of one drawing from those of another, pixels."""
    here, there = (curves(one).reshape(-1, 2) for one in (sketch, other))
    return np.linalg.norm(here[:, None] - there[None], axis=2).min(1).mean()


@pytest.fixture(scope="module")
def house():
    return house_photo()


@pytest.fixture(scope="module")
def sketch(house):
    return scene(house[0], mask=house[1], **QUICK)


@pytest.fixture(scope="module")
def sheet(house):
    return matrix(house[0], mask=house[1], **QUICK)


def test_a_scene_has_strokes_for_the_subject_and_for_the_place(sketch, house):
    assert len(sketch) == 24 and sketch.canvas == (240, 180)
    about = sketch.metadata["scene"]
    assert about["fidelity"] == about["simplicity"] == 1 and sum(about["split"]) == 24
    assert about["subjects"] == [about["split"][0]] and sketch.metadata["settings"]["subject"] == "scene"
    mask = np.asarray(house[1]) > 127
    x, y = np.floor(curves(sketch)).astype(int).clip(0, (239, 179)).transpose(2, 0, 1)
    inside = mask[y, x].mean(1) > 0.4
    # Subject strokes run along its outline, half in and half out of the mask; those of the place are out of it.
    assert 3 <= inside.sum() <= about["split"][0]
    again = from_svg(sketch.to_svg())
    assert again.metadata["scene"] == about


def test_the_horizon_is_exactly_straight_and_ends_before_the_house(sketch):
    points = sketch.points
    level = np.abs(points[:, :, 1] - 100).max(1) < 1.0
    horizon = points[level & (np.ptp(points[:, :, 0], axis=1) > 60)]
    assert len(horizon) >= 1
    for stroke in horizon:
        np.testing.assert_allclose(stroke[1], stroke[0] + (stroke[3] - stroke[0]) / 3, atol=1e-3)
        assert stroke[:, 0].max() < 139 or stroke[:, 0].min() > 211


def test_walls_of_the_house_are_straight(sketch):
    points = sketch.points
    for wall in (140, 210):
        near = (np.abs(points[:, :, 0] - wall).max(1) < 2.5) & (np.ptp(points[:, :, 1], axis=1) > 25)
        assert near.any()


@pytest.mark.slow
def test_the_same_seed_gives_the_same_bytes(sketch, house):
    assert scene(house[0], mask=house[1], **QUICK).to_svg() == sketch.to_svg()


@pytest.mark.slow
def test_nothing_of_the_place_lies_behind_the_subject(sheet, house):
    mask = np.asarray(house[1]) > 127
    deep = np.zeros_like(mask)
    deep[90:135, 146:204] = True  # well within the walls
    for cell in ((1, 1), (1, 4)):
        drawn = sheet.drawings[cell]
        crossing = 0
        for curve in curves(drawn):
            x, y = np.floor(curve).astype(int).clip(0, (239, 179)).T
            crossing += bool(mask[y, x].any() and deep[y, x].any() and (~mask[y, x]).mean() > 0.3)
        assert crossing <= (0 if cell[1] == 1 else 2)


@pytest.mark.slow
def test_a_matrix_has_fewer_strokes_downwards_and_moves_further_to_the_right(sheet, sketch):
    assert sorted(sheet.drawings) == [(s, f) for s in (1, 2, 3, 4) for f in (1, 2, 3, 4)]
    counts = [len(sheet.drawings[s, 1]) for s in (1, 2, 3, 4)]
    assert counts == sorted(counts, reverse=True) and counts[0] == 24 and counts[3] < 12
    for s in (1, 2, 3, 4):
        assert len({len(sheet.drawings[s, f]) for f in (1, 2, 3, 4)}) == 1
    off = [np.mean([apart(sheet.drawings[s, f], sheet.drawings[s, 1]) for s in (1, 2, 3, 4)]) for f in (2, 3, 4)]
    assert 0 < off[0] < off[2]
    assert sheet.drawings[1, 1].to_svg() == sketch.to_svg()


@pytest.mark.slow
def test_a_cell_of_the_matrix_is_the_scene_of_those_levels(sheet, house):
    alone = scene(house[0], mask=house[1], fidelity=3, simplicity=2, **QUICK)
    assert alone.to_svg() == sheet.drawings[2, 3].to_svg()
    assert alone.metadata["scene"]["fidelity"] == 3 and alone.metadata["scene"]["simplicity"] == 2


@pytest.mark.slow
def test_a_matrix_is_saved_with_its_sheet_or_not_at_all(sheet, tmp_path):
    paths = sheet.save(tmp_path / "out")
    assert len(paths) == 18 and all(path.is_file() for path in paths)
    assert paths[0].name.endswith("-s1-f1.svg") and paths[-1].name.endswith("-matrix.png")
    with pytest.raises(OutputError, match="exists"):
        sheet.save(tmp_path / "out")
    assert len(sheet.save(tmp_path / "out", force=True)) == 18


@pytest.mark.slow
def test_the_corners_alone_are_quicker(house):
    corners = matrix(house[0], mask=house[1], quick=True, **(QUICK | {"steps": 0}))
    assert sorted(corners.drawings) == [(1, 1), (1, 4), (4, 1), (4, 4)]
    assert corners.sheet.columns == ("fidelity 1 (faithful)", "fidelity 4 (loose)")


def test_a_split_is_kept(house):
    drawn = scene(house[0], mask=house[1], split=(5, 9), **(QUICK | {"steps": 0}))
    assert drawn.metadata["scene"]["split"] == [5, 9] and len(drawn) == 14


def test_two_subjects_have_budgets_of_their_own():
    photo, mask = Image.new("RGB", (300, 150), (225, 230, 235)), Image.new("L", (300, 150), 0)
    for box in ((20, 30, 120, 130), (190, 50, 260, 120)):
        photo.paste((40, 50, 90), box)
        mask.paste(255, box)
    drawn = scene(photo, mask=mask, split=(12, 0), **(QUICK | {"steps": 0}))
    counts = drawn.metadata["scene"]["subjects"]
    assert len(counts) == 2 and sum(counts) == 12 and min(counts) >= 3
    left = (drawn.points[:, :, 0].mean(1) < 155).sum()
    assert left == counts[0]


def test_a_place_without_any_subject_is_drawn_with_all_strokes():
    y = np.arange(160)[:, None, None]
    photo = np.where(y < 70, [0.7, 0.8, 0.95], [0.1, 0.25, 0.4]).astype(np.float32) * np.ones((1, 240, 1), np.float32)
    drawn = scene(photo, strokes=3, steps=0)
    assert len(drawn) == 3 and drawn.metadata["scene"]["subjects"] == []
    assert np.abs(drawn.points[..., 1] - 70).max() < 1


def test_progress_shows_all_that_is_drawn(house):
    seen = []
    scene(house[0], mask=house[1], callback=lambda progress: seen.append(progress), **QUICK)
    last = seen[-1]
    assert len(last.points) == 24 and last.points.max() < 150
    assert all(len(one.points) >= 5 for one in seen)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"fidelity": 0}, "fidelity must be a whole number from 1 to 4, not 0"),
        ({"simplicity": 2.5}, "simplicity must be a whole number from 1 to 4"),
        ({"split": (1, 2, 3)}, "split must be two numbers"),
        ({"one_line": True}, "one_line does not go with scenes"),
        ({"draft": True}, "draft does not go with scenes"),
        ({"optimize": "color"}, "optimize does not go with scenes"),
        ({"placement": "saliency"}, "placement does not go with scenes"),
        ({"subject": "keep"}, "subject does not go with scenes"),
    ],
)
def test_what_a_scene_cannot_do_is_said_in_one_line(house, changes, said):
    with pytest.raises(SettingsError) as error:
        scene(house[0], **changes)
    assert said in str(error.value) and "\n" not in str(error.value)


def test_a_prepared_photo_is_refused_and_other_commands_refuse_scenes(house):
    prepared = prepare(house[0], Settings(subject="keep"))
    with pytest.raises(SettingsError, match="give scene the photo itself"):
        scene(prepared)
    with pytest.raises(SettingsError, match="for single drawings of a whole scene"):
        prepare(house[0], Settings(subject="scene"))


def test_a_photo_without_a_line_is_refused():
    slope = np.tile(np.linspace(0.4, 0.6, 200, dtype=np.float32)[None, :, None], (120, 1, 3))
    with pytest.raises(PhotoError, match="no line worth drawing"):
        scene(slope, strokes=4)


@pytest.mark.parametrize("text, views", [(None, 0), ("dog", 1)])
def test_words_are_read_in_a_view_of_the_whole_scene_too(house, monkeypatch, text, views):
    asked = []
    refine = single.refine

    def heard(placed, prepared, settings, callback, schedule):
        asked.append(schedule.views)
        return refine(placed, prepared, settings, callback, schedule)

    monkeypatch.setattr(single, "refine", heard)
    scene(house[0], mask=house[1], fidelity=2, text=text, encoder="embedded", **QUICK)
    assert asked and set(asked) == {views}


def test_tone_of_a_scene_is_on_the_whole_picture(sketch, house):
    toned = scene(house[0], mask=house[1], tone="hatch", tone_lines=40, **QUICK)
    assert toned.tone is not None and toned.tone.kind == "hatch" and 3 < len(toned.tone) <= 40
    assert toned.points.tobytes() == sketch.points.tobytes()
    middles = np.array([line.mean(0) for line in toned.tone.lines]).astype(int)
    assert (np.asarray(house[1])[middles[:, 1], middles[:, 0]] < 127).any()  # not only on the subject
