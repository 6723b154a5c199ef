"""Losses against what they say they are, with a small encoder whose answers can be worked out by hand."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from strokewise.encoders import Features
from strokewise.engines.losses import PhotoLoss, ViewBank, geometric_loss, semantic_loss
from strokewise.engines.views import view_bank
from strokewise.errors import EncoderError


class Tiny:
    """One map (the picture, pooled) and one embedding (its mean colour and 1)."""

    name, input_size, map_weights, semantic_weight = "tiny", 16, (2.0,), 0.5

    def __init__(self):
        self.seen = 0

    def features(self, images):
        self.seen += len(images)
        colour = images.mean((2, 3))
        return Features((F.avg_pool2d(images, 4),), torch.cat([colour, torch.ones(len(images), 1)], 1))

    def saliency(self, images):
        return torch.ones(images.shape[0], *images.shape[2:])


def bank(count=1, size=16):
    matrices = view_bank(count, np.random.default_rng(0), distortion=0.5, area=0.8)
    return ViewBank(matrices, size, torch.device("cpu"))


def test_semantic_loss_is_the_cosine_distance():
    a = torch.tensor([[1.0, 0.0], [0.0, 2.0], [-3.0, 0.0]])
    assert semantic_loss(a, torch.tensor([[5.0, 0.0]])).tolist() == pytest.approx([0, 1, 2])


def test_geometric_loss_is_relative_to_the_photos_own_map():
    photo = torch.rand(1, 3, 4, 4) + 0.1
    blank = torch.zeros(2, 3, 4, 4)
    assert geometric_loss((blank,), (photo,), (1.0,)).tolist() == pytest.approx([1, 1])
    assert geometric_loss((1000 * blank,), (1000 * photo,), (1.0,)).tolist() == pytest.approx([1, 1])
    assert geometric_loss((photo,), (photo,), (1.0,)).tolist() == [0]
    assert geometric_loss((blank, blank), (photo, photo), (0.25, 0.0)).tolist() == pytest.approx([0.25, 0.25])


def test_an_encoder_that_does_not_keep_to_the_plan_is_told_how():
    odd = Tiny()
    odd.map_weights = (1.0, 2.0)
    with pytest.raises(EncoderError, match="the encoder tiny gives 1 map but has 2 map_weights: give it one for each"):
        PhotoLoss(odd, torch.rand(1, 3, 16, 16), bank())(torch.rand(1, 1, 16, 16))
    odd.features = lambda images: images
    with pytest.raises(EncoderError, match=r"must return Features\(maps, embedding\), not tensor") as caught:
        PhotoLoss(odd, torch.rand(1, 3, 16, 16), bank())(torch.rand(1, 1, 16, 16))
    assert len(str(caught.value).splitlines()) == 1


def test_a_photo_is_no_distance_from_itself_under_any_view():
    photo = torch.rand(1, 3, 16, 16)
    loss = PhotoLoss(Tiny(), photo, bank(4))
    for terms in loss(photo, (0, 1, 3)):
        assert terms.semantic.item() == pytest.approx(0, abs=1e-6)
        assert terms.geometric.item() == pytest.approx(0, abs=1e-10)


def test_total_is_weighted_and_grey_drawings_are_taken():
    loss = PhotoLoss(Tiny(), torch.rand(1, 3, 16, 16), bank())
    (terms,) = loss(torch.rand(5, 1, 16, 16))
    assert terms.total.shape == (5,)
    torch.testing.assert_close(terms.total, terms.geometric + 0.5 * terms.semantic)


def test_photo_is_encoded_once_per_view():
    encoder = Tiny()
    loss = PhotoLoss(encoder, torch.rand(1, 3, 16, 16), bank(3))
    loss(torch.rand(2, 1, 16, 16), (0, 2))
    assert encoder.seen == 2 + 4
    loss(torch.rand(2, 1, 16, 16), (0, 2))
    assert encoder.seen == 2 + 4 + 4


def test_several_photos_are_each_compared_with_their_own_drawings():
    photos, drawings = torch.rand(2, 3, 16, 16), torch.rand(3, 1, 16, 16)
    (both,) = PhotoLoss(Tiny(), photos, bank())(drawings, photos=[1, 0, 1])
    for i, owner in enumerate((1, 0, 1)):
        (alone,) = PhotoLoss(Tiny(), photos[owner : owner + 1], bank())(drawings[i : i + 1])
        torch.testing.assert_close(both.total[i : i + 1], alone.total)


def test_fresh_views_are_averaged_and_a_photo_is_no_distance_from_itself_under_them():
    photo, drawings = torch.rand(1, 3, 16, 16), torch.rand(2, 1, 16, 16)
    views = bank(3)
    loss = PhotoLoss(Tiny(), photo, views)
    fresh = loss.under_new_views(drawings, views.grids[1:])
    known = loss(drawings, (1, 2))
    torch.testing.assert_close(fresh.total, (known[0].total + known[1].total) / 2)
    assert loss.under_new_views(photo, views.grids[1:]).total.item() == pytest.approx(0, abs=1e-6)


def test_each_drawing_is_judged_by_itself():
    photo, drawings = torch.rand(1, 3, 16, 16), torch.rand(3, 1, 16, 16)
    loss = PhotoLoss(Tiny(), photo, bank(3))
    together = loss(drawings, (0, 2))
    for i in range(3):
        alone = loss(drawings[i : i + 1], (0, 2))
        for a, b in zip(together, alone, strict=True):
            torch.testing.assert_close(a.total[i : i + 1], b.total)


def test_canvases_of_other_sizes_are_resized_for_the_encoder():
    photo = torch.rand(1, 3, 32, 32)
    (terms,) = PhotoLoss(Tiny(), photo, bank(size=32))(photo)
    assert terms.total.item() == pytest.approx(0, abs=1e-5)


def test_the_encoder_sees_its_own_size_and_all_of_the_ink():
    """Wherever a line of one pixel runs, it must not fall between the samples of the smaller picture."""

    class Watching(Tiny):
        images = []  # noqa: RUF012

        def features(self, images):
            self.images.append(images)
            return super().features(images)

    encoder = Watching()
    lines = torch.ones(64, 1, 64, 64)
    lines[torch.arange(64), :, :, torch.arange(64)] = 0
    PhotoLoss(encoder, torch.rand(1, 3, 64, 64), bank(size=64))(lines)
    render_strokes, photo = encoder.images
    assert render_strokes.shape == (64, 3, 16, 16) and photo.shape == (1, 3, 16, 16)
    inside = (1 - render_strokes).mean((1, 2, 3))[8:-8]
    torch.testing.assert_close(inside, torch.full_like(inside, 1 / 64))


def test_maps_without_a_weight_are_a_mistake():
    photo = torch.rand(1, 3, 4, 4)
    with pytest.raises(ValueError, match="shorter"):
        geometric_loss((photo, photo), (photo, photo), (1.0,))
