from .base import Engine as Engine
from .base import Images as Images
from .base import Terms as Terms
from .choice import find_device as find_device
from .choice import load_encoder_on as load_encoder_on
from .choice import make_engine as make_engine
from .choice import saliency_map as saliency_map
from .choice import torch_encoder as torch_encoder
