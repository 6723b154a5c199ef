"""Scenes: the whole picture, its subjects and their place each with strokes of their own, from faithful to loose."""

from .all_levels import Matrix as Matrix
from .all_levels import matrix as matrix
from .single import scene as scene
