"""`strokewise install-inkscape`: the extension of Inkscape."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .options import Quiet
from .terminal import print_path, say


def install_inkscape(
    *,
    folder: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Folder of Inkscape's extensions; by default Inkscape is asked."),
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Install an extension of Inkscape that draws or traces the selected picture.

    It is in Inkscape's menu Extensions > Strokewise once Inkscape is started anew. Run this again when Strokewise moves
    to another environment.
    """
    from ..inkscape.installing import install

    written = install(folder)
    if quiet:
        return
    for path in written:
        print_path(path)
    say("start Inkscape anew, select a picture, and choose Extensions > Strokewise > Draw the selected picture")
