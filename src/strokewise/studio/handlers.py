"""What happens when something on the page is used. One method for each thing that can be done.

Each takes the visitor's request and the values of controls, and returns what to show: {place on the page: value}.
Places are named as in `page.py`, and the page turns them into its components.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any, TypeVar

import gradio as gr

from ..export.look import Look, dressed
from ..optimize.candidates import Progress
from ..photo.opening import Photo
from ..photo.preparing import Prepared
from ..settings import Settings, parse_counts
from ..sketch import Sketch
from . import command_lines as command
from . import tasks, views
from .controls import look_of, settings_of
from .downloads import DOWNLOADS, content, parcel
from .errors import language_of, mendable, mistake
from .job import Job, Left, Tell
from .limits import Limits
from .session import Drawing, Session, Sessions, open_source
from .translations import tell

EVERY = 0.1
"""Seconds between two pictures of a drawing that is being made."""
Shown = dict[str, Any]
T = TypeVar("T")


class Studio:
    """The page's memory and deeds.

    Args:
        limits: what strangers may do.
        settings: where the page's controls say nothing: encoder and device.
    """

    def __init__(self, limits: Limits, settings: Settings) -> None:
        self.limits, self.settings = limits, settings
        self.sessions = Sessions(limits.visitors)

    def session(self, request: gr.Request) -> Session:
        """The visitor's own."""
        return self.sessions.of(str(request.session_hash))

    def leave(self, request: gr.Request) -> None:
        """The visitor's page was closed or loaded anew."""
        self.sessions.forget(str(request.session_hash))

    # The photo and its subject

    @mendable
    def take_photo(self, request: gr.Request, file: str | None, subject: str) -> Iterator[Shown]:
        """A photo was put in, or taken away."""
        session, language = self.session(request), language_of(request)
        if file is None:
            self.leave(request)
            yield {"sheet": views.empty_sheet(language), "strip": "", "note": "", "command": "", "row": "", "found": ""}
            return
        yield {"note": views.note(tell(language, "looking"), busy=True)}
        path = Path(file)
        if path.stat().st_size > self.limits.bytes:
            raise mistake(request, "too_large", megabytes=f"{self.limits.megabytes:g}")
        session.take(path.read_bytes(), path.name, self.limits.pixels)
        self._prepared(session, dataclasses.replace(self.settings, subject=subject))
        yield {**self._shown(session, Look(), language), "note": views.note(tell(language, "ready")), "row": ""}

    @mendable
    def show_mask(self, request: gr.Request) -> Shown:
        """What is taken for the subject, to be painted on."""
        session = self.session(request)
        return {"mask": tasks.mask_layers(self._photo(session, request))}

    @mendable
    def use_mask(self, request: gr.Request, painted: dict[str, Any] | None) -> Shown:
        """Only what is painted shall be drawn from now on."""
        session, language = self.session(request), language_of(request)
        photo = self._photo(session, request)
        layers = [layer for layer in (painted or {}).get("layers", []) if layer is not None]
        if not any((layer[:, :, 3] > 40).any() for layer in layers):
            raise mistake(request, "mask_empty")
        session.cut(tasks.cut_painted(photo, layers), f"{tasks.file_stem(photo.name)}-cut.png", self.limits.pixels)
        return {**self._shown(session, Look(), language), "note": views.note(tell(language, "mask_used"))}

    @mendable
    def reset_mask(self, request: gr.Request) -> Shown:
        """The whole photo shall be drawn again."""
        session, language = self.session(request), language_of(request)
        self._check_photo(session, request)
        photo = session.uncut(self.limits.pixels)
        note = views.note(tell(language, "mask_gone"))
        return {**self._shown(session, Look(), language), "note": note, "mask": tasks.mask_layers(photo)}

    # Drawing

    @mendable
    def draw(self, request: gr.Request, count: int, values: tuple[Any, ...], more: bool = False) -> Iterator[Shown]:
        """Draw the photo anew, or once `more`, with the next seed."""
        session, language = self.session(request), language_of(request)
        self._check_photo(session, request)
        generation = session.generation
        settings, look = self._settings(session, values)
        if not more:
            with session.unchanged(generation):
                session.clear()
        made: list[Drawing] = []
        for number in range(count):
            one = dataclasses.replace(settings, seed=(settings.seed + session.seeds_used) % 2**32)
            prefix = tell(language, "of_many", number=number + 1, count=count) if count > 1 else ""
            prepared = self._prepared(session, one)
            work = functools.partial(tasks.draw_watched, prepared, one)
            job = yield from self._watch(session, generation, work, prepared, one, prefix, language)
            sketch = job.result()
            early = job.late or job.asked_to_stop
            with session.unchanged(generation):
                made.append(Drawing(sketch, (command.draw_command(self._name(session), one),), early))
                session.add(made[-1])
                session.seeds_used += 1
                shown = views.strip(session.drawings, session.chosen, look, language)
            yield {"strip": shown, "note": self._outcome(job, sketch, language)}
            if early:
                break
        with session.unchanged(generation):
            session.choose_best(made)
            chosen = self._drawing(session, request).sketch
            last = {**self._shown(session, look, language), "note": self._outcome(job, chosen, language)}
        yield last

    @mendable
    def carry_on(self, request: gr.Request, add: int, values: tuple[Any, ...]) -> Iterator[Shown]:
        """Carry the drawing on the sheet on: locked strokes stay."""
        session, language = self.session(request), language_of(request)
        self._check_photo(session, request)
        generation = session.generation
        before = self._drawing(session, request)
        settings, look = self._settings(session, values)
        prepared = self._prepared(session, settings)
        job = yield from self._watch(
            session, generation, lambda told: tasks.continue_drawing(prepared, before.sketch, settings, add, told),
            prepared, settings, "", language,
        )  # fmt: skip
        sketch, lines = job.result(), self._carry_on_lines(session, add, settings, language)
        early = job.late or job.asked_to_stop
        with session.unchanged(generation):
            note = self._outcome(job, sketch, language)
            if not session.change(before, sketch, lines, early):
                session.add(Drawing(sketch, lines, early))
                note = views.note(tell(language, "carried_apart"))
            last = {**self._shown(session, look, language), "note": note}
        yield last

    @mendable
    def draw_ladder(self, request: gr.Request, listed: str, values: tuple[Any, ...]) -> Iterator[Shown]:
        """The subject in fewer and fewer strokes; each drawing can be put on the sheet afterwards."""
        session, language = self.session(request), language_of(request)
        self._check_photo(session, request)
        generation = session.generation
        counts = parse_counts(listed)
        settings, look = self._settings(session, values)
        prepared = self._prepared(session, settings)
        job = yield from self._watch(
            session, generation, lambda told: tasks.draw_ladder(prepared, counts, settings, told), prepared, settings,
            "", language,
        )  # fmt: skip
        line = command.ladder_command(self._name(session), counts, settings)
        early = job.late or job.asked_to_stop
        rungs = job.result()
        with session.unchanged(generation):
            session.clear()
            for rung in rungs:
                session.add(Drawing(rung, (line,), early))
            session.seeds_used = 1
            captions = [(tell(language, "ladder_rung", count=len(d.sketch)), d.sketch) for d in session.drawings]
            note = self._outcome(job, session.drawings[0].sketch, language)
            last = {**self._shown(session, look, language), "row": views.row(captions, look), "note": note}
        yield last

    @mendable
    def find_fewest(self, request: gr.Request, label: str, sure: float, values: tuple[Any, ...]) -> Iterator[Shown]:
        """The fewest strokes that still read."""
        session, language = self.session(request), language_of(request)
        self._check_photo(session, request)
        generation = session.generation
        settings, look = self._settings(session, values)
        prepared = self._prepared(session, settings)
        label = label.strip()
        job = yield from self._watch(
            session, generation, lambda told: tasks.find_fewest(prepared, label, sure, settings, told), prepared,
            settings, "", language,
        )  # fmt: skip
        found = job.result()
        line = command.fewest_command(self._name(session), label, sure, settings)
        certainty = dict(found.curve)[len(found.sketch)]
        said = tell(
            language,
            "fewest_found" if found.reached else "fewest_missed",
            count=len(found.sketch),
            label=found.label,
            sure=f"{certainty:.0%}",
        )
        row = views.row([(said, found.sketch)], look)
        with session.unchanged(generation):
            session.clear()
            session.add(Drawing(found.sketch, (line,), job.late or job.asked_to_stop))
            session.seeds_used = 1
            last = {**self._shown(session, look, language), "found": row, "note": views.note(said)}
        yield last

    @mendable
    def stop(self, request: gr.Request) -> None:
        """End what is being drawn, and keep the best so far."""
        self.session(request).stop()

    # The drawing on the sheet

    @mendable
    def show(self, request: gr.Request, look_values: tuple[Any, ...]) -> Shown:
        """The sheet as it is, perhaps in another look."""
        return self._shown(self.session(request), look_of(*look_values), language_of(request))

    @mendable
    def choose(self, request: gr.Request, which: int, look_values: tuple[Any, ...]) -> Shown:
        """Another of the drawings on the sheet."""
        session = self.session(request)
        session.choose(which)
        return self._shown(session, look_of(*look_values), language_of(request))

    @mendable
    def edit(self, request: gr.Request, action: str, picked: list[int], look_values: tuple[Any, ...]) -> Shown:
        """Lock (or unlock, if all of them are locked) or delete the picked strokes."""
        session, language = self.session(request), language_of(request)
        drawing = self._drawing(session, request)
        sketch = drawing.sketch
        picked = sorted({i for i in picked if 0 <= i < len(sketch)})
        if not picked:
            raise mistake(request, "pick_first")
        if action == "lock":
            locked = sketch.locked.copy()
            locked[picked] = not locked[picked].all()
            changed = dataclasses.replace(sketch, locked=locked)
            said = tell(language, "picked_locked", count=int(locked.sum()))
        else:
            left = [i for i in range(len(sketch)) if i not in picked]
            if not left:
                raise mistake(request, "nothing_left")
            changed = sketch.reordered(left)
            said = tell(language, "picked_deleted", count=len(left))
        if not session.change(drawing, changed):
            raise mistake(request, "changed")
        return {**self._shown(session, look_of(*look_values), language), "note": views.note(said)}

    @mendable
    def undo(self, request: gr.Request, look_values: tuple[Any, ...]) -> Shown:
        """One step back."""
        session, language = self.session(request), language_of(request)
        done = session.undo()
        shown = self._shown(session, look_of(*look_values), language)
        return {**shown, "note": views.note(tell(language, "undone"))} if done else shown

    @mendable
    def compare(self, request: gr.Request, look_values: tuple[Any, ...]) -> Shown:
        """Photo and drawing under a slider."""
        session = self.session(request)
        look = look_of(*look_values)
        drawing, photo = self._drawing(session, request), self._photo(session, request)
        return {"compare": tasks.comparison(photo, dressed(drawing.sketch, look), look.brush)}

    @mendable
    def download(self, request: gr.Request, which: int, look_values: tuple[Any, ...]) -> dict[str, str]:
        """The drawing on the sheet as a file, for the browser to save."""
        session = self.session(request)
        drawing, kind = self._drawing(session, request), DOWNLOADS[which]
        name = f"{tasks.file_stem(self._name(session))}{kind.ending}"
        return parcel(name, kind.mime, content(drawing.sketch, kind, look_of(*look_values)))

    @mendable
    def download_cut(self, request: gr.Request) -> dict[str, str]:
        """The photo that is drawn, if its subject was cut out by hand."""
        session = self.session(request)
        if session.source is None or not session.is_cut:
            raise mistake(request, "mask_empty")
        data, name = session.source
        return parcel(name, "image/png", data)

    # What several of them need

    def _check_photo(self, session: Session, request: gr.Request) -> None:
        if session.source is None:
            raise mistake(request, "first_photo")

    def _photo(self, session: Session, request: gr.Request) -> Photo:
        self._check_photo(session, request)
        return session.photo(self.limits.pixels)

    def _drawing(self, session: Session, request: gr.Request) -> Drawing:
        if session.drawing is None:
            raise mistake(request, "first_drawing")
        return session.drawing

    def _settings(self, session: Session, values: tuple[Any, ...]) -> tuple[Settings, Look]:
        settings, look = settings_of(self.settings, values)
        return (dataclasses.replace(settings, subject="keep") if session.is_cut else settings), look

    def _name(self, session: Session) -> str:
        return session.source[1] if session.source else "photo.jpg"

    def _prepared(self, session: Session, settings: Settings) -> Prepared:
        """The photo, framed; kept until there is another photo or another wish about its background."""
        with session.looking:  # whoever draws while the photo is still being looked at waits for that
            source = session.source
            if source is None:
                raise Left
            wish, kept = (source, settings.subject), session.prepared
            if kept is None or kept[0] != wish:
                kept = session.prepared = (wish, tasks.look_at(open_source(source, self.limits.pixels), settings))
            prepared: Prepared = kept[1]
        return prepared

    def _watch(
        self,
        session: Session,
        generation: int,
        work: Callable[[Tell], T],
        prepared: Prepared,
        settings: Settings,
        prefix: str,
        language: str,
    ) -> Generator[Shown, None, Job[T]]:
        """The strokes as they move, until it is done. The first ones are laid down one after the other.

        Raises:
            Left: the photo or its mask has changed since that generation.
        """
        frame, size = tasks.canvas_frame(prepared, settings), (prepared.photo.width, prepared.photo.height)
        last: Progress | None = None
        laid = 0
        job = Job(work, self.limits.seconds)
        # The context is left early, too, when the visitor has gone and Gradio throws the generator away.
        with session.running(job, generation):
            for told in job.updates(EVERY):
                last = told or last
                shown: Shown = {"note": views.state(last, job.elapsed, prefix, language)}
                if last is not None:
                    if last.step == 0 and laid < len(last.points):
                        laid += 1
                        first = range(laid)
                        shown["sheet"] = views.live_sheet(last.points[:laid], last.style.at(first), frame, size)
                    elif told is not None:
                        shown["sheet"] = views.live_sheet(last.points, last.style, frame, size)
                with session.unchanged(generation):
                    pass  # the page shows another photo by now
                yield shown
        return job

    def _outcome(self, job: Job[Any], sketch: Sketch, language: str) -> str:
        known = "late" if job.late else "stopped" if job.asked_to_stop else ""
        loss = Drawing(sketch).loss
        text = tell(
            language,
            "done",
            count=len(sketch),
            loss="–" if loss is None else f"{loss:.3f}",
            seconds=f"{job.elapsed:.0f}",
        )
        return views.note(f"{tell(language, known) if known else ''}{text}")

    def _shown(self, session: Session, look: Look, language: str) -> Shown:
        """Sheet, thumbnails and command line of a session as it stands."""
        drawing = session.drawing
        return {
            "sheet": views.empty_sheet(language) if drawing is None else views.sheet(drawing.sketch, look, language),
            "strip": views.strip(session.drawings, session.chosen, look, language),
            "command": "" if drawing is None else self._command(session, drawing, look, language),
        }

    def _carry_on_lines(self, session: Session, add: int, settings: Settings, language: str) -> tuple[str, str]:
        """How to go on in a terminal from the drawing on the sheet, which must be saved first."""
        name = self._name(session)
        before = f"{tasks.file_stem(name)}-before.svg"
        remark = f"# {tell(language, 'no_command_edited', name=before)}"
        return remark, command.carry_on_command(name, before, add, settings)

    def _command(self, session: Session, drawing: Drawing, look: Look, language: str) -> str:
        name = self._name(session)
        lines = list(drawing.command)
        if session.is_cut:
            remark = tell(language, "no_command_cut", name=name, button=tell(language, "save_cut"))
            lines.insert(0, f"# {remark}")
        if drawing.stopped:
            lines.insert(0, f"# {tell(language, 'no_command_stopped')}")
        if not drawing.command:
            lines += self._carry_on_lines(session, 0, Settings(), language)
        return "\n".join([*lines, *filter(None, [command.look_command(name, look)])])
