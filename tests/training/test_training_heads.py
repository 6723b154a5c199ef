"""The training of the head network: its marks, its examples, and the file it writes."""

import json

import numpy as np
import pytest
import torch
from PIL import Image

from strokewise._onnx import OnnxNetwork
from training import heads
from training.onnx_files import write_onnx


def test_marks_lie_in_the_photos_and_no_test_photo_is_learnt_from():
    marks = json.loads(heads.MARKS.read_text(encoding="utf-8"))
    for mark in marks["train"] + marks["test"]:
        points = np.array(mark["points"])
        assert points.shape == (3, 2) and (points > -0.05).all() and (points < 1.05).all()
        assert points[0, 0] < points[1, 0] or abs(points[0, 1] - points[1, 1]) > 0.02
    for mark in marks["side"] + marks["test_side"]:
        points = np.array(mark["points"])
        assert points.shape == (2, 2) and (points >= 0).all() and (points <= 1).all()
    learnt = {mark["photo"] for mark in marks["train"] + marks["side"]} | {*marks["turned"], *marks["without"]}
    measured = {mark["photo"] for mark in marks["test"] + marks["test_side"]} | set(marks["test_without"])
    assert not learnt & measured
    assert len(marks["test"]) >= 60 and len(marks["test_side"]) >= 40 and len(marks["test_without"]) >= 300


@pytest.mark.parametrize("mirrored", [False, True])
def test_a_crop_shows_a_point_where_it_says(mirrored):
    photo = Image.new("RGB", (300, 200))
    photo.paste((255, 255, 255), (158, 88, 163, 93))
    seen, to_crop = heads.crop(photo, (150, 100), 90.0, 0.4, mirrored)
    rows, columns = np.nonzero(np.asarray(seen)[:, :, 0] > 128)
    middle = (columns.mean() + 0.5, rows.mean() + 0.5)
    assert np.abs(to_crop((160.5, 90.5)) - middle).max() < 1


def test_targets_stand_at_the_points():
    cells = np.stack(np.meshgrid(*[np.arange(heads.SIDE // heads.STRIDE)] * 2), axis=-1) + 0.5
    target = heads.bump(cells, np.array([41.0, 70.0]))
    assert np.unravel_index(target.argmax(), target.shape) == (17, 10) and target.max() == 1
    assert not heads.bump(cells, np.array([-3.0, 5.0])).any()


@pytest.mark.parametrize(
    ("points", "maps"), [([[0.4, 0.4], [0.6, 0.4], [0.5, 0.6]], (0, 1, 2)), ([[0.4, 0.4], [0.6, 0.5]], (3, 4))]
)
def test_an_example_has_its_points_in_the_maps_of_its_kind(points, maps):
    image, targets, known = heads.head_example(Image.new("RGB", (200, 200)), points, np.random.default_rng(0))
    assert image.shape == (3, heads.SIDE, heads.SIDE) and targets.shape == known.shape == (5, 32, 32)
    assert tuple(np.flatnonzero(targets.max((1, 2)) > 0.999)) == maps


def test_an_animal_that_is_turned_says_nothing_about_heads_from_the_side():
    _, targets, known = heads.empty_example(Image.new("RGB", (200, 200)), np.random.default_rng(0), turned=True)
    assert not targets.any() and known[:3].all() and not known[3:].any()


def test_the_loss_wants_the_point_and_nothing_else():
    target = torch.zeros(1, 3, 8, 8)
    target[:, :, 3, 4] = 1
    known = torch.ones(1, 1, 8, 8)
    right, wrong = 8 * (2 * target - 1), 8 * (2 * target.roll(1, 2) - 1)
    assert heads.point_loss(right, target, known) < 0.01 < 1 < heads.point_loss(wrong, target, known)
    assert heads.point_loss(wrong, target, 0 * known) == 0


def test_the_file_answers_like_the_network(tmp_path):
    torch.manual_seed(0)
    model = heads.Heads().eval()
    write_onnx(torch.nn.Sequential(model, torch.nn.Sigmoid()), tmp_path / "heads.onnx", heads.SIDE)
    assert (tmp_path / "heads.onnx").stat().st_size < 1_500_000
    images = np.random.default_rng(0).random((2, 3, heads.SIDE, heads.SIDE), dtype=np.float32)
    (found,) = OnnxNetwork(lambda: tmp_path / "heads.onnx")({"image": images})
    expected = model(torch.from_numpy(images)).sigmoid().detach().numpy()
    assert found.shape == (2, 5, 32, 32) and np.abs(found - expected).max() < 2e-3


def test_a_training_goes_on_from_the_file_or_from_the_mean_of_two(tmp_path):
    torch.manual_seed(0)
    model, other = heads.Heads().eval(), heads.Heads()
    write_onnx(torch.nn.Sequential(model, torch.nn.Sigmoid()), tmp_path / "heads.onnx", heads.SIDE)
    torch.save(other.state_dict(), tmp_path / "heads.pt")
    first, second = model.state_dict(), other.state_dict()
    for files, share in ((["heads.onnx"], 1.0), (["heads.onnx", "heads.pt"], 0.5)):
        found = heads.mean_weights([tmp_path / name for name in files])
        assert found.keys() == first.keys()
        for name, weight in found.items():
            expected = share * first[name] + (1 - share) * second[name]
            torch.testing.assert_close(weight, expected, atol=1e-3, rtol=1e-3)
