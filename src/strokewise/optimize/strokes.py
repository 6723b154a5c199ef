"""Strokes on their way downhill: where they are, how they take a step, and what holds them together."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from .._arrays import Array, Flags

SMOOTH = 0.98
"""Cosine of the turn between two cubics of a chain up to which they stay smoothly joined."""


class Adam:
    """Adam (Kingma & Ba, 2015) for one tensor of several drawings, [drawing, ...].

    Args:
        like: the shape and device of what moves.
        alike: whether the numbers of a drawing share one measure of their gradients, so that those with little
            effect move little; by default each has its own.
        beta1, beta2: how much of the mean gradient, and of its mean square, a step keeps; from 0 to below 1.
    """

    def __init__(self, like: Tensor, *, alike: bool = False, beta1: float = 0.8, beta2: float = 0.95) -> None:
        self.alike, self.beta1, self.beta2 = alike, beta1, beta2
        self._first, self._second = torch.zeros_like(like), torch.zeros_like(like)
        self._steps = 0

    def step(self, value: Tensor, gradient: Tensor, rate: Tensor) -> Tensor:
        """The value after a step against its gradient, both shaped like `like`; the rate is broadcast to them."""
        self._steps += 1
        square = gradient.square()
        if self.alike:
            square = square.flatten(1).mean(1).view(-1, *[1] * (square.ndim - 1)).expand_as(square)
        self._first = self.beta1 * self._first + (1 - self.beta1) * gradient
        self._second = self.beta2 * self._second + (1 - self.beta2) * square
        first = self._first / (1 - self.beta1**self._steps)
        second = self._second / (1 - self.beta2**self._steps)
        return value - rate * first / (second.sqrt() + 1e-12)

    def keep(self, rows: list[int]) -> None:
        """Go on with some of the drawings only."""
        self._first, self._second = self._first[rows], self._second[rows]

    def restart(self, row: int) -> None:
        """Forget where one drawing was heading."""
        self._first[row] = 0


class StrokeParameters:
    """The strokes of several drawings: joined ones stay joined, locked ones stay where they are, to the bit.

    Args:
        points: float64 [drawing, stroke, point, xy], canvas pixels.
        locked: [drawing, stroke], which strokes must not move.
        device: where they move.

    Attributes:
        points: as they are now, float32 [drawing, stroke, point, xy].
    """

    def __init__(self, points: Array, locked: Flags, device: torch.device) -> None:
        self.points = torch.tensor(points, dtype=torch.float32, device=device)
        self._given, self._locked = points, locked
        each = list(zip(points, locked, strict=True))
        self._joined = torch.stack([joining(drawing, locked=still) for drawing, still in each]).to(device)
        self._bends = [_SmoothJoints(drawing, still, device) for drawing, still in each]
        self._adam = Adam(self.points)

    def move(self, gradient: Tensor, rate: Tensor) -> None:
        """A step against the gradient, shaped like `points`, of up to about `rate` pixels, [drawing, 1, 1, 1]."""
        gradient = self._with_bends(_SmoothJoints.pass_on, gradient)
        gradient = (self._joined @ gradient.flatten(1, 2)).view_as(gradient)
        self.points = self._with_bends(_SmoothJoints.follow, self._adam.step(self.points, gradient, rate))

    def exact(self, points: Array) -> Array:
        """Points of all drawings, read from the device, with all the bits of those that are locked."""
        return np.where(self._locked[..., None, None], self._given, points) if self._locked.any() else points

    def keep(self, rows: list[int]) -> None:
        """Go on with some of the drawings only."""
        self.points, self._joined = self.points[rows], self._joined[rows]
        self._given, self._locked = self._given[rows], self._locked[rows]
        self._bends = [self._bends[row] for row in rows]
        self._adam.keep(rows)

    def restart(self, row: int, points: Array) -> None:
        """Put another drawing in the place of one; its locked strokes are the same."""
        self.points = self.points.clone()
        self.points[row] = torch.from_numpy(points).to(self.points)
        self._joined[row] = joining(points, locked=self._locked[row]).to(self._joined)
        self._bends[row] = _SmoothJoints(points, self._locked[row], self.points.device)
        self._adam.restart(row)

    def _with_bends(self, act: Callable[[_SmoothJoints, Tensor], Tensor], values: Tensor) -> Tensor:
        """What each drawing's bends make of its row; the same tensor where there are none."""
        if not any(map(len, self._bends)):
            return values
        return torch.stack([act(bends, row) for bends, row in zip(self._bends, values, strict=True)])


def joining(points: Array, near: float = 0.05, locked: Flags | None = None) -> Tensor:
    """Averages over end points that lie on each other: float32 [stroke * point, stroke * point].

    Strokes that were cut from one line stay joined when each step is averaged so. What is locked gets no step, and
    neither do the ends that lie on it.

    Args:
        points: float64 [stroke, point, xy].
        near: distance up to which two ends are one, in the unit of the points.
        locked: [stroke], which strokes must not move.
    """
    flat = points.reshape(-1, 2)
    which = np.arange(len(flat))
    ends = which[(which % points.shape[1] == 0) | (which % points.shape[1] == points.shape[1] - 1)]
    close = np.linalg.norm(flat[ends, None] - flat[None, ends], axis=2) < near
    matrix = np.eye(len(flat), dtype=np.float32)
    matrix[np.ix_(ends, ends)] = close / close.sum(1, keepdims=True)
    if locked is not None and locked.any():
        held = np.repeat(locked, points.shape[1])
        held[ends] |= (close & held[ends]).any(1)
        matrix[held] = 0
    return torch.from_numpy(matrix)


class _SmoothJoints:
    """Where the cubics of one drawing's chains go on into each other smoothly, and how they stay so.

    There the point between two cubics is no free one: it lies on the line between its two handles, at the share of
    the way at which it was placed, plus whatever it was off that line.
    """

    def __init__(self, points: Array, locked: Flags, device: torch.device) -> None:
        stroke, place = np.meshgrid(np.arange(len(points)), np.arange(3, points.shape[1] - 1, 3), indexing="ij")
        back, on = (points[stroke, place + d] - points[stroke, place] for d in (-1, 1))
        behind, ahead = np.linalg.norm(back, axis=2), np.linalg.norm(on, axis=2)
        smooth = (-(back * on).sum(2) > SMOOTH * behind * ahead) & (behind > 0) & (ahead > 0) & ~locked[:, None]
        share = (behind / np.maximum(behind + ahead, 1e-12))[smooth]
        self.stroke, self.place = (torch.from_numpy(a[smooth]).to(device) for a in (stroke, place))
        self.share = torch.tensor(share[:, None], dtype=torch.float32, device=device)
        between = back[smooth] + share[:, None] * (on - back)[smooth]
        self.off = torch.tensor(-between, dtype=torch.float32, device=device)

    def __len__(self) -> int:
        return len(self.stroke)

    def pass_on(self, gradient: Tensor) -> Tensor:
        """The gradient [stroke, point, xy], that of the points between given to their handles."""
        passed = gradient.clone()
        between = gradient[self.stroke, self.place]
        passed[self.stroke, self.place - 1] += (1 - self.share) * between
        passed[self.stroke, self.place + 1] += self.share * between
        passed[self.stroke, self.place] = 0
        return passed

    def follow(self, points: Tensor) -> Tensor:
        """The points [stroke, point, xy], those between brought after their handles."""
        moved = points.clone()
        before, after = points[self.stroke, self.place - 1], points[self.stroke, self.place + 1]
        moved[self.stroke, self.place] = before + self.share * (after - before) + self.off
        return moved
