"""The page: what is where, and which control does what."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from ..export.look import BRUSHES
from ..settings import OPTIMIZED, Settings
from .api import add_api
from .controls import BLACK, PAPERS, Controls
from .downloads import DOWNLOADS, available
from .events import Wiring
from .handlers import Studio
from .limits import Limits
from .translations import TEXTS, tables

PRESETS = (4, 8, 16, 32)
MOST_STROKES = 64

words = gr.I18n(**tables())
_FILES = Path(__file__).parent


def build(limits: Limits | None = None, settings: Settings | None = None) -> gr.Blocks:
    """The page as a Gradio app, not yet served.

    Args:
        limits: what visitors may do.
        settings: encoder and device to draw with, and where the controls stand at first.
    """
    limits, settings = limits or Limits(), settings or Settings()
    studio = Studio(limits, settings)
    with gr.Blocks(title="Strokewise", analytics_enabled=False, fill_width=True, delete_cache=(300, 1800)) as page:
        with gr.Row(elem_id="sw-head"):
            gr.Markdown("# Strokewise", elem_id="sw-name")
            gr.Markdown(words("tagline"), elem_id="sw-tagline")
        with gr.Row(elem_id="sw-desk"):
            with gr.Column(scale=0, min_width=300, elem_id="sw-left"):
                photo, examples, draw, stop, count, left = _left(settings)
            with gr.Column(scale=1, min_width=320, elem_id="sw-middle"):
                places = _middle()
            with gr.Column(scale=0, min_width=260, elem_id="sw-right"):
                look = _look()
                downloads = _downloads()
                places["command"] = gr.Textbox(
                    label=words("command"), info=words("command_info"), lines=3, max_lines=8, interactive=False,
                    buttons=["copy"], elem_id="sw-command",
                )  # fmt: skip
        controls = Controls(**left, **look)
        wire = Wiring(studio, places, controls)
        wire.photo(photo, examples)
        wire.drawing(draw, stop, count)
        wire.sheet()
        wire.subject()
        wire.downloads(downloads)
        wire.arrival(page)
        add_api(limits, settings)
    page.queue(max_size=limits.waiting, default_concurrency_limit=8, api_open=False)
    return page


def launch_options() -> dict[str, Any]:
    """What `launch` needs for the page to look and speak as it should; see `serve.py` for what keeps it safe."""
    sans = ["-apple-system", "BlinkMacSystemFont", "Segoe UI", "Roboto", "Noto Sans CJK SC", "sans-serif"]
    theme = gr.themes.Base(
        primary_hue=gr.themes.colors.stone,
        secondary_hue=gr.themes.colors.stone,
        neutral_hue=gr.themes.colors.stone,
        radius_size=gr.themes.sizes.radius_md,
        font=sans,
        font_mono=["ui-monospace", "SFMono-Regular", "Menlo", "monospace"],
    ).set(
        body_background_fill="#f4f3f0",
        body_background_fill_dark="#1b1a18",
        button_primary_background_fill="#24221f",
        button_primary_background_fill_hover="#403c37",
        button_primary_text_color="#fbfaf8",
        button_primary_background_fill_dark="#ece8e1",
        button_primary_background_fill_hover_dark="#ffffff",
        button_primary_text_color_dark="#1b1a18",
        button_secondary_background_fill="#fbfaf8",
        button_secondary_background_fill_hover="#ffffff",
        button_secondary_background_fill_dark="#252320",
        button_secondary_background_fill_hover_dark="#302d29",
    )
    return {
        "theme": theme,
        "css": (_FILES / "studio.css").read_text(encoding="utf-8"),
        "i18n": words,
        "footer_links": ["api", "settings"],
        "run_history": False,
    }


# What is where


def _left(settings: Settings) -> tuple[gr.Image, gr.HTML, gr.Button, gr.Button, gr.Slider, dict[str, Any]]:
    photo = gr.Image(
        label=words("photo"), type="filepath", sources=["upload", "webcam", "clipboard"], height=230, elem_id="sw-photo"
    )
    # The file as it was sent: `open_photo` reads more formats than this field, and more carefully. No subclass, because
    # Gradio writes a file beside the source of each.
    photo.preprocess = _path  # type: ignore[method-assign]
    examples = gr.HTML("", js_on_load=_PICK_DRAWING, elem_id="sw-examples")
    strokes = gr.Slider(
        1, MOST_STROKES, settings.strokes, step=1, label=words("strokes"), info=words("strokes_info"),
        elem_id="sw-strokes",
    )  # fmt: skip
    with gr.Row(elem_id="sw-presets"):
        for preset in PRESETS:
            button = gr.Button(str(preset), size="sm", min_width=40)
            button.click(None, None, strokes, js=f"() => {preset}", show_progress="hidden", api_visibility="private")
    subject = gr.Radio(_choices("subject", ("auto", "remove", "keep")), value=settings.subject, label=words("subject"))
    draw = gr.Button(words("draw"), variant="primary", size="lg", elem_id="sw-draw")
    stop = gr.Button(words("stop"), variant="stop", size="lg", visible=False, elem_id="sw-stop")
    with gr.Accordion(words("more"), open=False, elem_id="sw-more"):
        count = gr.Slider(1, 6, 1, step=1, label=words("count"), elem_id="sw-count")
        steps = gr.Slider(0, 1000, settings.steps, step=1, label=words("steps"), elem_id="sw-steps")
        starts = gr.Slider(1, 8, settings.candidates, step=1, label=words("starts"), elem_id="sw-starts")
        pen = gr.Slider(0.3, 8, settings.width, step=0.1, label=words("pen"))
        seed = gr.Number(settings.seed, label=words("seed"), precision=0, minimum=0, maximum=2**32 - 1)
        one_line = gr.Checkbox(settings.one_line, label=words("one_line"))
        optimize = gr.CheckboxGroup(_choices("vary", OPTIMIZED), value=[], label=words("optimize"))
    left = {
        "strokes": strokes, "subject": subject, "seed": seed, "starts": starts, "steps": steps, "pen": pen,
        "one_line": one_line, "optimize": optimize,
    }  # fmt: skip
    return photo, examples, draw, stop, count, left


def _middle() -> dict[str, Any]:
    places: dict[str, Any] = {}
    with gr.Tabs(elem_id="sw-tabs"):
        with gr.Tab(words("tab_drawing"), id="drawing"):
            places["sheet"] = gr.HTML(
                "", js_on_load=(_FILES / "studio.js").read_text(encoding="utf-8"), elem_id="sw-sheet"
            )
            places["note"] = gr.HTML("", elem_id="sw-note")
            with gr.Row(elem_id="sw-tools"):
                for name in ("lock", "delete", "undo"):
                    places[f"do_{name}"] = gr.Button(words(name), size="sm", min_width=80, elem_id=f"sw-{name}")
                places["add"] = gr.Number(
                    0, label=words("add"), precision=0, minimum=0, maximum=64, min_width=96, elem_id="sw-add"
                )
                places["do_carry_on"] = gr.Button(words("carry_on"), size="sm", min_width=96, elem_id="sw-carry-on")
                places["do_another"] = gr.Button(words("another"), size="sm", min_width=96, elem_id="sw-another")
            places["strip"] = gr.HTML("", js_on_load=_PICK_DRAWING, elem_id="sw-candidates")
        with gr.Tab(words("tab_compare"), id="compare") as places["tab_compare"]:
            places["compare"] = gr.ImageSlider(
                label=words("compare"),  # type: ignore[arg-type]
                type="pil",
                max_height=620,
                interactive=False,
                buttons=["fullscreen"],
                elem_id="sw-compare",
            )
        with gr.Tab(words("tab_subject"), id="subject") as places["tab_subject"]:
            gr.Markdown(words("mask_info"))
            places["mask"] = gr.ImageEditor(
                label=words("mask"), type="numpy", image_mode="RGBA", sources=(), transforms=(), layers=False,
                brush=gr.Brush(default_size=24, colors=["#d6482c"], default_color="#d6482c", color_mode="fixed"),
                eraser=gr.Eraser(default_size=32), buttons=[], height=560, canvas_size=(768, 768), elem_id="sw-mask",
            )  # fmt: skip
            with gr.Row():
                places["mask_use"] = gr.Button(words("mask_use"), variant="primary", elem_id="sw-mask-use")
                places["mask_reset"] = gr.Button(words("mask_reset"))
                places["mask_save"] = gr.Button(words("save_cut"))
        with gr.Tab(words("tab_ladder"), id="ladder"):
            gr.Markdown(words("ladder_info"))
            with gr.Row(equal_height=True, elem_classes="sw-ask"):
                places["counts"] = gr.Textbox("32, 16, 8, 4", label=words("ladder_counts"), max_length=60)
                places["do_ladder"] = gr.Button(words("ladder_draw"), variant="primary", elem_id="sw-ladder")
            places["row"] = gr.HTML("", js_on_load=_PICK_DRAWING, elem_id="sw-row")
        with gr.Tab(words("tab_fewest"), id="fewest"):
            gr.Markdown(words("fewest_info"))
            with gr.Row(equal_height=True, elem_classes="sw-ask"):
                places["label"] = gr.Textbox(
                    label=words("fewest_label"), placeholder=words("fewest_label_info"), max_length=60
                )
                places["sure"] = gr.Slider(0.1, 1, 0.8, step=0.05, label=words("fewest_sure"))
                places["do_fewest"] = gr.Button(words("fewest_draw"), variant="primary", elem_id="sw-fewest")
            places["found"] = gr.HTML("", elem_id="sw-found")
    return places


def _look() -> dict[str, Any]:
    gr.Markdown(words("look"), elem_classes="sw-title")
    return {
        "width": gr.Slider(0, 8, 0, step=0.1, label=words("look_width"), info=words("look_width_info")),
        "brush": gr.Radio(_choices("brush", BRUSHES), value="round", label=words("look_brush"), elem_id="sw-brush"),
        "color": gr.ColorPicker(BLACK, label=words("look_color"), elem_id="sw-color"),
        "paper": gr.Radio(_choices("paper", tuple(PAPERS)), value="white", label=words("look_paper")),
    }


def _downloads() -> list[tuple[int, gr.Button]]:
    gr.Markdown(words("download"), elem_classes="sw-title")
    buttons = []
    with gr.Row(elem_id="sw-downloads"):
        for number, kind in enumerate(DOWNLOADS):
            if available(kind):
                label = words(kind.key) if kind.key in TEXTS else kind.key
                name = f"sw-get{kind.ending.replace('.', '-')}"
                buttons.append((number, gr.Button(label, size="sm", min_width=70, elem_id=name)))
    return buttons


def _path(payload: Any) -> str | None:
    """Where an uploaded file lies."""
    return None if payload is None else str(payload.path)


def _choices(group: str, values: tuple[str, ...]) -> list[tuple[Any, str]]:
    return [(words(f"{group}_{value}"), value) for value in values]


_PICK_DRAWING = """
element.addEventListener("click", (event) => {
  const button = event.target.closest("[data-drawing]");
  if (button) trigger("choose", { which: Number(button.dataset.drawing) });
});
"""
