"""First strokes: along contours, or sampled from saliency as in the paper."""

from .contour import ContourPlacement
from .saliency import place_by_saliency
from .scene import Scene

__all__ = ["ContourPlacement", "Scene", "place_by_saliency"]
