"""Photos that come through pipes: read within bounds of bytes and of waiting."""

from __future__ import annotations

import contextlib
import os
import threading
import time

import pytest

from strokewise._files import read_pipe
from strokewise.errors import PhotoError
from strokewise.photo.opening import open_photo

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes")


def test_a_pipe_does_not_hang(tmp_path):
    os.mkfifo(tmp_path / "pipe.jpg")
    with pytest.raises(PhotoError, match=r"pipe\.jpg is not a plain file but a pipe, and nothing came"):
        open_photo(tmp_path / "pipe.jpg")


@pytest.mark.parametrize("wait", [0, 0.5])
def test_a_pipe_that_another_program_writes_to_is_read(wait, tmp_path, disc_image, encode):
    os.mkfifo(tmp_path / "pipe")
    data = encode(disc_image(), "PNG")

    def write():
        time.sleep(wait)
        with open(tmp_path / "pipe", "wb") as pipe:
            pipe.write(data[:50])
            pipe.flush()
            time.sleep(0.2)
            pipe.write(data[50:])

    writer = threading.Thread(target=write)
    writer.start()
    photo = open_photo(tmp_path / "pipe")
    writer.join()
    assert photo.size == (160, 120)


def test_a_pipe_is_read_within_bounds(tmp_path):
    os.mkfifo(tmp_path / "pipe")

    def write():
        with contextlib.suppress(BrokenPipeError), open(tmp_path / "pipe", "wb") as pipe:
            for _ in range(1000):
                pipe.write(bytes(100_000))

    writer = threading.Thread(target=write)
    writer.start()
    assert len(read_pipe(tmp_path / "pipe", 300_000)) == 300_001
    writer.join()
    with open(os.open(tmp_path / "pipe", os.O_RDWR), "wb"), pytest.raises(TimeoutError, match="nothing came"):
        read_pipe(tmp_path / "pipe", 100, seconds=0.1)
