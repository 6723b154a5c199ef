"""Strokewise turns a photo into a drawing of a few strokes.

import strokewise

strokewise.draw("horse.png", strokes=16).save("horse.svg")
"""

import lazy_loader

from ._version import __version__ as __version__

# The public names stand in __init__.pyi, and are loaded on first use, so that `strokewise --help` need not wait.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
