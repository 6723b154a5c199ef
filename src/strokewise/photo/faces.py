"""Faces of people in a photo, with the lines of their eyes, brows, nose, mouth and jaw.

    for face in find_faces(picture):
        face.lines["right_upper_lid"]   # float64 [point, xy], pixels of the picture

Detectors look at the whole picture, at parts of it, and at it turned. What they find is a face only if the face mesh
agrees: it must be sure, stay where it is when it looks again, and say the same of the mirror image.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from .._arrays import Array
from .face_networks import FULL_RANGE, SHORT_RANGE, Crop, Pyramid, detect, eye_points, mesh
from .face_points import EYE_CORNERS, KEYS, MIRRORED_KEYS, OVAL, named_lines

TILES, TILE = 3, 0.5
"""Tiles for small faces: so many across and down, each that share of the picture's shorter side or more."""
LEAST_SCORE = 0.3
"""Detections below this are not looked at."""
SURE_SCORE = 0.85
"""Once the upright picture shows a face of this score, the turned ones are not searched: a face that stands on its head
can look like an upright one of a lower score."""
LEAST_UPRIGHT, LEAST_TURNED = 0.5, 0.75
"""Least score of a face that is tilted by less than 60 degrees, and of others, which are rarely faces."""
PRESENCE = 0.7
"""Least certainty of the mesh that a face is there."""
DRIFT, MIRROR_DRIFT = 0.05, 0.1
"""Most that the mesh may differ when it looks again, and in a mirror: mean distance over the face's height."""
CONFIRMED = 0.4
"""Least score of the full-range detector in an upright crop around the mesh: animals and things rarely have it."""
LOOKED_AT = 64
"""Most detections that the mesh looks at in one picture."""
MESH_CROP, EYE_CROP, CONFIRMING_CROP = 1.5, 2.3, 2.4
"""Side of the crop over the face's longer side, over the eye's width, and again over the face's side."""


@dataclasses.dataclass(frozen=True, eq=False)
class Face:
    """A person's face; all lengths are pixels of the picture. "Right" and "left" are the person's own.

    Attributes:
        box: left, top, right, bottom of its oval.
        score: how sure it is that this is a face, 0 to 1.
        landmarks: float64 [468, xy], MediaPipe's face mesh.
        roll: angle of the line from its right eye to its left eye, radians, clockwise as seen; 0 upright.
        yaw: how far it is turned aside, -1 to 1: 0 from the front, about 0.5 three quarters, from about 0.75 profile;
            positive when it looks to the picture's right.
        lines: float64 [point, xy] by name: right_ and left_ upper_lid and lower_lid (outer to inner corner), brow
            (outer end first), iris (a ring); nose_underside, nose_ridge, mouth (between the lips), upper_lip, lower_lip
            (outer edges), jaw (from ear to ear), oval (a ring), profile (brow to chin on the middle line).
    """

    box: tuple[float, float, float, float]
    score: float
    landmarks: Array
    roll: float
    yaw: float
    lines: Mapping[str, Array]

    @property
    def height(self) -> float:
        """From the top of the forehead to the chin."""
        return float(np.linalg.norm(self.landmarks[OVAL[0]] - self.landmarks[OVAL[18]]))

    @property
    def centre(self) -> Array:
        """float64 [xy]: the middle of the oval."""
        return np.asarray(self.landmarks[list(OVAL)].mean(0))

    def sites(self) -> Array:
        """Middle of the right eye, of the left eye, tip of the nose, middle of the mouth: float64 [4, xy]."""
        eyes = [self.landmarks[list(EYE_CORNERS[side])].mean(0) for side in ("right", "left")]
        return np.stack([*eyes, self.landmarks[1], self.lines["mouth"].mean(0)])

    def square(self) -> tuple[float, float, float]:
        """x, y of the upper left corner and side of a square around eyes and mouth: the face without hair and ears."""
        right, left, _, mouth = self.sites()
        eyes = (right + left) / 2
        side = max(float(np.linalg.norm(left - right)) / 0.38, float(np.linalg.norm(mouth - eyes)) / 0.41)
        x, y = eyes + 0.11 / 0.41 * (mouth - eyes) - side / 2
        return float(x), float(y), side


def find_faces(picture: NDArray[np.float32]) -> list[Face]:
    """The faces in a picture, largest first.

    Args:
        picture: float32 [y, x, rgb] in [0, 1].

    Raises:
        StrokewiseError: the weights of a face network are missing or damaged.
    """
    height, width = picture.shape[:2]
    if min(height, width) < 16 or float(np.ptp(picture)) < 0.02:
        return []
    pyramid = Pyramid(picture)
    faces = _checked(pyramid, _upright(pyramid, width, height))
    if not any(face.score > SURE_SCORE for face in faces):
        faces = _apart(faces + _checked(pyramid, _turned(pyramid, width, height)))
    return sorted(faces, key=lambda face: -face.height)


Detection = tuple[float, Array]


def _upright(pyramid: Pyramid, width: int, height: int) -> list[Detection]:
    """Faces of all sizes that are about upright."""
    middle, long = (width / 2, height / 2), float(max(width, height))
    found = detect(pyramid, [Crop(middle, long), Crop(middle, 1.5 * long)], SHORT_RANGE, LEAST_SCORE)
    side = max(TILE * min(width, height), long / 4)
    places = [
        Crop((x, y), side)
        for x in np.linspace(side / 2, width - side / 2, max(TILES, math.ceil(1.5 * width / side)))
        for y in np.linspace(side / 2, height - side / 2, max(TILES, math.ceil(1.5 * height / side)))
    ]
    return found + detect(pyramid, [Crop(middle, long), *places], FULL_RANGE, LEAST_SCORE)


def _turned(pyramid: Pyramid, width: int, height: int) -> list[Detection]:
    """Faces that lie, stand on their heads or are tilted."""
    angles = [math.radians(degrees) for degrees in (-45, 45, -90, 90, 135, -135, 180)]
    middle, long = (width / 2, height / 2), float(max(width, height))
    crops = [Crop(middle, long, angle) for angle in angles]
    return detect(pyramid, crops, SHORT_RANGE, LEAST_SCORE) + detect(pyramid, crops, FULL_RANGE, LEAST_SCORE)


def _checked(pyramid: Pyramid, detections: list[Detection]) -> list[Face]:
    """The detections that the mesh confirms, each face once."""
    left = sorted(detections, key=lambda one: -one[0])
    faces: list[Face] = []
    for _ in range(LOOKED_AT):
        if not left:
            break
        score, points = left[0]
        centre, reach = points[0], float(np.linalg.norm(points[1] - points[0])) / math.sqrt(2)
        if not any(np.linalg.norm(centre - face.centre) < 0.4 * face.height for face in faces):
            face = _look(pyramid, score, points)
            if face is not None:
                faces.append(face)
        left = [one for one in left[1:] if np.linalg.norm(one[1][0] - centre) > 0.5 * reach]
    return _apart(faces)


def _look(pyramid: Pyramid, score: float, points: Array) -> Face | None:
    """The face at a detection, or None where the mesh sees none."""
    side = 2 * float(np.linalg.norm(points[1] - points[0])) / math.sqrt(2)
    across = points[3] - points[2]
    crop = Crop((float(points[0][0]), float(points[0][1])), MESH_CROP * side, math.atan2(across[1], across[0]))
    presence, marks = mesh(pyramid, crop)
    if presence < 0.1:
        return None
    first = marks
    for _ in range(2):
        crop = _around(marks)
        first, (presence, marks) = marks, mesh(pyramid, crop)
        if presence < PRESENCE:
            return None
    _, mirrored = mesh(pyramid, crop, mirrored=True)
    tall = float(np.linalg.norm(marks[OVAL[0], :2] - marks[OVAL[18], :2]))
    moved = np.linalg.norm((marks - first)[:, :2], axis=1).mean() / tall
    differs = np.linalg.norm((marks[list(KEYS)] - mirrored[list(MIRRORED_KEYS)])[:, :2], axis=1).mean() / tall
    least = LEAST_UPRIGHT if abs(_roll(marks)) < math.radians(60) else LEAST_TURNED
    if moved > DRIFT or differs > MIRROR_DRIFT or presence * score < least or not _is_plausible(marks):
        return None
    if not _is_confirmed(pyramid, crop):
        return None
    return _face(pyramid, presence * score, marks)


def _is_confirmed(pyramid: Pyramid, crop: Crop) -> bool:
    """Whether a detector sees a face in the middle of the mesh's crop, with room around it."""
    wider = dataclasses.replace(crop, side=crop.side * CONFIRMING_CROP / MESH_CROP)
    found = detect(pyramid, [wider], FULL_RANGE, CONFIRMED)
    return any(float(np.linalg.norm(points[0] - np.array(crop.centre))) < 0.25 * crop.side for _, points in found)


def _around(marks: Array) -> Crop:
    """The crop for the mesh around a face: float64 [468, xyz]."""
    roll = _roll(marks)
    cos, sin = math.cos(roll), math.sin(roll)
    turned = marks[:, :2] @ np.array([[cos, -sin], [sin, cos]])
    low, high = turned.min(0), turned.max(0)
    x, y = np.array([[cos, -sin], [sin, cos]]) @ ((low + high) / 2)
    return Crop((float(x), float(y)), MESH_CROP * float((high - low).max()), roll)


def _roll(marks: Array) -> float:
    across = marks[263] - marks[33]
    return math.atan2(float(across[1]), float(across[0]))


def _is_plausible(marks: Array) -> bool:
    """Whether eyes, nose and mouth lie in the order and at the distances of a face, seen upright."""
    roll = _roll(marks)
    cos, sin = math.cos(roll), math.sin(roll)
    x, y = (marks[:, :2] @ np.array([[cos, -sin], [sin, cos]])).T
    tall = y[152] - y[10]
    wide = x[list(OVAL)].max() - x[list(OVAL)].min()
    eyes, nose, mouth, chin = (y[33] + y[263]) / 2, y[1], (y[13] + y[14]) / 2, y[152]
    steps = np.diff([y[10], eyes, nose, mouth, chin]) / max(tall, 1e-9)
    return bool(tall > 0 and 0.4 < wide / tall < 1.3 and (steps > [0.1, 0.05, 0.05, 0.08]).all())


def _face(pyramid: Pyramid, score: float, marks: Array) -> Face:
    """The face with its named lines; the lids are those of the network that knows eyes."""
    roll = _roll(marks)
    flat = marks[:, :2]
    # The line from ear to ear points at the viewer's left or right as the head turns.
    ears = marks[454] - marks[234]
    yaw = math.atan2(float(ears[2]), float(np.linalg.norm(ears[:2]))) / (math.pi / 2)
    eyes = {}
    for side, (outer, inner) in EYE_CORNERS.items():
        middle, width = (flat[outer] + flat[inner]) / 2, float(np.linalg.norm(flat[outer] - flat[inner]))
        crop = Crop((float(middle[0]), float(middle[1])), EYE_CROP * width, roll)
        eyes[side] = eye_points(pyramid, crop, left=side == "left")
    oval = flat[list(OVAL)]
    box = (*oval.min(0).tolist(), *oval.max(0).tolist())
    return Face(box, score, np.ascontiguousarray(flat), roll, yaw, named_lines(flat, eyes))


def _apart(faces: list[Face]) -> list[Face]:
    """Each face once, the surest one of those that lie on each other."""
    kept: list[Face] = []
    for face in sorted(faces, key=lambda face: -face.score):
        if all(np.linalg.norm(face.centre - other.centre) > 0.4 * max(face.height, other.height) for other in kept):
            kept.append(face)
    return kept
