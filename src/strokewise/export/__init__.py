"""Drawings as files. `save` chooses the format by the ending and writes the whole file or nothing; `read_sketch` reads
strokes from the formats that hold them.
"""

import lazy_loader

# The names stand in __init__.pyi, and are loaded on first use.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
