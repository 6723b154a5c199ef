"""Films through ffmpeg, the one program inside the package imageio-ffmpeg: pictures in by a pipe, an MP4 out."""

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
"""How long ffmpeg may take to finish once it has all pictures."""
_NAME = "film.mp4"
# The colours of a screen, and exactly: by default ffmpeg converts with the colours of old television, roughly.
_FILTER = (
    "scale=in_range=full:out_range=tv:out_color_matrix=bt709:flags=bicubic+accurate_rnd+full_chroma_int+bitexact,"
    "format=yuv420p,setparams=range=tv:colorspace=bt709:color_primaries=bt709:color_trc=bt709"
)
_EXACT = ["-threads", "1", "-fflags", "+bitexact", "-flags:v", "+bitexact", "-map_metadata", "-1"]


def encode(frames: Iterator[NDArray[np.uint8]], fps: int) -> bytes:
    """Pictures as the bytes of an MP4 (H.264, yuv420p); the same ones give the same bytes from the same ffmpeg.

    Args:
        frames: uint8 [y, x, rgb], at least one, all of one size, which is even.
        fps: pictures a second.

    Raises:
        OutputError: ffmpeg is not there, or fails.
    """
    program = find_ffmpeg()
    first = next(frames)
    height, width, _ = first.shape
    source = f"-f rawvideo -pix_fmt rgb24 -video_size {width}x{height} -framerate {fps} -i pipe:0".split()
    coder = ["-c:v", "libx264", "-preset", "medium", "-tune", "animation", "-crf", "16"]
    command = [program, "-hide_banner", "-loglevel", "error", "-y", *source, "-an", "-vf", _FILTER, *coder]
    command += [*_EXACT, "-movflags", "+faststart", _NAME]
    # MP4 has to be written to a file; in a folder of its own, which goes whatever happens.
    with tempfile.TemporaryDirectory(prefix="strokewise-") as folder, (Path(folder) / "log").open("wb") as log:
        try:
            process = subprocess.Popen(
                command,
                cwd=folder,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=log,
                start_new_session=True,  # Ctrl-C is ours to hear
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError as error:
            raise OutputError(f"ffmpeg cannot be started ({error.strerror}): {_MEND}") from error
        try:
            assert process.stdin is not None
            _feed(process.stdin, itertools.chain([first], frames))
            process.wait(SECONDS)
        except subprocess.TimeoutExpired as error:
            raise OutputError(f"ffmpeg does not come to an end: {_SMALLER}") from error
        finally:
            # Whatever stopped us, a picture that could not be drawn or Ctrl-C: no program stays behind.
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
_MEND = "pip install --force-reinstall imageio-ffmpeg, or write a .gif or .webp"


def find_ffmpeg() -> str:
    """The path of the program.

    Raises:
        OutputError: it is not there.
    """
    check_installed(".mp4")
    from imageio_ffmpeg import get_ffmpeg_exe

    try:
        return str(get_ffmpeg_exe())
    except (RuntimeError, OSError) as error:
        raise OutputError(f"imageio-ffmpeg has no ffmpeg for this machine: {_MEND}") from error


def _feed(pipe: IO[bytes], frames: Iterable[NDArray[np.uint8]]) -> None:
    """Give the program its pictures, and stop where it does not take them: why, its log and its exit will say."""
    for frame in frames:
        try:
            pipe.write(np.ascontiguousarray(frame).data)
        except OSError:
            break
    with contextlib.suppress(OSError):
        pipe.close()


def _reason(log: Path) -> str:
    """The last line that ffmpeg wrote, in so far as it can be shown."""
    lines = [line.strip() for line in log.read_text("utf-8", "replace").splitlines() if line.strip()]
    return "".join(c for c in lines[-1][-160:] if c.isprintable()) if lines else "it does not say why"
