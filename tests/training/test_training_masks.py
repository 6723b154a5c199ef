"""The converters of the networks behind the mask: what can be told without the files they read."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper

from training import people, salient


@pytest.mark.parametrize(("module", "said"), [(people, "is not the wheel"), (salient, "is not the file")])
def test_another_file_is_refused(module, said, tmp_path, capsys):
    other = tmp_path / "other"
    other.write_bytes(b"something else")
    with pytest.raises(SystemExit):
        module.main([str(other), "--output", str(tmp_path / "out")])
    assert said in capsys.readouterr().err and not (tmp_path / "out").exists()


def test_the_networks_are_those_of_the_package():
    from strokewise.photo import people as used
    from strokewise.photo import subject

    assert [f"{name}.onnx" for name in people.NETWORKS] == [used.WEIGHTS.name]
    card = subject.WEIGHTS.with_suffix(".md").read_text(encoding="utf-8")
    assert salient.SOURCE_SHA256 in card
    assert people.WHEEL_SHA256 in used.WEIGHTS.with_suffix(".md").read_text(encoding="utf-8")


def test_a_network_of_one_size_is_made_to_take_any():
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, 8, 8])
    mean = helper.make_tensor_value_info("mean", TensorProto.FLOAT, [1, 1, 8, 8])
    weights = helper.make_tensor("weights", TensorProto.FLOAT, (1, 3, 1, 1), [0.5, 0.25, 0.25])
    node = helper.make_node("Conv", ["image", "weights"], ["mean"], kernel_shape=[1, 1])
    graph = helper.make_graph([node], "mean", [image], [mean], [weights])
    fixed = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8).SerializeToString()
    free = salient.any_size(fixed)
    session = onnxruntime.InferenceSession(free, providers=["CPUExecutionProvider"])
    for height, width in ((8, 8), (5, 12)):
        seen = np.random.default_rng(0).random((1, 3, height, width), dtype=np.float32)
        (found,) = session.run(None, {"image": seen})
        assert found.shape == (1, 1, height, width)
        assert found[0, 0] == pytest.approx(0.5 * seen[0, 0] + 0.25 * seen[0, 1] + 0.25 * seen[0, 2])
    before, after = onnx.load_from_string(fixed).graph, onnx.load_from_string(free).graph
    assert before.node == after.node and before.initializer == after.initializer
