"""Pictures of places with known lines, without any photo."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

SIDE = 448
UNIT = SIDE / 224


def smooth(picture: Image.Image) -> np.ndarray:
    """A picture drawn four times as large as float64 [y, x, rgb] in [0, 1]."""
    small = picture.resize((picture.width // 4, picture.height // 4), Image.Resampling.BOX)
    return np.asarray(small, dtype=np.float64) / 255


def coast(pole: int = 0) -> np.ndarray:
    """Sky over sea, the horizon at 200 of 448 pixels, and a pole of a width before it."""
    picture = Image.new("RGB", (4 * SIDE, 4 * SIDE), (200, 220, 250))
    pen = ImageDraw.Draw(picture)
    pen.rectangle([0, 4 * 200, 4 * SIDE, 4 * SIDE], fill=(30, 60, 90))
    if pole:
        pen.rectangle([4 * 220, 0, 4 * (220 + pole), 4 * SIDE], fill=(120, 140, 170))
    return smooth(picture)


def house_photo() -> tuple[Image.Image, Image.Image]:
    """A house before a hill and a sea, 240 x 180 pixels, and the mask of the house."""
    photo = Image.new("RGB", (4 * 240, 4 * 180), (190, 215, 245))
    mask = Image.new("L", photo.size, 0)
    pen, other = ImageDraw.Draw(photo), ImageDraw.Draw(mask)
    pen.polygon([(0, 400), (180, 260), (360, 330), (560, 400)], fill=(90, 110, 80))
    pen.rectangle([0, 400, 960, 720], fill=(60, 100, 140))
    house, roof = [560, 320, 840, 560], [(540, 320), (700, 200), (860, 320)]
    pen.rectangle(house, fill=(180, 40, 40))
    pen.polygon(roof, fill=(70, 60, 60))
    for left in (600, 740):
        pen.rectangle([left, 380, left + 60, 460], fill=(240, 240, 235))
    other.rectangle(house, fill=255)
    other.polygon(roof, fill=255)
    size = (240, 180)
    return photo.resize(size, Image.Resampling.BOX), mask.resize(size, Image.Resampling.BOX)
