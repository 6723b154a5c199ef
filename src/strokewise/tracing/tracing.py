"""From line art to a sketch: which cubics say most about its lines."""

from __future__ import annotations

import dataclasses
import re

import numpy as np
from scipy.spatial import cKDTree

from .._arrays import Array, Flags, Indices
from .._text import join_or, quote
from .._version import __version__
from ..bezier import evaluate
from ..errors import PhotoError, SettingsError
from ..photo.opening import Photo, PhotoSource, open_photo
from ..placement.lines import THIN, Line
from ..placement.selection import Pick, Table, fit_stretches, share_out
from ..settings import MOST_STROKES, whole
from ..skeleton import Graph, skeleton_graph
from ..sketch import Sketch
from .chains import Chain, trace_chains
from .ink import find_ink

ALL = "all"
LINES = ("auto", "dark", "light")
MOST_PATHS = 4000
"""Most pieces of skeleton of one picture: a texture has more, and no line art."""
MOST_FITS = 20_000
"""Most stretches of lines that are fitted with a cubic, about: they take a fraction of a second."""
MOST_JOINTS = 64
"""Most places at which one line may be cut."""
SPACING = 5.0
"""Least distance between two such places, pixels."""
TOLERANCE, TOLERANCES = 0.5, (1.5, 6.0)
"""Deviation at which a line counts as missed, in widths, and the least and greatest, in pixels."""
PRICE, PRICES = 2.0, (8.0, 40.0)
"""What one more stroke for a line must add to be worth it: a length of line, in widths; the least and greatest, pixels.
"""
DOT = 3.0
"""What a dot is worth: a length of line, in widths."""
TURN = 0.6
"""Turn, in radians, from which on two cubics of a line meet in a corner; below it they may run on into each other."""
FLOW = 0.4
"""Most that this may move a cubic away from its line, pixels."""
TOUCH = 0.75
"""Farthest that an end is from another line that it meets, in widths."""


def trace(
    picture: PhotoSource | Photo,
    strokes: int | str = 32,
    *,
    widths: bool = False,
    colors: bool = False,
    lines: str = "auto",
) -> Sketch:
    """The middle lines of line art as strokes: no network, no chance, a second or so.

    Args:
        picture: dark lines on light paper, or light on dark: a scan, a photographed page, a logo; as for `open_photo`.
        strokes: at most so many cubics, 1 to 256, those that say most; "all" draws every line. 8 is the bare idea of
            a page, 32 a simple drawing, 128 a full one.
        widths: whether each stroke keeps the width of its line; if not, all have the usual width.
        colors: whether each stroke keeps the colour of its ink; if not, all are black, or white on dark paper.
        lines: "dark", "light", or "auto"; naming one also takes pictures that look like photos.

    Returns:
        one cubic a stroke, the most important first; lines that are cut meet exactly. `metadata["trace"]` holds
        `lines` ("dark" or "light"), `found` (the number of lines
        between corners and junctions that are no crossings), and `drawn` (the share of their length drawn).

    Raises:
        SettingsError: an argument is out of its range.
        PhotoError: the picture cannot be read, is a photo, or has no lines.
    """
    most = check_arguments(strokes, lines)
    photo = picture if isinstance(picture, Photo) else open_photo(picture)
    ink = find_ink(photo, lines)
    graph = skeleton_graph(ink.mask)
    if len(graph.paths) > MOST_PATHS:
        raise PhotoError(f"{photo.name} has more than {MOST_PATHS} lines: it looks like a texture; trace a part of it")
    half = _usual(graph)
    pieces = [
        piece for chain in trace_chains(graph, ink, half) if _counts(chain, half) for piece in _pieces(chain, half)
    ]
    picks, drawn = _chosen(pieces, most, 2 * half)
    if not picks:
        raise PhotoError(f"there are no lines in {photo.name}: choose a picture of dark lines on light paper")
    points = _joined(picks, pieces, 2 * half)
    thick = np.array([float(np.median(pieces[p.line].widths[p.start : p.stop + 1])) for p in picks])
    usual = float(np.median(thick))
    canvas = (float(photo.width), float(photo.height))
    found = {"lines": "light" if ink.light else "dark", "found": len(pieces), "drawn": round(drawn, 4)}
    plain = 1.0 if ink.light else 0.0
    settings = {"strokes": strokes, "widths": widths, "colors": colors, "lines": lines}
    return Sketch.of(
        canvas,
        points / ink.scale,
        widths=(thick if widths else np.full(len(picks), usual)) / ink.scale,
        colors=_colors(points / ink.scale, photo) if colors else np.full((len(picks), 3), plain),
        paper=(0.0, 0.0, 0.0) if ink.light else None,
        metadata={"version": __version__, "photo": photo.name, "settings": settings, "trace": found},
    )


def check_arguments(strokes: int | str, lines: str) -> int | None:
    """The number of strokes asked for, which may also be written out; None is all.

    Raises:
        SettingsError: it is neither, or `lines` is none of `LINES`.
    """
    if lines not in LINES:
        raise SettingsError(f"must be {join_or(LINES)}, not {quote(lines)}", setting="lines", value=lines)
    count: object = strokes
    if isinstance(strokes, str):
        if strokes.strip().lower() == ALL:
            return None
        count = int(strokes) if re.fullmatch(r"\d{1,6}", strokes.strip(), re.ASCII) else strokes
    most = whole(count)
    if most is None or not 1 <= most <= MOST_STROKES:
        problem = f"must be a whole number from 1 to {MOST_STROKES}, or {ALL}, not {quote(count)}"
        raise SettingsError(problem, setting="strokes", value=strokes)
    return most


def _usual(graph: Graph) -> float:
    """Half the width that most of the lines' length has, pixels."""
    every = np.concatenate([path.points for path in graph.paths])
    half = graph.half[every[:, 1].astype(int), every[:, 0].astype(int)]
    # The distance is measured to the middle of the next pixel.
    return max(0.75, float(np.median(half)) - 0.25)


def _counts(chain: Chain, half: float) -> bool:
    """Whether a line is more than a speck: a dot is as wide as the lines are."""
    length = float(np.linalg.norm(np.diff(chain.points, axis=0), axis=1).sum())
    return length > 2 * half or float(np.median(chain.widths)) > half


@dataclasses.dataclass(frozen=True)
class _Piece:
    """A line from one corner or end to the next.

    Attributes:
        points: float64 [sample, xy], pixels.
        widths: float64 [sample], pixels.
        closed: whether the last point is the first, and no corner.
        worth: of a pixel: more where it is thick, and where the whole line is so short that it would be lost.
    """

    points: Array
    widths: Array
    closed: bool
    worth: Array


def _pieces(chain: Chain, half: float) -> list[_Piece]:
    """A line cut at its corners, which stay sharp so."""
    thick = np.clip(chain.widths / (2 * half), 0.5, 2.0) ** 0.5
    worth = thick * max(1.0, DOT * 2 * half / len(chain.points))
    marks = [0, *chain.corners.tolist(), len(chain.points) - 1]
    whole = chain.closed and not len(chain.corners)
    return [
        _Piece(chain.points[a : b + 1], chain.widths[a : b + 1], whole, worth[a : b + 1])
        for a, b in zip(marks[:-1], marks[1:], strict=True)
        if b > a
    ]


def _chosen(pieces: list[_Piece], most: int | None, width: float) -> tuple[list[Pick], float]:
    """The cubics that say most, the most important first, and the share of the lines' length that they draw."""
    order = np.argsort([-piece.worth.sum() for piece in pieces], kind="stable")
    order = order if most is None else order[: 3 * most + 20]
    tolerance, price = (
        float(np.clip(share * width, *limits)) for share, limits in ((TOLERANCE, TOLERANCES), (PRICE, PRICES))
    )
    joints = _joints([len(pieces[i].points) for i in order])
    lines = [Line(pieces[i].points, pieces[i].worth, THIN) for i in order]
    tables = []
    for line, one in zip(lines, fit_stretches(lines, joints), strict=True):
        parts = len(one.joints) - 1
        tables.append(Table(line, parts if most is None else min(most, parts), tolerance, one))
    # The first stroke of a line costs nothing: "all" means every line.
    values = [table.best[:, -1] - price * np.maximum(np.arange(len(table.best)) - 1, 0) for table in tables]
    shares = [int(value.argmax()) for value in values] if most is None else share_out(values, most)
    found = [pick for table, share, i in zip(tables, shares, order, strict=True) for pick in table.picks(share, int(i))]
    drawn = sum(pick.stop - pick.start for pick in found) / sum(len(piece.points) - 1 for piece in pieces)
    return sorted(found, key=lambda pick: -pick.value), drawn


def _joints(counts: list[int]) -> list[Indices]:
    """Samples at which lines of so many samples may be cut, evenly spaced."""
    parts = [min(MOST_JOINTS, max(1, round(count / SPACING))) for count in counts]
    fits = sum(part * part / 2 for part in parts)
    share = min(1.0, (MOST_FITS / fits) ** 0.5)
    return [
        np.unique(np.linspace(0, count - 1, max(1, round(part * share)) + 1).round()).astype(np.intp)
        for count, part in zip(counts, parts, strict=True)
    ]


def _joined(picks: list[Pick], pieces: list[_Piece], width: float) -> Array:
    """The chosen cubics, float64 [stroke, 4, xy], smooth where a line runs on, and touching where lines meet."""
    points = np.stack([pick.points for pick in picks])
    starts = {(pick.line, pick.start): i for i, pick in enumerate(picks)}
    shared = np.zeros((len(picks), 2), dtype=bool)
    for i, pick in enumerate(picks):
        piece = pieces[pick.line]
        last = pick.stop == len(piece.points) - 1
        following = starts.get((pick.line, 0 if piece.closed and last else pick.stop))
        if following is None:
            continue
        shared[i, 1] = shared[following, 0] = True
        if following != i:
            _flow(points, i, following, [piece.points[p.start : p.stop + 1] for p in (pick, picks[following])])
    return _touching(points, shared, TOUCH * width)


def _flow(points: Array, one: int, two: int, runs: list[Array]) -> None:
    """Give two cubics, the one ending where the other begins, the same direction there, if the line allows it.

    The longer handle decides most: that of a short cubic is the less certain.

    Args:
        points: float64 [stroke, 4, xy]; changed in place.
        one, two: the cubics.
        runs: the points [k, xy] that each of them stands for.
    """
    arriving, leaving = points[one, 3] - points[one, 2], points[two, 1] - points[two, 0]
    long, other = float(np.linalg.norm(arriving)), float(np.linalg.norm(leaving))
    if min(long, other) < 1e-9 or arriving @ leaving < np.cos(TURN) * long * other:
        return
    way = arriving * long + leaving * other
    way /= np.linalg.norm(way)
    turned = points[[one, two]]
    turned[0, 2] = turned[0, 3] - long * way
    turned[1, 1] = turned[1, 0] + other * way
    before = max(_off(points[i], run) for i, run in zip((one, two), runs, strict=True))
    after = max(_off(cubic, run) for cubic, run in zip(turned, runs, strict=True))
    if after < before + FLOW:
        points[[one, two]] = turned


def _off(cubic: Array, run: Array) -> float:
    """Largest distance of points [k, xy] from a cubic [4, xy]."""
    drawn = evaluate(cubic, np.linspace(0, 1, 48))
    few = run[:: max(1, len(run) // 24)]
    return float(np.linalg.norm(few[:, None] - drawn[None], axis=2).min(1).max())


def _touching(points: Array, shared: Flags, near: float) -> Array:
    """The same cubics, ends that are that near to another put on it, but for those that are shared already."""
    samples = 48
    curves = evaluate(points, np.linspace(0, 1, samples))
    flat = curves.reshape(-1, 2)
    tree = cKDTree(flat)
    reach = near + float(np.linalg.norm(np.diff(curves, axis=1), axis=2).max())
    result = points.copy()
    for i, end in zip(*np.nonzero(~shared), strict=True):
        tip, handle = (0, 1) if end == 0 else (3, 2)
        around = np.array([k for k in tree.query_ball_point(points[i, tip], reach) if k // samples != i], dtype=np.intp)
        around = around[around % samples < samples - 1]
        if not len(around):
            continue
        start, leg = flat[around], flat[around + 1] - flat[around]
        share = ((points[i, tip] - start) * leg).sum(1) / np.maximum((leg**2).sum(1), 1e-12)
        feet = start + np.clip(share, 0, 1)[:, None] * leg
        away = np.linalg.norm(feet - points[i, tip], axis=1)
        if away.min() <= near:
            shift = feet[int(np.argmin(away))] - points[i, tip]
            result[i, [tip, handle]] += shift
    return result


def _colors(points: Array, photo: Photo) -> Array:
    """The colour of the ink under each cubic, float64 [stroke, rgb]: the median along it."""
    places = evaluate(points, np.linspace(0.05, 0.95, 19)) * photo.scale
    columns = np.clip(places[..., 0].astype(np.intp), 0, photo.pixels.shape[1] - 1)
    rows = np.clip(places[..., 1].astype(np.intp), 0, photo.pixels.shape[0] - 1)
    return np.median(photo.pixels[rows, columns].astype(np.float64), axis=1)
