"""Strokes as outlines of brushes."""
