"""Limits of the drawings that are read, from SVG or JSON."""

from __future__ import annotations

MAX_BYTES = 20_000_000
"""Of a file, unpacked."""
MAX_STROKES = 20_000
MAX_SEGMENTS = 200_000
"""Cubics of all strokes."""
MAX_COORDINATE = 1e7
"""User units from the origin."""
MAX_VISITS = 50_000
"""Elements of an SVG, each counted as often as it is used."""
METADATA_DEPTH = 50
"""How deeply metadata may be nested: less than in a sketch, as a brushed SVG holds a sketch in its metadata."""
