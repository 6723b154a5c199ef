"""On a GPU: agreement, the same bits twice, and no waiting (a step can be captured in a graph). Skipped without one."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from raster_scenes import KINDS, RandomScene, assert_agree, make_scene, picture_and_gradients
from torch import Tensor

from strokewise.raster import available_backends, render, render_reference

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
BACKENDS = [name for name in available_backends("cuda") if name != "reference"]


def _on_gpu(scene: RandomScene, backend: str) -> tuple[Tensor, dict[str, Tensor]]:
    def draw(**arguments: Any) -> Tensor:
        moved = {k: v.cuda() if isinstance(v, Tensor) else v for k, v in arguments.items()}
        return render(**moved, backend=backend).cpu()  # type: ignore[arg-type]

    return picture_and_gradients(draw, scene)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("seed", range(6))
def test_agreement(backend: str, seed: int) -> None:
    extras = ((), ("colors", "opacities"), ("opacities", "mask"))[seed % 3]
    kinds = tuple(k for k in KINDS if k != "retraced")  # float32 cannot tell which way a retraced line was nearer
    scene = make_scene(
        seed, 2, 8, (4, 7, 10)[seed % 3], (50, 61), (0.5, 12.0), extras, kinds=kinds, dtype=torch.float32
    )
    assert_agree(_on_gpu(scene, backend), picture_and_gradients(render_reference, scene))


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_same_bits_twice(backend: str) -> None:
    scene = make_scene(1, 4, 16, 7, 224, (0.5, 12.0), ("colors", "opacities"), dtype=torch.float32)
    one, two = _on_gpu(scene, backend), _on_gpu(scene, backend)
    assert torch.equal(one[0], two[0])
    assert all(torch.equal(one[1][name], two[1][name]) for name in one[1])


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_step_can_be_captured(backend: str) -> None:
    points = (torch.rand(2, 8, 4, 2) * 64).cuda().requires_grad_()

    def step() -> Tensor:
        (gradient,) = torch.autograd.grad(render(points, 1.5, size=64, backend=backend).square().sum(), points)  # type: ignore[arg-type]
        return gradient

    side = torch.cuda.Stream()
    with torch.cuda.stream(side):
        expected = step()
        step()
    torch.cuda.synchronize()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        captured = step()
    graph.replay()
    torch.cuda.synchronize()
    torch.testing.assert_close(captured, expected)
