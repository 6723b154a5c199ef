"""What is transparent becomes white paper, unless the subject would vanish on it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Levels = NDArray[np.float32]
OnWhite = tuple[Levels, Levels | None, str]
"""What `on_white` returns."""

CLEAR = "is wholly transparent"
CLEAR_COLORS = "is wholly transparent; its colours were drawn as if they were opaque"
FAINT = "is nearly transparent; it was drawn as if it were opaque"
LIGHT_ON_CLEAR = "is white on transparent; it was drawn dark on white, since nothing would be seen of white on white"
OF_TRANSPARENCY = (CLEAR, CLEAR_COLORS, FAINT, LIGHT_ON_CLEAR)
"""What is said of a photo with transparency."""

_LIGHT = 0.85  # a pixel with every channel above this is hardly seen on white
_MOSTLY, _RIM = 0.8, 0.7  # shares of what is opaque, and of its rim, from which on a light subject vanishes
_FAINTEST = 0.1


def on_white(rgb: Levels, alpha: Levels) -> OnWhite:
    """A picture with transparency on white.

    A light subject on a transparent ground gets its lightness reversed, its hues kept: on white it could not be seen,
    and on a dark ground the strokes, which are dark, could not.

    Args:
        rgb: [height, width, rgb] in [0, 1].
        alpha: [height, width] in [0, 1], 1 is opaque.

    Returns:
        [height, width, rgb]; [height, width], how opaque each pixel was taken to be, or None if all are opaque; and
        what was done, which follows the photo's name in a remark; empty for most.
    """
    most = float(alpha.max())
    if most == 0:
        if float(np.ptp(rgb, axis=(0, 1)).max()) < 3 / 255:
            return np.ones_like(rgb), alpha, CLEAR
        return rgb, alpha, CLEAR_COLORS
    remark = ""
    if most < _FAINTEST:
        alpha, remark = alpha / np.float32(most), FAINT
    if _vanishes(rgb, alpha):
        rgb = np.clip(rgb + (1 - rgb.max(axis=2) - rgb.min(axis=2))[:, :, None], 0, 1)
        remark = LIGHT_ON_CLEAR
    cover = alpha[:, :, None]
    return rgb * cover + (1 - cover), None if alpha.min() == 1 else alpha, remark


def _vanishes(rgb: Levels, alpha: Levels) -> bool:
    """Whether most of what is opaque is light, and so is the rim along which it meets the transparent ground."""
    opaque = alpha >= 0.5 * alpha.max()
    clear = ~opaque
    if not clear.any():
        return False
    light = rgb.min(axis=2) > _LIGHT
    if light[opaque].mean() < _MOSTLY:
        return False
    near = clear.copy()
    for _ in range(2):
        grown = near.copy()
        grown[1:] |= near[:-1]
        grown[:-1] |= near[1:]
        grown[:, 1:] |= near[:, :-1]
        grown[:, :-1] |= near[:, 1:]
        near = grown
    return bool(light[opaque & near].mean() >= _RIM)
