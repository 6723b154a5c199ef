"""DXF for cutters, engravers and CAD programs, written by ezdxf (the extra `dxf`); loaded only when asked for.

    data = to_dxf(sketch, Page("a4", margin=15))

Millimetres from the lower left of the page, y up. Lines are polylines, which all programs read, on one layer.
"""

from __future__ import annotations

import io
import re
import threading
from typing import Any

from ..._arrays import Array
from ...errors import OutputError
from ...sketch import Sketch
from ..options import Notice, check_installed
from ..pens import Pen
from ..tone import LABEL, STROKES
from .machine import MOST_POINTS, flattened
from .page import Page
from .pen_plots import plots

MILLIMETRES = 4
"""DXF's number of the unit."""

_one_at_a_time = threading.Lock()  # ezdxf's options are those of the process


def to_dxf(
    sketch: Sketch, page: Page | None = None, *, pens: tuple[Pen, ...] = (), notice: Notice | None = None
) -> bytes:
    """The drawing as DXF (AutoCAD 2000), its lines joined and sorted as for a plotter.

    Args:
        sketch: the drawing.
        page: the page; None is A4.
        pens: those of the strokes, as `with_pens` coloured them, a layer each; none is one layer, "strokes". Tone
            has a layer of its own.
        notice: called with one line about how far the tool travels.

    Returns:
        the file's bytes, the same for the same drawing.

    Raises:
        OutputError: ezdxf is not installed, or there is nothing to draw.
    """
    check_installed(".dxf")
    if not len(sketch) and sketch.tone is None:
        raise OutputError("the drawing has no strokes: there is nothing to cut")
    found = plots(sketch, pens, page or Page(), home="lower left")
    width, height = found[0].plot.sketch.canvas
    layers = {}
    for one in found:
        if notice is not None:
            notice(one.summary)
        # A layer's name may hold few signs; the # of a colour is none of them in every program.
        name = LABEL if one.tone else STROKES
        if one.pen is not None:
            name = re.sub(r"[^A-Za-z0-9 -]", "", one.layer)
        color = None if one.pen is None else tuple(round(255 * c) for c in one.pen.color)
        layers[name] = (color, [flattened(line) * [1, -1] + [0, height] for line in one.plot.lines])
    if sum(len(line) for _, lines in layers.values() for line in lines) > MOST_POINTS:
        raise OutputError(f"the drawing takes more than {MOST_POINTS} points: simplify it")
    return _written(layers, width, height)


def _index(color: tuple[int, int, int]) -> int:
    """The number of the nearest colour that AutoCAD 2000 has for layers, 1 to 255; rgb to 255."""
    from ezdxf.colors import aci2rgb

    return min(range(1, 256), key=lambda number: sum((a - b) ** 2 for a, b in zip(aci2rgb(number), color, strict=True)))


def _written(layers: dict[str, tuple[Any, list[Array]]], width: float, height: float) -> bytes:
    """Layers' colours and polylines [point, xy], in millimetres, y up, as the bytes of a file."""
    import ezdxf

    with _one_at_a_time:
        before = ezdxf.options.write_fixed_meta_data_for_testing
        # Otherwise time and random numbers go into the file, and no two are the same.
        ezdxf.options.write_fixed_meta_data_for_testing = True
        try:
            document = ezdxf.new("R2000", units=MILLIMETRES)
            document.header["$EXTMIN"], document.header["$EXTMAX"] = (0, 0, 0), (width, height, 0)
            space = document.modelspace()
            for name, (color, lines) in layers.items():
                layer = document.layers.add(name)
                if color is not None:
                    layer.color = _index(color)
                for line in lines:
                    space.add_lwpolyline(line.round(4).tolist(), dxfattribs={"layer": name})
            text = io.StringIO()
            document.write(text)
        finally:
            ezdxf.options.write_fixed_meta_data_for_testing = before
    return text.getvalue().encode("ascii")
