"""An extension of Inkscape that draws the selected picture, and its installation

strokewise_draw.inx and strokewise_draw.py are copied into Inkscape's folder of extensions. The script runs in
Inkscape's own Python, with Inkscape's package inkex, and starts the Strokewise that installed it.
"""

from .installing import install as install
