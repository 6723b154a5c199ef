"""Every path draws what the reference draws, and has its gradients."""

from __future__ import annotations

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from raster_scenes import RandomScene, assert_agree, make_scene, picture_and_gradients, scenes

from strokewise.raster import available_backends, render, render_reference

BACKENDS = [name for name in available_backends("cpu") if name != "reference"]
calm = settings(deadline=None, max_examples=40, derandomize=True, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("backend", BACKENDS)
@calm
@given(scene=scenes())
def test_random_scenes(backend: str, scene: RandomScene) -> None:
    want = picture_and_gradients(render_reference, scene)
    assert_agree(picture_and_gradients(render, scene, backend=backend), want)


@pytest.mark.parametrize("backend", BACKENDS)
@settings(calm, max_examples=15)
@given(scene=scenes(dtype=torch.float32))
def test_random_scenes_in_float32(backend: str, scene: RandomScene) -> None:
    images, gradients = picture_and_gradients(render, scene, backend=backend)
    assert_agree((images, gradients), picture_and_gradients(render_reference, scene))


BIG = {
    "256 strokes": dict(batch=1, strokes=256, count=4, size=32, width=(0.5, 3.0)),
    "64 images": dict(batch=64, strokes=2, count=4, size=24, width=(0.5, 3.0), extras=("mask",)),
    "224 px": dict(batch=1, strokes=2, count=7, size=224, width=(1.0, 3.0), extras=("colors", "opacities")),
    "1024 px long": dict(batch=1, strokes=3, count=4, size=(24, 1024), width=(1.5, 9.0), kinds=("long", "line")),
    "tall": dict(batch=1, strokes=3, count=4, size=(400, 16), width=(0.5, 40.0)),
}


@pytest.mark.parametrize("name", BIG)
def test_big_scenes(name: str) -> None:
    scene = make_scene(seed=11, **BIG[name])
    want = picture_and_gradients(render_reference, scene)
    for backend in BACKENDS:
        assert_agree(picture_and_gradients(render, scene, backend=backend), want)


@pytest.mark.slow
@pytest.mark.parametrize("backend", BACKENDS)
def test_1024_px(backend: str) -> None:
    scene = make_scene(seed=11, batch=1, strokes=1, count=4, size=1024, width=(1.5, 1.6), kinds=("loop",))
    assert_agree(picture_and_gradients(render, scene, backend=backend), picture_and_gradients(render_reference, scene))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_big_in_every_way_numba_beside_tensor(seed: int) -> None:
    if "numba" not in BACKENDS:
        pytest.skip("Numba is not installed")
    scene = make_scene(seed, batch=4, strokes=32, count=4, size=320, width=(0.1, 40.0), extras=("colors", "mask"))
    got = picture_and_gradients(render, scene, backend="numba")
    assert_agree(got, picture_and_gradients(render, scene, backend="tensor"))


def test_the_tensor_path_without_waiting_for_the_device(monkeypatch: pytest.MonkeyPatch) -> None:
    """What CUDA would run: every segment against every tile."""
    from strokewise.raster import _tensor

    monkeypatch.setattr(_tensor, "_search_near", lambda corners, a, b, radii: _tensor._search_all(corners, a, b))
    scene = make_scene(3, batch=2, strokes=5, count=7, size=(30, 41), width=(0.3, 9.0), extras=("colors", "mask"))
    want = picture_and_gradients(render_reference, scene)
    assert_agree(picture_and_gradients(render, scene, backend="tensor"), want)


def test_the_tensor_path_in_small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    from strokewise.raster import _tensor

    scene = make_scene(4, batch=3, strokes=4, count=4, size=(43, 50), width=(0.5, 9.0), extras=("colors",))
    want = picture_and_gradients(render, scene, backend="tensor")
    for budget in (1 << 10, 1 << 14, 1 << 16, 1 << 18):
        monkeypatch.setattr(_tensor, "BUDGET", budget)
        got = picture_and_gradients(render, scene, backend="tensor")
        assert_agree(got, want, image_error=1e-12)


@pytest.mark.parametrize("count", [4, 7])
def test_the_loops_keep_to_their_arrays(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Compiled code writes wherever it is told; as plain Python the same loops would be stopped.

    Strokes that bend over more than a thousand pixels get as many segments as there is room for.
    """
    if "numba" not in BACKENDS:
        pytest.skip("Numba is not installed")
    from strokewise.raster import _numba_kernels as kernels

    scene = make_scene(6, 1, 4, count, 12, (3.0, 30.0), extras=("colors", "opacities"), kinds=("long", "dot", "loop"))
    ends = torch.tensor([[0.0, 6.0], [4000.0, -4000.0], [-4000.0, 4000.0]], dtype=torch.float64)
    scene.inputs["points"][0, 0] = ends[torch.arange(count) % 3]
    scene.inputs["points"][0, 0, -1] = 12.0
    want = picture_and_gradients(render, scene, backend="numba")
    for name in ("flatten", "room", "cover", "blend", "blend_back", "cover_back"):
        loop = getattr(kernels, name)
        monkeypatch.setattr(kernels, name, getattr(loop, "py_func", loop))
    assert_agree(picture_and_gradients(render, scene, backend="numba"), want, image_error=1e-12)
