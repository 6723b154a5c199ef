from .limits import Limits as Limits
from .page import build as build
from .serve import serve as serve
