import hashlib
import json
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_clip import PROMPTS, TINY, picture, shapes_of, values, write
from torch.nn import functional as F

import strokewise
from strokewise import encoders
from strokewise.encoders import Encoder, registry
from strokewise.encoders.clip import CLIPS, ClipEncoder, best_dtype, build, build_text, load, load_text
from strokewise.errors import EncoderError

GOLDEN = Path(__file__).parent / "golden"
EVERY = {"tiny-rn": range(5), "tiny-vit": range(4)}


@pytest.fixture(scope="session")
def golden():
    with np.load(GOLDEN / "clip.npz") as file:
        return {key: torch.from_numpy(file[key]) for key in file.files}


@pytest.fixture
def images():
    return torch.from_numpy(picture())


def tiny(files, name, **options):
    return build(name, TINY[name], files[name], **{"dtype": torch.float32} | options)


# The networks, against open_clip


@pytest.mark.parametrize("name", TINY)
def test_embedding_and_maps_are_those_of_open_clip(files, golden, images, name):
    encoder = tiny(files, name, layers=dict.fromkeys(EVERY[name], 1.0))
    features = encoder.features(images)
    torch.testing.assert_close(features.embedding, golden[f"{name}/embedding"], atol=1e-4, rtol=1e-4)
    for layer, found in zip(EVERY[name], features.maps, strict=True):
        torch.testing.assert_close(found, golden[f"{name}/map{layer}"], atol=1e-4, rtol=1e-4)


def test_attention_is_that_of_open_clip(files, golden, images):
    encoder = tiny(files, "tiny-vit")
    seen = encoder.tower(encoder._normalised(images), (), attention=True)
    torch.testing.assert_close(seen.attention, golden["tiny-vit/attention"], atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("name", TINY)
def test_text_features_are_those_of_open_clip(files, golden, name):
    text = build_text(name, TINY[name], files[name], GOLDEN / "tokenizer.json")
    torch.testing.assert_close(text.text(PROMPTS), golden[f"{name}/text"], atol=1e-4, rtol=1e-4)
    assert text.scale == pytest.approx(100)


@pytest.mark.parametrize("name", CLIPS)
def test_keys_and_shapes_of_the_published_models(name):
    expected = json.loads((GOLDEN / "keys.json").read_text())[name]
    for tower, told in expected.items():
        shapes = {k: list(s) for k, s in shapes_of(CLIPS[name], [tower]).items() if "num_batches" not in k}
        assert len(shapes) == told["keys"]
        assert sum(int(np.prod(shape)) for shape in shapes.values()) == told["numbers"]
        assert hashlib.sha256(json.dumps(shapes, sort_keys=True).encode()).hexdigest() == told["sha256"]


@pytest.mark.parametrize("name", TINY)
def test_a_batch_is_its_pictures_one_by_one(files, images, name):
    encoder = tiny(files, name)
    together, alone = encoder.features(images), encoder.features(images[1:])
    torch.testing.assert_close(together.embedding[1:], alone.embedding, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(together.maps[-1][1:], alone.maps[-1], atol=1e-5, rtol=1e-5)


def test_folding_batch_norm_changes_nothing(files, images):
    spec, plain = TINY["tiny-rn"], TINY["tiny-rn"].image_tower()
    state = {k: torch.from_numpy(v) for k, v in values(shapes_of(spec)).items() if k.startswith("visual.")}
    plain.load_state_dict({k.removeprefix("visual."): v for k, v in state.items()})
    encoder = tiny(files, "tiny-rn")
    x = encoder._normalised(images)
    before, after = plain(x, range(5)), encoder.tower(x, range(5))
    torch.testing.assert_close(after.embedding, before.embedding, atol=1e-4, rtol=1e-4)
    for a, b in zip(after.maps, before.maps, strict=True):
        torch.testing.assert_close(a, b, atol=1e-4, rtol=1e-4)
    assert not any("bn" in key or "running" in key for key in encoder.tower.state_dict())


# The encoder


@pytest.mark.parametrize("name", TINY)
def test_it_is_an_encoder(files, images, name):
    encoder = tiny(files, name)
    assert isinstance(encoder, Encoder)
    assert len(encoder.features(images).maps) == len(encoder.map_weights)
    assert encoder.input_size == 64 and encoder.semantic_weight == 0.1 and encoder.name == name


def test_the_papers_layers_are_strides_8_and_16(files, images):
    encoder = tiny(files, "tiny-rn")
    used = [m.shape[1:] for m, w in zip(encoder.features(images).maps, encoder.map_weights, strict=True) if w]
    assert encoder.map_weights == (0, 0, 1, 1, 0) == tuple(w for _, w in CLIPS["clip-rn101"].map_weights)
    assert used == [(64, 8, 8), (128, 4, 4)]


@pytest.mark.parametrize("name", TINY)
def test_layers_can_be_chosen(files, images, name):
    encoder = tiny(files, name, layers={2: 0.5, 0: 2})
    assert encoder.map_weights == (2.0, 0.5)
    every = tiny(files, name, layers=dict.fromkeys(range(3), 1.0)).features(images).maps
    for found, expected in zip(encoder.features(images).maps, (every[0], every[2]), strict=True):
        torch.testing.assert_close(found, expected)


@pytest.mark.parametrize("layer", [-1, 5, "layer3"])
def test_layers_that_are_not_there_are_refused(files, layer):
    with pytest.raises(EncoderError, match="its layers are 0 to 4"):
        tiny(files, "tiny-rn", layers={layer: 1.0})


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
@pytest.mark.parametrize("name", TINY)
def test_weights_are_frozen_and_images_get_a_gradient(files, images, name, dtype):
    exact, encoder = tiny(files, name), tiny(files, name, dtype=dtype)
    assert not any(p.requires_grad for p in encoder.parameters())

    def gradient(encoder):
        x = images.clone().requires_grad_()
        maps, embedding = encoder.features(x)
        assert all(m.dtype == torch.float32 for m in (*maps, embedding))
        loss = sum(m.square().mean() for m in maps) + embedding.square().mean()
        # As small as the means over a large map are.
        return torch.autograd.grad(loss * 1e-6, x)[0]

    expected, found = gradient(exact), gradient(encoder)
    assert found.dtype == torch.float32 and found.abs().max() > 0
    assert F.cosine_similarity(found.flatten(), expected.flatten(), dim=0) > 0.98
    assert float(found.norm()) == pytest.approx(float(expected.norm()), rel=0.1)


@pytest.mark.parametrize("name", TINY)
def test_other_sizes_are_accepted(files, name):
    encoder = tiny(files, name)
    images = torch.rand(1, 3, 96, 128, generator=torch.Generator().manual_seed(0))
    assert encoder.features(images).embedding.shape == (1, 24)
    assert encoder.saliency(images).shape == (1, 96, 128)


def test_precision_follows_the_device_and_normalisation_stays_exact(files, images):
    encoder = tiny(files, "tiny-rn", dtype=None)
    assert encoder.dtype == best_dtype(torch.device("cpu")) in (torch.float32, torch.bfloat16)
    assert best_dtype(torch.device("cuda")) == torch.float16
    exact = tiny(files, "tiny-rn")
    assert torch.equal(encoder.to(torch.bfloat16)._normalised(images), exact._normalised(images))
    assert tiny(files, "tiny-rn").to("cpu").dtype == torch.float32
    assert tiny(files, "tiny-rn", dtype=None).to("meta").dtype == torch.float32


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs CUDA")
@pytest.mark.parametrize("name", TINY)
def test_cuda_sees_what_the_cpu_sees(files, images, name):
    exact, encoder = tiny(files, name), tiny(files, name, dtype=None).to("cuda")
    assert encoder.dtype == torch.float16
    a, b = exact.features(images), encoder.features(images.cuda())
    assert F.cosine_similarity(a.embedding, b.embedding.cpu()).min() > 0.999
    torch.testing.assert_close(encoder.saliency(images.cuda()).cpu(), exact.saliency(images), atol=0.05, rtol=0)


# Saliency


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("name", TINY)
def test_saliency_fills_0_to_1_and_repeats_itself(files, images, name, dtype):
    encoder = tiny(files, name, dtype=dtype)
    saliency = encoder.saliency(images)
    assert saliency.shape == (2, 64, 64) and saliency.dtype == torch.float32 and not saliency.requires_grad
    assert saliency.amin((1, 2)).eq(0).all() and saliency.amax((1, 2)).eq(1).all()
    assert torch.equal(saliency, encoder.saliency(images))
    assert not images.requires_grad


def test_attention_peaks_on_the_only_thing_in_the_picture(files, tmp_path):
    """A first block whose class token asks for one channel, which only dark patches have."""
    spec = TINY["tiny-vit"]
    width = spec.width
    state = {k: torch.zeros(s) for k, s in shapes_of(spec, ["image"]).items()}
    state["visual.conv1.weight"][0] = -0.01
    state["visual.class_embedding"][1] = 1.0
    for key in state:
        if key.endswith(("ln_1.weight", "ln_2.weight", "ln_pre.weight", "ln_post.weight")):
            state[key] += 1
    projection = state["visual.transformer.resblocks.0.attn.in_proj_weight"]
    projection[0, 1] = projection[width, 0] = 1.0
    encoder = build("tiny-vit", spec, write(tmp_path / "crafted.safetensors", spec, changes=state), dtype=torch.float32)
    images = torch.ones(1, 3, 64, 64)
    images[:, :, 32:48, 16:32] = 0
    saliency = encoder.saliency(images)[0]
    y, x = divmod(int(saliency.argmax()), 64)
    assert 32 <= y < 48 and 16 <= x < 32
    assert saliency[32:48, 16:32].mean() > 5 * saliency[:, 48:].mean()


# The file


def test_only_the_tower_that_is_needed_is_read(files, monkeypatch):
    import safetensors

    read = []

    class Watched:
        def __init__(self, *args, **kwargs):
            self.file = safe_open(*args, **kwargs)

        def __enter__(self):
            self.file.__enter__()
            return self

        def __exit__(self, *error):
            return self.file.__exit__(*error)

        def __getattr__(self, name):
            return getattr(self.file, name)

        def get_tensor(self, key):
            read.append(key)
            return self.file.get_tensor(key)

    safe_open = safetensors.safe_open
    monkeypatch.setattr(safetensors, "safe_open", Watched)
    for name, spec in TINY.items():
        encoder = tiny(files, name)
        expected = {k for k in shapes_of(spec, ["image"]) if "num_batches" not in k}
        assert sorted(read) == sorted(expected)
        assert all(key.startswith(("tower.", "mean", "std")) for key in encoder.state_dict())
        read.clear()
        build_text(name, spec, files[name], GOLDEN / "tokenizer.json")
        assert sorted(read) == sorted(shapes_of(spec, ["text"]))
        read.clear()


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_files_are_read(files, images, tmp_path, dtype):
    spec = TINY["tiny-rn"]
    encoder = build("tiny-rn", spec, write(tmp_path / "half.safetensors", spec, dtype), dtype=torch.float32)
    assert all(p.dtype == torch.float32 for p in encoder.parameters())
    expected = tiny(files, "tiny-rn").features(images).embedding
    assert F.cosine_similarity(encoder.features(images).embedding, expected).min() > 0.99


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"visual.layer2.1.conv2.weight": None}, "visual.layer2.1.conv2.weight is missing"),
        ({"visual.conv2.weight": None, "visual.bn1.bias": None}, "visual.bn1.bias is missing"),
        ({"visual.layer9.weight": torch.zeros(1)}, "visual.layer9.weight is in it"),
        ({"visual.conv1.weight": torch.zeros(4, 3, 5, 5)}, r"visual.conv1.weight is F32 \[4, 3, 5, 5\] instead of"),
        ({"visual.bn1.bias": torch.zeros(4, dtype=torch.int64)}, r"visual.bn1.bias is I64 \[4\]"),
        ({"visual.bn1.bias": torch.tensor([0, 0, 0, np.nan])}, "visual.bn1.bias holds values that are not finite"),
    ],
)
def test_other_models_are_refused_by_their_first_bad_key(tmp_path, changes, told):
    spec = TINY["tiny-rn"]
    path = write(tmp_path / "other.safetensors", spec, changes=changes)
    with pytest.raises(EncoderError, match=told) as caught:
        build("tiny-rn", spec, path)
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)


def test_what_is_wrong_with_the_other_tower_does_not_matter(tmp_path):
    changes = {"text_projection": None, "unheard.of": torch.zeros(1), "context_length": torch.tensor(77)}
    path = write(tmp_path / "half.safetensors", TINY["tiny-vit"], changes=changes)
    build("tiny-vit", TINY["tiny-vit"], path)
    with pytest.raises(EncoderError, match="text_projection is missing"):
        build_text("tiny-vit", TINY["tiny-vit"], path, GOLDEN / "tokenizer.json")


@pytest.mark.parametrize(
    "damage",
    {
        "empty": lambda good: b"",
        "html": lambda good: b"<!DOCTYPE html><html><body>404</body></html>" * 10,
        "cut in the header": lambda good: good[:100],
        "cut in the data": lambda good: good[: len(good) // 2],
        "longer": lambda good: good + b"more",
        "a header of 2^60 bytes": lambda good: (2**60).to_bytes(8, "little") + good[8:],
        "a header of 200 MB": lambda good: (200_000_000).to_bytes(8, "little") + good[8:],
        "no JSON": lambda good: good[:8] + b"{" + b"\xff" * 500 + good[509:],
        "overlapping tensors": lambda good: good.replace(b'"data_offsets":[', b'"data_offsets":[0', 1),
        "a git LFS pointer": lambda good: b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n",
        "noise": lambda good: np.random.default_rng(0).bytes(5000),
    }.items(),
    ids=lambda item: item[0],
)
def test_damaged_files_are_refused_in_one_line(files, tmp_path, damage):
    path = tmp_path / "weights.safetensors"
    path.write_bytes(damage[1](files["tiny-rn"].read_bytes()))
    with pytest.raises(EncoderError) as caught:
        build("tiny-rn", TINY["tiny-rn"], path)
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("save", ["torch", "pickle"])
def test_a_pickle_is_never_loaded(tmp_path, save):
    path, mark = tmp_path / "weights.safetensors", tmp_path / "ran"

    class Evil:
        def __reduce__(self):
            return (open, (str(mark), "w"))

    if save == "torch":
        torch.save({"visual.conv1.weight": Evil()}, path)
    else:
        path.write_bytes(pickle.dumps(Evil()))
    with pytest.raises(EncoderError, match="pickle"):
        build("tiny-rn", TINY["tiny-rn"], path)
    assert not mark.exists()


def test_missing_files_and_unknown_names(tmp_path):
    with pytest.raises(EncoderError, match="cannot be read"):
        load("clip-rn50", tmp_path / "none.safetensors")
    with pytest.raises(EncoderError, match="cannot be read"):
        load("clip-rn50", tmp_path)
    with pytest.raises(EncoderError, match="known are clip-rn50"):
        load("clip-rn9000", tmp_path)


def test_load_takes_the_published_names(files, monkeypatch):
    monkeypatch.setitem(CLIPS, "clip-rn50", TINY["tiny-rn"])
    encoder = load("clip-rn50", str(files["tiny-rn"]), layers={1: 1.0}, dtype=torch.float32)
    assert isinstance(encoder, ClipEncoder) and encoder.map_weights == (1.0,)
    text = load_text("clip-rn50", str(files["tiny-rn"]), str(GOLDEN / "tokenizer.json"))
    assert text.text(["a horse"]).shape == (1, 24)


# The whole job


@pytest.mark.parametrize("name", TINY)
@pytest.mark.parametrize("placement", ["contour", "saliency"])
def test_a_whole_drawing(files, monkeypatch, disc_image, name, placement):
    monkeypatch.setattr(registry, "_LOADERS", dict(registry._LOADERS))
    encoders.register(name)(lambda: build(name, TINY[name], files[name]))
    settings = {"strokes": 4, "steps": 6, "size": 64, "candidates": 2, "subject": "keep", "device": "cpu"}
    drawings = [strokewise.draw(disc_image(), encoder=name, placement=placement, **settings).metadata for _ in range(2)]
    assert drawings[0]["losses"] == drawings[1]["losses"] and drawings[0]["encoder"] == name
    assert drawings[0]["losses"]["total"] <= drawings[0]["placement_losses"]["total"]
    assert drawings[0]["losses"]["semantic"] >= 0
