"""The mask by colour on a plain ground: thin parts are in it, shadows and frames are not."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from strokewise.photo.masks import SubjectMask
from strokewise.photo.plain_ground import with_plain_ground

BODY = (slice(120, 200), slice(90, 190))
MAST = (slice(30, 120), slice(138, 141))
SIZE = (240, 300)


def on_paper(*parts, paper=(1.0, 1.0, 1.0), color=(0.3, 0.25, 0.5), size=SIZE):
    pixels = np.empty((*size, 3), np.float32)
    pixels[:] = paper
    for part in parts:
        pixels[part] = color
    return np.asarray(ndimage.gaussian_filter(pixels, (0.6, 0.6, 0)), np.float32)


def network_mask(*parts, size=SIZE):
    mask = np.zeros(size, np.float32)
    for part in parts:
        mask[part] = 1
    return SubjectMask.of(mask)


@pytest.mark.parametrize("paper", [(1, 1, 1), (0.2, 0.5, 0.8), (0, 0, 0)])
def test_a_thin_part_that_the_network_lost_is_added(paper):
    pixels = on_paper(BODY, MAST, paper=paper, color=(0.7, 0.2, 0.1))
    mask = with_plain_ground(network_mask(BODY), pixels).mask > 0.5
    wanted = np.zeros(SIZE, bool)
    wanted[BODY] = wanted[MAST] = True
    assert (mask & wanted).sum() / (mask | wanted).sum() > 0.95
    assert mask[MAST].mean() > 0.95


def test_ground_that_the_network_took_in_is_taken_out_beside_the_subject_and_through_it():
    pixels = on_paper(BODY)
    hole = (slice(150, 170), slice(130, 150))
    shine = (slice(130, 140), slice(100, 110))
    pixels[hole] = 1.0
    pixels[shine] = np.linspace(0.93, 1.0, 10)[:, None]
    beside = (slice(120, 200), slice(188, 194))
    mask = with_plain_ground(network_mask(BODY, beside), pixels).mask
    assert mask[120:200, 192:194].max() == 0
    assert mask[152:168, 132:148].max() == 0
    assert mask[shine].min() == 1


def test_a_soft_shadow_stays_out():
    pixels = on_paper(BODY)
    shadow = np.zeros(SIZE, np.float32)
    shadow[190:215, 60:240] = 0.35
    shadow = ndimage.gaussian_filter(shadow, 14)
    shadow[BODY] = 0
    mask = with_plain_ground(network_mask(BODY), pixels * (1 - shadow[:, :, None])).mask > 0.5
    assert mask[BODY].mean() > 0.97
    assert mask.sum() < 1.1 * mask[BODY].size


def test_a_light_subject_on_light_ground_keeps_the_mask():
    found = network_mask(BODY)
    pixels = on_paper(BODY, color=(0.995, 0.99, 0.99))
    assert with_plain_ground(found, pixels).mask[BODY].min() == 1


def test_a_picture_in_a_frame_keeps_the_mask():
    rng = np.random.default_rng(0)
    pixels = np.ones((*SIZE, 3), np.float32)
    pixels[12:-12, 12:-12] = 0.1 + 0.6 * ndimage.gaussian_filter(rng.random((*SIZE, 3)), (3, 3, 0))[12:-12, 12:-12]
    found = network_mask(BODY)
    assert with_plain_ground(found, pixels) is found


def test_elsewhere_the_mask_stays():
    rng = np.random.default_rng(0)
    found = network_mask(BODY)
    assert with_plain_ground(found, rng.random((*SIZE, 3), dtype=np.float32)) is found
    nothing = network_mask()
    assert with_plain_ground(nothing, on_paper(BODY)) is nothing
