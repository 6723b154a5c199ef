"""The drawings on the page as HTML: sheet, strokes in progress, thumbnails, and the line of text below the sheet.

The HTML holds numbers and texts only, and texts are escaped here.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray

from ..export.brush.brushes import brushed_svg
from ..export.look import Look, dressed
from ..export.svg.text import hex_color
from ..optimize.candidates import Progress
from ..photo.frame import Frame
from ..photo.limits import REDUCED_FACTOR
from ..sketch import Sketch, StrokeStyle
from .limits import Limits
from .painting import Painting
from .session import SheetDrawing
from .translations import translate

PICK_WIDTH = 0.028
"""Width of the invisible strokes that are clicked, as a share of the sheet's long side."""


def empty_sheet(language: str) -> str:
    """The sheet without a drawing."""
    return (
        '<div class="sw-sheet sw-blank"><svg viewBox="0 0 120 90" aria-hidden="true"><path d="M22 62C30 20 52 18 58 40'
        'S74 74 98 30"/></svg>'
        f"<p>{escape(translate(language, 'blank'))}</p></div>"
    )


def accepted_photos(limits: Limits, language: str) -> str:
    """What photos may be uploaded, as a line of HTML."""
    text = translate(
        language, "accepts", megabytes=f"{limits.megabytes:g}", pixels=f"{limits.megapixels:g}",
        jpeg=f"{limits.megapixels * REDUCED_FACTOR:g}",
    )  # fmt: skip
    return f"<p>{escape(text)}</p>"


def painted(painting: Painting, language: str) -> str:
    """The mask over the photo, and above it a canvas to paint on; `paint.js` draws on it."""
    width, height = painting.size
    label = escape(translate(language, "mask_canvas"))
    return (
        f'<div class="sw-painting" data-stroke="{painting.last}" style="--ratio:{width / height:.4f}">'
        f'<img src="{painting.layer_url}" alt="">'
        f'<canvas width="{width}" height="{height}" role="img" aria-label="{label}"></canvas></div>'
    )


def painted_photo(painting: Painting) -> str:
    """The photo below the mask."""
    width, height = painting.size
    return (
        f'<div class="sw-painting" style="--ratio:{width / height:.4f}"><img src="{painting.photo_url}" alt=""></div>'
    )


def live_sheet(points: NDArray[np.float64], style: StrokeStyle, frame: Frame, size: tuple[int, int]) -> str:
    """The strokes of a drawing in progress.

    Args:
        points: float64 [stroke, point, xy], pixels of the working canvas.
        style: of those strokes.
        frame: where that canvas lies in the photo, and its size.
        size: width and height of the photo.
    """
    paths = "".join(
        f'<path d="{path(stroke)}" stroke="{hex_color(color)}" stroke-width="{width * frame.scale:.1f}" '
        f'stroke-opacity="{opacity:.2f}"/>'
        for stroke, width, color, opacity in zip(
            frame.to_photo(points), style.widths, style.colors, style.opacities, strict=True
        )
    )
    return _sheet(size, f'<g class="sw-live">{paths}</g>', kind="sw-drawing-now")


def sheet(sketch: Sketch, look: Look, language: str) -> str:
    """A finished drawing. Each stroke can be picked by mouse, finger or keyboard."""
    width, height = sketch.canvas
    pick_width = PICK_WIDTH * max(width, height)
    hits = []
    for i, stroke in enumerate(sketch.points):
        locked = bool(sketch.locked[i])
        name = translate(language, "stroke_locked" if locked else "stroke", number=i + 1)
        hits.append(
            f'<path class="sw-hit{" sw-locked" if locked else ""}" data-stroke="{i}" role="option" '
            f'aria-selected="false" tabindex="{0 if i == 0 else -1}" aria-label="{escape(name)}" '
            f'd="{path(stroke)}" stroke-width="{max(pick_width, 2 * float(sketch.widths[i])):.1f}"/>'
        )
    strokes = translate(language, "strokes_to_pick", count=len(sketch))
    pick = f'<g role="listbox" aria-multiselectable="true" aria-label="{escape(strokes)}">{"".join(hits)}</g>'
    return _sheet((width, height), picture(sketch, look) + pick, paper=sketch_paper(sketch, look))


def picture(sketch: Sketch, look: Look, name: str = "") -> str:
    """The drawing in a look, as an SVG element; hidden from screen readers unless it has a name."""
    bare = dataclasses.replace(dressed(sketch, look), metadata={"title": name or "drawing"}, paper=None)
    text = brushed_svg(bare, look.brush)
    start = text.index("<svg")
    role = f'role="img" aria-label="{escape(name)}"' if name else 'aria-hidden="true"'
    return f'<svg class="sw-ink" {role}{text[start + 4 :]}'


def sketch_paper(sketch: Sketch, look: Look) -> str:
    """The background colour of a drawing in a look; "none" if it is transparent."""
    if look.transparent:
        return "none"
    paper = dressed(sketch, look).paper
    return "#ffffff" if paper is None else hex_color(paper)


def thumbnails(drawings: Sequence[SheetDrawing], chosen: int, look: Look, language: str) -> str:
    """Drawings to choose from, as a row of buttons; empty if there are fewer than two."""
    if len(drawings) < 2:
        return ""
    buttons = []
    for i, drawing in enumerate(drawings):
        loss = "" if drawing.loss is None else f"{drawing.loss:.3f}"
        name = translate(language, "candidate", number=i + 1, loss=loss or "–")
        buttons.append(
            f'<button type="button" data-drawing="{i}" aria-pressed="{"true" if i == chosen else "false"}" '
            f'aria-label="{escape(name)}" title="{escape(name)}">{picture(drawing.sketch, look)}'
            f"<span>{loss}</span></button>"
        )
    label = escape(translate(language, "candidates"))
    return f'<div class="sw-strip" role="group" aria-label="{label}">{"".join(buttons)}</div>'


def captioned_drawings(sketches: Sequence[tuple[str, Sketch]], look: Look) -> str:
    """Several (caption, drawing) as a row of buttons that put the drawing on the sheet."""
    cells = [
        f'<button type="button" data-drawing="{i}">{picture(sketch, look, caption)}<span>{escape(caption)}</span>'
        "</button>"
        for i, (caption, sketch) in enumerate(sketches)
    ]
    return f'<div class="sw-row">{"".join(cells)}</div>' if cells else ""


def progress_note(progress: Progress | None, elapsed: float | None, prefix: str, language: str) -> str:
    """How far a drawing is: a bar, the step, the loss, and the longest time that is left.

    Args:
        progress: the last one; None before there is any.
        elapsed: seconds since the first step; None where the time that is left is not known.
        prefix: text before.
        language: of the visitor.
    """
    if progress is None or not np.isfinite(progress.loss):
        return note(f"{prefix}{translate(language, 'placing')}", share=0.0, busy=True)
    known = elapsed is not None and progress.step >= 2
    left = translate(language, "left", seconds=round(_seconds_left(progress, elapsed or 0.0))) if known else ""
    text = translate(language, "state", step=progress.step, steps=progress.steps, loss=f"{progress.loss:.3f}")
    return note(f"{prefix}{text}", left, progress.step / max(progress.steps, 1), busy=True)


def note(text: str, more: str = "", share: float | None = None, busy: bool = False) -> str:
    """The line below the sheet.

    Args:
        text: on the left.
        more: on the right.
        share: length of a progress bar, in [0, 1]; None for no bar.
        busy: whether the line is about to change.
    """
    bar = "" if share is None else f'<div class="sw-bar"><i style="width:{share:.1%}"></i></div>'
    # A line that changes many times a second would keep a screen reader talking.
    live = 'aria-live="off"' if busy else 'role="status"'
    return f'<div class="sw-note" {live}><span>{escape(text)}</span><span>{escape(more)}</span>{bar}</div>'


def path(stroke: NDArray[np.float64]) -> str:
    """A stroke [point, xy] as SVG path data, to a tenth of a pixel."""
    pairs = [f"{x:.1f} {y:.1f}" for x, y in stroke]
    return f"M{pairs[0]}" + "".join(f"C{' '.join(pairs[i : i + 3])}" for i in range(1, len(pairs), 3))


def _seconds_left(progress: Progress, elapsed: float) -> float:
    """Seconds until the last step: an upper bound, since most drawings converge before it."""
    return elapsed / max(progress.step, 1) * (progress.steps - progress.step)


def _sheet(size: tuple[float, float], content: str, paper: str = "#ffffff", kind: str = "") -> str:
    width, height = size
    style = f"--paper:{'transparent' if paper == 'none' else paper};--ratio:{width / height:.4f}"
    bare = " sw-bare" if paper == "none" else ""
    return (
        f'<div class="sw-sheet {kind}{bare}" style="{style}"><svg viewBox="0 0 {width:g} {height:g}" '
        f'preserveAspectRatio="xMidYMid meet">{content}</svg></div>'
    )
