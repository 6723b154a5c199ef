"""The result of an evaluation: its figures, with all that is needed to repeat it, as data and as tables."""

from __future__ import annotations

import dataclasses
import os
import platform
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

import numpy as np

from ..._text import plural
from ..._version import __version__
from ...settings import Settings
from .figures import Figures, Level, Result, Share, Skipped


@dataclasses.dataclass(frozen=True, repr=False)
class Evaluation:
    """How well drawings of labelled photos are recognised.

    Attributes:
        figures: shares, intervals, confusions, times.
        results: one a drawing, by class, photo and stroke count.
        photos: one a photo that was drawn: the photo itself, judged alike.
        skipped: photos and drawings that could not be made, and why.
        labels: what the recogniser chose among.
        counts: stroke counts asked for.
        settings: how was drawn; its `strokes` does not count.
        encoder: name of the model that drew.
        recognizer: name of the model that judged.
        complete: False if the callback stopped it; then the figures are of what was drawn until then.
        empty: class folders without a photo, which were left out.
        left_out: class folders that are not among the labels asked for.
        remarks: what else was left out, one line each.
    """

    figures: Figures
    results: tuple[Result, ...]
    photos: tuple[Result, ...]
    skipped: tuple[Skipped, ...]
    labels: tuple[str, ...]
    counts: tuple[int, ...]
    settings: Settings
    encoder: str
    recognizer: str
    complete: bool = True
    empty: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    def __repr__(self) -> str:
        drawings, photos = plural(len(self.results), "drawing"), plural(len(self.photos), "photo")
        return f"<Evaluation {drawings} of {photos}, judged by {self.recognizer}>"

    def table(self) -> str:
        """The figures as a Markdown table, one row a stroke count; 95 % intervals in brackets."""
        return overall_table(self.figures)

    def as_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON. But for the times, the same photos and settings give the same."""
        return {
            **made_with(self.settings, self.encoder),
            "recognizer": self.recognizer,
            "labels": list(self.labels),
            "counts": list(self.counts),
            "complete": self.complete,
            "figures": self.figures.as_dict(),
            "results": [result.as_dict() for result in self.results],
            "photos": [result.as_dict() for result in self.photos],
            "skipped": [dataclasses.asdict(one) for one in self.skipped],
            "skipped_photos": len({one.photo for one in self.skipped}),
            "empty_classes": list(self.empty),
            "classes_left_out": list(self.left_out),
            "remarks": list(self.remarks),
            "versions": {
                "python": platform.python_version(),
                "onnxruntime": version("onnxruntime"),
                "numpy": np.__version__,
                "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
            },
        }


def made_with(settings: Settings, encoder: str) -> dict[str, Any]:
    """What must be the same for two drawings to belong to one evaluation, but for photo and stroke count."""
    known = settings.as_dict()
    # The encoder is compared by what "auto" stands for here.
    return {
        "version": __version__,
        "settings": {name: value for name, value in known.items() if name not in ("strokes", "encoder")},
        "encoder": encoder,
    }


def overall_table(figures: Figures) -> str:
    """Rows: stroke counts, and the photos themselves. Columns: the tally of all drawings."""
    head = [
        "strokes",
        "drawings",
        "forced choice, top-1",
        "top-3",
        'with "none", top-1',
        "top-3",
        '"none" said',
        "seconds",
    ]
    rows = []
    for level in figures.everything:
        tally = level.overall
        shares = (
            tally.forced_top1,
            tally.forced_top3,
            tally.with_none_top1,
            tally.with_none_top3,
            tally.none_said,
        )
        seconds = "" if level.seconds is None else f"{level.seconds:.2f}"
        rows.append([_named(level), str(tally.forced_top1.count), *(_percent(share) for share in shares), seconds])
    return _markdown(head, rows)


def class_table(figures: Figures) -> str:
    """Rows: labels. Columns: top-1 of each stroke count, in a forced choice and with "none"."""
    levels = figures.everything
    head = ["class"]
    head += [f"{_named(level)}, {choice}" for choice in ("forced", 'with "none"') for level in levels]
    rows = []
    for label in figures.classes:
        row = [label]
        for choice in ("forced_top1", "with_none_top1"):
            tallies = [level.classes.get(label) for level in levels]
            shares = [None if tally is None else getattr(tally, choice) for tally in tallies]
            row += ["" if share is None else f"{100 * share.share:.0f} %" for share in shares]
        rows.append(row)
    return _markdown(head, rows)


def to_markdown(evaluation: Evaluation) -> str:
    """What table.md holds: both tables, with what one must know to read them."""
    figures, chance = evaluation.figures, 100 * evaluation.figures.chance
    among = len(evaluation.labels)
    drawings = len(evaluation.results)
    lines = [
        f"# {plural(drawings, 'drawing')}, recognised among {plural(among, 'label')}",
        "",
        *([] if evaluation.complete else ["**Not complete: stopped before all photos were drawn.**", ""]),
        evaluation.table(),
        "",
        f"In brackets: 95 % interval (Wilson). Blind guessing gets {chance:.0f} % right in a forced choice, and "
        f"{min(100.0, 3 * chance):.0f} % among the first three. Photos: the photos themselves, judged alike; their "
        "time is that of opening and framing. Seconds are medians of one.",
        "",
        class_table(figures),
        "",
        f"Drawn by strokewise {__version__} with {evaluation.encoder}, judged by {evaluation.recognizer}. "
        f"Labels: {', '.join(_cell(label) for label in evaluation.labels)}.",
    ]
    if evaluation.skipped:
        lines += ["", f"Left out, {len(evaluation.skipped)}:", ""]
        lines += [f"- {_cell(one.named)}: {_cell(one.reason)}" for one in evaluation.skipped]
    for what, names in (
        ("Class folders without photos", evaluation.empty),
        ("Class folders not among the labels", evaluation.left_out),
    ):
        if names:
            lines += ["", f"{what}: {', '.join(_cell(name) for name in names)}."]
    lines += ["", *(f"- {_cell(remark)}" for remark in evaluation.remarks)] if evaluation.remarks else []
    return "\n".join([*lines, ""])


def _named(level: Level) -> str:
    return "photos" if level.strokes is None else str(level.strokes)


def _percent(share: Share) -> str:
    low, high = (f"{100 * end:.0f}" for end in share.ci)
    return f"{100 * share.share:.0f} % ({low} to {high})"


def _markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines)


def _cell(text: str) -> str:
    """Text that neither ends a table's cell nor its line."""
    line = "".join(c if c.isprintable() else " " for c in text)
    return line.replace("\\", "\\\\").replace("|", "\\|")
