"""From the measures of single drawings to a table: means of both sides, and the differences with their intervals."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 10_000
FEW = 6
"""Fewer photos than these say nothing of others: their intervals are too narrow, and nothing is called a difference."""


@dataclasses.dataclass(frozen=True)
class Measure:
    """One line of the table.

    Attributes:
        name: key of the figure.
        title: for the reader.
        percent: a share from 0 to 1; else a plain number.
        better: 1 if more is better, -1 if less is, 0 if neither.
    """

    name: str
    title: str
    percent: bool = True
    better: int = 1


MEASURES = (
    Measure("forced", "recognised, forced choice"),
    Measure("none", 'recognised, "none" allowed'),
    Measure("sure", "probability of the right label"),
    Measure("first", "finds its own photo"),
    Measure("rank", "rank of its own photo", percent=False, better=-1),
    Measure("face_inked", "faces with ink at both eyes and mouth"),
    Measure("face_shown", "face lines shown"),
    Measure("face_true", "face ink that is true"),
    Measure("face_good", "good faces"),
    Measure("eyes_inked", "animals with a line at both eyes"),
    Measure("eyes_drawn", "animals with both eyes drawn"),
    Measure("loss", "loss", percent=False, better=-1),
    Measure("ink", "length of lines, long sides", percent=False, better=0),
    Measure("cpu", "processor seconds", percent=False, better=-1),
)

Row = Mapping[str, Any]
"""One drawing: photo, side, strokes, seed, and by name each measure that it has."""


def summarize(rows: Sequence[Row], resamples: int = RESAMPLES) -> dict[str, dict[str, Any]]:
    """The figures of each number of strokes.

    Only what both sides have of a photo and seed is counted. Seeds of a photo are averaged first, since they are not
    independent; the intervals are of photos.

    Returns:
        by number of strokes and name of the measure: photos, old, new, difference, low and high (95 %).
    """
    result: dict[str, dict[str, Any]] = {}
    for strokes in sorted({int(row["strokes"]) for row in rows}):
        here = [row for row in rows if row["strokes"] == strokes]
        figures = {}
        for measure in MEASURES:
            old, new = paired(here, measure.name)
            if len(old):
                low, high = interval(new - old, resamples)
                figures[measure.name] = {
                    "photos": len(old),
                    "old": float(old.mean()),
                    "new": float(new.mean()),
                    "difference": float((new - old).mean()),
                    "low": low,
                    "high": high,
                }
        result[str(strokes)] = figures
    return result


def paired(rows: Sequence[Row], name: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """A measure of both sides, float64 [photo] each, the mean over the seeds that both have."""
    found: dict[tuple[str, int], dict[str, float]] = defaultdict(dict)
    for row in rows:
        if row.get(name) is not None:
            found[row["photo"], row["seed"]][row["side"]] = float(row[name])
    photos: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for (photo, _), sides in sorted(found.items()):
        if sides.keys() >= {"old", "new"}:
            photos[photo].append((sides["old"], sides["new"]))
    means = np.array([np.mean(pairs, axis=0) for pairs in photos.values()]).reshape(-1, 2)
    return means[:, 0], means[:, 1]


def interval(differences: NDArray[np.float64], resamples: int = RESAMPLES, seed: int = 0) -> tuple[float, float]:
    """The 95 % interval of the mean of paired differences by the percentile bootstrap (Efron, 1979).

    Args:
        differences: float64 [photo], of one photo at least; of one, or of many that are all alike, there is no width.
        resamples: samples with replacement that are drawn.
        seed: of the samples.
    """
    rng = np.random.default_rng(seed)
    count = len(differences)
    picks = rng.integers(0, count, (resamples, count))
    low, high = np.quantile(differences[picks].mean(1), (0.025, 0.975))
    return float(low), float(high)


def table(figures: Mapping[str, Mapping[str, Any]]) -> str:
    """The figures in Markdown; a difference whose interval leaves out zero is bold, unless it is of few photos."""
    lines = []
    for strokes, found in figures.items():
        lines += [
            f"**{strokes} strokes**",
            "",
            "| measure | photos | old | new | difference (95 %) |",
            "|---|---|---|---|---|",
        ]
        for measure in MEASURES:
            if measure.name in found:
                lines.append(_line(measure, found[measure.name]))
        lines.append("")
    return "\n".join(lines)


def _line(measure: Measure, found: Mapping[str, Any]) -> str:
    def text(value: float, sign: str = "") -> str:
        return f"{100 * value:{sign}.0f} %" if measure.percent else f"{value:{sign}.3g}"

    def bare(value: float) -> str:
        return f"{100 * value:+.0f}" if measure.percent else f"{value:+.2g}"

    change = f"{text(found['difference'], '+')} ({bare(found['low'])} to {bare(found['high'])})"
    if found["photos"] >= FEW and (found["low"] > 0 or found["high"] < 0):
        word = {1: "better", -1: "worse", 0: ""}[int(np.sign(found["difference"])) * measure.better]
        change = f"**{change}**" + (f" {word}" if word else "")
    return f"| {measure.title} | {found['photos']} | {text(found['old'])} | {text(found['new'])} | {change} |"
