"""Pictures under views, in NumPy: each view is a sparse matrix, so that a gradient goes back the same way."""

from __future__ import annotations

from typing import Any

import numpy as np

from .._arrays import Array
from .base import Images


class Warps:
    """Square pictures under homographies, white around them; bilinear, as `engines.losses.warp` in tensors.

    Args:
        matrices: from view to picture, both in [-1, 1], float64 [view, 3, 3]; view 0 is the picture itself.
        size: side of the pictures, pixels.
    """

    def __init__(self, matrices: Array, size: int) -> None:
        self._matrices, self._size = matrices, size
        self._made: dict[int, Any] = {}

    def __len__(self) -> int:
        return len(self._matrices)

    def __call__(self, picture: Images, view: int) -> Images:
        """A picture [1, channel, y, x] under a view."""
        if view == 0:
            return picture
        seen = self._of(view) @ (1 - picture.reshape(-1, self._size**2)).T
        return np.ascontiguousarray(1 - seen.T.reshape(picture.shape), dtype=np.float32)

    def back(self, gradient: Images, view: int) -> Images:
        """The gradient with respect to the picture, from that with respect to its view."""
        if view == 0:
            return gradient
        found = self._of(view).T @ gradient.reshape(-1, self._size**2).T
        return np.ascontiguousarray(found.T.reshape(gradient.shape), dtype=np.float32)

    def _of(self, view: int) -> Any:
        """`_matrix`, made when it is first needed."""
        if view not in self._made:
            self._made[view] = self._matrix(view)
        return self._made[view]

    def _matrix(self, view: int) -> Any:
        """Float32 [pixel of the view, pixel of the picture]."""
        from scipy import sparse

        size = self._size
        axis = (np.arange(size) + 0.5) / size * 2 - 1
        x, y = np.meshgrid(axis, axis)
        places = np.stack([x, y, np.ones_like(x)], axis=-1).reshape(-1, 3) @ self._matrices[view].T
        at = (places[:, :2] / places[:, 2:] + 1) * size / 2 - 0.5
        low = np.floor(at).astype(np.int32)
        part = at - low
        rows, columns, shares = [], [], []
        for right in (0, 1):
            for down in (0, 1):
                column, row = low[:, 0] + right, low[:, 1] + down
                share = np.where(right, part[:, 0], 1 - part[:, 0]) * np.where(down, part[:, 1], 1 - part[:, 1])
                inside = (column >= 0) & (row >= 0) & (column < size) & (row < size)
                rows.append(np.flatnonzero(inside).astype(np.int32))
                columns.append((row * size + column)[inside])
                shares.append(share[inside])
        where = (np.concatenate(rows), np.concatenate(columns))
        return sparse.csr_array(
            (np.concatenate(shares).astype(np.float32), where), shape=(size**2, size**2), dtype=np.float32
        )
