"""The optimisation as a film: how the strokes move from the first placement to the finished drawing.

timelapse = Timelapse()
sketch = draw("cat.jpg", callback=timelapse)
timelapse.write("cat.gif", sketch)
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..._arrays import Array, Indices
from ..._text import join_or
from ...errors import OutputError
from ...sketch import Sketch
from ..files import check_writable, write_file
from ..options import MOVING
from ..png import Pixels, to_pixels
from .video import check_film, to_film

if TYPE_CHECKING:
    from ...optimize.candidates import Progress


MOST = 512
"""Most steps that are kept; of more, every second one, every fourth, and so on."""
ALIKE = 0.0005
"""Strokes count as the sketch's own if they are this near to them, as a share of its canvas."""


class Timelapse:
    """A callback for `draw` that keeps the best strokes after each step, thinned out evenly to a bounded number.

    Where several photos are drawn together, it keeps those of the photo of its first call.

    Args:
        size: long side of the film, pixels, 16 to 3840.
        fps: pictures a second, 1 to 60.
        seconds: length, 0.5 to 120; the finished drawing stays for one more.

    Raises:
        OutputError: one is out of its range, or all together are too much.
    """

    def __init__(self, size: int = 512, fps: int = 24, seconds: float = 6.0) -> None:
        check_film(".mp4", size, seconds, fps)
        self.size, self.fps, self.seconds = size, fps, seconds
        self._photo: int | None = None
        self._steps: list[_Step] = []
        self._last: _Step | None = None
        self._every, self._calls = 1, 0

    def __call__(self, progress: Progress) -> None:
        """Keep the strokes of a step."""
        if self._photo is None:
            self._photo = progress.photo
        if progress.photo != self._photo:
            return
        # A copy: the loop changes its arrays.
        self._last = _Step(*(np.array(part, dtype=np.float64) for part in (progress.points, *progress.style)))
        if self._calls % self._every == 0:
            self._steps.append(self._last)
            if len(self._steps) > MOST:
                self._steps = self._steps[::2]
                self._every *= 2
        self._calls += 1

    def check(self, path: str | Path, *, force: bool = False) -> None:
        """Check that `write` could write to a path, before anything is drawn.

        Raises:
            OutputError: as for `write`.
        """
        check_film(_ending(Path(path)), self.size, self.seconds, self.fps)
        check_writable(path, force)

    def write(self, path: str | Path, sketch: Sketch, *, force: bool = False, brush: str = "round") -> Path:
        """Write the film to a file, whole or not at all; the ending chooses the format (.gif, .webp, .mp4).

        Args:
            path: of the file; its folder must exist.
            sketch: the finished drawing, in the photo's own pixels, in its final look. It is the last picture, and the
                pictures before have its canvas, paper, colours and widths.
            force: replace an existing file.
            brush: one of `BRUSHES`.

        Returns:
            the path.

        Raises:
            OutputError: the ending is another, the file exists and `force` is not set, or it cannot be written.
        """
        path = Path(path)
        ending = _ending(path)
        fps, count = check_film(ending, self.size, self.seconds, self.fps, sketch.canvas)
        sample = to_pixels(sketch, self.size, brush=brush)
        return write_file(
            path, lambda: to_film(self._pictures(sketch, count, brush), ending, fps, sample=sample), force=force
        )

    def sketches(self, sketch: Sketch) -> list[Sketch]:
        """The kept steps on the canvas and in the look of the finished drawing, which comes last."""
        steps = self._steps + ([self._last] if self._last is not None and self._steps[-1] is not self._last else [])
        if not len(sketch):
            return [sketch]
        alignment = _align(steps, sketch)
        if alignment is None:
            return [sketch]
        return [*(_aligned(step, alignment, sketch) for step in steps), sketch]

    def _pictures(self, sketch: Sketch, count: int, brush: str) -> Iterator[Pixels]:
        """Every step for the same time, then the finished drawing."""
        sketches = self.sketches(sketch)
        current, picture = -1, np.zeros((0, 0, 3), dtype=np.uint8)
        for number in range(count):
            now = number * (len(sketches) - 1) // (count - 1)
            if now != current:
                current, picture = now, to_pixels(sketches[now], self.size, brush=brush)
            yield picture


def _ending(path: Path) -> str:
    if path.suffix.lower() not in MOVING:
        raise OutputError(f"a timelapse is a {join_or(MOVING)}, not {path}: give it another ending")
    return path.suffix.lower()


class _Step(NamedTuple):
    """Strokes after a step, [stroke, ...], working canvas."""

    points: Array
    widths: Array
    colors: Array
    opacities: Array


class _Alignment(NamedTuple):
    """The map from the working canvas to the sketch's, scale x point + offset, and which stroke is which.

    Attributes:
        strokes: for each stroke of the sketch, its index in a step; None where that is unknown.
        step: the step that it was found with.
        error: largest distance of its strokes from those of the sketch, canvas pixels.
    """

    scale: float
    offset: Array
    strokes: Indices | None
    step: _Step
    error: float


def _align(steps: list[_Step], sketch: Sketch) -> _Alignment | None:
    """How the strokes of the steps became the sketch, by the last step that matches it.

    A sketch has its strokes in another order, perhaps reversed, and on the photo's canvas. Scale and offset follow from
    the mean of all points and their spread around it, which do not depend on order or direction.
    """
    best: _Alignment | None = None
    for step in reversed(steps):
        alignment = _match(step, sketch)
        if best is None or alignment.error < best.error:
            best = alignment
        if best.error <= ALIKE * max(sketch.canvas):
            break
    return best


def _match(step: _Step, sketch: Sketch) -> _Alignment:
    mine, its = step.points.reshape(-1, 2), sketch.points.reshape(-1, 2)
    spread = float(np.sqrt(np.square(its - its.mean(0)).sum(1).mean()))
    before = float(np.sqrt(np.square(mine - mine.mean(0)).sum(1).mean()))
    scale = spread / before if before > 0 else 1.0
    offset = its.mean(0) - scale * mine.mean(0)
    if step.points.shape != sketch.points.shape:
        return _Alignment(scale, offset, None, step, float("inf"))
    from scipy.optimize import linear_sum_assignment

    placed = scale * step.points + offset
    distances = np.stack([_distances(stroke, placed) for stroke in sketch.points])
    _, strokes = linear_sum_assignment(distances)
    return _Alignment(scale, offset, strokes, step, float(distances[np.arange(len(strokes)), strokes].max()))


def _distances(stroke: Array, others: Array) -> Array:
    """Distances of a stroke [point, xy] from others [other, point, xy], in the nearer direction: [other]."""
    return np.minimum(*(np.abs(others - s).max((1, 2)) for s in (stroke, stroke[::-1])))


def _aligned(step: _Step, alignment: _Alignment, sketch: Sketch) -> Sketch:
    """A step's strokes on the sketch's canvas.

    Optimised widths, colours and opacities are those of the step, unless the sketch's were changed afterwards.
    """
    if alignment.strokes is None or len(step.points) != len(sketch):
        style: dict[str, Any] = {
            "widths": np.median(sketch.widths),
            "colors": np.median(sketch.colors, axis=0),
            "opacities": np.median(sketch.opacities),
        }
        points = step.points
    else:
        style = {"widths": sketch.widths, "colors": sketch.colors, "opacities": sketch.opacities}
        points = step.points[alignment.strokes]
        for name, scale in (("widths", alignment.scale), ("colors", 1.0), ("opacities", 1.0)):
            now, at_last = (getattr(s, name)[alignment.strokes] * scale for s in (step, alignment.step))
            if np.allclose(at_last, style[name], rtol=0.02, atol=0.01):
                style[name] = now
    return Sketch.of(sketch.canvas, alignment.scale * points + alignment.offset, paper=sketch.paper, **style)
