"""Photos to try the page with. They come with scikit-image, a dependency, and are free of rights."""

from __future__ import annotations

import base64
import importlib.util
import io
import shutil
from html import escape
from pathlib import Path

from PIL import Image

from .translations import translate

_NAMES = {"example_cup": "coffee.png", "example_cat": "chelsea.png", "example_woman": "astronaut.png",
          "example_rocket": "rocket.jpg"}  # fmt: skip
_THUMBNAIL = 128  # pixels


def example_photos() -> dict[str, Path]:
    """The photos that are installed, by the key of the text that says what they show."""
    found = importlib.util.find_spec("skimage")
    if found is None or not found.submodule_search_locations:
        return {}
    folder = Path(found.submodule_search_locations[0]) / "data"
    return {key: folder / name for key, name in _NAMES.items() if (folder / name).is_file()}


def example_photo(index: int, folder: Path) -> Path | None:
    """A copy of one of the photos, in a folder that the page may read from; None if the index is out of range."""
    paths = list(example_photos().values())
    if not 0 <= index < len(paths):
        return None
    copy = folder / "examples" / paths[index].name
    copy.parent.mkdir(parents=True, exist_ok=True)
    if not copy.exists():
        shutil.copyfile(paths[index], copy)
    return copy


def example_buttons(language: str) -> str:
    """A row of buttons with small pictures, as HTML; empty if there are no examples."""
    buttons = []
    for number, (key, path) in enumerate(example_photos().items()):
        name = escape(translate(language, key))
        picture = f'<img src="{_thumbnail(path)}" alt="">'
        buttons.append(
            f'<button type="button" data-drawing="{number}" aria-label="{name}" title="{name}">{picture}</button>'
        )
    if not buttons:
        return ""
    label = escape(translate(language, "examples"))
    return f'<p>{label}</p><div class="sw-examples" role="group" aria-label="{label}">{"".join(buttons)}</div>'


def _thumbnail(path: Path) -> str:
    image = Image.open(path).convert("RGB")
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    square = image.crop((left, top, left + side, top + side)).resize((_THUMBNAIL, _THUMBNAIL), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    square.save(buffer, "JPEG", quality=80)
    return f"data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode('ascii')}"
