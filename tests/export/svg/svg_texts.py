"""SVG texts for the tests of the reader."""

from __future__ import annotations

from strokewise.export.svg.text import from_svg

PATH = '<path d="M0 0L1 1" stroke="red"/>'
"""A stroke that can be read."""


def drawing(body, head='viewBox="0 0 100 50"'):
    return f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" {head}>{body}</svg>'


def stroke(d, attributes='stroke="#000" fill="none"'):
    return from_svg(drawing(f'<path d="{d}" {attributes}/>')).points
