"""Several pens: which stroke takes which, and files with a layer for each.

pens = parse_pens("black,red,#0a7")
with_pens(sketch, pens)                 # the same strokes, each in the colour of the pen nearest to its own
to_layered_svg(sketch, pens)            # layers "1 black", "2 red"..., as Inkscape and AxiDraw name them
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from .._text import join_or, quote, quoted_value
from ..errors import Argument, OutputError

if TYPE_CHECKING:
    from .._arrays import Array, Indices
    from ..photo.opening import Photo
    from ..sketch import Sketch

MOST_PENS = 8
"""As many as the carousels of plotters hold."""
INKSCAPE = "http://www.inkscape.org/namespaces/inkscape"
"""XML namespace of the attributes that make a group a layer."""
BESIDE = 2.0
"""How far to both sides of a stroke its colour in the photo is looked at, in widths: on an edge the photo's own pixels
are a mixture."""
FAINT = 92.0
"""Lightness, 0 to 100, over which a pen cannot be seen on white paper."""
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


def check_number(setting: str, number: int | None, pens: tuple[Pen, ...]) -> None:
    """Check the number of a single pen, "only_pen" or "tone_pen".

    Raises:
        OutputError: there is no such pen, or there are no pens.
    """
    if number is None:
        return
    if not pens:
        fix = ("name them with ", Argument("pens"))
        raise OutputError("is for drawings of several pens", setting=setting, value=number, fix=fix)
    if not isinstance(number, int) or isinstance(number, bool) or not 1 <= number <= len(pens):
        problem = f"must be from 1 to {len(pens)}, the number of pens, not {quote(number)}"
        raise OutputError(problem, setting=setting, value=number)


def nearest(colors: Array, pens: tuple[Pen, ...]) -> Indices:
    """The pen nearest to each colour: indices [stroke] of colours [stroke, rgb]. In CIE Lab, lightness counts half."""
    import numpy as np
    from skimage.color import rgb2lab

    scale = np.array([LIGHTNESS, 1.0, 1.0])
    own = rgb2lab(np.clip(colors, 0, 1)[:, None])[:, 0] * scale
    theirs = rgb2lab(np.array([pen.color for pen in pens])[:, None])[:, 0] * scale
    found: Indices = np.linalg.norm(own[:, None] - theirs[None], axis=2).argmin(1)
    return found


def pen_for_tone(pens: tuple[Pen, ...]) -> int:
    """The number of the pen, from 1, that draws tone unless another is asked for: the greyest of them, and of those
    that are as grey the lightest, as tone shows how dark a thing is and not its colour."""
    import numpy as np
    from skimage.color import rgb2lab

    lab = rgb2lab(np.array([pen.color for pen in pens])[:, None])[:, 0]
    chroma = np.hypot(lab[:, 1], lab[:, 2]).round(1)
    # White is for dark paper, and would not be seen on any other.
    seen = np.where(lab[:, 0] > FAINT, 1, 0)
    return int(np.lexsort((-lab[:, 0], chroma, seen))[0]) + 1


def pen_of_tone(sketch: Sketch, pens: tuple[Pen, ...]) -> int | None:
    """The index of the pen that the tone of a drawing is in, as `with_pens` coloured it; 0 where no pens are named,
    None without tone."""
    import numpy as np

    if sketch.tone is None:
        return None
    return int(nearest(np.array([sketch.tone.color]), pens)[0]) if pens else 0


def with_pens(sketch: Sketch, pens: tuple[Pen, ...], only: int | None = None, tone_pen: int | None = None) -> Sketch:
    """The same strokes, each in the colour of the nearest pen, pen after pen; and the tone in that of its pen.

    Args:
        sketch: the drawing; without colours of its own it takes those of a photo by `photo_colors`.
        pens: at least one.
        only: number of the one pen, from 1, whose strokes and tone are left.
        tone_pen: number of the pen that draws tone; None is that of `pen_for_tone`.

    Raises:
        OutputError: that pen has none, but others have.
    """
    import numpy as np

    pen = nearest(sketch.colors, pens)
    colored = dataclasses.replace(sketch, colors=np.array([p.color for p in pens])[pen].reshape(-1, 3))
    order = np.argsort(pen, kind="stable")
    toned = None
    if sketch.tone is not None:
        toned = (tone_pen or pen_for_tone(pens)) - 1
        tone = dataclasses.replace(sketch.tone, color=pens[toned].color) if only in (None, toned + 1) else None
        colored = dataclasses.replace(colored, tone=tone)
    if only is not None and len(sketch) and toned != only - 1 and not (pen == only - 1).any():
        used = {*pen.tolist(), *([] if toned is None else [toned])}
        others = join_or([str(number + 1) for number in sorted(used)])
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
    """The drawing as SVG with a layer for each pen that has strokes, and one for the tone of a pen.

    Args:
        sketch: strokes in the colours of the pens, pen after pen, as `with_pens` gives them.
        pens: all of them.
    """
    from .svg.text import to_svg
    from .tone import LABEL, tone_group, without_tone

    pen = nearest(sketch.colors, pens).tolist() if len(sketch) else []
    lines: list[str] = []
    done = 0
    # `to_svg` writes one element a line, and nothing else begins a line with "<path": texts in it have one line.
    for line in to_svg(without_tone(sketch)).split("\n"):
        if line.startswith("<path "):
            if done == 0 or pen[done] != pen[done - 1]:
                lines += ["</g>"] * (done > 0) + [layer_tag(_label(pen[done], pens), f"pen{pen[done] + 1}")]
            done += 1
            lines.append(line)
            if done == len(pen):
                lines.append("</g>")
        else:
            lines.append(line)
    toned = pen_of_tone(sketch, pens)
    if sketch.tone is not None and toned is not None:
        place = next(number for number, line in enumerate(lines) if line.startswith("<g "))
        lines[place:place] = tone_group(sketch.tone, f"{_label(toned, pens)} {LABEL}", f' id="pen{toned + 1}-{LABEL}"')
    return with_namespace("\n".join(lines))


def _label(number: int, pens: tuple[Pen, ...]) -> str:
    """Name of the layer of a pen, by its index."""
    return f"{number + 1} {pens[number].name}"


def layer_tag(label: str, name: str, more: str = "") -> str:
    """The beginning of a layer as Inkscape has it. AxiDraw plots layers by the number that their label begins with.

    Args:
        label: what Inkscape shows.
        name: the group's id.
        more: other attributes.
    """
    return f'<g inkscape:groupmode="layer" inkscape:label={quoted_value(label)} id="{name}"{more}>'


def with_namespace(svg: str) -> str:
    """SVG text in which groups may be layers of Inkscape."""
    return svg.replace("<svg ", f'<svg xmlns:inkscape="{INKSCAPE}" ', 1)
