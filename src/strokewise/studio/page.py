"""The layout of the page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from ..export.look import BRUSHES
from ..photo.subject_models import offered_models
from ..settings import MOST_CHARACTERS, MOST_STROKES, NO_TONE, OPTIMIZED, SUBJECTS, Settings
from ..tone_layer import TONES
from ..tracing.tracing import LINES
from .api import add_api
from .controls import BLACK, PAPERS, Controls
from .downloads import DOWNLOADS, available
from .events import MAX_STROKES, EventBindings
from .handlers import Studio
from .limits import Limits
from .painting import SIZES
from .translations import TEXTS, tables

PRESETS = (4, 8, 16, 32)
"""Stroke counts with a button of their own."""
MOST_TONE_LINES = 400
"""Most lines of tone that the page offers."""

i18n = gr.I18n(**tables())
_FILES = Path(__file__).parent


def build(limits: Limits | None = None, settings: Settings | None = None) -> gr.Blocks:
    """The page as a Gradio app, not yet served.

    Args:
        limits: what visitors may do.
        settings: encoder and device to draw with, and first values of the controls.
    """
    limits, settings = limits or Limits(), settings or Settings()
    studio = Studio(limits, settings)
    with gr.Blocks(title="Strokewise", analytics_enabled=False, fill_width=True, delete_cache=(300, 1800)) as page:
        components: dict[str, Any] = {}
        with gr.Row(elem_id="sw-head"):
            gr.Markdown("# Strokewise", elem_id="sw-name")
            gr.Markdown(i18n("tagline"), elem_id="sw-tagline")
        with gr.Row(elem_id="sw-desk"):
            with gr.Column(scale=0, min_width=300, elem_id="sw-left"):
                photo, draw, stop, count, left = _left(settings, components, limits)
            with gr.Column(scale=1, min_width=320, elem_id="sw-middle"):
                model = _middle(components, settings, offered_models(limits.fetching))
            with gr.Column(scale=0, min_width=260, elem_id="sw-right"):
                look = _look()
                downloads = _downloads()
                components["command"] = gr.Textbox(
                    label=i18n("command"), info=i18n("command_info"), lines=3, max_lines=8, interactive=False,
                    buttons=["copy"], elem_id="sw-command",
                )  # fmt: skip
        controls = Controls(**left, model=model, **look)
        events = EventBindings(studio, components, controls)
        events.photo(photo)
        events.background()
        events.drawing(draw, stop, count)
        events.sheet()
        events.subject()
        events.downloads(downloads)
        events.visits(page)
        add_api(limits, settings)
    page.queue(max_size=limits.waiting, default_concurrency_limit=8, api_open=False)
    return page


def launch_options() -> dict[str, Any]:
    """Options of `launch` for style and language; see `serve.py` for those that keep the server safe."""
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
        "i18n": i18n,
        "footer_links": ["api", "settings"],
        "run_history": False,
    }


# Parts of the page


def _left(
    settings: Settings, components: dict[str, Any], limits: Limits
) -> tuple[gr.Image, gr.Button, gr.Button, gr.Slider, dict[str, Any]]:
    with gr.Column(elem_id="sw-photo-place"):
        photo = gr.Image(
            label=i18n("photo"), type="filepath", sources=["upload", "webcam", "clipboard"], height=230,
            elem_id="sw-photo",
        )  # fmt: skip
        script = (_FILES / "photo.js").read_text(encoding="utf-8")
        components["shown"] = gr.HTML("", js_on_load=script, elem_id="sw-shown")
    components["accepts"] = gr.HTML("", elem_id="sw-accepts")
    # Pass the file on as it was sent: `open_photo` reads more formats than this component, and checks more. Not a
    # subclass, because Gradio writes a file next to the source of each component class.
    photo.preprocess = _path  # type: ignore[method-assign]
    components["examples"] = gr.HTML("", js_on_load=_PICK_DRAWING, elem_id="sw-examples")
    scene = settings.subject == "scene"
    most = limits.scene_strokes if scene else MAX_STROKES
    strokes = gr.Slider(
        1, most, settings.strokes, step=1, label=i18n("strokes"), info=i18n("strokes_info"), elem_id="sw-strokes"
    )
    with gr.Row(elem_id="sw-presets"):
        for preset in PRESETS:
            button = gr.Button(str(preset), size="sm", min_width=40)
            button.click(None, None, strokes, js=f"() => {preset}", show_progress="hidden", api_visibility="private")
    subject = gr.Radio(
        _choices("subject", SUBJECTS), value=settings.subject, label=i18n("subject"), elem_id="sw-background"
    )
    levels = {
        name: gr.Slider(
            1, 4, 1, step=1, label=i18n(name), info=i18n(f"{name}_info"), visible=scene, elem_id=f"sw-{name}"
        )
        for name in ("fidelity", "simplicity")
    }
    draw = gr.Button(i18n("draw"), variant="primary", size="lg", elem_id="sw-draw")
    stop = gr.Button(i18n("stop"), variant="stop", size="lg", visible=False, elem_id="sw-stop")
    with gr.Accordion(i18n("more"), open=False, elem_id="sw-more"):
        count = gr.Slider(1, 6, 1, step=1, label=i18n("count"), elem_id="sw-count")
        text = gr.Textbox(
            label=i18n("text"), info=i18n("text_info"), placeholder=i18n("text_example"),
            max_length=MOST_CHARACTERS, elem_id="sw-text",
        )  # fmt: skip
        weight = gr.Slider(
            0, 10, settings.text_weight, step=0.1, label=i18n("text_weight"), info=i18n("text_weight_info"),
            visible=False, elem_id="sw-text-weight",
        )  # fmt: skip
        steps = gr.Slider(0, 1000, settings.steps, step=1, label=i18n("steps"), elem_id="sw-steps")
        starts = gr.Slider(1, 8, settings.candidates, step=1, label=i18n("starts"), elem_id="sw-starts")
        usual = 0 if isinstance(settings.width, str) else settings.width
        pen = gr.Slider(0, 8, usual, step=0.1, label=i18n("pen"))
        seed = gr.Number(settings.seed, label=i18n("seed"), precision=0, minimum=0, maximum=2**32 - 1)
        one_line = gr.Checkbox(settings.one_line, label=i18n("one_line"))
        optimize = gr.CheckboxGroup(_choices("vary", OPTIMIZED), value=[], label=i18n("optimize"))
    left = {
        "strokes": strokes, "subject": subject, **levels, "text": text, "text_weight": weight, "seed": seed,
        "starts": starts, "steps": steps, "pen": pen, "one_line": one_line, "optimize": optimize,
    }  # fmt: skip
    return photo, draw, stop, count, left


def _middle(components: dict[str, Any], settings: Settings, models: list[str]) -> gr.Dropdown:
    with gr.Tabs(elem_id="sw-tabs"):
        with gr.Tab(i18n("tab_drawing"), id="drawing"):
            components["sheet"] = gr.HTML(
                "", js_on_load=(_FILES / "studio.js").read_text(encoding="utf-8"), elem_id="sw-sheet"
            )
            components["note"] = gr.HTML("", elem_id="sw-note")
            with gr.Row(elem_id="sw-tools"):
                for name in ("lock", "delete", "undo"):
                    components[f"{name}_button"] = gr.Button(i18n(name), size="sm", min_width=80, elem_id=f"sw-{name}")
                components["add"] = gr.Number(
                    0, label=i18n("add"), precision=0, minimum=0, maximum=64, min_width=96, elem_id="sw-add"
                )
                components["carry_on_button"] = gr.Button(
                    i18n("carry_on"), size="sm", min_width=96, elem_id="sw-carry-on"
                )
                components["another_button"] = gr.Button(i18n("another"), size="sm", min_width=96, elem_id="sw-another")
            components["thumbnails"] = gr.HTML("", js_on_load=_PICK_DRAWING, elem_id="sw-candidates")
        with gr.Tab(i18n("tab_compare"), id="compare") as components["compare_tab"]:
            components["compare"] = gr.ImageSlider(
                label=i18n("compare"),  # type: ignore[arg-type]
                type="pil",
                max_height=620,
                interactive=False,
                buttons=["fullscreen"],
                elem_id="sw-compare",
            )
        with gr.Tab(i18n("tab_subject"), id="subject") as components["subject_tab"]:
            model = _subject(components, settings, models)
        with gr.Tab(i18n("tab_ladder"), id="ladder"):
            gr.Markdown(i18n("ladder_info"))
            with gr.Row(equal_height=True, elem_classes="sw-ask"):
                components["counts"] = gr.Textbox("32, 16, 8, 4", label=i18n("ladder_counts"), max_length=60)
                components["ladder_button"] = gr.Button(i18n("ladder_draw"), variant="primary", elem_id="sw-ladder")
            components["ladder"] = gr.HTML("", js_on_load=_PICK_DRAWING, elem_id="sw-row")
        with gr.Tab(i18n("tab_fewest"), id="fewest"):
            gr.Markdown(i18n("fewest_info"))
            with gr.Row(equal_height=True, elem_classes="sw-ask"):
                components["label"] = gr.Textbox(
                    label=i18n("fewest_label"), placeholder=i18n("fewest_label_info"), max_length=60
                )
                components["confidence"] = gr.Slider(0.1, 1, 0.8, step=0.05, label=i18n("fewest_confidence"))
                components["fewest_button"] = gr.Button(i18n("fewest_draw"), variant="primary", elem_id="sw-fewest")
            components["fewest"] = gr.HTML("", elem_id="sw-found")
        with gr.Tab(i18n("tab_trace"), id="trace"):
            _trace(components)
        with gr.Tab(i18n("tab_words"), id="words"):
            _words(components)
    return model


def _subject(components: dict[str, Any], settings: Settings, models: list[str]) -> gr.Dropdown:
    gr.Markdown(i18n("mask_info"))
    with gr.Row(equal_height=True, elem_id="sw-brush-row"):
        # Read by `paint.js`. No handler takes them, so that Gradio has to be told that they can be used.
        gr.Radio(
            _choices("brush_mode", ("add", "remove")), value="add", label=i18n("brush_mode"), interactive=True,
            elem_id="sw-brush-mode",
        )  # fmt: skip
        gr.Slider(*SIZES, 40, step=1, label=i18n("brush_size"), interactive=True, elem_id="sw-brush-size")
        gr.Checkbox(
            True, label=i18n("brush_follow"), info=i18n("brush_follow_info"), interactive=True,
            elem_id="sw-brush-follow",
        )  # fmt: skip
    with gr.Column(elem_id="sw-paint"):
        components["mask_photo"] = gr.HTML("", elem_id="sw-mask-photo")
        script = (_FILES / "paint.js").read_text(encoding="utf-8")
        components["mask"] = gr.HTML("", js_on_load=script, elem_id="sw-mask")
    with gr.Row(elem_classes="sw-buttons"):
        components["use_mask_button"] = gr.Button(
            i18n("mask_use"), variant="primary", size="sm", min_width=90, elem_id="sw-mask-use"
        )
        for name in ("undo_mask", "reset_mask", "save_mask"):
            components[f"{name}_button"] = gr.Button(
                i18n(name), size="sm", min_width=90, elem_id=f"sw-{name.replace('_', '-')}"
            )
        components["give_mask_button"] = gr.UploadButton(
            i18n("give_mask"),  # type: ignore[arg-type]
            type="filepath",
            size="sm",
            min_width=90,
            elem_id="sw-give-mask",
        )
    components["mask_note"] = gr.HTML("", elem_id="sw-mask-note")
    known = settings.subject_model if settings.subject_model in models else models[0]
    return gr.Dropdown(
        [(i18n("model_auto"), "auto"), *((name, name) for name in models[1:])], value=known, label=i18n("model"),
        info=i18n("model_info"), visible=len(models) > 1, elem_id="sw-model",
    )  # fmt: skip


def _trace(components: dict[str, Any]) -> None:
    gr.Markdown(i18n("trace_info"))
    with gr.Row(equal_height=True):
        components["trace_strokes"] = gr.Slider(
            1, MOST_STROKES, 32, step=1, label=i18n("trace_strokes"), elem_id="sw-trace-strokes"
        )
        components["trace_lines"] = gr.Radio(_choices("trace_lines", LINES), value="auto", label=i18n("trace_lines"))
    with gr.Row(equal_height=True, elem_id="sw-trace-row"):
        for name in ("every", "widths", "colors"):
            components[f"trace_{name}"] = gr.Checkbox(
                False, label=i18n(f"trace_{name}"), min_width=120, elem_id=f"sw-trace-{name}"
            )
    components["trace_button"] = gr.Button(i18n("trace_draw"), variant="primary", elem_id="sw-trace")
    components["traced"] = gr.HTML("", elem_id="sw-traced")


def _words(components: dict[str, Any]) -> None:
    gr.Markdown(i18n("words_info"))
    with gr.Row(equal_height=True, elem_classes="sw-ask"):
        components["words"] = gr.Textbox(
            label=i18n("words"), placeholder=i18n("words_example"), max_length=MOST_CHARACTERS, elem_id="sw-words"
        )
        components["imagine_button"] = gr.Button(i18n("words_draw"), variant="primary", elem_id="sw-imagine")
    components["worded"] = gr.HTML("", js_on_load=_PICK_DRAWING, elem_id="sw-worded")


def _look() -> dict[str, Any]:
    gr.Markdown(i18n("look"), elem_classes="sw-title")
    return {
        "width": gr.Slider(0, 8, 0, step=0.1, label=i18n("look_width"), info=i18n("look_width_info")),
        "brush": gr.Radio(_choices("brush", BRUSHES), value="round", label=i18n("look_brush"), elem_id="sw-brush"),
        "color": gr.ColorPicker(BLACK, label=i18n("look_color"), elem_id="sw-color"),
        "paper": gr.Radio(_choices("paper", tuple(PAPERS)), value="white", label=i18n("look_paper")),
        "pens": gr.Textbox(
            label=i18n("pens"),
            info=i18n("pens_info"),
            placeholder="black, red, #0a7",
            max_length=120,
            elem_id="sw-pens",
        ),
        "tone": gr.Dropdown(
            _choices("tone", (NO_TONE, *TONES)), value=NO_TONE, label=i18n("tone"), info=i18n("tone_info"),
            filterable=False, elem_id="sw-tone",
        ),
        "tone_lines": gr.Slider(
            10, MOST_TONE_LINES, Settings.tone_lines, step=10, label=i18n("tone_lines"), visible=False,
            elem_id="sw-tone-lines",
        ),
    }  # fmt: skip


def _downloads() -> list[tuple[int, gr.Button]]:
    gr.Markdown(i18n("download"), elem_classes="sw-title")
    buttons = []
    with gr.Row(elem_id="sw-downloads"):
        for index, kind in enumerate(DOWNLOADS):
            if available(kind):
                label = i18n(kind.key) if kind.key in TEXTS else kind.key
                name = f"sw-get{kind.ending.replace('.', '-')}"
                buttons.append((index, gr.Button(label, size="sm", min_width=70, elem_id=name)))
    return buttons


def _path(payload: Any) -> str | None:
    """The path of an uploaded file."""
    return None if payload is None else str(payload.path)


def _choices(group: str, values: tuple[str, ...]) -> list[tuple[Any, str]]:
    return [(i18n(f"{group}_{value}"), value) for value in values]


_PICK_DRAWING = """
element.addEventListener("click", (event) => {
  const button = event.target.closest("[data-drawing]");
  if (button) trigger("choose", { which: Number(button.dataset.drawing) });
});
"""
