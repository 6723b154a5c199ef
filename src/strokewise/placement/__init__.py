"""First strokes: along contours, or sampled from saliency as in the paper."""

from .contour import ContourPlacement
from .inputs import PlacementInput
from .saliency import place_by_saliency

__all__ = ["ContourPlacement", "PlacementInput", "place_by_saliency"]
