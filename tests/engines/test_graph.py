"""The network's ONNX graphs against PyTorch: block by block, and for small networks of other structure."""

import dataclasses

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from strokewise._onnx import OnnxNetwork
from strokewise.encoders import embedded
from strokewise.encoders.graph import forward_graph, gradient_graph, photo_graph
from strokewise.encoders.network import Block, Convolution, Network, same_padding

CLOSE = 2e-5
"""Relative difference that rounding to float32 may make, layer after layer."""


def in_torch(network, image):
    """Outputs of all blocks, float64."""
    x, outputs = image * network.scale + network.shift, []
    for block in network.blocks:
        start = x
        for one in block.convolutions:
            before, after = one.padding
            weight, bias = (torch.from_numpy(values).double() for values in (one.weight, one.bias))
            x = F.conv2d(F.pad(x, (before, after, before, after)), weight, bias, one.stride, groups=one.groups)
            x = {"none": x, "relu": x.relu(), "relu6": x.clamp(0, 6)}[one.activation]
        x = x + start if block.residual else x
        outputs.append(x)
    return outputs


def run(content, **inputs):
    return OnnxNetwork(lambda: content)(inputs)


def off(found, expected):
    """Relative difference of an array and a tensor of one shape."""
    expected = expected.detach().numpy()
    assert found.shape == expected.shape
    return np.linalg.norm(found - expected) / np.linalg.norm(expected)


def convolution(rng, inputs, outputs, kernel, stride, activation, depthwise=False):
    groups = inputs if depthwise else 1
    weight = rng.normal(size=(outputs, inputs // groups, kernel, kernel)) / np.sqrt(inputs / groups * kernel**2) * 1.5
    bias = rng.normal(size=outputs) * 0.3
    padding = same_padding(kernel, stride)
    return Convolution(weight.astype(np.float32), bias.astype(np.float32), stride, groups, padding, activation)


def small_network(activation, seed=0):
    """Dense kernels of 1, 3 and 5, both strides, depthwise ones, a residual block at each place where one may be."""
    rng = np.random.default_rng(seed)

    def layer(*options, **more):
        return convolution(rng, *options, activation, **more)

    blocks = (
        Block((layer(3, 6, 3, 2),)),
        Block((layer(6, 6, 3, 1), layer(6, 6, 3, 1)), residual=True),
        Block((layer(6, 12, 1, 1), layer(12, 12, 5, 2, depthwise=True), convolution(rng, 12, 8, 1, 1, "none"))),
        Block((layer(8, 10, 3, 2),)),
        Block((layer(10, 10, 3, 1, depthwise=True), convolution(rng, 10, 10, 1, 1, "none")), residual=True),
        Block((layer(10, 14, 1, 1),)),
    )
    classifier = (rng.normal(size=(5, 14)).astype(np.float32), rng.normal(size=5).astype(np.float32))
    return Network(32, 2.0, -0.9, blocks, maps=(1, 3, 4), saliency=(1, 4, 5), classifier=classifier)


@pytest.fixture(scope="module", params=["relu", "relu6", "none", "embedded"])
def network(request):
    if request.param == "embedded":
        return embedded.load().network
    return small_network(request.param)


def picture(network, channels, seed=0):
    size = network.input_size
    return np.random.default_rng(seed).random((1, channels, size, size), np.float32)


@pytest.mark.parametrize("channels", [1, 3])
def test_each_block_gives_what_it_gives_in_torch(network, channels):
    every = dataclasses.replace(network, maps=tuple(range(len(network.blocks))))
    image = picture(network, channels)
    embedding, *outputs = run(forward_graph(every, channels), image=image)
    expected = in_torch(network, torch.from_numpy(image).double().expand(-1, 3, -1, -1))
    for number, (found, same) in enumerate(zip(outputs, expected, strict=True)):
        assert off(found, same) < CLOSE, number
    assert off(embedding, expected[-1].mean((2, 3))) < CLOSE


def loss_inputs(network, photo, weights):
    """A photo's side of the loss for the graph, and the loss of a tensor."""
    with torch.no_grad():
        seen = in_torch(network, torch.from_numpy(photo).double())
    direction = F.normalize(seen[-1].mean((2, 3)))
    inputs = {"direction": direction.float().numpy()}
    for i, (number, weight) in enumerate(zip(network.maps, weights, strict=True)):
        inputs[f"photo{i}"] = seen[number].float().numpy()
        inputs[f"weight{i}"] = np.full((1, 1, 1, 1), weight, np.float32)

    def loss(image):
        found = in_torch(network, image.expand(-1, 3, -1, -1))
        semantic = 1 - F.cosine_similarity(found[-1].mean((2, 3)), direction)
        pairs = zip(network.maps, weights, strict=True)
        geometric = sum(weight * (found[m] - seen[m]).square().sum((1, 2, 3)) for m, weight in pairs)
        return semantic, geometric

    return inputs, loss


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("maps", ["all", "first", "last", "none of weight"])
def test_loss_and_gradient_are_those_of_autograd(network, channels, maps):
    if network.input_size > 32 and maps != "all":
        pytest.skip("the small networks do")
    if maps in ("first", "last"):
        number = 0 if maps == "first" else len(network.blocks) - 1
        network = dataclasses.replace(network, maps=(number,))
    weights = [0.0 if maps == "none of weight" else 0.02 * (1 + i) for i in range(len(network.maps))]
    image = picture(network, channels)
    inputs, loss = loss_inputs(network, picture(network, 3, 1), weights)
    x = torch.from_numpy(image).double().requires_grad_()
    semantic, geometric = loss(x)
    (expected,) = torch.autograd.grad((geometric + 0.7 * semantic).sum(), x)
    found = run(gradient_graph(network, channels, 0.7), image=image, **inputs)
    assert found[0].shape == found[1].reshape(-1).shape == (1,)
    assert float(found[0][0]) == pytest.approx(semantic.item(), rel=1e-4, abs=1e-6)
    assert float(found[1].reshape(-1)[0]) == pytest.approx(geometric.item(), rel=1e-4)
    assert off(found[2], expected) < 1e-3


def test_saliency_is_the_product_of_activation_and_gradient(network):
    image = picture(network, 3)
    outputs = in_torch(network, torch.from_numpy(image).double().requires_grad_())
    weight, bias = (torch.from_numpy(values).double() for values in network.classifier)
    logits = outputs[-1].mean((2, 3)) @ weight.T + bias
    likely = logits.softmax(1).detach()
    seen = [outputs[number] for number in network.saliency]
    gradients = torch.autograd.grad((logits * likely).sum(), seen)
    embedding, *found = run(photo_graph(network), image=image)
    assert off(embedding, outputs[-1].mean((2, 3))) < 1e-4
    for number in network.maps:
        assert off(found.pop(0), outputs[number]) < 1e-4
    assert len(found) == len(seen)
    for cam, activation, gradient in zip(found, seen, gradients, strict=True):
        assert off(cam, (gradient.relu() * activation.relu()).sum(1, keepdim=True)) < 1e-3


def test_an_activation_at_zero_or_beyond_six_passes_no_gradient():
    """A network of one number: where the mask is, and where it is not."""
    one = np.ones((1, 3, 1, 1), np.float32) / 3
    for activation, level, slope in (
        ("relu6", 0.5, 1.0), ("relu6", -0.5, 0.0), ("relu6", 7.0, 0.0), ("relu", 7.0, 1.0), ("relu", -0.5, 0.0),
    ):  # fmt: skip
        layer = Convolution(one, np.zeros(1, np.float32), 1, 1, (0, 0), activation)
        classifier = (np.ones((1, 1), np.float32), np.zeros(1, np.float32))
        network = Network(2, 1.0, 0.0, (Block((layer,)),), maps=(0,), saliency=(0,), classifier=classifier)
        image = np.full((1, 1, 2, 2), level, np.float32)
        photo = {"photo0": np.full((1, 1, 2, 2), -1, np.float32), "weight0": np.ones((1, 1, 1, 1), np.float32)}
        *_, gradient = run(gradient_graph(network, 1, 0.0), image=image, direction=np.ones((1, 1), np.float32), **photo)
        value = np.clip(level, 0, 6 if activation == "relu6" else None)
        np.testing.assert_allclose(gradient, np.full((1, 1, 2, 2), slope * 2 * (value + 1)), rtol=1e-5)


def test_a_network_that_was_unloaded_says_the_same_when_it_is_loaded_anew():
    content, loaded = forward_graph(small_network("relu"), 1), []
    network = OnnxNetwork(lambda: loaded.append(1) or content, threads=1)
    image = np.random.default_rng(0).random((1, 1, 32, 32), dtype=np.float32)
    before = network(image)
    network.unload()
    network.unload()
    for one, other in zip(before, network(image), strict=True):
        np.testing.assert_array_equal(one, other)
    assert len(loaded) == 2
