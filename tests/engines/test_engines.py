"""The two engines agree, and their gradients are those of finite differences."""

import numpy as np
import pytest

from strokewise.encoders import embedded, embedded_torch
from strokewise.engines import make_engine
from strokewise.engines.light import LightEngine
from strokewise.engines.torch_engine import TorchEngine
from strokewise.engines.views import view_bank
from strokewise.raster import rasterize
from strokewise.sketch import StrokeStyle

ALL = frozenset({"width", "opacity", "color"})
STILL = view_bank(1, np.random.default_rng(0), distortion=0, area=1)


def strokes(size, drawings=2, seed=0):
    return np.random.default_rng(seed).uniform(0.1, 0.9, (drawings, 5, 4, 2)) * size


def styles(drawings=2, seed=1, colored=True):
    rng = np.random.default_rng(seed)
    colors = np.broadcast_to(rng.uniform(0, 0.6, (drawings, 5, 3 if colored else 1)), (drawings, 5, 3))
    return StrokeStyle(rng.uniform(1, 4, (drawings, 5)), colors, rng.uniform(0.4, 1, (drawings, 5)))


def photos(size, count=2):
    """Filled shapes in colour."""
    rng = np.random.default_rng(5)
    widths, colors = rng.uniform(10, 40, (count, 4)), rng.uniform(0, 1, (count, 4, 3))
    return rasterize(strokes(size, count, 3)[:, :4], widths, colors, size=size).picture


@pytest.fixture(scope="module")
def pair():
    light, torch_one = embedded.load(), embedded_torch.load()
    made = {}

    def engines(size):
        if size not in made:
            seen = photos(size)
            made[size] = (
                LightEngine(light, seen, width=2.0),
                TorchEngine(torch_one, seen, width=2.0, views=STILL, device="cpu"),
            )
        return made[size]

    return engines


def off(a, b):
    """Relative difference."""
    return np.linalg.norm(a - b) / np.linalg.norm(b)


@pytest.mark.parametrize("size", [224, 160, 300])
@pytest.mark.parametrize("kind", ["pen", "grey", "color"])
def test_values_and_gradients_agree(pair, size, kind):
    light, other = pair(size)
    points = strokes(size)
    style = None if kind == "pen" else styles(colored=kind == "color")
    vary = {"pen": frozenset(), "grey": frozenset({"width", "opacity"}), "color": ALL}[kind]
    mine, my_gradients = light.value_and_gradient(points, style, [1, 0], vary=vary)
    theirs, their_gradients = other.value_and_gradient(points, style, [1, 0], vary=vary)
    for a, b in zip(mine, theirs, strict=True):
        assert a == pytest.approx(b, rel=1e-4)
    assert my_gradients.keys() == their_gradients.keys() == {"points", *vary}
    for name, gradient in my_gradients.items():
        # An activation within rounding of a kink of ReLU6 may fall on either side of it, in both engines.
        assert off(gradient, their_gradients[name]) < 0.03
    for engine in (light, other):
        for a, b in zip(engine.values(points, style, [1, 0]), theirs, strict=True):
            assert a == pytest.approx(b, rel=1e-4)


@pytest.mark.parametrize("colored", [False, True])
def test_pixel_gradients_agree(pair, colored):
    """But for activations at a kink of ReLU6, of which a few among three million change a gradient by a percent."""
    light, other = pair(224)
    apart = []
    for seed in range(9):
        points, style = strokes(224, 1, seed)[0], styles(1, seed).at(0) if colored else None
        mine, theirs = light.pixel_gradient(points, style, 1), other.pixel_gradient(points, style, 1)
        assert mine[0].shape == mine[1].shape == theirs[1].shape == (3 if colored else 1, 224, 224)
        np.testing.assert_allclose(mine[0], theirs[0], atol=1e-4)
        apart.append(off(mine[1], theirs[1]))
    assert np.median(apart) < 1e-3 and max(apart) < 0.03


def test_gradients_are_those_of_finite_differences(pair):
    """Along a random way, and half as far: the difference quotient comes nearer to what the gradient says."""
    light, _ = pair(224)
    points, style, rng = strokes(224, 1), styles(1), np.random.default_rng(7)
    _, gradients = light.value_and_gradient(points, style, [0], vary=ALL)
    for name, step in (("points", 0.02), ("width", 0.01), ("opacity", 0.004), ("color", 0.004)):
        way = rng.normal(size=gradients[name].shape)
        ends = []
        for side in (step, -step):
            parts = {"points": points, "width": style.widths, "color": style.colors, "opacity": style.opacities}
            parts[name] = parts[name] + side * way
            moved = StrokeStyle(parts["width"], parts["color"], parts["opacity"])
            ends.append(light.values(parts["points"], moved, [0]).total[0])
        quotient = (ends[0] - ends[1]) / (2 * step)
        assert (gradients[name] * way).sum() == pytest.approx(quotient, rel=0.1, abs=0.02), name


def test_a_drawing_costs_the_same_whatever_is_beside_it(pair):
    light, _ = pair(224)
    points = strokes(224, 3)
    together = light.values(points, None, [0, 1, 0])
    for row, photo in enumerate((0, 1, 0)):
        assert light.values(points[row : row + 1], None, [photo]).total[0] == together.total[row]


def test_the_embedded_encoder_gets_the_light_engine_and_others_the_torch_one():
    seen = photos(224, 1)
    assert isinstance(make_engine(embedded.load(), seen, width=1.5, views=STILL, device="cpu"), LightEngine)
    assert isinstance(make_engine(embedded_torch.load(), seen, width=1.5, views=STILL, device="cpu"), TorchEngine)


def test_grey_drawings_have_one_channel_and_the_same_picture(pair):
    light, _ = pair(224)
    points, pen = strokes(224, 1)[0], StrokeStyle.pen(5, 2.0)
    plain, _ = light.pixel_gradient(points, None, 0)
    styled, _ = light.pixel_gradient(points, pen, 0)
    assert plain.shape == (1, 224, 224) and styled.shape == (3, 224, 224)
    for channel in styled:
        np.testing.assert_array_equal(channel, plain[0])
