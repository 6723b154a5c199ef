"""Tone: lines under the strokes that show how dark the photo is, laid along its form

sketch = add_tone(sketch, "horse.png", "hatch", lines=120)

shading.py finds how dark the photo is in a few steps, directions.py which way lines run, streamlines.py lays them
evenly spaced, laying.py as many as the budget has; scribble.py joins them, curves.py makes smooth cubics of them.
"""

from .adding import LEFT_OUT as LEFT_OUT
from .adding import NO_DARK as NO_DARK
from .adding import add_tone as add_tone
from .adding import with_tone as with_tone
