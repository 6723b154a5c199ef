"""The drawing: a canvas and its strokes, as NumPy arrays."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from ._arrays import Array, Flags, Indices
from ._text import plural
from .tone_layer import ToneLayer

if TYPE_CHECKING:
    from .export.options import ExportOptions, Notice

MAX_NESTING = 100
"""How many lists and objects inside each other a sketch's metadata may have."""
MAX_PADDED = 1_000_000
"""Most cubics of a sketch with those that only make its strokes equally long: 50 MB."""


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Sketch:
    """Strokes on a canvas; each lies on top of those before it.

    A sketch never changes: its arrays are read-only copies, and its metadata is a copy too. Make a changed one with
    `dataclasses.replace`.

    Attributes:
        canvas: width and height of the canvas, pixels, x right, y down.
        points: float64 [stroke, point, xy]; chained cubic Béziers, so 4, 7, 10... points a stroke. Chains shorter than
            the longest one repeat their last point; `chains` gives them without that.
        widths: float64 [stroke], full stroke width in canvas pixels, over 0.
        colors: float64 [stroke, rgb] in [0, 1].
        opacities: float64 [stroke] in [0, 1].
        locked: bool [stroke]; a locked stroke stays as it is when the drawing is carried on.
        paper: colour of the paper, rgb in [0, 1]; None is no paper: transparent on a page, white in pictures.
        metadata: how it was made (version, settings, seed, encoder, losses); plain JSON values, nested at most 100 deep
        tone: lines under the strokes that show how dark it is; None without. They are no strokes.

    Raises:
        ValueError: shapes that do not fit, values that are not finite, widths that are not over 0, or metadata nested
            too deeply.
    """

    canvas: tuple[float, float]
    points: Array
    widths: Array
    colors: Array
    opacities: Array
    locked: Flags
    paper: tuple[float, float, float] | None = None
    metadata: dict[str, Any] = dataclasses.field(default_factory=dict)
    tone: ToneLayer | None = None

    @classmethod
    def of(
        cls,
        canvas: tuple[float, float],
        points: ArrayLike,
        widths: ArrayLike = 1.5,
        colors: ArrayLike = 0.0,
        opacities: ArrayLike = 1.0,
        locked: ArrayLike = False,
        paper: Sequence[float] | None = None,
        metadata: dict[str, Any] | None = None,
    ) -> Sketch:
        """A sketch from anything array-like; one width, colour, opacity or lock serves all strokes.

        Args:
            canvas: width and height, pixels.
            points: [stroke, point, xy], canvas pixels.
            widths: [stroke] or a number, canvas pixels.
            colors: [stroke, rgb], one rgb, [stroke] greys or a grey, in [0, 1]; three numbers are one rgb.
            opacities: [stroke] or a number, in [0, 1].
            locked: [stroke] or one for all.
            paper, metadata: see the attributes.

        Raises:
            ValueError: see `Sketch`.
        """
        p = np.asarray(points, dtype=np.float64)
        if p.ndim != 3:
            raise ValueError(f"points must be [stroke, point, xy], got shape {p.shape}")
        n = len(p)
        color = np.asarray(colors, dtype=np.float64)
        if color.ndim == 1 and color.shape != (3,):
            color = color[:, None]
        return cls(
            (float(canvas[0]), float(canvas[1])),
            p,
            np.broadcast_to(np.asarray(widths, dtype=np.float64), (n,)),
            np.broadcast_to(color, (n, 3)),
            np.broadcast_to(np.asarray(opacities, dtype=np.float64), (n,)),
            np.broadcast_to(np.asarray(locked, dtype=bool), (n,)),
            None if paper is None else (float(paper[0]), float(paper[1]), float(paper[2])),
            metadata or {},
        )

    def __post_init__(self) -> None:
        for name in ("points", "widths", "colors", "opacities", "locked"):
            object.__setattr__(self, name, _read_only(getattr(self, name)))
        object.__setattr__(self, "metadata", copy_json(self.metadata))
        n = len(self.points)
        if (
            self.points.ndim != 3
            or self.points.shape[2] != 2
            or self.points.shape[1] % 3 != 1
            or self.points.shape[1] < 4
        ):
            raise ValueError(f"points must be [stroke, 4 or 7 or 10..., 2], got shape {self.points.shape}")
        for name, shape in (("widths", (n,)), ("colors", (n, 3)), ("opacities", (n,)), ("locked", (n,))):
            if getattr(self, name).shape != shape:
                raise ValueError(f"{name} must have shape {shape}, got {getattr(self, name).shape}")
        for name in ("points", "widths", "colors", "opacities"):
            if not np.isfinite(getattr(self, name)).all():
                raise ValueError(f"{name} has values that are not finite")
        if not (self.widths > 0).all():
            raise ValueError(f"widths must be over 0, got {self.widths.min():g}")
        if self.paper is not None and not (len(self.paper) == 3 and all(0 <= c <= 1 for c in self.paper)):
            raise ValueError(f"paper must be three numbers in [0, 1] or None, got {self.paper}")
        if not (0 < self.canvas[0] < np.inf and 0 < self.canvas[1] < np.inf):
            raise ValueError(f"canvas must be larger than 0 x 0, got {self.canvas}")

    def __len__(self) -> int:
        return len(self.points)

    def __repr__(self) -> str:
        return f"<Sketch {plural(len(self), 'stroke')}, {self.canvas[0]:g} x {self.canvas[1]:g}>"

    @property
    def title(self) -> str:
        """The title of files that have one: that of the metadata, or how many strokes it has."""
        return str(self.metadata.get("title") or f"Drawing in {plural(len(self), 'stroke')}")

    @property
    def curves(self) -> int:
        """Number of cubics of all strokes; one a stroke unless strokes are chains."""
        return int(cubic_counts(self.points).sum())

    @property
    def chains(self) -> list[Array]:
        """The strokes as they are drawn, float64 [4 or 7 or 10... points, xy] each: without points that only make them
        as long as the longest one."""
        return [points[: 3 * count + 1] for points, count in zip(self.points, cubic_counts(self.points), strict=True)]

    def mapped(self, canvas: tuple[float, float], scale: float, offset: tuple[float, float]) -> Sketch:
        """The same strokes on another canvas: every point becomes `scale * point + offset`, widths are scaled."""
        shift = np.asarray(offset, dtype=np.float64)
        return dataclasses.replace(
            self,
            canvas=(float(canvas[0]), float(canvas[1])),
            points=self.points * scale + shift,
            widths=self.widths * scale,
            tone=None if self.tone is None else self.tone.mapped(scale, shift),
        )

    def scaled(self, factor: float) -> Sketch:
        """The whole drawing, canvas and strokes, `factor` times as large."""
        return self.mapped((self.canvas[0] * factor, self.canvas[1] * factor), factor, (0.0, 0.0))

    def reordered(self, order: Sequence[int]) -> Sketch:
        """The strokes of these indices, in this order; a shorter list keeps fewer strokes."""
        i = np.asarray(order, dtype=np.intp)
        points = self.points[i]
        if 0 < len(i) < len(self) and points.shape[1] > 4:
            points = points[:, : 3 * int(cubic_counts(self.points)[i].max()) + 1]
        return dataclasses.replace(
            self,
            points=points,
            widths=self.widths[i],
            colors=self.colors[i],
            opacities=self.opacities[i],
            locked=self.locked[i],
        )

    def to_svg(self) -> str:
        """The drawing as SVG text."""
        from .export.svg.text import to_svg

        return to_svg(self)

    def save(
        self,
        path: str | Path,
        options: ExportOptions | None = None,
        *,
        force: bool = False,
        notice: Notice | None = None,
    ) -> Path:
        """Write the drawing to a file, whole or not at all; the ending chooses the format, one of `export.FORMATS`.

        Args:
            path: of the file; its folder must exist.
            options: size, look, motion, page; see `ExportOptions`.
            force: replace an existing file.
            notice: called with one line about the result, where a format has one: how far a plotter's pen travels.

        Raises:
            OutputError: the file exists and `force` is not set, the format is unknown or needs a package that is not
                installed, or the file cannot be written.
        """
        from .export.files import save

        return save(self, path, options, force=force, notice=notice)

    def _repr_svg_(self) -> str:
        return self.to_svg()


def _read_only(array: Array) -> Array:
    """The array itself if nobody can write to it, or else a read-only copy."""
    if array.flags.writeable or array.base is not None:
        array = np.array(array, order="C")
        array.flags.writeable = False
    return array


def copy_json(value: Any, depth: int = MAX_NESTING) -> Any:
    """A copy of plain JSON values that shares nothing that can change.

    Args:
        value: the value.
        depth: how many lists and objects may lie inside each other.

    Raises:
        ValueError: they are nested more deeply.
    """
    if isinstance(value, (dict, list, tuple)):
        if depth <= 0:
            raise ValueError(f"metadata must not be nested more than {MAX_NESTING} deep")
        if isinstance(value, dict):
            return {key: copy_json(one, depth - 1) for key, one in value.items()}
        copies = [copy_json(one, depth - 1) for one in value]
        return copies if isinstance(value, list) else tuple(copies)
    return value if value is None or isinstance(value, (str, int, float)) else copy.deepcopy(value)


def padded(chains: Sequence[Array], most: int = MAX_PADDED) -> tuple[Array, list[int]]:
    """Chains of several lengths as the points of a sketch: shorter ones repeat their last point.

    Args:
        chains: at least one, float64 [4 or 7 or 10... points, xy] each.
        most: how many cubics the result may have; if it would have more, the longest chains are cut.

    Returns:
        points float64 [stroke, point, xy], and for each stroke the chain that it is, or is a piece of.
    """
    counts = np.array([len(chain) // 3 for chain in chains])
    longest = int(counts.max())
    while longest > 1 and int(np.ceil(counts / longest).sum()) * longest > most:
        longest = (longest + 1) // 2
    pieces = [(i, 3 * k) for i, count in enumerate(counts) for k in range(0, int(count), longest)]
    points = np.empty((len(pieces), 3 * longest + 1, 2))
    for row, (i, start) in zip(points, pieces, strict=True):
        piece = chains[i][start : start + 3 * longest + 1]
        row[: len(piece)], row[len(piece) :] = piece, piece[-1]
    return points, [i for i, _ in pieces]


def cubic_counts(points: Array) -> Indices:
    """How many cubics each stroke has: those after which it only repeats its last point do not count.

    Where every stroke does that, the points are taken as they are.

    Args:
        points: float64 [stroke, point, xy].
    """
    full = points.shape[1] // 3
    differs = (points != points[:, -1:]).any(2)
    last = points.shape[1] - 1 - np.argmax(differs[:, ::-1], axis=1)
    counts = np.where(differs.any(1), last // 3 + 1, 1)
    return counts if len(counts) and int(counts.max()) == full else np.full(len(points), full, dtype=np.intp)


def turned(points: Array) -> Array:
    """Strokes [stroke, point, xy] drawn from their end to their start."""
    result = np.array(points[:, ::-1])
    for stroke, given, count in zip(result, points, 3 * cubic_counts(points) + 1, strict=True):
        stroke[:count], stroke[count:] = given[:count][::-1], given[0]
    return result


class StrokeStyle(NamedTuple):
    """Widths, colours and opacities of the strokes of one drawing or of several.

    Attributes:
        widths: float64 [..., stroke], canvas pixels.
        colors: float64 [..., stroke, rgb] in [0, 1].
        opacities: float64 [..., stroke] in [0, 1].
    """

    widths: Array
    colors: Array
    opacities: Array

    @classmethod
    def pen(cls, strokes: int, width: float) -> StrokeStyle:
        """Black, opaque strokes of one width."""
        return cls(np.full(strokes, float(width)), np.zeros((strokes, 3)), np.ones(strokes))

    def at(self, which: Indices | Sequence[int] | int) -> StrokeStyle:
        """The style of the strokes of these indices; of the drawings, where there are several."""
        return StrokeStyle(self.widths[which], self.colors[which], self.opacities[which])

    @classmethod
    def joined(cls, styles: Sequence[StrokeStyle]) -> StrokeStyle:
        """The styles one after another: strokes after strokes; drawings after drawings, where there are several."""
        return cls(*(np.concatenate(arrays) for arrays in zip(*styles, strict=True)))

    def typical(self, strokes: int) -> StrokeStyle:
        """A style for `strokes` more strokes: the medians of this one, which must have at least one stroke."""
        return StrokeStyle(*(np.repeat(np.median(a, axis=0)[None], strokes, axis=0) for a in self))

    def spread(self, drawings: int, strokes: int) -> StrokeStyle:
        """The same style for each of several drawings, [drawing, stroke], in new arrays.

        Raises:
            ValueError: it has another number of strokes.
        """
        shapes = ((drawings, strokes), (drawings, strokes, 3), (drawings, strokes))
        return StrokeStyle(*(np.array(np.broadcast_to(a, shape)) for a, shape in zip(self, shapes, strict=True)))


def is_grey(styles: Sequence[StrokeStyle]) -> bool:
    """Whether all colours are grey, so that one channel can hold the drawings."""
    return all(bool((style.colors == style.colors[..., :1]).all()) for style in styles)


def in_drawing_order(sketch: Sketch, joined: float = 0.01) -> Sketch:
    """The same strokes in the order and direction that a hand would draw them in.

    Strokes whose ends meet form one run; runs are sorted from long to short; a stroke is reversed where the pen arrives
    at its last point.

    Args:
        sketch: strokes in any order.
        joined: largest gap between two ends that meet, as a share of the canvas's longer side.
    """
    gap = joined * max(sketch.canvas)
    starts, stops = sketch.points[:, 0], sketch.points[:, -1]
    lengths = np.linalg.norm(np.diff(sketch.points, axis=1), axis=2).sum(1)
    left = set(range(len(sketch)))
    runs: list[list[tuple[int, bool]]] = []
    while left:
        first = max(sorted(left), key=lambda i: lengths[i])
        left.discard(first)
        run = [(first, False)]
        for forward in (True, False):
            tip = stops[first] if forward else starts[first]
            while (following := _nearest(tip, left, starts, stops, gap)) is not None:
                i, at_stop = following
                left.discard(i)
                if forward:
                    run.append((i, at_stop))
                else:
                    run.insert(0, (i, not at_stop))
                tip = starts[i] if at_stop else stops[i]
        runs.append(run)
    runs.sort(key=lambda run: -float(sum(lengths[i] for i, _ in run)))
    order, flipped = [], []
    pen = np.zeros(2)
    for run in runs:
        # Begin at the end nearer to the pen, which starts at the upper left.
        if np.linalg.norm(_tip(run[-1], starts, stops, last=True) - pen) < np.linalg.norm(
            _tip(run[0], starts, stops, last=False) - pen
        ):
            run = [(i, not flip) for i, flip in reversed(run)]
        pen = _tip(run[-1], starts, stops, last=True)
        order += [i for i, _ in run]
        flipped += [flip for _, flip in run]
    result = sketch.reordered(order)
    points = np.where(np.array(flipped, dtype=bool)[:, None, None], turned(result.points), result.points)
    return dataclasses.replace(result, points=points)


def _tip(stroke: tuple[int, bool], starts: Array, stops: Array, last: bool) -> Array:
    """The first or last point of a stroke, which may be reversed: float64 [xy]."""
    i, flip = stroke
    return stops[i] if last != flip else starts[i]


def _nearest(tip: Array, left: set[int], starts: Array, stops: Array, gap: float) -> tuple[int, bool] | None:
    """The stroke with the nearest end within `gap` of a point, and whether that end is its last point; None without."""
    found: tuple[float, int, bool] | None = None
    for i in sorted(left):
        for at_stop, end in ((False, starts[i]), (True, stops[i])):
            distance = float(np.linalg.norm(end - tip))
            if distance <= gap and (found is None or distance < found[0]):
                found = (distance, i, at_stop)
    return None if found is None else (found[1], found[2])
