"""Do faces and heads show in a drawing? Its ink against places of eyes and mouth that were marked in the photo.

A check of drawings must not use the points that the drawing was made with. So marks come from a file where there is one
(`landmarks.json` beside the photos; the heads that people marked, `training/heads.json`). Where there is none, people's
faces are looked for by the face mesh of this checkout, which its drawings begin with: such a figure tells whether the
strokes are still where they were put, not whether the mesh was right. `Marks.independent` says which it is.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from strokewise import Photo, Sketch
from strokewise.bezier import along
from strokewise.export import to_pixels
from strokewise.photo.faces import Face, find_faces

Array = NDArray[np.float64]

SHOWN_WITHIN, TRUE_WITHIN = 0.025, 0.03
"""How near ink must be to a line that is shown, and how near true ink is to a line, in heights of the face."""
GOOD = 0.6
"""Least share that is shown, and that is true, of each eye and of the mouth of a good face."""
INK = 160
"""Grey below this is ink; black is 0."""
FINE = 640
"""Long side at which a drawing is looked at, pixels."""
SMALLEST_FACE = 0.1
"""Height of the smallest face that is measured, in shorter sides of the photo: smaller ones are not the subject."""
AT_EYE, OWN_MARK = 0.25, 0.5
"""How near a line must come to an eye's middle, and how far its own mark may reach, in distances between the eyes: a
cat's eyes have a radius of a fifth, and may be drawn as rings."""
HEADS = Path(__file__).resolve().parents[2] / "training" / "heads.json"


@dataclasses.dataclass(frozen=True)
class FaceMarks:
    """Where eyes and mouth of a person are; all lengths are pixels of the photo.

    Attributes:
        eyes: middles of the right and the left eye, float64 [2, xy].
        mouth: its middle, float64 [xy].
        eye_width, mouth_width, height: of an eye, of the mouth, of the face.
        lines: float64 [point, xy] by name: lid_, low_ and brow_ with right and left; mouth_line, lip_up, lip_low.
        independent: whether the drawings were made without these marks.
    """

    eyes: Array
    mouth: Array
    eye_width: float
    mouth_width: float
    height: float
    lines: Mapping[str, Array]
    independent: bool = True

    @classmethod
    def from_file(cls, told: Mapping[str, Any]) -> FaceMarks:
        """Marks as `landmarks.json` has them for a photo.

        Raises:
            KeyError, TypeError, ValueError: it has something else.
        """
        lines = {name: np.asarray(line, dtype=float).reshape(-1, 2) for name, line in told["lines"].items()}
        for name in LINES:
            if len(lines[name]) < 2:
                raise ValueError(f"{name} is no line")
        eyes = np.array([told["eye_right"], told["eye_left"]], dtype=float).reshape(2, 2)
        mouth = np.asarray(told["mouth"], dtype=float).reshape(2)
        eye, wide, tall = (float(told[name]) for name in ("eye_width", "mouth_width", "face_height"))
        return cls(eyes, mouth, eye, wide, tall, lines)

    @classmethod
    def from_mesh(cls, face: Face) -> FaceMarks:
        """Marks as the face mesh of this checkout has them."""
        lines = {
            "mouth_line": face.lines["mouth"],
            "lip_up": face.lines["upper_lip"],
            "lip_low": face.lines["lower_lip"],
        }
        widths = []
        for side in ("right", "left"):
            upper = face.lines[f"{side}_upper_lid"]
            lines |= {f"lid_{side}": upper, f"low_{side}": face.lines[f"{side}_lower_lid"]}
            lines[f"brow_{side}"] = face.lines[f"{side}_brow"]
            widths.append(float(np.linalg.norm(upper[-1] - upper[0])))
        mouth, sites = face.lines["mouth"], face.sites()
        wide = float(np.linalg.norm(mouth[-1] - mouth[0]))
        return cls(sites[:2], mouth.mean(0), float(np.mean(widths)), wide, face.height, lines, independent=False)


LINES = tuple(f"{part}_{side}" for part in ("lid", "low", "brow") for side in ("right", "left")) + (
    "mouth_line",
    "lip_up",
    "lip_low",
)


def measure_face(ink: Array, marks: FaceMarks) -> dict[str, float]:
    """How well a drawing shows the eyes and the mouth of a face.

    Args:
        ink: float64 [pixel, xy], middles of the pixels with ink, pixels of the photo.
        marks: of the face.

    Returns:
        face_inked: 1 if there is ink at both eyes and at the mouth, else 0.
        face_shown: share of upper lids and mouth line that has ink within 2.5 % of the face's height, 0 to 1.
        face_true: share of the ink at eyes and mouth that lies within 3 % of a lid, an iris, a brow or a lip, 0 to 1.
        face_good: 1 if both eyes and the mouth are each shown to 60 % and 60 % of their ink is true, else 0.
    """
    near_ink = cKDTree(ink) if len(ink) else None
    shown, true, inked = [], [], []
    for k, side in enumerate(("right", "left", "mouth")):
        if side == "mouth":
            centre, reach = marks.mouth, marks.mouth_width
            wanted, allowed = marks.lines["mouth_line"], [marks.lines[n] for n in ("mouth_line", "lip_up", "lip_low")]
        else:
            centre, reach = marks.eyes[k], marks.eye_width
            wanted, allowed = marks.lines[f"lid_{side}"], [marks.lines[f"{n}_{side}"] for n in ("lid", "low", "brow")]
            allowed = [*allowed, _ring(centre, 0.22 * reach), centre[None]]
        at = _dense(wanted)
        known = np.concatenate([_dense(line) if len(line) > 1 else line for line in allowed])
        away = np.abs(ink - centre) if len(ink) else np.zeros((0, 2))
        inside = ink[(away[:, 0] < 0.6 * reach) & (away[:, 1] < 0.45 * reach)] if len(ink) else ink
        shown.append(0.0 if near_ink is None else float((near_ink.query(at)[0] < SHOWN_WITHIN * marks.height).mean()))
        right = cKDTree(known).query(inside)[0] < TRUE_WITHIN * marks.height if len(inside) else np.zeros(1)
        true.append(float(np.mean(right)))
        inked.append(len(inside) > 0)
    good = all(s >= GOOD and t >= GOOD for s, t in zip(shown, true, strict=True))
    return {
        "face_inked": float(all(inked)),
        "face_shown": float(np.mean(shown)),
        "face_true": float(np.mean(true)),
        "face_good": float(good),
    }


def measure_eyes(sketch: Sketch, eyes: Array, apart: float | None = None) -> dict[str, float]:
    """How well a drawing shows the eyes of an animal.

    Args:
        sketch: the drawing, in pixels of the photo.
        eyes: middles of both eyes, float64 [2, xy], or of the one that is seen, [1, xy].
        apart: the distance between the eyes, or what stands for it where one is seen; None measures it.

    Returns:
        eyes_inked: 1 if a line comes near to each eye (a quarter of the distance between the eyes), else 0.
        eyes_drawn: 1 if each has a mark of its own: a line that comes near to it, at least half of which stays within
            half that distance; so a long outline that happens to cross an eye does not count. Else 0.
    """
    apart = float(np.linalg.norm(eyes[1] - eyes[0])) if apart is None else apart
    lines = along(sketch.points, 64) if len(sketch) else np.zeros((0, 64, 2))
    lines = lines[sketch.opacities > 0.1]
    inked, drawn = [], []
    for eye in eyes:
        away = np.linalg.norm(lines - eye, axis=2)
        near = away.min(1, initial=np.inf) < AT_EYE * apart
        steps = np.linalg.norm(np.diff(lines, axis=1), axis=2)
        close = (away[:, 1:] + away[:, :-1]) / 2 < OWN_MARK * apart
        own = (steps * close).sum(1) >= 0.5 * steps.sum(1)
        inked.append(bool(near.any()))
        drawn.append(bool((near & own).any()))
    return {"eyes_inked": float(all(inked)), "eyes_drawn": float(all(drawn))}


def ink_of(sketch: Sketch) -> Array:
    """Middles of the pixels with ink, float64 [pixel, xy], in pixels of the drawing's canvas."""
    pixels = to_pixels(sketch, FINE)
    grey = pixels.astype(np.float64) @ np.array([0.299, 0.587, 0.114])
    rows, columns = np.nonzero(grey < INK)
    scale = max(sketch.canvas) / max(grey.shape)
    return np.asarray((np.stack([columns, rows], axis=1) + 0.5) * scale)


@dataclasses.dataclass(frozen=True)
class Marks:
    """What is known of a photo: a person's face, an animal's eyes (float64 [2, xy]), or neither."""

    face: FaceMarks | None = None
    eyes: Array | None = None

    @property
    def independent(self) -> bool:
        """Whether drawings were made without these marks."""
        return self.face is None or self.face.independent

    def measure(self, sketch: Sketch) -> dict[str, float]:
        """How well a drawing shows them; nothing where there is nothing to show."""
        found = {} if self.face is None else measure_face(ink_of(sketch), self.face)
        return found if self.eyes is None else found | measure_eyes(sketch, self.eyes)


class MarkedPhotos:
    """Marks of photos in a folder.

    Args:
        folder: that may hold `landmarks.json`: file name -> marks of its face.
        heads: a file as `training/heads.json`; of its heads only those are taken that no network was taught with.

    Raises:
        SystemExit: a file holds something else.
    """

    def __init__(self, folder: Path, heads: Path | None = HEADS) -> None:
        self.faces: dict[str, FaceMarks] = {}
        self.heads: list[tuple[str, Sequence[Sequence[float]]]] = []
        path = folder / "landmarks.json"
        try:
            if path.is_file():
                told = json.loads(path.read_text("utf-8"))
                self.faces = {name: FaceMarks.from_file(mark) for name, mark in told.items()}
            if heads is not None and heads.is_file():
                path = heads
                self.heads = [(one["photo"], one["points"]) for one in json.loads(path.read_text("utf-8"))["test"]]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise SystemExit(f"{path} does not hold marks as they are written here ({error})") from error

    def find(self, path: Path, photo: Photo) -> Marks:
        """The marks of a photo."""
        for name, points in self.heads:
            if path.resolve().as_posix().endswith("/" + name):
                return Marks(eyes=np.asarray(points[:2], dtype=float) * np.array(photo.size))
        if self.faces:
            return Marks(self.faces.get(path.name))
        scale = photo.width / photo.pixels.shape[1]
        faces = [face for face in find_faces(photo.pixels) if face.height > SMALLEST_FACE * min(photo.pixels.shape[:2])]
        return Marks(_scaled(FaceMarks.from_mesh(faces[0]), scale)) if faces else Marks()


def _scaled(marks: FaceMarks, scale: float) -> FaceMarks:
    """Marks in a photo that is so many times as large."""
    return FaceMarks(
        marks.eyes * scale,
        marks.mouth * scale,
        marks.eye_width * scale,
        marks.mouth_width * scale,
        marks.height * scale,
        {name: line * scale for name, line in marks.lines.items()},
        marks.independent,
    )


def _dense(line: Array) -> Array:
    """A line with eight samples for each point."""
    at = np.linspace(0, len(line) - 1, 8 * len(line))
    return np.stack([np.interp(at, np.arange(len(line)), line[:, k]) for k in (0, 1)], axis=1)


def _ring(centre: Array, radius: float) -> Array:
    turn = np.linspace(0, 2 * np.pi, 32)
    return np.asarray(centre + radius * np.stack([np.cos(turn), np.sin(turn)], axis=1))
