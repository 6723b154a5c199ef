import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from strokewise.engines.losses import ViewBank, sampling_grids, warp
from strokewise.engines.views import homography, random_view, view_bank

CPU = torch.device("cpu")


def bank(count=5, size=24, seed=0):
    matrices = view_bank(count, np.random.default_rng(seed), distortion=0.5, area=0.8)
    return ViewBank(matrices, size, CPU)


def test_view_0_is_the_image_itself():
    image = torch.rand(2, 3, 24, 24)
    assert bank()(image, 0) is image


def test_the_identity_grid_changes_nothing():
    image = torch.rand(1, 1, 17, 17)
    torch.testing.assert_close(warp(image, sampling_grids(np.eye(3)[None], 17)[0]), image, atol=1e-5, rtol=0)


def test_views_are_white_around_the_picture():
    black = torch.zeros(1, 1, 24, 24)
    zoomed_out = np.diag([2.0, 2.0, 1.0])
    seen = warp(black, sampling_grids(zoomed_out[None], 24)[0])
    assert seen[0, 0, 0, 0] == 1 and seen[0, 0, 12, 12] == 0


def test_same_seed_same_views():
    assert torch.equal(bank(seed=3).grids, bank(seed=3).grids)
    assert not torch.equal(bank(seed=3).grids, bank(seed=4).grids)


def test_gradient_reaches_the_image():
    image = torch.rand(1, 1, 24, 24, requires_grad=True)
    bank()(image, 2).sum().backward()
    assert (image.grad > 0).float().mean() > 0.3


@given(st.integers(0, 2**32 - 1))
def test_homography_takes_the_corners_where_it_should(seed):
    rng = np.random.default_rng(seed)
    source = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1.0]]) + rng.uniform(-0.4, 0.4, (4, 2))
    target = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1.0]]) + rng.uniform(-0.4, 0.4, (4, 2))
    mapped = np.column_stack([source, np.ones(4)]) @ homography(source, target).T
    np.testing.assert_allclose(mapped[:, :2] / mapped[:, 2:], target, atol=1e-9)


def test_no_distortion_and_the_whole_area_is_the_identity():
    view = random_view(np.random.default_rng(0), 0.0, 1.0)
    np.testing.assert_allclose(view / view[2, 2], np.eye(3), atol=1e-12)


@pytest.mark.parametrize("area", [0.5, 0.8])
def test_the_crop_keeps_the_share_of_area_it_is_asked_for(area):
    view = random_view(np.random.default_rng(1), 0.0, area)
    assert np.linalg.det(view[:2, :2]) == pytest.approx(area)
