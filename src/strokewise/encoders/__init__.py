"""Encoders: frozen networks that compare drawings with photos, by name. `load_encoder("auto")` takes the best at hand.

One's own takes one decorated class:

    @strokewise.register("mine")
    class Mine: ...                     # as `Encoder` describes
"""

import lazy_loader

# The names stand in __init__.pyi, and are loaded on first use: the command line's help lists encoders without torch.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
