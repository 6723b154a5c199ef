"""The main job on synthetic photos: a dark disc at a known place, drawn by its outline."""

import io

import numpy as np
import pytest
from PIL import Image
from scipy.spatial import cKDTree

import strokewise
from strokewise.bezier import along, evaluate
from strokewise.engines import choice, find_device
from strokewise.errors import EncoderError, PhotoError, SettingsError
from strokewise.photo import preparing
from strokewise.photo.preparing import prepare
from strokewise.placement.candidates import place
from strokewise.settings import Settings, with_changes

FAST = {"strokes": 4, "candidates": 1, "steps": 0}


def outline_error(sketch, centre, radius):
    """Largest distance of the strokes from the disc's outline, as a share of its radius."""
    t = np.broadcast_to(np.linspace(0, 1, 30), (len(sketch), 30))
    away = np.linalg.norm(evaluate(sketch.points, t) - np.array(centre), axis=2)
    return np.abs(away - radius).max() / radius


@pytest.mark.parametrize("subject", ["keep", "remove"])
@pytest.mark.parametrize(
    ("size", "centre", "radius"),
    [
        ((480, 160), (360, 80), 60),
        ((160, 480), (80, 130), 60),
        ((300, 300), (150, 150), 100),
        ((900, 700), (700, 200), 80),
    ],
    ids=["wide", "tall", "square", "small subject"],
)
def test_strokes_lie_where_the_subject_lies(disc_image, size, centre, radius, subject):
    sketch = strokewise.draw(disc_image(*size, centre, radius), subject=subject, **FAST)
    assert sketch.canvas == size
    assert outline_error(sketch, centre, radius) < 0.12


def test_a_photo_turned_by_exif_is_drawn_upright(disc_image):
    exif = Image.Exif()
    exif[274] = 6  # the camera was held upright; turn by 90 degrees
    buffer = io.BytesIO()
    # What the sensor saw: the upright 200 x 320 picture lying on its side.
    upright = disc_image(200, 320, (140, 90), 50)
    upright.transpose(Image.Transpose.ROTATE_90).save(buffer, "JPEG", exif=exif, quality=95)
    sketch = strokewise.draw(buffer.getvalue(), subject="keep", **FAST)
    assert sketch.canvas == (200, 320)
    assert outline_error(sketch, (140, 90), 50) < 0.12


def test_stroke_width_follows_the_frame(disc_image):
    whole = strokewise.draw(disc_image(448, 448, (224, 224), 150), subject="keep", width=1.5, **FAST)
    assert whole.widths == pytest.approx(1.5 * 448 / 224 * np.ones(4))


def test_the_metadata_tells_how_it_was_made(disc_image):
    sketch = strokewise.draw(disc_image(), strokes=3, candidates=2, steps=2, seed=7)
    data = sketch.metadata
    assert data["version"] == strokewise.__version__ and data["seed"] == 7
    assert data["settings"]["strokes"] == 3 and len(sketch) == 3
    assert data["encoder"] == "embedded"
    assert data["losses"]["total"] <= data["placement_losses"]["total"]


@pytest.mark.parametrize("placement", ["contour", "saliency"])
def test_both_placements_and_another_canvas(disc_image, placement):
    sketch = strokewise.draw(disc_image(), strokes=5, candidates=2, steps=3, size=96, placement=placement)
    assert len(sketch) == 5 and np.isfinite(sketch.points).all()


def test_seeds_repeat_and_differ(disc_image):
    a, b, c = (strokewise.draw(disc_image(), Settings(strokes=4, steps=2, candidates=2, seed=s)) for s in (0, 0, 1))
    assert a.to_svg() == b.to_svg()
    assert not np.array_equal(a.points, c.points)


def test_progress_and_notices(disc_image):
    steps, notices = [], []
    strokewise.draw(disc_image(), strokes=4, candidates=1, steps=3, callback=steps.append, notice=notices.append)
    assert [p.step for p in steps] == [0, 1, 2, 3]
    assert len(notices) == 2 and "encoder" in notices[1] and all("\n" not in n for n in notices)


def test_a_photo_without_contrast_has_nothing_to_draw():
    with pytest.raises(PhotoError, match="nothing to draw"):
        strokewise.draw(Image.new("RGB", (100, 100), "white"))


def test_settings_are_checked_before_the_photo():
    with pytest.raises(SettingsError, match="strokes"):
        strokewise.draw("missing.png", strokes=0)
    with pytest.raises(SettingsError, match="known are strokes"):
        strokewise.draw("missing.png", brushes=3)
    with pytest.raises(EncoderError, match="known are"):
        strokewise.draw("missing.png", encoder="nobody")


def test_changes_come_on_top_of_settings():
    assert with_changes(Settings(strokes=3, seed=1), {"seed": 2}) == Settings(strokes=3, seed=2)


def test_a_device_that_is_not_there_is_refused():
    import torch

    if torch.cuda.is_available():
        pytest.skip("there is a CUDA device")
    with pytest.raises(SettingsError, match='use device="auto" or device="cpu"'):
        find_device("cuda")
    assert find_device("auto") == "cpu"


def test_the_public_index_is_whole():
    for name in strokewise.__all__:
        assert getattr(strokewise, name) is not None
    with pytest.raises(AttributeError):
        strokewise.no_such_thing  # noqa: B018


def test_one_of_several_candidates_is_made_of_a_finer_drawing(disc_image):
    def placed(**changes):
        settings = Settings(strokes=6, subject="keep", **changes)
        return place(prepare(disc_image(), settings), settings)

    several, one, shown = placed(candidates=3), placed(candidates=1), placed(candidates=3, steps=0)
    settings = Settings(strokes=16, subject="keep")
    many = place(prepare(disc_image(), settings), settings)
    assert len(many.candidates) == 3 and many.finer is None
    assert len(several.candidates) == 2 and several.finer.shape == (12, 4, 2)
    assert len(one.candidates) == 1 and one.finer is None
    assert len(shown.candidates) == 3 and shown.finer is None
    told = []
    strokewise.draw(disc_image(), strokes=6, candidates=3, steps=1, subject="keep", callback=told.append)
    assert told[0].candidates == 3


def test_a_prepared_photo_is_not_prepared_again(disc_image, monkeypatch):
    fresh = strokewise.draw(disc_image(), subject="keep", **FAST)
    prepared = prepare(disc_image(), Settings(subject="keep"))
    monkeypatch.setattr(preparing, "open_photo", None)
    monkeypatch.setattr(choice, "load_encoder", None)
    np.testing.assert_array_equal(strokewise.draw(prepared, subject="keep", **FAST).points, fresh.points)


def test_many_strokes_move_less_than_few(disc_image):
    photo = prepare(disc_image(), Settings())

    def drawn(**changes):
        return strokewise.draw(photo, candidates=1, **changes)

    placed, moved = (along(drawn(strokes=12, steps=steps).points, 50).reshape(-1, 2) for steps in (0, 40))
    away = cKDTree(placed).query(moved)[0]
    assert 0 < away.max() < 4
    steps = [
        drawn(steps=40, **changes).metadata["steps"]
        for changes in ({"strokes": 12}, {"strokes": 4}, {"strokes": 12, "optimize": "color"})
    ]
    assert steps[0] < 20 < min(steps[1:])
