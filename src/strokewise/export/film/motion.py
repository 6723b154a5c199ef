"""A drawing as a hand would make it: stroke after stroke, each from its beginning to its end.

for partial in hand_frames(sketch, 100):    # blank paper first, the finished drawing last
    show(partial)
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterator

import numpy as np

from ..._arrays import Array
from ...bezier import evaluate, split, split_chain
from ...sketch import Sketch, in_drawing_order
from ...tone_layer import ToneLayer
from ..brush.brushes import outlined_svg, stroke_outlines
from ..png import Pixels, fitted, svg_pixels, to_pixels
from ..tone import tone_strokes, without_tone

MANY = 500
"""Drawings of more strokes are drawn in their own order, as sorting them takes quadratic time."""
UNCOVERED = 2.4
"""Width of the mask that uncovers a brushed stroke, in stroke widths: wider than any brush."""
TONE_SHARE = 0.4
"""Share of a film in which tone is drawn, after the strokes: together its lines are much longer than the strokes."""
SAMPLES = 65
"""Points along a cubic by which its length is measured."""


def hand_frames(sketch: Sketch, count: int) -> Iterator[Sketch]:
    """Pictures of the drawing being drawn at an even speed, in the order and direction of a hand.

    Strokes overlap as in the finished drawing, in whatever order they are drawn. Tone comes after the strokes.

    Args:
        sketch: the drawing.
        count: how many pictures, at least 1, evenly spaced in time.

    Yields:
        partial drawings on the same canvas and paper: the first has no strokes (where there is more than one
        picture), the last is `sketch` itself; in between, the last stroke ends where the pen is.

    Raises:
        ValueError: `count` is less than 1.
    """
    if sketch.tone is not None:
        before = _before_tone(count)
        bare = without_tone(sketch)
        if before == 1:  # blank paper, then all
            yield bare.reordered([])
        elif before:
            yield from hand_frames(bare, before)
        for tone in _growing(sketch, count - before):
            yield dataclasses.replace(bare, tone=tone)
        return
    for done, current, begun in _moments(sketch, count):
        points, shown = sketch.points, done
        if begun is not None:
            points = points.copy()
            points[current] = begun
            shown = sorted([*done, current])
        yield sketch if len(shown) == len(sketch) and begun is None else _only(sketch, shown, points)


def hand_pictures(sketch: Sketch, count: int, long_side: int, brush: str = "round") -> Iterator[Pixels]:
    """The same as pixels, drawn with a brush.

    Each stroke is brushed once, as in the finished drawing, and then uncovered: brushing partial strokes would give
    each picture another grain, other swellings and another tip.

    Args:
        sketch, count: as for `hand_frames`.
        long_side: of the pictures, pixels.
        brush: one of `BRUSHES`.

    Yields:
        uint8 [y, x, rgb], bare paper white; the last is the picture of `sketch`.

    Raises:
        ValueError: `count` is less than 1.
        OutputError: as for `to_pixels`.
    """
    if brush == "round":
        yield from (to_pixels(partial, long_side) for partial in hand_frames(sketch, count))
        return
    if sketch.tone is not None:
        before = _before_tone(count)
        bare = without_tone(sketch)
        if before:
            yield from hand_pictures(bare if before > 1 else bare.reordered([]), before, long_side, brush)
        whole = fitted(sketch, long_side)
        filled = [shape for those in stroke_outlines(whole, brush) for shape in those]
        for tone in _growing(whole, count - before):
            yield svg_pixels(outlined_svg(dataclasses.replace(whole, tone=tone), filled, brush), whole.canvas)
        return
    scaled = fitted(sketch, long_side)
    shapes = stroke_outlines(scaled, brush)

    @functools.lru_cache(maxsize=2)  # the pictures before and after the current stroke
    def picture_of(strokes: tuple[int, ...]) -> Pixels:
        return svg_pixels(outlined_svg(scaled, (shape for i in strokes for shape in shapes[i]), brush), scaled.canvas)

    for done, current, begun in _moments(sketch, count):
        picture = picture_of(tuple(done))
        if begun is not None:
            following = picture_of(tuple(sorted([*done, current])))
            pen = Sketch.of(sketch.canvas, begun[None], widths=UNCOVERED * sketch.widths[current])
            covered = to_pixels(pen, long_side).astype(np.float32) / 255
            picture = np.round(following * (1 - covered) + picture * covered).astype(np.uint8)
        yield picture


def _before_tone(count: int) -> int:
    """Of so many pictures, how many show the strokes being drawn, before any tone."""
    return min(count - 1, max(2, round((1 - TONE_SHARE) * count)))


def _growing(sketch: Sketch, count: int) -> Iterator[ToneLayer]:
    """The tone of a drawing as it is drawn, in as many pictures; the last is the whole."""
    assert sketch.tone is not None
    lines = sketch.tone.lines
    ends = np.cumsum([_ways(line)[-1] for line in lines])
    for number in range(1, count):
        now = number / count * float(ends[-1])
        done = int(np.searchsorted(ends, now, side="right"))
        start = float(ends[done - 1]) if done else 0.0
        share = (now - start) / max(float(ends[min(done, len(ends) - 1)]) - start, 1e-300)
        shown = [*lines[:done], trim(lines[done], min(share, 1.0))] if done < len(lines) else list(lines)
        yield dataclasses.replace(sketch.tone, lines=tuple(shown))
    yield sketch.tone


def spans(sketch: Sketch, total: float) -> tuple[Array, Array]:
    """When each stroke begins and is done, and each line of tone, float64 [stroke, 2] and [line, 2].

    Args:
        sketch: the drawing.
        total: how long all takes, in the unit of the result.
    """
    strokes = _spans(stroke_times(sketch), 0.0, total * (1 - TONE_SHARE) if sketch.tone is not None else total)
    lines = tone_strokes(sketch)
    return strokes, _spans(stroke_times(lines), total * (1 - TONE_SHARE), total)


def _spans(times: Array, start: float, stop: float) -> Array:
    ends = np.cumsum(times) * ((stop - start) / max(float(times.sum()), 1e-300))
    return np.stack([np.concatenate([[0.0], ends])[: len(ends)], ends], axis=1) + start


def stroke_times(sketch: Sketch) -> Array:
    """How long each stroke takes, float64 [stroke], as canvas pixels of length: its length, and for a dot its width.

    Invisible strokes take no time.
    """
    lengths = np.array([_ways(points)[-1] for points in sketch.points], dtype=np.float64)
    return np.where(sketch.opacities > 0, np.maximum(lengths, sketch.widths), 0.0)


def trim(points: Array, share: float) -> Array:
    """The beginning of a stroke.

    Args:
        points: chained cubics, float64 [point, xy].
        share: how much of its length, 0 to 1.

    Returns:
        float64 [point, xy], the same number of points: segments after the end are dots at the end.
    """
    ways = _ways(points)
    way = share * ways[-1]
    at = int(np.searchsorted(ways[:-1], way, side="right")) - 1 if ways[-1] > 0 else 0
    segment = min(at // (SAMPLES - 1), (len(points) - 1) // 3 - 1)
    first = segment * (SAMPLES - 1)
    t = float(np.interp(way, ways[first : first + SAMPLES], np.linspace(0, 1, SAMPLES)))
    result = points.copy()
    result[3 * segment : 3 * segment + 4] = split(points[3 * segment : 3 * segment + 4], t)[0]
    result[3 * segment + 3 :] = result[3 * segment + 3]
    return result


def _ways(points: Array) -> Array:
    """Arc lengths from the start of a stroke [point, xy] to samples along it: [64 x segments + 1]."""
    segments = split_chain(points)
    curve = evaluate(segments, np.broadcast_to(np.linspace(0, 1, SAMPLES), (len(segments), SAMPLES)))
    steps = np.linalg.norm(np.diff(curve, axis=1), axis=2)
    return np.concatenate([[0.0], np.cumsum(steps)])


def _moments(sketch: Sketch, count: int) -> Iterator[tuple[list[int], int, Array | None]]:
    """At evenly spaced times: the finished strokes, in the drawing's order; the current one, and its drawn part,
    float64 [point, xy], None between strokes."""
    if count < 1:
        raise ValueError(f"an animation has at least one picture, not {count}")
    places, reversed_points = _by_hand(sketch)
    ends = np.cumsum(stroke_times(sketch)[places])
    for number in range(count - 1):
        now = number / (count - 1) * (float(ends[-1]) if len(ends) else 0.0)
        count_done = int(np.searchsorted(ends, now, side="right")) if now > 0 else 0
        done = sorted(places[:count_done])
        start = float(ends[count_done - 1]) if count_done else 0.0
        if count_done < len(ends) and now > start:
            share = (now - start) / (float(ends[count_done]) - start)
            yield done, places[count_done], trim(reversed_points[count_done], share)
        else:
            yield done, 0, None
    yield list(range(len(sketch))), 0, None


def _only(sketch: Sketch, places: list[int], points: Array) -> Sketch:
    return dataclasses.replace(sketch, points=points).reordered(places)


def _by_hand(sketch: Sketch) -> tuple[list[int], Array]:
    """The indices of the strokes in the order of a hand, and their points in that order and direction."""
    if len(sketch) > MANY:
        return list(range(len(sketch))), sketch.points
    # The widths hold the indices: sorting moves them along and does not look at them.
    numbered = in_drawing_order(dataclasses.replace(sketch, widths=np.arange(1.0, len(sketch) + 1)))
    return [round(float(w)) - 1 for w in numbered.widths], numbered.points
