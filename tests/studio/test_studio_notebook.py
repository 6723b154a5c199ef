"""The notebook, run from top to bottom on a tiny setting."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from strokewise import from_svg

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "strokewise.ipynb"


def test_it_has_three_cells_without_outputs() -> None:
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    assert [cell["cell_type"] for cell in cells] == ["code"] * 3
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in cells)


@pytest.mark.slow
def test_it_runs(tmp_path: Path) -> None:
    nbformat = pytest.importorskip("nbformat", reason="running notebooks needs nbclient and ipykernel")
    nbclient = pytest.importorskip("nbclient", reason="running notebooks needs nbclient and ipykernel")
    pytest.importorskip("ipykernel", reason="running notebooks needs nbclient and ipykernel")
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    quick = "choose(strokes=5, steps=3, candidates=1)"
    notebook.cells[1].source = notebook.cells[1].source.replace("choose(strokes=16)", quick)
    assert quick in notebook.cells[1].source
    client = nbclient.NotebookClient(
        notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    )
    client.execute(env={**os.environ, "IPYTHONDIR": str(tmp_path / "ipython")})
    outputs = notebook.cells[2].outputs
    shown = [output["data"]["image/svg+xml"] for output in outputs if "image/svg+xml" in output.get("data", {})]
    sketch = from_svg((tmp_path / "drawing.svg").read_bytes())
    assert len(sketch) == 5
    # The sketch shows itself below the last pictures of how it came about.
    assert from_svg("".join(shown[-1])).points.tolist() == sketch.points.tolist()
