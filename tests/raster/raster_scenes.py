"""Random scenes and how two rasterizers are compared; used by the tests beside it."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import torch
from hypothesis import strategies as st
from torch import Tensor

KINDS = ("long", "short", "loop", "cusp", "coincident", "dot", "partly off", "off canvas", "line", "retraced")


@dataclasses.dataclass
class RandomScene:
    """Arguments of `render`, and a weight image for the functional whose gradient is taken."""

    inputs: dict[str, Tensor]
    options: dict[str, Any]

    def weights(self) -> Tensor:
        batch, height = len(self.inputs["points"]), self.options["size"]
        channels = self.inputs["colors"].shape[-1] if "colors" in self.inputs else 1
        generator = torch.Generator().manual_seed(5)
        shape = (batch, channels, *(height if isinstance(height, tuple) else (height, height)))
        return torch.randn(shape, generator=generator, dtype=torch.float64)

    def __repr__(self) -> str:
        shapes = {name: list(t.shape) for name, t in self.inputs.items()}
        return f"RandomScene({shapes}, { ({k: v for k, v in self.options.items() if k != 'mask'}) })"


def stroke_points(kind: str, count: int, size: float, generator: torch.Generator) -> Tensor:
    """Control points [count, 2] of one stroke, float64."""

    def rand(*shape: int) -> Tensor:
        return torch.rand(shape, generator=generator, dtype=torch.float64)

    here = rand(2) * size
    if kind == "long":
        return rand(count, 2) * size
    if kind == "short":
        return here + (rand(count, 2) - 0.5) * min(20.0, size / 2)
    if kind == "loop":
        turn = torch.linspace(0, 2.6 * math.pi, count, dtype=torch.float64) + 6 * rand(1)
        return here + torch.stack((turn.cos(), turn.sin()), -1) * size * (0.1 + 0.4 * rand(1))
    if kind == "cusp":  # ends, and handles that cross far behind each other
        p = here + (rand(count, 2) - 0.5) * size
        p[1::3], p[2::3] = p[2::3].clone() + 0.2 * size, p[1::3].clone() - 0.2 * size
        return p
    if kind == "coincident":
        p = rand(count, 2) * size
        p[1] = p[0]
        p[-2] = p[-1]
        return p
    if kind == "dot":
        return here.expand(count, 2).clone()
    if kind == "partly off":
        return rand(count, 2) * 3 * size - size
    if kind == "off canvas":
        return rand(count, 2) * size + torch.tensor([2.0 * size, -3.0 * size], dtype=torch.float64)
    if kind == "line":  # evenly spaced and collinear
        return here + torch.linspace(0, 1, count, dtype=torch.float64)[:, None] * (rand(2) - 0.5) * size
    assert kind == "retraced"
    there = rand(2) * size
    p = torch.where(torch.arange(count)[:, None] % 3 == 0, here, there)
    return p


def make_scene(
    seed: int,
    batch: int,
    strokes: int,
    count: int,
    size: int | tuple[int, int],
    width: tuple[float, float],
    extras: tuple[str, ...] = (),
    channels: int = 3,
    kinds: tuple[str, ...] = KINDS,
    dtype: torch.dtype = torch.float64,
) -> RandomScene:
    """A scene whose strokes are of kinds drawn at random."""
    g = torch.Generator().manual_seed(seed)
    side = float(max(size) if isinstance(size, tuple) else size)
    picks = torch.randint(len(kinds), (batch * strokes,), generator=g).tolist()
    points = torch.stack([stroke_points(kinds[i], count, side, g) for i in picks]).view(batch, strokes, count, 2)

    def rand(*shape: int) -> Tensor:
        return torch.rand(shape, generator=g, dtype=torch.float64)

    low, high = width
    inputs = {"points": points, "widths": low * (high / low) ** rand(batch, strokes)}
    options: dict[str, Any] = {"size": size}
    if "colors" in extras:
        inputs["colors"] = rand(batch, strokes, channels)
        options["background"] = rand(channels).tolist()
    if "opacities" in extras:
        inputs["opacities"] = rand(batch, strokes)
    if "mask" in extras:
        options["mask"] = rand(batch, strokes) > 0.3
    return RandomScene({k: v.to(dtype) for k, v in inputs.items()}, options)


def scenes(
    batch: int = 3, strokes: int = 6, size: int = 48, dtype: torch.dtype = torch.float64
) -> st.SearchStrategy[RandomScene]:
    """Scenes of up to so many images, strokes and pixels a side."""
    sizes = st.integers(16, size) | st.tuples(st.integers(16, size), st.integers(16, size))
    widths = st.sampled_from([(0.1, 0.9), (0.5, 3.0), (1.5, 1.6), (3.0, 40.0), (0.1, 40.0)])
    return st.builds(
        make_scene,
        seed=st.integers(0, 2**31),
        batch=st.integers(1, batch),
        strokes=st.integers(1, strokes),
        count=st.sampled_from([4, 7, 10]),
        size=sizes,
        width=widths,
        extras=st.sets(st.sampled_from(["colors", "opacities", "mask"])).map(lambda s: tuple(sorted(s))),
        channels=st.sampled_from([1, 3]),
        dtype=st.just(dtype),
    )


def picture_and_gradients(draw: Any, scene: RandomScene, **more: Any) -> tuple[Tensor, dict[str, Tensor]]:
    """The images of a scene and the gradients of their weighted sum, all float64."""
    inputs = {name: t.detach().clone().requires_grad_() for name, t in scene.inputs.items()}
    images = draw(**inputs, **scene.options, **more)
    if images.requires_grad:  # with every stroke hidden, the reference depends on nothing
        (images * scene.weights().to(images.dtype)).sum().backward()
    gradients = {name: t.grad.double() for name, t in inputs.items() if t.grad is not None}
    return images.detach().double(), gradients


def assert_agree(
    got: tuple[Tensor, dict[str, Tensor]], want: tuple[Tensor, dict[str, Tensor]], image_error: float = 1e-4
) -> None:
    """The bars: images within 1e-4, gradients within 1e-3 relative and of cosine over 0.999."""
    assert got[0].shape == want[0].shape
    error = (got[0] - want[0]).abs().max().item() if got[0].numel() else 0.0
    assert error < image_error, f"images differ by {error}"
    for name, expected in want[1].items():
        found = got[1][name]
        assert found.isfinite().all(), name
        size = expected.norm().item()
        relative = (found - expected).norm().item()
        assert relative <= 1e-3 * size + 1e-9, f"gradients to {name}: {relative} beside {size}"
        if size > 1e-9:
            cosine = (found * expected).sum().item() / (found.norm().item() * size)
            assert cosine > 0.999, f"gradients to {name}: cosine {cosine}"
