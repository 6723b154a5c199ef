"""What words cost: the two engines agree, gradients are those of finite differences, and views go back the same way."""

import numpy as np
import pytest
import torch

from strokewise.encoders import embedded, embedded_torch
from strokewise.engines.light import LightEngine
from strokewise.engines.losses import sampling_grids, warp
from strokewise.engines.text_losses import text_cost
from strokewise.engines.torch_engine import TorchEngine
from strokewise.engines.views import view_bank
from strokewise.engines.warps import Warps
from strokewise.raster import rasterize
from strokewise.words.targets import AWAY, ClassTarget, SentenceTarget

BANK = view_bank(3, np.random.default_rng(4), distortion=0.4, area=0.8)
SIZE = 160


def strokes(seed=0, drawings=2):
    return np.random.default_rng(seed).uniform(0.1, 0.9, (drawings, 5, 4, 2)) * SIZE


@pytest.fixture(scope="module")
def networks():
    return embedded.load(), embedded_torch.load()


def photo():
    return np.ascontiguousarray(np.broadcast_to(rasterize(strokes(9, 1), 9.0, size=SIZE).picture, (1, 3, SIZE, SIZE)))


def target_of(network, keep=1.0, weight=0.4):
    cat, dog, cup = (network.labels.index(label) for label in ("cat", "dog", "cup"))
    return ClassTarget(("cat",), (cat, dog), (cup,), weight, keep)


def engines(networks, **changes):
    light, torch_one = networks
    target = target_of(light, **changes)
    return (
        LightEngine(light, photo(), width=2.0, target=target, views=BANK),
        TorchEngine(torch_one, photo(), width=2.0, views=BANK, device="cpu", target=target),
    )


def off(a, b):
    return np.linalg.norm(a - b) / np.linalg.norm(b)


@pytest.mark.parametrize("keep", [1.0, 0.5, 0.0])
def test_engines_agree_in_values_and_gradients(networks, keep):
    light, other = engines(networks, keep=keep)
    points = strokes()
    mine, my_gradients = light.value_and_gradient(points, None, [0, 0])
    theirs, their_gradients = other.value_and_gradient(points, None, [0, 0])
    for a, b in zip(mine, theirs, strict=True):
        assert a == pytest.approx(b, rel=2e-4, abs=2e-6)
    assert off(my_gradients["points"], their_gradients["points"]) < 0.03
    for engine in (light, other):
        for a, b in zip(engine.values(points, None, [0, 0]), theirs, strict=True):
            assert a == pytest.approx(b, rel=2e-4, abs=2e-6)


def test_words_are_read_in_views_too_and_the_engines_agree_there(networks):
    """At the network's own size, where neither scales, and where no photo counts, which only one of them turns."""
    light, torch_one = networks
    target, size = target_of(light, keep=0.0), light.input_size
    seen = np.ones((1, 3, size, size), np.float32)
    mine = LightEngine(light, seen, width=2.0, target=target, views=BANK)
    other = TorchEngine(torch_one, seen, width=2.0, views=BANK, device="cpu", target=target)
    assert mine.view_count == other.view_count == 3
    points = strokes() * size / SIZE
    plain = mine.value_and_gradient(points, None, [0, 0])[1]["points"]
    found = mine.value_and_gradient(points, None, [0, 0], views=(0, 2))[1]["points"]
    assert off(found, other.value_and_gradient(points, None, [0, 0], views=(0, 2))[1]["points"]) < 0.05
    assert off(found, plain) > 0.2


def test_the_gradient_is_that_of_finite_differences(networks):
    light, _ = engines(networks, keep=0.5, weight=2.0)
    points = strokes(1, 1)
    gradient = light.value_and_gradient(points, None, [0])[1]["points"]
    direction = gradient / np.linalg.norm(gradient)
    step = 0.004
    ahead, behind = (light.values(points + sign * step * direction, None, [0]).total[0] for sign in (1, -1))
    assert (ahead - behind) / (2 * step) == pytest.approx(np.linalg.norm(gradient), rel=0.05)


def test_the_total_is_the_photos_terms_and_the_cost_of_reading(networks):
    light = networks[0]
    target, size = target_of(light), light.input_size
    points = strokes() * size / SIZE
    seen = rasterize(points[:1], 9.0, size=size).picture.repeat(3, axis=1)
    plain = LightEngine(light, seen, width=2.0)
    assert plain.view_count == 1
    terms = LightEngine(light, seen, width=2.0, target=target, views=BANK).values(points, None, [0, 0])
    without = plain.values(points, None, [0, 0])
    assert (terms.semantic == without.semantic).all() and (terms.geometric == without.geometric).all()
    weight, bias = light.head()
    pictures = rasterize(points, 2.0, size=size).picture
    costs = target.costs(light.features(pictures).embedding @ weight.T + bias)
    assert terms.total - without.total == pytest.approx(costs, rel=1e-4)


def test_costs_by_hand():
    logits = np.log(np.array([[0.2, 0.3, 0.5]]))
    assert ClassTarget(("a",), (0, 1), weight=1.0).costs(logits) == pytest.approx(-np.log(0.5))
    # A word that is not wanted counts ten times.
    assert ClassTarget(("a",), (0,), (2,), weight=2.0).costs(logits) == pytest.approx(-2 * np.log(0.2 / 5.5))


def test_a_sentence_costs_its_cosine_distance_and_a_share_of_what_is_not_wanted():
    towards, away = np.eye(3, dtype=np.float32)[0], np.eye(3, dtype=np.float32)[1:]
    seen = torch.tensor([[3.0, 4.0, 0.0]])
    cpu = torch.device("cpu")
    plain = text_cost(SentenceTarget(towards, away[:0], 2.0), None, cpu)
    assert plain(seen).tolist() == pytest.approx([2 * (1 - 0.6)])
    both = text_cost(SentenceTarget(towards, away, 2.0), None, cpu)
    assert both(seen).tolist() == pytest.approx([2 * (1 - 0.6 + AWAY * 0.8 / 2)])


def test_views_are_those_of_the_other_engine_and_their_gradients_are_adjoint():
    rng = np.random.default_rng(0)
    picture = rng.uniform(0, 1, (1, 3, 40, 40)).astype(np.float32)
    warps = Warps(BANK, 40)
    grids = sampling_grids(BANK, 40)
    assert len(warps) == 3 and warps(picture, 0) is picture
    for view in (1, 2):
        seen = warps(picture, view)
        assert seen == pytest.approx(warp(torch.from_numpy(picture), grids[view]).numpy(), abs=1e-4)
        # <A x, y> = <x, A' y> of the linear part.
        other = rng.normal(size=picture.shape).astype(np.float32)
        ahead = float(((1 - seen) * other).sum())
        back = float(((1 - picture) * warps.back(other, view)).sum())
        assert ahead == pytest.approx(back, rel=1e-3)
    assert (warps(np.ones_like(picture), 1) == 1).all()
