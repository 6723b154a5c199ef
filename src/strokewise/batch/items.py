"""One photo of a source, with its mask if it has one: of a file, or of an entry in a list."""

from __future__ import annotations

import contextlib
import hashlib
import os
from typing import NamedTuple

from .photos import Bytes, LocalFile, RemoteFile, file_stamp, is_url, local_path


class Item(NamedTuple):
    """One photo.

    Attributes:
        name: how it is called in all that is written: relative to the folder, or as the list has it.
        place: the path after which its drawing is named; not yet safe.
        photo: where its bytes are.
        stamp: changes when the bytes do; empty where that is not known without reading them.
        mask: where the picture of its subject is; None where there is none.
        text: what its drawing is to say; empty where its row says nothing.
    """

    name: str
    place: str
    photo: Bytes
    stamp: str = ""
    mask: Bytes | None = None
    text: str = ""

    def with_text(self, text: str) -> Item:
        """The photo with a text, which its stamp names too; without any as it is."""
        if not text:
            return self
        mark = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        return self._replace(text=text, stamp=f"{self.stamp}+{mark}" if self.stamp else "")

    def with_mask(self, mask: Bytes, stamp: str) -> Item:
        """The photo with a mask, whose own stamp is given."""
        return self._replace(mask=mask, stamp=f"{self.stamp}+{stamp}" if self.stamp and stamp else "")


def file_item(path: str, below: str, name: str | None = None) -> Item:
    """A photo in a file.

    Args:
        path: of the file.
        below: its path below the source's folder.
        name: how it is called; None stands for `below`.
    """
    below = below.replace(os.sep, "/")
    return Item(below if name is None else name, below, LocalFile(os.path.abspath(path)), file_stamp(path))


def listed_item(entry: str, base: str, remote: bool = False, mask: str = "") -> Item:
    """A photo by its entry in a list that lies in the folder `base`, and its mask by its own, if there is one."""
    if mask:
        beside = listed_item(mask, base, remote)
        return listed_item(entry, base, remote).with_mask(beside.photo, beside.stamp)
    entry = local_path(entry) if not remote else entry
    if is_url(entry):
        return Item(entry, entry.partition("://")[2].partition("?")[0], RemoteFile(entry))
    if remote:
        return Item(entry, entry, RemoteFile(f"{base}/{entry.lstrip('/')}"))
    path = _where(base, entry)
    below = os.path.relpath(path, base) if path.startswith(base.rstrip(os.sep) + os.sep) else path
    return file_item(path, below, name=entry)


def _where(base: str, entry: str) -> str:
    """The path of an entry: as it stands, else as another system would write it, if there is such a file.

    Backslashes separate folders on Windows; names that are no UTF-8 may be of its Western code page.
    """
    spellings = [entry, entry.replace("\\", "/")]
    with contextlib.suppress(UnicodeError):
        spellings += [one.encode("utf-8", "surrogateescape").decode("cp1252") for one in spellings]
    paths = [os.path.normpath(os.path.join(base, one)) for one in spellings]
    for path in paths:
        with contextlib.suppress(OSError, ValueError):
            if os.path.lexists(path):
                return path
    return paths[0]
