"""The style of strokes while they are optimised: widths, opacities and colours of several drawings.

A drawing has only so much ink, and the encoder decides where it counts: widths and opacities keep their mean along
the whole line, so that some strokes swell and come forward as others thin out and fade.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from .._arrays import Array, Flags
from ..engines.base import Images
from ..sketch import StrokeStyle
from .strokes import Adam
from .style import photo_colors

RATES = {"width": 0.04, "opacity": 0.03, "color": 0.006}
"""How far a typical stroke's ink goes in a step at first: logarithm of its width, opacity, level of a colour."""
WIDTHS = (0.35, 3.0)
"""Narrowest and widest stroke, as shares of the pen's width."""
OPACITIES = (0.15, 1.0)
START_OPACITY, START_OPACITY_COLOR = 0.7, 0.9
"""Opacities at which strokes begin, so that some can come forward as others fade; colours are light by themselves."""
COLOR_RANGE = 0.06
"""How far each level of a colour may go from where it began."""
PULLS = {"width": 0.8, "opacity": 2.0, "color": 12.0}
"""How strongly ink is pulled back to where it began: a stroke that matters as much as the typical one ends about
1 / pull from there."""
SHORT = 24.0
"""Shorter strokes than this count as that long where ink is shared out, pixels of a 224 px canvas."""


class StyleParameters:
    """The style of several drawings. What is locked, and what does not vary, stays as it is, to the bit.

    Args:
        style: that of [drawing, stroke]; None is the pen, which draws in black and does not vary.
        points: the strokes, float64 [drawing, stroke, point, xy]; those that meet are drawn alike.
        locked: [drawing, stroke], strokes whose style stays.
        vary: of "width", "opacity", "color".
        width: that of the pen, canvas pixels.
        size: side of the canvas, pixels.
    """

    def __init__(
        self,
        style: StrokeStyle | None,
        points: Array,
        locked: Flags,
        vary: frozenset[str],
        *,
        width: float,
        size: int,
    ) -> None:
        self._width, self._size = width, size
        self._plain = style is None
        self._names = [] if style is None else [name for name in RATES if name in vary]
        self._style = style if style is not None else StrokeStyle.pen(locked.shape[1], width).spread(*locked.shape)
        self._locked = locked
        self._opacity = START_OPACITY_COLOR if "color" in vary else START_OPACITY
        if "opacity" in self._names:
            lighter = _lightened(self._style.opacities, locked, self._opacity)
            self._style = self._style._replace(opacities=np.where(locked, self._style.opacities, lighter))
        self._parts = {name: self._part(name, self._style) for name in self._names}
        self._starts = dict(self._parts)
        self._meeting = np.stack([meeting(drawing) for drawing in points])
        self._adams = {name: Adam(part, alike=True) for name, part in self._parts.items()}
        self._means: dict[str, Array] = {}

    @property
    def vary(self) -> frozenset[str]:
        """What varies."""
        return frozenset(self._names)

    @property
    def drawn(self) -> StrokeStyle | None:
        """The style of all drawings, [drawing, stroke]; None where it is but the pen."""
        return None if self._plain else self.style

    @property
    def style(self) -> StrokeStyle:
        """The style of all drawings, [drawing, stroke]."""
        found = self._style
        if "width" in self._parts:
            widths = self._width * np.exp(self._parts["width"])
            found = found._replace(widths=np.where(self._locked, found.widths, widths))
        if "opacity" in self._parts:
            found = found._replace(opacities=np.where(self._locked, found.opacities, self._parts["opacity"]))
        if "color" in self._parts:
            found = found._replace(colors=np.where(self._locked[..., None], found.colors, self._parts["color"]))
        return found

    def move(self, points: Array, gradients: dict[str, Array], fades: Array) -> None:
        """A step of what varies.

        Args:
            points: the strokes [drawing, stroke, point, xy], whose lengths share out the ink.
            gradients: with respect to the width, opacity and color of each stroke, those that vary.
            fades: [drawing], share of the rates that counts.
        """
        length = np.linalg.norm(np.diff(points, axis=2), axis=3).sum(2)
        length = np.maximum(length, SHORT * self._size / 224) * ~self._locked
        share = length / np.maximum(length.sum(1, keepdims=True), 1e-12)
        for name in self._names:
            part, start, gradient = self._parts[name], self._starts[name], gradients[name]
            if name == "width":  # what moves is its logarithm
                gradient = gradient * self._width * np.exp(part)
            free, shares = (a.reshape(*a.shape, *[1] * (part.ndim - 2)) for a in (~self._locked, share))
            # What counts is what a pixel of line does, or long strokes would get all the ink.
            gradient = np.where(free, gradient / np.maximum(shares, 1e-12), 0.0)
            if name != "color":
                gradient = np.where(free, gradient - (shares * gradient).sum(1, keepdims=True), 0.0)
            gradient = np.einsum("dst,dt...->ds...", self._meeting, gradient)
            rate = RATES[name] * fades.reshape(-1, *[1] * (part.ndim - 1))
            moved = self._adams[name].step(part, gradient, rate) - rate * PULLS[name] * (part - start)
            low, high = _between(name, start)
            if name == "color":
                moved = np.clip(moved, low, high)
            else:
                measure = np.exp if name == "width" else np.positive
                mean = self._means.setdefault(name, (share * measure(part)).sum(1))
                moved = _balanced(moved, share, mean, low, high, measure)
            self._parts[name] = np.where(free, moved, part)

    def keep(self, rows: list[int]) -> None:
        """Go on with some of the drawings only."""
        self._style, self._locked = self._style.at(rows), self._locked[rows]
        self._parts = {name: part[rows] for name, part in self._parts.items()}
        self._starts = {name: start[rows] for name, start in self._starts.items()}
        self._meeting = self._meeting[rows]
        self._means = {name: mean[rows] for name, mean in self._means.items()}
        for adam in self._adams.values():
            adam.keep(rows)

    def fresh(self, row: int, strokes: Array, photo: Images) -> StrokeStyle:
        """Style of strokes [stroke, point, xy] that may come into a drawing: what varies begins as it does
        everywhere, colours with the photo's [3, size, size]; the rest is what the drawing's free strokes mostly have.
        """
        free = np.flatnonzero(~self._locked[row])
        found = self._style.at(row).at(free).typical(len(strokes))
        if "width" in self._names:
            found.widths[:] = self._width
        if "opacity" in self._names:
            found.opacities[:] = self._opacity
        return found._replace(colors=photo_colors(strokes, photo)) if "color" in self._names else found

    def restart(self, row: int, points: Array, style: StrokeStyle, came: Flags) -> None:
        """Put another drawing [stroke, ...] in the place of one; `came` says which of its strokes are new."""
        for mine, its in zip(self._style, style, strict=True):
            mine[row] = its
        for name in self._names:
            value = self._part(name, style)
            start = np.where(came.reshape(-1, *[1] * (value.ndim - 1)), value, self._starts[name][row])
            self._parts[name], self._starts[name] = self._parts[name].copy(), self._starts[name].copy()
            self._parts[name][row], self._starts[name][row] = value, start
            self._adams[name].restart(row)
        self._meeting[row] = meeting(points)

    def _part(self, name: str, style: StrokeStyle) -> Array:
        """What moves of that name, float64 [..., stroke, ...]; widths as the logarithm of their share of the pen's."""
        if name == "width":
            return np.asarray(np.log(np.maximum(style.widths, 1e-3 * self._width) / self._width))
        return np.array(style.opacities if name == "opacity" else style.colors)


def meeting(points: Array, near: float = 0.05) -> Array:
    """Averages over strokes [stroke, point, xy] with ends that lie on each other: float64 [stroke, stroke]."""
    ends = points[:, [0, -1]].reshape(-1, 2)
    close = (np.linalg.norm(ends[:, None] - ends[None], axis=2) < near).reshape(len(points), 2, len(points), 2)
    touch = close.any((1, 3)) | np.eye(len(points), dtype=bool)
    return np.asarray(touch / touch.sum(1, keepdims=True))


def _lightened(opacities: Array, locked: Flags, most: float) -> Array:
    """Opacities [drawing, stroke], those that are free no stronger than `most` in the mean."""
    mean = (opacities * ~locked).sum(1) / np.maximum((~locked).sum(1), 1)
    return np.asarray(opacities * np.minimum(1, most / np.maximum(mean, 1e-9))[:, None])


def _between(name: str, start: Array) -> tuple[Array, Array]:
    """Bounds of what begins at `start`, of its shape; they hold the start itself."""
    if name == "color":
        return np.maximum(start - COLOR_RANGE, 0), np.minimum(start + COLOR_RANGE, 1)
    low, high = (math.log(WIDTHS[0]), math.log(WIDTHS[1])) if name == "width" else OPACITIES
    return np.minimum(start, low), np.maximum(start, high)


def _balanced(
    values: Array, share: Array, mean: Array, low: Array, high: Array, measure: Callable[[Array], Array]
) -> Array:
    """Values [drawing, stroke] shifted, all of a drawing alike and within bounds, so that their mean stays.

    Args:
        share: [drawing, stroke], weight of each in the mean; 1 in all.
        mean: [drawing], what the mean of `measure(values)`, which rises with them, has to be.
        low, high: [drawing, stroke], bounds.
    """
    below, above = (low - values).min(1, keepdims=True), (high - values).max(1, keepdims=True)
    for _ in range(20):
        shift = (below + above) / 2
        over = (share * measure(np.clip(values + shift, low, high))).sum(1, keepdims=True) > mean[:, None]
        below, above = np.where(over, below, shift), np.where(over, shift, above)
    return np.clip(values + (below + above) / 2, low, high)
