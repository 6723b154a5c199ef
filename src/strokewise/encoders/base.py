"""What an encoder is: the one thing the losses and placements know of a network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, runtime_checkable

if TYPE_CHECKING:
    from torch import Tensor


class Features(NamedTuple):
    """What an encoder sees in a batch of images: tensors, or NumPy arrays from the embedded encoder.

    Attributes:
        maps: intermediate feature maps, shallow to deep, each float [batch, channel, y, x].
        embedding: the meaning of the whole picture, float [batch, dimension], not normalised.
    """

    maps: tuple[Any, ...]
    embedding: Any


@runtime_checkable
class Encoder(Protocol):
    """A frozen network in PyTorch that compares drawings with photos.

    Attributes:
        name: the name it is registered by.
        input_size: side of the square image it was made for, pixels; others are accepted.
        map_weights: weight of each map in the geometric loss; as many as `features(...).maps`.
        semantic_weight: weight of the cosine distance of embeddings in the loss.
        views: optional; random views a step besides the picture itself, 0 unless given. CLIP is easily pleased by
            accident (CLIPasso, section 3.2) and has 1.
    """

    name: str
    input_size: int
    map_weights: tuple[float, ...]
    semantic_weight: float

    def features(self, images: Tensor) -> Features:
        """Maps and embedding of images, float [batch, 3, y, x] in [0, 1]; differentiable in the images."""
        ...

    def saliency(self, images: Tensor) -> Tensor:
        """Where the picture's meaning lies: float [batch, y, x] in [0, 1], at the images' size, no gradient."""
        ...
