"""The handlers of the page on which the subject is chosen: found by a network, painted, or given as a file.

Methods as in `handlers.py`. What is painted is drawn only once `use` is called.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr

from ..photo.subject_models import cache_folder, is_fetched, prepare_subject_model
from . import tasks, views
from .downloads import file_message, file_stem
from .errors import language_of, user_error, user_errors
from .handlers import Studio
from .live_drawing import Updates
from .page_options import PageOptions
from .painting import Painting, parse_strokes
from .session import GivenMask, Session
from .translations import translate


class SubjectPage:
    """The handlers of that page's events.

    Args:
        studio: whose sessions and limits these are.
    """

    def __init__(self, studio: Studio) -> None:
        self._studio, self._limits = studio, studio.limits

    @user_errors
    def show(self, request: gr.Request, model: str | None) -> Updates:
        """Show the photo with what was painted so far; at first, with the mask that is used or the subject found."""
        session = self._studio.session(request)
        return self._shown(self._painting(session, request, model), request, new=True)

    @user_errors
    def paint(self, request: gr.Request, sent: Any, number: Any, model: str | None) -> Updates:
        """The brush was used: its strokes, and the page's number of the last one, as the page sent them."""
        painting = self._painting(self._studio.session(request), request, model)
        for stroke in parse_strokes(sent):
            painting.stroke(stroke)
        painting.last = number if isinstance(number, int) else 0
        return self._shown(painting, request)

    @user_errors
    def undo(self, request: gr.Request, model: str | None) -> Updates:
        """Take the last stroke of the brush back."""
        painting = self._painting(self._studio.session(request), request, model)
        painting.undo()
        return self._shown(painting, request)

    @user_errors
    def use(self, request: gr.Request, model: str | None) -> Updates:
        """Draw only the painted part from now on."""
        session = self._studio.session(request)
        mask = self._painted_mask(session, request, model)
        session.set_mask(mask, self._limits.pixels)
        return self._changed(session, request, "mask_used")

    @user_errors
    def give(self, request: gr.Request, file: str | None, model: str | None) -> Updates:
        """A mask was uploaded, and is used."""
        session = self._studio.session(request)
        photo = self._studio.photo(session, request)
        if file is None:
            return {}
        path = Path(file)
        if path.stat().st_size > self._limits.bytes:
            raise user_error(request, "too_large", megabytes=f"{self._limits.megabytes:g}")
        same = path.name == photo.name  # then the command would name one file for both
        name = f"{file_stem(photo.name)}-mask{path.suffix}" if same else path.name
        session.set_mask(GivenMask(path.read_bytes(), name, saved=not same), self._limits.pixels)
        session.painting = None
        painting = self._painting(session, request, model)
        return {**self._shown(painting, request, new=True), **self._changed(session, request, "mask_given")}

    @user_errors
    def reset(self, request: gr.Request, model: str | None) -> Updates:
        """Look for the subject again, as before any mask."""
        session = self._studio.session(request)
        self._studio.check_photo(session, request)
        session.set_mask(None, self._limits.pixels)
        session.painting = None
        painting = self._painting(session, request, model)
        return {**self._shown(painting, request, new=True), **self._changed(session, request, "mask_reset_done")}

    @user_errors
    def choose_model(self, request: gr.Request, model: str | None) -> Iterator[Updates]:
        """Another network is to find the subject. It is fetched first if it is not on the disk."""
        session, language, name = self._studio.session(request), language_of(request), model or "auto"
        fetching = translate(language, "fetching", name=name, folder=str(cache_folder()))
        note = views.note(translate(language, "looking") if is_fetched(name) else fetching, share=0.0, busy=True)
        yield {"note": note, "mask_note": note}
        prepare_subject_model(name)
        if session.source is None:  # it will be asked once there is a photo
            yield {"note": "", "mask_note": ""}
        else:
            yield self.reset(request, name)

    @user_errors
    def save(self, request: gr.Request, model: str | None) -> dict[str, str]:
        """The mask as a file, for the browser to save: the one that is used, or else what is painted."""
        session = self._studio.session(request)
        mask = session.mask or self._painted_mask(session, request, model)
        return file_message(mask.name, "image/png" if mask.name.endswith(".png") else "image/*", mask.data)

    def _painting(self, session: Session, request: gr.Request, model: str | None) -> Painting:
        photo = self._studio.photo(session, request) if session.painting is None else None
        if photo is not None:
            generation = session.generation
            painting = tasks.start_painting(photo, model or "auto")
            with session.unchanged(generation):
                session.painting = painting
        self._studio.check_photo(session, request)
        assert session.painting is not None
        return session.painting

    def _painted_mask(self, session: Session, request: gr.Request, model: str | None) -> GivenMask:
        painting = self._painting(session, request, model)
        if painting.is_empty:
            raise user_error(request, "mask_empty")
        if painting.is_full:
            raise user_error(request, "mask_full")
        name = f"{file_stem(self._studio.photo_name(session))}-mask.png"
        return GivenMask(painting.png(), name, saved=False)

    def _shown(self, painting: Painting, request: gr.Request, *, new: bool = False) -> Updates:
        """The painting; only a new one has another photo below it."""
        below = {"mask_photo": views.painted_photo(painting)} if new else {}
        return {"mask": views.painted(painting, language_of(request)), **below}

    def _changed(self, session: Session, request: gr.Request, text: str) -> Updates:
        """Sheet, thumbnails and command line after the mask was changed, and a note."""
        language = language_of(request)
        note = views.note(translate(language, text))
        return {**self._studio.sheet_updates(session, PageOptions(), language), "note": note, "mask_note": note}
