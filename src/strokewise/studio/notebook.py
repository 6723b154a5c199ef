"""The studio's way of working in a notebook, without Gradio: put in a photo, choose, draw and watch.

photo = upload()                       # a button; or upload("horse.jpg")
settings = choose(strokes=16)          # controls; or a Settings
sketch = draw_live(photo, settings)    # the strokes move below the cell, and the sketch shows itself
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from ..photo.opening import Photo, open_photo
from ..settings import Settings
from ..sketch import Sketch
from .examples import example_photos

BLINK = 0.15
"""Seconds between two pictures of a drawing that is being made."""


class Upload:
    """A photo that may still be on its way.

    Attributes:
        path: a file to read instead; empty for none.
        widget: the button to upload with; None where there is none.
    """

    def __init__(self, path: str = "", widget: Any = None) -> None:
        self.path, self.widget = path, widget

    def photo(self) -> Photo:
        """What was put in; an example if nothing was.

        Raises:
            PhotoError: it cannot be read.
        """
        sent = list(self.widget.value) if self.widget is not None else []
        if sent:
            return open_photo(bytes(sent[-1]["content"]))
        return open_photo(self.path or next(iter(example_photos().values())))


class Choice:
    """Settings that are still being chosen.

    Attributes:
        usual: what holds where there is no control.
        widgets: controls by the name of the setting.
    """

    def __init__(self, usual: Settings, widgets: dict[str, Any]) -> None:
        self.usual, self.widgets = usual, widgets

    def settings(self) -> Settings:
        """As they stand now."""
        return dataclasses.replace(self.usual, **{name: widget.value for name, widget in self.widgets.items()})


def upload(path: str | Path = "") -> Upload:
    """Show a button to upload a photo with, unless a path is given.

    Where there are no widgets, as on a server that runs notebooks by itself, an example photo is taken.
    """
    widgets = None if path else _widgets()
    if widgets is None:
        return Upload(str(path))
    from IPython.display import display

    button = widgets.FileUpload(accept="image/*", multiple=False, description="Photo")
    display(button)
    return Upload("", button)


def choose(**changes: Any) -> Choice:
    """Show controls for the settings one changes most, standing at their usual values or at those given.

    Raises:
        SettingsError: a value is out of its range.
    """
    usual = Settings(**changes)
    widgets = _widgets()
    if widgets is None:
        return Choice(usual, {})
    from IPython.display import display

    controls = {
        "strokes": widgets.IntSlider(usual.strokes, 1, 64, description="Strokes"),
        "seed": widgets.BoundedIntText(usual.seed, 0, 2**31 - 1, description="Seed"),
        "subject": widgets.Dropdown(options=["auto", "remove", "keep"], value=usual.subject, description="Background"),
    }
    display(widgets.VBox(list(controls.values())))
    return Choice(usual, controls)


def draw_live(photo: Upload | Photo | str | Path, settings: Choice | Settings | None = None) -> Sketch:
    """Draw, and show the strokes below the cell while they move. Interrupting the cell keeps the best so far.

    Raises:
        StrokewiseError: as for `strokewise.draw`.
    """
    from IPython.display import SVG, display

    from ..optimize.candidates import Progress
    from . import tasks
    from .job import Job

    given = photo.photo() if isinstance(photo, Upload) else photo if isinstance(photo, Photo) else open_photo(photo)
    wishes = settings.settings() if isinstance(settings, Choice) else settings or Settings()
    prepared = tasks.look_at(given, wishes)
    frame = tasks.canvas_frame(prepared, wishes)
    place = display(display_id=True)

    def show(told: Progress) -> None:
        ink = told.style
        moved = Sketch.of((wishes.size,) * 2, told.points, ink.widths, ink.colors, ink.opacities)
        size = (float(given.width), float(given.height))
        whole = moved.mapped(size, frame.scale, (frame.x0, frame.y0))
        if place is not None:
            place.update(SVG(whole.to_svg()))

    job = Job(lambda tell: tasks.draw_watched(prepared, wishes, tell), seconds=86_400)
    try:
        for told in job.updates(BLINK):
            if told is not None:
                show(told)
    except KeyboardInterrupt:
        job.stop()
    sketch = job.result()
    if place is not None:
        place.update(SVG("<svg xmlns='http://www.w3.org/2000/svg' width='1' height='1'/>"))  # the cell shows the sketch
    return sketch


def _widgets() -> Any:
    """Jupyter's widgets, where a person is there to use them."""
    try:
        import ipywidgets
        from IPython import get_ipython
    except ModuleNotFoundError:
        return None
    return ipywidgets if get_ipython() is not None else None
