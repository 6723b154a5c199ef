"""How well drawings by people are read, old encoder and new side by side.

    python -m training.reader.human SKETCHES --weights reader.safetensors

SKETCHES holds `quickdraw/WORD.ndjson` and `tu_berlin/WORD/*.png`. These drawings are for measuring only: nothing is
trained on them, fitted to them or chosen by them.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from ..calibrate import calibration_error, softmax
from ..model import OUTPUT
from ..parallel import write_atomically
from . import judge
from .classes import find_label
from .judge import Judge, clustered, percent

SIDE = 224
MARGIN = 0.07
PEN = 3
"""Width of QuickDraw's lines, pixels of a 224 px canvas."""
CHOICES = 10
Picture = NDArray[np.float32]


def quickdraw(folder: Path) -> list[tuple[str, Picture]]:
    """Words and pictures of `folder/WORD.ndjson`."""
    found = []
    for path in sorted(folder.glob("*.ndjson")):
        for line in path.read_text("utf-8").splitlines():
            strokes = [np.array(stroke[:2], dtype=np.float64).T for stroke in json.loads(line)["drawing"]]
            found.append((path.stem, _draw(strokes)))
    return found


def tu_berlin(folder: Path) -> list[tuple[str, Picture]]:
    """Words and pictures of `folder/WORD/*.png`."""
    found = []
    for path in sorted(folder.glob("*/*.png")):
        grey = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        if grey is None:
            raise SystemExit(f"{path} is no picture")
        found.append((path.parent.name.replace("-", " "), _framed(grey)))
    return found


def measure(drawings: list[tuple[str, Picture]], judges: list[Judge], seed: int = 0) -> dict[str, Any]:
    """Top-1, top-5 and the forced choice among ten, for the words that each judge knows and for those that all know.

    Args:
        drawings: words and pictures.
        judges: the old one first.

    Returns:
        By group of words and judge. "ece" is the calibration error with the judge's own calibration.
    """
    result: dict[str, Any] = {}
    shared = set.intersection(*(set(j.words) for j in judges))
    widest = max(judges, key=lambda j: len(j.words)).words
    truths = [find_label(word, widest) for word, _ in drawings]
    groups = {"words that all know": [i for i, t in enumerate(truths) if t in shared]}
    groups["words among the new labels"] = [i for i, t in enumerate(truths) if t is not None]
    logits = {
        j.name: j.name_logits(j.embed([drawings[i][1] for i in groups["words among the new labels"]])).double().numpy()
        for j in judges
    }
    place = {i: k for k, i in enumerate(groups["words among the new labels"])}
    for group, members in groups.items():
        if not members:
            continue
        words = np.array([drawings[i][0] for i in members])
        names = np.array([str(truths[i]) for i in members])
        found: dict[str, Any] = {"drawings": len(members), "words": len(set(words.tolist())), "judges": {}}
        right = {}
        for j in judges:
            if not set(names.tolist()) <= set(j.words):
                continue
            mine = logits[j.name][[place[i] for i in members]]
            found["judges"][j.name], right[j.name] = _figures(mine, j, names, words, seed)
            if len(shared) < len(j.words) and group == "words that all know":
                columns = [j.words.index(w) for w in sorted(shared)]
                among = Judge(f"{j.name}, among shared words", tuple(sorted(shared)), j.size, j.look, j.name_logits)
                found["judges"][among.name], right[among.name] = _figures(mine[:, columns], among, names, words, seed)
        if judges[0].name in right:
            found["error"] = {
                name: _error_ratio(right[judges[0].name], value, words, seed)
                for name, value in right.items()
                if name != judges[0].name
            }
        result[group] = found
    return result


def _figures(
    logits: NDArray[np.float64], j: Judge, names: NDArray[Any], words: NDArray[Any], seed: int
) -> tuple[dict[str, Any], NDArray[np.bool_]]:
    truth = np.array([j.words.index(name) for name in names])
    rank = (logits > logits[np.arange(len(truth)), truth][:, None]).sum(1)
    choices = np.unique(truth)
    rng = np.random.default_rng(seed)
    forced = []
    for row, own in zip(logits, truth, strict=True):
        others = choices[choices != own]
        others = rng.permutation(others)[: CHOICES - 1]
        forced.append(bool(row[own] > row[others].max()))
    scaled = logits / j.temperature
    figures = {
        "top-1": clustered(rank == 0, words),
        "top-5": clustered(rank < 5, words),
        "forced": clustered(np.array(forced), words),
        "ece": calibration_error(scaled, truth),
        "mean confidence": float(softmax(scaled).max(1).mean()),
    }
    if j.background is not None:
        figures["none"] = clustered(scaled.max(1) < j.background, words)
    return figures, rank == 0


def _error_ratio(old: NDArray[np.bool_], new: NDArray[np.bool_], words: NDArray[Any], seed: int) -> dict[str, Any]:
    """Errors of the new over those of the old, top-1, with a paired 95 % interval by a bootstrap over words."""
    kinds, index = np.unique(words, return_inverse=True)
    wrong = np.stack([np.bincount(index, ~old), np.bincount(index, ~new)])
    picks = np.random.default_rng(seed).integers(0, len(kinds), (2000, len(kinds)))
    sums = wrong[:, picks].sum(2)
    low, high = np.quantile(sums[1] / np.maximum(sums[0], 1), (0.025, 0.975))
    return {"share": float(wrong[1].sum() / max(1, wrong[0].sum())), "ci": (float(low), float(high))}


def _draw(strokes: list[NDArray[np.float64]]) -> Picture:
    points = np.concatenate(strokes)
    low, high = points.min(0), points.max(0)
    scale = SIDE * (1 - 2 * MARGIN) / max(1.0, float((high - low).max()))
    canvas = np.full((2 * SIDE, 2 * SIDE), 255, dtype=np.uint8)
    for stroke in strokes:
        places = ((stroke - (low + high) / 2) * scale + SIDE / 2) * 2
        cv2.polylines(canvas, [np.round(places * 16).astype(np.int32)], False, 0, 2 * PEN, cv2.LINE_AA, 4)
    small = cv2.resize(canvas, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    return np.asarray(small, dtype=np.float32) / np.float32(255)


def _framed(grey: NDArray[Any]) -> Picture:
    """Dark lines on white, centred with the same margin as the other set's."""
    rows, columns = np.nonzero(grey < 200)
    if not len(rows):
        return np.ones((SIDE, SIDE), dtype=np.float32)
    top, bottom, left, right = rows.min(), rows.max() + 1, columns.min(), columns.max() + 1
    side = max(bottom - top, right - left)
    room = int(np.ceil(side * (1 + 2 * MARGIN / (1 - 2 * MARGIN))))
    square = np.full((room, room), 255, dtype=np.uint8)
    y, x = (room - (bottom - top)) // 2, (room - (right - left)) // 2
    square[y : y + bottom - top, x : x + right - left] = grey[top:bottom, left:right]
    return np.asarray(cv2.resize(square, (SIDE, SIDE), interpolation=cv2.INTER_AREA) / 255, dtype=np.float32)


def misread(drawings: list[tuple[str, Picture]], reader: Judge, path: Path, columns: int = 10, rows: int = 8) -> None:
    """A sheet of drawings that are taken for something else, the surest mistakes first, one for each word."""
    known = [(find_label(word, reader.words), word, picture) for word, picture in drawings]
    kept = [(str(label), word, picture) for label, word, picture in known if label is not None]
    logits = reader.name_logits(reader.embed([picture for _, _, picture in kept])).double().numpy()
    chances = softmax(logits / reader.temperature)
    wrong: dict[str, tuple[float, str, Picture]] = {}
    for (label, word, picture), row in zip(kept, chances, strict=True):
        guess = reader.words[int(row.argmax())]
        if guess != label and row.max() > wrong.get(word, (0.0, "", picture))[0]:
            wrong[word] = (float(row.max()), guess, picture)
    shown = sorted(wrong.items(), key=lambda pair: -pair[1][0])[: columns * rows]
    cell = SIDE // 2
    sheet = Image.new("L", (columns * cell, -(-len(shown) // columns) * (cell + 26)), 255)
    pen = ImageDraw.Draw(sheet)
    for k, (word, (sure, guess, picture)) in enumerate(shown):
        x, y = k % columns * cell, k // columns * (cell + 26)
        small = cv2.resize(picture, (cell, cell), interpolation=cv2.INTER_AREA)
        sheet.paste(Image.fromarray(np.round(small * 255).astype(np.uint8)), (x, y))
        pen.text((x + 2, y + cell), f"{word}:\n{guess} {sure:.0%}", fill=0)
    write_atomically(path, lambda part: sheet.save(part, "PNG"))


def table(figures: dict[str, Any]) -> str:
    """The figures, for reading."""
    lines = []
    for source, groups in figures.items():
        for group, found in groups.items():
            lines.append(f"{source}, {group}: {found['drawings']} drawings of {found['words']} words")
            for name, row in found["judges"].items():
                shown = "  ".join(f"{key} {percent(row[key])}" for key in ("top-1", "top-5", "forced"))
                lines.append(f"  {name:<40} {shown}  calibration error {row['ece']:.3f}")
            for name, ratio in found.get("error", {}).items():
                lines.append(f"  errors of {name} over those of the old: {percent(ratio)}")
    return "\n".join(lines)


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m training.reader.human", description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("sketches", type=Path, help="folder with quickdraw/ and tu_berlin/")
    add("--weights", type=Path, required=True, help="a checkpoint (.pt) or exported weights (.safetensors)")
    add("--old", type=Path, default=OUTPUT, help="the older encoder")
    add("--json", type=Path, help="where the figures go, unless they are only printed")
    add("--sheet", type=Path, help="a picture of the drawings that the new encoder misreads most surely")
    add("--cores", type=int, default=1)
    arguments = parser.parse_args(words)
    torch.set_num_threads(arguments.cores)
    judges = [judge.old(arguments.old), judge.new(arguments.weights)]
    figures = {}
    every: list[tuple[str, Picture]] = []
    for name, reader in (("quickdraw", quickdraw), ("tu_berlin", tu_berlin)):
        if (arguments.sketches / name).is_dir():
            found = reader(arguments.sketches / name)
            figures[name] = measure(found, judges)
            every += found
    if not figures:
        raise SystemExit(f"{arguments.sketches} has neither quickdraw/ nor tu_berlin/")
    if arguments.json:
        text = json.dumps(figures, indent=1) + "\n"
        write_atomically(arguments.json, lambda part: part.write_text(text, "utf-8"))
    if arguments.sheet:
        misread(every, judges[1], arguments.sheet)
    print(table(figures))


if __name__ == "__main__":
    main()
