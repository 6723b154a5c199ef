"""What is costly about a photo, made once: one file for each, so that a killed run continues.

A file holds the photo framed on its subject, in grey, its mask, the lines that it offers (outline; inner lines, which
run where people would mark a boundary; an animal's eyes and nose; the borders of even regions), where its telling part
lies, and what the older encoder says of it. Drawings are made of the lines while training: see `drawings.py`.

The subject network is run on 192 px instead of 320, a third of the time; this needs `pip install onnx`.
"""

from __future__ import annotations

import dataclasses
import functools
import importlib
import io
import os
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from strokewise._resample import area, resample
from strokewise.bezier import evaluate
from strokewise.photo.boundaries import find_boundaries
from strokewise.photo.frame import frame_subject
from strokewise.photo.head_network import look_at
from strokewise.photo.heads import Head, find_heads
from strokewise.photo.opening import Photo, open_photo
from strokewise.photo.subject import WEIGHTS, cut_out, decide_subject
from strokewise.placement import ContourPlacement, PlacementInput
from strokewise.placement.head_strokes import head_shapes

from .. import heldout
from ..model import OUTPUT, Embedded, load
from ..parallel import run_all, write_atomically
from ..photos import Item

SIDE = 192
"""Side of the arrays kept, pixels."""
PLACEMENT = 224
"""Side of the square on which lines are found, pixels."""
FINE = 448
"""Side of the square on which boundaries, eyes and noses are found, pixels."""
FEATURE_WORTH = 2.0
"""What an eye or a nose is worth beside an inner line, which is worth about 0 to 1."""
FEATURE_STROKES = 7
"""Strokes of a head's eyes, pupils and nose."""
OUTLINE, EDGE, REGION = 0, 1, 2
SUBJECT_SIDE = 192
WHITE = 0.93
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


@dataclasses.dataclass(frozen=True)
class Line:
    """A line that a photo offers.

    Attributes:
        points: float32 [sample, xy], shares of the square.
        weight: what it is worth, about 0 to 2 for each pixel of length.
        kind: OUTLINE, EDGE or REGION.
        closed: the last sample joins the first.
    """

    points: NDArray[np.floating]
    weight: float
    kind: int
    closed: bool


@dataclasses.dataclass(frozen=True)
class Entry:
    """One photo.

    Attributes:
        item: which.
        grey: uint8 [SIDE, SIDE], framed on the subject, 255 is white.
        mask: uint8 [SIDE, SIDE], 255 on the subject; 255 everywhere where no clear subject was found.
        lines: what can be drawn of it.
        part: xy of the part that tells most, shares of the square.
        goal: float32 [1280], the older encoder's embedding of the photo in colour, without its background.
        heldout: strokes by the generator that is never trained on, float32 [stroke, 4, xy], for 32, 16, 8 and 4;
            only for photos held out.
    """

    item: Item
    grey: NDArray[np.uint8]
    mask: NDArray[np.uint8]
    lines: tuple[Line, ...]
    part: NDArray[np.float32]
    goal: NDArray[np.float32]
    heldout: tuple[NDArray[np.float32], ...]


def build(items: list[Item], folder: Path, workers: int, teacher: Path = OUTPUT) -> None:
    """Make the files that are missing; `teacher` is the older encoder's file."""
    folder.mkdir(parents=True, exist_ok=True)
    jobs = [item for item in items if not file_of(folder, item).exists()]
    if jobs:
        if workers == 1:
            torch.set_num_threads(1)
        run_all(functools.partial(_make, folder=folder, teacher=teacher), jobs, workers, "cache")


def read_all(items: list[Item], folder: Path) -> list[Entry]:
    """What the cache holds, in the order of `items`; photos that are not in it yet are left out."""
    return [read(folder, item) for item in items if file_of(folder, item).exists()]


def read(folder: Path, item: Item) -> Entry:
    """What the cache holds of a photo."""
    with np.load(file_of(folder, item)) as data:
        points = data["points"].astype(np.float32)
        ends = np.cumsum(data["counts"])
        lines = tuple(
            Line(piece, float(weight), int(kind), bool(closed))
            for piece, weight, kind, closed in zip(
                np.split(points, ends[:-1]), data["weights"], data["kinds"], data["closed"], strict=True
            )
            if len(piece) > 1
        )
        strokes = data["strokes"].astype(np.float32)
        held = tuple(np.split(strokes, np.cumsum(data["stroke_counts"])[:-1])) if len(data["stroke_counts"]) else ()
        return Entry(item, data["grey"], data["mask"], lines, data["part"], data["goal"].astype(np.float32), held)


def file_of(folder: Path, item: Item) -> Path:
    return folder / f"{item.key}.npz"


def make(item: Item, teacher: Embedded) -> dict[str, NDArray[Any]]:
    """What is kept of one photo, as arrays."""
    photo = open_photo(item.path)
    mask = find_mask(photo)
    use, _ = decide_subject(mask, "auto")
    chosen = mask if use else None
    square = frame_subject(photo, chosen, PLACEMENT)
    shown = photo.pixels if chosen is None else cut_out(photo, chosen)
    cut = square.sample(shown, 1.0, photo=photo)
    framed = square.sample(photo.pixels, 1.0, photo=photo)
    fine = frame_subject(photo, chosen, FINE)
    chances = resample(find_boundaries(fine.sample(shown, 1.0, photo=photo), (FINE,)), area(FINE, PLACEMENT))
    heads = find_heads(look_at(fine.sample(photo.pixels, 1.0, photo=photo)))
    inside = square.inside(photo)
    soft = None if chosen is None else square.sample(chosen, 0.0, photo=photo)
    goal, heat = _look(teacher, cut, inside if soft is None else soft > 0.5)
    scene = PlacementInput(
        cut.astype(np.float64),
        framed.astype(np.float64),
        None if soft is None else soft.astype(np.float64),
        inside,
        heat.astype(np.float64),
        PLACEMENT / 224,
        boundaries=chances.astype(np.float64),
    )
    trace = ContourPlacement(scene)
    lines = [
        *(Line(line.points, float(line.weight.mean()), OUTLINE, _is_closed(line.points)) for line in trace.outline),
        *(Line(line.points, float(line.weight.mean()), EDGE, _is_closed(line.points)) for line in trace.edges),
        *_features(heads),
        *_regions(cut, inside if soft is None else soft > 0.5),
    ]
    lines = [dataclasses.replace(line, points=_thin(line.points) / PLACEMENT) for line in lines]
    top = np.unravel_index(int(heat.argmax()), heat.shape)
    held = heldout.draw_by_edges(cut, soft) if item.test else []
    empty = np.zeros((0, 2))
    return {
        "grey": _small(framed @ np.array([0.299, 0.587, 0.114], dtype=np.float32)),
        "mask": _small(np.ones((PLACEMENT, PLACEMENT), np.float32) if soft is None else soft),
        "points": np.concatenate([empty, *(line.points for line in lines)]).astype(np.float16),
        "counts": np.array([len(line.points) for line in lines] or [0], dtype=np.int16),
        "weights": np.array([line.weight for line in lines] or [0], dtype=np.float16),
        "kinds": np.array([line.kind for line in lines] or [0], dtype=np.uint8),
        "closed": np.array([line.closed for line in lines] or [False]),
        "part": np.array([top[1], top[0]], dtype=np.float32) / PLACEMENT,
        "goal": goal.astype(np.float16),
        "strokes": np.concatenate([np.zeros((0, 4, 2)), *held]).astype(np.float32) / PLACEMENT,
        "stroke_counts": np.array([len(points) for points in held], dtype=np.int16),
    }


def find_mask(photo: Photo) -> NDArray[np.float32]:
    """The subject: what is not white where the border is white, otherwise the subject network's answer."""
    pixels = photo.pixels
    border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]]).min(1)
    if float((border > WHITE).mean()) > 0.9:
        dark = np.pad((pixels.min(2) <= WHITE).astype(np.uint8), 1)
        outside = dark.copy()
        cv2.floodFill(outside, None, (0, 0), (2,))
        return cv2.GaussianBlur((outside[1:-1, 1:-1] != 2).astype(np.float32), (0, 0), 0.6)
    seen = cv2.resize(pixels, (SUBJECT_SIDE, SUBJECT_SIDE), interpolation=cv2.INTER_AREA)
    seen = (seen / max(float(seen.max()), 1e-3) - np.array(MEAN)) / np.array(DEVIATION)
    session = _subject_network()
    answer = session.run(None, {session.get_inputs()[0].name: seen.transpose(2, 0, 1)[None].astype(np.float32)})
    found = answer[0][0, 0]
    spread = float(found.max() - found.min())
    if spread < 1e-3:
        return np.zeros(pixels.shape[:2], dtype=np.float32)
    found = (found - found.min()) / spread
    found = cv2.resize(found, (pixels.shape[1], pixels.shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.asarray(_largest(found), dtype=np.float32)


def _largest(mask: NDArray[np.float32]) -> NDArray[np.float32]:
    """The mask without parts of less than a tenth of the largest one."""
    count, parts, stats, _ = cv2.connectedComponentsWithStats((mask > 0.3).astype(np.uint8))
    if count <= 2:
        return mask
    areas = stats[:, cv2.CC_STAT_AREA].astype(float)
    areas[0] = 0
    small = areas < 0.1 * areas.max()
    small[0] = False
    return np.where(small[parts], np.float32(0), mask)


def _look(teacher: Embedded, cut: NDArray[np.float32], solid: NDArray[np.bool_]) -> tuple[Any, NDArray[np.float32]]:
    """The older encoder's embedding, and where its likeliest classes lie: [y, x] in [0, 1]."""
    image = torch.from_numpy(np.ascontiguousarray(cut.transpose(2, 0, 1)))[None]
    with torch.no_grad():
        _, head = teacher(image.contiguous(memory_format=torch.channels_last))
        embedding = head.mean((2, 3))
        chances = teacher.classifier(embedding).softmax(1)
        weight = chances @ teacher.classifier.weight
        heat = (head * weight[:, :, None, None]).sum(1)[0].clamp_min(0).numpy()
    heat = cv2.resize(heat, (PLACEMENT, PLACEMENT), interpolation=cv2.INTER_CUBIC).clip(0) * solid
    return embedding[0].numpy(), np.asarray(heat / max(float(heat.max()), 1e-6), dtype=np.float32)


def _features(heads: list[Head]) -> list[Line]:
    """Eyes, pupils and noses of animals on the square of FINE pixels, as lines on that of PLACEMENT."""
    t, smaller = np.linspace(0, 1, 24), PLACEMENT / FINE
    shapes = [shape.points for head in heads for shape in head_shapes(head, FEATURE_STROKES, FINE / 224)]
    lines = [evaluate(points, t) * smaller for points in shapes]
    return [Line(line, FEATURE_WORTH, EDGE, _is_closed(line)) for line in lines]


def _regions(cut: NDArray[np.float32], solid: NDArray[np.bool_]) -> list[Line]:
    """Borders of regions of even brightness, closed: how people draw a spot, a window, an eye."""
    grey = cv2.GaussianBlur(cv2.cvtColor(cut, cv2.COLOR_RGB2GRAY), (0, 0), 3.0)
    values = grey[solid]
    lines: list[Line] = []
    if len(values) < 100:
        return lines
    for share in (0.2, 0.4, 0.6, 0.8):
        level = float(np.quantile(values, share))
        found = ((grey < level) & solid).astype(np.uint8)
        for border in cv2.findContours(found, cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)[0]:
            area = cv2.contourArea(border)
            if len(border) < 14 or area < 20 or area > 0.6 * len(values):
                continue
            points = border[:, 0].astype(np.float64) + 0.5
            strength = _contrast(grey, points)
            if strength > 0.01:
                lines.append(Line(points, min(1.0, strength / 0.06), REGION, True))
    lines.sort(key=lambda line: -line.weight * np.sqrt(len(line.points)))
    return lines[:24]


def _contrast(grey: NDArray[Any], points: NDArray[np.float64]) -> float:
    across, down = cv2.Sobel(grey, cv2.CV_32F, 1, 0) / 8, cv2.Sobel(grey, cv2.CV_32F, 0, 1) / 8
    rows, columns = points[:, 1].astype(int), points[:, 0].astype(int)
    return float(np.median(np.hypot(across, down)[rows, columns]))


def _thin(points: NDArray[Any]) -> NDArray[np.float32]:
    """At most 100 samples, about 3 px apart."""
    count = int(np.clip(len(points) // 3, 4, 100))
    return np.asarray(points[np.linspace(0, len(points) - 1, count).round().astype(int)], dtype=np.float32)


def _small(plane: NDArray[Any]) -> NDArray[np.uint8]:
    small = cv2.resize(np.asarray(plane, dtype=np.float32), (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    return np.asarray(np.round(small.clip(0, 1) * 255), dtype=np.uint8)


def _make(item: Item, *, folder: Path, teacher: Path) -> None:
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **make(item, _teacher(teacher)))
    write_atomically(file_of(folder, item), lambda part: part.write_bytes(buffer.getvalue()))


def _is_closed(points: NDArray[np.floating]) -> bool:
    """Whether a line [sample, xy], in pixels, ends where it begins."""
    return bool(np.linalg.norm(points[0] - points[-1]) < 2)


@functools.cache
def _teacher(path: Path) -> Embedded:
    return load(path)


@functools.cache
def _subject_network() -> Any:
    """The package's subject network at `SUBJECT_SIDE`."""
    import onnxruntime

    try:
        onnx = importlib.import_module("onnx")
    except ImportError as error:
        raise SystemExit("the cache needs onnx: pip install onnx") from error
    model = onnx.load(str(WEIGHTS))
    for value in (*model.graph.input, *model.graph.output):
        dimensions = value.type.tensor_type.shape.dim
        for dimension in dimensions[2:]:  # some outputs that nothing reads name none
            dimension.dim_value = SUBJECT_SIDE
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = int(os.environ.get("OMP_NUM_THREADS", "1"))
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
