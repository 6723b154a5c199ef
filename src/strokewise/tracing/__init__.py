"""Line art traced: the middle lines of a scan, a logo or a child's drawing as strokes, without a network

sketch = trace("scan.jpg", 32)          # at most 32 cubics, the most important first
sketch = trace("logo.png", "all", widths=True)

ink.py finds the lines on the paper, the room skeleton what meets where, chains.py the lines that run through, and
tracing.py the cubics that say most about them.
"""

from .tracing import trace as trace
