"""SVG text from sketches and back."""
