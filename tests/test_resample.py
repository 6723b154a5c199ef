"""Resampling by matrices against PyTorch's interpolation."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from strokewise._resample import area, bicubic, bilinear, resample

sides = st.integers(1, 60)


def pictures(side, seed=0):
    return np.random.default_rng(seed).random((2, 3, side, side), np.float32)


@settings(deadline=None)
@given(sides, sides)
def test_area_is_that_of_torch(old, new):
    expected = F.interpolate(torch.from_numpy(pictures(old)), (new, new), mode="area").numpy()
    np.testing.assert_allclose(resample(pictures(old), area(old, new)), expected, atol=1e-5)


@settings(deadline=None)
@given(sides, sides)
def test_bilinear_is_that_of_torch(old, new):
    given_, size = torch.from_numpy(pictures(old)), (new, new)
    expected = F.interpolate(given_, size, mode="bilinear", align_corners=False, antialias=True).numpy()
    np.testing.assert_allclose(resample(pictures(old), bilinear(old, new)), expected, atol=1e-5)


@settings(deadline=None)
@given(sides, st.integers(0, 150))
def test_bicubic_is_that_of_torch_for_enlarging(old, more):
    given_, size = torch.from_numpy(pictures(old)), (old + more,) * 2
    expected = F.interpolate(given_, size, mode="bicubic", align_corners=False).numpy()
    np.testing.assert_allclose(resample(pictures(old), bicubic(old, old + more)), expected, atol=1e-4)


@pytest.mark.parametrize("kind", [area, bilinear])
@pytest.mark.parametrize(("old", "new"), [(448, 224), (300, 224), (160, 224), (224, 7)])
def test_gradients_go_back_by_the_transposed_matrix(kind, old, new):
    options = {"mode": "area"} if kind is area else {"mode": "bilinear", "align_corners": False, "antialias": True}
    x = torch.from_numpy(pictures(old)).requires_grad_()
    towards = pictures(new, 1)
    (F.interpolate(x, (new, new), **options) * torch.from_numpy(towards)).sum().backward()
    np.testing.assert_allclose(resample(towards, kind(old, new).T), x.grad.numpy(), atol=1e-4)
