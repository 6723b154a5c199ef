"""What the page says of photos that are out of the ordinary."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

pytest.importorskip("gradio")

from handler_visitor import Visitor


def test_the_note_tells_what_one_should_know_of_a_photo(visitor: Visitor, tmp_path: Path) -> None:
    logo = Image.new("RGBA", (48, 48), (255, 255, 255, 0))
    logo.paste((255, 255, 255, 255), (10, 10, 36, 36))
    logo.save(tmp_path / "logo.png")
    visitor.choose_photo(str(tmp_path / "logo.png"))
    assert "logo.png is white on transparent" in visitor.page["note"]
