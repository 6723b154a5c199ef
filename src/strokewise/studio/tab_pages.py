"""The handlers of the pages that draw in other ways: ladder, fewest strokes, trace, and words without a photo.

Methods as in `handlers.py`.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterator
from typing import Any

import gradio as gr

from .. import abstraction
from .._text import file_name
from ..settings import parse_counts
from ..sketch import Sketch
from ..tracing import trace
from . import command_lines, tasks, views
from .background import ProgressCallback
from .controls import settings_of, words_settings
from .errors import language_of, user_error, user_errors
from .handlers import Studio
from .live_drawing import DrawRequest, Place, Updates, draw_live, result_note, trace_live
from .session import SheetDrawing
from .translations import translate


class TabPages:
    """The handlers of those pages' events.

    Args:
        studio: whose sessions and limits these are.
    """

    def __init__(self, studio: Studio) -> None:
        self._studio = studio

    @user_errors
    def draw_ladder(self, request: gr.Request, listed: str, *values: Any) -> Iterator[Updates]:
        """Draw the subject with fewer and fewer strokes. Each of the drawings can go on the sheet afterwards."""
        asked = self._studio.draw_request(request, values)
        session, language, settings = asked.session, asked.language, asked.settings
        counts = parse_counts(listed)
        prepared = self._studio.prepared(session, settings)

        def work(callback: ProgressCallback) -> tuple[Sketch, ...]:
            return abstraction.ladder(prepared, counts, settings, callback=callback).rungs

        running = yield from draw_live(asked, work, Place.of(prepared, settings), self._studio.limits.seconds)
        line = command_lines.ladder_command(asked.photo_name, counts, settings, asked.mask)
        made = [SheetDrawing(sketch, (line,), running.ended_early) for sketch in running.result()]
        shown = self._studio.in_pens(session, made, asked.options)
        captions = [(translate(language, "ladder_level", count=len(d.sketch)), d.sketch) for d in shown]
        yield {
            **self._studio.replace_all(asked, made),
            "ladder": views.captioned_drawings(captions, asked.options.look),
            "note": result_note(running, made[0].sketch, language),
        }

    @user_errors
    def find_fewest(self, request: gr.Request, label: str, confidence: float, *values: Any) -> Iterator[Updates]:
        """Find the fewest strokes with which a network still recognises the subject."""
        asked = self._studio.draw_request(request, values)
        session, language, settings = asked.session, asked.language, asked.settings
        label = label.strip()
        prepared = self._studio.prepared(session, settings)

        def work(callback: ProgressCallback) -> abstraction.Fewest:
            return abstraction.fewest(prepared, settings, label=label or None, confidence=confidence, callback=callback)

        running = yield from draw_live(asked, work, Place.of(prepared, settings), self._studio.limits.seconds)
        found = running.result()
        count = len(found.sketch)
        line = command_lines.fewest_command(asked.photo_name, label, confidence, settings, asked.mask)
        key = "fewest_found" if found.reached else "fewest_missed"
        reached = f"{dict(found.curve)[count]:.0%}"
        text = translate(language, key, count=count, label=found.label, confidence=reached)
        made = [SheetDrawing(found.sketch, (line,), running.ended_early)]
        (shown,) = self._studio.in_pens(session, made, asked.options)
        yield {
            **self._studio.replace_all(asked, made),
            "fewest": views.captioned_drawings([(text, shown.sketch)], asked.options.look),
            "note": views.note(text),
        }

    @user_errors
    def trace(
        self, request: gr.Request, strokes: float | None, every: bool, widths: bool, colors: bool, lines: str,
        *values: Any,
    ) -> Iterator[Updates]:  # fmt: skip
        """Trace line art: the photo is a scan, a logo, a child's drawing. No network is asked, and no mask."""
        asked = self._studio.draw_request(request, values)
        colors = colors or bool(asked.options.pens)
        count = "all" if every else str(int(strokes or 0))  # as text, as the command line has it: the file says so
        photo = self._studio.photo(asked.session, request)

        def work(callback: ProgressCallback) -> Sketch:
            return trace(photo, count, widths=widths, colors=colors, lines=lines)

        running = yield from trace_live(asked, work, self._studio.limits.seconds)
        line = command_lines.trace_command(asked.photo_name, count, lines, widths=widths, colors=colors)
        made = SheetDrawing(running.result(), (line,))
        share = made.sketch.metadata["trace"]["drawn"]
        text = translate(asked.language, "traced", count=len(made.sketch), share=f"{share:.0%}")
        (shown,) = self._studio.in_pens(asked.session, [made], asked.options)
        yield {
            **self._studio.replace_all(asked, [made]),
            "traced": views.captioned_drawings([(text, shown.sketch)], asked.options.look),
            "note": views.note(text),
        }

    @user_errors
    def imagine(self, request: gr.Request, text: str | None, *values: Any) -> Iterator[Updates]:
        """Draw what a text says, without any photo."""
        yield from self._imagine(request, text or "", values, another=False)

    @user_errors
    def draw_another(self, request: gr.Request, *values: Any) -> Iterator[Updates]:
        """Draw once more what is on the sheet, with the next seed: the photo, or what a text says."""
        drawing = self._studio.session(request).drawing
        if drawing is not None and drawing.words:
            yield from self._imagine(request, drawing.words, values, another=True)
        else:
            yield from self._studio.draw_another(request, *values)

    def _imagine(self, request: gr.Request, text: str, values: tuple[Any, ...], *, another: bool) -> Iterator[Updates]:
        if not text.strip():
            raise user_error(request, "words_first")
        session, language, limits = self._studio.session(request), language_of(request), self._studio.limits
        generation = session.generation
        chosen, options, _ = settings_of(self._studio.settings, values)
        settings = words_settings(chosen, text)
        if another:
            settings = dataclasses.replace(settings, seed=(settings.seed + session.seeds_used) % 2**32)
        words = str(settings.text)
        asked = DrawRequest(session, generation, language, file_name(words), settings, options, mask="")
        work = functools.partial(tasks.draw_words, settings)
        running = yield from draw_live(asked, work, Place.alone(settings.size), limits.seconds)
        line = command_lines.imagine_command(settings)
        made = SheetDrawing(running.result(), (line,), running.ended_early, words)
        if another:
            with session.unchanged(generation):
                session.add(made)
                session.choose(len(session.drawings) - 1)
                session.seeds_used += 1
                updates = self._studio.sheet_updates(session, options, language)
        else:
            updates = self._studio.replace_all(asked, [made])
        text = _read(made.sketch, language)
        note = f"{text} " if text else ""
        (shown,) = self._studio.in_pens(session, [made], options)
        yield {
            **updates,
            "worded": views.captioned_drawings([(text or words, shown.sketch)], options.look),
            "note": result_note(running, made.sketch, language, note),
        }


def _read(sketch: Sketch, language: str) -> str:
    """Whether a drawing of words reads as the word; empty where that is not known."""
    read = sketch.metadata.get("read")
    if read is None:
        return ""
    key = "words_read" if read["as"] == read["asked"] else "words_unread"
    sure, other = f"{read['probability_asked']:.0%}", f"{read['probability']:.0%}"
    return translate(language, key, word=read["asked"], sure=sure, other=read["as"], other_sure=other)
