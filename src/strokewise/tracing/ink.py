"""Where the ink is: paper and shadows divided out, the polarity found, and photos refused."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from .._arrays import Array, Flags
from ..errors import Argument, PhotoError
from ..photo.opening import Photo

Plane = NDArray[np.float32]

LONGEST, SHORTEST = 1200, 600
"""Long side at which pictures are traced, pixels: larger ones are reduced, smaller ones enlarged, at most `ENLARGED`
times, so that a line of one pixel has a middle."""
ENLARGED = 4.0
BLOCKS = 48
"""Blocks along the long side in which the paper's colour is estimated: a line may be a few blocks thick."""
NOISE = 5.0
"""Standard deviations of the paper's noise above which something is ink."""
FAINTEST = 0.06
"""Least darkening that is ever ink, as a share of the paper's brightness."""
NOISIEST = 0.02
"""Noise of paper counts up to here; what varies more is no paper."""
STRAY, SHADED, MOST_INK = 0.10, 0.005, 0.5
"""What line art has less of than photos, as shares of the picture: what is neither ink nor plain paper; inner parts of
dark areas, times how much their darkness varies; ink at all."""
INNER = 3
"""Distance from the edge of an area at which its inner part begins, pixels."""


@dataclasses.dataclass(frozen=True)
class Ink:
    """The ink of a picture.

    Attributes:
        strength: float32 [y, x], how much darker than the paper around it: 0 is paper, 1 black; on dark paper, how
            much lighter.
        mask: bool [y, x], where there is ink.
        scale: pixels of this picture to one of the whole picture.
        light: whether the lines are lighter than the paper.
    """

    strength: Plane
    mask: Flags
    scale: float
    light: bool


def find_ink(photo: Photo, lines: str = "auto") -> Ink:
    """Separate the lines of a picture from the paper, which may lie in shadow.

    Args:
        photo: the picture.
        lines: "dark" lines on light paper, "light" lines on dark paper, or "auto", which also refuses photos.

    Raises:
        PhotoError: there are no lines in it, or it is a photo.
    """
    pixels, scale = _sized(photo)
    light = _is_light(pixels) if lines == "auto" else lines == "light"
    if light:
        pixels = 1 - pixels
    strength, noise = _strength(pixels)
    mask = _mask(strength, noise)
    if not mask.any():
        raise PhotoError(
            f"there are no lines in {photo.name}: choose a picture of dark lines on light paper, or light on dark"
        )
    if lines == "auto" and _is_shaded(strength, mask, noise):
        fix = ("strokewise draw draws photos; to trace it all the same, say ", Argument("lines", "dark"))
        raise PhotoError(f"{photo.name} is no line art but looks like a photo", fix=fix)
    return Ink(strength, mask, scale, light)


def _sized(photo: Photo) -> tuple[Plane, float]:
    """The pixels at the size at which they are traced, and that size over the size of the whole picture."""
    height, width = photo.pixels.shape[:2]
    factor = min(LONGEST / max(height, width), 1.0)
    if max(height, width) < SHORTEST:
        factor = min(ENLARGED, SHORTEST / max(height, width))
    pixels = photo.pixels
    if factor != 1:
        size = (max(1, round(width * factor)), max(1, round(height * factor)))
        pixels = np.stack([_resized(pixels[..., c], size) for c in range(3)], axis=-1)
    return np.clip(pixels, 0, 1), max(pixels.shape[:2]) / max(photo.size)


def _resized(plane: Array | Plane, size: tuple[int, int]) -> Plane:
    """A plane [y, x] at another size (width, height)."""
    return np.asarray(Image.fromarray(np.ascontiguousarray(plane, np.float32)).resize(size, Image.Resampling.BICUBIC))


def _blocks(pixels: Plane, share: float) -> Plane:
    """A quantile of each block of a picture [y, x, channel]: [block y, block x, channel]."""
    side = max(4, max(pixels.shape[:2]) // BLOCKS)
    height, width = (-(-s // side) * side for s in pixels.shape[:2])
    padded = np.pad(pixels, ((0, height - pixels.shape[0]), (0, width - pixels.shape[1]), (0, 0)), mode="symmetric")
    # Every other pixel tells as much and costs a quarter.
    cut = padded.reshape(height // side, side, width // side, side, -1)[:, ::2, :, ::2]
    cut = cut.transpose(0, 2, 4, 1, 3).reshape(height // side, width // side, pixels.shape[2], -1)
    rank = round(share * (cut.shape[-1] - 1))
    return np.partition(cut, rank, axis=-1)[..., rank]


def _is_light(pixels: Plane) -> bool:
    """Whether more of the picture is lighter than the paper around it than darker."""
    grey = pixels.mean(axis=2, keepdims=True)
    paper = ndimage.median_filter(_blocks(grey, 0.5)[..., 0], 7)
    away = grey[..., 0] - _resized(paper, (grey.shape[1], grey.shape[0]))
    return float(np.square(np.maximum(away, 0)).sum()) > float(np.square(np.maximum(-away, 0)).sum())


def _strength(pixels: Plane) -> tuple[Plane, float]:
    """How much darker than the paper each pixel is, [y, x], and the standard deviation of that on bare paper."""
    height, width = pixels.shape[:2]
    blocks = ndimage.grey_closing(_blocks(pixels, 0.8), size=(7, 7, 1))
    paper = np.stack([_resized(blocks[..., c], (width, height)) for c in range(3)], axis=-1)
    first = _darkening(pixels, paper)
    # Again from what is bare paper around: blocks are too coarse for the edge of a shadow.
    bare = ndimage.maximum_filter(first, 5) < max(0.15, 0.4 * float(np.quantile(first, 0.995)))
    step = 4
    size = (width // step * step, height // step * step)
    free = bare[: size[1], : size[0]].astype(np.float32)
    share = _means(free, step)
    kept = ndimage.gaussian_filter(share, 3)
    for c in range(3):
        plane = pixels[: size[1], : size[0], c]
        known = ndimage.gaussian_filter(_means(plane * free, step), 3) / np.maximum(kept, 1e-6)
        trusted = np.clip(kept / 0.1, 0, 1)
        coarse = _resized(paper[..., c], (kept.shape[1], kept.shape[0]))
        paper[..., c] = _resized(trusted * known + (1 - trusted) * coarse, (width, height))
    strength = ndimage.gaussian_filter(_darkening(pixels, paper), 0.6)
    quiet = strength[bare] if bare.any() else strength.ravel()
    middle = float(np.median(quiet))
    noise = 1.4826 * float(np.median(np.abs(quiet - middle)))
    return (strength - np.float32(middle)).astype(np.float32), noise


def _means(plane: Plane, step: int) -> Plane:
    """Averages of squares of `step` pixels."""
    height, width = plane.shape
    return plane.reshape(height // step, step, width // step, step).mean((1, 3))


def _darkening(pixels: Plane, paper: Plane) -> Plane:
    """How much darker pixels are than the paper, in the channel where it shows most: yellow is dark in blue alone."""
    # Dark paper is noisy in proportion.
    share = (paper - pixels) / np.maximum(paper, 0.15)
    return np.asarray(share.max(axis=2))


def _mask(strength: Plane, noise: float) -> Flags:
    """Where there is ink: at least half as dark as the darkest place near by."""
    low = max(FAINTEST, NOISE * noise)
    some = strength[strength > low]
    if not some.size:
        return np.zeros(strength.shape, dtype=bool)
    full = float(np.quantile(some, 0.9))
    coarse = strength > max(low, 0.2 * full)
    labels, count = ndimage.label(coarse, structure=np.ones((3, 3)))
    strongest = np.zeros(count + 1, dtype=np.float32)
    np.maximum.at(strongest, labels[coarse], strength[coarse])
    kept = (strongest > max(1.3 * low, 0.4 * full))[labels]
    near = ndimage.maximum_filter(strength, 7)
    mask = kept & (strength > 0.5 * near)
    # Holes of a pixel or two are noise, and would be rings.
    holes, count = ndimage.label(~mask)
    sizes = np.bincount(holes.ravel(), minlength=count + 1)
    sizes[0] = 1000
    return np.asarray(mask | (sizes < 6)[holes])


def _is_shaded(strength: Plane, mask: Flags, noise: float) -> bool:
    """Whether a picture has areas that vary in darkness, as photos have, and not only lines and plain areas."""
    low = max(FAINTEST, NOISE * min(noise, NOISIEST))
    stray = float((~ndimage.maximum_filter(mask, 7) & (np.abs(strength) > low)).mean())
    inner = ndimage.distance_transform_edt(mask) > INNER
    varied = float(strength[inner].std() / np.quantile(strength[mask], 0.9)) if inner.any() else 0.0
    return stray > STRAY or float(inner.mean()) * varied > SHADED or float(mask.mean()) > MOST_INK
