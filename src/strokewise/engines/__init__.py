"""What drawings cost, and which way is downhill: strokes in, losses and gradients out, all NumPy arrays.

Two engines stand behind one interface (`Engine`): the light one runs the embedded encoder on the CPU in ONNX Runtime;
the torch one runs any encoder, on any device. Nothing outside this room needs to know which one it has.
"""

import lazy_loader

# The names stand in __init__.pyi, and are loaded on first use.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
