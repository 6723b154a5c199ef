"""Which control does what."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gradio as gr

from .controls import Controls
from .errors import language_of
from .examples import example_buttons, example_photo
from .handlers import Shown, Studio
from .views import empty_sheet

DEVICE = "device"
"""Events of this name wait for each other: one drawing at a time."""
PICKED = """(...given) => [
  Array.from(document.querySelectorAll("#sw-sheet .sw-hit[aria-selected=true]"), (hit) => Number(hit.dataset.stroke)),
  ...given.slice(1),
]"""
"""Puts the strokes that are picked in the browser in the place of the first input."""
SAVE = """(parcel) => {
  if (!parcel || !parcel.data) return;
  const bytes = Uint8Array.from(atob(parcel.data), (c) => c.charCodeAt(0));
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([bytes], { type: parcel.mime }));
  link.download = parcel.name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}"""
"""Saves a file that came as a message; see `downloads.parcel`."""


class Wiring:
    """Ties controls to the studio's deeds.

    Args:
        studio: who does them.
        places: what is on the page, by the names that handlers use.
        controls: what is set there.
    """

    def __init__(self, studio: Studio, places: dict[str, Any], controls: Controls) -> None:
        self._studio, self._places, self._controls = studio, places, controls
        self._picked = gr.JSON(visible=False)
        self._parcel = gr.JSON(visible=False)

    def arrival(self, page: gr.Blocks) -> None:
        """A visitor comes, and leaves."""
        studio = self._studio

        def arrive(request: gr.Request) -> tuple[str, str]:
            language = language_of(request)
            return empty_sheet(language), example_buttons(language)

        def leave(request: gr.Request) -> None:
            studio.leave(request)

        page.load(arrive, None, [self._places["sheet"], self._examples], show_progress="hidden", queue=False,
                  api_visibility="private")  # fmt: skip
        page.unload(leave)

    def photo(self, photo: gr.Image, examples: gr.HTML) -> None:
        """A photo put in, or taken away."""
        studio, self._examples = self._studio, examples

        def example(event: gr.EventData) -> str | None:
            found = example_photo(int(event.which), Path(photo.GRADIO_CACHE))
            return None if found is None else str(found)

        examples.choose(example, None, photo, show_progress="hidden", api_visibility="private")

        def take(request: gr.Request, file: str | None, subject: str) -> Iterator[Shown]:
            for shown in studio.take_photo(request, file, subject):
                yield self._placed(shown)

        photo.change(
            take, [photo, self._controls.subject], self._outputs("sheet", "note", "strip", "command", "row", "found"),
            concurrency_id="look", concurrency_limit=1, show_progress="hidden", trigger_mode="always_last",
            api_visibility="private",
        )  # fmt: skip

    def drawing(self, draw: gr.Button, stop: gr.Button, count: gr.Slider) -> None:
        """All that draws: the button, another one, carrying on, ladder and fewest strokes."""
        studio, places = self._studio, self._places

        def anew(request: gr.Request, count: int, *values: Any) -> Iterator[Shown]:
            yield from studio.draw(request, int(count), values)

        def another(request: gr.Request, *values: Any) -> Iterator[Shown]:
            yield from studio.draw(request, 1, values, True)

        def carry_on(request: gr.Request, add: float | None, *values: Any) -> Iterator[Shown]:
            yield from studio.carry_on(request, int(add or 0), values)

        def ladder(request: gr.Request, counts: str, *values: Any) -> Iterator[Shown]:
            yield from studio.draw_ladder(request, counts, values)

        def fewest(request: gr.Request, label: str, sure: float, *values: Any) -> Iterator[Shown]:
            yield from studio.find_fewest(request, label, sure, values)

        self._draws(draw, anew, [count], draw, stop)
        self._draws(places["do_another"], another, [], draw, stop)
        self._draws(places["do_carry_on"], carry_on, [places["add"]], draw, stop)
        self._draws(places["do_ladder"], ladder, [places["counts"]], draw, stop, "row")
        self._draws(places["do_fewest"], fewest, [places["label"], places["sure"]], draw, stop, "found")

        def end(request: gr.Request) -> None:
            studio.stop(request)

        stop.click(end, queue=False, show_progress="hidden", api_visibility="private")

    def sheet(self) -> None:
        """What is done with a drawing that is there."""
        studio, places, look = self._studio, self._places, self._controls.look
        outputs = self._outputs("sheet", "note", "strip", "command")
        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}

        def lock(request: gr.Request, picked: list[int], *values: Any) -> Shown:
            return self._placed(studio.edit(request, "lock", picked or [], values))

        def delete(request: gr.Request, picked: list[int], *values: Any) -> Shown:
            return self._placed(studio.edit(request, "delete", picked or [], values))

        def undo(request: gr.Request, *values: Any) -> Shown:
            return self._placed(studio.undo(request, values))

        def show(request: gr.Request, *values: Any) -> Shown:
            return self._placed(studio.show(request, values))

        def choose(request: gr.Request, event: gr.EventData, *values: Any) -> Shown:
            return self._placed(studio.choose(request, int(event.which), values))

        places["do_lock"].click(lock, [self._picked, *look], outputs, js=PICKED, **quiet)
        places["do_delete"].click(delete, [self._picked, *look], outputs, js=PICKED, **quiet)
        places["do_undo"].click(undo, look, outputs, **quiet)
        for place in ("strip", "row"):
            places[place].choose(choose, look, outputs, **quiet)
        control: Any
        for control in look:
            control.change(show, look, outputs, trigger_mode="always_last", **quiet)

        def compare(request: gr.Request, *values: Any) -> Shown:
            return self._placed(studio.compare(request, values))

        places["tab_compare"].select(compare, look, self._outputs("compare"), **quiet)

    def subject(self) -> None:
        """What is drawn of the photo."""
        studio, places = self._studio, self._places
        outputs = self._outputs("sheet", "note", "strip", "command")
        quiet: dict[str, Any] = {"concurrency_id": "look", "concurrency_limit": 1, "api_visibility": "private"}

        def mask(request: gr.Request) -> Shown:
            return self._placed(studio.show_mask(request))

        def use(request: gr.Request, painted: dict[str, Any] | None) -> Shown:
            return self._placed(studio.use_mask(request, painted))

        def reset(request: gr.Request) -> Shown:
            return self._placed(studio.reset_mask(request))

        def save(request: gr.Request) -> dict[str, str]:
            return studio.download_cut(request)

        places["tab_subject"].select(mask, None, [places["mask"]], **quiet)
        places["mask_use"].click(use, [places["mask"]], outputs, **quiet)
        places["mask_reset"].click(reset, None, [*outputs, places["mask"]], **quiet)
        self._saves(places["mask_save"], save, [])

    def downloads(self, buttons: list[tuple[int, gr.Button]]) -> None:
        """The drawing as a file."""
        studio = self._studio

        def getter(which: int) -> Callable[..., dict[str, str]]:
            def get(request: gr.Request, *values: Any) -> dict[str, str]:
                return studio.download(request, which, values)

            return get

        for which, button in buttons:
            self._saves(button, getter(which), self._controls.look)

    def _draws(
        self,
        button: gr.Button,
        work: Callable[..., Iterator[Shown]],
        asked: list[Any],
        draw: gr.Button,
        stop: gr.Button,
        *places: str,
    ) -> None:
        """A button that begins a drawing: while that lasts, the page shows a button that ends it."""
        outputs = [*self._outputs("sheet", "note", "strip", "command", *places), draw, stop]

        def run(request: gr.Request, *values: Any) -> Iterator[dict[Any, Any]]:
            yield {draw: gr.update(visible=False), stop: gr.update(visible=True)}
            for shown in work(request, *values):
                yield self._placed(shown)

        def rest() -> tuple[Any, Any]:
            return gr.update(visible=True), gr.update(visible=False)

        button.click(
            run, [*asked, *self._controls.all], outputs, concurrency_id=DEVICE, concurrency_limit=1,
            show_progress="minimal", show_progress_on=[self._places["note"]], api_visibility="private",
        ).then(rest, None, [draw, stop], show_progress="hidden", queue=False, api_visibility="private")  # fmt: skip

    def _saves(self, button: gr.Button, make: Callable[..., dict[str, str]], asked: list[Any]) -> None:
        """A button whose outcome the browser saves as a file."""
        button.click(
            make, asked, [self._parcel], concurrency_id="files", concurrency_limit=1, show_progress="hidden",
            api_visibility="private",
        ).success(None, [self._parcel], None, js=SAVE, api_visibility="private")  # fmt: skip

    def _outputs(self, *names: str) -> list[Any]:
        return [self._places[name] for name in names]

    def _placed(self, shown: Shown) -> dict[Any, Any]:
        """What a handler has to show, by component."""
        return {self._places[name]: value for name, value in shown.items()}
