"""The training of the boundary network: its examples, its loss, its measure, and the file it writes."""

import numpy as np
import torch
from PIL import Image

from strokewise._onnx import OnnxNetwork
from training import boundaries
from training.onnx_files import write_onnx


def pair():
    """A photo whose left half is dark, and the line between the halves."""
    photo = np.full((120, 160, 3), 200, dtype=np.uint8)
    photo[:, :80] = 40
    marks = np.zeros((120, 160), dtype=np.uint8)
    marks[:, 80] = 255
    return Image.fromarray(photo), Image.fromarray(marks)


def test_an_example_has_its_marks_where_the_photo_changes():
    rng = np.random.default_rng(0)
    for _ in range(6):
        image, marks = boundaries.example(*pair(), rng)
        assert image.shape == (3, boundaries.SIDE, boundaries.SIDE) and marks.shape == (1, *image.shape[1:])
        assert image.dtype == marks.dtype == np.float32 and marks.min() >= 0 and marks.max() <= 1
        if marks.max() < 0.5:
            continue  # a piece without the line
        rows, columns = np.nonzero(marks[0] > 0.5)
        grey = image.mean(0)
        change = np.hypot(*np.gradient(grey))
        assert change[rows, columns].mean() > 3 * change.mean()


def test_the_loss_wants_the_boundary_and_leaves_out_what_is_in_doubt():
    marks = torch.zeros(1, 1, 16, 16)
    marks[..., 8] = 1.0
    half = torch.nn.functional.max_pool2d(marks, 2)
    right = 8 * (2 * half - 1)
    assert boundaries.boundary_loss(right, marks) < 0.01 < 1 < boundaries.boundary_loss(-right, marks)
    doubtful = marks.clone()
    doubtful[..., 2] = 0.1
    other = right.clone()
    other[..., 1] = 8.0
    assert torch.isclose(boundaries.boundary_loss(right, doubtful), boundaries.boundary_loss(other, doubtful))


def test_hits_are_counted_on_both_sides():
    found, marked = np.zeros((20, 20), dtype=bool), np.zeros((20, 20), dtype=bool)
    marked[:, 10] = True
    found[:, 12] = True
    found[5, 2] = True
    assert boundaries.hits(found, marked).tolist() == [20, 21, 20, 20]
    assert boundaries.hits(np.zeros_like(found), marked).tolist() == [0, 0, 0, 20]


def test_the_file_answers_like_the_network(tmp_path):
    torch.manual_seed(0)
    model = boundaries.Boundaries().eval()
    path = tmp_path / "boundaries.onnx"
    write_onnx(boundaries.Finest(model), path, boundaries.SEEN, any_size=True)
    assert path.stat().st_size < 3_000_000
    for size in ((boundaries.SEEN, boundaries.SEEN), (288, 672)):
        images = np.random.default_rng(0).random((1, 3, *size), dtype=np.float32)
        (found,) = OnnxNetwork(lambda: path)({"image": images})
        expected = model(torch.from_numpy(images))[0].sigmoid().detach().numpy()
        assert found.shape == (1, 1, size[0] // 2, size[1] // 2) and np.abs(found - expected).max() < 3e-3
