"""What becomes of mistakes on the page: one line for the visitor, in the visitor's language."""

from __future__ import annotations

import functools
import inspect
import sys
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import gradio as gr

from ..errors import Argument, StrokewiseError
from .job import Left
from .translations import TEXTS, preferred, tell

LABELS = {
    **{name: name for name in ("strokes", "subject", "seed", "steps", "one_line", "optimize", "add")},
    "candidates": "starts",
    "width": "pen",
    "color": "look_color",
    "paper": "look_paper",
    "brush": "look_brush",
    "counts": "ladder_counts",
    "confidence": "fewest_sure",
}
"""Texts that name what is set on the page, by the parameter of the library that it sets."""


def mendable(work: Callable[..., Any]) -> Callable[..., Any]:
    """Mistakes of the user become one line on the page; bugs become one too, and a traceback for the server's owner."""

    def shown(error: Exception, request: gr.Request) -> gr.Error:
        language = language_of(request)
        if isinstance(error, StrokewiseError):
            return gr.Error(message_of(error, language), title=tell(language, "mended"), print_exception=False)
        traceback.print_exception(error, file=sys.stderr)
        return gr.Error(tell(language, "failed"), print_exception=False)

    @functools.wraps(work)
    def run(self: Any, request: gr.Request, *values: Any) -> Any:
        try:
            return work(self, request, *values)
        except gr.Error:
            raise
        except Exception as error:
            raise shown(error, request) from error

    @functools.wraps(work)
    def run_live(self: Any, request: gr.Request, *values: Any) -> Iterator[Any]:
        try:
            yield from work(self, request, *values)
        except gr.Error:
            raise
        except Left:
            return
        except Exception as error:
            raise shown(error, request) from error

    return run_live if inspect.isgeneratorfunction(work) else run


def message_of(error: StrokewiseError, language: str) -> str:
    """What is wrong and how to fix it, with the labels of the page for the arguments of Python."""

    def label(argument: Argument) -> str:
        name = argument.name
        if name not in LABELS:
            return str(argument)
        if argument.value is None:
            return tell(language, LABELS[name])
        choice = f"{name}_{argument.value}"
        value = tell(language, choice) if choice in TEXTS else argument.value
        return f"{tell(language, LABELS[name])}: {value}"

    return error.worded(label)


def mistake(request: gr.Request, key: str, **values: object) -> gr.Error:
    """The error of a visitor who can mend it, in their words: `key` and `values` as for `tell`."""
    language = language_of(request)
    return gr.Error(tell(language, key, **values), title=tell(language, "mended"), print_exception=False)


def language_of(request: gr.Request) -> str:
    """The language that a visitor's browser asks for."""
    return preferred(str(request.headers.get("accept-language", "")))
