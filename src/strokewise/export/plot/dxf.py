"""DXF for cutters, engravers and CAD programs, written by ezdxf (the extra `dxf`); loaded only when asked for.

    data = to_dxf(sketch, Page("a4", margin=15))

Millimetres from the lower left of the page, y up. Lines are polylines, which all programs read, on one layer.
"""

from __future__ import annotations

import io
import threading

from ..._arrays import Array
from ...errors import OutputError
from ...sketch import Sketch
from ..options import Notice, check_installed
from .machine import MOST_POINTS, flattened
from .page import Page
from .plotter import for_plotter

LAYER = "strokes"
MILLIMETRES = 4
"""DXF's number of the unit."""

_one_at_a_time = threading.Lock()  # ezdxf's options are those of the process


def to_dxf(sketch: Sketch, page: Page | None = None, *, notice: Notice | None = None) -> bytes:
    """The drawing as DXF (AutoCAD 2000), its lines joined and sorted as for a plotter.

    Args:
        sketch: the drawing.
        page: the page; None is A4.
        notice: called with one line about how far the tool travels.

    Returns:
        the file's bytes, the same for the same drawing.

    Raises:
        OutputError: ezdxf is not installed, or there is nothing to draw.
    """
    check_installed(".dxf")
    if not len(sketch):
        raise OutputError("the drawing has no strokes: there is nothing to cut")
    plot = for_plotter(sketch, page or Page(), home="lower left")
    if notice is not None:
        notice(plot.summary)
    width, height = plot.sketch.canvas
    lines = [flattened(line) for line in plot.lines]
    if sum(len(line) for line in lines) > MOST_POINTS:
        raise OutputError(f"the drawing takes more than {MOST_POINTS} points: simplify it")
    return _written([line * [1, -1] + [0, height] for line in lines], width, height)


def _written(lines: list[Array], width: float, height: float) -> bytes:
    """Polylines [point, xy] in millimetres, y up, as the bytes of a file."""
    import ezdxf

    with _one_at_a_time:
        before = ezdxf.options.write_fixed_meta_data_for_testing
        # Otherwise time and random numbers go into the file, and no two are the same.
        ezdxf.options.write_fixed_meta_data_for_testing = True
        try:
            document = ezdxf.new("R2000", units=MILLIMETRES)
            document.header["$EXTMIN"], document.header["$EXTMAX"] = (0, 0, 0), (width, height, 0)
            document.layers.add(LAYER)
            space = document.modelspace()
            for line in lines:
                space.add_lwpolyline(line.round(4).tolist(), dxfattribs={"layer": LAYER})
            text = io.StringIO()
            document.write(text)
        finally:
            ezdxf.options.write_fixed_meta_data_for_testing = before
    return text.getvalue().encode("ascii")
