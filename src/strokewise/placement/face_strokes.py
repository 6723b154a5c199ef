"""A face as a few complete shapes, each one stroke: eyes, mouth, nose, brows, jaw, hairline.

    shares = share_strokes(faces, strokes=16, scale=2.0)
    for face, count in zip(faces, shares):
        shapes = face_shapes(face, count)     # the most important first

A face is read by its eyes and its mouth, so they come together or not at all. An eye is the upper lid and the iris that
hangs from it; where there are strokes for one of them only, it is one almond.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np

from .._arrays import Array, Flags
from ..bezier import along, fit, near_pixels, resample
from ..photo.face_points import MOUTH
from ..photo.faces import Face
from ..photo.heads import Head
from ..photo.side_heads import SideHead
from .constants import DEFAULTS
from .face_constants import FaceConstants

LEAST_COUNT = 3
"""Both eyes and the mouth."""
CONTOUR = ("jaw", "hairline")
"""What surrounds a face. It stands for the outline too, so it is not counted among what is within the face."""


@dataclasses.dataclass(frozen=True, eq=False)
class FaceShape:
    """One stroke of a face.

    Attributes:
        name: the line of the face that it stands for: "right_eye", "right_upper_lid", "right_iris", "mouth", ...
        points: float64 [4, xy], one cubic, in the pixels of the face.
        priority: 1 for what a face cannot do without, rising with what it can do without more easily.
    """

    name: str
    points: Array
    priority: int


def share_strokes(
    faces: Sequence[Face | Head | SideHead],
    strokes: int,
    scale: float,
    constants: FaceConstants = DEFAULTS.faces,
) -> list[int]:
    """How many strokes each face is to have.

    Args:
        faces: in a picture, any number.
        strokes: of the whole drawing.
        scale: pixels of the faces per pixel of a 224 px canvas.
        constants: how many strokes a face of a height may have.

    Returns:
        [face]: 0, or from LEAST_COUNT on, or up to 3 for a head seen from the side; the largest faces first. A face
        that fills the picture has both eyes and the mouth from 7 strokes on, a small one where there are more strokes.
    """
    shares = [0] * len(faces)
    left = constants.most_share * strokes
    for i in sorted(range(len(faces)), key=lambda i: -faces[i].height):
        tall = faces[i].height / scale
        if isinstance(faces[i], SideHead):
            if tall >= constants.least_height:
                steps = (constants.one_eye, constants.eye_and_mouth, constants.side_pupil)
                shares[i] = sum(int(left >= step) for step in steps)
            left -= shares[i]
            continue
        if tall < constants.least_height:
            break
        room = np.clip(tall / constants.full_height, constants.least_room, 1.0)
        wanted = int(left * room + constants.round_up)
        if wanted < LEAST_COUNT:
            break
        if isinstance(faces[i], Face) and wanted >= constants.with_contour:
            wanted += len(CONTOUR)
        shares[i] = min(wanted, len(_SMALL if tall < constants.dot_height else _ORDER))
        left -= shares[i]
    return shares


def face_shapes(
    face: Face,
    count: int,
    small: bool = False,
    contour: Mapping[str, Array] | None = None,
    constants: FaceConstants = DEFAULTS.faces,
) -> list[FaceShape]:
    """The shapes of a face for a number of strokes.

    Args:
        face: in any pixels.
        count: most strokes; fewer than LEAST_COUNT give none.
        small: the face is so small that an eye is only one short stroke.
        contour: what of its hairline and jaw is to be drawn, as `find_face_contour` gives it; None leaves the jaw as
            the mesh has it.
        constants: which lines of a face can be seen.

    Returns:
        up to `count` shapes, the most important first. A closed eye has no iris, and a profile no far eye.
    """
    if count < LEAST_COUNT:
        return []
    offered = _shapes(face, constants)
    if contour is not None:
        del offered["jaw"]
        offered.update(contour)
    names = [n for n in _ORDER if n in offered]
    eyes = [n for n in ("right", "left") if f"{n}_upper_lid" in offered]
    irises = [n for n in eyes if f"{n}_iris" in offered]
    if small:
        names = [n for n in names if n in _SMALL]
    elif count < LEAST_COUNT + len(irises):
        names = [n for n in names if "iris" not in n and "lower_lid" not in n]
        names = [n.replace("upper_lid", "eye") if n.split("_")[0] in irises else n for n in names]
    kept = names[:count]
    if len(names) > len(kept) and _partner(kept[-1]) == names[len(kept)]:
        kept.pop()  # one brow alone looks like a mistake
    if "lower_mouth" in kept:
        offered["mouth"] = offered["upper_mouth"]
    return [FaceShape(name, _cubic(offered[name], constants.samples), k + 1) for k, name in enumerate(kept)]


def covered(
    face: Face, shapes: Sequence[FaceShape], size: tuple[int, ...], constants: FaceConstants = DEFAULTS.faces
) -> Flags:
    """bool [y, x]: where a face's shapes say what is to be said, so that no other line belongs there.

    Args:
        face: with the shapes, in pixels of the picture.
        shapes: those that are drawn.
        size: height and width of the picture.
        constants: how far around them.
    """
    if not shapes:
        return np.zeros(size, dtype=bool)
    names = {shape.name for shape in shapes}
    wanted = [f"{side}_{part}" for side in ("right", "left") for part in ("upper_lid", "lower_lid", "iris")]
    # One brow alone looks like a frown: they are drawn as a pair by this module, or not at all.
    wanted += ["mouth", "upper_lip", "lower_lip", "right_brow", "left_brow"]
    wanted += ["nose_underside"] if "nose_underside" in names else []
    places = np.concatenate([np.floor(resample(face.lines[name], 0.5)).astype(np.intp) for name in wanted])
    taken = near_pixels(places, constants.near * face.height, size)
    around = [shape.points for shape in shapes if shape.name in CONTOUR]
    if around:
        places = np.floor(along(np.stack(around), 128)).astype(np.intp).reshape(-1, 2)
        taken |= near_pixels(places, constants.near_contour * face.height, size)
    offered = _shapes(face, constants)
    for name, line in offered.items():
        if name == "mouth" or name.endswith("upper_lid"):
            taken |= _box_around(line, constants.box, size)
    if "nose_ridge" not in offered:  # seen from the front it has no edge, only light and shadow
        under, ridge = face.lines["nose_underside"], resample(face.lines["nose_ridge"], 0.5)
        beside = constants.nose_side * float(np.linalg.norm(under[-1] - under[0]))
        taken |= near_pixels(np.floor(ridge).astype(np.intp), beside, size)
    return taken


def _box_around(line: Array, share: tuple[float, float], size: tuple[int, ...]) -> Flags:
    """bool [y, x]: a box around an eye or a mouth, along its ends; half of its sides as shares of their distance."""
    across = line[-1] - line[0]
    width = max(float(np.linalg.norm(across)), 1e-9)
    across = across / width
    row, column = np.ogrid[: size[0], : size[1]]
    middle = (line[0] + line[-1]) / 2
    x, y = column + 0.5 - middle[0], row + 0.5 - middle[1]
    along, aside = np.abs(x * across[0] + y * across[1]), np.abs(y * across[0] - x * across[1])
    return np.asarray((along < share[0] * width) & (aside < share[1] * width))


def _partner(name: str) -> str:
    """The same shape of the other side of the face, if it is one of the right side."""
    return name.replace("right_", "left_", 1) if name.startswith("right_") else ""


_ORDER = (
    *("right_upper_lid", "left_upper_lid", "mouth", "right_iris", "left_iris", "nose_underside"),
    *("lower_mouth", "lower_lip", "jaw", "hairline"),
    *("right_brow", "left_brow", "nose_ridge", "right_lower_lid", "left_lower_lid"),
)
"""What a face has, the most important first."""
_SMALL = ("right_upper_lid", "left_upper_lid", "mouth", "jaw", "hairline")
"""What a small face has: there is no room for more."""


def _shapes(face: Face, constants: FaceConstants) -> dict[str, Array]:
    """The polyline of every shape that can be seen, by name; "right_eye" and "left_eye" are both in one."""
    lines = face.lines
    found: dict[str, Array] = {}
    hidden = "left" if face.yaw > constants.profile else "right" if face.yaw < -constants.profile else ""
    for side in ("right", "left"):
        if side == hidden:
            continue
        upper, lower, iris = (lines[f"{side}_{part}"] for part in ("upper_lid", "lower_lid", "iris"))
        width = float(np.linalg.norm(upper[0] - upper[-1]))
        found[f"{side}_brow"] = lines[f"{side}_brow"]
        if float(np.linalg.norm(upper - lower, axis=1).max()) < constants.closed_eye * width:
            found[f"{side}_upper_lid"] = lower
            continue
        found[f"{side}_upper_lid"] = upper
        found[f"{side}_lower_lid"] = lower[1:-1]
        found[f"{side}_iris"] = _iris_below(upper, lower, iris, 8 * constants.samples)
        found[f"{side}_eye"] = np.concatenate([upper[::-1], lower[1:-1]])
    mouth = lines["mouth"]
    upper, lower = 2 * mouth - _lower_edge(face), _lower_edge(face)
    gap = float(np.linalg.norm(upper - lower, axis=1).max())
    if gap > constants.open_mouth * float(np.linalg.norm(mouth[0] - mouth[-1])):
        found["upper_mouth"], found["lower_mouth"] = upper, lower
    else:
        found["lower_lip"] = lines["lower_lip"][2:-2]
    found["mouth"] = mouth
    found["nose_underside"] = lines["nose_underside"]
    if abs(face.yaw) > constants.nose_ridge:
        found["nose_ridge"] = lines["nose_ridge"][:-1]  # its tip lies on the underside
    jaw = lines["jaw"]
    if abs(face.yaw) > constants.turned:  # the near side only; the far one is the cheek's outline
        jaw = jaw[: len(jaw) // 2 + 3] if face.yaw > 0 else jaw[len(jaw) // 2 - 3 :]
    found["jaw"] = jaw
    return found


def _lower_edge(face: Face) -> Array:
    """The upper edge of the lower lip: float64 [point, xy], from the right corner to the left."""
    return np.asarray(face.landmarks[list(MOUTH[1])])


def _iris_below(upper: Array, lower: Array, ring: Array, samples: int) -> Array:
    """The part of an iris that can be seen, from the upper lid down and up to it again.

    Args:
        upper, lower: the lids, float64 [9, xy], both from the outer to the inner corner.
        ring: the whole iris, float64 [point, xy], the last point being the first.
        samples: points of the whole circle.
    """
    across = upper[-1] - upper[0]
    across = across / max(float(np.linalg.norm(across)), 1e-9)
    down = np.array([-across[1], across[0]])
    if float((lower.mean(0) - upper.mean(0)) @ down) < 0:
        down = -down
    axes = np.stack([across, down], axis=1)
    top, bottom, iris = ((line - upper[0]) @ axes for line in (upper, lower, ring))
    centre, radius = iris[:-1].mean(0), float(np.linalg.norm(iris[:-1] - iris[:-1].mean(0), axis=1).mean())
    turn = np.linspace(-0.5 * np.pi, 1.5 * np.pi, samples)  # from its uppermost point
    round_it = centre + radius * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    round_it[:, 0] = np.clip(round_it[:, 0], 0, top[-1, 0])
    low = np.interp(round_it[:, 0], top[:, 0], top[:, 1])
    high = np.maximum(np.interp(round_it[:, 0], bottom[:, 0], bottom[:, 1]), low)
    seen = np.flatnonzero(round_it[:, 1] >= low)
    if len(seen) < 4:  # it is above the lid; what the lids leave open stands for it
        seen = np.flatnonzero(round_it[:, 1] >= centre[1])
    visible = slice(int(seen[0]), int(seen[-1]) + 1)
    round_it[:, 1] = np.clip(round_it[:, 1], low, high)
    return np.asarray(round_it[visible] @ axes.T + upper[0])


def _cubic(line: Array, samples: int) -> Array:
    """The cubic nearest to so many samples of a polyline: float64 [4, xy]."""
    steps = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    at = np.linspace(0, steps[-1], samples)
    even = np.stack([np.interp(at, steps, line[:, axis]) for axis in (0, 1)], axis=1)
    return np.asarray(fit(even[None])[0][0])
