"""The sheet in rows and columns."""

import io
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from PIL import Image

from strokewise.errors import OutputError
from strokewise.export.grid import CELL, Grid
from strokewise.sketch import Sketch


@pytest.fixture
def grid():
    line = np.linspace((10.0, 50.0), (190.0, 50.0), 4)[None]
    full, empty = Sketch.of((200, 100), line, 6), Sketch.of((200, 100), line * 0 + line[:, :1], 0.1)
    return Grid("a < b", ("left", "right"), ("above", "below"), ((full, empty), (empty, full)))


def test_drawings_stand_in_their_rows_and_columns_at_their_own_proportions(grid):
    assert grid.cell == (CELL, CELL // 2) and repr(grid) == "<Grid a < b, 4 drawings>"
    picture = np.asarray(Image.open(io.BytesIO(grid.to_png())).convert("L"))
    assert picture.shape[::-1] == grid.size
    dark = [[False] * 2 for _ in range(2)]
    for row in range(2):
        for column in range(2):
            x, y = grid._corner(row, column)
            dark[row][column] = bool((picture[y : y + CELL // 2, x : x + CELL] < 100).mean() > 0.02)
    assert dark == [[True, False], [False, True]]


def test_the_svg_is_a_sheet_of_four_drawings_with_captions(grid):
    root = ET.fromstring(grid.to_svg())
    name = "{http://www.w3.org/2000/svg}"
    assert [int(root.get(side)) for side in ("width", "height")] == list(grid.size)
    assert len(root.findall(f"{name}svg")) == 4
    assert [text.text for text in root.findall(f"{name}text")] == ["left", "right", "above", "below"]
    assert root.find(f"{name}title").text == "a < b"


def test_it_is_saved_by_its_ending(grid, tmp_path):
    assert grid.save(tmp_path / "sheet.svg").read_text().startswith("<svg")
    assert grid.save(tmp_path / "sheet.png").read_bytes()[1:4] == b"PNG"
    with pytest.raises(OutputError, match="use .svg or .png"):
        grid.save(tmp_path / "sheet.pdf")
    with pytest.raises(OutputError):
        grid.save(tmp_path / "sheet.svg")
