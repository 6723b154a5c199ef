"""What visitors choose beside the settings of the library: how drawings are shown, and the levels of scenes."""

from __future__ import annotations

import dataclasses
from typing import NamedTuple

from ..export.options import ExportOptions
from ..settings import NO_TONE, Settings


class Levels(NamedTuple):
    """How loose and how simple a scene is drawn, each from 1 to 4."""

    fidelity: int = 1
    simplicity: int = 1


USUAL = Levels()


@dataclasses.dataclass(frozen=True)
class PageOptions(ExportOptions):
    """How drawings are shown and written: those options that formats know, and the tone to lay under the strokes.

    Attributes:
        tone: one of `TONES`, or "none".
        tone_lines: most lines of it.
    """

    tone: str = NO_TONE
    tone_lines: int = Settings.tone_lines
