"""Is this file what its name says? Asked of files found on disk and of files just fetched; nothing is unpickled."""

from __future__ import annotations

import json
from pathlib import Path

from ..errors import EncoderError

LONGEST_HEADER = 100_000_000
"""Bytes; the format's own limit."""
MISTAKEN = (
    (b"<", "a web page"),
    (b"version https://git-lfs", "a Git LFS pointer"),
    (b"PK", "a PyTorch pickle, which is never loaded"),
    (b"\x80", "a PyTorch pickle, which is never loaded"),
)


def check_safetensors(path: Path, name: str) -> None:
    """Refuse, by its header and its length, what is no whole safetensors file. Reads no more than the header.

    Args:
        path: the file.
        name: of the weights, for the message.

    Raises:
        EncoderError: the message says what it is instead.
    """
    fix = f"delete it, then: strokewise models fetch {name}"
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(64)
            length = int.from_bytes(start[:8], "little")
            file.seek(8)
            header = file.read(length) if length <= min(size - 8, LONGEST_HEADER) else b""
    except OSError as error:
        raise EncoderError(f"{path} cannot be read ({error.strerror or type(error).__name__}); {fix}") from error
    if not header.startswith(b"{"):
        text = start.lstrip(b"\xef\xbb\xbf \r\n\t")
        kinds = [what for sign, what in MISTAKEN if text.startswith(sign)]
        what = f"{kinds[0]}, not" if kinds else "not"
        raise EncoderError(f"{path} is {what} a safetensors file ({size} bytes); {fix}")
    try:
        tensors = [value for key, value in json.loads(header).items() if key != "__metadata__"]
        end = 8 + length + max(int(tensor["data_offsets"][1]) for tensor in tensors)
    except (ValueError, TypeError, KeyError, IndexError, RecursionError) as error:
        raise EncoderError(f"{path} has a damaged safetensors header; {fix}") from error
    if end != size:
        raise EncoderError(f"{path} has {size} bytes, its own header says {end}: it is not whole; {fix}")


def check_json(path: Path) -> None:
    """Refuse what is no JSON.

    Raises:
        EncoderError: it is none.
    """
    try:
        json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise EncoderError(f"{path.name} is not JSON") from error
