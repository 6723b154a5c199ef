"""The code blocks of the documentation, run as they stand, on a photo that is here."""

import re
from pathlib import Path

import pytest

from strokewise import encoders

ROOT = Path(__file__).parents[1]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("document", "subject"),
    [
        ("README.md", "horse"),
        ("docs/encoders.md", "horse"),
        ("docs/recognition.md", "flamingo"),
        ("docs/abstraction.md", "flamingo"),
        ("docs/carry-on.md", "horse"),
        ("docs/plotters.md", "horse"),
    ],
)
def test_python_blocks_run(document, subject, tmp_path, monkeypatch, disc_image):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(encoders, "_LOADERS", dict(encoders._LOADERS))
    disc_image(200, 150, (90, 70), 40).save(f"{subject}.jpg")
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / document).read_text(encoding="utf-8"), re.DOTALL)
    assert blocks
    for block in blocks:
        exec(compile(block, document, "exec"), {})
    assert (tmp_path / f"{subject}.svg").exists()
