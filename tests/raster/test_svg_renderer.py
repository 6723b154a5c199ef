"""Beside an independent SVG renderer (resvg).

resvg's own antialiasing samples each pixel coarsely: at plain size it is up to 0.5 from the exact area of a stroke,
several times as far as we are. So it is asked for each stroke at a multiple of the size, and that is averaged: an
exact picture by other hands. The plain picture is looked at as well, against wider bars. Below about one pixel of
width resvg draws hairlines in its own way (a line 1 px wide may differ by a whole level), so nothing thinner than
1.5 px is compared with the plain picture.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image

from strokewise.raster import render

resvg = pytest.importorskip("resvg_py")
Array = NDArray[Any]


def svg_of(points: Array, widths: Array, size: int, zoom: int = 1) -> str:
    paths = []
    for stroke, width in zip(points, widths, strict=True):
        (x, y), rest = stroke[0], stroke[1:].reshape(-1, 6)
        data = f"M{x:.6f} {y:.6f}" + "".join("C" + " ".join(f"{v:.6f}" for v in cubic) for cubic in rest)
        paths.append(f'<path d="{data}" stroke-width="{width:.6f}"/>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size * zoom}" height="{size * zoom}" '
        f'viewBox="0 0 {size} {size}"><rect width="{size}" height="{size}" fill="#fff"/><g fill="none" stroke="#000" '
        f'stroke-linecap="round" stroke-linejoin="round">{"".join(paths)}</g></svg>'
    )


def rendered(svg: str, background: str | None = None) -> Array:
    with Image.open(io.BytesIO(bytes(resvg.svg_to_bytes(svg_string=svg, background=background)))) as image:
        return np.asarray(image.convert("L"), dtype=np.float64) / 255


def exact(points: Array, widths: Array, size: int, zoom: int) -> Array:
    """Area averages of each stroke, composited in order."""
    image = np.ones((size, size))
    for stroke, width in zip(points, widths, strict=True):
        large = rendered(svg_of(stroke[None], np.array([width]), size, zoom))
        image *= large.reshape(size, zoom, size, zoom).mean((1, 3))
    return image


def random_strokes(rng: np.random.Generator, count: int, size: int) -> Array:
    """Control points anywhere: loops, cusps, crossings."""
    return rng.random((count, 4, 2)) * size


def sketch_strokes(rng: np.random.Generator, count: int, size: int) -> Array:
    """Gently bent strokes of two cubics, as a hand draws them."""
    turn = rng.random((count, 1)) * 6.28 + np.cumsum(rng.normal(size=(count, 6)) * 0.3, 1)
    step = size * (0.02 + 0.08 * rng.random((count, 1, 1)))
    steps = np.stack((np.cos(turn), np.sin(turn)), -1) * step
    steps[:, 3] = steps[:, 2]  # smooth where the cubics meet
    start = size * (0.1 + 0.8 * rng.random((count, 1, 2)))
    return np.concatenate((start, start + steps.cumsum(1)), 1)


def ours(points: Array, widths: Array, size: int) -> Array:
    image = render(torch.from_numpy(points)[None], torch.from_numpy(widths)[None], size=size)
    return image[0, 0].numpy()


@pytest.mark.parametrize("make", [random_strokes, sketch_strokes])
@pytest.mark.parametrize(
    ("size", "zoom", "count", "seed"), [(224, 8, 12, 0), (224, 8, 12, 1), (224, 8, 12, 2), (896, 4, 4, 3)]
)
def test_the_picture_is_what_an_svg_shows(make: Any, size: int, zoom: int, count: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    points, widths = make(rng, count, size), rng.uniform(1.5, 6, count)
    off = np.abs(ours(points, widths, size) - exact(points, widths, size, zoom))
    assert off.mean() < 0.003
    assert off.max() <= 0.35


@pytest.mark.parametrize("make", [random_strokes, sketch_strokes])
def test_thin_strokes_fade_as_the_exact_picture_does(make: Any) -> None:
    rng = np.random.default_rng(7)
    points, widths = make(rng, 8, 224), rng.uniform(0.3, 1.0, 8)
    off = np.abs(ours(points, widths, 224) - exact(points, widths, 224, 8))
    assert off.mean() < 0.003
    assert off.max() <= 0.35


@pytest.mark.parametrize("make", [random_strokes, sketch_strokes])
@pytest.mark.parametrize(("size", "count"), [(224, 16), (896, 32)])
def test_the_plain_picture(make: Any, size: int, count: int) -> None:
    rng = np.random.default_rng(1)
    points, widths = make(rng, count, size), rng.uniform(1.5, 6, count)
    off = np.abs(ours(points, widths, size) - rendered(svg_of(points, widths, size)))
    assert off.mean() < 0.01
    assert off.max() <= 0.6
    assert (off > 0.35).mean() < 1e-3


def test_we_are_nearer_to_the_exact_picture_than_the_renderer_at_plain_size() -> None:
    rng = np.random.default_rng(2)
    points, widths = sketch_strokes(rng, 12, 224), np.full(12, 1.5)
    truth = exact(points, widths, 224, 8)
    plain = np.abs(rendered(svg_of(points, widths, 224)) - truth)
    mine = np.abs(ours(points, widths, 224) - truth)
    assert mine.mean() < 0.5 * plain.mean()
    assert mine.max() < plain.max()


@pytest.mark.slow
@pytest.mark.parametrize(("size", "zoom"), [(224, 8), (896, 2)])
def test_a_real_sketch_is_what_an_svg_shows(size: int, zoom: int) -> None:
    """The exported file of a drawn photo, beside our own picture of the same file."""
    import strokewise
    from strokewise.export.svg.text import from_svg, to_svg

    photo = Path(__file__).parents[2] / "examples" / "coffee.jpg"
    drawn = strokewise.draw(photo, strokes=16, steps=2, candidates=1)
    fitted = from_svg(to_svg(drawn.scaled(size / max(drawn.canvas))))
    width, height = (round(side) for side in fitted.canvas)
    sketch = fitted.mapped((width, height), 1.0, (0.0, 0.0))
    image = np.ones((height, width))
    for i in range(len(sketch)):
        large = rendered(to_svg(sketch.reordered([i]).scaled(zoom)), "white")
        image *= large.reshape(height, zoom, width, zoom).mean((1, 3))
    mine = render(torch.tensor(sketch.points)[None], torch.tensor(sketch.widths)[None], size=(height, width))
    off = np.abs(mine[0, 0].numpy() - image)
    assert off.mean() < 0.003
    assert off.max() <= 0.35
