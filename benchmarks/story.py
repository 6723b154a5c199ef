"""The pictures of docs/how-it-works.md: one photo on its way to a drawing.

python benchmarks/story.py examples/coffee.jpg --output docs/images
"""

from __future__ import annotations

import argparse
import functools
import io
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image

import strokewise
from strokewise.drawing import draw_prepared
from strokewise.export import to_png, write_file
from strokewise.photo.preparing import prepare
from strokewise.photo.subject import find_subject
from strokewise.placement.candidates import place, placement_input

SIDE, GAP = 320, 12
"""Of each picture, and between two of them, pixels."""
SHOWN = (0, 2, 5, 60)
"""Steps after which the drawing is shown; the last one is shown where it ends sooner."""

Pixels = NDArray[np.uint8]


def drawn(points: NDArray[np.float64], size: float, width: float) -> Pixels:
    """Picture of strokes [stroke, 4, xy] on a square canvas of `size`, SIDE pixels wide."""
    sketch = strokewise.Sketch.of((size, size), points, widths=width)
    return np.array(Image.open(io.BytesIO(to_png(sketch, SIDE))).convert("RGB"))


def shown(picture: NDArray[np.floating]) -> Pixels:
    """A picture [y, x] or [y, x, rgb] in [0, 1], fitted into a square of SIDE pixels, white around it."""
    image = Image.fromarray(np.round(np.clip(picture, 0, 1) * 255).astype(np.uint8)).convert("RGB")
    image.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    if max(image.size) < SIDE:
        factor = SIDE / max(image.size)
        image = image.resize((round(image.width * factor), round(image.height * factor)), Image.Resampling.BICUBIC)
    square = Image.new("RGB", (SIDE, SIDE), "white")
    square.paste(image, ((SIDE - image.width) // 2, (SIDE - image.height) // 2))
    return np.array(square)


def in_a_row(*pictures: Pixels) -> bytes:
    """Pictures side by side, as the bytes of a PNG."""
    gap = np.full((SIDE, GAP, 3), 255, dtype=np.uint8)
    row = np.concatenate([part for picture in pictures for part in (picture, gap)][:-1], axis=1)
    file = io.BytesIO()
    Image.fromarray(row).save(file, "PNG", optimize=True)
    return file.getvalue()


def heat(values: NDArray[np.float64], below: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values [y, x] in [0, 1] in red over a pale copy of a picture [y, x, rgb]."""
    pale = 1 - 0.4 * (1 - below.mean(2, keepdims=True))
    share = 0.85 * values[:, :, None] / max(float(values.max()), 1e-9)
    return np.asarray(pale * (1 - share) + np.array([0.84, 0.15, 0.05]) * share)


def chart(losses: list[float]) -> bytes:
    """The loss after each step as a PNG."""
    figure = Figure(figsize=(6.4, 2.6), dpi=100, layout="constrained")
    axes = figure.add_subplot()
    axes.plot(losses, color="#0072b2")
    for step in SHOWN:
        if step < len(losses):
            axes.plot(step, losses[step], "o", color="#0072b2")
    axes.set(xlabel="step", ylabel="loss of the best so far")
    axes.spines[["top", "right"]].set_visible(False)
    file = io.BytesIO()
    figure.savefig(file, format="png", metadata={"Software": None})
    return file.getvalue()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photo", type=Path)
    parser.add_argument("-o", "--output", type=Path, default=Path("out/story"))
    parser.add_argument("-n", "--strokes", type=int, default=16)
    parser.add_argument("--steps", type=int, default=strokewise.Settings().steps)
    arguments = parser.parse_args()
    settings = strokewise.Settings(strokes=arguments.strokes, steps=arguments.steps)
    arguments.output.mkdir(parents=True, exist_ok=True)
    pen, size = settings.canvas_width, settings.size

    opened = strokewise.open_photo(arguments.photo)
    prepared = prepare(opened, settings, print)
    framed = prepared.framed
    scene, placed = placement_input(prepared, settings), place(prepared, settings)
    placements = [*placed.candidates] if placed.finer is None else [*placed.candidates, placed.finer]

    losses: list[float] = []
    standing: list[NDArray[np.float64]] = []

    def watch(progress: strokewise.Progress) -> None:
        losses.append(progress.loss)
        standing.append(progress.points.copy())

    sketch = draw_prepared(prepared, settings, watch)
    photo = shown(opened.pixels)
    final = np.array(Image.open(io.BytesIO(to_png(sketch, SIDE))).convert("RGB")).astype(np.float32) / 255
    pictures = {
        "how-subject": in_a_row(photo, shown(find_subject(opened)), shown(framed.image)),
        "how-saliency": in_a_row(shown(framed.image), shown(heat(scene.saliency, scene.image))),
        "how-placement": in_a_row(*(drawn(one, size, pen) for one in placements)),
        "how-steps": in_a_row(*(drawn(standing[min(step, len(standing) - 1)], size, pen) for step in SHOWN)),
        "how-loss": chart(losses),
        "how-final": in_a_row(photo, shown(final)),
    }
    for name, data in pictures.items():
        print(write_file(arguments.output / f"{name}.png", functools.partial(bytes, data), force=True))
    about = sketch.metadata
    print(f"{about['encoder']}, {about['steps']} steps ({about['stopped']}), loss {losses[0]:.3f} -> {losses[-1]:.3f}")


if __name__ == "__main__":
    main()
