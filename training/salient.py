"""The salient-object network of the package: u2netp as rembg publishes it, for pictures of any size.

    pip install onnx
    python -m training.salient u2netp.onnx --output src/strokewise/photo

Only the sizes that the file states for its input and its outputs are removed: nodes and weights stay byte for byte.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from .faces import sha256

SOURCE_SHA256 = "309c8469258dda742793dce0ebea8e6dd393174f89934733ecc8b14c76f4ddd8"


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m training.salient", description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path, help="u2netp.onnx of rembg's release v0.0.0")
    parser.add_argument("-o", "--output", type=Path, default=Path("out"), help="folder for the ONNX file")
    arguments = parser.parse_args(words)
    data = arguments.file.read_bytes()
    if sha256(data) != SOURCE_SHA256:
        parser.error(f"{arguments.file} is not the file this was written for: its SHA-256 is {sha256(data)}")
    network = any_size(data)
    arguments.output.mkdir(parents=True, exist_ok=True)
    (arguments.output / "u2netp.onnx").write_bytes(network)
    print(f"u2netp.onnx {len(network)} bytes {sha256(network)}")


def any_size(data: bytes) -> bytes:
    """The network of an ONNX file, its pictures of any height and width."""
    import onnx

    model = onnx.load_from_string(data)
    (seen,) = model.graph.input
    for dimension, name in zip(seen.type.tensor_type.shape.dim[2:], ("height", "width"), strict=True):
        dimension.dim_param = name
    for found in model.graph.output:
        found.type.tensor_type.ClearField("shape")
    del model.graph.value_info[:]
    return bytes(model.SerializeToString())


if __name__ == "__main__":
    main()
