"""The Triton kernels in Triton's interpreter, on the CPU; in a process of its own, as it must know from the start."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("triton")

CODE = """
import torch
from raster_scenes import KINDS, assert_agree, make_scene, picture_and_gradients
from strokewise.raster import _triton, render_reference
from strokewise.raster._inputs import check_inputs

torch.set_num_threads(1)

def draw(points, widths, colors=None, opacities=None, *, size, background=1.0, mask=None):
    return _triton.render_inputs(check_inputs(points, widths, colors, opacities, size, background, mask))

for seed in range({seeds}):
    dtype = torch.float64 if seed % 3 == 2 else torch.float32
    extras = ((), ("colors", "opacities"), ("opacities", "mask"))[seed % 3]
    scene = make_scene(
        seed, 1 + seed % 2, 4, (4, 7, 10)[seed % 3], (24, 37), (0.5, 12.0), extras, (1, 3)[seed % 2], dtype=dtype
    )
    assert_agree(picture_and_gradients(draw, scene), picture_and_gradients(render_reference, scene))
print("agreed")
"""


def test_the_kernels_in_the_interpreter() -> None:
    path = os.pathsep.join([str(Path(__file__).parent), *sys.path])
    environment = {**os.environ, "PYTHONPATH": path, "TRITON_INTERPRET": "1"}
    code = CODE.format(seeds=6)
    out = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert out.stdout.strip() == "agreed", out.stderr[-3000:]
