"""Write MP4 with ffmpeg, from the package imageio-ffmpeg: pictures go in through a pipe."""

from __future__ import annotations

import contextlib
import itertools
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from ...errors import OutputError
from ..options import check_installed

SECONDS = 300.0
"""How long ffmpeg may take to finish after the last picture."""
_NAME = "film.mp4"
# Screen colours (BT.709), converted exactly: ffmpeg's defaults are the colours of old television, and rounding.
_FILTER = (
    "scale=in_range=full:out_range=tv:out_color_matrix=bt709:flags=bicubic+accurate_rnd+full_chroma_int+bitexact,"
    "format=yuv420p,setparams=range=tv:colorspace=bt709:color_primaries=bt709:color_trc=bt709"
)
_EXACT = ["-threads", "1", "-fflags", "+bitexact", "-flags:v", "+bitexact", "-map_metadata", "-1"]


def encode(frames: Iterator[NDArray[np.uint8]], fps: int) -> bytes:
    """Pictures as the bytes of an MP4 (H.264, yuv420p); the same pictures give the same bytes with the same ffmpeg.

    Args:
        frames: uint8 [y, x, rgb], at least one, all of one size, which is even.
        fps: pictures a second.

    Raises:
        OutputError: ffmpeg is not installed, or fails.
    """
    program = find_ffmpeg()
    first = next(frames)
    height, width, _ = first.shape
    source = f"-f rawvideo -pix_fmt rgb24 -video_size {width}x{height} -framerate {fps} -i pipe:0".split()
    coder = ["-c:v", "libx264", "-preset", "medium", "-tune", "animation", "-crf", "16"]
    command = [program, "-hide_banner", "-loglevel", "error", "-y", *source, "-an", "-vf", _FILTER, *coder]
    command += [*_EXACT, "-movflags", "+faststart", _NAME]
    # ffmpeg can write MP4 only to a file; it gets a temporary folder, which is always removed.
    with tempfile.TemporaryDirectory(prefix="strokewise-") as folder, (Path(folder) / "log").open("wb") as log:
        try:
            process = subprocess.Popen(
                command,
                cwd=folder,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=log,
                start_new_session=True,  # Ctrl-C must reach this process only
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError as error:
            raise OutputError(f"ffmpeg cannot be started ({error.strerror}): {_REINSTALL}") from error
        try:
            assert process.stdin is not None
            _feed(process.stdin, itertools.chain([first], frames))
            process.wait(SECONDS)
        except subprocess.TimeoutExpired as error:
            raise OutputError(f"ffmpeg does not finish: {_SMALLER}") from error
        finally:
            # After any error, or Ctrl-C, ffmpeg must not keep running.
            if process.poll() is None:
                process.kill()
                process.wait()
            if process.stdin is not None:
                with contextlib.suppress(OSError):
                    process.stdin.close()
        film = Path(folder) / _NAME
        if process.returncode or not film.is_file():
            raise OutputError(f"ffmpeg failed ({_reason(Path(folder) / 'log')}): {_SMALLER}")
        return film.read_bytes()


_SMALLER = "make the film smaller or shorter, or write a .gif or .webp"
_REINSTALL = "pip install --force-reinstall imageio-ffmpeg, or write a .gif or .webp"


def find_ffmpeg() -> str:
    """The path of ffmpeg.

    Raises:
        OutputError: it is not installed.
    """
    check_installed(".mp4")
    from imageio_ffmpeg import get_ffmpeg_exe

    try:
        return str(get_ffmpeg_exe())
    except (RuntimeError, OSError) as error:
        raise OutputError(f"imageio-ffmpeg has no ffmpeg for this machine: {_REINSTALL}") from error


def _feed(pipe: IO[bytes], frames: Iterable[NDArray[np.uint8]]) -> None:
    """Write the pictures to ffmpeg; stop if it no longer reads, as its log and exit code give the reason."""
    for frame in frames:
        try:
            pipe.write(np.ascontiguousarray(frame).data)
        except OSError:
            break
    with contextlib.suppress(OSError):
        pipe.close()


def _reason(log: Path) -> str:
    """The last line of the log, without unprintable characters."""
    lines = [line.strip() for line in log.read_text("utf-8", "replace").splitlines() if line.strip()]
    return "".join(c for c in lines[-1][-160:] if c.isprintable()) if lines else "no reason given"
