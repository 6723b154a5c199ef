"""How well the subject is found: masks held against masks that people made.

    python benchmarks/masks.py FOLDER
    python benchmarks/masks.py FOLDER --every 3 --with one-look --sheet out/masks.png --json out/masks.json

FOLDER holds images/NAME.jpg and masks/NAME.png, white on the subject, of the photo's size, as ECSSD has them. Columns:

- IoU: overlap of mask and truth above 0.5, over what either covers, mean of all photos;
- lost: share of photos whose IoU is below 0.5;
- missed and extra: share of the true subject that the mask lacks, and what it has beside, over the true subject;
- edge: mean difference of mask and truth within 1% of the photo's long side from the true outline, from 0 to 1;
- found: share of photos whose background is taken away by "auto";
- CPU: seconds of processor time a photo, the first left out, on one thread if OMP_NUM_THREADS is 1.

Rows: what drawings use; with --with, "one-look" (the salient-object network once, as it is), or others of `finders`."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from strokewise import open_photo
from strokewise.photo import subject
from strokewise.photo.masks import Mask, SubjectMask
from strokewise.photo.opening import Photo

Finder = Callable[[Photo], SubjectMask]
EDGE = 0.01
"""Half the width of the band around the true outline, as a share of the photo's long side."""


def finders(names: list[str]) -> dict[str, Finder]:
    """What finds masks, by name."""
    known: dict[str, Finder] = {
        "strokewise": subject.measure_subject,
        "one-look": lambda photo: SubjectMask.of(subject._predict(photo.pixels)),
    }
    return {name: known[name] for name in ["strokewise", *names]}


def measure(mask: Mask, truth: NDArray[np.bool_]) -> dict[str, float]:
    """One mask against the truth, both [height, width]."""
    found = mask > 0.5
    both, either = float((found & truth).sum()), float((found | truth).sum())
    reach = EDGE * max(truth.shape)
    inside, outside = ndimage.distance_transform_edt(truth), ndimage.distance_transform_edt(~truth)
    band = np.maximum(inside, outside) <= reach
    area = max(float(truth.sum()), 1.0)
    return {
        "iou": both / max(either, 1.0),
        "missed": 1 - both / area,
        "extra": float((found & ~truth).sum()) / area,
        "edge": float(np.abs(mask - truth)[band].mean()) if band.any() else 0.0,
    }


def summary(rows: list[dict[str, Any]]) -> dict[str, float]:
    """The figures of one finder over all photos."""
    mean = {key: float(np.mean([row[key] for row in rows])) for key in ("iou", "missed", "extra", "edge", "found")}
    mean["lost"] = float(np.mean([row["iou"] < 0.5 for row in rows]))
    mean["cpu_s"] = float(np.mean([row["cpu_s"] for row in rows[1:] or rows]))
    return mean


def overlaid(photo: Photo, mask: Mask | NDArray[np.bool_], side: int) -> Image.Image:
    """The photo with everything else in light magenta, on a white square."""
    alpha = np.asarray(mask, dtype=np.float32)[:, :, None]
    veil = 0.25 * photo.pixels + 0.75 * np.array([1.0, 0.4, 1.0])
    shown = Image.fromarray(np.round(255 * (alpha * photo.pixels + (1 - alpha) * veil)).astype(np.uint8))
    shown.thumbnail((side, side))
    square = Image.new("RGB", (side, side), "white")
    square.paste(shown, ((side - shown.width) // 2, (side - shown.height) // 2))
    return square


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--with", dest="others", nargs="+", default=[], metavar="NAME", help="further rows")
    parser.add_argument("--every", type=int, default=1, help="only every so many photos")
    parser.add_argument("--sheet", type=Path, help="a picture: truth and masks of the photos with the worst masks")
    parser.add_argument("--rows", type=int, default=40, help="photos in the sheet")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    paths = sorted((arguments.folder / "images").glob("*.jpg"))[:: arguments.every]
    if not paths:
        parser.error(f"{arguments.folder} holds no images/*.jpg")
    table = finders(arguments.others)
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in table}
    seen: list[tuple[float, list[Image.Image]]] = []
    for path in paths:
        photo = open_photo(path)
        with Image.open(arguments.folder / "masks" / f"{path.stem}.png") as image:
            truth = np.asarray(image.convert("L").resize(photo.pixels.shape[1::-1])) > 127
        pictures = [overlaid(photo, truth, 220)]
        for name, find in table.items():
            start = time.process_time()
            found = find(photo)
            spent = time.process_time() - start
            use, _ = subject.decide_subject(found, "auto")
            rows[name].append({"photo": path.stem, **measure(found.mask, truth), "found": use, "cpu_s": spent})
            pictures.append(overlaid(photo, found.mask, 220))
        seen.append((rows["strokewise"][-1]["iou"], pictures))
    print(f"{len(paths)} photos")
    print(f"{'':<14} {'IoU':>6} {'lost':>6} {'missed':>7} {'extra':>6} {'edge':>6} {'found':>6} CPU s")
    report = {name: summary(found) for name, found in rows.items()}
    for name, one in report.items():
        print(
            f"{name:<14} {one['iou']:6.3f} {one['lost']:6.1%} {one['missed']:7.1%} {one['extra']:6.1%}"
            f" {one['edge']:6.3f} {one['found']:6.1%} {one['cpu_s']:5.2f}"
        )
    if arguments.json:
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        arguments.json.write_text(json.dumps({"summary": report, "rows": rows}, indent=1) + "\n")
    if arguments.sheet:
        arguments.sheet.parent.mkdir(parents=True, exist_ok=True)
        sheet([pictures for _, pictures in sorted(seen, key=lambda one: one[0])[: arguments.rows]], arguments.sheet)


def sheet(rows: list[list[Image.Image]], path: Path) -> None:
    """One row a photo, several side by side."""
    width, across = len(rows[0]), max(1, 8 // len(rows[0]))
    down = -(-len(rows) // across)
    paper = Image.new("RGB", (across * (width * 224 + 12), down * 224), "white")
    for i, pictures in enumerate(rows):
        for j, picture in enumerate(pictures):
            paper.paste(picture, ((i // down) * (width * 224 + 12) + j * 224, (i % down) * 224))
    paper.save(path)


if __name__ == "__main__":
    main()
