"""Small networks of our own as ONNX files with weights in half precision."""

from __future__ import annotations

import hashlib
import warnings
from pathlib import Path

import numpy as np
import torch
from torch import nn

SMALLEST = 16
"""Tensors with fewer numbers stay as they are."""


def write_onnx(model: nn.Module, path: Path, side: int, *, any_size: bool = False) -> None:
    """Write a network: input "image", float [batch, 3, side, side], output "maps".

    Args:
        model: as it is to be run.
        path: its name is the graph's.
        side: of the images, pixels.
        any_size: whether images of other sizes may be given, too.

    Raises:
        ValueError: a weight does not fit into half precision.
    """
    import onnx
    from onnx import TensorProto, checker, helper, numpy_helper

    free = {0: "batch", 2: "y", 3: "x"} if any_size else {0: "batch"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the other exporter needs another package, and shapes are constants here
        torch.onnx.export(
            model.eval(),
            (torch.zeros(1, 3, side, side),),
            str(path),
            dynamo=False,
            opset_version=13,
            input_names=["image"],
            output_names=["maps"],
            dynamic_axes={"image": free, "maps": free},
        )
    made = onnx.load(str(path))
    nodes, weights = [], []
    for weight in made.graph.initializer:
        values = numpy_helper.to_array(weight)
        if weight.data_type != TensorProto.FLOAT or values.size < SMALLEST:
            weights.append(weight)
            continue
        half = values.astype(np.float16)
        if not np.isfinite(half).all():
            raise ValueError(f"{weight.name} does not fit into half precision")
        weights.append(numpy_helper.from_array(half, weight.name + ".half"))
        nodes.append(helper.make_node("Cast", [weight.name + ".half"], [weight.name], to=TensorProto.FLOAT))
    del made.graph.initializer[:]
    made.graph.initializer.extend(weights)
    nodes += list(made.graph.node)
    del made.graph.node[:]
    made.graph.node.extend(nodes)
    made.producer_name, made.producer_version, made.graph.name = "strokewise", "", path.stem
    for node in made.graph.node:
        node.doc_string = ""
    checker.check_model(made)
    data = made.SerializeToString()
    path.write_bytes(data)
    print(f"{path}: {len(data)} bytes, SHA-256 {hashlib.sha256(data).hexdigest()}")


def read_weights(path: Path) -> dict[str, torch.Tensor]:
    """The weights that `write_onnx` wrote, by the names that they have in the model, to learn on from: float32.

    Args:
        path: a file that holds the model alone, or the first part of a sequence, as "0.".
    """
    import onnx
    from onnx import numpy_helper

    found = {}
    for weight in onnx.load(str(path)).graph.initializer:
        name = weight.name.removesuffix(".half").removeprefix("0.")
        found[name] = torch.from_numpy(numpy_helper.to_array(weight).astype(np.float32))
    return found
