"""An animal's head as a few shapes, each one stroke: both eyes, the nose, both halves of the mouth, the pupils; in
place of the nose both halves of a snout, with its nostrils. Seen from the side it has one eye, its mouth line and its
pupil.

    shapes = head_shapes(head, count, scale, find_mouth(picture, head))     # the most important first

Eyes and nose come together or not at all: an animal with one eye looks like a mistake. An eye is a closed drop with its
point towards the nose; a small one looks like a dot.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from .._arrays import Array, Flags
from ..bezier import along, lengths, near_pixels
from ..photo.heads import Head
from ..photo.side_heads import SideHead
from .constants import DEFAULTS
from .face_constants import HeadConstants
from .face_strokes import LEAST_COUNT, FaceShape
from .lines import pixels

_NONE: Array = np.zeros((0, 4, 2))


def head_shapes(
    head: Head,
    count: int,
    scale: float,
    mouth: Array = _NONE,
    snout: Array = _NONE,
    constants: HeadConstants = DEFAULTS.heads,
    *,
    dark: bool = False,
) -> list[FaceShape]:
    """The shapes of a head for a number of strokes.

    Args:
        head: in any pixels.
        count: most strokes; fewer than LEAST_COUNT give none, and neither does a very small head.
        scale: pixels of the head per pixel of a 224 px canvas.
        mouth: float64 [2 or 0, 4, xy], its halves, as `find_mouth` gives them.
        snout: float64 [2 or 0, 4, xy], its halves, as `find_snout` gives them.
        constants: how large the shapes are.
        dark: whether the eyes are: small eyes are dots, or have pupils, only then.

    Returns:
        none, or three, and two more each for the mouth and for the pupils; three more where there is a snout.
    """
    rules = constants
    if count < LEAST_COUNT or head.apart < rules.least_apart * scale:
        return []
    across, down = head.across, head.down
    eyes = [(head.left_eye, across, head.eye_radii[0]), (head.right_eye, -across, head.eye_radii[1])]
    shapes = []
    if len(snout) and count >= rules.snout_strokes:
        shapes += _snout_shapes(head, snout, rules)
        mouth = mouth if len(mouth) and _is_below(mouth, snout, head) else _NONE
    else:
        wide = max(head.nose_radius, rules.least_radius * scale)
        point = head.nose + rules.nose_point * wide * down
        made = drop(point, -down, across, rules.nose_length * wide, rules.nose_width * wide)
        shapes.append(FaceShape("nose", made, 2))
    if (
        count >= max(rules.mouth_strokes, len(shapes) + 4)
        and len(mouth)
        and lengths(mouth).min() > rules.mouth_least * scale
    ):
        shapes += [FaceShape(name, half, 3) for name, half in zip(("left_mouth", "right_mouth"), mouth, strict=True)]
    least = rules.small_pupil_radius if dark and count >= rules.small_pupils_strokes else rules.pupil_radius
    pupils = count >= max(rules.pupils_strokes, len(shapes) + 4) and min(head.eye_radii) > least * scale
    if pupils:
        for name, (eye, inward, radius) in zip(("left_pupil", "right_pupil"), eyes, strict=True):
            shapes.append(FaceShape(name, _pupil(eye, radius, down, inward, rules), 4))
    drawn = [_eye(eye, radius, inward, down, scale, rules, dot=dark and not pupils) for eye, inward, radius in eyes]
    return [FaceShape(name, one, 1) for name, one in zip(("left_eye", "right_eye"), drawn, strict=True)] + shapes


def _eye(
    eye: Array, radius: float, forward: Array, aside: Array, scale: float, rules: HeadConstants, *, dot: bool
) -> Array:
    """An eye, a closed cubic: a drop with its point forward; a dot is so small that its own line fills it."""
    radius = max(radius, rules.least_radius * scale)
    if dot and radius < rules.pupil_radius * scale:
        radius = min(radius, rules.dot_radius * scale)
    point = eye + rules.eye_point * radius * forward
    return drop(point, -forward, aside, rules.eye_length * radius, 2 * rules.eye_height * radius)


def _pupil(eye: Array, radius: float, down: Array, aside: Array, rules: HeadConstants) -> Array:
    """The pupil of an eye, a closed cubic."""
    point = eye - rules.pupil_point * radius * down
    return drop(point, down, aside, rules.pupil_length * radius, rules.pupil_width * radius)


def _snout_shapes(head: Head, snout: Array, rules: HeadConstants) -> list[FaceShape]:
    """Both halves of a snout, and two nostrils in it."""
    ring = along(snout, 32).reshape(-1, 2)
    middle = (ring.min(0) + ring.max(0)) / 2
    wide, high = (float(np.abs((ring - middle) @ axis).max()) for axis in (head.across, head.down))
    shapes = [FaceShape(name, half, 2) for name, half in zip(("upper_snout", "lower_snout"), snout, strict=True)]
    for name, side in (("left_nostril", -1), ("right_nostril", 1)):
        tall = rules.nostril_height * high
        top = middle + side * rules.nostril_aside * wide * head.across - tall / 2 * head.down
        shapes.append(FaceShape(name, drop(top, head.down, head.across, tall, rules.nostril_width * tall), 2))
    return shapes


def _is_below(mouth: Array, snout: Array, head: Head) -> bool:
    """Whether the middle of a mouth lies clear of the snout, whose own lower edge it may be."""
    # Of the control points, which reach a third further than the curve.
    lowest = float(((snout[1] - head.nose) @ head.down).max())
    return float((mouth[0, 0] - head.nose) @ head.down) > lowest


def eyes_are_dark(image: Array, head: Head | SideHead, constants: HeadConstants = DEFAULTS.heads) -> bool:
    """Whether the eyes of a head, taken together, are darker than what is around them, or dark at all.

    Args:
        image: float [y, x, rgb] in [0, 1].
        head: in its pixels.
        constants: what counts as dark.
    """
    if isinstance(head, SideHead):
        eyes = [(head.eye, head.eye_radius)]
    else:
        eyes = list(zip(head.landmarks[:2], head.eye_radii, strict=True))
    grey = image.mean(2)
    seen = []
    for eye, radius in eyes:
        within, hole, around = (
            _disc(eye, share * max(radius, 1.0), grey.shape)
            for share in (constants.dark_within, *constants.dark_around)
        )
        around &= ~hole
        if within.any() and around.any():
            seen.append((grey[within].mean(), np.median(grey[around])))
    if not seen:
        return False
    inside, outside = np.mean(seen, axis=0)
    return bool(inside < max(constants.dark_share * outside, constants.dark_least))


def eyes_within(head: Head, depth: Array, scale: float, constants: HeadConstants = DEFAULTS.heads) -> Head:
    """The head with its eyes clear of the outline, which they would run into: smaller, or nearer to its middle.

    Args:
        head: in pixels of the picture.
        depth: float64 [y, x], distance from the border of what is drawn, pixels.
        scale: pixels per pixel of a 224 px canvas.
        constants: how small an eye may be, and how far it may move.
    """
    eyes, radii = [], []
    gap, least = constants.outline_gap * scale, constants.least_radius * scale
    for eye, inward, radius in zip((head.left_eye, head.right_eye), (1, -1), head.eye_radii, strict=True):
        deep = float(depth[pixels(eye[None], depth.shape)][0])
        smaller = float(np.clip(deep - gap, least, max(radius, least)))
        missing = np.clip(smaller + gap - deep, 0.0, constants.outline_shift * head.apart)
        eyes.append(eye + inward * missing * head.across)
        radii.append(min(radius, smaller))
    return dataclasses.replace(head, left_eye=eyes[0], right_eye=eyes[1], eye_radii=(radii[0], radii[1]))


def side_head_shapes(
    head: SideHead,
    count: int,
    scale: float,
    mouth: Array = _NONE,
    constants: HeadConstants = DEFAULTS.heads,
    *,
    dark: bool = False,
) -> list[FaceShape]:
    """The shapes of a head that is seen from the side.

    Args:
        head: in any pixels.
        count: most strokes; 0 gives none.
        scale: pixels of the head per pixel of a 224 px canvas.
        mouth: float64 [1 or 0, 4, xy], as `find_side_mouth` gives it.
        constants: how large the eye is.
        dark: whether the eye is: a small one is a dot, or has a pupil, only then.

    Returns:
        none, or the eye, drawn as `head_shapes` draws eyes, and the mouth and the pupil where there are strokes for
        them.
    """
    if not count:
        return []
    forward = (head.muzzle - head.eye) / max(float(np.linalg.norm(head.muzzle - head.eye)), 1e-9)
    aside = np.array([-forward[1], forward[0]])
    least = constants.small_pupil_radius if dark else constants.pupil_radius
    pupil = count >= 3 and head.eye_radius > least * scale
    made = _eye(head.eye, head.eye_radius, forward, aside, scale, constants, dot=dark and not pupil)
    shapes = [FaceShape("eye", made, 1), *(FaceShape("side_mouth", line, 3) for line in mouth[: count - 1])]
    if pupil:
        shapes.append(FaceShape("pupil", _pupil(head.eye, head.eye_radius, aside, forward, constants), 4))
    return shapes


def covered_by_head(
    head: Head | SideHead, shapes: Sequence[FaceShape], size: tuple[int, ...], constants: HeadConstants = DEFAULTS.heads
) -> Flags:
    """bool [y, x]: where a head's shapes say what is to be said, so that no other line belongs there.

    Args:
        head: with the shapes, in pixels of the picture.
        shapes: those that are drawn.
        size: height and width of the picture.
        constants: how far around them.
    """
    taken = np.zeros(size, dtype=bool)
    if not shapes:
        return taken
    mouth = [shape.points for shape in shapes if shape.name.endswith("_mouth")]
    if mouth:
        places = np.floor(along(np.stack(mouth), 64)).astype(np.intp).reshape(-1, 2)
        taken |= near_pixels(places, constants.clear_mouth * head.size, size)
    if isinstance(head, SideHead):
        around = max(constants.clear_eye * head.eye_radius, constants.clear_socket * head.size)
        return taken | _disc(head.eye, around, size)
    eyes = (max(constants.clear_eye * radius, constants.clear_socket * head.size) for radius in head.eye_radii)
    snout = [shape.points for shape in shapes if shape.name.endswith("_snout")]
    nose = constants.clear_nose * head.nose_radius
    if snout:
        nose = constants.snout_around * float(np.linalg.norm(along(np.stack(snout), 32) - head.nose, axis=-1).max())
    reach = (*eyes, nose)
    for place, radius in zip(head.landmarks, reach, strict=True):
        taken |= _disc(place, radius, size)
    return taken


def _disc(middle: Array, radius: float, size: tuple[int, ...]) -> Flags:
    """bool [y, x]: the pixels nearer than `radius` to a place."""
    rows, columns = np.indices(size)
    return np.asarray((columns + 0.5 - middle[0]) ** 2 + (rows + 0.5 - middle[1]) ** 2 < radius**2)


def drop(point: Array, along: Array, aside: Array, length: float, width: float) -> Array:
    """A closed cubic, float64 [4, xy]: a drop of a length and a width, from its point in the direction `along`."""
    # Control points at (k, -h), (k, h) reach 3/4 k along and, between the two sides, h / sqrt(3) aside.
    k, h = length / 0.75, width * np.sqrt(3)
    return np.stack([point, point + k * along - h * aside, point + k * along + h * aside, point])
