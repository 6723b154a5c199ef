"""Gradients against finite differences: the reference by gradcheck, the fast path by wide central differences."""

from __future__ import annotations

import pytest
import torch
from raster_scenes import KINDS, make_scene, picture_and_gradients
from torch import Tensor

from strokewise.raster import available_backends, render, render_reference


@pytest.mark.parametrize("width", [0.3, 1.7, 6.3])
@pytest.mark.parametrize("count", [4, 7])
def test_gradcheck_of_the_reference(count: int, width: float) -> None:
    scene = make_scene(
        2, 1, 2, count, 12, (width, width + 0.3), extras=("colors", "opacities"), kinds=("long", "partly off", "loop")
    )
    inputs = {name: t.requires_grad_() for name, t in scene.inputs.items()}

    def draw(*values: Tensor) -> Tensor:
        return render_reference(
            **dict(zip(inputs, values, strict=True)), size=12, background=scene.options["background"]
        )

    assert torch.autograd.gradcheck(draw, tuple(inputs.values()), eps=1e-7, atol=2e-4, rtol=2e-3)


@pytest.mark.parametrize("kind", [k for k in KINDS if k not in ("retraced", "off canvas", "dot")])
@pytest.mark.parametrize("backend", available_backends("cpu")[:1])
def test_finite_differences_of_the_fast_paths(backend: str, kind: str) -> None:
    """A functional of the picture along random directions.

    Coverage has kinks a fraction of a pixel apart, so the gradient is averaged over the step that the difference
    spans, which makes the two equal. They are not quite where a cubic gets one segment more on the way.
    """
    size, nodes = 40, 24
    scene = make_scene(8, 1, 3, 4, size, (1.4, 4.0), extras=("colors", "opacities"), kinds=(kind,))
    x = torch.linspace(0, 3, size, dtype=torch.float64)
    weight = (4.3 * x).sin()[:, None] + (3.9 * x).cos()

    def value(inputs: dict[str, Tensor]) -> Tensor:
        return (render(**inputs, **scene.options, backend=backend) * weight).sum()

    generator = torch.Generator().manual_seed(0)
    for name in scene.inputs:
        wrong, size_of_all = 0.0, 0.0
        for _ in range(2):
            way = 0.1 * torch.randn(scene.inputs[name].shape, generator=generator, dtype=torch.float64)
            ahead, behind = ({**scene.inputs, name: scene.inputs[name] + sign * way} for sign in (1, -1))
            difference = (value(ahead) - value(behind)).item() / 2
            slope = 0.0
            for i in range(nodes):
                at = (scene.inputs[name] + way * (2 * (i + 0.5) / nodes - 1)).requires_grad_()
                (gradient,) = torch.autograd.grad(value({**scene.inputs, name: at}), at)
                slope += (gradient * way).sum().item() / nodes
            wrong += (slope - difference) ** 2
            size_of_all += difference**2
        assert wrong**0.5 < 0.05 * size_of_all**0.5, name


@pytest.mark.parametrize("backend", available_backends("cpu"))
def test_only_what_needs_gradients_gets_them(backend: str) -> None:
    scene = make_scene(1, 2, 3, 4, 24, (1.0, 3.0), extras=("colors", "opacities"))
    full = picture_and_gradients(render, scene, backend=backend)[1]
    for name in scene.inputs:
        inputs = {k: v.clone().requires_grad_(k == name) for k, v in scene.inputs.items()}
        images = render(**inputs, **scene.options, backend=backend)
        (images * scene.weights()).sum().backward()
        assert [k for k, v in inputs.items() if v.grad is not None] == [name]
        torch.testing.assert_close(inputs[name].grad, full[name])


@pytest.mark.parametrize("backend", available_backends("cpu"))
def test_a_shared_width_collects_the_gradient_of_all_strokes(backend: str) -> None:
    points = torch.rand(2, 4, 4, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64) * 30
    width = torch.tensor([2.0] * 4, dtype=torch.float64, requires_grad=True)
    each = torch.full((2, 4), 2.0, dtype=torch.float64, requires_grad=True)
    render(points, width, size=30, backend=backend).sum().backward()
    render(points, each, size=30, backend=backend).sum().backward()
    assert width.grad is not None and each.grad is not None
    torch.testing.assert_close(width.grad, each.grad.sum(0))
    assert (width.grad < 0).all()  # wider black strokes, darker picture
