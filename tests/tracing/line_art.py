"""Pictures of lines for the tests: drawn by code, with paper, shadow, noise and JPEG."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image
from scipy import ndimage
from scipy.spatial import cKDTree

from strokewise import Sketch
from strokewise.bezier import evaluate
from strokewise.export import to_pixels

THIRDS = np.linspace(0, 1, 4)[:, None]


def straight(*corners: tuple[float, float]) -> list[np.ndarray]:
    """One cubic for each straight piece."""
    ends = np.array(corners, dtype=float)
    return [a + (b - a) * THIRDS for a, b in zip(ends[:-1], ends[1:], strict=True)]


def circle(x: float, y: float, radius: float) -> list[np.ndarray]:
    k = 0.5523
    quarter = np.array([(1, 0), (1, k), (k, 1), (0, 1)])
    return [quarter @ np.array([(c, s), (-s, c)]) * radius + (x, y) for c, s in ((1, 0), (0, 1), (-1, 0), (0, -1))]


def sketch_of(cubics: list[np.ndarray], width: float = 5, side: tuple[int, int] = (400, 300), **more) -> Sketch:
    return Sketch.of(side, cubics, widths=width, **more)


def picture(sketch: Sketch) -> np.ndarray:
    """uint8 [y, x, rgb], black on white."""
    return to_pixels(sketch, round(max(sketch.canvas)))


def photographed(pixels: np.ndarray, seed: int = 0, quality: int = 70) -> np.ndarray:
    """The same on paper that lies half in shadow, with noise, as a JPEG."""
    rng = np.random.default_rng(seed)
    _, x = np.mgrid[0 : pixels.shape[0], 0 : pixels.shape[1]] / pixels.shape[1]
    shade = 1 - 0.5 / (1 + np.exp(-(x - 0.5) * 25))
    image = pixels / 255 * (0.96, 0.93, 0.88) * shade[..., None]
    image = ndimage.gaussian_filter(image, (0.6, 0.6, 0)) + rng.normal(scale=0.015, size=image.shape)
    buffer = io.BytesIO()
    Image.fromarray((np.clip(image, 0, 1) * 255).astype(np.uint8)).save(buffer, "JPEG", quality=quality)
    return np.asarray(Image.open(buffer))


def samples(sketch: Sketch) -> np.ndarray:
    return evaluate(sketch.points, np.linspace(0, 1, 200)).reshape(-1, 2)


def off(one: Sketch, other: Sketch) -> tuple[float, float]:
    """Mean and largest distance of one sketch's strokes from the other's, pixels."""
    away = cKDTree(samples(other)).query(samples(one))[0]
    return float(away.mean()), float(away.max())
