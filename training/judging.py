"""Who reads drawings better: answers of recognisers, paired by photo; and contact sheets for one's own eyes.

figures = judge_all([third, EmbeddedRecognizer(encoder)], drawings, names, variants, counts)
print(table(figures))
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy.stats import binomtest
from torch import Tensor

from strokewise import Sketch, open_photo, render
from strokewise.photo.frame import Frame, frame_strokes
from strokewise.recognition.inputs import sketch_picture
from strokewise.recognition.recognizers import Recognizer

from .measures import wilson
from .parallel import write_atomically

SIDE = 224
"""Of the pictures that are judged, pixels."""
CELL, LABEL = 224, 14


def judge_all(
    judges: Sequence[Recognizer],
    drawings: dict[tuple[str, int], list[Sketch]],
    names: dict[str, str],
    variants: list[str],
    counts: Sequence[int],
) -> dict[str, Any]:
    """Top-1 among all classes of each judge, and how each variant differs from the first one, photo by photo.

    Args:
        judges: who reads.
        drawings: by variant and number of strokes, in the order of `names`.
        names: photo -> class.
        variants: names of the encoders; the first is what the others are compared with.
        counts: numbers of strokes.

    Returns:
        figures, as JSON takes them.
    """
    truth = list(names.values())
    result: dict[str, Any] = {"photos": len(truth), "variants": variants, "judges": {}, "answers": {}}
    for judge in judges:
        known = judge.labels or ()
        right = np.array([known.index(label) for label in truth])
        rows: dict[str, Any] = {}
        answers: dict[str, Any] = {}
        for count in counts:
            rows[str(count)], answers[str(count)] = {}, {}
            first: NDArray[np.bool_] | None = None
            for variant in variants:
                images = np.stack([sketch_picture(s, SIDE) for s in drawings[variant, count]])
                sure = judge.probabilities(images, known)
                said = sure.argmax(1)
                hit = said == right
                first = hit if first is None else first
                rows[str(count)][variant] = {
                    "hits": int(hit.sum()),
                    "share": float(hit.mean()),
                    "ci": wilson(int(hit.sum()), len(hit)),
                    "probability": float(sure[np.arange(len(right)), right].mean()),
                    **({} if variant == variants[0] else difference(first, hit)),
                }
                answers[str(count)][variant] = dict(zip(names, (known[k] for k in said), strict=True))
        result["judges"][judge.name] = {"classes": len(known), "strokes": rows}
        result["answers"][judge.name] = answers
    return result


def difference(before: NDArray[np.bool_], after: NDArray[np.bool_]) -> dict[str, Any]:
    """What another encoder has changed, of the same photos: McNemar's test (1947), exact and two-sided.

    Args:
        before, after: bool [photo], whether each was named rightly.

    Returns:
        photos gained and lost, the difference of the shares, and p.
    """
    gained, lost = int((after & ~before).sum()), int((before & ~after).sum())
    p = float(binomtest(gained, gained + lost, 0.5).pvalue) if gained + lost else 1.0
    return {"gained": gained, "lost": lost, "difference": (gained - lost) / len(before), "p": p}


def table(figures: dict[str, Any]) -> str:
    """The figures in Markdown."""
    variants = figures["variants"]
    lines = [
        f"Top-1 of {figures['photos']} drawings of test photos, forced choice among all classes; in brackets the 95 % "
        "interval (Wilson).",
        f"Then photos gained and lost against {variants[0]}, and the exact p (McNemar).",
        "",
        f"| judge | strokes | {' | '.join(variants)} |",
        f"|---|---|{'---|' * len(variants)}",
    ]
    for judge, found in figures["judges"].items():
        for count, row in found["strokes"].items():
            cells = [_cell(row[variant]) for variant in variants]
            lines.append(f"| {judge}, {found['classes']} classes | {count} | {' | '.join(cells)} |")
    lines += ["", "Mean probability that a judge gives the right class:", "", *lines[3:5]]
    for judge, found in figures["judges"].items():
        for count, row in found["strokes"].items():
            cells = [f"{row[variant]['probability']:.3f}" for variant in variants]
            lines.append(f"| {judge} | {count} | {' | '.join(cells)} |")
    lines += [
        "",
        "The judge embedded is the very network that made the embedded-... drawings; the judge third has made none.",
    ]
    if skipped := figures.get("skipped"):
        lines += ["", f"Skipped, since they can't be drawn: {', '.join(skipped)}."]
    return "\n".join(lines) + "\n"


def _cell(found: dict[str, Any]) -> str:
    low, high = found["ci"]
    text = f"{100 * found['share']:.0f} % ({100 * low:.0f} to {100 * high:.0f})"
    if "p" in found:
        text += f", +{found['gained']} -{found['lost']}, p {found['p']:.2g}"
    return text


def picture(sketch: Sketch, frame: Frame) -> Tensor:
    """What a square of the sketch shows, float32 [1, size, size]; its pen is as wide as in the photo's pixels."""
    seen = frame.shown(sketch).scaled(frame.size / frame.side)
    points, widths = torch.tensor(seen.points).float()[None], torch.tensor(seen.widths).float()[None]
    return render(points, widths, size=frame.size)[0]


def write_sheets(
    photos: list[Path], columns: list[tuple[str, list[Sketch]]], folder: Path, count: int, rows: int
) -> list[Path]:
    """Contact sheets `sheet-COUNT.png`, numbered where there is more than one: each photo, and its drawings."""
    written = []
    for first in range(0, len(photos), rows):
        part = range(first, min(first + rows, len(photos)))
        sheet = Image.new("RGB", (CELL * (1 + len(columns)), (CELL + LABEL) * len(part)), "white")
        pen = ImageDraw.Draw(sheet)
        for row, i in enumerate(part):
            frame, top = frame_strokes([drawn[i] for _, drawn in columns], CELL), row * (CELL + LABEL)
            photo = open_photo(photos[i])
            cells = [Image.fromarray((frame.sample(photo.pixels, 1.0, photo=photo) * 255).astype(np.uint8))]
            cells += [_gray(picture(drawn[i], frame)) for _, drawn in columns]
            for x, (name, cell) in enumerate(zip((photos[i].name, *(n for n, _ in columns)), cells, strict=True)):
                sheet.paste(cell, (x * CELL, top))
                pen.text((x * CELL + 4, top + CELL), name, fill="black")
        number = f"-{first // rows + 1}" if len(photos) > rows else ""
        path = folder / f"sheet-{count}{number}.png"
        write_atomically(path, functools.partial(sheet.save, format="PNG"))
        written.append(path)
    return written


def _gray(image: Tensor) -> Image.Image:
    return Image.fromarray(np.round(image[0].clamp(0, 1).numpy() * 255).astype(np.uint8))
