"""CLIP's networks: two image towers and the text tower (Radford et al., ICML 2021, sections 2.4 and 2.5).

Modules carry the names OpenAI gave their weights, so that a published file loads as it is. Nothing here is ever
trained: parameters take no gradient, and batch normalisation is folded away by `fold` once the weights are there.
Towers take normalised images; `clip.ClipEncoder` does the rest.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Seen(NamedTuple):
    """What an image tower gives back.

    Attributes:
        maps: the layers that were asked for, shallow to deep, each float [batch, channel, y, x].
        embedding: float [batch, dimension].
        attention: mean over layers and heads of the class token's attention to the patches, float [batch, y, x];
            None where it was not asked for.
    """

    maps: tuple[Tensor, ...]
    embedding: Tensor
    attention: Tensor | None


def _empty(*shape: int) -> nn.Parameter:
    return nn.Parameter(torch.empty(*shape), requires_grad=False)


def _heads(x: Tensor, heads: int) -> Tensor:
    """[batch, token, channel] as [batch, head, token, channel of the head]."""
    return x.unflatten(2, (heads, -1)).transpose(1, 2)


def _positions(embedding: Tensor, rows: int, columns: int) -> Tensor:
    """Position embeddings [1 + trained grid, channel] for another grid, [1 + rows * columns, channel]."""
    side = math.isqrt(len(embedding) - 1)
    if (rows, columns) == (side, side):
        return embedding
    grid = embedding[1:].float().T.reshape(1, -1, side, side)
    grid = F.interpolate(grid, (rows, columns), mode="bicubic", align_corners=False)
    return torch.cat([embedding[:1], grid[0].flatten(1).T.to(embedding.dtype)])


class _Norm(nn.Module):
    """Batch normalisation with the statistics of the training."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight, self.bias = _empty(channels), _empty(channels)
        self.running_mean: Tensor
        self.running_var: Tensor
        self.register_buffer("running_mean", torch.empty(channels))
        self.register_buffer("running_var", torch.empty(channels))

    def forward(self, x: Tensor) -> Tensor:
        return F.batch_norm(x, self.running_mean, self.running_var, self.weight, self.bias, eps=1e-5)

    def folded(self, conv: nn.Conv2d) -> nn.Conv2d:
        """The convolution that does what `conv` and this do, one after the other."""
        scale = self.weight / (self.running_var + 1e-5).sqrt()
        conv.weight = nn.Parameter(conv.weight * scale[:, None, None, None], requires_grad=False)
        conv.bias = nn.Parameter(self.bias - self.running_mean * scale, requires_grad=False)
        return conv


def _conv(inputs: int, outputs: int, kernel: int, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, kernel, stride, padding=kernel // 2, bias=False)


class _Bottleneck(nn.Module):
    """ResNet's block; where it strides, an average pool after the convolution does, so that nothing is aliased."""

    def __init__(self, inputs: int, width: int, stride: int) -> None:
        super().__init__()
        self.conv1, self.bn1 = _conv(inputs, width, 1), _Norm(width)
        self.conv2, self.bn2 = _conv(width, width, 3), _Norm(width)
        self.conv3, self.bn3 = _conv(width, width * 4, 1), _Norm(width * 4)
        self.stride = stride
        self.downsample: nn.Sequential | None = None
        if stride > 1 or inputs != width * 4:
            self.downsample = nn.Sequential(_conv(inputs, width * 4, 1), _Norm(width * 4))

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.bn1(self.conv1(x)), inplace=True)
        y = F.relu(self.bn2(self.conv2(y)), inplace=True)
        if self.stride > 1:
            x, y = F.avg_pool2d(x, self.stride), F.avg_pool2d(y, self.stride)
        y = self.bn3(self.conv3(y))
        return F.relu(y + (x if self.downsample is None else self.downsample(x)), inplace=True)


class _AttentionPool(nn.Module):
    """One look of the mean over all places of the last map, by multi-head attention."""

    def __init__(self, side: int, channels: int, heads: int, embed: int) -> None:
        super().__init__()
        self.positional_embedding = _empty(side * side + 1, channels)
        self.k_proj, self.q_proj = nn.Linear(channels, channels), nn.Linear(channels, channels)
        self.v_proj, self.c_proj = nn.Linear(channels, channels), nn.Linear(channels, embed)
        self.heads = heads

    def forward(self, x: Tensor) -> Tensor:
        tokens = x.flatten(2).transpose(1, 2)
        tokens = torch.cat([tokens.mean(1, keepdim=True), tokens], 1)
        tokens = tokens + _positions(self.positional_embedding, x.shape[2], x.shape[3])
        # As rows of a matrix: the way back of a batch of matrices would copy the weights for each picture.
        rows = tokens.flatten(0, 1)
        q = _heads(self.q_proj(tokens[:, 0])[:, None], self.heads)
        k, v = (_heads(of(rows).unflatten(0, tokens.shape[:2]), self.heads) for of in (self.k_proj, self.v_proj))
        seen = F.scaled_dot_product_attention(q, k, v)
        return self.c_proj(seen.transpose(1, 2).flatten(1))


class ModifiedResNet(nn.Module):
    """CLIP's ResNet: a stem of three convolutions, four stages, attention pooling. Total stride 32.

    Layers: 0 is the stem after its pool (stride 4), 1 to 4 are the stages (strides 4, 8, 16, 32; 4, 8, 16 and 32 x
    width channels).

    Args:
        stages: blocks in each of the four stages.
        width: channels of the stem.
        heads: of the attention pooling.
        embed: numbers of the embedding.
        size: side of the images it was trained on, pixels.
    """

    def __init__(self, stages: tuple[int, ...], width: int, heads: int, embed: int, size: int) -> None:
        super().__init__()
        self.conv1, self.bn1 = _conv(3, width // 2, 3, stride=2), _Norm(width // 2)
        self.conv2, self.bn2 = _conv(width // 2, width // 2, 3), _Norm(width // 2)
        self.conv3, self.bn3 = _conv(width // 2, width, 3), _Norm(width)
        channels = width
        self.depth = len(stages)
        for i, count in enumerate(stages):
            blocks = []
            for j in range(count):
                blocks.append(_Bottleneck(channels, width << i, 2 if i and not j else 1))
                channels = (width << i) * 4
            self.add_module(f"layer{i + 1}", nn.Sequential(*blocks))
        self.attnpool = _AttentionPool(size // 32, channels, heads, embed)
        self.requires_grad_(False)

    def stem(self, x: Tensor) -> Tensor:
        for i in ("1", "2", "3"):
            x = F.relu(self.get_submodule(f"bn{i}")(self.get_submodule(f"conv{i}")(x)), inplace=True)
        return F.avg_pool2d(x, 2)

    def forward(self, x: Tensor, layers: Collection[int]) -> Seen:
        """Maps and embedding of normalised images, float [batch, 3, y, x]."""
        x = self.stem(x)
        maps = [x] if 0 in layers else []
        for i in range(1, self.depth + 1):
            x = self.get_submodule(f"layer{i}")(x)
            if i in layers:
                maps.append(x)
        return Seen(tuple(maps), self.attnpool(x), None)

    @torch.no_grad()
    def fold(self) -> None:
        """Put batch normalisation into the convolutions; done once, after the weights have been read."""
        for module in self.modules():
            if isinstance(module, (ModifiedResNet, _Bottleneck)):
                for i in ("1", "2", "3"):
                    norm, conv = module.get_submodule(f"bn{i}"), module.get_submodule(f"conv{i}")
                    if isinstance(norm, _Norm) and isinstance(conv, nn.Conv2d):
                        setattr(module, f"conv{i}", norm.folded(conv))
                        setattr(module, f"bn{i}", nn.Identity())
                down = getattr(module, "downsample", None)
                if down is not None and isinstance(down[1], _Norm):
                    down[0], down[1] = down[1].folded(down[0]), nn.Identity()


class _Attention(nn.Module):
    """Multi-head self-attention."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.in_proj_weight, self.in_proj_bias = _empty(width * 3, width), _empty(width * 3)
        self.out_proj = nn.Linear(width, width)
        self.heads = heads

    def forward(self, x: Tensor, causal: bool, looks: list[Tensor] | None) -> Tensor:
        q, k, v = (_heads(t, self.heads) for t in F.linear(x, self.in_proj_weight, self.in_proj_bias).chunk(3, 2))
        if looks is not None:
            # Only the class token's row is wanted, so the rest stays in the fused kernel.
            row = (q[:, :, :1] @ k.transpose(2, 3)).float() / math.sqrt(q.shape[3])
            looks.append(row.softmax(3)[:, :, 0].mean(1))
        return self.out_proj(F.scaled_dot_product_attention(q, k, v, is_causal=causal).transpose(1, 2).flatten(2))


class _MLP(nn.Module):
    """Two layers with QuickGELU, CLIP's x sigmoid(1.702 x), between."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.c_fc, self.c_proj = nn.Linear(width, width * 4), nn.Linear(width * 4, width)

    def forward(self, x: Tensor) -> Tensor:
        x = self.c_fc(x)
        return self.c_proj(x * torch.sigmoid(1.702 * x))


class _ResidualBlock(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.ln_1, self.attn = nn.LayerNorm(width), _Attention(width, heads)
        self.ln_2, self.mlp = nn.LayerNorm(width), _MLP(width)

    def forward(self, x: Tensor, causal: bool, looks: list[Tensor] | None) -> Tensor:
        x = x + self.attn(self.ln_1(x), causal, looks)
        return x + self.mlp(self.ln_2(x))


class _Transformer(nn.Module):
    def __init__(self, width: int, layers: int, heads: int) -> None:
        super().__init__()
        self.resblocks = nn.ModuleList(_ResidualBlock(width, heads) for _ in range(layers))


class VisionTransformer(nn.Module):
    """CLIP's ViT: patches, a class token, pre-norm blocks.

    Layers: 0 is the patches before the first block, k the patches after block k, each [batch, width, y, x] at a
    stride of `patch` pixels.

    Args:
        layers: number of blocks.
        width: channels of a token.
        heads: of each attention.
        embed: numbers of the embedding.
        patch: side of a patch, pixels.
        size: side of the images it was trained on, pixels.
    """

    def __init__(self, layers: int, width: int, heads: int, embed: int, patch: int, size: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, width, patch, patch, bias=False)
        self.class_embedding, self.positional_embedding = _empty(width), _empty((size // patch) ** 2 + 1, width)
        self.ln_pre, self.ln_post = nn.LayerNorm(width), nn.LayerNorm(width)
        self.transformer = _Transformer(width, layers, heads)
        self.proj = _empty(width, embed)
        self.depth, self.patch = layers, patch
        self.requires_grad_(False)

    def forward(self, x: Tensor, layers: Collection[int], attention: bool = False) -> Seen:
        """Maps, embedding and, if asked for, attention of normalised images, float [batch, 3, y, x]."""
        # Patches do not overlap, so a matrix product does what the convolution would, with a faster way back.
        rows, columns = (side // self.patch for side in x.shape[2:])
        x = x[:, :, : rows * self.patch, : columns * self.patch]
        x = x.unflatten(3, (columns, -1)).unflatten(2, (rows, -1)).permute(0, 2, 4, 1, 3, 5)
        x = F.linear(x.flatten(3).flatten(1, 2), self.conv1.weight.flatten(1))
        x = torch.cat([self.class_embedding.expand(len(x), 1, -1), x], 1)
        x = self.ln_pre(x + _positions(self.positional_embedding, rows, columns))
        looks: list[Tensor] | None = [] if attention else None
        maps = []
        for i in range(self.depth + 1):
            if i:
                x = self.transformer.resblocks[i - 1](x, False, looks)
            if i in layers:
                maps.append(x[:, 1:].transpose(1, 2).unflatten(2, (rows, columns)))
        seen = torch.stack(looks).mean(0)[:, 1:].unflatten(1, (rows, columns)) if looks else None
        return Seen(tuple(maps), self.ln_post(x[:, 0]) @ self.proj, seen)


class TextTransformer(nn.Module):
    """CLIP's text tower: tokens to an embedding, read where each text ends.

    Args:
        embed: numbers of the embedding.
        width, heads, layers: of the transformer.
        context: most tokens of a text.
        vocabulary: number of tokens; the last one ends a text.
    """

    def __init__(self, embed: int, width: int, heads: int, layers: int, context: int, vocabulary: int) -> None:
        super().__init__()
        self.token_embedding = nn.Embedding(vocabulary, width)
        self.positional_embedding, self.text_projection = _empty(context, width), _empty(width, embed)
        self.transformer = _Transformer(width, layers, heads)
        self.ln_final = nn.LayerNorm(width)
        self.logit_scale = nn.Parameter(torch.empty(()), requires_grad=False)
        self.requires_grad_(False)

    def forward(self, tokens: Tensor) -> Tensor:
        """Embeddings, float [text, embed], of tokens, int64 [text, up to context]."""
        ends = tokens.argmax(1)
        # Attention only looks back, so what is padded after the last end changes nothing.
        tokens = tokens[:, : int(ends.max()) + 1]
        x = self.token_embedding(tokens) + self.positional_embedding[: tokens.shape[1]]
        for block in self.transformer.resblocks:
            x = block(x, True, None)
        return self.ln_final(x[torch.arange(len(x), device=x.device), ends]) @ self.text_projection
