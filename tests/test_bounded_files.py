"""Files that may be anything: only plain ones are opened, and none is read beyond a bound."""

import io
import os

import pytest

from strokewise._files import NotPlainFileError, open_plain_file, read_bounded


def test_a_plain_file_is_opened_at_its_start(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"abc")
    with open_plain_file(path) as file:
        assert file.read() == b"abc"


def test_folders_pipes_and_missing_files_are_told_apart(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(NotPlainFileError):
        open_plain_file(tmp_path / "pipe")
    with pytest.raises(IsADirectoryError):
        open_plain_file(tmp_path)
    with pytest.raises(FileNotFoundError):
        open_plain_file(str(tmp_path / "none"))


@pytest.mark.parametrize(("size", "read"), [(0, 0), (4, 4), (5, 5), (6, 6), (7, 6), (1000, 6)])
def test_no_more_than_one_byte_over_the_bound_is_read(size, read):
    assert len(read_bounded(io.BytesIO(bytes(size)), 5)) == read
