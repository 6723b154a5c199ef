"""The two bar charts of CLIPasso (Vinker et al., SIGGRAPH 2022): recognition by class, and by the number of strokes.

Needs matplotlib (`pip install 'strokewise[charts]'`). The same figures give the same bytes.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..._text import escape, plural
from .figures import Share
from .report import Evaluation

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FORCED, WITH_NONE = "#0072b2", "#e69f00"
"""Blue and orange of Okabe and Ito's palette, which the colour-blind tell apart; they differ in lightness too."""
PER_ROW = 12
"""Classes side by side in one row of the chart by class, at most."""
DOTS = 150
_CHOICES = (("forced_top1", "forced choice"), ("with_none_top1", 'with "none of these"'))


def draw_charts(evaluation: Evaluation) -> dict[str, bytes]:
    """Both charts as files: name -> bytes of recognition-by-class and recognition-by-strokes, each .png and .svg.

    Raises:
        ImportError: matplotlib is not installed.
    """
    import matplotlib

    files: dict[str, bytes] = {}
    with matplotlib.rc_context(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about letters its fonts lack, which labels may hold
        matplotlib.rcdefaults()  # not the user's own style
        # Text stays text, to be read out and found; ids are made from a fixed salt instead of from chance.
        matplotlib.rcParams.update(
            {"svg.hashsalt": "strokewise", "svg.fonttype": "none", "font.size": 9, "hatch.linewidth": 0.4}
        )
        for name, make in (("recognition-by-class", by_class), ("recognition-by-strokes", by_strokes)):
            figure, title, description = make(evaluation)
            files[f"{name}.png"] = _png(figure, title, description)
            files[f"{name}.svg"] = _svg(figure, title, description)
    return files


def by_strokes(evaluation: Evaluation) -> tuple[Figure, str, str]:
    """Recognition by level of abstraction, forced and with "none", with 95 % intervals; and title and alternative text.

    The last pair of bars is of the photos themselves.
    """
    from matplotlib.figure import Figure

    figures = evaluation.figures
    levels = figures.everything
    names = [_strokes(level.strokes) for level in levels]
    figure = Figure(figsize=(max(5.0, 1.6 + 1.1 * len(levels)), 3.8), dpi=DOTS, layout="constrained")
    axes = figure.subplots()
    sentences = []
    for i, ((choice, name), color) in enumerate(zip(_CHOICES, (FORCED, WITH_NONE), strict=True)):
        shares = [getattr(level.overall, choice) for level in levels]
        places = [x + 0.4 * (i - 0.5) for x in range(len(levels))]
        _bars(axes, places, shares, 0.38, color, name)
        for x, share in zip(places, shares, strict=True):
            axes.text(x, min(1.0, share.ci[1]) + 0.015, f"{100 * share.share:.0f} %", ha="center", va="bottom")
        sentences.append(
            f"{name}: " + ", ".join(f"{n} {100 * s.share:.0f} %" for n, s in zip(names, shares, strict=True))
        )
    axes.axhline(figures.chance, color="0.3", linewidth=1, linestyle=(0, (4, 3)), label="chance, forced choice")
    axes.set_xticks(range(len(levels)), names)
    _scale(axes, 1.12)
    title = "Recognition by number of strokes"
    axes.set_title(title, loc="left")
    figure.legend(loc="outside lower center", ncols=3, frameon=False, fontsize="small", columnspacing=1.2)
    return figure, title, f"{_subject(evaluation)} {'; '.join(sentences)}. Whiskers are 95 % intervals."


def by_class(evaluation: Evaluation) -> tuple[Figure, str, str]:
    """Recognition per class and stroke count, forced above and with "none" below; and title and alternative text."""
    import matplotlib
    from matplotlib.figure import Figure

    figures = evaluation.figures
    levels = figures.everything
    labels = figures.classes
    rows = [labels[i : i + PER_ROW] for i in range(0, len(labels), PER_ROW)]
    # From dark to light in a palette made for the colour-blind; photos white and hatched.
    shades = matplotlib.colormaps["cividis"]
    colors = [shades(0.05 + 0.85 * i / max(1, len(levels) - 2)) for i in range(len(levels) - 1)] + ["white"]
    widest = min(PER_ROW, len(labels))
    size = (max(5.5, 1.2 + widest * (0.35 + 0.13 * len(levels))), 0.9 + 4.2 * len(rows))
    figure = Figure(figsize=size, dpi=DOTS, layout="constrained")
    grid = figure.subplots(2 * len(rows), 1, squeeze=False)[:, 0]
    step = 0.84 / len(levels)
    sentences = []
    for row, labels_of_row in enumerate(rows):
        for below, (choice, name) in enumerate(_CHOICES):
            axes = grid[2 * row + below]
            for i, (level, color) in enumerate(zip(levels, colors, strict=True)):
                # A class may have no drawing of this level: then there is no bar.
                there = [(x, level.classes[label]) for x, label in enumerate(labels_of_row) if label in level.classes]
                places = [x + step * (i - (len(levels) - 1) / 2) for x, _ in there]
                shares = [getattr(tally, choice) for _, tally in there]
                hatch = "////" if level.strokes is None else ""
                _bars(axes, places, shares, 0.92 * step, color, _strokes(level.strokes), hatch=hatch, faint=True)
            if below == 0:
                axes.axhline(figures.chance, color="0.3", linewidth=1, linestyle=(0, (4, 3)), label="chance")
            axes.set_xticks(range(len(labels_of_row)), [_short(label) for label in labels_of_row], parse_math=False)
            if widest > 6:
                axes.tick_params(axis="x", labelrotation=30)
                for text in axes.get_xticklabels():
                    text.set(horizontalalignment="right", rotation_mode="anchor")
            axes.set_xlim(-0.6, widest - 0.4)
            axes.set_title(name, loc="left")
            _scale(axes, 1.05)
    for level in levels:
        each = [f"{label} {100 * tally.forced_top1.share:.0f} %" for label, tally in level.classes.items()]
        sentences.append(f"{_strokes(level.strokes)}: {', '.join(each)}")
    title = "Recognition by class and number of strokes"
    figure.suptitle(title, x=0.01, ha="left")
    handles, names = grid[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=min(6, len(names)), frameon=False)
    description = f"{_subject(evaluation)} Forced choice: {'; '.join(sentences)}. Whiskers are 95 % intervals."
    return figure, title, description


def _bars(
    axes: Axes,
    places: Sequence[float],
    shares: Sequence[Share],
    width: float,
    color: Any,
    name: str,
    *,
    hatch: str = "",
    faint: bool = False,
) -> None:
    """Bars with whiskers for their intervals, which lie within 0 and 1."""
    heights = [share.share for share in shares]
    below = [max(0.0, share.share - share.ci[0]) for share in shares]
    above = [max(0.0, share.ci[1] - share.share) for share in shares]
    axes.bar(places, heights, width, color=color, edgecolor="black", linewidth=0.4, hatch=hatch, label=name)
    axes.errorbar(
        places,
        heights,
        [below, above],
        fmt="none",
        ecolor="0.45" if faint else "black",
        elinewidth=0.5 if faint else 1,
        capsize=1 if faint else 3,
    )


def _scale(axes: Axes, top: float) -> None:
    """The vertical axis: shares in per cent."""
    axes.set_ylim(0, top)
    ticks = [0, 0.25, 0.5, 0.75, 1]
    axes.set_yticks(ticks, [f"{100 * tick:.0f} %" for tick in ticks])
    axes.set_ylabel("recognised")
    axes.grid(axis="y", color="0.9", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def _strokes(count: int | None) -> str:
    return "photo" if count is None else plural(count, "stroke")


def _short(label: str) -> str:
    line = "".join(c if c.isprintable() else " " for c in label)
    return line if len(line) <= 24 else f"{line[:23]}…"


def _subject(evaluation: Evaluation) -> str:
    return (
        f"Share of {len(evaluation.results)} drawings that {evaluation.recognizer} recognised "
        f"among {len(evaluation.labels)} labels."
    )


def _png(figure: Figure, title: str, description: str) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None, "Title": title, "Description": description})
    return buffer.getvalue()


def _svg(figure: Figure, title: str, description: str) -> bytes:
    """The SVG with title and description where a screen reader looks for them."""
    buffer = io.StringIO()
    nothing = {"Date": None, "Creator": None, "Format": None, "Type": None}
    figure.savefig(buffer, format="svg", metadata=nothing)
    _, opening, rest = buffer.getvalue().partition("<svg ")  # before it: a document type, which many refuse to read
    attributes, end, body = rest.partition(">")
    texts = f"<title>{_xml(title)}</title>\n<desc>{_xml(description)}</desc>"
    declaration = '<?xml version="1.0" encoding="utf-8"?>'
    return f'{declaration}\n{opening}role="img" {attributes}{end}\n{texts}{body}'.encode("utf-8", "replace")


def _xml(text: str) -> str:
    return escape("".join(c if c.isprintable() else " " for c in text))
