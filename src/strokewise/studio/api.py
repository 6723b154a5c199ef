"""Drawing over HTTP, without the page: the one deed that Gradio's client and curl may call."""

from __future__ import annotations

import dataclasses
import sys
import traceback
from pathlib import Path

import gradio as gr

from ..errors import StrokewiseError
from ..settings import Settings
from . import tasks
from .job import Job
from .limits import Limits


def add_api(limits: Limits, settings: Settings) -> None:
    """Add the deed to the page that is being built. It waits in the same queue as the page's visitors."""

    def draw(
        photo: str, strokes: float = 16, seed: float = 0, steps: float = 220, candidates: float = 3,
        subject: str = "auto",
    ) -> tuple[str, dict[str, object]]:  # fmt: skip
        """Draw a photo with a few strokes.

        Args:
            photo: a file that was uploaded before: JPEG, PNG, HEIC, WebP, TIFF...
            strokes: 1 to 256.
            seed: another one gives another, equally good drawing.
            steps: most optimisation steps, 0 to 100000.
            candidates: drawings started side by side, 1 to 8; the best is kept.
            subject: what becomes of the background, "auto", "remove" or "keep".

        Returns:
            the drawing as SVG text, and what is known of it: settings, losses, steps, why it stopped.
        """
        try:
            wishes = dataclasses.replace(
                settings, strokes=int(strokes), seed=int(seed), steps=int(steps), candidates=min(8, int(candidates)),
                subject=subject,
            )  # fmt: skip
            path = Path(photo) if photo else None
            if path is None:
                raise gr.Error("photo is missing: upload a file first, then name its path")
            given = tasks.open_file(path, limits)
            job = Job(lambda tell: tasks.draw_watched(tasks.look_at(given, wishes), wishes, tell), limits.seconds)
            sketch = job.result()
        except StrokewiseError as error:
            raise gr.Error(str(error), print_exception=False) from error
        except gr.Error:
            raise
        except Exception as error:
            traceback.print_exception(error, file=sys.stderr)
            raise gr.Error("this is a bug, please report it", print_exception=False) from error
        known = {key: sketch.metadata[key] for key in ("settings", "encoder", "losses", "steps", "stopped")}
        return sketch.to_svg(), {**known, "canvas": list(sketch.canvas), "late": job.late}

    with gr.Group(visible=False):
        photo = gr.File(label="photo", type="filepath")
        numbers = [gr.Number(16, label="strokes"), gr.Number(0, label="seed"), gr.Number(220, label="steps")]
        candidates = gr.Number(3, label="candidates")
        subject = gr.Textbox("auto", label="subject")
        svg, known = gr.Textbox(label="svg"), gr.JSON(label="about")
        button = gr.Button()
    button.click(
        draw, [photo, *numbers, candidates, subject], [svg, known], api_name="draw", concurrency_id="device",
        concurrency_limit=1, queue=True,
    )  # fmt: skip
