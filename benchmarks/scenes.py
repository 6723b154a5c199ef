"""Scenes against drawings of the whole picture without strokes of their own for subject and place.

python benchmarks/scenes.py FOLDER --others OTHER_FOLDER --output out/scenes

For each photo of the folder, `scene` and `draw` with the subject "keep" draw as many strokes. Then it prints

- the rank of the drawing's own photo among all photos of both folders, by what the encoder sees: 1 is best. By the
  embedding alone, by the maps alone, and by both as the loss has them;
- the share of the ink that lies on the subjects, beside their share of the strokes;
- of strokes along long straight edges of the photo: how many there are, and how far they are from straight, pixels of
  a 224 px canvas.

With `--time` it compares processor time instead: of `draw` with 32 strokes, of `scene`, and of `matrix`, in turns.
"""

from __future__ import annotations

import argparse
import functools
import io
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

import strokewise
from strokewise._process import tune_process
from strokewise.encoders import embedded
from strokewise.export import to_png
from strokewise.photo.formats import ENDINGS
from strokewise.photo.frame import Frame, frame_subject
from strokewise.photo.scene_frames import frame_scene
from strokewise.placement.scene_lines import STRAIGHT, scene_lines
from strokewise.scenes import matrix, scene

SIDE = 224
LONG = 20.0
"""Straight edges of the photo from this length on, pixels of a 224 px canvas."""
NEAR = 2.5
"""A stroke runs along an edge that most of it is nearer to than this."""


def photos_of(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in ENDINGS)


def seen(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    """A square picture [y, x, rgb] as the encoder takes it: [1, 3, y, x]."""
    return np.ascontiguousarray(pixels.transpose(2, 0, 1)[None])


def drawn(sketch: strokewise.Sketch, frame: Frame) -> NDArray[np.float32]:
    """A sketch in the square of its whole photo: [1, 3, y, x]."""
    picture = Image.open(io.BytesIO(to_png(frame.shown(sketch), long_side=2 * SIDE))).convert("RGB")
    return seen(np.asarray(picture.resize((SIDE, SIDE), Image.Resampling.BOX), np.float32) / np.float32(255))


class Album:
    """What the encoder sees in many photos, and how far drawings are from them."""

    def __init__(self, paths: list[Path]) -> None:
        self.encoder = embedded.load()
        self.paths = paths
        self._photos = []
        for path in paths:
            photo = strokewise.open_photo(path)
            frame = frame_subject(photo, None, SIDE)
            self._photos.append(self.encoder.features(seen(frame.sample(photo.pixels, 1.0, photo=photo))))

    def ranks(self, picture: NDArray[np.float32], own: Path) -> dict[str, int]:
        """The rank of a drawing's own photo, 1 is best, by embedding, maps and both."""
        found = self.encoder.features(picture)
        semantic, geometric = np.empty(len(self.paths)), np.empty(len(self.paths))
        for place, photo in enumerate(self._photos):
            a, b = found.embedding[0], photo.embedding[0]
            semantic[place] = 1 - float(a @ b) / float(np.linalg.norm(a) * np.linalg.norm(b))
            geometric[place] = sum(
                weight * float(np.square(one - other).mean()) / float(np.square(other).mean())
                for weight, one, other in zip(self.encoder.map_weights, found.maps, photo.maps, strict=True)
            )
        at = self.paths.index(own)
        terms = {"embedding": semantic, "maps": geometric, "both": semantic + geometric}
        return {name: 1 + int((values < values[at]).sum()) for name, values in terms.items()}


def curves(sketch: strokewise.Sketch, frame: Frame) -> NDArray[np.float64]:
    """Points along all strokes, on a canvas of 224 pixels: [stroke, point, xy]."""
    t = np.linspace(0, 1, 48)
    weights = np.stack([(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3], axis=1)
    return weights @ (sketch.points - np.array([frame.x0, frame.y0])) * (SIDE / frame.side)


def straightness(strokes: NDArray[np.float64], edges: list[NDArray[np.float64]]) -> list[float]:
    """Root mean square distance of each stroke along a straight edge from its own straight line, pixels."""
    found = []
    for points in strokes:
        length = float(np.linalg.norm(np.diff(points, axis=0), axis=1).sum())
        for start, stop in edges:
            way = (stop - start) / np.linalg.norm(stop - start)
            along, off = (points - start) @ way, (points - start) @ np.array([-way[1], way[0]])
            near = (np.abs(off) < NEAR) & (along > -NEAR) & (along < np.linalg.norm(stop - start) + NEAR)
            if near.mean() > 0.8 and length > LONG / 2 and np.ptp(along) > 0.8 * length:
                middle = points - points.mean(0)
                found.append(float(np.linalg.svd(middle, compute_uv=False)[1] / np.sqrt(len(points))))
                break
    return found


def measure(path: Path, strokes: int, album: Album, folder: Path | None, drawn_before: bool) -> dict[str, Any]:
    """Both drawings of one photo, and what is measured of them.

    Args:
        path: of the photo.
        strokes: of each drawing.
        album: all photos.
        folder: where the drawings are written to, as STEM-scene.svg and STEM-keep.svg; None writes nothing.
        drawn_before: whether they are read from there, if they are there.
    """
    photo = strokewise.open_photo(path)
    framed = frame_scene(photo, strokewise.Settings())
    frame = framed.whole.frame
    unit = frame.size / SIDE
    lines = scene_lines(framed.whole.image.astype(np.float64), framed.whole.inside)
    edges = [line.points[[0, -1]] / unit for line in lines if line.kind == STRAIGHT]
    edges = [edge for edge in edges if np.linalg.norm(edge[1] - edge[0]) >= LONG]
    ways: dict[str, Callable[[], strokewise.Sketch]] = {
        "scene": lambda: scene(photo, strokes=strokes),
        "keep": lambda: strokewise.draw(photo, strokes=strokes, subject="keep"),
    }
    row: dict[str, Any] = {"photo": path.name, "straight edges": len(edges)}
    for name, way in ways.items():
        kept = None if folder is None else folder / f"{path.stem}-{name}.svg"
        if drawn_before and kept is not None and kept.is_file():
            sketch = strokewise.read_sketch(kept)
        else:
            sketch = way()
            if kept is not None:
                sketch.save(kept, force=True)
                sketch.save(kept.with_suffix(".png"), force=True)
        points = curves(sketch, frame)
        steps = np.linalg.norm(np.diff(points, axis=1), axis=2)
        middle = ((points[:, 1:] + points[:, :-1]) / 2 * unit).astype(int).clip(0, frame.size - 1)
        inside = framed.covered[middle[..., 1], middle[..., 0]] > 0.5
        row[name] = {
            **album.ranks(drawn(sketch, frame), path),
            "ink on subjects": float((steps * inside).sum() / steps.sum()),
            "deviations": straightness(points, edges),
        }
        if name == "scene":
            front, place = sketch.metadata["scene"]["split"]
            row["budget of subjects"] = front / (front + place)
    return row


def table(rows: list[dict[str, Any]], photos: int) -> str:
    """The figures of all photos, and their means, as a table."""
    heads = ["photo", "embedding", "maps", "both", "ink on subjects (budget)", "straight strokes", "off straight, px"]
    lines = [f"rank of the own photo among {photos}: scene / keep", "| " + " | ".join(heads) + " |", "|---" * 7 + "|"]
    for row in rows:
        a, b = row["scene"], row["keep"]
        cells = [f"{a[name]} / {b[name]}" for name in ("embedding", "maps", "both")]
        ink = f"{a['ink on subjects']:.2f} / {b['ink on subjects']:.2f} ({row['budget of subjects']:.2f})"
        off = " / ".join(f"{np.mean(one['deviations']):.2f}" if one["deviations"] else "-" for one in (a, b))
        cells += [ink, f"{len(a['deviations'])} / {len(b['deviations'])}", off]
        lines.append(f"| {row['photo']} | " + " | ".join(cells) + " |")
    for name in ("scene", "keep"):
        ranks = ", ".join(
            f"{kind} median {np.median([row[name][kind] for row in rows]):g}, "
            f"first {sum(row[name][kind] == 1 for row in rows)} of {len(rows)}"
            for kind in ("embedding", "maps", "both")
        )
        every = [off for row in rows for off in row[name]["deviations"]]
        lines.append(
            f"{name}: {ranks}; {len(every)} strokes along straight edges, {np.mean(every):.2f} px off straight"
        )
    gap = np.mean([abs(row["scene"]["ink on subjects"] - row["budget of subjects"]) for row in rows])
    lines.append(f"scene: the ink on subjects is {gap:.2f} off the budget's share, on average")
    return "\n".join(lines)


def compare_time(paths: list[Path], strokes: int, rounds: int) -> None:
    """Processor time in turns: a drawing of 32 strokes, a scene, and a matrix."""
    for path in paths:
        photo = strokewise.open_photo(path)
        ways: dict[str, Callable[[], object]] = {
            "draw": functools.partial(strokewise.draw, photo, strokes=32),
            "scene": functools.partial(scene, photo, strokes=strokes),
            "matrix": functools.partial(matrix, photo, strokes=strokes),
        }
        ways["draw"]()  # networks are loaded and loops compiled
        spent: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(rounds):
            for name, way in ways.items():
                start = time.process_time()
                way()
                spent[name].append(time.process_time() - start)
        ratios = {
            name: [one / draw for one, draw in zip(times, spent["draw"], strict=True)] for name, times in spent.items()
        }
        said = "; ".join(f"{name} " + ", ".join(f"{r:.2f}" for r in ratios[name]) for name in ("scene", "matrix"))
        print(f"{path.name}: times the processor time of draw -n 32, by round: {said}", flush=True)


def main() -> None:
    tune_process()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--others", type=Path, help="folder of photos to be told apart from")
    parser.add_argument("--most", type=int, default=200, help="most photos of both folders")
    parser.add_argument("-n", "--strokes", type=int, default=64)
    parser.add_argument("--only", default="", help="only photos whose name holds one of these, separated by commas")
    parser.add_argument("-o", "--output", type=Path, help="folder for drawings and figures")
    parser.add_argument("--again", action="store_true", help="measure drawings that lie in that folder already")
    parser.add_argument("--time", type=int, metavar="ROUNDS", help="compare processor time instead, so many rounds")
    arguments = parser.parse_args()
    every = photos_of(arguments.folder)
    chosen = [path for path in every if any(word in path.name for word in arguments.only.split(","))]
    if arguments.time:
        compare_time(chosen, arguments.strokes, arguments.time)
        return
    if arguments.output is not None:
        arguments.output.mkdir(parents=True, exist_ok=True)
    names = {path.name for path in every}
    others = [] if arguments.others is None else [p for p in photos_of(arguments.others) if p.name not in names]
    album = Album([*every, *others][: max(arguments.most, len(every))])
    rows = []
    for path in chosen:
        rows.append(measure(path, arguments.strokes, album, arguments.output, arguments.again))
        print(json.dumps(rows[-1]), flush=True)
    print(table(rows, len(album.paths)))
    if arguments.output is not None:
        (arguments.output / "figures.json").write_text(json.dumps(rows, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
