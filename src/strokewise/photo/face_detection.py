"""Faces, and where their eyes, nose and mouth are to be expected: a face is more than its outline.

Uses the cascades (Viola & Jones, CVPR 2001) that OpenCV brings for faces of people and cats seen from the front.
Without OpenCV, or from version 5 on, which has none, no face is found.
"""

from __future__ import annotations

import dataclasses
import functools
import threading
from typing import Any

import numpy as np
from numpy.typing import NDArray

CASCADES = {"person": "haarcascade_frontalface_alt2.xml", "cat": "haarcascade_frontalcatface_extended.xml"}
SITES = {
    "person": ((0.31, 0.39), (0.69, 0.39), (0.5, 0.62), (0.5, 0.8)),
    "cat": ((0.28, 0.33), (0.68, 0.33), (0.48, 0.62), (0.48, 0.76)),
}
"""Eye, eye, nose and mouth as shares of the face's square, from its upper left corner."""
MOST = 4
"""Faces beyond the largest four of a picture are too small to have features of their own."""
_detecting = threading.Lock()  # a cascade keeps what it works on


@dataclasses.dataclass(frozen=True)
class Face:
    """A face's square in picture pixels: its upper left corner, its side, and whose it is ("person" or "cat")."""

    x: float
    y: float
    side: float
    kind: str

    def sites(self) -> NDArray[np.float64]:
        """Where eye, eye, nose and mouth are expected: float64 [4, xy], picture pixels."""
        return np.array([self.x, self.y]) + self.side * np.array(SITES[self.kind])


def find_faces(picture: NDArray[np.float32]) -> list[Face]:
    """The faces in a picture, float32 [y, x, rgb] in [0, 1]: at most four, largest first, in its pixels."""
    try:
        import cv2

        detectors = _detectors(cv2)
    except (ImportError, AttributeError):
        return []
    grey = np.round(picture @ np.array([0.299, 0.587, 0.114], dtype=np.float32) * 255).astype(np.uint8)
    smallest = max(24, min(grey.shape) // 10)
    found: list[Face] = []
    with _detecting:
        for kind, detector in detectors.items():
            boxes = detector.detectMultiScale(grey, scaleFactor=1.1, minNeighbors=5, minSize=(smallest, smallest))
            found += [Face(float(x), float(y), float(w), kind) for x, y, w, _ in boxes]
    kept: list[Face] = []
    for face in sorted(found, key=lambda f: (-f.side, f.x, f.y)):
        if all(_apart(face, other) for other in kept):
            kept.append(face)
    return kept[:MOST]


@functools.cache
def _detectors(cv2: Any) -> dict[str, Any]:
    """OpenCV's cascades, those that it brings; reading them takes longer than asking them.

    Raises:
        AttributeError: it has no cascades at all.
    """
    found = {kind: cv2.CascadeClassifier(cv2.data.haarcascades + name) for kind, name in CASCADES.items()}
    return {kind: detector for kind, detector in found.items() if not detector.empty()}


def _apart(a: Face, b: Face) -> bool:
    """Whether two squares are faces of their own: their centres lie further apart than 0.8 of the mean side."""
    reach = 0.5 * (a.side + b.side) * 0.8
    return abs(a.x + a.side / 2 - b.x - b.side / 2) > reach or abs(a.y + a.side / 2 - b.y - b.side / 2) > reach
