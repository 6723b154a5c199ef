"""What happens when something on the page is used: one method for each event.

Each method takes the visitor's request and the values of controls. It returns what the page shows next,
{name of a component: value}; methods that take long yield that several times. `page.py` names the components.
The page on which the subject is chosen, and those that draw otherwise, have handlers of their own (`subject_page.py`,
`tab_pages.py`).
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np

from .. import continuing
from .._text import file_name
from ..export.look import dressed
from ..photo.opening import Photo
from ..photo.preparing import Prepared
from ..settings import Settings
from ..sketch import Sketch
from . import command_lines, tasks, views
from .background import Cancelled, ProgressCallback
from .controls import options_of, settings_of
from .downloads import DOWNLOADS, file_bytes, file_message, file_stem
from .errors import language_of, user_error, user_errors
from .limits import Limits
from .live_drawing import DrawRequest, Place, Updates, draw_live, result_note
from .page_options import PageOptions
from .pen_colors import for_pens, in_pens
from .session import Session, Sessions, SheetDrawing, open_source
from .tones import Framing, in_tone, tone_missing
from .translations import translate

OF_PHOTO = ("shown", "mask", "mask_photo", "mask_note", "ladder", "fewest", "traced", "worded")
"""What goes with a photo, beside the drawings on the sheet."""


class Studio:
    """The page's memory, and the handlers of its events.

    Args:
        limits: what visitors may do.
        settings: values of all settings that the page has no control for: encoder and device.
    """

    def __init__(self, limits: Limits, settings: Settings) -> None:
        self.limits, self.settings = limits, settings
        self.sessions = Sessions(limits.visitors)

    def session(self, request: gr.Request) -> Session:
        """The visitor's session."""
        return self.sessions.of(str(request.session_hash))

    def leave(self, request: gr.Request) -> None:
        """The visitor's page was closed or loaded again."""
        self.sessions.forget(str(request.session_hash))

    # The photo

    @user_errors
    def take_photo(self, request: gr.Request, file: str | None, subject: str, model: str | None) -> Iterator[Updates]:
        """A photo was chosen, or removed."""
        session, language = self.session(request), language_of(request)
        if file is None:
            self.leave(request)
            cleared = dict.fromkeys(("thumbnails", "note", "command", *OF_PHOTO), "")
            yield {"sheet": views.empty_sheet(language), **cleared}
            return
        yield {"note": views.note(translate(language, "looking"), busy=True)}
        path = Path(file)
        if path.stat().st_size > self.limits.bytes:
            raise user_error(request, "too_large", megabytes=f"{self.limits.megabytes:g}")
        data, model, was_painted = path.read_bytes(), model or "auto", session.painting is not None
        photo = session.set_photo(data, path.name, self.limits.pixels)
        yield {**dict.fromkeys(OF_PHOTO, ""), "shown": tasks.shown_photo(photo, data)}
        self.prepared(session, dataclasses.replace(self.settings, subject=subject, subject_model=model))
        remarks = (f"{photo.name} {remark}." for remark in photo.remarks)
        note = views.note(" ".join([translate(language, "ready"), *remarks]))
        yield {**self.sheet_updates(session, PageOptions(), language), "note": note}
        if was_painted:  # the page on which it was may still be open
            session.painting = painting = tasks.start_painting(photo, model)
            yield {"mask": views.painted(painting, language), "mask_photo": views.painted_photo(painting)}

    # Drawing

    @user_errors
    def draw(self, request: gr.Request, count: float, *values: Any) -> Iterator[Updates]:
        """Draw the photo `count` times, from the seed of the controls on, in place of all drawings so far."""
        asked = self.draw_request(request, values, scenes=True)
        with asked.session.unchanged(asked.generation):
            asked.session.clear()
        yield from self._draw(asked, int(count))

    @user_errors
    def draw_another(self, request: gr.Request, *values: Any) -> Iterator[Updates]:
        """Draw the photo once more, with the next seed."""
        yield from self._draw(self.draw_request(request, values, scenes=True), 1)

    def _draw(self, request: DrawRequest, count: int) -> Iterator[Updates]:
        session, language = request.session, request.language
        made: list[SheetDrawing] = []
        for number in range(count):
            settings = dataclasses.replace(request.settings, seed=(request.settings.seed + session.seeds_used) % 2**32)
            prefix = translate(language, "of_many", number=number + 1, count=count) if count > 1 else ""
            prepared, scene = self.prepared(session, settings), settings.subject == "scene"
            if scene:
                photo = session.photo(self.limits.pixels)
                work = functools.partial(tasks.draw_scene, photo, settings, request.levels)
                line = command_lines.scene_command(request.photo_name, settings, request.levels, request.mask)
            else:
                work = functools.partial(tasks.draw_watched, prepared, settings)
                line = command_lines.draw_command(request.photo_name, settings, request.mask)
            place = Place.of(prepared, settings, staged=scene)
            running = yield from draw_live(request, work, place, self.limits.seconds, prefix)
            made.append(SheetDrawing(running.result(), (line,), running.ended_early))
            with session.unchanged(request.generation):
                session.add(made[-1])
                session.seeds_used += 1
                thumbnails = self.sheet_updates(session, request.options, language)["thumbnails"]
            yield {"thumbnails": thumbnails, "note": result_note(running, made[-1].sketch, language)}
            if running.ended_early:
                break
        with session.unchanged(request.generation):
            session.choose_best(made)
            updates = self.sheet_updates(session, request.options, language)
            if session.drawing is not None:
                updates["note"] = result_note(running, session.drawing.sketch, language)
        yield updates

    @user_errors
    def carry_on(self, request: gr.Request, add: float | None, *values: Any) -> Iterator[Updates]:
        """Go on with the drawing on the sheet: locked strokes stay, the others move, and `add` new ones come."""
        asked = self.draw_request(request, values)
        session, language, settings = asked.session, asked.language, asked.settings
        added = int(add or 0)
        before = self.drawing_of_photo(session, request)
        prepared = self.prepared(session, settings)

        def work(callback: ProgressCallback) -> Sketch:
            return continuing.carry_on(prepared, before.sketch, settings, add=added, callback=callback)

        running = yield from draw_live(asked, work, Place.of(prepared, settings), self.limits.seconds)
        lines = command_lines.carry_on_lines(asked.photo_name, added, settings, language, asked.mask)
        after = SheetDrawing(running.result(), lines, running.ended_early)
        note = result_note(running, after.sketch, language)
        with session.unchanged(asked.generation):
            # Undo, Delete and the like may have changed the drawing meanwhile; that is not overwritten.
            if not session.replace(before, after):
                session.add(after)
                note = views.note(translate(language, "added_apart"))
            updates = self.sheet_updates(session, asked.options, language)
        yield {**updates, "note": note}

    @user_errors
    def stop(self, request: gr.Request) -> None:
        """End what is being drawn, and keep the best so far."""
        self.session(request).stop()

    # The drawing on the sheet

    @user_errors
    def show(self, request: gr.Request, *look: Any) -> Updates:
        """Show the drawing in another look, or with other tone."""
        session, options, language = self.session(request), options_of(*look), language_of(request)
        updates, drawing = self.sheet_updates(session, options, language), session.drawing
        missing = "" if drawing is None else tone_missing(drawing, options, self._framing(session))
        return {**updates, "note": views.note(translate(language, missing))} if missing else updates

    @user_errors
    def choose(self, request: gr.Request, index: int, *look: Any) -> Updates:
        """Put another drawing on the sheet."""
        session = self.session(request)
        session.choose(index)
        return self.sheet_updates(session, options_of(*look), language_of(request))

    @user_errors
    def lock(self, request: gr.Request, picked: list[int] | None, *look: Any) -> Updates:
        """Lock the picked strokes, or unlock them if all of them are locked."""
        session, language = self.session(request), language_of(request)
        drawing = self._drawing(session, request)
        locked, strokes = drawing.sketch.locked.copy(), self._picked(drawing, picked, request)
        locked[strokes] = not locked[strokes].all()
        self._edit(session, drawing, dataclasses.replace(drawing.sketch, locked=locked), request)
        note = views.note(translate(language, "picked_locked", count=int(locked.sum())))
        return {**self.sheet_updates(session, options_of(*look), language), "note": note}

    @user_errors
    def delete(self, request: gr.Request, picked: list[int] | None, *look: Any) -> Updates:
        """Delete the picked strokes."""
        session, language = self.session(request), language_of(request)
        drawing = self._drawing(session, request)
        kept = np.setdiff1d(np.arange(len(drawing.sketch)), self._picked(drawing, picked, request)).tolist()
        if not kept:
            raise user_error(request, "nothing_left")
        self._edit(session, drawing, drawing.sketch.reordered(kept), request)
        note = views.note(translate(language, "picked_deleted", count=len(kept)))
        return {**self.sheet_updates(session, options_of(*look), language), "note": note}

    @user_errors
    def undo(self, request: gr.Request, *look: Any) -> Updates:
        """Go back one step."""
        session, language = self.session(request), language_of(request)
        undone = session.undo()
        updates = self.sheet_updates(session, options_of(*look), language)
        return {**updates, "note": views.note(translate(language, "undone"))} if undone else updates

    @user_errors
    def compare(self, request: gr.Request, *look: Any) -> Updates:
        """Show photo and drawing under a slider."""
        session, options = self.session(request), options_of(*look)
        drawing, photo = self.drawing_of_photo(session, request), self.photo(session, request)
        sketch = dressed(self._shown(session, drawing, options), options.look)
        return {"compare": tasks.comparison(photo, sketch, options.look.brush)}

    @user_errors
    def download(self, request: gr.Request, index: int, *look: Any) -> dict[str, str]:
        """The drawing on the sheet as a file of the kind `DOWNLOADS[index]`, for the browser to save."""
        session = self.session(request)
        drawing, kind, options = self._drawing(session, request), DOWNLOADS[index], options_of(*look)
        sketch = for_pens(drawing, lambda: self.photo(session, request)) if options.pens else drawing.sketch
        sketch = in_tone(drawing, sketch, options, self._framing(session))
        name = f"{self._stem(session, drawing)}{kind.ending}"
        return file_message(name, kind.mime, file_bytes(sketch, kind, options))

    # Used by several handlers

    def check_photo(self, session: Session, request: gr.Request) -> None:
        if session.source is None:
            raise user_error(request, "first_photo")

    def photo(self, session: Session, request: gr.Request) -> Photo:
        self.check_photo(session, request)
        return session.photo(self.limits.pixels)

    def photo_name(self, session: Session) -> str:
        return session.source[1] if session.source else "photo.jpg"

    def _drawing(self, session: Session, request: gr.Request) -> SheetDrawing:
        drawing = session.drawing
        if drawing is None:
            raise user_error(request, "first_drawing")
        return drawing

    def drawing_of_photo(self, session: Session, request: gr.Request) -> SheetDrawing:
        """The drawing on the sheet, for what needs the photo, too."""
        drawing = self._drawing(session, request)
        if drawing.words:
            raise user_error(request, "words_no_photo")
        return drawing

    def draw_request(self, request: gr.Request, values: tuple[Any, ...], *, scenes: bool = False) -> DrawRequest:
        """What a visitor asks to be drawn, checked as far as that is quickly done.

        Args:
            request: of the visitor.
            values: of `Controls.all`.
            scenes: whether it may be a scene.
        """
        session = self.session(request)
        self.check_photo(session, request)
        generation = session.generation  # read first: if anything read below is newer, the drawing is cancelled
        mask = session.mask
        settings, options, levels = settings_of(self.settings, values)
        if mask is not None:  # nothing is looked for
            subject = "scene" if settings.subject == "scene" else "auto"
            settings = dataclasses.replace(settings, subject=subject, subject_model="auto")
        if settings.subject == "scene":
            if not scenes:
                raise user_error(request, "scene_only_draw")
            tasks.check_scene(settings, levels)
            if settings.strokes > self.limits.scene_strokes:
                raise user_error(request, "scene_too_many", most=self.limits.scene_strokes)
        if settings.text is not None:
            tasks.check_words(self.prepared(session, settings), settings)
        name = "" if mask is None else mask.name
        return DrawRequest(
            session, generation, language_of(request), self.photo_name(session), settings, options, name, levels
        )

    def prepared(self, session: Session, settings: Settings) -> Prepared:
        """The framed photo; kept until the photo, its mask or what finds its subject changes. Of a scene, the whole."""
        if settings.subject in ("scene", "keep"):  # nothing is looked for
            settings = dataclasses.replace(settings, subject="keep", subject_model="auto")
        with session.framing_lock:  # a drawing that starts while the photo is being framed waits for that
            source, mask = session.source, session.mask
            if source is None:
                raise Cancelled
            key, cached = (source, mask, settings.subject, settings.subject_model), session.prepared
            if cached is None or cached[0] != key:
                photo = open_source(source, self.limits.pixels, mask)
                cached = session.prepared = (key, tasks.prepare_photo(photo, settings))
            prepared: Prepared = cached[1]
        return prepared

    def replace_all(self, request: DrawRequest, drawings: list[SheetDrawing]) -> Updates:
        """Put new drawings, made with one seed, in place of all drawings so far."""
        session = request.session
        with session.unchanged(request.generation):
            session.clear()
            for drawing in drawings:
                session.add(drawing)
            session.seeds_used = 1
            return self.sheet_updates(session, request.options, request.language)

    def _picked(self, drawing: SheetDrawing, picked: list[int] | None, request: gr.Request) -> list[int]:
        strokes = sorted({i for i in picked or () if 0 <= i < len(drawing.sketch)})
        if not strokes:
            raise user_error(request, "pick_first")
        return strokes

    def _edit(self, session: Session, drawing: SheetDrawing, sketch: Sketch, request: gr.Request) -> None:
        if not session.replace(drawing, SheetDrawing(sketch, words=drawing.words)):
            raise user_error(request, "changed")

    def in_pens(self, session: Session, drawings: Sequence[SheetDrawing], options: PageOptions) -> list[SheetDrawing]:
        """Drawings by the pens of the options, if there are any."""
        photo = functools.cache(lambda: session.photo(self.limits.pixels))
        return [in_pens(drawing, options, photo) for drawing in drawings]

    def _shown(self, session: Session, drawing: SheetDrawing, options: PageOptions) -> Sketch:
        """A drawing as the sheet shows it: by pens, and with tone."""
        (penned,) = self.in_pens(session, [drawing], options)
        return in_tone(drawing, penned.sketch, options, self._framing(session))

    def _framing(self, session: Session) -> Framing:
        return lambda settings: self.prepared(session, settings).framed

    def _stem(self, session: Session, drawing: SheetDrawing) -> str:
        """What the drawing's own file is called, without its ending."""
        return file_name(drawing.words) if drawing.words else file_stem(self.photo_name(session))

    def sheet_updates(self, session: Session, options: PageOptions, language: str) -> Updates:
        """Sheet, thumbnails and command line of a session as it is now."""
        with session.unchanged(session.generation):
            drawing, drawings, chosen = session.drawing, session.drawings, session.chosen
        if drawing is None:
            return {"sheet": views.empty_sheet(language), "thumbnails": "", "command": ""}
        name = self._stem(session, drawing) if drawing.words else self.photo_name(session)
        missing = tone_missing(drawing, options, self._framing(session))
        return {
            "sheet": views.sheet(self._shown(session, drawing, options), options.look, language),
            "thumbnails": views.thumbnails(self.in_pens(session, drawings, options), chosen, options.look, language),
            "command": command_lines.command_text(drawing, name, options, language, session.mask, missing),
        }
