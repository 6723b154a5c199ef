"""The studio in a notebook, without Gradio: upload a photo, choose settings, and watch it being drawn.

photo = upload()                       # a button; or upload("horse.jpg")
settings = choose(strokes=16)          # controls; or a Settings
sketch = draw_live(photo, settings)    # the strokes move below the cell, and the sketch shows itself
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from ..photo.opening import Photo, open_photo
from ..settings import Settings, SettingsChanges, Unpack
from ..sketch import Sketch
from .examples import example_photos

UPDATE_INTERVAL = 0.15
"""Seconds between two pictures of a drawing in progress."""


class Upload:
    """A photo that may not be uploaded yet.

    Attributes:
        path: file to read instead of an uploaded one; empty for none.
        widget: the upload button; None if there is none.
    """

    def __init__(self, path: str = "", widget: Any = None) -> None:
        self.path, self.widget = path, widget

    def photo(self) -> Photo:
        """The uploaded photo; an example if none was uploaded.

        Raises:
            PhotoError: it cannot be read.
        """
        uploaded = list(self.widget.value) if self.widget is not None else []
        if uploaded:
            return open_photo(bytes(uploaded[-1]["content"]))
        return open_photo(self.path or next(iter(example_photos().values())))


class Choice:
    """Settings that can still be changed with controls.

    Attributes:
        initial: settings that have no control, and first values of the others.
        widgets: controls by the name of the setting.
    """

    def __init__(self, initial: Settings, widgets: dict[str, Any]) -> None:
        self.initial, self.widgets = initial, widgets

    def settings(self) -> Settings:
        """The settings as chosen now."""
        return dataclasses.replace(self.initial, **{name: widget.value for name, widget in self.widgets.items()})


def upload(path: str | Path = "") -> Upload:
    """Show a button to upload a photo with, unless a path is given.

    Without widgets, as on a server that runs notebooks unattended, an example photo is used.
    """
    widgets = None if path else _widgets()
    if widgets is None:
        return Upload(str(path))
    from IPython.display import display

    button = widgets.FileUpload(accept="image/*", multiple=False, description="Photo")
    display(button)
    return Upload("", button)


def choose(**changes: Unpack[SettingsChanges]) -> Choice:
    """Show controls for the most used settings, with the default values or those in `changes`.

    Raises:
        SettingsError: a value is out of its range.
    """
    initial = Settings(**changes)
    widgets = _widgets()
    if widgets is None:
        return Choice(initial, {})
    from IPython.display import display

    controls = {
        "strokes": widgets.IntSlider(initial.strokes, 1, 64, description="Strokes"),
        "seed": widgets.BoundedIntText(initial.seed, 0, 2**31 - 1, description="Seed"),
        "subject": widgets.Dropdown(
            options=["auto", "remove", "keep"], value=initial.subject, description="Background"
        ),
    }
    display(widgets.VBox(list(controls.values())))
    return Choice(initial, controls)


def draw_live(photo: Upload | Photo | str | Path, settings: Choice | Settings | None = None) -> Sketch:
    """Draw, and show the strokes below the cell while they move. Interrupting the cell keeps the best so far.

    Raises:
        StrokewiseError: as for `strokewise.draw`.
    """
    from IPython.display import SVG, display

    from ..optimize.candidates import Progress
    from . import tasks
    from .background import BackgroundDrawing

    opened = photo.photo() if isinstance(photo, Upload) else photo if isinstance(photo, Photo) else open_photo(photo)
    chosen = settings.settings() if isinstance(settings, Choice) else settings or Settings()
    prepared = tasks.prepare_photo(opened, chosen)
    frame = tasks.canvas_frame(prepared, chosen)
    output = display(display_id=True)

    def show(progress: Progress) -> None:
        style = progress.style
        moved = Sketch.of((chosen.size,) * 2, progress.points, style.widths, style.colors, style.opacities)
        size = (float(opened.width), float(opened.height))
        whole = moved.mapped(size, frame.scale, (frame.x0, frame.y0))
        if output is not None:
            output.update(SVG(whole.to_svg()))

    drawing = BackgroundDrawing(lambda callback: tasks.draw_watched(prepared, chosen, callback), seconds=86_400)
    try:
        for progress in drawing.updates(UPDATE_INTERVAL):
            if progress is not None:
                show(progress)
    except KeyboardInterrupt:
        drawing.stop()
    sketch = drawing.result()
    if output is not None:
        output.update(
            SVG("<svg xmlns='http://www.w3.org/2000/svg' width='1' height='1'/>")
        )  # the cell shows the sketch
    return sketch


def _widgets() -> Any:
    """The module of Jupyter's widgets; None if it is not installed or this is not a notebook."""
    try:
        import ipywidgets
        from IPython import get_ipython
    except ModuleNotFoundError:
        return None
    return ipywidgets if get_ipython() is not None else None
