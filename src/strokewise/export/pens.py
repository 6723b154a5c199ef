"""Several pens: which stroke takes which, and files with a layer for each.

pens = parse_pens("black,red,#0a7")
with_pens(sketch, pens)                 # the same strokes, each in the colour of the pen nearest to its own
to_layered_svg(sketch, pens)            # layers "1 black", "2 red"..., as Inkscape and AxiDraw name them
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

from .._text import join_or, quote
from ..errors import Argument, OutputError

if TYPE_CHECKING:
    from .._arrays import Array, Indices
    from ..photo.opening import Photo
    from ..sketch import Sketch
    from .plot.page import Page
    from .plot.plotter import Plot

MOST_PENS = 8
"""As many as the carousels of plotters hold."""
INKSCAPE = "http://www.inkscape.org/namespaces/inkscape"
BESIDE = 2.0
"""How far to both sides of a stroke its colour in the photo is looked at, in widths: on an edge the photo's own pixels
are a mixture."""
LIGHTNESS = 0.5
"""What a difference in lightness counts beside one in colour: a line is thin and cannot show how dark a thing is, and a
grey thing is better drawn in black than in a green as light as it."""


@dataclasses.dataclass(frozen=True)
class Pen:
    """A pen of a plotter.

    Attributes:
        name: as it was given: a colour's name, or #rrggbb.
        color: rgb in [0, 1].
    """

    name: str
    color: tuple[float, float, float]


def parse_pens(text: str) -> tuple[Pen, ...]:
    """The pens of a list such as "black,red,#0a7".

    Raises:
        OutputError: it has no pen or more than 8, names one that is no colour, or one twice.
    """
    from PIL import ImageColor

    if not isinstance(text, str):
        raise OutputError(f"must be colours such as black,red,#0a7, not {quote(text)}", setting="pens", value=text)
    names = [name.strip() for name in text.split(",")]
    pens: list[Pen] = []
    for name in names:
        try:
            red, green, blue, *alpha = ImageColor.getrgb(name)
            if alpha:
                raise ValueError("translucent colour")
        except ValueError as error:
            problem = f"has {name[:40]!r}, which is no plain colour: use names like navy, or #rrggbb"
            raise OutputError(problem, setting="pens", value=text) from error
        pen = Pen(name, (red / 255, green / 255, blue / 255))
        same = next((other for other in pens if other.color == pen.color), None)
        if same is not None:
            problem = f"has {same.name} and {name}, which are one colour: name each pen once"
            raise OutputError(problem, setting="pens", value=text)
        pens.append(pen)
    if len(pens) > MOST_PENS:
        problem = f"must be 1 to {MOST_PENS} colours, not {len(pens)}"
        raise OutputError(problem, setting="pens", value=text)
    return tuple(pens)


def check_only(only: int | None, pens: tuple[Pen, ...]) -> None:
    """Check the number of a single pen.

    Raises:
        OutputError: there is no such pen, or there are no pens.
    """
    if only is None:
        return
    if not pens:
        fix = ("name them with ", Argument("pens"))
        raise OutputError("is for drawings of several pens", setting="only_pen", value=only, fix=fix)
    if not isinstance(only, int) or isinstance(only, bool) or not 1 <= only <= len(pens):
        problem = f"must be from 1 to {len(pens)}, the number of pens, not {quote(only)}"
        raise OutputError(problem, setting="only_pen", value=only)


def nearest(colors: Array, pens: tuple[Pen, ...]) -> Indices:
    """The pen nearest to each colour: indices [stroke] of colours [stroke, rgb]. In CIE Lab, lightness counts half."""
    import numpy as np
    from skimage.color import rgb2lab

    scale = np.array([LIGHTNESS, 1.0, 1.0])
    own = rgb2lab(np.clip(colors, 0, 1)[:, None])[:, 0] * scale
    theirs = rgb2lab(np.array([pen.color for pen in pens])[:, None])[:, 0] * scale
    found: Indices = np.linalg.norm(own[:, None] - theirs[None], axis=2).argmin(1)
    return found


def with_pens(sketch: Sketch, pens: tuple[Pen, ...], only: int | None = None) -> Sketch:
    """The same strokes, each in the colour of the nearest pen, pen after pen.

    Args:
        sketch: the drawing; without colours of its own it takes those of a photo by `photo_colors`.
        pens: at least one.
        only: number of the one pen, from 1, whose strokes are left.

    Raises:
        OutputError: that pen has none, but others have.
    """
    import numpy as np

    pen = nearest(sketch.colors, pens)
    colored = dataclasses.replace(sketch, colors=np.array([p.color for p in pens])[pen].reshape(-1, 3))
    order = np.argsort(pen, kind="stable")
    if only is not None and len(sketch) and not (pen == only - 1).any():
        others = join_or([str(number + 1) for number in sorted(set(pen.tolist()))])
        fix = ("leave out ", Argument("only_pen"), f", or choose {others}")
        raise OutputError(f"pen {only} {pens[only - 1].name} has no strokes", fix=fix)
    return colored.reordered([int(i) for i in order if only is None or pen[i] == only - 1])


def photo_colors(sketch: Sketch, photo: Photo) -> Sketch:
    """The same strokes in the colours that the photo has there.

    Of the stroke's place and the places to its two sides, each as the median along it, the one farthest from white
    counts: an outline takes the colour of the thing and not that of a bright background.
    """
    import numpy as np
    from skimage.color import rgb2lab

    from ..bezier import along

    places = along(sketch.points, 12)
    way = np.gradient(places, axis=1)
    across = np.stack([-way[..., 1], way[..., 0]], axis=-1)
    across /= np.maximum(np.linalg.norm(across, axis=-1, keepdims=True), 1e-9)
    shift = BESIDE * sketch.widths[:, None, None] * across
    looked = np.stack([places, places - shift, places + shift]) * photo.scale  # [place, stroke, sample, xy]
    height, width = photo.pixels.shape[:2]
    columns = np.clip(looked[..., 0].astype(np.intp), 0, width - 1)
    rows = np.clip(looked[..., 1].astype(np.intp), 0, height - 1)
    seen = np.median(photo.pixels[rows, columns].astype(np.float64), axis=2)
    farthest = np.linalg.norm(rgb2lab(seen) - [100.0, 0.0, 0.0], axis=2).argmax(0)
    return dataclasses.replace(sketch, colors=seen[farthest, np.arange(len(sketch))])


def to_layered_svg(sketch: Sketch, pens: tuple[Pen, ...]) -> str:
    """The drawing as SVG with a layer for each pen that has strokes.

    Args:
        sketch: strokes in the colours of the pens, pen after pen, as `with_pens` gives them.
        pens: all of them.
    """
    from .svg.text import to_svg

    pen = nearest(sketch.colors, pens).tolist() if len(sketch) else []
    lines: list[str] = []
    done = 0
    # `to_svg` writes one element a line, and nothing else begins a line with "<path": texts in it have one line.
    for line in to_svg(sketch).split("\n"):
        if line.startswith("<path "):
            if done == 0 or pen[done] != pen[done - 1]:
                lines += ["</g>"] * (done > 0) + [layer_tag(pen[done] + 1, pens[pen[done]])]
            done += 1
            lines.append(line)
            if done == len(pen):
                lines.append("</g>")
        else:
            lines.append(line)
    return _with_namespace("\n".join(lines))


def layer_tag(number: int, pen: Pen) -> str:
    """The beginning of a layer as Inkscape has it. AxiDraw plots layers by the number that their name begins with."""
    label = quoteattr(f"{number} {pen.name}")
    return f'<g inkscape:groupmode="layer" inkscape:label={label} id="pen{number}">'


def _with_namespace(svg: str) -> str:
    return svg.replace("<svg ", f'<svg xmlns:inkscape="{INKSCAPE}" ', 1)


@dataclasses.dataclass(frozen=True, eq=False)
class PenPlot:
    """What one pen draws.

    Attributes:
        number: of the pen, from 1.
        pen: the pen; None where there is but one, unnamed.
        plot: its lines.
    """

    number: int
    pen: Pen | None
    plot: Plot

    @property
    def summary(self) -> str:
        """One line for people."""
        return self.plot.summary if self.pen is None else f"pen {self.number} {self.pen.name}: {self.plot.summary}"


def plots(sketch: Sketch, pens: tuple[Pen, ...], page: Page, home: str = "upper left") -> list[PenPlot]:
    """A plot for each pen that has strokes, all on the same page; without pens, one of all strokes.

    Args:
        sketch: the drawing; with pens, as `with_pens` gives it.
        pens: all of them, or none.
        page: the page.
        home: the corner where the pen starts, and starts again after each change.
    """
    from .plot.page import on_page
    from .plot.plotter import for_plotter, plot_placed

    if not pens:
        return [PenPlot(1, None, for_plotter(sketch, page, home=home))]
    placed = on_page(sketch, page)
    pen = nearest(sketch.colors, pens)
    found = []
    for number in sorted(set(pen.tolist())):
        part = placed.reordered([i for i in range(len(sketch)) if pen[i] == number])
        found.append(PenPlot(number + 1, pens[number], plot_placed(part, home=home)))
    return found


def plotter_svg(found: list[PenPlot]) -> str:
    """Plots of several pens as one SVG in millimetres, a layer each, for AxiDraw and Inkscape."""
    first = found[0].plot.to_svg().split("\n")
    lines = [first[0]]
    for one in found:
        assert one.pen is not None
        inner = one.plot.to_svg().split("\n")
        lines += [layer_tag(one.number, one.pen), *inner[1:-2], "</g>"]
    return _with_namespace("\n".join([*lines, "</svg>", ""]))
