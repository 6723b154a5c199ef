"""Errors on the page: one line for the visitor, in the visitor's language."""

from __future__ import annotations

import functools
import inspect
import sys
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import gradio as gr

from ..errors import Argument, StrokewiseError
from .background import Cancelled
from .translations import TEXTS, preferred_language, translate

LABELS = {
    **{name: name for name in ("strokes", "subject", "seed", "steps", "one_line", "optimize", "add")},
    **{name: name for name in ("fidelity", "simplicity", "text_weight", "tone", "tone_lines")},
    "text": "text_named",
    "candidates": "starts",
    "width": "pen",
    "color": "look_color",
    "paper": "look_paper",
    "brush": "look_brush",
    "counts": "ladder_counts",
    "confidence": "fewest_confidence",
    "pens": "pens",
    "lines": "trace_lines",
    "subject_model": "model",
}
"""Texts that name what is set on the page, by the parameter of the library that it sets."""


def user_errors(handler: Callable[..., Any]) -> Callable[..., Any]:
    """Decorates a method that handles an event of the page: errors become one line that the page shows.

    A `StrokewiseError` is shown as it is. Any other error is a bug: the visitor sees one line, and the server's owner
    a traceback on stderr. A generator ends quietly on `Cancelled`.
    """

    @functools.wraps(handler)
    def run(self: Any, request: gr.Request, *values: Any) -> Any:
        try:
            return handler(self, request, *values)
        except gr.Error:
            raise
        except Exception as error:
            raise _page_error(error, request) from error

    @functools.wraps(handler)
    def run_generator(self: Any, request: gr.Request, *values: Any) -> Iterator[Any]:
        try:
            yield from handler(self, request, *values)
        except gr.Error:
            raise
        except Cancelled:
            return
        except Exception as error:
            raise _page_error(error, request) from error

    return run_generator if inspect.isgeneratorfunction(handler) else run


def message_of(error: StrokewiseError, language: str) -> str:
    """What is wrong and how to fix it, with the labels of the page for the arguments of Python."""

    def label(argument: Argument) -> str:
        name = argument.name
        if name not in LABELS:
            return str(argument)
        if argument.value is None:
            return translate(language, LABELS[name])
        choice = f"{name}_{argument.value}"
        value = translate(language, choice) if choice in TEXTS else argument.value
        return f"{translate(language, LABELS[name])}: {value}"

    return error.worded(label)


def user_error(request: gr.Request, key: str, **values: object) -> gr.Error:
    """An error that the visitor can fix, in their language: `key` and `values` as for `translate`."""
    language = language_of(request)
    return gr.Error(translate(language, key, **values), title=translate(language, "user_error"), print_exception=False)


def language_of(request: gr.Request) -> str:
    """The language that the visitor's browser asks for."""
    return preferred_language(str(request.headers.get("accept-language", "")))


def _page_error(error: Exception, request: gr.Request) -> gr.Error:
    language = language_of(request)
    if isinstance(error, StrokewiseError):
        return gr.Error(message_of(error, language), title=translate(language, "user_error"), print_exception=False)
    traceback.print_exception(error, file=sys.stderr)
    return gr.Error(translate(language, "bug"), print_exception=False)
