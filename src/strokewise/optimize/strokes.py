"""The points of strokes while they are optimised: how they take a step, and what holds them together."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .._arrays import Array, Flags

JOIN = 0.05
"""Distance up to which two ends of strokes move as one: they lie on each other."""
SMOOTH = 0.98
"""Cosine of the turn between two cubics of a chain up to which they stay smoothly joined."""


class Adam:
    """Adam (Kingma & Ba, 2015) for one array of several drawings, [drawing, ...].

    Args:
        like: of the shape of what moves.
        alike: whether the numbers of a drawing share one measure of their gradients, so that those with little
            effect move little; by default each has its own.
        beta1, beta2: how much of the mean gradient, and of its mean square, a step keeps; from 0 to below 1.
        epsilon: keeps a step finite where there is no gradient.
    """

    def __init__(
        self, like: Array, *, alike: bool = False, beta1: float = 0.8, beta2: float = 0.95, epsilon: float = 1e-12
    ) -> None:
        self.alike, self.beta1, self.beta2, self.epsilon = alike, beta1, beta2, epsilon
        self._first, self._second = np.zeros(like.shape), np.zeros(like.shape)
        self._steps = 0

    def step(self, value: Array, gradient: Array, rate: Array | float) -> Array:
        """The value after a step against its gradient, both shaped like `like`; the rate is broadcast to them."""
        self._steps += 1
        square = np.square(gradient)
        if self.alike:
            square = np.broadcast_to(square.mean(tuple(range(1, square.ndim)), keepdims=True), square.shape)
        self._first = self.beta1 * self._first + (1 - self.beta1) * gradient
        self._second = self.beta2 * self._second + (1 - self.beta2) * square
        first = self._first / (1 - self.beta1**self._steps)
        second = self._second / (1 - self.beta2**self._steps)
        return np.asarray(value - rate * first / (np.sqrt(second) + self.epsilon))

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
        join: distance up to which two ends move as one, canvas pixels.

    Attributes:
        points: as they are now.
    """

    def __init__(self, points: Array, locked: Flags, join: float = JOIN) -> None:
        self.points, self._locked, self._join = points.copy(), locked, join
        each = list(zip(points, locked, strict=True))
        self._joined = np.stack([joining(drawing, join, locked=fixed) for drawing, fixed in each])
        self._joints = [_SmoothJoints(drawing, fixed) for drawing, fixed in each]
        self._adam = Adam(self.points)

    def move(self, gradient: Array, rate: Array) -> None:
        """A step against the gradient, shaped like `points`, of up to about `rate` pixels, [drawing, 1, 1, 1]."""
        gradient = self._at_joints(_SmoothJoints.pass_on, gradient)
        flat = gradient.reshape(len(gradient), -1, 2)
        gradient = (self._joined @ flat).reshape(gradient.shape)
        moved = self._at_joints(_SmoothJoints.follow, self._adam.step(self.points, gradient, rate))
        self.points = np.where(self._locked[..., None, None], self.points, moved)

    def keep(self, rows: list[int]) -> None:
        """Go on with some of the drawings only."""
        self.points, self._joined, self._locked = self.points[rows], self._joined[rows], self._locked[rows]
        self._joints = [self._joints[row] for row in rows]
        self._adam.keep(rows)

    def restart(self, row: int, points: Array) -> None:
        """Put another drawing in the place of one; its locked strokes are the same."""
        self.points = self.points.copy()
        self.points[row] = points
        self._joined[row] = joining(points, self._join, locked=self._locked[row])
        self._joints[row] = _SmoothJoints(points, self._locked[row])
        self._adam.restart(row)

    def _at_joints(self, act: Callable[[_SmoothJoints, Array], Array], values: Array) -> Array:
        """What each drawing's joints make of its row; the same array where there are none."""
        if not any(map(len, self._joints)):
            return values
        return np.stack([act(joints, row) for joints, row in zip(self._joints, values, strict=True)])


def joining(points: Array, join: float = JOIN, locked: Flags | None = None) -> Array:
    """Averages over end points that lie on each other, or near: float64 [stroke * point, stroke * point].

    Strokes that were cut from one line stay joined when each step is averaged so. What is locked gets no step, and
    neither do the ends that lie on it.

    Args:
        points: float64 [stroke, point, xy].
        join: distance up to which two ends move as one, in the unit of the points; so do ends between which others
            lead.
        locked: [stroke], which strokes must not move.
    """
    flat = points.reshape(-1, 2)
    which = np.arange(len(flat))
    ends = which[(which % points.shape[1] == 0) | (which % points.shape[1] == points.shape[1] - 1)]
    same = _connected(np.linalg.norm(flat[ends, None] - flat[None, ends], axis=2) < join)
    matrix = np.eye(len(flat))
    matrix[np.ix_(ends, ends)] = same / same.sum(1, keepdims=True)
    if locked is not None and locked.any():
        fixed = np.repeat(locked, points.shape[1])
        fixed[ends] |= (same & fixed[ends]).any(1)
        matrix[fixed] = 0
    return matrix


def _connected(close: Flags) -> Flags:
    """Which are joined by steps between close ones: bool [end, end] of bool [end, end].

    By squaring: SciPy's function for it takes longer to import than this takes.
    """
    count = 0
    while close.sum() > count:
        count = int(close.sum())
        close = close.astype(np.float32) @ close.astype(np.float32) > 0
    return close


class _SmoothJoints:
    """Where the cubics of one drawing's chains go on into each other smoothly, and how they stay so.

    There the point between two cubics is no free one: it lies on the line between its two handles, at the share of
    the way at which it was placed, plus whatever it was off that line.
    """

    def __init__(self, points: Array, locked: Flags) -> None:
        stroke, place = np.meshgrid(np.arange(len(points)), np.arange(3, points.shape[1] - 1, 3), indexing="ij")
        back, on = (points[stroke, place + d] - points[stroke, place] for d in (-1, 1))
        behind, ahead = np.linalg.norm(back, axis=2), np.linalg.norm(on, axis=2)
        smooth = (-(back * on).sum(2) > SMOOTH * behind * ahead) & (behind > 0) & (ahead > 0) & ~locked[:, None]
        self.stroke, self.place = stroke[smooth], place[smooth]
        self.share = (behind / np.maximum(behind + ahead, 1e-12))[smooth][:, None]
        self.off = -(back[smooth] + self.share * (on - back)[smooth])

    def __len__(self) -> int:
        return len(self.stroke)

    def pass_on(self, gradient: Array) -> Array:
        """The gradient [stroke, point, xy], that of the points between given to their handles."""
        passed = gradient.copy()
        between = gradient[self.stroke, self.place]
        np.add.at(passed, (self.stroke, self.place - 1), (1 - self.share) * between)
        np.add.at(passed, (self.stroke, self.place + 1), self.share * between)
        passed[self.stroke, self.place] = 0
        return passed

    def follow(self, points: Array) -> Array:
        """The points [stroke, point, xy], those between brought after their handles."""
        moved = points.copy()
        before, after = points[self.stroke, self.place - 1], points[self.stroke, self.place + 1]
        moved[self.stroke, self.place] = before + self.share * (after - before) + self.off
        return moved
