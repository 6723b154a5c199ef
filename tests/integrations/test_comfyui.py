"""The ComfyUI nodes, loaded from their folder and called as ComfyUI calls them."""

from __future__ import annotations

import importlib.util
import inspect
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from strokewise import PhotoError, from_svg

torch = pytest.importorskip("torch")
FOLDER = Path(__file__).parents[2] / "integrations" / "comfyui"
KINDS = {"IMAGE", "MASK", "INT", "FLOAT", "BOOLEAN", "STRING"}


@pytest.fixture(scope="module")
def nodes() -> Any:
    """The folder as a module, as ComfyUI loads custom nodes: by its path, under a name of its own."""
    name = "custom_nodes_strokewise"
    spec = importlib.util.spec_from_file_location(
        name, FOLDER / "__init__.py", submodule_search_locations=[str(FOLDER)]
    )
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    yield module
    for loaded in [key for key in sys.modules if key.startswith(name)]:
        del sys.modules[loaded]


def called(node: type, **given: Any) -> dict[str, Any]:
    """What ComfyUI does with a node: defaults from INPUT_TYPES, the function by its name, outputs by theirs."""
    inputs = node.INPUT_TYPES()
    values = {}
    for name, (kind, *rest) in inputs["required"].items():
        if name in given:
            values[name] = given.pop(name)
        else:
            values[name] = kind[0] if isinstance(kind, list) else rest[0]["default"]
    values.update({name: given.pop(name) for name in list(given) if name in inputs.get("optional", {})})
    assert not given
    outputs = getattr(node(), node.FUNCTION)(**values)
    assert isinstance(outputs, tuple) and len(outputs) == len(node.RETURN_TYPES)
    return dict(zip(node.RETURN_NAMES, outputs, strict=True))


def batch(*colors: str) -> Any:
    """Images of a square of lines, float32 [batch, 80, 120, 3]."""
    found = []
    for color in colors:
        image = Image.new("RGB", (120, 80), "white")
        ImageDraw.Draw(image).rectangle((30, 15, 90, 65), outline=color, width=4)
        found.append(np.asarray(image, dtype=np.float32) / 255)
    return torch.from_numpy(np.stack(found))


def test_the_contract(nodes):
    assert set(nodes.NODE_CLASS_MAPPINGS) == set(nodes.NODE_DISPLAY_NAME_MAPPINGS)
    for node in nodes.NODE_CLASS_MAPPINGS.values():
        assert set(node.RETURN_TYPES) <= KINDS
        assert len(node.RETURN_TYPES) == len(node.RETURN_NAMES) == len(node.OUTPUT_IS_LIST)
        inputs = {**node.INPUT_TYPES()["required"], **node.INPUT_TYPES().get("optional", {})}
        assert all(isinstance(kind, list) or kind in KINDS for kind, *_ in inputs.values())
        parameters = list(inspect.signature(getattr(node, node.FUNCTION)).parameters)[1:]
        assert parameters == list(inputs), "ComfyUI hands over inputs by name"


def test_trace_gives_texts_and_a_batch_of_pictures(nodes):
    image = batch("black", "red")
    out = called(nodes.NODE_CLASS_MAPPINGS["StrokewiseTrace"], image=image, strokes=0, colors=True)
    assert [len(from_svg(text.encode())) for text in out["svg"]] == [4, 4]
    assert out["image"].shape == image.shape and out["image"].dtype == torch.float32
    assert float((out["image"] - image).abs().mean()) < 0.03, "the drawing looks like the picture"
    assert float(out["image"].min()) >= 0 and float(out["image"].max()) == 1


def test_a_photo_given_to_trace_is_refused_in_one_line(nodes):
    rng = np.random.default_rng(0)
    noise = Image.fromarray((rng.random((12, 12, 3)) * 255).astype(np.uint8)).resize((300, 300))
    image = torch.from_numpy(np.asarray(noise, dtype=np.float32)[None] / 255)
    with pytest.raises(PhotoError, match="looks like a photo"):
        called(nodes.NODE_CLASS_MAPPINGS["StrokewiseTrace"], image=image)


@pytest.mark.slow
def test_draw_leaves_out_what_the_mask_leaves_out(nodes):
    image = torch.ones(1, 80, 160, 3)
    image[:, 20:60, 20:60] = torch.tensor([0.2, 0.3, 0.4])
    image[:, 20:60, 100:140] = torch.tensor([0.5, 0.2, 0.1])
    mask = torch.zeros(1, 80, 160)
    mask[:, :, :80] = 1
    out = called(nodes.NODE_CLASS_MAPPINGS["StrokewiseDraw"], image=image, strokes=4, mask=mask)
    (text,) = out["svg"]
    drawing = from_svg(text.encode())
    assert len(drawing) == 4 and drawing.points[..., 0].max() < 80
    assert out["image"].shape == image.shape


def test_a_mask_of_another_size_is_refused(nodes):
    with pytest.raises(ValueError, match="resize the mask"):
        called(nodes.NODE_CLASS_MAPPINGS["StrokewiseDraw"], image=batch("black"), mask=torch.ones(1, 8, 8))
