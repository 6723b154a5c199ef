"""Photos to try the page with. They come with scikit-image, which is here anyway, and are free of rights."""

from __future__ import annotations

import base64
import importlib.util
import io
import shutil
from html import escape
from pathlib import Path

from PIL import Image

from .translations import tell

_NAMES = {"example_cup": "coffee.png", "example_cat": "chelsea.png", "example_woman": "astronaut.png",
          "example_rocket": "rocket.jpg"}  # fmt: skip
_THUMBNAIL = 128  # pixels


def example_photos() -> dict[str, Path]:
    """Those that are there, by the key of the text that tells what they show."""
    found = importlib.util.find_spec("skimage")
    if found is None or not found.submodule_search_locations:
        return {}
    folder = Path(found.submodule_search_locations[0]) / "data"
    return {key: folder / name for key, name in _NAMES.items() if (folder / name).is_file()}


def example_photo(which: int, folder: Path) -> Path | None:
    """A copy of one of them in a folder that the page may read from; None if there is no such one."""
    paths = list(example_photos().values())
    if not 0 <= which < len(paths):
        return None
    place = folder / "examples" / paths[which].name
    place.parent.mkdir(parents=True, exist_ok=True)
    if not place.exists():
        shutil.copyfile(paths[which], place)
    return place


def example_buttons(language: str) -> str:
    """A row of small pictures to press, as HTML; nothing if there are no examples."""
    buttons = []
    for number, (key, path) in enumerate(example_photos().items()):
        name = escape(tell(language, key))
        picture = f'<img src="{_thumbnail(path)}" alt="">'
        buttons.append(
            f'<button type="button" data-drawing="{number}" aria-label="{name}" title="{name}">{picture}</button>'
        )
    if not buttons:
        return ""
    label = escape(tell(language, "examples"))
    return f'<p>{label}</p><div class="sw-examples" role="group" aria-label="{label}">{"".join(buttons)}</div>'


def _thumbnail(path: Path) -> str:
    image = Image.open(path).convert("RGB")
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    square = image.crop((left, top, left + side, top + side)).resize((_THUMBNAIL, _THUMBNAIL), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    square.save(buffer, "JPEG", quality=80)
    return f"data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode('ascii')}"
