"""Drawing over HTTP without the page: the only function that Gradio's client and curl can call."""

from __future__ import annotations

import dataclasses
import sys
import traceback
from pathlib import Path

import gradio as gr

from ..errors import StrokewiseError
from ..settings import Settings
from . import tasks
from .background import BackgroundDrawing
from .events import DRAWING_QUEUE
from .limits import Limits


def add_api(limits: Limits, settings: Settings) -> None:
    """Add the function to the page that is being built. Its calls wait in the same queue as the page's visitors."""

    def draw(
        photo: str, strokes: float = 16, seed: float = 0, steps: float = 60, candidates: float = 3,
        subject: str = "auto",
    ) -> tuple[str, dict[str, object]]:  # fmt: skip
        """Draw a photo with a few strokes.

        Args:
            photo: a file that was uploaded before: JPEG, PNG, HEIC, WebP, TIFF...
            strokes: 1 to 256.
            seed: of the random numbers; each seed gives another drawing.
            steps: maximum number of optimisation steps, 0 to 100000.
            candidates: starting points to try, 1 to 8; the best drawing is kept.
            subject: whether the background is drawn: "auto", "remove" or "keep".

        Returns:
            the drawing as SVG text, and facts about it: settings, losses, steps, why it stopped, remarks on the photo.
        """
        try:
            chosen = dataclasses.replace(
                settings, strokes=int(strokes), seed=int(seed), steps=int(steps), candidates=min(8, int(candidates)),
                subject=subject,
            )  # fmt: skip
            path = Path(photo) if photo else None
            if path is None:
                raise gr.Error("photo is missing: upload a file first, then name its path")
            opened = tasks.open_file(path, limits)
            drawing = BackgroundDrawing(
                lambda callback: tasks.draw_watched(tasks.prepare_photo(opened, chosen), chosen, callback),
                limits.seconds,
            )
            sketch = drawing.result()
        except StrokewiseError as error:
            raise gr.Error(str(error), print_exception=False) from error
        except gr.Error:
            raise
        except Exception as error:
            traceback.print_exception(error, file=sys.stderr)
            raise gr.Error("this is a bug, please report it", print_exception=False) from error
        facts = {key: sketch.metadata[key] for key in ("settings", "encoder", "losses", "steps", "stopped")}
        facts["remarks"] = [f"{opened.name} {remark}" for remark in opened.remarks]
        return sketch.to_svg(), {**facts, "canvas": list(sketch.canvas), "late": drawing.timed_out}

    with gr.Group(visible=False):
        photo = gr.File(label="photo", type="filepath")
        numbers = [gr.Number(16, label="strokes"), gr.Number(0, label="seed"), gr.Number(60, label="steps")]
        candidates = gr.Number(3, label="candidates")
        subject = gr.Textbox("auto", label="subject")
        svg, about = gr.Textbox(label="svg"), gr.JSON(label="about")
        button = gr.Button()
    button.click(
        draw, [photo, *numbers, candidates, subject], [svg, about], api_name="draw", concurrency_id=DRAWING_QUEUE,
        concurrency_limit=1, queue=True,
    )  # fmt: skip
