"""What the page shows of a drawing, as HTML: the sheet, its live strokes, thumbnails, the line that tells the state.

All of it is made of numbers and of texts that are escaped here.
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
from ..sketch import Sketch, StrokeStyle
from .session import Drawing
from .translations import tell

FINGER = 0.028
"""Width of the invisible strokes that catch clicks, as a share of the sheet's long side."""


def empty_sheet(language: str) -> str:
    """The sheet before there is anything on it."""
    return (
        '<div class="sw-sheet sw-blank"><svg viewBox="0 0 120 90" aria-hidden="true"><path d="M22 62C30 20 52 18 58 40'
        'S74 74 98 30"/></svg>'
        f"<p>{escape(tell(language, 'blank'))}</p></div>"
    )


def live_sheet(points: NDArray[np.float64], ink: StrokeStyle, frame: Frame, size: tuple[int, int]) -> str:
    """Strokes as they move.

    Args:
        points: float64 [stroke, point, xy], pixels of the working canvas.
        ink: of those strokes.
        frame: where that canvas lies in the photo, and its size.
        size: width and height of the photo.
    """
    paths = "".join(
        f'<path d="{path(stroke)}" stroke="{hex_color(color)}" stroke-width="{width * frame.scale:.1f}" '
        f'stroke-opacity="{opacity:.2f}"/>'
        for stroke, width, color, opacity in zip(
            frame.to_photo(points), ink.widths, ink.colors, ink.opacities, strict=True
        )
    )
    return _sheet(size, f'<g class="sw-live">{paths}</g>', kind="sw-drawing-now")


def sheet(sketch: Sketch, look: Look, language: str) -> str:
    """A finished drawing, each stroke of which can be picked by mouse, finger or keyboard."""
    width, height = sketch.canvas
    finger = FINGER * max(width, height)
    hits = []
    for i, stroke in enumerate(sketch.points):
        locked = bool(sketch.locked[i])
        name = tell(language, "stroke_locked" if locked else "stroke", number=i + 1)
        hits.append(
            f'<path class="sw-hit{" sw-locked" if locked else ""}" data-stroke="{i}" role="option" '
            f'aria-selected="false" tabindex="{0 if i == 0 else -1}" aria-label="{escape(name)}" '
            f'd="{path(stroke)}" stroke-width="{max(finger, 2 * float(sketch.widths[i])):.1f}"/>'
        )
    strokes = tell(language, "strokes_to_pick", count=len(sketch))
    pick = f'<g role="listbox" aria-multiselectable="true" aria-label="{escape(strokes)}">{"".join(hits)}</g>'
    return _sheet((width, height), picture(sketch, look) + pick, paper=sketch_paper(sketch, look))


def picture(sketch: Sketch, look: Look, name: str = "") -> str:
    """The drawing in a look, as an SVG element; hidden from screen readers unless it is given a name."""
    bare = dataclasses.replace(dressed(sketch, look), metadata={"title": name or "drawing"}, paper=None)
    text = brushed_svg(bare, look.brush)
    start = text.index("<svg")
    role = f'role="img" aria-label="{escape(name)}"' if name else 'aria-hidden="true"'
    return f'<svg class="sw-ink" {role}{text[start + 4 :]}'


def sketch_paper(sketch: Sketch, look: Look) -> str:
    """The colour of the paper that a drawing lies on, "none" for bare."""
    if look.transparent:
        return "none"
    paper = dressed(sketch, look).paper
    return "#ffffff" if paper is None else hex_color(paper)


def strip(drawings: Sequence[Drawing], chosen: int, look: Look, language: str) -> str:
    """Drawings to choose from, as a row of buttons; nothing while there is no choice."""
    if len(drawings) < 2:
        return ""
    buttons = []
    for i, drawing in enumerate(drawings):
        loss = "" if drawing.loss is None else f"{drawing.loss:.3f}"
        name = tell(language, "candidate", number=i + 1, loss=loss or "–")
        buttons.append(
            f'<button type="button" data-drawing="{i}" aria-pressed="{"true" if i == chosen else "false"}" '
            f'aria-label="{escape(name)}" title="{escape(name)}">{picture(drawing.sketch, look)}'
            f"<span>{loss}</span></button>"
        )
    label = escape(tell(language, "candidates"))
    return f'<div class="sw-strip" role="group" aria-label="{label}">{"".join(buttons)}</div>'


def row(sketches: Sequence[tuple[str, Sketch]], look: Look) -> str:
    """Several drawings with captions, as of a ladder; each can be taken onto the sheet."""
    cells = [
        f'<button type="button" data-drawing="{i}">{picture(sketch, look, caption)}<span>{escape(caption)}</span>'
        "</button>"
        for i, (caption, sketch) in enumerate(sketches)
    ]
    return f'<div class="sw-row">{"".join(cells)}</div>' if cells else ""


def state(told: Progress | None, elapsed: float, prefix: str, language: str) -> str:
    """How far it has come: a bar, the step, the loss, and how long it will take at most."""
    if told is None or not np.isfinite(told.loss):
        return note(f"{prefix}{tell(language, 'placing')}", share=0.0, busy=True)
    left = "" if told.step < 2 else tell(language, "left", seconds=round(_left(told, elapsed)))
    text = tell(language, "state", step=told.step, steps=told.steps, loss=f"{told.loss:.3f}")
    return note(f"{prefix}{text}", left, told.step / max(told.steps, 1), busy=True)


def note(text: str, more: str = "", share: float | None = None, busy: bool = False) -> str:
    """A line under the sheet, with a bar if there is a share, in [0, 1], to tell."""
    bar = "" if share is None else f'<div class="sw-bar"><i style="width:{share:.1%}"></i></div>'
    # Changing many times a second, it would keep a screen reader talking.
    live = 'aria-live="off"' if busy else 'role="status"'
    return f'<div class="sw-note" {live}><span>{escape(text)}</span><span>{escape(more)}</span>{bar}</div>'


def path(stroke: NDArray[np.float64]) -> str:
    """A stroke [point, xy] as SVG path data, to a tenth of a pixel."""
    pairs = [f"{x:.1f} {y:.1f}" for x, y in stroke]
    return f"M{pairs[0]}" + "".join(f"C{' '.join(pairs[i : i + 3])}" for i in range(1, len(pairs), 3))


def _left(told: Progress, elapsed: float) -> float:
    """Seconds until the last step: an upper bound, since most drawings converge before it."""
    return elapsed / max(told.step, 1) * (told.steps - told.step)


def _sheet(size: tuple[float, float], content: str, paper: str = "#ffffff", kind: str = "") -> str:
    width, height = size
    style = f"--paper:{'transparent' if paper == 'none' else paper};--ratio:{width / height:.4f}"
    bare = " sw-bare" if paper == "none" else ""
    return (
        f'<div class="sw-sheet {kind}{bare}" style="{style}"><svg viewBox="0 0 {width:g} {height:g}" '
        f'preserveAspectRatio="xMidYMid meet">{content}</svg></div>'
    )
