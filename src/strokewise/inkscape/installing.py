"""Installing the extension: where Inkscape looks for it, and which Strokewise it starts."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from ..errors import Argument, OutputError
from ..export.files import write_file

FILES = ("strokewise_draw.inx", "strokewise_draw.py")
STARTS = "strokewise_draw.json"
"""File that tells the script which Strokewise to start."""
PATIENCE = 30.0
"""Seconds that Inkscape gets to tell its folder."""


def install(folder: Path | None = None) -> list[Path]:
    """Copy the extension into Inkscape's folder; files of an earlier installation are replaced.

    Args:
        folder: of Inkscape's extensions; None asks Inkscape.

    Returns:
        the files written.

    Raises:
        OutputError: Inkscape is not found, or the folder cannot be written to.
    """
    place = extensions_folder() if folder is None else folder
    try:
        place.mkdir(parents=folder is None, exist_ok=True)
    except OSError as error:
        problem = f"{place} cannot be made ({error.strerror or error})"
        raise OutputError(problem, fix=("name another with ", Argument("folder"))) from error
    starts = {"python": sys.executable, "path": os.environ.get("PYTHONPATH", "")}
    contents = {name: Path(__file__).with_name(name).read_bytes() for name in FILES}
    contents[STARTS] = (json.dumps(starts, indent=1) + "\n").encode()
    return [write_file(place / name, lambda data=data: data, force=True) for name, data in contents.items()]  # type: ignore[misc]


def extensions_folder() -> Path:
    """The folder in which Inkscape looks for a user's extensions.

    Raises:
        OutputError: neither Inkscape nor its folder is here.
    """
    program = shutil.which("inkscape")
    if program is not None:
        try:
            told = subprocess.run(
                [program, "--user-data-directory"], capture_output=True, text=True, timeout=PATIENCE, check=True
            )
            lines = told.stdout.strip().splitlines()
            if lines and Path(lines[-1]).is_absolute():
                return Path(lines[-1]) / "extensions"
        except (OSError, subprocess.SubprocessError):
            pass  # the usual folder may be there all the same
    usual = _usual_folder()
    if program is None and not usual.is_dir():
        fix = ("install Inkscape 1.2 or later, or name the folder of its extensions with ", Argument("folder"))
        raise OutputError("Inkscape is not found", fix=fix)
    return usual / "extensions"


def _usual_folder() -> Path:
    """Where Inkscape keeps a user's files unless told otherwise."""
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA", str(Path.home() / "AppData" / "Roaming"))) / "inkscape"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "org.inkscape.Inkscape" / "config" / "inkscape"
    return Path(os.environ.get("XDG_CONFIG_HOME", str(Path.home() / ".config"))) / "inkscape"
