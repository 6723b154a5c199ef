"""What a drawing shows: the networks that name pictures, their ranking, and the evaluation of whole folders."""

import lazy_loader

# The names stand in __init__.pyi, and are loaded on first use.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
