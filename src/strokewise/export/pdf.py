"""A drawing as a PDF page: the same strokes and colours, as vectors."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from ..errors import OutputError
from ..sketch import Sketch
from .brush.brushes import outlines
from .options import MAX_SIZE, check_installed
from .pdf_layers import Layers
from .pens import Pen, nearest, pen_of_tone
from .plot.page import Page, on_page
from .tone import LABEL, STROKES, tone_strokes, without_tone

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas

PIXEL, MILLIMETRE = 72 / 96, 72 / 25.4
"""In PDF points."""
VERSION = (1, 5)
"""The first version of PDF that has layers."""


def to_pdf(
    sketch: Sketch,
    long_side: int = 1024,
    *,
    brush: str = "round",
    page: Page | None = None,
    pens: tuple[Pen, ...] = (),
) -> bytes:
    """The drawing as the bytes of a PDF file of one page; the same sketch gives the same bytes.

    Without paper the page behind the strokes stays empty. Tone, and the strokes of each pen, are layers (optional
    content groups, PDF 1.5), which viewers can show and hide; without tone and pens there are none.

    Args:
        sketch: the drawing.
        long_side: of a page as large as the canvas, pixels at 96 to the inch, 1 to 16384: 1024 is 27 cm, nearly A4.
        brush: one of `BRUSHES`; tone is drawn with the plain one.
        page: place the drawing on this page instead, as large as it fits; the drawing's paper colour fills the page.
        pens: those of the strokes, as `with_pens` coloured them; none is one layer for all strokes.

    Raises:
        OutputError: `long_side` is out of its range, there is no such brush, or ReportLab is missing.
    """
    if not 1 <= long_side <= MAX_SIZE:
        raise OutputError(f"a PDF's long side must be from 1 to {MAX_SIZE} pixels, not {long_side}")
    check_installed(".pdf")
    from reportlab.pdfgen.canvas import Canvas

    if page is None:
        drawn = sketch.scaled(PIXEL * long_side / max(sketch.canvas))
    else:
        drawn = on_page(sketch, page).scaled(MILLIMETRE)
    width, height = drawn.canvas
    buffer = io.BytesIO()
    layered = bool(pens) or drawn.tone is not None
    version = VERSION if layered else None
    sheet = Canvas(buffer, pagesize=(width, height), pageCompression=1, invariant=1, pdfVersion=version)
    sheet.setTitle(sketch.title)
    sheet.setCreator("strokewise")
    sheet.transform(1, 0, 0, -1, 0, height)  # y down, as everywhere here
    if sketch.paper is not None:
        sheet.setFillColorRGB(*sketch.paper)
        sheet.rect(0, 0, width, height, stroke=0, fill=1)
    if not layered:
        _drawn(sheet, drawn, brush)
        sheet.showPage()
    else:
        layers = Layers(sheet)
        for name, part, how in _parts(drawn, pens, brush):
            with layers.layer(name):
                _drawn(sheet, part, how)
        sheet.showPage()
        layers.finish()
    sheet.save()
    return buffer.getvalue()


def _parts(drawn: Sketch, pens: tuple[Pen, ...], brush: str) -> Iterator[tuple[str, Sketch, str]]:
    """Name, strokes and brush of each layer, the lowest first."""
    toned = pen_of_tone(drawn, pens)
    if toned is not None:
        yield f"{toned + 1} {pens[toned].name} {LABEL}" if pens else LABEL, tone_strokes(drawn), "round"
    strokes = without_tone(drawn)
    if not pens:
        yield STROKES, strokes, brush
        return
    pen = nearest(strokes.colors, pens).tolist() if len(strokes) else []
    for number in sorted(set(pen)):
        part = strokes.reordered([i for i, its in enumerate(pen) if its == number])
        yield f"{number + 1} {pens[number].name}", part, brush


def _drawn(sheet: Canvas, drawn: Sketch, brush: str) -> None:
    """Draw strokes on the sheet."""
    from reportlab.pdfgen.canvas import FILL_EVEN_ODD

    if brush == "round":
        _strokes(sheet, drawn)
        return
    for shape in outlines(drawn, brush):
        sheet.setFillColorRGB(*shape.color)
        sheet.setFillAlpha(shape.opacity)
        path = sheet.beginPath()
        for ring in shape.rings:
            path.moveTo(*ring[0])
            for x, y in ring[1:]:
                path.lineTo(x, y)
            path.close()
        sheet.drawPath(path, stroke=0, fill=1, fillMode=FILL_EVEN_ODD)


def _strokes(sheet: Canvas, drawn: Sketch) -> None:
    sheet.setLineCap(1)
    sheet.setLineJoin(1)
    for i, points in enumerate(drawn.chains):
        color, opacity = np.clip(drawn.colors[i], 0, 1).tolist(), float(np.clip(drawn.opacities[i], 0, 1))
        width = float(drawn.widths[i])
        if np.ptp(points, axis=0).max() < 1e-3 * width:  # a dot: not every reader draws lines of length 0
            sheet.setFillColorRGB(*color)
            sheet.setFillAlpha(opacity)
            sheet.circle(*points[0], width / 2, stroke=0, fill=1)
            continue
        sheet.setStrokeColorRGB(*color)
        sheet.setStrokeAlpha(opacity)
        sheet.setLineWidth(width)
        path = sheet.beginPath()
        path.moveTo(*points[0])
        for k in range(1, len(points), 3):
            path.curveTo(*points[k : k + 3].ravel())
        sheet.drawPath(path, stroke=1, fill=0)
