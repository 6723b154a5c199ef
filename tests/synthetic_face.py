"""A face made of the points that have names, without any photo."""

import numpy as np

from strokewise.photo.face_points import (
    BROWS,
    EYE_CORNERS,
    LOWER_LIP,
    MOUTH,
    NOSE_RIDGE,
    NOSE_UNDERSIDE,
    OVAL,
    PROFILE,
    UPPER_LIP,
    named_lines,
)
from strokewise.photo.faces import Face


def face_at(x, y, height, roll=0.0, yaw=0.0, opening=0.4):
    """A face of that height around (x, y), turned by `roll` radians.

    Args:
        opening: height of the eyes over their width.
    """
    marks = np.zeros((468, 2))
    turn = np.linspace(0, 2 * np.pi, 36, endpoint=False) - np.pi / 2
    marks[list(PROFILE)] = np.stack([np.zeros(len(PROFILE)), np.linspace(-0.5, 0.5, len(PROFILE))], axis=1)
    marks[list(OVAL)] = np.stack([0.38 * np.cos(turn), 0.5 * np.sin(turn)], axis=1)
    marks[list(NOSE_RIDGE)] = np.stack([np.zeros(6), np.linspace(-0.12, 0.08, 6)], axis=1)
    marks[1] = (0, 0.1)
    across = np.linspace(-1, 1, 7)
    marks[list(NOSE_UNDERSIDE)] = np.stack([0.09 * across, 0.15 - 0.03 * across**2], axis=1)
    across = np.linspace(-1, 1, 11)
    for points, wide, tall in (
        (MOUTH[0], 0.13, 0),
        (MOUTH[1], 0.13, 0),
        (UPPER_LIP, 0.15, -0.04),
        (LOWER_LIP, 0.15, 0.05),
    ):
        marks[list(points)] = np.stack([wide * across, 0.25 + tall * (1 - across**2)], axis=1)
    eyes = {}
    for side, sign in (("right", -1), ("left", 1)):
        outer, inner = np.array([0.25 * sign, -0.1]), np.array([0.09 * sign, -0.1])
        marks[list(EYE_CORNERS[side])] = outer, inner
        for k, edge in enumerate(BROWS[side]):
            marks[list(edge)] = np.stack([sign * np.linspace(0.27, 0.07, 5), np.full(5, -0.2 + 0.02 * k)], axis=1)
        at = np.linspace(0, 1, 9)
        arch = 0.08 * opening * (1 - (2 * at - 1) ** 2)
        along = outer + at[:, None] * (inner - outer)
        lower, upper = along + np.stack([0 * at, arch], axis=1), along - np.stack([0 * at, arch], axis=1)
        iris = (outer + inner) / 2 + 0.035 * np.array([[0, 0], [1, 0], [0, -1], [-1, 0], [0, 1]])
        eyes[side] = np.concatenate([lower, upper[1:-1]]), iris
    cos, sin = np.cos(roll), np.sin(roll)

    def placed(points):
        return np.asarray(points) @ np.array([[cos, sin], [-sin, cos]]) * height + np.array([x, y])

    marks = placed(marks)
    eyes = {side: (placed(lids), placed(iris)) for side, (lids, iris) in eyes.items()}
    oval = marks[list(OVAL)]
    return Face((*oval.min(0), *oval.max(0)), 0.9, marks, roll, yaw, named_lines(marks, eyes))
