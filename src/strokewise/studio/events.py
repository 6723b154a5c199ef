"""Which handler is called when a control is used."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gradio as gr

from ..settings import NO_TONE
from .controls import Controls
from .errors import language_of
from .examples import example_buttons, example_photo
from .handlers import OF_PHOTO, Studio
from .live_drawing import Updates
from .subject_page import SubjectPage
from .tab_pages import TabPages
from .views import accepted_photos, empty_sheet

MAX_STROKES = 64
"""Most strokes of a drawing that the page offers."""
SCENE_STROKES = 64
"""Strokes of a scene, as `strokewise scene` draws unless told; fewer where the page's limits say so."""
DRAWING_QUEUE = "device"
"""Events with this concurrency id wait for each other: one drawing at a time."""
PHOTO_QUEUE = "photo"
"""The same for events that open and frame a photo."""
PICKED_STROKES_JS = """(...given) => [
  Array.from(document.querySelectorAll("#sw-sheet .sw-hit[aria-selected=true]"), (hit) => Number(hit.dataset.stroke)),
  ...given.slice(1),
]"""
"""Replaces the first input by the strokes that are picked in the browser."""
SAVE_FILE_JS = """(file) => {
  if (!file || !file.data) return;
  const bytes = Uint8Array.from(atob(file.data), (c) => c.charCodeAt(0));
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([bytes], { type: file.mime }));
  link.download = file.name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}"""
"""Saves a file that came as a message; see `downloads.file_message`."""


class EventBindings:
    """Connects the page's controls with the handlers of `Studio`.

    Args:
        studio: the handlers.
        components: what is on the page, by the names that the handlers use.
        controls: the controls for settings and look.
    """

    def __init__(self, studio: Studio, components: dict[str, Any], controls: Controls) -> None:
        self._studio, self._components, self._controls = studio, components, controls
        self._picked = gr.JSON(visible=False)
        self._file = gr.JSON(visible=False)

    def visits(self, page: gr.Blocks) -> None:
        """A visitor comes or leaves."""

        def arrive(request: gr.Request) -> tuple[str, str, str]:
            language = language_of(request)
            return empty_sheet(language), example_buttons(language), accepted_photos(self._studio.limits, language)

        outputs = self._outputs("sheet", "examples", "accepts")
        page.load(arrive, None, outputs, show_progress="hidden", queue=False, api_visibility="private")
        page.unload(self._studio.leave)

    def photo(self, photo: gr.Image) -> None:
        """A photo is chosen or removed."""

        def choose_example(event: gr.EventData) -> str | None:
            found = example_photo(int(event.which), Path(photo.GRADIO_CACHE))
            return None if found is None else str(found)

        self._components["examples"].choose(
            choose_example, None, photo, show_progress="hidden", api_visibility="private"
        )
        photo.change(
            self._yields(self._studio.take_photo), [photo, self._controls.subject, self._controls.model],
            self._outputs("sheet", "note", "thumbnails", "command", *OF_PHOTO),
            concurrency_id=PHOTO_QUEUE, concurrency_limit=1, show_progress="hidden", trigger_mode="always_last",
            api_visibility="private",
        )  # fmt: skip

    def background(self) -> None:
        """What is done about the background is chosen: scenes have levels, and more strokes."""
        controls, most = self._controls, self._studio.limits.scene_strokes

        def choose(subject: str, strokes: float | None) -> tuple[Any, Any, Any]:
            scene = subject == "scene"
            if scene:
                changed = gr.update(maximum=most, value=min(most, SCENE_STROKES))
            elif (strokes or 0) > MAX_STROKES or strokes == min(most, SCENE_STROKES):
                changed = gr.update(maximum=MAX_STROKES, value=self._studio.settings.strokes)
            else:
                changed = gr.update(maximum=MAX_STROKES)
            return changed, gr.update(visible=scene), gr.update(visible=scene)

        controls.subject.input(
            choose, [controls.subject, controls.strokes], [controls.strokes, controls.fidelity, controls.simplicity],
            show_progress="hidden", queue=False, api_visibility="private",
        )  # fmt: skip
        controls.text.change(
            lambda text: gr.update(visible=bool(text and text.strip())), [controls.text], [controls.text_weight],
            show_progress="hidden", queue=False, api_visibility="private", trigger_mode="always_last",
        )  # fmt: skip
        controls.tone.input(
            lambda tone: gr.update(visible=tone != NO_TONE), [controls.tone], [controls.tone_lines],
            show_progress="hidden", queue=False, api_visibility="private",
        )  # fmt: skip

    def drawing(self, draw: gr.Button, stop: gr.Button, count: gr.Slider) -> None:
        """A button that draws is pressed, or the one that stops."""
        studio, tabs, components = self._studio, TabPages(self._studio), self._components
        for button, handler, inputs, outputs in (
            (draw, studio.draw, [count], []),
            (components["another_button"], tabs.draw_another, [], ["worded"]),
            (components["carry_on_button"], studio.carry_on, [components["add"]], []),
            (components["ladder_button"], tabs.draw_ladder, [components["counts"]], ["ladder"]),
            (components["fewest_button"], tabs.find_fewest, [components["label"], components["confidence"]],
             ["fewest"]),
            (components["trace_button"], tabs.trace,
             [components[f"trace_{name}"] for name in ("strokes", "every", "widths", "colors", "lines")],
             ["traced"]),
            (components["imagine_button"], tabs.imagine, [components["words"]], ["worded"]),
        ):  # fmt: skip
            self._draws(button, handler, inputs, outputs, draw, stop)
        stop.click(studio.stop, queue=False, show_progress="hidden", api_visibility="private")

    def sheet(self) -> None:
        """The drawing on the sheet is edited, exchanged, or shown in another look."""
        studio, components, look = self._studio, self._components, self._controls.look
        outputs = self._outputs("sheet", "note", "thumbnails", "command")
        options: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}

        for name, handler in (("lock_button", studio.lock), ("delete_button", studio.delete)):
            inputs = [self._picked, *look]
            components[name].click(self._returns(handler), inputs, outputs, js=PICKED_STROKES_JS, **options)
        components["undo_button"].click(self._returns(studio.undo), look, outputs, **options)

        def choose(request: gr.Request, event: gr.EventData, *values: Any) -> dict[Any, Any]:
            return self._by_component(studio.choose(request, int(event.which), *values))

        for name in ("thumbnails", "ladder"):
            components[name].choose(choose, look, outputs, **options)
        control: Any
        for control in look:
            control.change(self._returns(studio.show), look, outputs, trigger_mode="always_last", **options)
        components["compare_tab"].select(self._returns(studio.compare), look, self._outputs("compare"), **options)

    def subject(self) -> None:
        """The part of the photo to draw is looked for, painted, or given."""
        page, components, model = SubjectPage(self._studio), self._components, self._controls.model
        drawn = self._outputs("sheet", "note", "mask_note", "thumbnails", "command")
        painted, new = self._outputs("mask"), self._outputs("mask", "mask_photo")
        options: dict[str, Any] = {
            "concurrency_id": PHOTO_QUEUE, "concurrency_limit": 1, "show_progress": "hidden",
            "api_visibility": "private",
        }  # fmt: skip

        def paint(request: gr.Request, event: gr.EventData, *values: Any) -> dict[Any, Any]:
            sent = event._data if isinstance(event._data, dict) else {}
            return self._by_component(page.paint(request, sent.get("strokes"), sent.get("number"), *values))

        # The strokes come with the size and mode that the brush had then; no message may be dropped.
        components["mask"].stroke(paint, [model], painted, trigger_mode="multiple", **options)
        components["subject_tab"].select(self._returns(page.show), [model], new, **options)
        components["undo_mask_button"].click(self._returns(page.undo), [model], painted, **options)
        components["use_mask_button"].click(self._returns(page.use), [model], drawn, **options)
        components["reset_mask_button"].click(self._returns(page.reset), [model], [*drawn, *new], **options)
        given = components["give_mask_button"]
        given.upload(self._returns(page.give), [given, model], [*drawn, *new], **options)
        model.input(self._yields(page.choose_model), [model], [*drawn, *new], **options)
        self._saves(components["save_mask_button"], page.save, [model])

    def downloads(self, buttons: list[tuple[int, gr.Button]]) -> None:
        """The drawing is downloaded; buttons by their index in `DOWNLOADS`."""

        def of_kind(index: int) -> Callable[..., dict[str, str]]:
            def download(request: gr.Request, *values: Any) -> dict[str, str]:
                return self._studio.download(request, index, *values)

            return download

        for index, button in buttons:
            self._saves(button, of_kind(index), self._controls.look)

    def _draws(
        self,
        button: gr.Button,
        handler: Callable[..., Iterator[Updates]],
        inputs: list[Any],
        outputs: list[str],
        draw: gr.Button,
        stop: gr.Button,
    ) -> None:
        """A button that starts a drawing. While it lasts, the page shows the Stop button in place of Draw."""

        def run(request: gr.Request, *values: Any) -> Iterator[dict[Any, Any]]:
            yield {draw: gr.update(visible=False), stop: gr.update(visible=True)}
            try:
                for updates in handler(request, *values):
                    yield self._by_component(updates)
            except gr.Error:  # then Gradio does not call what follows
                yield {draw: gr.update(visible=True), stop: gr.update(visible=False)}
                raise

        def restore() -> tuple[Any, Any]:
            return gr.update(visible=True), gr.update(visible=False)

        button.click(
            run, [*inputs, *self._controls.all],
            [*self._outputs("sheet", "note", "thumbnails", "command", *outputs), draw, stop],
            concurrency_id=DRAWING_QUEUE, concurrency_limit=1, show_progress="minimal",
            show_progress_on=[self._components["note"]], api_visibility="private",
        ).then(restore, None, [draw, stop], show_progress="hidden", queue=False, api_visibility="private")  # fmt: skip

    def _saves(self, button: gr.Button, handler: Callable[..., dict[str, str]], inputs: list[Any]) -> None:
        """A button that makes a file, which the browser saves."""
        button.click(
            handler, inputs, [self._file], concurrency_id="files", concurrency_limit=1, show_progress="hidden",
            api_visibility="private",
        ).success(None, [self._file], None, js=SAVE_FILE_JS, api_visibility="private")  # fmt: skip

    def _returns(self, handler: Callable[..., Updates]) -> Callable[..., dict[Any, Any]]:
        """A handler as Gradio wants it: with values by component instead of by name."""

        def run(request: gr.Request, *values: Any) -> dict[Any, Any]:
            return self._by_component(handler(request, *values))

        return run

    def _yields(self, handler: Callable[..., Iterator[Updates]]) -> Callable[..., Iterator[dict[Any, Any]]]:
        """The same for a handler that yields several updates."""

        def run(request: gr.Request, *values: Any) -> Iterator[dict[Any, Any]]:
            for updates in handler(request, *values):
                yield self._by_component(updates)

        return run

    def _outputs(self, *names: str) -> list[Any]:
        return [self._components[name] for name in names]

    def _by_component(self, updates: Updates) -> dict[Any, Any]:
        return {self._components[name]: value for name, value in updates.items()}
