"""The optimisation as a film: how the strokes move until the encoder sees the photo in them.

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
"""Most steps that are kept; where there are more, every second one, every fourth, and so on."""
ALIKE = 0.0005
"""Strokes that lie so near to those of the sketch, as a share of its canvas, are the same ones."""


class Timelapse:
    """A callback for `draw` that keeps the best strokes after each step, thinned out evenly to a bounded number.

    Where several photos are drawn together, the first one that it is told of counts.

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
        self._every, self._told = 1, 0

    def __call__(self, told: Progress) -> None:
        """Keep the strokes of a step."""
        if self._photo is None:
            self._photo = told.photo
        if told.photo != self._photo:
            return
        # A copy: the loop goes on working in its own arrays.
        self._last = _Step(*(np.array(part, dtype=np.float64) for part in (told.points, *told.style)))
        if self._told % self._every == 0:
            self._steps.append(self._last)
            if len(self._steps) > MOST:
                self._steps = self._steps[::2]
                self._every *= 2
        self._told += 1

    def check(self, path: str | Path, *, force: bool = False) -> None:
        """Refuse a path that `write` would refuse, before anything is drawn.

        Raises:
            OutputError: as for `write`.
        """
        check_film(_ending(Path(path)), self.size, self.seconds, self.fps)
        check_writable(path, force)

    def write(self, path: str | Path, sketch: Sketch, *, force: bool = False, brush: str = "round") -> Path:
        """Write the film to a file, whole or not at all; the ending chooses the format (.gif, .webp, .mp4).

        Args:
            path: where to; its folder must exist.
            sketch: what the optimisation came to, in the photo's own pixels, dressed as it is to look. It is the last
                picture, and the strokes before have its canvas, paper, colours and widths.
            force: replace the file if it is there.
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
        """What was kept, on the canvas of the finished drawing and in its looks; the last is the finished drawing."""
        steps = self._steps + ([self._last] if self._last is not None and self._steps[-1] is not self._last else [])
        if not len(sketch):
            return [sketch]
        way = _find_way(steps, sketch)
        return [*(_placed(step, way, sketch) for step in steps), sketch] if way is not None else [sketch]

    def _pictures(self, sketch: Sketch, count: int, brush: str) -> Iterator[Pixels]:
        """Each step for as long as any other, then the finished drawing."""
        sketches = self.sketches(sketch)
        quote, picture = -1, np.zeros((0, 0, 3), dtype=np.uint8)
        for number in range(count):
            now = number * (len(sketches) - 1) // (count - 1)
            if now != quote:
                quote, picture = now, to_pixels(sketches[now], self.size, brush=brush)
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


class _Way(NamedTuple):
    """From the working canvas to the sketch's: scale x point + offset.

    Attributes:
        strokes: for each stroke of the sketch, which one of a step it is; None where that cannot be told.
        step: the step it was found by.
        off: by how much strokes miss those of the sketch, canvas pixels.
    """

    scale: float
    offset: Array
    strokes: Indices | None
    step: _Step
    off: float


def _find_way(steps: list[_Step], sketch: Sketch) -> _Way | None:
    """How the strokes of the steps became the sketch, by the last step that it can be told from.

    A sketch has its strokes in another order, turned round, and on the photo's canvas; their middle and how far they
    spread around it know of neither order nor direction.
    """
    best: _Way | None = None
    for step in reversed(steps):
        way = _match(step, sketch)
        if best is None or way.off < best.off:
            best = way
        if best.off <= ALIKE * max(sketch.canvas):
            break
    return best


def _match(step: _Step, sketch: Sketch) -> _Way:
    mine, its = step.points.reshape(-1, 2), sketch.points.reshape(-1, 2)
    spread = float(np.sqrt(np.square(its - its.mean(0)).sum(1).mean()))
    before = float(np.sqrt(np.square(mine - mine.mean(0)).sum(1).mean()))
    scale = spread / before if before > 0 else 1.0
    offset = its.mean(0) - scale * mine.mean(0)
    if step.points.shape != sketch.points.shape:
        return _Way(scale, offset, None, step, float("inf"))
    from scipy.optimize import linear_sum_assignment

    placed = scale * step.points + offset
    apart = np.stack([_apart(stroke, placed) for stroke in sketch.points])
    _, strokes = linear_sum_assignment(apart)
    return _Way(scale, offset, strokes, step, float(apart[np.arange(len(strokes)), strokes].max()))


def _apart(stroke: Array, others: Array) -> Array:
    """How far a stroke [point, xy] lies from others [other, point, xy], either way round: [other]."""
    return np.minimum(*(np.abs(others - s).max((1, 2)) for s in (stroke, stroke[::-1])))


def _placed(step: _Step, way: _Way, sketch: Sketch) -> Sketch:
    """A step's strokes on the sketch's canvas.

    Inks that were optimised are those of the step, unless the sketch was given others afterwards.
    """
    if way.strokes is None or len(step.points) != len(sketch):
        looks: dict[str, Any] = {
            "widths": np.median(sketch.widths),
            "colors": np.median(sketch.colors, axis=0),
            "opacities": np.median(sketch.opacities),
        }
        points = step.points
    else:
        looks = {"widths": sketch.widths, "colors": sketch.colors, "opacities": sketch.opacities}
        points = step.points[way.strokes]
        for name, scale in (("widths", way.scale), ("colors", 1.0), ("opacities", 1.0)):
            now, at_last = (getattr(s, name)[way.strokes] * scale for s in (step, way.step))
            if np.allclose(at_last, looks[name], rtol=0.02, atol=0.01):
                looks[name] = now
    return Sketch.of(sketch.canvas, way.scale * points + way.offset, paper=sketch.paper, **looks)
