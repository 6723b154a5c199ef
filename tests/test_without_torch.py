"""Everything but other encoders goes without PyTorch, through the command line; what needs it says how to get it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"
BLOCKED = """
from importlib.machinery import PathFinder

found = PathFinder.find_spec

def find_spec(name, path=None, target=None):
    return None if name.partition(".")[0] == "torch" else found(name, path, target)

PathFinder.find_spec = find_spec
"""
COMMAND = """
from strokewise.__main__ import main
main()
"""
QUICK = ["--strokes", "4", "--steps", "2", "--candidates", "1"]
NEEDS = "pip install 'strokewise[torch]'"


@pytest.fixture
def workplace(tmp_path: Path) -> Path:
    """A folder with two photos, of two classes; every process that is started there goes without PyTorch."""
    for name, photo in (("cat", "chelsea"), ("dog", "dog")):
        (tmp_path / "photos" / name).mkdir(parents=True)
        shutil.copy(EXAMPLES / f"{photo}.jpg", tmp_path / "photos" / name / f"{name}.jpg")
        shutil.copy(EXAMPLES / f"{photo}.jpg", tmp_path / f"{name}.jpg")
    (tmp_path / "blocked").mkdir()
    (tmp_path / "blocked" / "sitecustomize.py").write_text(BLOCKED)
    return tmp_path


def strokewise(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(folder / "blocked"), *filter(None, [os.environ.get("PYTHONPATH")])])
    hub = {"HF_HUB_CACHE": str(folder / "hub"), "STROKEWISE_OFFLINE": "1"}
    variables = {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1", **hub}
    command = [sys.executable, "-c", COMMAND, *arguments]
    return subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, timeout=300)


def test_torch_cannot_be_imported_there(workplace: Path) -> None:
    variables = {**os.environ, "PYTHONPATH": str(workplace / "blocked")}
    done = subprocess.run([sys.executable, "-c", "import torch"], env=variables, capture_output=True, text=True)
    assert done.returncode == 1 and "No module named 'torch'" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "made"),
    [
        (["draw", "cat.jpg", *QUICK, "-o", "a.svg"], ["a.svg"]),
        (["draw", "cat.jpg", *QUICK, "--optimize", "width,opacity,color", "-o", "a.svg"], ["a.svg"]),
        (["draw", "cat.jpg", *QUICK, "--one-line", "-o", "a.svg"], ["a.svg"]),
        (["draw", "cat.jpg", *QUICK, "--placement", "saliency", "-o", "a.svg"], ["a.svg"]),
        (["ladder", "cat.jpg", "-n", "6,3", "--steps", "2", "--candidates", "1", "-o", "rungs"], ["rungs"]),
        (["fewest", "cat.jpg", "--label", "cat", "--most", "4", "--steps", "2", "-o", "f.svg"], ["f.svg"]),
        (["evaluate", "photos", "--strokes", "3", "--steps", "2", "-o", "seen"], ["seen/evaluation.json"]),
        (["batch", "photos/*/*.jpg", *QUICK, "--workers", "1", "-o", "many"], ["many"]),
    ],
    ids=["draw", "style", "one line", "saliency", "ladder", "fewest", "evaluate", "batch"],
)
def test_commands_go_without_torch(workplace: Path, arguments: list[str], made: list[str]) -> None:
    done = strokewise(workplace, *arguments)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    for name in made:
        assert (workplace / name).exists()
    if arguments[0] == "draw":
        named = strokewise(workplace, "recognize", "a.svg", "--labels", "cat,dog,elephant")
        assert named.returncode == 0, named.stderr
        assert "cat" in named.stdout
    if arguments[0] == "batch":
        assert len(list((workplace / "many").rglob("*.svg"))) == 2


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["draw", "cat.jpg", "--encoder", "efficientnet-lite0"], NEEDS),
        (["draw", "cat.jpg", "--schedule", "paper"], NEEDS),
        (["draw", "cat.jpg", "--device", "cuda"], NEEDS),
        (["draw", "cat.jpg", "--device", "mps"], NEEDS),
        (["draw", "cat.jpg", "--encoder", "clip-rn101"], "pip install 'strokewise["),
        (["batch", "photos/*/*.jpg", "--encoder", "efficientnet-lite0", "-o", "many"], NEEDS),
        (["recognize", "drawn.svg", "--recognizer", "clip-vit-b-32"], "pip install 'strokewise["),
    ],
    ids=["encoder", "paper", "cuda", "mps", "clip", "batch", "recognizer"],
)  # fmt: skip
def test_what_needs_torch_is_refused_in_one_line_with_the_command_to_type(
    workplace: Path, arguments: list[str], problem: str
) -> None:
    line = '<path d="M 1 1 C 2 2 3 3 8 8" fill="none" stroke="black"/>'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">{line}</svg>'
    (workplace / "drawn.svg").write_text(svg)
    before = sorted(path.name for path in workplace.rglob("*"))
    done = strokewise(workplace, *arguments)
    assert done.returncode == 2, done.stderr
    (message,) = done.stderr.splitlines()
    assert message.startswith("strokewise: ") and problem in message
    assert sorted(path.name for path in workplace.rglob("*") if path.name != "hub") == before
