"""Makes the figures in this folder, once, from `open_clip`: python tests/encoders/golden/make_golden.py

Needs a throwaway environment with this package's own requirements, tokenizers, and
`pip install --no-deps open_clip_torch ftfy wcwidth regex tqdm`; torchvision and timm are not needed, since nothing
stands in for them. Figures were made with open_clip 3.3.0 and torch 2.13.0.

clip.npz: embedding, maps, attention and text features of small models with the weights of `tiny_clip.values`.
keys.json: how many keys and numbers the four published models have, and the SHA-256 of their names and shapes.
tokenizer.json: the part of CLIP's vocabulary that the prompts of `tiny_clip` need, as the hub's own files are laid
out; tokens.json: what open_clip's tokenizer makes of these prompts.
"""

from __future__ import annotations

import hashlib
import importlib.abc
import importlib.machinery
import json
import sys
import types
from pathlib import Path
from typing import Any

import numpy as np
import torch

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))
PUBLISHED = {
    "clip-rn50": "RN50-quickgelu",
    "clip-rn101": "RN101-quickgelu",
    "clip-vit-b-32": "ViT-B-32-quickgelu",
    "clip-vit-b-16": "ViT-B-16-quickgelu",
}


class _AnyAttribute(type):
    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Nothing()


class Nothing(metaclass=_AnyAttribute):
    """Whatever open_clip imports from torchvision for preprocessing that is not used here."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        pass


class _Module(types.ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Nothing


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        own = name.split(".")[0] == "torchvision"
        return importlib.machinery.ModuleSpec(name, self, is_package=True) if own else None

    def create_module(self, spec: Any) -> types.ModuleType:
        return _Module(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        pass


def digest(shapes: dict[str, tuple[int, ...]]) -> dict[str, Any]:
    """Count, numbers and hash of keys and shapes; batch counters are left out."""
    kept = {key: list(map(int, shape)) for key, shape in shapes.items() if not key.endswith("num_batches_tracked")}
    text = json.dumps(kept, sort_keys=True)
    numbers = sum(int(np.prod(shape)) for shape in kept.values())
    return {"keys": len(kept), "numbers": numbers, "sha256": hashlib.sha256(text.encode()).hexdigest()}


def figures(name: str, open_clip: Any) -> dict[str, Any]:
    """What open_clip's model makes of the picture and the prompts, and every layer on the way."""
    from tiny_clip import PROMPTS, TINY, picture, values

    spec = TINY[name]
    head = spec.width // spec.heads if spec.patch else spec.width * 32 // spec.heads
    layers = spec.layers[0] if spec.patch else list(spec.layers)
    vision = {"layers": layers, "width": spec.width, "patch_size": spec.patch or None}
    model = open_clip.CLIP(
        embed_dim=spec.embed,
        vision_cfg=vision | {"image_size": spec.size, "head_width": head},
        text_cfg={"width": spec.text_width, "heads": spec.text_heads, "layers": spec.text_layers},
        quick_gelu=True,
    ).eval()
    shapes = {key: tuple(value.shape) for key, value in model.state_dict().items()}
    state = {key: torch.from_numpy(value) for key, value in values(shapes).items()}
    model.load_state_dict(state, strict=False)
    visual, found, looks = model.visual, {}, []
    if spec.patch:
        blocks = visual.transformer.resblocks
        blocks[0].register_forward_pre_hook(lambda m, a: found.__setitem__(0, a[0]))
        for i, block in enumerate(blocks):
            block.register_forward_hook(lambda m, a, out, i=i: found.__setitem__(i + 1, out))

            def look(m: Any, a: Any, out: torch.Tensor, attn: Any = block.attn) -> None:
                looks.append(attn(out, out, out, need_weights=True, average_attn_weights=True)[1])

            block.ln_1.register_forward_hook(look)
    else:
        visual.layer1.register_forward_pre_hook(lambda m, a: found.__setitem__(0, a[0]))
        for i in range(1, 5):
            visual.get_submodule(f"layer{i}").register_forward_hook(lambda m, a, out, i=i: found.__setitem__(i, out))
    mean, std = (torch.tensor(v)[:, None, None] for v in (open_clip.OPENAI_DATASET_MEAN, open_clip.OPENAI_DATASET_STD))
    tokens = open_clip.SimpleTokenizer()(PROMPTS)
    with torch.no_grad():
        out = {"embedding": visual((torch.from_numpy(picture()) - mean) / std), "text": model.encode_text(tokens)}
    side = spec.size // spec.patch if spec.patch else 0
    for layer, value in found.items():
        out[f"map{layer}"] = value[:, 1:].transpose(1, 2).unflatten(2, (side, side)) if spec.patch else value
    if looks:
        out["attention"] = torch.stack(looks).mean(0)[:, 0, 1:].unflatten(1, (side, side))
    return {f"{name}/{key}": value.detach().numpy() for key, value in out.items()}


def small_tokenizer(open_clip: Any) -> tuple[dict[str, Any], list[list[int]]]:
    """The hub's tokenizer.json, cut down to what the prompts need, and the tokens of the prompts."""
    from tiny_clip import PROMPTS

    full = open_clip.SimpleTokenizer()
    words = [
        "".join(full.byte_encoder[b] for b in w.encode()) for p in PROMPTS for w in full.pat.findall(full.clean_fn(p))
    ]
    words = [word + "</w>" for word in words]
    merges = [m for m in full.bpe_ranks if any("".join(m) in word for word in words)]
    single = set(full.byte_encoder.values())
    kept = single | {c + "</w>" for c in single} | {"".join(m) for m in merges}
    specials = {"<|startoftext|>": 49406, "<|endoftext|>": 49407}
    pattern = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"
    split = {"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Removed", "invert": True}
    byte = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    space = {"type": "Replace", "pattern": {"Regex": r"\s+"}, "content": " "}
    ends = {"sep": ["<|endoftext|>", 49407], "cls": ["<|startoftext|>", 49406]}
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    tokenizer = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [{"id": number, "content": content} | flags for content, number in specials.items()],
        "normalizer": {"type": "Sequence", "normalizers": [{"type": "NFC"}, space, {"type": "Lowercase"}]},
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [split, byte]},
        "post_processor": {"type": "RobertaProcessing", "trim_offsets": False, "add_prefix_space": False} | ends,
        "decoder": byte,
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": "<|endoftext|>",
            "continuing_subword_prefix": "",
            "end_of_word_suffix": "</w>",
            "fuse_unk": False,
            "vocab": {token: number for token, number in full.encoder.items() if token in kept} | specials,
            "merges": [" ".join(m) for m in merges],
        },
    }
    return tokenizer, full(PROMPTS).tolist()


def main() -> None:
    sys.meta_path.insert(0, Finder())
    sys.modules["timm"] = None  # type: ignore[assignment]
    import open_clip

    keys = {}
    for ours, theirs in PUBLISHED.items():
        with torch.device("meta"):
            model = open_clip.CLIP(**open_clip.get_model_config(theirs))
        shapes = {key: tuple(value.shape) for key, value in model.state_dict().items()}
        image = {key: shape for key, shape in shapes.items() if key.startswith("visual.")}
        keys[ours] = {"image": digest(image), "text": digest({k: s for k, s in shapes.items() if k not in image})}
    (HERE / "keys.json").write_text(json.dumps(keys, indent=1) + "\n")
    np.savez_compressed(HERE / "clip.npz", **figures("tiny-rn", open_clip), **figures("tiny-vit", open_clip))
    tokenizer, tokens = small_tokenizer(open_clip)
    (HERE / "tokenizer.json").write_text(json.dumps(tokenizer, ensure_ascii=False) + "\n")
    (HERE / "tokens.json").write_text(json.dumps(tokens) + "\n")


if __name__ == "__main__":
    main()
