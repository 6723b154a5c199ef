"""Drawings as files. `save` picks the format by the ending and writes the whole file or nothing."""

from .files import FORMATS as FORMATS
from .files import check_writable as check_writable
from .files import save as save
from .files import write_file as write_file
from .png import to_png as to_png
from .png import write_png as write_png
