"""The drawing: a canvas and its strokes, as NumPy arrays."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from ._arrays import Array, Flags, Indices
from ._text import plural

if TYPE_CHECKING:
    from .export.options import ExportOptions


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Sketch:
    """Strokes on a canvas; each lies on top of those before it.

    Attributes:
        canvas: width and height of the canvas, pixels, x right, y down.
        points: float64 [stroke, point, xy]; chained cubic Béziers, so 4, 7, 10... points a stroke.
        widths: float64 [stroke], full stroke width in canvas pixels, over 0.
        colors: float64 [stroke, rgb] in [0, 1].
        opacities: float64 [stroke] in [0, 1].
        locked: bool [stroke]; a locked stroke stays as it is when the drawing is carried on.
        paper: colour of the paper, rgb in [0, 1]; None is bare: a page shows through, and pictures are white.
        metadata: what is known of how it was made (version, settings, seed, encoder, losses); plain JSON values.

    Raises:
        ValueError: shapes that do not fit, values that are not finite, or widths that are not over 0.
    """

    canvas: tuple[float, float]
    points: Array
    widths: Array
    colors: Array
    opacities: Array
    locked: Flags
    paper: tuple[float, float, float] | None = None
    metadata: dict[str, Any] = dataclasses.field(default_factory=dict)

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
            points: [stroke, point, xy].
            widths: [stroke] or a number, canvas pixels.
            colors: [stroke, rgb], one rgb, [stroke] greys or a grey, in [0, 1]; three numbers are one rgb.
            opacities: [stroke] or a number, in [0, 1].
            locked: [stroke] or one for all.
            paper, metadata: as of any sketch.

        Raises:
            ValueError: as of any sketch.
        """
        p = np.array(points, dtype=np.float64)
        if p.ndim != 3:
            raise ValueError(f"points must be [stroke, point, xy], got shape {p.shape}")
        n = len(p)
        color = np.asarray(colors, dtype=np.float64)
        if color.ndim == 1 and color.shape != (3,):
            color = color[:, None]
        return cls(
            (float(canvas[0]), float(canvas[1])),
            p,
            np.broadcast_to(np.asarray(widths, dtype=np.float64), (n,)).copy(),
            np.broadcast_to(color, (n, 3)).copy(),
            np.broadcast_to(np.asarray(opacities, dtype=np.float64), (n,)).copy(),
            np.broadcast_to(np.asarray(locked, dtype=bool), (n,)).copy(),
            None if paper is None else (float(paper[0]), float(paper[1]), float(paper[2])),
            dict(metadata or {}),
        )

    def __post_init__(self) -> None:
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
        """What it is called where a file has a place for that."""
        return str(self.metadata.get("title") or f"Drawing in {plural(len(self), 'stroke')}")

    @property
    def curves(self) -> int:
        """How many cubics its strokes have together; as many as strokes, unless they are chains."""
        return len(self.points) * (self.points.shape[1] // 3)

    def mapped(self, canvas: tuple[float, float], scale: float, offset: tuple[float, float]) -> Sketch:
        """The same strokes on another canvas: every point becomes `scale * point + offset`, widths are scaled."""
        return dataclasses.replace(
            self,
            canvas=(float(canvas[0]), float(canvas[1])),
            points=self.points * scale + np.asarray(offset, dtype=np.float64),
            widths=self.widths * scale,
        )

    def scaled(self, factor: float) -> Sketch:
        """The whole drawing, canvas and strokes, `factor` times as large."""
        return self.mapped((self.canvas[0] * factor, self.canvas[1] * factor), factor, (0.0, 0.0))

    def reordered(self, order: Sequence[int]) -> Sketch:
        """The strokes at the given places, in that order (a shorter list keeps fewer strokes)."""
        i = np.asarray(order, dtype=np.intp)
        return dataclasses.replace(
            self,
            points=self.points[i],
            widths=self.widths[i],
            colors=self.colors[i],
            opacities=self.opacities[i],
            locked=self.locked[i],
        )

    def to_svg(self) -> str:
        """The drawing as SVG text."""
        from .export.svg.text import to_svg

        return to_svg(self)

    def save(self, path: str | Path, options: ExportOptions | None = None, *, force: bool = False) -> Path:
        """Write the drawing to a file, whole or not at all; the ending chooses the format, one of `export.FORMATS`.

        Args:
            path: where to; its folder must exist.
            options: size, look, motion, page; see `ExportOptions`.
            force: replace the file if it is there.

        Raises:
            OutputError: the file exists and `force` is not set, the format is unknown or needs a package that is not
                here, or it cannot be written.
        """
        from .export import save

        return save(self, path, options, force=force)

    def _repr_svg_(self) -> str:
        return self.to_svg()


class StrokeStyle(NamedTuple):
    """What the strokes of one drawing, or of several, are drawn with.

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
        """Black, opaque, and of one width."""
        return cls(np.full(strokes, float(width)), np.zeros((strokes, 3)), np.ones(strokes))

    def at(self, which: Indices | Sequence[int] | int) -> StrokeStyle:
        """That of the strokes (of the drawings, where there are several) at the given places."""
        return StrokeStyle(self.widths[which], self.colors[which], self.opacities[which])

    @classmethod
    def joined(cls, inks: Sequence[StrokeStyle]) -> StrokeStyle:
        """That of the strokes (of the drawings, where there are several) of each, one after the other."""
        return cls(*(np.concatenate(arrays) for arrays in zip(*inks, strict=True)))

    def typical(self, strokes: int) -> StrokeStyle:
        """For so many more strokes, what those of a drawing mostly have; there has to be one."""
        return StrokeStyle(*(np.repeat(np.median(a, axis=0)[None], strokes, axis=0) for a in self))

    def spread(self, drawings: int, strokes: int) -> StrokeStyle:
        """The same for each of so many drawings: [drawing, stroke], in arrays of its own.

        Raises:
            ValueError: it is that of other strokes.
        """
        shapes = ((drawings, strokes), (drawings, strokes, 3), (drawings, strokes))
        return StrokeStyle(*(np.array(np.broadcast_to(a, shape)) for a, shape in zip(self, shapes, strict=True)))


def is_grey(inks: Sequence[StrokeStyle]) -> bool:
    """Whether one channel can hold drawings with such inks."""
    return all(bool((ink.colors == ink.colors[..., :1]).all()) for ink in inks)


def in_drawing_order(sketch: Sketch, joined: float = 0.01) -> Sketch:
    """The same strokes, large shapes first, each line followed from end to end, small details last.

    Strokes that run on into each other become one run; runs go from long to short; a stroke is turned round where
    the hand would arrive at its other end.

    Args:
        sketch: in any order.
        joined: gap between ends that still counts as one line, as a share of the canvas's longer side.
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
    hand = np.zeros(2)
    for run in runs:
        # Begin at the end nearer to where the hand is, and at first at the upper left.
        if np.linalg.norm(_tip(run[-1], starts, stops, last=True) - hand) < np.linalg.norm(
            _tip(run[0], starts, stops, last=False) - hand
        ):
            run = [(i, not flip) for i, flip in reversed(run)]
        hand = _tip(run[-1], starts, stops, last=True)
        order += [i for i, _ in run]
        flipped += [flip for _, flip in run]
    result = sketch.reordered(order)
    turned = np.where(np.array(flipped, dtype=bool)[:, None, None], result.points[:, ::-1], result.points)
    return dataclasses.replace(result, points=turned)


def _tip(stroke: tuple[int, bool], starts: Array, stops: Array, last: bool) -> Array:
    """Where a stroke, perhaps turned round, begins or ends."""
    i, flip = stroke
    return stops[i] if last != flip else starts[i]


def _nearest(tip: Array, left: set[int], starts: Array, stops: Array, gap: float) -> tuple[int, bool] | None:
    """The stroke that begins or ends within `gap` of a point, and whether it is its last point that does."""
    found: tuple[float, int, bool] | None = None
    for i in sorted(left):
        for at_stop, end in ((False, starts[i]), (True, stops[i])):
            distance = float(np.linalg.norm(end - tip))
            if distance <= gap and (found is None or distance < found[0]):
                found = (distance, i, at_stop)
    return None if found is None else (found[1], found[2])
