"""Errors a person can act on. Each message is one line: what is wrong, and how to fix it.

A message that names arguments holds them as values, so that each front end can use its own words for them: Python reads
`force=True` where the command line reads `--force`.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from typing import TypeAlias


@dataclasses.dataclass(frozen=True)
class Argument:
    """An argument that a message names.

    Attributes:
        name: of the parameter in Python.
        value: what to give it; None names the parameter alone.
        typed: what to give the option of the command line, where its unit is another.
    """

    name: str
    value: bool | int | str | list[str] | None = None
    typed: str | None = None

    def __str__(self) -> str:
        """As in Python: `steps`, `force=True`, `device="cpu"`, `labels=["cat", "dog"]`."""
        if self.value is None:
            return self.name
        value = str(self.value) if isinstance(self.value, bool) else json.dumps(self.value, ensure_ascii=False)
        return f"{self.name}={value}"


Fix: TypeAlias = "str | Argument | tuple[str | Argument, ...]"
"""How to fix a mistake: text, and the arguments in it."""


class StrokewiseError(Exception):
    """Base of all errors a user can act on; the command line prints it and exits with 2.

    Args:
        problem: what is wrong. Where `setting` is given, the rest of a sentence that begins with its name.
        setting: name of the parameter that is wrong.
        value: what it was given.
        fix: how to fix it; follows the problem after a colon.

    Attributes:
        setting: as above; None where no single parameter is the cause.
        value: as above.
    """

    def __init__(self, problem: str = "", *, setting: str | None = None, value: object = None, fix: Fix = ()) -> None:
        super().__init__(problem)
        self.setting, self.value = setting, value
        self._problem = problem
        self._fix = fix if isinstance(fix, tuple) else (fix,)

    def __str__(self) -> str:
        return self.worded(str)

    def worded(self, word: Callable[[Argument], str]) -> str:
        """The message in the words of a front end.

        Args:
            word: how the front end writes an argument.
        """
        problem = self._problem if self.setting is None else f"{word(Argument(self.setting))} {self._problem}"
        fix = "".join(word(part) if isinstance(part, Argument) else part for part in self._fix)
        return f"{problem}: {fix}" if fix else problem


class SettingsError(StrokewiseError):
    """A setting is out of its range, or names something unknown."""


class PhotoError(StrokewiseError):
    """The photo cannot be read, is too large, or shows nothing to draw."""


class EncoderError(StrokewiseError):
    """The encoder is unknown, or its weights are missing."""


class OutputError(StrokewiseError):
    """The drawing cannot be written to the given place."""


class SvgError(StrokewiseError):
    """The SVG is not a drawing this program can read, or is not safe to read."""


class UnsupportedSvgError(SvgError):
    """The SVG may be sound, but it is not made of strokes alone."""


class RecognizeError(StrokewiseError):
    """There is nothing to recognise, or a label or a recogniser is unknown."""
