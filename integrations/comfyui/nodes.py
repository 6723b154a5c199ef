"""Image and mask in, SVG text and image out.

ComfyUI's contract: images are float32 tensors [batch, height, width, rgb] in [0, 1], masks [batch, height, width]; a
node is a class with INPUT_TYPES, RETURN_TYPES and FUNCTION.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

import strokewise
from strokewise.export import to_pixels


class _Node:
    """What both nodes have in common."""

    RETURN_TYPES = ("STRING", "IMAGE")
    RETURN_NAMES = ("svg", "image")
    OUTPUT_IS_LIST = (True, False)
    CATEGORY = "image/strokewise"


class StrokewiseDraw(_Node):
    """A photo as a drawing of a few strokes."""

    FUNCTION = "draw"
    DESCRIPTION = "Turns a photo into a line drawing of a few strokes, as SVG."

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """The inputs and their ranges."""
        return {
            "required": {
                "image": ("IMAGE",),
                "strokes": ("INT", {"default": 16, "min": 1, "max": 256}),
                "seed": ("INT", {"default": 0, "min": 0, "max": 2**32 - 1}),
                "width": ("FLOAT", {"default": 0.0, "min": 0.0, "max": 20.0, "step": 0.1}),
                "one_line": ("BOOLEAN", {"default": False}),
            },
            "optional": {"mask": ("MASK",)},
        }

    def draw(
        self,
        image: torch.Tensor,
        strokes: int,
        seed: int,
        width: float,
        one_line: bool,
        mask: torch.Tensor | None = None,
    ) -> tuple[list[str], torch.Tensor]:
        """The drawings of a batch.

        Args:
            image: float32 [batch, height, width, rgb] in [0, 1].
            strokes, seed, width, one_line: as for `strokewise.draw`; width 0 is automatic.
            mask: float32 [batch or 1, height, width]; 0 is left out, and then the background is not looked for.

        Raises:
            ValueError: the mask is not as large as the image.
        """
        pictures = _pictures(image)
        if mask is not None:
            shown = mask.detach().float().cpu().numpy().reshape(-1, *mask.shape[-2:])
            if shown.shape[1:] != pictures.shape[1:3] or len(shown) not in (1, len(pictures)):
                raise ValueError(f"the mask is {tuple(mask.shape)}, the image {tuple(image.shape)}: resize the mask")
            pictures = pictures * shown[..., None] + (1 - shown[..., None])
        subject = "auto" if mask is None else "keep"
        sketches = [
            strokewise.draw(one, strokes=strokes, seed=seed, width=width or "auto", one_line=one_line, subject=subject)
            for one in pictures
        ]
        return _outputs(sketches, pictures)


class StrokewiseTrace(_Node):
    """Line art as strokes along the middles of its lines."""

    FUNCTION = "trace"
    DESCRIPTION = "Turns line art (a scan, a logo) into centre-line strokes, as SVG; quick, without a network."

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """The inputs and their ranges."""
        return {
            "required": {
                "image": ("IMAGE",),
                "strokes": ("INT", {"default": 32, "min": 0, "max": 256, "tooltip": "0 is all of them"}),
                "widths": ("BOOLEAN", {"default": False}),
                "colors": ("BOOLEAN", {"default": False}),
                "lines": (["auto", "dark", "light"],),
            }
        }

    def trace(
        self, image: torch.Tensor, strokes: int, widths: bool, colors: bool, lines: str
    ) -> tuple[list[str], torch.Tensor]:
        """The strokes of a batch; the inputs are those of `strokewise.trace`, and 0 strokes are all."""
        pictures = _pictures(image)
        sketches = [
            strokewise.trace(one, strokes or "all", widths=widths, colors=colors, lines=lines) for one in pictures
        ]
        return _outputs(sketches, pictures)


def _pictures(image: torch.Tensor) -> np.ndarray:
    """A batch of images as float32 [batch, height, width, rgb] in [0, 1]."""
    return np.clip(image.detach().float().cpu().numpy()[..., :3], 0, 1).astype(np.float32)


def _outputs(sketches: list[strokewise.Sketch], pictures: np.ndarray) -> tuple[list[str], torch.Tensor]:
    """SVG texts, and pictures as large as the images."""
    side = max(pictures.shape[1:3])
    drawn = np.stack([to_pixels(sketch, side) for sketch in sketches]).astype(np.float32) / 255
    return [sketch.to_svg() for sketch in sketches], torch.from_numpy(drawn)


NODE_CLASS_MAPPINGS = {"StrokewiseDraw": StrokewiseDraw, "StrokewiseTrace": StrokewiseTrace}
NODE_DISPLAY_NAME_MAPPINGS = {"StrokewiseDraw": "Strokewise: draw", "StrokewiseTrace": "Strokewise: trace"}
