"""What `render` promises: meaning of the arguments, errors, degenerate input, reproducibility."""

from __future__ import annotations

import hashlib
import math
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import torch
from raster_scenes import make_scene, picture_and_gradients
from torch import Tensor

from strokewise.raster import available_backends, check_finite, choose_backend, render, render_reference

BACKENDS = available_backends("cpu")
LINE = torch.tensor([[4.0, 8.0], [12.0, 8.0], [20.0, 8.0], [28.0, 8.0]], dtype=torch.float64)[None, None]


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_straight_line_covers_what_it_should(backend: str) -> None:
    """Evenly spaced collinear control points, which some rasterizers draw as two dots."""
    image = render(LINE, 3.0, size=(16, 32), backend=backend)[0, 0]
    column = 1 - image[:, 16]
    expected = torch.zeros(16, dtype=torch.float64)
    expected[6:10] = torch.tensor([0.5, 1.0, 1.0, 0.5], dtype=torch.float64)
    torch.testing.assert_close(column, expected)
    area = (1 - image).sum().item()
    assert area == pytest.approx(24 * 3 + math.pi * 1.5**2, rel=0.01)  # with round caps


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("width", [0.1, 0.4, 0.8])
def test_thin_strokes_fade(backend: str, width: float) -> None:
    image = render(LINE + 0.3, width, size=(16, 32), backend=backend)[0, 0]
    torch.testing.assert_close((1 - image[:, 16]).sum().item(), width, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("width", [0.0, -2.0])
def test_no_width_no_ink(backend: str, width: float) -> None:
    assert (render(LINE, width, size=32, backend=backend) == 1).all()


@pytest.mark.parametrize("backend", BACKENDS)
def test_order_colors_opacities_and_background(backend: str) -> None:
    points = LINE.repeat(1, 2, 1, 1)
    colors = torch.tensor([[[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]], dtype=torch.float64)
    opacities = torch.tensor([[1.0, 0.25]], dtype=torch.float64)
    image = render(points, 4.0, colors, opacities, size=(16, 32), background=(0.25, 0.5, 0.75), backend=backend)
    assert image.shape == (1, 3, 16, 32)
    torch.testing.assert_close(image[0, :, 8, 16], torch.tensor([0.75, 0.0, 0.25], dtype=torch.float64))
    torch.testing.assert_close(image[0, :, 1, 1], torch.tensor([0.25, 0.5, 0.75], dtype=torch.float64))


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_mask_equals_removing_the_stroke(backend: str) -> None:
    scene = make_scene(5, 2, 4, 4, 40, (1.0, 8.0), extras=("colors", "opacities"))
    keep = torch.tensor([True, False, True, True])
    inputs = {name: t.clone() for name, t in scene.inputs.items()}
    inputs["points"][:, 1] = math.nan  # whatever a hidden stroke holds
    inputs = {name: t.requires_grad_() for name, t in inputs.items()}
    masked = render(**inputs, **scene.options, mask=keep.expand(2, 4), backend=backend)
    removed = render(**{k: v[:, keep] for k, v in scene.inputs.items()}, **scene.options, backend=backend)
    assert torch.equal(masked, removed)
    (masked * scene.weights()).sum().backward()
    for t in inputs.values():
        assert t.grad is not None and t.grad.isfinite().all() and (t.grad[:, 1] == 0).all()


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("kind", ["dot", "coincident", "retraced", "off canvas", "line"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_degenerate_strokes_have_finite_gradients(backend: str, kind: str, dtype: torch.dtype) -> None:
    scene = make_scene(0, 2, 3, 7, 32, (0.5, 20.0), extras=("colors", "opacities"), kinds=(kind,), dtype=dtype)
    images, gradients = picture_and_gradients(render, scene, backend=backend)
    assert images.isfinite().all()
    assert all(g.isfinite().all() for g in gradients.values())


@pytest.mark.parametrize("backend", BACKENDS)
def test_far_away_and_whole_numbers(backend: str) -> None:
    """Distances that are exactly zero, and points at the end of the number range that still leave a picture."""
    points = torch.tensor([[[[8.25, 8.25]] * 4, [[0.0, 4.0], [8.0, 4.0], [1e6, 4.0], [1e6, 1e6]]]], requires_grad=True)
    image = render(points, 2.0, size=16, backend=backend)
    image.sum().backward()
    assert image.isfinite().all() and points.grad is not None and points.grad.isfinite().all()


@pytest.mark.parametrize("backend", BACKENDS)
def test_empty_batches_and_no_strokes(backend: str) -> None:
    points = torch.zeros(2, 0, 4, 2, requires_grad=True)
    image = render(points, 1.0, size=(5, 7), background=0.5, backend=backend)
    assert image.shape == (2, 1, 5, 7) and (image == 0.5).all()
    (image.sum() + points.sum()).backward()  # nothing to say, and no error
    assert points.grad is not None and points.grad.shape == points.shape
    assert render(torch.zeros(0, 3, 4, 2), 1.0, size=8, backend=backend).shape == (0, 1, 8, 8)


@pytest.mark.parametrize("backend", BACKENDS)
def test_short_forms_mean_what_the_long_ones_say(backend: str) -> None:
    points = make_scene(4, 2, 3, 4, 20, (1.0, 2.0)).inputs["points"]
    keep = torch.tensor([True, False, True])
    grey = torch.full((2, 3), 0.5, dtype=torch.float64)
    short = render(points, 3, None, 0.5, size=20, background=(0.25, 0.5, 0.75), mask=keep, backend=backend)
    long = render(
        *(points, 6 * grey, torch.zeros(2, 3, 3, dtype=torch.float64), grey),
        **{"size": (20, 20), "background": [0.25, 0.5, 0.75], "mask": keep.expand(2, 3), "backend": backend},  # type: ignore[arg-type]
    )
    assert short.shape == (2, 3, 20, 20) and torch.equal(short, long)
    widths, white = torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64), torch.ones(2, 3, 3, dtype=torch.float64)
    short = render(points, widths, white, 2 * grey[0], size=20, background=(0.25,), backend=backend)
    long = render(points, widths.expand(2, 3), white, size=20, background=(0.25,) * 3, backend=backend)
    assert torch.equal(short, long) and (short[:, 0] > 0.25).any()


P = torch.zeros(2, 3, 4, 2)


@pytest.mark.parametrize(
    ("error", "words", "call"),
    [
        (ValueError, "[2, 3, 5, 2]", lambda: render(torch.zeros(2, 3, 5, 2), 1.0, size=8)),
        (ValueError, "[3, 4, 2]", lambda: render(torch.zeros(3, 4, 2), 1.0, size=8)),
        (ValueError, "[2, 3, 1, 2]", lambda: render(torch.zeros(2, 3, 1, 2), 1.0, size=8)),
        (TypeError, "float16", lambda: render(P.half(), 1.0, size=8)),
        (TypeError, "list", lambda: render([[1.0]], 1.0, size=8)),  # type: ignore[arg-type]
        (ValueError, "[4]", lambda: render(P, torch.ones(4), size=8)),
        (TypeError, "float64", lambda: render(P, torch.ones(2, 3).double(), size=8)),
        (TypeError, "str", lambda: render(P, "wide", size=8)),  # type: ignore[arg-type]
        (ValueError, "[2, 3, 2]", lambda: render(P, 1.0, torch.ones(2, 3, 2), size=8)),
        (TypeError, "colors", lambda: render(P, 1.0, 0.5, size=8)),  # type: ignore[arg-type]
        (ValueError, "[3, 2]", lambda: render(P, 1.0, None, torch.ones(3, 2), size=8)),
        (TypeError, "bool", lambda: render(P, 1.0, size=8, mask=torch.ones(2, 3))),
        (ValueError, "[3, 2]", lambda: render(P, 1.0, size=8, mask=torch.ones(3, 2, dtype=torch.bool))),
        (ValueError, "on meta", lambda: render(P, torch.ones(2, 3, device="meta"), size=8)),
        (ValueError, "size", lambda: render(P, 1.0, size=0)),
        (ValueError, "size", lambda: render(P, 1.0, size=(8, 8, 8))),  # type: ignore[arg-type]
        (ValueError, "size", lambda: render(P, 1.0, size=(8, 0))),
        (ValueError, "size", lambda: render(P, 1.0, size=(8.0, 8))),  # type: ignore[arg-type]
        (ValueError, "size", lambda: render(P, 1.0, size=True)),
        (ValueError, "[2, 3, 4, 3]", lambda: render(torch.zeros(2, 3, 4, 3), 1.0, size=8)),
        (TypeError, "widths must be a tensor or a number, got bool", lambda: render(P, True, size=8)),
        (ValueError, "background", lambda: render(P, 1.0, torch.ones(2, 3, 1), size=8, background=(1, 1, 1))),
        (ValueError, "background", lambda: render(P, 1.0, size=8, background=(1.0, 1.0))),
        (ValueError, "quick", lambda: render(P, 1.0, size=8, backend="quick")),  # type: ignore[arg-type]
        (ValueError, "triton", lambda: render(P, 1.0, size=8, backend="triton")),
    ],
)
def test_mistakes_are_named(error: type[Exception], words: str, call: object) -> None:
    with pytest.raises(error) as caught:
        call()  # type: ignore[operator]
    assert words in str(caught.value)


@pytest.mark.parametrize("draw", [render, render_reference])
@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("name", ["points", "widths", "colors", "opacities"])
def test_values_that_are_not_finite_name_the_stroke(draw: object, bad: float, name: str) -> None:
    inputs = {
        "points": P.clone(),
        "widths": torch.ones(2, 3),
        "colors": torch.ones(2, 3, 3),
        "opacities": torch.ones(2, 3),
    }
    inputs[name][1, 2] = bad
    with pytest.raises(ValueError, match=f"{name} of stroke 2 in batch 1"):
        draw(**inputs, size=8)  # type: ignore[operator]
    with pytest.raises(ValueError, match="stroke 2 in batch 1"):
        check_finite(**inputs)
    mask = torch.ones(2, 3, dtype=torch.bool)
    mask[1, 2] = False
    check_finite(**inputs, mask=mask)


def test_what_is_left_out_hides_nothing_behind_it() -> None:
    with pytest.raises(ValueError, match="opacities of stroke 0 in batch 0"):
        check_finite(torch.zeros(1, 1, 4, 2), None, None, torch.tensor([[math.nan]]))


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_smallest_canvas(backend: str) -> None:
    image = render(torch.full((1, 1, 4, 2), 0.5), 4.0, size=1, backend=backend)
    assert image.shape == (1, 1, 1, 1) and image.item() == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("backend", [name for name in BACKENDS if name != "reference"])
def test_second_derivatives_are_refused(backend: str) -> None:
    points = LINE.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(
        render(points, 2.0, size=32, backend=backend).square().sum(), points, create_graph=True
    )
    with pytest.raises(RuntimeError, match="once_differentiable"):
        gradient.sum().backward()


def test_what_is_installed() -> None:
    from strokewise.raster._render import _installed

    assert _installed("torch") and not _installed("no_such_module_is_here")


def test_choice_of_path() -> None:
    assert choose_backend("auto", "cpu") == BACKENDS[0]
    assert choose_backend("auto", "mps") == "tensor"
    assert choose_backend("reference", "cuda") == "reference"
    with pytest.raises(ValueError, match="numba"):
        choose_backend("numba", "cuda")


def test_without_numba_tensor_operations_take_over(monkeypatch: pytest.MonkeyPatch) -> None:
    from strokewise import raster
    from strokewise.raster import _render

    monkeypatch.setattr(_render, "_installed", lambda module: False)
    assert raster.available_backends("cpu") == ("tensor", "reference")
    assert choose_backend("auto", "cpu") == "tensor"


def test_which_path_draws_where_everything_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    from strokewise import raster
    from strokewise.raster import _render

    monkeypatch.setattr(_render, "_installed", lambda module: True)
    assert raster.available_backends("cpu") == ("numba", "tensor", "reference")
    assert raster.available_backends("cuda") == ("triton", "tensor", "reference")
    assert raster.available_backends("mps") == ("tensor", "reference")


def _digest(threads: int) -> str:
    torch.set_num_threads(threads)
    digest = hashlib.sha256()
    for seed in range(3):
        scene = make_scene(seed, 2, 12, 7, 160, (0.5, 12.0), extras=("colors", "opacities"), dtype=torch.float32)
        images, gradients = picture_and_gradients(render, scene)
        for tensor in (images, *gradients.values()):
            digest.update(tensor.numpy().tobytes())
    return digest.hexdigest()


def test_the_same_bits_every_time_with_any_number_of_threads() -> None:
    assert len({_digest(threads) for threads in (1, 2, 2, 3, 7)}) == 1


def test_the_same_bits_in_another_process() -> None:
    here = Path(__file__).parent
    path = os.pathsep.join([str(here), *sys.path])
    code = "from test_render import _digest; print(_digest(2))"
    environment = {**os.environ, "PYTHONPATH": path}
    out = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert out.stdout.strip() == _digest(2)


def test_callers_in_several_threads_do_not_disturb_each_other() -> None:
    torch.set_num_threads(2)
    jobs = [make_scene(seed, 1, 8, 4, 60 + 20 * seed, (0.5, 12.0)) for seed in range(6)]
    alone = [render(**job.inputs, **job.options) for job in jobs]
    wrong: list[int] = []

    def work(i: int) -> None:
        for _ in range(10):
            if not torch.equal(render(**jobs[i].inputs, **jobs[i].options), alone[i]):
                wrong.append(i)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(len(jobs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_inputs_that_are_not_contiguous() -> None:
    points = torch.rand(2, 4, 3, 5, generator=torch.Generator().manual_seed(0)) * 20  # [xy, point, batch, stroke]
    points = points.permute(2, 3, 1, 0).requires_grad_()
    weight = torch.rand(3, 1, 20, 20).transpose(2, 3)
    image = render(points, 1.5, size=20)
    (got,) = torch.autograd.grad(image, points, weight)
    (want,) = torch.autograd.grad(render_reference(points, 1.5, size=20), points, weight)
    torch.testing.assert_close(got, want, rtol=1e-4, atol=1e-5)


def test_gradients_can_be_taken_twice_from_one_picture() -> None:
    points: Tensor = (torch.rand(1, 4, 4, 2) * 20).requires_grad_()
    image = render(points, 1.5, size=20)
    (one,) = torch.autograd.grad(image.sum(), points, retain_graph=True)
    (two,) = torch.autograd.grad(image.sum(), points)
    assert torch.equal(one, two)
