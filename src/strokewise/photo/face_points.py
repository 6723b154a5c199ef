"""Which points of MediaPipe's face mesh make which line of a face. "Right" and "left" are the person's own."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from .._arrays import Array

EYE_CORNERS = {"right": (33, 133), "left": (263, 362)}
"""Outer and inner corner."""
BROWS = {
    "right": ((70, 63, 105, 66, 107), (46, 53, 52, 65, 55)),
    "left": ((300, 293, 334, 296, 336), (276, 283, 282, 295, 285)),
}
"""Upper and lower edge, outer end first."""
MOUTH = ((78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308), (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308))
"""Lower edge of the upper lip and upper edge of the lower one, from the right corner to the left."""
UPPER_LIP = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291)
LOWER_LIP = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291)
"""Their outer edges, from the right corner to the left."""
NOSE_UNDERSIDE = (129, 98, 97, 2, 326, 327, 358)
NOSE_RIDGE = (168, 6, 197, 195, 5, 4)
OVAL = (
    *(10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377),
    *(152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109),
)
"""The outline of the face from the forehead by the left ear and the chin (number 18) to the right ear."""
PROFILE = (10, 151, 9, 8, 168, 6, 197, 195, 5, 4, 1, 19, 94, 2, 164, 0, 11, 13, 14, 16, 17, 18, 200, 199, 175, 152)
"""The middle line from the forehead to the chin."""

_PAIRED = (*BROWS["right"][0], *BROWS["right"][1], *EYE_CORNERS["right"])
_PAIRS = (*BROWS["left"][0], *BROWS["left"][1], *EYE_CORNERS["left"])
KEYS = (*_PAIRED, *_PAIRS, *MOUTH[0], *UPPER_LIP, *LOWER_LIP, *NOSE_UNDERSIDE, *OVAL)
"""Points by which two looks at a face are compared."""
MIRRORED_KEYS = (
    *(*_PAIRS, *_PAIRED, *MOUTH[0][::-1], *UPPER_LIP[::-1], *LOWER_LIP[::-1], *NOSE_UNDERSIDE[::-1]),
    *(OVAL[0], *OVAL[:0:-1]),
)
"""The points that lie in a mirror where KEYS lie in the face."""


def named_lines(marks: Array, eyes: Mapping[str, tuple[Array, Array]]) -> dict[str, Array]:
    """The lines of a face, float64 [point, xy] by name, as `Face.lines` lists them.

    Args:
        marks: float64 [468, xy], the mesh.
        eyes: by "right" and "left", the lids' points and the iris', as `face_networks.eye_points` gives them.
    """
    lines: dict[str, Array] = {}
    turn = np.linspace(0, 2 * np.pi, 25)
    ring = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    for side, (lids, iris) in eyes.items():
        outer, inner = lids[0], lids[8]
        lines[f"{side}_lower_lid"] = lids[:9]
        lines[f"{side}_upper_lid"] = np.concatenate([[outer], lids[9:], [inner]])
        lines[f"{side}_iris"] = iris[0] + float(np.linalg.norm(iris[1:] - iris[0], axis=1).mean()) * ring
        lines[f"{side}_brow"] = (marks[list(BROWS[side][0])] + marks[list(BROWS[side][1])]) / 2
    lines["mouth"] = (marks[list(MOUTH[0])] + marks[list(MOUTH[1])]) / 2
    lines["upper_lip"] = marks[list(UPPER_LIP)]
    lines["lower_lip"] = marks[list(LOWER_LIP)]
    lines["nose_underside"] = marks[list(NOSE_UNDERSIDE)]
    lines["nose_ridge"] = marks[list(NOSE_RIDGE)]
    lines["profile"] = marks[list(PROFILE)]
    lines["jaw"] = marks[list(OVAL[8:29])]
    lines["oval"] = marks[[*OVAL, OVAL[0]]]
    return lines
