"""Inkscape calls this: it hands the selected picture to Strokewise and puts the drawing over it.

It runs in Inkscape's own Python, where Strokewise is not installed, and imports nothing of it.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import re
import subprocess
import tempfile
import urllib.parse
from pathlib import Path
from typing import Any

import inkex

STARTS = Path(__file__).with_name("strokewise_draw.json")
PATIENCE = 600
AGAIN = "run strokewise install-inkscape again"


class DrawPicture(inkex.EffectExtension):
    """The extension. What goes wrong is told in one line, and the document stays as it was."""

    def add_arguments(self, pars: Any) -> None:
        pars.add_argument("--kind", default="photo")
        pars.add_argument("--strokes", type=int, default=16)
        pars.add_argument("--pens", default="")
        pars.add_argument("--one_line", type=inkex.Boolean, default=False)
        pars.add_argument("--seed", type=int, default=0)

    def effect(self) -> None:
        pictures = list(self.svg.selection.filter(inkex.Image))
        if len(pictures) != 1:
            raise inkex.AbortExtension("Select one picture, and nothing else.")
        (picture,) = pictures
        with tempfile.TemporaryDirectory(prefix="strokewise-") as folder:
            photo, output = Path(folder, "picture"), Path(folder, "drawing.svg")
            photo.write_bytes(self.content(picture))
            self.draw(photo, output)
            drawing = inkex.load_svg(str(output)).getroot()
        self.svg.append(self.layer_of(drawing, picture))

    def content(self, picture: Any) -> bytes:
        """The bytes of an embedded or linked picture."""
        href = picture.get(inkex.addNS("href", "xlink")) or picture.get("href") or ""
        embedded = re.match(r"data:[^,]*;base64\s*,", href)
        try:
            if embedded:
                return base64.b64decode(href[embedded.end() :], validate=False)
            if re.match(r"[a-zA-Z][a-zA-Z0-9+.-]+:", href) and not href.startswith("file:"):
                raise inkex.AbortExtension("The picture is on the internet: embed it first (Extensions > Images).")
            path = href
            if href.startswith("file:"):
                path = urllib.parse.urlparse(href).path
            return Path(self.absolute_href(urllib.parse.unquote(path))).read_bytes()
        except (OSError, ValueError, binascii.Error) as error:
            raise inkex.AbortExtension(f"The picture cannot be read ({error}).") from error

    def draw(self, photo: Path, output: Path) -> None:
        """Start Strokewise, and wait."""
        try:
            starts = json.loads(STARTS.read_text(encoding="utf-8"))
            command = [str(starts["python"]), "-m", "strokewise"]
            path = str(starts["path"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise inkex.AbortExtension(f"{STARTS.name} is missing or damaged: {AGAIN}.") from error
        options = self.options
        command += ["trace" if options.kind == "lines" else "draw", str(photo), "-n", str(options.strokes)]
        command += ["-o", str(output), "--quiet"]
        if options.kind != "lines":
            command += ["--seed", str(options.seed)] + (["--one-line"] if options.one_line else [])
        if options.pens.strip():
            command += ["--pens", options.pens.strip()]
        # Inkscape sets these for its own Python.
        environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONHOME", "PYTHONPATH")}
        if path:
            environment["PYTHONPATH"] = path
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, env=environment)
        except OSError as error:
            raise inkex.AbortExtension(f"Strokewise is no longer at {command[0]}: {AGAIN}.") from error
        except subprocess.TimeoutExpired as error:
            raise inkex.AbortExtension(f"Strokewise took more than {PATIENCE // 60} minutes.") from error
        if done.returncode:
            told = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
            if "No module named" in told:
                told = f"Strokewise is not installed in {command[0]}: {AGAIN}"
            raise inkex.AbortExtension(told)

    def layer_of(self, drawing: Any, picture: Any) -> Any:
        """The drawing as a layer that lies over the picture."""
        strokes = len(list(drawing.iter(inkex.addNS("path", "svg"))))
        layer = inkex.Layer.new(f"Strokewise: {strokes} strokes")
        for child in drawing:
            if child.tag == inkex.addNS("g", "svg"):
                layer.append(child)
        for one in layer.iter():  # Inkscape gives new ones, which the document does not have yet
            one.attrib.pop("id", None)
        left, top, width, height = drawing.get_viewbox()
        x, y = (self.svg.unittouu(picture.get(name, "0")) for name in ("x", "y"))
        wide = self.svg.unittouu(picture.get("width") or str(width))
        high = self.svg.unittouu(picture.get("height") or str(height))
        across, down = wide / width, high / height
        if (picture.get("preserveAspectRatio") or "").strip() != "none":  # in the middle, as large as it fits
            scale = min(across, down)
            x, y = x + (wide - scale * width) / 2, y + (high - scale * height) / 2
            across = down = scale
        place = inkex.Transform(f"translate({x},{y}) scale({across},{down}) translate({-left},{-top})")
        layer.transform = picture.composed_transform() @ place
        return layer


if __name__ == "__main__":
    DrawPicture().run()
