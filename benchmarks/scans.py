"""Ten pictures of line art whose strokes are known: pen widths, paper, shadows, noise and JPEG, all made by code.

scan = scans()[0]
scan.picture        # uint8 [y, x, rgb]
scan.sketch         # the strokes that were drawn, in pixels of the picture
"""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from strokewise import Sketch
from strokewise.export import to_pixels

Points = list[list[float]]
WIDE, HIGH = 1000, 800


@dataclasses.dataclass(frozen=True)
class Scan:
    """A picture of line art.

    Attributes:
        name: what it shows.
        sketch: its strokes as they were drawn, pixels.
        picture: uint8 [y, x, rgb].
    """

    name: str
    sketch: Sketch
    picture: NDArray[np.uint8]


def line(*corners: tuple[float, float]) -> Points:
    """Straight pieces, as chained cubics."""
    points: Points = [list(corners[0])]
    for (x, y), (u, v) in zip(corners[:-1], corners[1:], strict=True):
        points += [[x + (u - x) * t, y + (v - y) * t] for t in (1 / 3, 2 / 3, 1)]
    return points


def arc(x: float, y: float, across: float, up: float, start: float = 0.0, stop: float = 360.0) -> Points:
    """Part of an ellipse, degrees clockwise from the right, as chained cubics of at most 90 degrees."""
    count = max(1, round(abs(stop - start) / 60))
    ends = np.radians(np.linspace(start, stop, count + 1))
    reach = 4 / 3 * np.tan((ends[1] - ends[0]) / 4)
    points: Points = []
    for a, b in zip(ends[:-1], ends[1:], strict=True):
        corners = [
            (np.cos(a), np.sin(a)),
            (np.cos(a) - reach * np.sin(a), np.sin(a) + reach * np.cos(a)),
            (np.cos(b) + reach * np.sin(b), np.sin(b) - reach * np.cos(b)),
            (np.cos(b), np.sin(b)),
        ]
        points += [[x + across * u, y + up * v] for u, v in corners[1 if points else 0 :]]
    return points


def house() -> list[Points]:
    return [
        line((250, 380), (250, 700), (700, 700), (700, 380)),
        line((200, 390), (475, 150), (750, 390)),
        line((420, 700), (420, 540), (520, 540), (520, 700)),
        line((300, 440), (380, 440), (380, 520), (300, 520), (300, 440)),
        line((340, 440), (340, 520)),
        line((300, 480), (380, 480)),
        arc(860, 140, 60, 60),
        *(line((860 + 75 * c, 140 + 75 * s), (860 + 110 * c, 140 + 110 * s)) for c, s in _ways(8)),
        arc(610, 230, 25, 40, 130, 400),
    ]


def flower() -> list[Points]:
    petals: list[Points] = [
        [[500 + 60 * c, 330 + 60 * s]]
        + [[500 + a * c - b * s, 330 + a * s + b * c] for a, b in ((180, -110), (280, -80), (280, 0))]
        + [[500 + a * c - b * s, 330 + a * s + b * c] for a, b in ((280, 80), (180, 110), (60, 0))]
        for c, s in _ways(6)
    ]
    stem: Points = [[500.0, 390.0], [520, 500], [470, 600], [490, 760]]
    leaf: Points = [[485.0, 640.0], [420, 560], [330, 560], [280, 600]]
    return [arc(500, 330, 58, 58), *petals, stem, leaf]


def spiral() -> list[Points]:
    turns = np.linspace(0, 6 * np.pi, 25)
    points: Points = []
    for a, b in zip(turns[:-1], turns[1:], strict=True):
        t = np.array([a, b])
        at = np.stack([500 + (40 + 16 * t) * np.cos(t), 400 + (40 + 16 * t) * np.sin(t)], axis=1)
        way = np.stack([16 * np.cos(t) - (40 + 16 * t) * np.sin(t), 16 * np.sin(t) + (40 + 16 * t) * np.cos(t)], axis=1)
        third = (b - a) / 3
        new = [at[0], at[0] + third * way[0], at[1] - third * way[1], at[1]]
        points += [p.tolist() for p in new[1 if points else 0 :]]
    return [points]


def grid() -> list[Points]:
    return [line((x, 100), (x + 60, 700)) for x in range(150, 850, 120)] + [
        line((100, y), (900, y - 40)) for y in range(160, 700, 110)
    ]


def zigzag() -> list[Points]:
    star = [(500 + 260 * c, 360 + 260 * s) for c, s in _ways(5, -90)]
    return [
        line(*(star[i % 5] for i in (0, 2, 4, 1, 3, 5))),
        line(*((80 + 60 * i, 700 + (50 if i % 2 else -50)) for i in range(15))),
        line((80, 80), (80, 260), (200, 260)),
        line((800, 80), (920, 80), (920, 200), (800, 200), (800, 80)),
    ]


def face() -> list[Points]:
    return [
        arc(500, 400, 250, 310),
        arc(400, 340, 55, 28),
        arc(600, 340, 55, 28),
        arc(400, 340, 14, 14),
        arc(600, 340, 14, 14),
        arc(400, 320, 75, 45, 200, 340),
        arc(600, 320, 75, 45, 200, 340),
        [[500.0, 350.0], [480, 420], [440, 470], [480, 490], [500, 497], [510, 497], [530, 485]],
        [[380.0, 560.0], [430, 610], [570, 610], [620, 560]],
        [[380.0, 560.0], [440, 540], [480, 545], [500, 555], [520, 545], [560, 540], [620, 560]],
        *([[330.0 + 34 * i, 160.0 - 40 * np.sin(i / 3)], [320 + 34 * i, 110], [360 + 30 * i, 90], [350 + 30 * i, 50]]
          for i in range(10)),
    ]  # fmt: skip


def logo() -> list[Points]:
    return [
        arc(500, 400, 280, 280, 40, 320),
        line((500, 400), (700, 400)),
        [[300.0, 400.0], [380, 250], [420, 550], [500, 400]],
    ]


def waves() -> list[Points]:
    found: list[Points] = []
    for row in range(14):
        points: Points = [[80.0, 120.0 + 42 * row]]
        for k in range(7):
            x, y = 80 + 120 * k, 120 + 42 * row
            high = 26 * np.sin(0.8 * k + 0.5 * row)
            points += [[x + 40, y - high], [x + 80, y + high], [x + 120, y]]
        found.append(points)
    return found


def cat() -> list[Points]:
    return [
        arc(480, 470, 210, 180),
        line((300, 380), (290, 200), (400, 300)),
        line((560, 300), (670, 200), (660, 380)),
        arc(400, 440, 22, 30),
        arc(560, 440, 22, 30),
        line((460, 510), (500, 510), (480, 535), (460, 510)),
        [[480.0, 535.0], [480, 580], [420, 590], [400, 560]],
        [[480.0, 535.0], [480, 580], [540, 590], [560, 560]],
        *(line((420, 525 + 12 * i), (230, 490 + 35 * i)) for i in range(3)),
        *(line((540, 525 + 12 * i), (730, 490 + 35 * i)) for i in range(3)),
    ]


def word() -> list[Points]:
    return [
        line((100, 250), (100, 600)),
        [[100.0, 420.0], [140, 340], [240, 330], [240, 430], [240, 480], [240, 540], [240, 600]],
        [[300.0, 480.0], [450, 480], [460, 350], [380, 350], [290, 350], [280, 600], [390, 600], [430, 600], [450, 580],
         [460, 560]],
        line((520, 220), (520, 600)),
        line((600, 220), (600, 600)),
        arc(750, 475, 85, 125),
        line((880, 200), (880, 480)),
        line((879, 598), (881, 600)),
    ]  # fmt: skip


def _ways(count: int, start: float = 0.0) -> list[tuple[float, float]]:
    angles = np.radians(start + np.arange(count) * 360 / count)
    return [(float(np.cos(a)), float(np.sin(a))) for a in angles]


SCENES: list[tuple[str, Callable[[], list[Points]], float, str, dict[str, float]]] = [
    ("house, clean", house, 6, "black", {}),
    ("flower, fine pen", flower, 2.5, "#1a2a5c", {"noise": 0.01}),
    ("spiral, scanned", spiral, 4, "black", {"noise": 0.02, "jpeg": 60}),
    ("grid, in shadow", grid, 5, "#222222", {"shadow": 0.5, "noise": 0.02, "jpeg": 75}),
    ("star, corners", zigzag, 5, "black", {"noise": 0.015, "jpeg": 80}),
    ("face, pencil", face, 3.5, "#6b6b6b", {"noise": 0.025, "texture": 0.04, "jpeg": 70}),
    ("logo, thick", logo, 60, "#c02030", {}),
    ("waves, ball pen, shadow", waves, 3, "#203a9a", {"shadow": 0.65, "noise": 0.015, "edge": 1, "jpeg": 60}),
    ("cat, chalk on a board", cat, 6, "#e8e8e0", {"board": 1, "noise": 0.03, "texture": 0.03, "jpeg": 70}),
    ("word, marker, photo", word, 14, "#101010", {"shadow": 0.6, "noise": 0.02, "blur": 1.5, "jpeg": 50}),
]
"""Name, strokes, pen width, colour of the ink, and what the paper went through."""


def scans() -> list[Scan]:
    """The ten pictures, always the same."""
    return [_scan(number, *scene) for number, scene in enumerate(SCENES)]


def _scan(
    number: int, name: str, strokes: Callable[[], list[Points]], width: float, color: str, paper: dict[str, float]
) -> Scan:
    rng = np.random.default_rng(number)
    chains = [np.array(points, dtype=np.float64) for points in strokes()]
    cubics = np.concatenate([chain[np.arange(0, len(chain) - 1, 3)[:, None] + np.arange(4)] for chain in chains])
    sketch = Sketch.of((WIDE, HIGH), cubics, widths=width)
    ink = 1 - to_pixels(sketch, WIDE)[..., :1].astype(np.float64) / 255
    tint = np.array([int(Image.new("RGB", (1, 1), color).getpixel((0, 0))[c]) / 255 for c in range(3)])  # type: ignore[index]
    board = "board" in paper
    sheet = np.array([0.12, 0.2, 0.16] if board else [0.97, 0.95, 0.9])
    y, x = np.mgrid[0:HIGH, 0:WIDE] / WIDE
    grain = ndimage.gaussian_filter(rng.normal(size=(HIGH, WIDE)), 2)
    grain = grain / grain.std() * paper.get("texture", 0.0)
    if "texture" in paper:  # a dry pen leaves gaps
        ink = ink * np.clip(1 + 3 * grain[..., None], 0.4, 1)
    picture = (sheet + grain[..., None]) * (1 - ink) + tint * ink
    if "shadow" in paper:
        fall = 1 / (1 + np.exp(-(x * 0.9 + y * 0.5 - 0.6) * (120 if "edge" in paper else 10)))
        picture = picture * (1 - (1 - paper["shadow"]) * fall[..., None])
    picture = ndimage.gaussian_filter(picture, (paper.get("blur", 0.4),) * 2 + (0,))
    picture = picture + rng.normal(scale=paper.get("noise", 0.0), size=picture.shape)
    pixels = np.round(np.clip(picture, 0, 1) * 255).astype(np.uint8)
    if "jpeg" in paper:
        buffer = io.BytesIO()
        Image.fromarray(pixels).save(buffer, "JPEG", quality=int(paper["jpeg"]))
        pixels = np.asarray(Image.open(buffer).convert("RGB"))
    return Scan(name, sketch, pixels)
