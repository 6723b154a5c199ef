"""The controls for settings, look and pens, and how their values become `Settings` and `PageOptions`."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import gradio as gr

from ..errors import SettingsError
from ..export.look import Look
from ..export.pens import parse_pens
from ..settings import AUTO, NO_TONE, Settings, checked_text
from .page_options import Levels, PageOptions

PAPERS = {"white": None, "cream": "#f5eedd", "grey": "#d9d7d2", "night": "#1f2430", "none": "none"}
"""Papers to choose from, and their colours. None: the paper of the drawing, which is white."""
NIGHT_INK = "#f2ede2"
"""Replaces black ink on night paper, where black could not be seen."""
BLACK = "#000000"


@dataclasses.dataclass
class Controls:
    """The controls, in the order in which handlers take their values."""

    strokes: gr.Slider
    subject: gr.Radio
    fidelity: gr.Slider
    simplicity: gr.Slider
    text: gr.Textbox
    text_weight: gr.Slider
    seed: gr.Number
    starts: gr.Slider
    steps: gr.Slider
    pen: gr.Slider
    one_line: gr.Checkbox
    optimize: gr.CheckboxGroup
    model: gr.Dropdown
    width: gr.Slider
    color: gr.ColorPicker
    paper: gr.Radio
    brush: gr.Radio
    pens: gr.Textbox
    tone: gr.Dropdown
    tone_lines: gr.Slider

    @property
    def all(self) -> list[gr.components.Component]:
        """All controls, as inputs of an event."""
        return [getattr(self, field.name) for field in dataclasses.fields(self)]

    @property
    def look(self) -> list[gr.components.Component]:
        """The controls of the look."""
        return [self.width, self.color, self.paper, self.brush, self.pens, self.tone, self.tone_lines]


def settings_of(base: Settings, values: tuple[Any, ...]) -> tuple[Settings, PageOptions, Levels]:
    """Settings, how drawings are shown and written, and the levels of scenes, from the values of `Controls.all`.

    Tone is a part of how drawings are shown: it can be laid under a finished one. So the settings have none.

    Args:
        base: settings that the page has no control for.
        values: of the controls; a pen of width 0 is automatic.

    Raises:
        StrokewiseError: a value is out of its range.
    """
    strokes, subject, fidelity, simplicity, text, weight, seed, starts, steps, pen, one_line, optimize, model = values[
        :13
    ]
    if strokes is None or seed is None:
        raise SettingsError("strokes and seed must be whole numbers")
    settings = dataclasses.replace(
        base, strokes=int(strokes), subject=subject, seed=int(seed), candidates=int(starts), steps=int(steps),
        width=float(pen) if pen else AUTO, one_line=bool(one_line), optimize=",".join(optimize or ()),
        subject_model="auto" if subject == "keep" else model or "auto",
    )  # fmt: skip
    if text and text.strip():
        settings = dataclasses.replace(settings, text=text, text_weight=weight)
    return settings, options_of(*values[13:]), Levels(int(fidelity), int(simplicity))


def options_of(
    width: float, color: str | None, paper: str, brush: str, pens: str | None, tone: str, tone_lines: float | None
) -> PageOptions:
    """How drawings are shown and written, from the values of `Controls.look`.

    Width 0, black ink and white paper mean: as it was drawn. Pens have colours of their own, in place of the ink.

    Raises:
        StrokewiseError: the pens are no colours, or too many; there is no such tone, or its lines are out of range.
    """
    night = paper == "night"
    named = parse_pens(pens) if pens and pens.strip() else ()
    ink = hex_of_picker(color or BLACK)
    if ink == BLACK:
        ink = NIGHT_INK if night else ""
    look = Look(float(width) or None, None if named else ink or None, PAPERS.get(paper), None, brush)
    if tone == NO_TONE:
        return PageOptions(look=look, pens=named)
    toned = Settings(tone=tone, tone_lines=int(tone_lines or 0))  # checks both
    return PageOptions(look=look, pens=named, tone=toned.tone, tone_lines=toned.tone_lines)


def words_settings(settings: Settings, text: str) -> Settings:
    """The settings of a drawing of words alone: nothing in them is of a photo, but what `imagine` refuses.

    Raises:
        SettingsError: the text is none.
    """
    return dataclasses.replace(
        settings, subject="auto", subject_model="auto", text=checked_text(text, "text"), text_weight=1.0
    )


def hex_of_picker(text: str) -> str:
    """A colour picker's value, #rrggbb or rgba(...) with decimals, as #rrggbb. Anything else is not changed."""
    parts = re.fullmatch(r"rgba?\(\s*([\d.]+)\s*,\s*([\d.]+)\s*,\s*([\d.]+)\s*(?:,[^)]*)?\)", text.strip())
    if parts is None:
        return text.strip().lower()
    return "#" + "".join(f"{min(255, round(float(part))):02x}" for part in parts.groups())
