"""The network that finds people: MediaPipe's selfie segmentation, rewritten as ONNX.

    pip download --no-deps --only-binary :all: --python-version 3.11 --platform manylinux2014_x86_64 mediapipe==0.10.14
    pip install onnx tflite
    python -m training.people mediapipe-0.10.14-*.whl --output src/strokewise/photo

writes the networks of `NETWORKS` and prints the SHA-256 of what was read and written, for the model card. Weights are
stored as half precision, as in the TFLite files, and computed with in single precision. Pictures come in as
[batch, rgb, y, x] in [0, 1].
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .faces import Converter, convert_wheel

WHEEL = "mediapipe-0.10.14-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"
WHEEL_SHA256 = "a807328339e7356fda0bb14df12fedbf1d33bdf81649c5f8666b0026b1cc30b4"
NETWORKS = {"people": "selfie_segmentation"}
"""Name of the ONNX file: name of the TFLite file in the wheel."""


def main(words: list[str] | None = None) -> None:
    folder = "mediapipe/modules/selfie_segmentation"
    convert_wheel("people", __doc__, WHEEL, WHEEL_SHA256, folder, NETWORKS, SegmentationConverter, words)


class SegmentationConverter(Converter):
    """The operators that segmentation has beside those of the face networks."""

    def _hard_swish(self, operator: Any, inputs: Any, output: int) -> None:
        self._node("HardSwish", [self._name(inputs[0])], self._name(output))

    def _logistic(self, operator: Any, inputs: Any, output: int) -> None:
        self._node("Sigmoid", [self._name(inputs[0])], self._name(output))

    def _mul(self, operator: Any, inputs: Any, output: int) -> None:
        options = self._options(operator, self.tflite.MulOptions())
        self._activated(options, "Mul", [self._name(inputs[0]), self._name(inputs[1])], output)

    def _average_pool_2d(self, operator: Any, inputs: Any, output: int) -> None:
        """Only over the whole picture, where padding plays no part."""
        options = self._options(operator, self.tflite.Pool2DOptions())
        if [options.FilterHeight(), options.FilterWidth()] != list(self._shape(inputs[0])[1:3]):
            raise ValueError("an average over less than the whole picture is not known")
        self._activated(options, "GlobalAveragePool", [self._name(inputs[0])], output)

    def _mean(self, operator: Any, inputs: Any, output: int) -> None:
        if sorted(self._values(inputs[1]).tolist()) != [1, 2] or len(self._shape(output)) != 4:
            raise ValueError("a mean over anything but the whole picture is not known")
        self._node("GlobalAveragePool", [self._name(inputs[0])], self._name(output))

    def _custom(self, operator: Any, inputs: Any, output: int) -> None:
        """MediaPipe's own transposed convolution with a bias: its options are TfLiteTransposeConvParams."""
        kind = self.model.OperatorCodes(operator.OpcodeIndex()).CustomCode().decode()
        if kind != "Convolution2DTransposeBias":
            raise ValueError(f"custom operator {kind} is not known")
        padding, across, down = np.frombuffer(operator.CustomOptionsAsNumpy().tobytes()[:12], dtype="<i4").tolist()
        weights = self._values(inputs[1]).transpose(3, 0, 1, 2)
        size = list(weights.shape[2:])
        if (down, across) != tuple(size) or padding not in (1, 2):
            raise ValueError("a transposed convolution whose patches overlap is not known")
        name = self._name(output)
        arguments = [
            self._name(inputs[0]),
            self._constant(f"{name}.weight", weights),
            self._constant(f"{name}.bias", self._values(inputs[2])),
        ]
        self._node("ConvTranspose", arguments, name, strides=[down, across], kernel_shape=size)


if __name__ == "__main__":
    main()
