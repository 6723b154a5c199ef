"""Drawings of a photo's lines in the many ways in which people draw, made afresh every time.

    lines, true = draw(entry, rng)                 # polylines, shares of the square
    picture = render(lines, matrix, 128, rng)      # float32 [y, x], white = 1

The generator that training never sees is another one: `training/heldout.py`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from ..generators import draw_gradient, draw_xdog
from .cache import EDGE, OUTLINE, REGION, SIDE, Entry, Line

Points = NDArray[np.floating]
Picture = NDArray[np.float32]
Matrix = NDArray[np.float64]

PIXEL = 1 / 224
STYLES = {
    "lines": 0.3,
    "few": 0.2,
    "shapes": 0.16,
    "outline": 0.06,
    "one line": 0.07,
    "open": 0.05,
    "sketchy": 0.08,
    "xdog": 0.05,
    "gradient": 0.03,
}
"""Styles, and how often each is chosen."""
PICTURES = ("xdog", "gradient")


@dataclasses.dataclass(frozen=True)
class Stroke:
    """One drawn line: points float32 [k, xy] as shares of the square, and whether it lies within the outline."""

    points: Points
    inner: bool


def draw(entry: Entry, rng: np.random.Generator, style: str = "") -> tuple[list[Stroke], bool]:
    """A drawing of a photo.

    Args:
        entry: the photo.
        style: one of `STYLES` that is not in `PICTURES`; chosen at random if it is not given.

    Returns:
        Its strokes, and whether they lie where the photo's lines lie. There are none if the photo offers no line.
    """
    style = style or choose_style(rng, pictures=False)
    strokes = _STYLES[style](entry, rng)
    true = True
    if rng.random() < 0.3 and len(strokes) > 3:  # some lines are forgotten
        kept = rng.random(len(strokes)) >= rng.uniform(0, 0.3)
        kept[0] = True
        strokes = [stroke for stroke, keep in zip(strokes, kept, strict=True) if keep]
    if style != "one line" and rng.random() < 0.3:
        strokes = _move_each(strokes, rng)
        true = False
    if rng.random() < 0.45:
        strokes = _bend(strokes, entry, rng)
        true = False
    if rng.random() < 0.5:
        wobble = float(rng.uniform(0.3, 2.5)) * PIXEL
        strokes = [dataclasses.replace(s, points=_wobbly(s.points, wobble, rng)) for s in strokes]
        true = true and wobble < 1.2 * PIXEL
    return strokes, true


def choose_style(rng: np.random.Generator, *, pictures: bool) -> str:
    """A style at random."""
    names = [name for name in STYLES if pictures or name not in PICTURES]
    chances = np.array([STYLES[name] for name in names])
    return str(rng.choice(names, p=chances / chances.sum()))


def draw_picture(entry: Entry, style: str, rng: np.random.Generator) -> Picture:
    """A drawing that is no strokes: float32 [SIDE, SIDE]."""
    image = np.repeat(cut(entry)[:, :, None], 3, axis=2)
    return draw_xdog(image, rng) if style == "xdog" else draw_gradient(image, rng)


def cut(entry: Entry) -> Picture:
    """The photo without its background, float32 [SIDE, SIDE] in [0, 1]."""
    alpha = entry.mask.astype(np.float32) / 255
    return np.asarray(entry.grey.astype(np.float32) / 255 * alpha + (1 - alpha), dtype=np.float32)


def alter(strokes: list[Stroke], others: list[Stroke], rng: np.random.Generator) -> list[Stroke] | None:
    """The same drawing with its inner strokes gone, moved, or those of another drawing; None if it has too few.

    Args:
        strokes: the drawing.
        others: another drawing, whose inner strokes may be taken.
    """
    outline, inner = [s for s in strokes if not s.inner], [s for s in strokes if s.inner]
    if not outline or len(inner) < 2:
        return None
    how = int(rng.integers(3))
    if how == 0:
        return outline
    box = _box(outline)
    if how == 1:
        angle = float(rng.uniform(0.5, 2 * np.pi - 0.5))
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        middle = box.mean(0)
        shift = rng.uniform(-0.15, 0.15, 2) * (box[1] - box[0])
        return outline + [
            Stroke(np.asarray((s.points - middle) @ turn.T + middle + shift, dtype=np.float32), True) for s in inner
        ]
    foreign = [s for s in others if s.inner]
    if len(foreign) < 2:
        return outline
    source = _box(foreign)
    scale = (box[1] - box[0]) / np.maximum(source[1] - source[0], 0.05) * 0.8
    return outline + [
        Stroke(np.asarray((s.points - source.mean(0)) * scale + box.mean(0), dtype=np.float32), True) for s in foreign
    ]


def render(strokes: list[Stroke], matrix: Matrix, size: int, rng: np.random.Generator) -> Picture:
    """Strokes under a view, with a pen of some width: float32 [size, size], white = 1.

    Args:
        matrix: from places of the view to places of the square, both in [-1, 1].
    """
    fine = 2 * size
    canvas = np.full((fine, fine), 255, dtype=np.uint8)
    width = float(np.exp(rng.uniform(np.log(0.8), np.log(7.0)))) * fine / 224
    uneven = 0.25 if rng.random() < 0.3 else 0.0
    ink = int(rng.uniform(0, 130)) if rng.random() < 0.3 else 0
    inverse = np.linalg.inv(matrix)
    places: NDArray[np.floating]
    for stroke in strokes:
        flat = np.concatenate([stroke.points * 2 - 1, np.ones((len(stroke.points), 1))], axis=1) @ inverse.T
        places = (flat[:, :2] / flat[:, 2:] + 1) / 2 * fine - 0.5
        pen = max(1, round(width * float(np.exp(rng.normal(0, uneven))) if uneven else width))
        cv2.polylines(
            canvas, [np.round(places.clip(-4 * fine, 4 * fine) * 16).astype(np.int32)], False, ink, pen, cv2.LINE_AA, 4
        )
    picture = cv2.resize(canvas, (size, size), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    if rng.random() < 0.15:
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), float(rng.uniform(0.4, 1.2)) * size / 224))
    return np.asarray(picture, dtype=np.float32)


def simplify(points: Points, tolerance: float, rng: np.random.Generator, *, closed: bool) -> Points:
    """A line as a person repeats it: fewer corners, then rounded or left angular.

    Args:
        tolerance: how far it may stray, as a share of the square.
    """
    if closed:
        points = np.concatenate([points, points[:1]])
    corners = cv2.approxPolyDP((points * 1024).astype(np.float32)[:, None], tolerance * 1024, False)[:, 0] / 1024
    if len(corners) < 3:
        return np.asarray(corners, dtype=np.float32)
    round_corners = closed and np.allclose(corners[0], corners[-1], atol=1e-3)
    for _ in range(int(rng.choice((0, 2, 2, 3)))):
        before, after = corners[:-1], corners[1:]
        new = np.stack([0.75 * before + 0.25 * after, 0.25 * before + 0.75 * after], axis=1).reshape(-1, 2)
        corners = np.concatenate([new, new[:1]]) if round_corners else np.concatenate([corners[:1], new, corners[-1:]])
    return np.asarray(corners, dtype=np.float32)


def _lines(entry: Entry, rng: np.random.Generator) -> list[Stroke]:
    """The outline and the inner edges that are worth most, from a few to all of them."""
    few = float(rng.uniform(0, 1))
    tolerance = float(rng.uniform(0.6, 1.5) + 2.5 * (1 - few)) * PIXEL
    count = int(2 + 40 * few**2)
    inner = _best([line for line in entry.lines if line.kind == EDGE], count, rng)
    return _drawn(_of(entry, OUTLINE) + inner, tolerance, rng)


def _few(entry: Entry, rng: np.random.Generator) -> list[Stroke]:
    """A broad outline and a handful of features."""
    tolerance = float(rng.uniform(2.0, 8.0)) * PIXEL
    inner = _best([line for line in entry.lines if line.kind == EDGE], int(rng.integers(0, 8)), rng)
    strokes = _drawn(_best(_of(entry, OUTLINE), 4, rng), tolerance, rng)
    return strokes + _drawn(inner, 0.4 * tolerance, rng)


def _shapes(entry: Entry, rng: np.random.Generator) -> list[Stroke]:
    """Closed shapes: the outline and even regions, some as ellipses or boxes."""
    tolerance = float(rng.uniform(1.0, 5.0)) * PIXEL
    strokes = _drawn(_of(entry, OUTLINE), tolerance, rng)
    simple = float(rng.uniform(0, 1))
    for line in _best([line for line in entry.lines if line.kind == REGION], int(rng.integers(1, 10)), rng):
        points = line.points
        if rng.random() < simple and len(points) >= 5:
            points = _ellipse(points) if rng.random() < 0.7 else _oblong(points)
            strokes.append(Stroke(points, True))
        else:
            strokes.append(Stroke(simplify(points, tolerance, rng, closed=True), True))
    if rng.random() < 0.4:
        strokes += _drawn(
            _best([ln for ln in entry.lines if ln.kind == EDGE], int(rng.integers(1, 6)), rng), tolerance, rng
        )
    return strokes


def _outline(entry: Entry, rng: np.random.Generator) -> list[Stroke]:
    """The outline alone; inner edges where no subject was found."""
    strokes = _drawn(_of(entry, OUTLINE), float(rng.uniform(0.6, 6.0)) * PIXEL, rng)
    return strokes or _lines(entry, rng)


def _one_line(entry: Entry, rng: np.random.Generator) -> list[Stroke]:
    """All in one line: strokes joined at their nearest ends."""
    rest = [s.points for s in _few(entry, rng)]
    if not rest:
        return []
    path = rest.pop(0)
    while rest:
        ends = [(float(np.linalg.norm(p[e] - path[-1])), i, e) for i, p in enumerate(rest) for e in (0, -1)]
        _, i, end = min(ends)
        piece = rest.pop(i)
        path = np.concatenate([path, piece if end == 0 else piece[::-1]])
    return [Stroke(np.asarray(path, dtype=np.float32), False)]


def _open(entry: Entry, rng: np.random.Generator) -> list[Stroke]:
    """Broken lines: only stretches of each."""
    strokes = []
    for stroke in _lines(entry, rng):
        for piece in np.array_split(stroke.points, max(1, len(stroke.points) // int(rng.integers(6, 20)))):
            if len(piece) > 1 and rng.random() < 0.75:
                strokes.append(Stroke(piece, stroke.inner))
    return strokes


def _sketchy(entry: Entry, rng: np.random.Generator) -> list[Stroke]:
    """Each line drawn two or three times, never quite in the same place."""
    strokes = []
    for stroke in _lines(entry, rng):
        for _ in range(int(rng.integers(1, 4))):
            shift = rng.normal(0, 1.2 * PIXEL, 2)
            first = int(rng.integers(0, max(1, len(stroke.points) // 4)))
            last = len(stroke.points) - int(rng.integers(0, max(1, len(stroke.points) // 4)))
            points = _wobbly(stroke.points[first:last], 1.2 * PIXEL, rng)
            if len(points) > 1:
                strokes.append(Stroke(np.asarray(points + shift, dtype=np.float32), stroke.inner))
    return strokes


_STYLES: dict[str, Callable[[Entry, np.random.Generator], list[Stroke]]] = {
    "lines": _lines,
    "few": _few,
    "shapes": _shapes,
    "outline": _outline,
    "one line": _one_line,
    "open": _open,
    "sketchy": _sketchy,
}


def _of(entry: Entry, kind: int) -> list[Line]:
    return [line for line in entry.lines if line.kind == kind]


def _best(lines: list[Line], count: int, rng: np.random.Generator) -> list[Line]:
    """The lines that are worth most, with some chance."""
    worth = [line.weight * len(line.points) ** 0.8 * float(np.exp(rng.normal(0, 0.4))) for line in lines]
    return [lines[i] for i in np.argsort(-np.array(worth), kind="stable")[:count]]


def _drawn(lines: list[Line], tolerance: float, rng: np.random.Generator) -> list[Stroke]:
    drawn = [Stroke(simplify(line.points, tolerance, rng, closed=line.closed), line.kind != OUTLINE) for line in lines]
    return [stroke for stroke in drawn if len(stroke.points) > 1]


def _wobbly(points: Points, size: float, rng: np.random.Generator) -> Points:
    """A line by an unsteady hand: smooth noise along it, of that many shares of the square."""
    if len(points) < 2:
        return points
    if len(points) < 12:
        at = np.linspace(0, len(points) - 1, 24)
        points = np.stack([np.interp(at, np.arange(len(points)), points[:, k]) for k in (0, 1)], axis=1)
    knots = max(3, len(points) // int(rng.integers(3, 9)))
    noise = rng.normal(0, size, (knots, 2)).astype(np.float32)
    spread = cv2.resize(noise, (2, len(points)), interpolation=cv2.INTER_CUBIC)
    return np.asarray(points + spread, dtype=np.float32)


def _move_each(strokes: list[Stroke], rng: np.random.Generator) -> list[Stroke]:
    """Each stroke a little out of its place, turned and scaled."""
    size = float(rng.uniform(0.2, 1.0))
    moved = []
    for stroke in strokes:
        middle = stroke.points.mean(0)
        angle = float(rng.normal(0, 0.1 * size))
        scale = np.exp(rng.normal(0, 0.12 * size, 2))
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        points = (stroke.points - middle) * scale @ turn.T + middle + rng.normal(0, 0.02 * size, 2)
        moved.append(Stroke(np.asarray(points, dtype=np.float32), stroke.inner))
    return moved


def _bend(strokes: list[Stroke], entry: Entry, rng: np.random.Generator) -> list[Stroke]:
    """Wrong proportions: all stretched, warped, and often the telling part too large."""
    size = float(rng.uniform(0.2, 1.0))
    stretch = np.exp(rng.normal(0, 0.22 * size, 2))
    field = cv2.resize(
        rng.normal(0, 0.045 * size, (4, 4, 2)).astype(np.float32), (33, 33), interpolation=cv2.INTER_CUBIC
    )
    swell = float(rng.uniform(-0.2, 0.9)) * size if rng.random() < 0.5 else 0.0
    reach = float(rng.uniform(0.12, 0.25))
    bent = []
    for stroke in strokes:
        points = stroke.points
        if swell:
            away = points - entry.part
            points = points + away * (swell * np.exp(-(away**2).sum(1, keepdims=True) / (2 * reach**2)))
        place = np.clip(points * 32, 0, 32).astype(int)
        points = points + field[place[:, 1], place[:, 0]]
        bent.append(Stroke(np.asarray((points - 0.5) * stretch + 0.5, dtype=np.float32), stroke.inner))
    return bent


def _ellipse(points: Points) -> Points:
    (x, y), (width, height), angle = cv2.fitEllipse((points * SIDE).astype(np.float32))
    t = np.linspace(0, 2 * np.pi, 33)
    turn = np.deg2rad(angle)
    local = np.stack([np.cos(t) * min(width, 1.5 * SIDE) / 2, np.sin(t) * min(height, 1.5 * SIDE) / 2], axis=1)
    rotation = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    return np.asarray((local @ rotation + (x, y)) / SIDE, dtype=np.float32)


def _oblong(points: Points) -> Points:
    corners = cv2.boxPoints(cv2.minAreaRect((points * SIDE).astype(np.float32))) / SIDE
    return np.asarray(np.concatenate([corners, corners[:1]]), dtype=np.float32)


def _box(strokes: list[Stroke]) -> NDArray[np.float64]:
    """Smallest and largest xy of all points."""
    points = np.concatenate([s.points for s in strokes])
    return np.stack([points.min(0), points.max(0)]).astype(np.float64)
