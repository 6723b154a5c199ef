"""What the encoder can do on photos and a generator that it never saw, old encoder and new side by side.

    python -m training.reader.evaluate FOLDER... --weights reader.safetensors [--faces CAT_FACES]

- held-out photos, and drawings of them by the held-out generator: the right word;
- such drawings find their photo among 500 photos, and among 50 of the same class folder;
- faces of cats: how much the distance of drawing and photo rises when the strokes in the face are taken away, beside
  when as much ink of the outline is.

The old encoder is shown photos in colour, as it was trained, and is measured on the words it knows.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from strokewise.photo.frame import frame_subject
from strokewise.photo.opening import open_photo
from strokewise.photo.subject import cut_out, decide_subject

from .. import heldout, model
from ..measures import retrieval
from ..model import OUTPUT
from ..parallel import write_atomically
from ..photos import Item
from . import cache, drawings, judge
from .cache import Entry
from .judge import Judge, percent
from .photos import list_photos

SIDE = 224
WIDTH = 1.5
AMONG, SAME = 500, 50
FACE_STROKES = 32
Picture = NDArray[np.float32]
Points = NDArray[np.float32]


def paint(points: Points, side: int = SIDE) -> Picture:
    """Cubics [stroke, 4, xy], shares of the square, in black lines of `WIDTH`."""
    return paint_lines([_sampled(cubic) for cubic in points], side)


def paint_lines(lines: list[NDArray[np.float64]], side: int = SIDE) -> Picture:
    """Polylines [k, xy], shares of the square, in black lines of `WIDTH`."""
    canvas = np.full((2 * side, 2 * side), 255, dtype=np.uint8)
    for line in lines:
        places = np.round((line * 2 * side - 0.5).clip(-side, 4 * side) * 16).astype(np.int32)
        cv2.polylines(canvas, [places], False, 0, round(2 * WIDTH), cv2.LINE_AA, 4)
    return cv2.resize(canvas, (side, side), interpolation=cv2.INTER_AREA).astype(np.float32) / np.float32(255)


def _sampled(cubic: NDArray[Any], count: int = 24) -> NDArray[np.float64]:
    t = np.linspace(0, 1, count)
    basis = np.stack([(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3], axis=1)
    return np.asarray(basis @ cubic)


def words_right(entries: list[Entry], labels: tuple[str, ...], judges: list[Judge]) -> dict[str, Any]:
    """Shares of photos and of drawings that are named rightly: for the words that all judges know, and for all."""
    shared = set.intersection(*(set(j.words) for j in judges))
    result: dict[str, Any] = {}
    for group in ("words that all know", "all words"):
        chosen = [e for e in entries if e.heldout and (group == "all words" or labels[e.item.label] in shared)]
        for j in judges:
            names = [labels[e.item.label] for e in chosen]
            if not chosen or not set(names) <= set(j.words):
                continue
            truth = torch.tensor([j.words.index(name) for name in names])
            rows = {"photos": _photos(j, chosen)}
            for k, count in enumerate(heldout.COUNTS):
                rows[f"{count} strokes"] = j.embed([paint(e.heldout[k]) for e in chosen])
            result.setdefault(group, {})[j.name] = {
                row: judge.share((j.name_logits(x).argmax(1) == truth).numpy()) for row, x in rows.items()
            }
    return result


def found_photos(entries: list[Entry], judges: list[Judge], among: int = AMONG) -> dict[str, Any]:
    """How often a drawing of 16 or 32 strokes is nearest to its own photo, among at most `among` photos."""
    chosen = sorted((e for e in entries if e.heldout), key=lambda e: e.item.key[16:])[:among]
    return {j.name: {n: _retrieved(j, chosen, n) for n in (32, 16)} for j in judges}


def found_in_class(groups: dict[str, list[Entry]], judges: list[Judge], among: int = SAME) -> dict[str, Any]:
    """The same among photos of one class folder, all folders together."""
    result: dict[str, Any] = {}
    for j in judges:
        for n in (32, 16):
            found = [_retrieved(j, group[:among], n) for group in groups.values() if len(group) >= among]
            hits, count = sum(f["recall@1"]["hits"] for f in found), sum(f["count"] for f in found)
            result.setdefault(j.name, {})[n] = {"recall@1": judge.share([True] * hits + [False] * (count - hits))}
    return result


def _retrieved(j: Judge, entries: list[Entry], strokes: int) -> dict[str, Any]:
    k = heldout.COUNTS.index(strokes)
    return retrieval(j.embed([paint(e.heldout[k]) for e in entries]), _photos(j, entries))


def _photos(j: Judge, entries: list[Entry]) -> Tensor:
    """Embeddings of photos without background; the old encoder's were made of them in colour."""
    if j.name == "old":
        return torch.from_numpy(np.stack([e.goal for e in entries]))
    return j.embed([drawings.cut(e) for e in entries])


def faces(folder: Path, judges: list[Judge], known: set[str], old: Path, most: int = 400) -> dict[str, Any]:
    """How much the distance of drawing and photo rises without the face's strokes, and without as much outline.

    Args:
        folder: holds `boxes.json` ({file: [[x0, y0, x1, y1]]}, pixels) and `boxes_photos/`.
        known: digests of training photos, which are left out.
        old: the older encoder's file.
        most: photos taken.
    """
    boxes = json.loads((folder / "boxes.json").read_text("utf-8"))
    pictures: dict[str, list[Picture]] = defaultdict(list)
    colours: list[NDArray[np.float32]] = []
    for name in sorted(boxes)[:most]:
        path = folder / "boxes_photos" / name
        if len(boxes[name]) != 1 or hashlib.sha256(path.read_bytes()).hexdigest()[:32] in known:
            continue
        made = _without(path, np.array(boxes[name][0], dtype=np.float64))
        if made is not None:
            for key in ("whole", "without face", "without outline"):
                pictures[key].append(made[key])
            colours.append(made["photo"])
    if not colours:
        return {}
    grey = np.array([0.299, 0.587, 0.114], dtype=np.float32)
    result: dict[str, Any] = {"photos": len(colours)}
    for j in judges:
        if j.name == "old":
            x = torch.from_numpy(np.stack(colours)).permute(0, 3, 1, 2)
            network = model.load(old)
            with torch.no_grad():
                photo = torch.cat([network.features(part.contiguous()).embedding for part in x.split(32)])
        else:
            photo = j.embed([np.asarray(c @ grey, dtype=np.float32) for c in colours])
        loss = {key: (1 - F.cosine_similarity(j.embed(seen), photo)).numpy() for key, seen in pictures.items()}
        face, outline = loss["without face"] - loss["whole"], loss["without outline"] - loss["whole"]
        result[j.name] = {"distance": float(loss["whole"].mean()), "face": _mean(face), "outline": _mean(outline)}
        result[j.name]["face over outline"] = _ratio(face, outline)
        result[j.name]["face counts more"] = judge.share(face > outline)
    return result


def _without(path: Path, box: NDArray[np.float64]) -> dict[str, Any] | None:
    photo = open_photo(path)
    mask = cache.find_mask(photo)
    if not decide_subject(mask, "auto")[0]:
        return None
    square = frame_subject(photo, mask, SIDE)
    cut = square.sample(cut_out(photo, mask), 1.0, photo=photo)
    soft = square.sample(mask, 0.0, photo=photo)
    # Boxes are in pixels of the file, which has not been made smaller: it is smaller than the limit already.
    corners = square.to_canvas(box.reshape(2, 2))
    strokes = heldout.draw_by_edges(cut, soft, (FACE_STROKES,))[0]
    lines = [_sampled(cubic) for cubic in strokes]
    depth = cv2.distanceTransform((soft > 0.5).astype(np.uint8), cv2.DIST_L2, 3)
    side = float((corners[1] - corners[0]).max())
    inner, border = [], []
    for i, line in enumerate(lines):
        rows, columns = (np.clip(line[:, k].astype(int), 0, SIDE - 1) for k in (1, 0))
        deep = float(np.median(depth[rows, columns]))
        within = bool(((line.mean(0) > corners[0]) & (line.mean(0) < corners[1])).all())
        if within and deep > 0.06 * side:
            inner.append(i)
        elif deep < 4:
            border.append(i)
    ink = sum(_length(lines[i]) for i in inner)
    if ink < 0.3 * side or sum(_length(lines[i]) for i in border) < 1.5 * ink:
        return None
    rest = [line / SIDE for i, line in enumerate(lines) if i not in inner]
    less = [line / SIDE for line in _take(lines, border, ink, np.random.default_rng(int(len(path.name))))]
    return {
        "photo": np.asarray(cut, dtype=np.float32),
        "whole": paint_lines([line / SIDE for line in lines]),
        "without face": paint_lines(rest),
        "without outline": paint_lines(less),
    }


def _take(
    lines: list[NDArray[np.float64]], border: list[int], ink: float, rng: np.random.Generator
) -> list[NDArray[np.float64]]:
    """All lines but so much ink of the border, whole strokes first, then part of one."""
    left = list(lines)
    for i in rng.permutation(border).tolist():
        length = _length(lines[i])
        if length <= ink:
            left[i] = lines[i][:0]
            ink -= length
        else:
            steps = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(lines[i], axis=0), axis=1))])
            left[i] = lines[i][steps >= ink]
            break
    return [line for line in left if len(line) > 1]


def _length(line: NDArray[np.float64]) -> float:
    return float(np.linalg.norm(np.diff(line, axis=0), axis=1).sum())


def _mean(values: NDArray[Any]) -> dict[str, Any]:
    half = 1.96 * float(values.std()) / max(1.0, len(values) ** 0.5)
    mean = float(values.mean())
    return {"mean": mean, "ci": (mean - half, mean + half)}


def _ratio(a: NDArray[Any], b: NDArray[Any]) -> dict[str, Any]:
    picks = np.random.default_rng(0).integers(0, len(a), (2000, len(a)))
    low, high = np.quantile(a[picks].mean(1) / b[picks].mean(1), (0.025, 0.975))
    return {"mean": float(a.mean() / b.mean()), "ci": (float(low), float(high))}


def same_class(folders: list[Path], cap: int) -> dict[str, list[Item]]:
    """Photos beyond the cap, which no training has seen, of the folders that have `SAME` of them."""
    _, some = list_photos(folders, cap)
    _, every = list_photos(folders, 0)
    trained = {item.key for item in some}
    groups: dict[str, list[Item]] = defaultdict(list)
    for item in sorted(every, key=lambda item: item.key[24:]):
        if item.key not in trained:
            groups[item.path.parent.name].append(Item(item.path, item.label, item.key, True))
    return {name: group[:SAME] for name, group in sorted(groups.items()) if len(group) >= SAME}


def table(figures: dict[str, Any]) -> str:
    """The figures, for reading."""
    lines = []
    for group, judges in figures["words"].items():
        lines.append(f"right word, {group}")
        for name, rows in judges.items():
            count = next(iter(rows.values()))["count"]
            lines.append(f"  {name} ({count} photos)  " + "  ".join(f"{k} {percent(v)}" for k, v in rows.items()))
    for title, key in (("nearest photo among all", "retrieval"), ("nearest among its class", "same class")):
        for name, rows in figures[key].items():
            shown = "  ".join(f"{n} strokes {percent(row['recall@1'])}" for n, row in rows.items())
            lines.append(f"{title}, {name}: {shown} of {rows[32]['recall@1']['count']}")
    for name, row in figures.get("faces", {}).items():
        if name != "photos":
            shown = "  ".join(
                f"{key} {row[key]['mean']:.4f} [{row[key]['ci'][0]:.4f}, {row[key]['ci'][1]:.4f}]"
                for key in ("face", "outline", "face over outline")
            )
            lines.append(f"faces ({figures['faces']['photos']} photos), {name}: rise without {shown}")
    return "\n".join(lines)


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m training.reader.evaluate", description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("folders", type=Path, nargs="+", help="photo sets, as for the training")
    add("--weights", type=Path, required=True, help="a checkpoint (.pt) or exported weights (.safetensors)")
    add("--old", type=Path, default=OUTPUT, help="the older encoder")
    add("--work", type=Path, default=Path("out/reader"), help="folder of the training's cache")
    add("--cap", type=int, default=50)
    add("--faces", type=Path, help="folder with boxes.json and boxes_photos/")
    add("--json", type=Path, help="where the figures go, unless they are only printed")
    add("--cores", type=int, default=1)
    arguments = parser.parse_args(words)
    torch.set_num_threads(arguments.cores)
    labels, items = list_photos(arguments.folders, arguments.cap)
    judges = [judge.old(arguments.old), judge.new(arguments.weights)]
    folder = arguments.work / "cache"
    tests = cache.read_all([item for item in items if item.test], folder)
    groups = same_class(arguments.folders, arguments.cap)
    cache.build([item for group in groups.values() for item in group], folder, 1, arguments.old)
    alike = {name: [e for e in cache.read_all(group, folder) if e.heldout] for name, group in groups.items()}
    least = min((len(group) for group in alike.values()), default=0)
    figures: dict[str, Any] = {
        "words": words_right(tests, labels, judges),
        "retrieval": found_photos(tests, judges),
        "same class": found_in_class(alike, judges, min(SAME, least)) if alike else {},
    }
    if arguments.faces:
        figures["faces"] = faces(arguments.faces, judges, {item.key for item in items if not item.test}, arguments.old)
    if arguments.json:
        text = json.dumps(figures, indent=1) + "\n"
        write_atomically(arguments.json, lambda part: part.write_text(text, "utf-8"))
    print(table(figures))


if __name__ == "__main__":
    main()
