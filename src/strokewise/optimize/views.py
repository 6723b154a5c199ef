"""Views: a fixed bank of random perspectives, under which drawing and photo are compared.

One view of a drawing can please the encoder by accident (CLIPasso, section 3.2); several, shared by drawing and
photo, cannot as easily. The bank is fixed so that the photo's features are computed once.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F


class ViewBank:
    """Perspective views of square images; view 0 is the image itself.

    Args:
        count: number of views, at least 1.
        size: side of the images, pixels.
        rng: source of the views.
        distortion: how far corners are moved inwards, as a share of half the side: 0 not at all, 0.5 the paper's.
        area: share of the picture's area that is kept by a random crop afterwards; 1 keeps all, 0.8 is the paper's.
        device: where the images are.
    """

    def __init__(
        self, count: int, size: int, rng: np.random.Generator, *, distortion: float, area: float, device: torch.device
    ) -> None:
        matrices = [np.eye(3)] + [random_view(rng, distortion, area) for _ in range(count - 1)]
        self.size = size
        self.grids = sampling_grids(np.stack(matrices), size).to(device)

    def __len__(self) -> int:
        return len(self.grids)

    def __call__(self, images: Tensor, view: int) -> Tensor:
        """The images [batch, channel, y, x] under one view, white around them."""
        return images if view == 0 else warp(images, self.grids[view])


def warp(images: Tensor, grid: Tensor) -> Tensor:
    """Images [batch, channel, y, x] resampled at a grid [y, x, 2] in [-1, 1]; white outside."""
    grid = grid.expand(len(images), *grid.shape)
    return 1 - F.grid_sample(1 - images, grid, mode="bilinear", padding_mode="zeros", align_corners=False)


def random_view(rng: np.random.Generator, distortion: float, area: float) -> NDArray[np.float64]:
    """A homography [3, 3] from view to image, both in [-1, 1]: perspective, then crop (CLIPasso, supplement A).

    Args:
        rng: source of the view.
        distortion, area: as for `ViewBank`.
    """
    corners = np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])
    moved = corners * (1 - distortion * rng.uniform(0, 1, (4, 2)))
    side = np.sqrt(area)
    shift = rng.uniform(-(1 - side), 1 - side, 2)
    crop = np.array([[side, 0, shift[0]], [0, side, shift[1]], [0, 0, 1]])
    return homography(moved, corners) @ crop


def homography(source: NDArray[np.float64], target: NDArray[np.float64]) -> NDArray[np.float64]:
    """The homography [3, 3] that takes four points [4, xy] to four others; no three of either lie on a line."""
    rows = []
    for (x, y), (u, v) in zip(source, target, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y])
    h = np.linalg.solve(np.array(rows), target.reshape(-1))
    return np.append(h, 1.0).reshape(3, 3)


def sampling_grids(matrices: NDArray[np.float64], size: int) -> Tensor:
    """Grids [view, y, x, 2] for `warp`, from homographies [view, 3, 3]."""
    axis = (np.arange(size) + 0.5) / size * 2 - 1
    x, y = np.meshgrid(axis, axis)
    places = np.stack([x, y, np.ones_like(x)], axis=-1) @ matrices.transpose(0, 2, 1)[:, None]
    return torch.from_numpy((places[..., :2] / places[..., 2:]).astype(np.float32))
