"""A drawing with tone: lines under its strokes that show how dark the photo is.

sketch = draw("horse.png")
add_tone(sketch, "horse.png", "hatch", lines=120).save("horse.svg")
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np

from .._arrays import Array
from ..errors import StrokewiseError
from ..optimize.pen_width import thin_widths
from ..photo.opening import Photo, PhotoSource, open_photo
from ..photo.preparing import Framed, frame_photo
from ..photo.subject_models import prepare_subject_model
from ..settings import NO_TONE, PEN, Settings
from ..sketch import Sketch
from ..tone_layer import ToneLayer
from .curves import smooth_chain
from .laying import SIDE, parallel_lines
from .shading import find_shading, luminance, near_strokes

WIDTH = 0.45
"""Width of tone lines, in usual stroke widths, before strokes are made bolder by themselves: the strokes stay what is
seen first, and the lines apart. A plotter has the pen's width."""
GAP = 3.6
"""Least distance of tone from the middle of a stroke, scene pixels of a scene `SIDE` pixels long, beyond half the
stroke's width."""
SUBJECT = 0.5
"""Pixels of the mask with at least this are the subject."""
SAME_PROPORTIONS = 0.02
"""How far the proportions of a drawing may be from those of its photo."""
NO_DARK = "no tone: the photo has no dark parts; the drawing is made without"
LEFT_OUT = "the sketch's tone is left out, as its strokes move: ask for tone to lay it anew"
"""What is said where there is nothing to lay, and where a drawing with tone is carried on."""


def add_tone(
    sketch: Sketch,
    photo: PhotoSource | Photo,
    kind: str = "hatch",
    lines: int = Settings.tone_lines,
    steps: int = Settings.tone_steps,
    *,
    subject: str = Settings.subject,
    mask: PhotoSource | None = None,
    notice: Callable[[str], None] | None = None,
) -> Sketch:
    """The drawing with tone, in place of any that it has.

    Args:
        sketch: a drawing of the photo, of the photo's proportions.
        photo: as for `draw`.
        kind: "hatch", "cross", "contour", "scribble" or "spiral".
        lines: most lines, 1 to 2000; of a scribble, its swings.
        steps: of darkness, beside white, 2 to 5.
        subject: "remove" lays tone on the subject alone, "keep" on the whole picture, "auto" decides as `draw` does.
        mask: what the subject is, as for `draw`.
        notice: called with one line where the photo has no dark parts, or the mask is not what was asked for.

    Returns:
        the sketch with a `tone`; without one where the photo has no dark parts.

    Raises:
        StrokewiseError: the photo or a setting will not do, or the drawing is of other proportions.
    """
    settings = Settings(tone=kind, tone_lines=lines, tone_steps=steps, subject=subject)
    if kind == NO_TONE:
        return dataclasses.replace(sketch, tone=None)
    photo = photo if isinstance(photo, Photo) else open_photo(photo)
    if mask is not None:
        from ..photo.given_mask import with_mask
        from ..photo.preparing import check_takes_mask

        check_takes_mask(settings)
        photo = with_mask(photo, mask)
    across, down = photo.width / sketch.canvas[0], photo.height / sketch.canvas[1]
    if abs(across / down - 1) > SAME_PROPORTIONS:
        size = f"{sketch.canvas[0]:g} x {sketch.canvas[1]:g}"
        raise StrokewiseError(
            f"the drawing is {size}, the photo {photo.width} x {photo.height}: give the photo that was drawn"
        )
    if settings.subject != "keep":
        prepare_subject_model(settings.subject_model, notice)
    scale = float(np.sqrt(across * down))
    on_photo = sketch if scale == 1 else sketch.scaled(scale)
    toned = with_tone(on_photo, frame_photo(photo, settings), settings)
    if toned.tone is None and notice is not None:
        notice(NO_DARK)
    tone = None if toned.tone is None else toned.tone.mapped(1 / scale, np.zeros(2))
    return dataclasses.replace(sketch, tone=tone)


def with_tone(sketch: Sketch, framed: Framed, settings: Settings) -> Sketch:
    """The drawing with the tone that the settings ask for; as it is where they ask for none.

    Args:
        sketch: a drawing of the photo, in the photo's own pixels.
        framed: the photo.
        settings: kind, number of lines, and steps of darkness.

    Returns:
        the sketch with a `tone`; without one where the photo has no dark parts.
    """
    if settings.tone == NO_TONE:
        return sketch
    lines, width = tone_lines(sketch, framed, settings)
    tone = None if not lines else ToneLayer(tuple(lines), width, kind=settings.tone)
    return dataclasses.replace(sketch, tone=tone)


def tone_lines(sketch: Sketch, framed: Framed, settings: Settings) -> tuple[list[Array], float]:
    """The lines of tone, float64 [4 or 7 or 10... points, xy] each, and their width, all in the photo's pixels."""
    frame = framed.frame
    scale = frame.scale  # photo pixels in one of the scene
    side = max(framed.image.shape[:2])
    usual = float(np.median(sketch.widths)) if len(sketch) else PEN * frame.side / 224
    chains = [frame.to_canvas(chain) for chain in sketch.chains]
    inside = np.asarray(framed.inside, dtype=bool)
    drawn = inside if framed.mask is None else (framed.mask >= SUBJECT) & inside
    thin = float(np.median(thin_widths(sketch))) if len(sketch) else usual
    gap = GAP * side / SIDE + usual / scale / 2
    gaps = near_strokes(chains, gap, drawn.shape)
    image = framed.image.astype(np.float64)
    shading = find_shading(image, drawn, gaps, settings.tone_steps)
    if not shading.toned.any():
        return [], thin
    found = parallel_lines(settings.tone, luminance(image), drawn, inside, shading, settings.tone_lines)
    return [frame.to_photo(smooth_chain(line, side)) for line in found], WIDTH * thin
