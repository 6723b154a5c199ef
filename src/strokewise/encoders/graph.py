"""A network as ONNX graphs of plain operators, run by ONNX Runtime: forward, gradient of the loss, saliency.

The network is frozen, so its gradient with respect to the image is a fixed graph too. The gradient of a convolution
of stride 1 is a convolution with the flipped, transposed kernel; that of stride 2 is a transposed convolution.
Masks of activations are steep HardSigmoids: of all ways to write them, ONNX Runtime keeps these in the blocked
layout that its convolutions work in, so that nothing is reordered between them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from .network import Convolution, Network, Weights

OPSET, IR_VERSION = 17, 8
"""What ONNX Runtime 1.20 reads, and newer ones too."""
STEEP = 1e7
"""Slope of the HardSigmoid that stands for a step."""

Array = NDArray[np.float32]


class _Builder:
    """Nodes and constants of a graph on the way."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self.inputs: list[onnx.ValueInfoProto] = []

    def input(self, name: str, *shape: int | str) -> str:
        self.inputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
        return name

    def constant(self, values: Any, kind: type = np.float32) -> str:
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values, dtype=kind), name))
        return name

    def add(self, operator: str, *inputs: str, name: str = "", **attributes: Any) -> str:
        name = name or f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [name], **attributes))
        return name

    def model(self, outputs: Sequence[str]) -> bytes:
        """The graph with these outputs, as a file's bytes."""
        given = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs]
        graph = helper.make_graph(self.nodes, "strokewise", self.inputs, given, self.constants)
        opset = [helper.make_opsetid("", OPSET)]
        return helper.make_model(graph, opset_imports=opset, ir_version=IR_VERSION).SerializeToString()


class _Forward:
    """The network's nodes, and what the way back needs of them.

    Args:
        graph: to which they are added.
        network: the network.
        image: name of its input, [batch, channels, y, x] in [0, 1].
        channels: 3, or 1 for a grey image: the kernels of the three channels are then added up.
    """

    def __init__(self, graph: _Builder, network: Network, image: str, channels: int) -> None:
        self.graph, self.network, self.channels = graph, network, channels
        x = graph.add("Mul", image, graph.constant(network.scale))
        x = graph.add("Add", x, graph.constant(network.shift))
        self.outputs: list[str] = []
        self._activated: list[list[str]] = []
        for number, block in enumerate(network.blocks):
            start, activated = x, []
            for place, convolution in enumerate(block.convolutions):
                x = self._convolve(x, convolution, self._weight(number, place))
                activated.append(x)
            if block.residual:
                x = graph.add("Add", x, start)
            self.outputs.append(x)
            self._activated.append(activated)
        self.embedding = graph.add("ReduceMean", x, axes=[2, 3], keepdims=0)

    def _weight(self, number: int, place: int) -> Weights:
        weight = self.network.blocks[number].convolutions[place].weight
        if number == place == 0 and self.channels == 1:
            return weight.sum(1, keepdims=True)
        return weight

    def _convolve(self, x: str, one: Convolution, weight: Weights) -> str:
        graph = self.graph
        before, after = one.padding
        x = graph.add(
            *("Conv", x, graph.constant(weight), graph.constant(one.bias)),
            strides=[one.stride] * 2,
            pads=[before, before, after, after],
            group=one.groups,
            kernel_shape=[one.kernel] * 2,
        )
        if one.activation == "relu":
            return graph.add("Relu", x)
        if one.activation == "relu6":
            return graph.add("Clip", x, graph.constant(0.0), graph.constant(6.0))
        return x

    def back(self, gradients: dict[int, str], until: int = 0) -> str:
        """Gradient with respect to the image, or to the input of block `until`.

        Args:
            gradients: names of the gradients with respect to outputs of blocks, by number of the block; the last
                block is among them.
            until: number of the last block on the way back.
        """
        graph, flowing = self.graph, ""
        for number in range(len(self.network.blocks) - 1, until - 1, -1):
            if number in gradients:
                flowing = graph.add("Add", flowing, gradients[number]) if flowing else gradients[number]
            block = self.network.blocks[number]
            g = flowing
            for place in range(len(block.convolutions) - 1, -1, -1):
                one = block.convolutions[place]
                g = self._masked(g, self._activated[number][place], one)
                g = self._transposed(g, one, self._weight(number, place))
            flowing = graph.add("Add", g, flowing) if block.residual else g
        if until == 0:
            flowing = graph.add("Mul", flowing, graph.constant(self.network.scale))
        return flowing

    def _masked(self, gradient: str, activated: str, one: Convolution) -> str:
        graph = self.graph
        if one.activation == "none":
            return gradient
        mask = graph.add("HardSigmoid", activated, alpha=STEEP, beta=0.0)
        gradient = graph.add("Mul", gradient, mask)
        if one.activation == "relu6":
            mask = graph.add("HardSigmoid", activated, alpha=-STEEP, beta=6 * STEEP)
            gradient = graph.add("Mul", gradient, mask)
        return gradient

    def _transposed(self, gradient: str, one: Convolution, weight: Weights) -> str:
        graph = self.graph
        before, after = one.padding
        if one.stride == 1:
            turned = weight[:, :, ::-1, ::-1]
            if one.groups == 1:
                turned = turned.transpose(1, 0, 2, 3)
            return graph.add(
                *("Conv", gradient, graph.constant(turned)),
                pads=[one.kernel - 1 - before] * 2 + [one.kernel - 1 - after] * 2,
                group=one.groups,
                kernel_shape=[one.kernel] * 2,
            )
        # The input's side is a multiple of the stride; what the strides do not reach at its end is made up for.
        missing = one.stride + before + after - one.kernel
        return graph.add(
            *("ConvTranspose", gradient, graph.constant(weight)),
            strides=[one.stride] * 2,
            pads=[before, before, after, after],
            output_padding=[missing] * 2,
            group=one.groups,
            kernel_shape=[one.kernel] * 2,
        )


def forward_graph(network: Network, channels: int = 3) -> bytes:
    """From "image" [batch, channels, y, x] in [0, 1] to "embedding" [batch, channel] and "map0", "map1"..."""
    graph = _Builder()
    size = network.input_size
    ahead = _Forward(graph, network, graph.input("image", 1, channels, size, size), channels)
    return graph.model(_forward_outputs(graph, network, ahead))


def gradient_graph(
    network: Network, channels: int, semantic_weight: float, head: tuple[Weights, Weights] | None = None
) -> bytes:
    """The loss of drawings and its gradient with respect to them, which is that of the sum over the batch.

    With a head, weight [class, channel] and bias [class], drawings are also to be read as some of its classes: more
    inputs are "handicap" and "others" [1, class], what is added to the logits of all classes, and to those of the
    classes that are not wanted, -10000; and "price" [1, 1] of the negative logarithm of the probability of those that
    are. One more output, the last, is "logits" [batch, class].

    Inputs: "image" [batch, channels, y, x] in [0, 1]; the photo's "direction" [batch or 1, channel], its embedding
    divided by its length; its maps "photo0", "photo1"... [batch or 1, channel, y, x]; and "weight0", "weight1"...
    [batch or 1, 1, 1, 1], what a squared difference of a number of that map costs.

    Outputs: "semantic" and "geometric" [batch], and "gradient", shaped like the image.
    """
    graph = _Builder()
    size = network.input_size
    ahead = _Forward(graph, network, graph.input("image", 1, channels, size, size), channels)
    embedding = ahead.embedding
    last = network.blocks[-1].convolutions[-1]
    direction = graph.input("direction", 1, len(last.bias))
    square = graph.add("ReduceSum", graph.add("Mul", embedding, embedding), graph.constant([1], np.int64), keepdims=1)
    length = graph.add("Max", graph.add("Sqrt", square), graph.constant(1e-8))
    along = graph.add("ReduceSum", graph.add("Mul", embedding, direction), graph.constant([1], np.int64), keepdims=1)
    cosine = graph.add("Div", along, length)
    distance = graph.add("Sub", graph.constant(1.0), cosine)
    flat = graph.constant([-1], np.int64)
    names = [graph.add("Reshape", distance, flat, name="semantic")]
    # d cosine / d embedding = (direction - cosine * embedding / length) / length
    across = graph.add("Sub", direction, graph.add("Mul", embedding, graph.add("Div", cosine, length)))
    side = _shape(network, len(network.blocks) - 1)[1]
    pull = graph.add("Mul", graph.add("Div", across, length), graph.constant(-semantic_weight / side**2))
    logits = ""
    if head is not None:
        logits, towards = _reading(graph, embedding, head)
        pull = graph.add("Add", pull, graph.add("Mul", towards, graph.constant(1 / side**2)))
    pull = graph.add("Reshape", pull, graph.constant([-1, len(last.bias), 1, 1], np.int64))
    spread = graph.add("Expand", pull, graph.constant([1, 1, side, side], np.int64))
    gradients = {len(network.blocks) - 1: spread}
    terms = []
    for i, number in enumerate(network.maps):
        photo = graph.input(f"photo{i}", 1, *_shape(network, number))
        weight = graph.input(f"weight{i}", 1, 1, 1, 1)
        apart = graph.add("Sub", ahead.outputs[number], photo)
        costs = graph.add("Mul", apart, weight)
        terms.append(
            graph.add("ReduceSum", graph.add("Mul", costs, apart), graph.constant([1, 2, 3], np.int64), keepdims=0)
        )
        own = graph.add("Add", costs, costs)
        gradients[number] = graph.add("Add", gradients[number], own) if number in gradients else own
    names.append(graph.add("Sum", *terms, name="geometric"))
    names.append(graph.add("Identity", ahead.back(gradients), name="gradient"))
    if logits:
        names.append(graph.add("Identity", logits, name="logits"))
    return graph.model(names)


def _reading(graph: _Builder, embedding: str, head: tuple[Weights, Weights]) -> tuple[str, str]:
    """Logits [batch, class], and the gradient of what reading costs with respect to the embedding."""
    kernel, bias = head
    weight = graph.constant(kernel)
    logits = graph.add("Gemm", embedding, weight, graph.constant(bias), transB=1)
    every = graph.add("Softmax", graph.add("Add", logits, graph.input("handicap", 1, len(bias))), axis=1)
    wanted = graph.add("Softmax", graph.add("Add", logits, graph.input("others", 1, len(bias))), axis=1)
    excess = graph.add("Mul", graph.add("Sub", every, wanted), graph.input("price", 1, 1))
    return logits, graph.add("MatMul", excess, weight)


def photo_graph(network: Network) -> bytes:
    """All that is asked of a photo: from "image" [1, 3, y, x] to what `forward_graph` gives, then "cam0", "cam1"...

    Those are LayerCAM [1, 1, y, x] of the likeliest classes, one for each of the network's saliency blocks, not yet
    scaled (Jiang et al., TIP 2021, eq. 4).
    """
    graph = _Builder()
    size = network.input_size
    ahead = _Forward(graph, network, graph.input("image", 1, 3, size, size), 3)
    names = _forward_outputs(graph, network, ahead)
    kernel, bias = network.classifier
    weight = graph.constant(kernel)
    logits = graph.add("Gemm", ahead.embedding, weight, graph.constant(bias), transB=1)
    likely = graph.add("Softmax", logits, axis=1)
    side = _shape(network, len(network.blocks) - 1)[1]
    pull = graph.add("Mul", graph.add("MatMul", likely, weight), graph.constant(1 / side**2))
    pull = graph.add("Reshape", pull, graph.constant([-1, kernel.shape[1], 1, 1], np.int64))
    last = len(network.blocks) - 1
    for i, number in enumerate(network.saliency):
        gradient = pull
        if number != last:
            spread = graph.add("Expand", pull, graph.constant([1, 1, side, side], np.int64))
            gradient = ahead.back({last: spread}, until=number + 1)
        seen = graph.add("Mul", graph.add("Relu", gradient), graph.add("Relu", ahead.outputs[number]))
        names.append(graph.add("ReduceSum", seen, graph.constant([1], np.int64), keepdims=1, name=f"cam{i}"))
    return graph.model(names)


def _forward_outputs(graph: _Builder, network: Network, ahead: _Forward) -> list[str]:
    """Names of "embedding" and of the maps, which are added to the graph."""
    names = [graph.add("Identity", ahead.embedding, name="embedding")]
    return names + [graph.add("Identity", ahead.outputs[m], name=f"map{i}") for i, m in enumerate(network.maps)]


def _shape(network: Network, number: int) -> tuple[int, int, int]:
    """Channels, y and x of what a block gives."""
    strides = [one.stride for block in network.blocks[: number + 1] for one in block.convolutions]
    side = network.input_size // int(np.prod(strides))
    return len(network.blocks[number].convolutions[-1].bias), side, side
