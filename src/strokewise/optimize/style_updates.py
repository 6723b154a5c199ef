"""StrokeStyle on its way downhill: the widths, opacities and colours of several drawings, moved along with the strokes.

A drawing has only so much ink, and the encoder decides where it counts: widths and opacities keep their mean along
the whole line, so that some strokes swell and come forward as others thin out and fade.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from .._arrays import Array, Flags
from ..raster import render
from ..sketch import StrokeStyle, is_grey
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
    """The ink of several drawings. What is locked, and what does not vary, stays as it is, to the bit.

    Args:
        ink: that of [drawing, stroke]; None is the pen, which draws in black and does not vary.
        points: the strokes, float64 [drawing, stroke, point, xy]; those that meet are inked alike.
        locked: [drawing, stroke], strokes whose ink stays.
        vary: of "width", "opacity", "color".
        width: that of the pen, canvas pixels.
        size: side of the canvas, pixels.
        device: where it moves.

    Attributes:
        plain: whether it is but the pen.
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
        device: torch.device,
    ) -> None:
        self._width, self._size, self._device = width, size, device
        self.plain = style is None
        self._names = [] if style is None else [name for name in RATES if name in vary]
        self._ink = style if style is not None else StrokeStyle.pen(locked.shape[1], width).spread(*locked.shape)
        self._locked, self._free = locked, torch.from_numpy(~locked).to(device)
        self._channels = 1 if "color" not in vary and is_grey([self._ink]) else 3
        self._even = START_OPACITY_COLOR if "color" in vary else START_OPACITY
        if "opacity" in self._names:
            lighter = _evened(self._ink.opacities, locked, self._even)
            self._ink = self._ink._replace(opacities=np.where(locked, self._ink.opacities, lighter))
        self._parts = {name: self._part(name, self._ink) for name in self._names}
        self._starts = dict(self._parts)
        self._meeting = torch.stack([meeting(drawing) for drawing in points]).to(device)
        self._adams = {name: Adam(part, alike=True) for name, part in self._parts.items()}
        self._means: dict[str, Tensor] = {}

    def leaves(self, moving: bool) -> dict[str, Tensor]:
        """What varies, [drawing, stroke, ...], for a gradient to be taken if it is to move."""
        return {name: part.detach().requires_grad_(moving) for name, part in self._parts.items()}

    def draw(self, points: Tensor, leaves: dict[str, Tensor]) -> Tensor:
        """The drawings: float [drawing, 1 or 3, size, size]."""
        if self.plain:
            return render(points, self._width, size=self._size)
        widths = self._width * leaves["width"].exp() if "width" in leaves else self._tensor(self._ink.widths)
        opacities = leaves["opacity"] if "opacity" in leaves else self._tensor(self._ink.opacities)
        colors = leaves["color"] if "color" in leaves else self._tensor(self._ink.colors[..., : self._channels])
        return render(points, widths, colors, opacities, size=self._size)

    def exact(self, leaves: dict[str, Array]) -> StrokeStyle:
        """The ink of all drawings, given what varies as read from the device."""
        found = self._ink
        if "width" in leaves:
            widths = self._width * np.exp(leaves["width"])
            found = found._replace(widths=np.where(self._locked, found.widths, widths))
        if "opacity" in leaves:
            found = found._replace(opacities=np.where(self._locked, found.opacities, leaves["opacity"]))
        if "color" in leaves:
            found = found._replace(colors=np.where(self._locked[..., None], found.colors, leaves["color"]))
        return found

    def move(self, points: Tensor, gradients: dict[str, Tensor], fades: Tensor) -> None:
        """A step of what varies.

        Args:
            points: the strokes [drawing, stroke, point, xy], whose lengths share out the ink.
            gradients: with respect to each leaf.
            fades: [drawing], share of the rates that counts.
        """
        if not gradients:
            return
        with torch.no_grad():
            length = points.diff(dim=2).norm(dim=3).sum(2).clamp_min(SHORT * self._size / 224) * self._free
            share = length / length.sum(1, keepdim=True).clamp_min(1e-12)
        for name, gradient in gradients.items():
            part, start = self._parts[name], self._starts[name]
            free, shares = (t.view(*t.shape, *[1] * (part.ndim - 2)) for t in (self._free, share))
            # What counts is what a pixel of line does, or long strokes would get all the ink.
            gradient = torch.where(free, gradient / shares.clamp_min(1e-12), 0.0)
            if name != "color":
                gradient = torch.where(free, gradient - (shares * gradient).sum(1, keepdim=True), 0.0)
            gradient = torch.einsum("dst,dt...->ds...", self._meeting, gradient)
            rate = RATES[name] * fades.view(-1, *[1] * (part.ndim - 1))
            moved = self._adams[name].step(part, gradient, rate) - rate * PULLS[name] * (part - start)
            low, high = _between(name, start)
            if name == "color":
                moved = moved.clamp(low, high)
            else:
                measure = torch.exp if name == "width" else torch.clone
                mean = self._means.setdefault(name, (share * measure(part)).sum(1))
                moved = _balanced(moved, share, mean, low, high, measure)
            self._parts[name] = torch.where(free, moved, part)

    def keep(self, rows: list[int]) -> None:
        """Go on with some of the drawings only."""
        self._ink, self._locked, self._free = self._ink.at(rows), self._locked[rows], self._free[rows]
        self._parts = {name: part[rows] for name, part in self._parts.items()}
        self._starts = {name: start[rows] for name, start in self._starts.items()}
        self._meeting = self._meeting[rows]
        self._means = {name: mean[rows] for name, mean in self._means.items()}
        for adam in self._adams.values():
            adam.keep(rows)

    def fresh(self, row: int, strokes: Array, photo: Tensor) -> StrokeStyle:
        """Style of strokes [stroke, point, xy] that may come into a drawing: what varies begins as it does
        everywhere, colours with the photo's [3, size, size]; the rest is what the drawing's free strokes mostly have.
        """
        free = np.flatnonzero(~self._locked[row])
        found = self._ink.at(row).at(free).typical(len(strokes))
        if "width" in self._names:
            found.widths[:] = self._width
        if "opacity" in self._names:
            found.opacities[:] = self._even
        return found._replace(colors=photo_colors(strokes, photo)) if "color" in self._names else found

    def restart(self, row: int, points: Array, style: StrokeStyle, came: Flags) -> None:
        """Put another drawing [stroke, ...] in the place of one; `came` says which of its strokes are new."""
        for mine, its in zip(self._ink, style, strict=True):
            mine[row] = its
        new = torch.from_numpy(came).to(self._device)
        for name in self._names:
            value = self._part(name, style)
            start = torch.where(new.view(-1, *[1] * (value.ndim - 1)), value, self._starts[name][row])
            self._parts[name], self._starts[name] = self._parts[name].clone(), self._starts[name].clone()
            self._parts[name][row], self._starts[name][row] = value, start
            self._adams[name].restart(row)
        self._meeting[row] = meeting(points).to(self._meeting)

    def _part(self, name: str, style: StrokeStyle) -> Tensor:
        """What moves of that name, float32 [..., stroke, ...]; widths as the logarithm of their share of the pen's."""
        if name == "width":
            return self._tensor(np.log(np.maximum(style.widths, 1e-3 * self._width) / self._width))
        return self._tensor(style.opacities if name == "opacity" else style.colors)

    def _tensor(self, values: Array) -> Tensor:
        return torch.tensor(values, dtype=torch.float32, device=self._device)


def meeting(points: Array, near: float = 0.05) -> Tensor:
    """Averages over strokes [stroke, point, xy] with ends that lie on each other: float32 [stroke, stroke]."""
    ends = points[:, [0, -1]].reshape(-1, 2)
    close = (np.linalg.norm(ends[:, None] - ends[None], axis=2) < near).reshape(len(points), 2, len(points), 2)
    touch = (close.any((1, 3)) | np.eye(len(points), dtype=bool)).astype(np.float32)
    return torch.from_numpy(touch / touch.sum(1, keepdims=True))


def _evened(opacities: Array, locked: Flags, even: float) -> Array:
    """Opacities [drawing, stroke], those that are free no stronger than `even` in the mean."""
    mean = (opacities * ~locked).sum(1) / np.maximum((~locked).sum(1), 1)
    return np.asarray(opacities * np.minimum(1, even / np.maximum(mean, 1e-9))[:, None])


def _between(name: str, start: Tensor) -> tuple[Tensor, Tensor]:
    """Bounds of what begins at `start`, of its shape; they hold the start itself."""
    if name == "color":
        return (start - COLOR_RANGE).clamp_min(0), (start + COLOR_RANGE).clamp_max(1)
    low, high = (math.log(WIDTHS[0]), math.log(WIDTHS[1])) if name == "width" else OPACITIES
    return start.clamp_max(low), start.clamp_min(high)


def _balanced(
    values: Tensor, share: Tensor, mean: Tensor, low: Tensor, high: Tensor, measure: Callable[[Tensor], Tensor]
) -> Tensor:
    """Values [drawing, stroke] shifted, all of a drawing alike and within bounds, so that their mean stays.

    Args:
        share: [drawing, stroke], weight of each in the mean; 1 in all.
        mean: [drawing], what the mean of `measure(values)`, which rises with them, has to be.
        low, high: [drawing, stroke], bounds.
    """
    below, above = (low - values).amin(1, keepdim=True), (high - values).amax(1, keepdim=True)
    for _ in range(20):
        shift = (below + above) / 2
        over = (share * measure((values + shift).clamp(low, high))).sum(1, keepdim=True) > mean[:, None]
        below, above = torch.where(over, below, shift), torch.where(over, shift, above)
    return (values + (below + above) / 2).clamp(low, high)
