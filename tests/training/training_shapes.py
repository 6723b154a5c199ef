"""Photos of simple shapes, drawn with Pillow."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

SHAPES = ("disc", "house", "star")
PLACEMENT_SIZE = 112
"""Side of the square on which the tests place strokes."""


def draw_shape(kind: str, rng: np.random.Generator, side: int = 96) -> Image.Image:
    """A dark shape with something light in it, on light paper."""
    paper, ink = (int(v) for v in (rng.integers(200, 250), rng.integers(10, 90)))
    image = Image.new("RGB", (2 * side, 2 * side), (paper, paper, 255))
    pen = ImageDraw.Draw(image)
    x, y = side + rng.uniform(-0.1, 0.1, 2) * side
    r = side * rng.uniform(0.55, 0.8)
    if kind == "disc":
        pen.ellipse((x - r, y - r, x + r, y + r), fill=(ink, 0, 0))
        pen.ellipse((x - r / 3, y - r / 3, x + r / 3, y + r / 3), fill=(paper, paper, 0))
    elif kind == "house":
        pen.polygon([(x - r, y - r / 4), (x, y - r), (x + r, y - r / 4), (x + r, y + r), (x - r, y + r)], (0, ink, 0))
        pen.rectangle((x - r / 4, y, x + r / 4, y + r), fill=(paper, paper, 0))
    else:
        angles = np.arange(10) * np.pi / 5 + rng.uniform(0, 1)
        radii = np.where(np.arange(10) % 2, 0.4, 1.0) * r
        pen.polygon([(x + a * np.cos(t), y + a * np.sin(t)) for a, t in zip(radii, angles, strict=True)], (0, 0, ink))
    return image.resize((side, side), Image.Resampling.BOX)


def dark_parts(photo) -> np.ndarray:
    """Stands for the subject network, which takes most of a second."""
    return (photo.pixels.min(2) < 0.7).astype(np.float32)
