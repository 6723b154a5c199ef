"""CLIP (Radford et al., ICML 2021): what the paper draws with. Weights come as `open_clip_model.safetensors`.

    encoder = clip.load("clip-rn101", "open_clip_model.safetensors")
    encoder.features(images).embedding    # float [batch, 512]

The loss of CLIPasso (section 3.3) takes layers 3 and 4 of ResNet101. Its five layers are counted from the stem, so
these are the second and third of the network's stages, strides 8 and 16: weights 0, 0, 1, 1, 0 over stem and
stages. Its saliency (section 3.4) is the mean attention of ViT-B/32's class token.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..errors import EncoderError
from ._file_check import check_safetensors
from .base import Features
from .clip_text import ClipText, read_tokenizer
from .clip_towers import ModifiedResNet, TextTransformer, VisionTransformer

MEAN = (0.48145466, 0.4578275, 0.40821073)
STD = (0.26862954, 0.26130258, 0.27577711)
GRADIENT_SCALE = 4096.0
"""Gradients are multiplied by it inside a float16 tower: those of a mean over a map are below what float16 can hold."""
NOT_WEIGHTS = ("attn_mask", "input_resolution", "context_length", "vocab_size")
"""Constants that some published files carry along."""


@dataclasses.dataclass(frozen=True)
class ClipSpec:
    """Sizes of a CLIP.

    Attributes:
        layers: blocks of each ResNet stage, or (blocks,) of a ViT.
        width: channels of the ResNet's stem, or of a ViT's token.
        heads: of the attention pooling, or of each block.
        embed: numbers of the embedding, of pictures and texts alike.
        map_weights: which layers are compared, and how much each counts: the default of `load(layers=...)`.
        patch: side of a ViT's patch, pixels; 0 for a ResNet.
        size: side of the images, pixels.
        text_width, text_heads, text_layers, context, vocabulary: of the text tower.
    """

    layers: tuple[int, ...]
    width: int
    heads: int
    embed: int
    map_weights: tuple[tuple[int, float], ...]
    patch: int = 0
    size: int = 224
    text_width: int = 512
    text_heads: int = 8
    text_layers: int = 12
    context: int = 77
    vocabulary: int = 49408

    def image_tower(self) -> ModifiedResNet | VisionTransformer:
        """The image tower, its weights undefined."""
        if self.patch:
            return VisionTransformer(self.layers[0], self.width, self.heads, self.embed, self.patch, self.size)
        return ModifiedResNet(self.layers, self.width, self.heads, self.embed, self.size)

    def text_tower(self) -> TextTransformer:
        """The text tower, its weights undefined."""
        sizes = (self.text_width, self.text_heads, self.text_layers, self.context, self.vocabulary)
        return TextTransformer(self.embed, *sizes)


_PAPER = ((0, 0.0), (1, 0.0), (2, 1.0), (3, 1.0), (4, 0.0))
_THIRDS = ((4, 1.0), (8, 1.0))
CLIPS = {
    "clip-rn50": ClipSpec((3, 4, 6, 3), 64, 32, 1024, _PAPER),
    "clip-rn101": ClipSpec((3, 4, 23, 3), 64, 32, 512, _PAPER),
    "clip-vit-b-32": ClipSpec((12,), 768, 12, 512, _THIRDS, patch=32),
    "clip-vit-b-16": ClipSpec((12,), 768, 12, 512, _THIRDS, patch=16),
}
"""The published models. The paper names no ViT layers for its loss: those a third and two thirds up are a choice."""


def best_dtype(device: torch.device) -> torch.dtype:
    """What a tower computes in: float16 on CUDA, bfloat16 on a CPU that has instructions for it, else float32.

    On such a CPU bfloat16 takes about half the time, and changes the gradient less than moving every stroke by a
    hundredth of a pixel does (`benchmarks/encoders.py` measures both).
    """
    if device.type == "cuda":
        return torch.float16
    able = torch.cpu.get_capabilities() if device.type == "cpu" and hasattr(torch.cpu, "get_capabilities") else {}
    return torch.bfloat16 if able.get("avx512_bf16") or able.get("amx_bf16") else torch.float32


class _Cast(torch.autograd.Function):
    """Another dtype on the way forward; on the way back the old one, and the gradient times a scale."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, dtype: torch.dtype, scale: float) -> Tensor:
        ctx.dtype, ctx.scale = x.dtype, scale
        return x.to(dtype)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None]:
        return (gradient.float() * ctx.scale).to(ctx.dtype), None, None


class ClipEncoder(nn.Module):
    """A CLIP image tower, frozen, as an `Encoder`.

    Features are float32, whatever the tower computes in.

    Args:
        name: the name it is known by.
        spec: its sizes.
        tower: with its weights, batch norm folded.
        layers: weight of each layer in the geometric loss, {layer: weight}; `ModifiedResNet` and
            `VisionTransformer` say what the numbers mean. None takes the spec's.
        dtype: what the tower computes in; None takes what suits the device, see `best_dtype`.

    Raises:
        EncoderError: a layer the tower does not have.
    """

    semantic_weight = 0.1
    views = 1

    def __init__(
        self,
        name: str,
        spec: ClipSpec,
        tower: ModifiedResNet | VisionTransformer,
        layers: Mapping[int, float] | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        chosen = dict(spec.map_weights) if layers is None else dict(layers)
        for layer in chosen:
            if layer not in range(tower.depth + 1):
                raise EncoderError(f"{name} has no layer {layer}; its layers are 0 to {tower.depth}")
        self.name, self.input_size, self.tower = name, spec.size, tower
        self._asked = dtype
        self.layers = tuple(sorted(chosen))
        self.map_weights = tuple(float(chosen[layer]) for layer in self.layers)
        self.mean: Tensor
        self.std: Tensor
        self.register_buffer("mean", torch.tensor(MEAN)[:, None, None], persistent=False)
        self.register_buffer("std", torch.tensor(STD)[:, None, None], persistent=False)
        self.eval()
        self.tower.to(dtype or best_dtype(self.mean.device))

    def to(self, *args: Any, **kwargs: Any) -> ClipEncoder:
        """As of any module; a new device brings its precision along."""
        before = self.mean.device
        super().to(*args, **kwargs)
        device = self.mean.device
        if device != before:
            self.tower.to(self._asked or best_dtype(device))
        # Pictures are normalised before they lose precision, whatever the tower's dtype.
        self.mean = torch.tensor(MEAN, device=device)[:, None, None]
        self.std = torch.tensor(STD, device=device)[:, None, None]
        return self

    @property
    def dtype(self) -> torch.dtype:
        """What the tower computes in."""
        return self.tower.conv1.weight.dtype

    def _normalised(self, images: Tensor) -> Tensor:
        return ((images - self.mean) / self.std).contiguous(memory_format=torch.channels_last)

    def features(self, images: Tensor) -> Features:
        x, dtype = self._normalised(images), self.dtype
        if dtype == torch.float32:
            seen = self.tower(x, self.layers)
            return Features(seen.maps, seen.embedding)
        scale = GRADIENT_SCALE if dtype == torch.float16 else 1.0
        seen = self.tower(_Cast.apply(x, dtype, 1 / scale), self.layers)
        maps = tuple(_Cast.apply(m, torch.float32, scale) for m in seen.maps)
        return Features(maps, _Cast.apply(seen.embedding, torch.float32, scale))

    def saliency(self, images: Tensor) -> Tensor:
        """ViT: the class token's mean attention to the patches, over all layers and heads (CLIPasso, section 3.4).

        ResNet: LayerCAM (Jiang et al., TIP 2021, eq. 4) of the embedding's squared length, in place of a class that
        nobody has named, on the last two stages together. Each picture's least is 0 and its greatest 1.
        """
        x = self._normalised(images.detach()).to(self.dtype)
        looks = self._attention(x) if isinstance(self.tower, VisionTransformer) else self._layer_cam(x)
        total = torch.zeros(len(images), 1, *images.shape[2:], device=images.device)
        for look in looks:
            look = look / look.amax((1, 2), keepdim=True).clamp_min(1e-12)
            total += F.interpolate(look[:, None], images.shape[2:], mode="bicubic", align_corners=False)
        total -= total.amin((2, 3), keepdim=True)
        return (total / total.amax((2, 3), keepdim=True).clamp_min(1e-12))[:, 0]

    @torch.no_grad()
    def _attention(self, x: Tensor) -> list[Tensor]:
        return [self.tower(x, (), attention=True).attention]

    def _layer_cam(self, x: Tensor) -> list[Tensor]:
        with torch.enable_grad():
            seen = self.tower(x.requires_grad_(), (self.tower.depth - 1, self.tower.depth))
            # The length is the picture's own scale, which keeps float16 gradients from running over.
            length = seen.embedding.detach().float().square().sum(1).clamp_min(1e-12)
            score = (seen.embedding.float().square().sum(1) / length).sum()
            gradients = torch.autograd.grad(score, seen.maps)
        pairs = zip(seen.maps, gradients, strict=True)
        return [(m.detach().float() * g.float().clamp_min(0)).sum(1) for m, g in pairs]


def load(
    name: str,
    path: str | Path,
    *,
    layers: Mapping[int, float] | None = None,
    device: str | torch.device = "cpu",
    dtype: torch.dtype | None = None,
) -> ClipEncoder:
    """A published CLIP image tower, ready to compare pictures; the file's text tower is not read.

    Args:
        name: one of `CLIPS`.
        path: its `open_clip_model.safetensors`, float16, bfloat16 or float32.
        layers, dtype: which layers to compare, {layer: weight}, and the precision; see `ClipEncoder`.
        device: where to compute.

    Raises:
        EncoderError: unknown name or layer; the file is missing, damaged, of another model, or no safetensors.
    """
    return build(name, find_spec(name), Path(path), layers, dtype).to(device)


def load_text(
    name: str, weights_path: str | Path, tokenizer_path: str | Path, *, device: str | torch.device = "cpu"
) -> ClipText:
    """A published CLIP text tower with its tokenizer; the file's image tower is not read.

    Args:
        name: one of `CLIPS`.
        weights_path: its `open_clip_model.safetensors`.
        tokenizer_path: its `tokenizer.json`.
        device: where to compute.

    Raises:
        EncoderError: as for `load`, or `tokenizers` or the tokenizer's file is missing.
    """
    return build_text(name, find_spec(name), Path(weights_path), Path(tokenizer_path)).to(device)


def find_spec(name: str) -> ClipSpec:
    """The sizes of a published model.

    Raises:
        EncoderError: unknown name.
    """
    if name not in CLIPS:
        raise EncoderError(f"unknown CLIP {name}; known are {', '.join(CLIPS)}")
    return CLIPS[name]


def build(
    name: str,
    spec: ClipSpec,
    path: Path,
    layers: Mapping[int, float] | None = None,
    dtype: torch.dtype | None = None,
) -> ClipEncoder:
    """`load` for any sizes, on the CPU."""
    with torch.device("meta"):
        tower = spec.image_tower()
    read_weights(tower, name, path, "visual.")
    if isinstance(tower, ModifiedResNet):
        tower.fold()
    return ClipEncoder(name, spec, tower, layers, dtype)


def build_text(name: str, spec: ClipSpec, path: Path, tokenizer: Path) -> ClipText:
    """`load_text` for any sizes, on the CPU."""
    with torch.device("meta"):
        tower = spec.text_tower()
    known = read_tokenizer(tokenizer)
    read_weights(tower, name, path, "")
    return ClipText(name, tower, known)


def read_weights(tower: nn.Module, name: str, path: Path, prefix: str) -> None:
    """Fill a tower from a safetensors file, in float32, tensor by tensor; the rest of the file is left alone.

    Args:
        tower: on the meta device.
        name: of the model, for the message.
        path: the file.
        prefix: of the tower's keys: "visual.", or "" for those of the text tower.

    Raises:
        EncoderError: the file is missing or damaged, or its keys are not those of the tower; one line.
    """
    from safetensors import SafetensorError, safe_open

    check_safetensors(path, name)
    shapes = {prefix + key: list(value.shape) for key, value in tower.state_dict().items()}
    state = {}
    other, again = f"{path} is not the weights of {name}", f"delete it, then: strokewise models fetch {name}"
    try:
        with safe_open(path, framework="pt", device="cpu") as file:
            keys = {key for key in file.keys() if _belongs(key, prefix)}  # noqa: SIM118 (it is no dictionary)
            for key in sorted(shapes.keys() | keys):
                if key not in keys or key not in shapes:
                    raise EncoderError(f"{other}: {key} {'is missing' if key in shapes else 'is in it'}; {again}")
                shape, kind = file.get_slice(key).get_shape(), file.get_slice(key).get_dtype()
                if shape != shapes[key] or kind not in ("F16", "BF16", "F32"):
                    raise EncoderError(f"{other}: {key} is {kind} {shape} instead of F32 {shapes[key]}; {again}")
            for key in shapes:
                # A copy, since the file is mapped into memory and may change under us.
                value = file.get_tensor(key).to(torch.float32, copy=True)
                if not bool(torch.isfinite(value).all()):
                    raise EncoderError(f"{path} is damaged: {key} holds values that are not finite; {again}")
                if value.dim() == 4:
                    value = value.contiguous(memory_format=torch.channels_last)
                state[key.removeprefix(prefix)] = value
    except (SafetensorError, OSError) as error:
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise EncoderError(f"{path} is damaged or cut short ({reason}); {again}") from error
    tower.load_state_dict(state, assign=True)
    tower.requires_grad_(False)


def _belongs(key: str, prefix: str) -> bool:
    """Whether a key of the file is one of the tower's weights, or claims to be."""
    if key.endswith("num_batches_tracked") or key in NOT_WEIGHTS:
        return False
    return key.startswith(prefix) if prefix else not key.startswith("visual.")
