"""Views: random perspectives, under which drawing and photo are compared.

One view of a drawing can please an encoder by accident (CLIPasso, section 3.2); several, shared by drawing and photo,
cannot as easily.
"""

from __future__ import annotations

import numpy as np

from .._arrays import Array


def view_bank(count: int, rng: np.random.Generator, *, distortion: float, area: float) -> Array:
    """Homographies [view, 3, 3], as `random_view` gives them; view 0 is the image itself.

    A fixed bank lets the photo's features be computed once.

    Args:
        count: number of views, at least 1.
        rng: source of the views.
        distortion: how far corners are moved inwards, as a share of half the side: 0 not at all, 0.5 the paper's.
        area: share of the picture's area that is kept by a random crop afterwards; 1 keeps all, 0.8 is the paper's.
    """
    return np.stack([np.eye(3)] + [random_view(rng, distortion, area) for _ in range(count - 1)])


def random_view(rng: np.random.Generator, distortion: float, area: float) -> Array:
    """A homography [3, 3] from view to image, both in [-1, 1]: perspective, then crop (CLIPasso, supplement A).

    Args:
        rng: source of the view.
        distortion, area: as for `view_bank`.
    """
    corners = np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])
    moved = corners * (1 - distortion * rng.uniform(0, 1, (4, 2)))
    side = np.sqrt(area)
    shift = rng.uniform(-(1 - side), 1 - side, 2)
    crop = np.array([[side, 0, shift[0]], [0, side, shift[1]], [0, 0, 1]])
    return homography(moved, corners) @ crop


def homography(source: Array, target: Array) -> Array:
    """The homography [3, 3] that takes four points [4, xy] to four others; no three of either lie on a line."""
    rows = []
    for (x, y), (u, v) in zip(source, target, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y])
    h = np.linalg.solve(np.array(rows), target.reshape(-1))
    return np.append(h, 1.0).reshape(3, 3)
