"""Stroke counts as people write them: "16", "auto", "32,16,8,4"."""

from __future__ import annotations

import dataclasses

from .errors import SettingsError
from .settings import MOST_STROKES, Settings

AUTO = "auto"
"""Stands for the fewest strokes that are still recognised."""


def parse_count(text: str) -> int | None:
    """The number of strokes that `-n` names; None stands for "auto".

    Raises:
        SettingsError: it is no number of strokes.
    """
    return None if text.strip().lower() == AUTO else _count(text, f"or {AUTO}, ")


def parse_counts(text: str) -> tuple[int, ...]:
    """The stroke counts of a list such as "32,16,8,4": each once, most strokes first.

    Raises:
        SettingsError: one is no number of strokes, or there is none.
    """
    return tuple(sorted({_count(one, "with commas between, ") for one in text.split(",")}, reverse=True))


def _count(text: str, otherwise: str) -> int:
    try:
        count = int(text)
    except ValueError:
        raise SettingsError(
            f"strokes must be a whole number from 1 to {MOST_STROKES}, {otherwise}not {text!r}"
        ) from None
    return dataclasses.replace(Settings(), strokes=count).strokes
