"""Scenes: the whole picture, its subjects and their place each with strokes of their own, from faithful to loose."""

from .matrix import Matrix as Matrix
from .matrix import matrix as matrix
from .scene import scene as scene
