"""Compiled loops kept on disk, where a damaged, unreadable or unwritable cache costs time and nothing else.

A run that was interrupted, a full disk or a copied home folder leaves files that cannot be read. Numba itself fails on
them at every later start. Here they are made anew; where they cannot be written, the loops are compiled in each run.
"""

# mypy: disable-error-code="no-untyped-def,untyped-decorator,no-untyped-call,misc,attr-defined"

from __future__ import annotations

import contextlib
import hashlib
import pickle

from numba import njit
from numba.core.caching import FunctionCache, IndexDataCacheFile

_DIGEST_BYTES = hashlib.sha256().digest_size


class _CheckedFile(IndexDataCacheFile):
    """Numba's files, the machine code behind a digest: loading damaged machine code would end the process."""

    def _save_data(self, name, data):
        content = self._dump(data)
        with self._open_for_write(self._data_path(name)) as file:
            file.write(hashlib.sha256(content).digest() + content)

    def _load_data(self, name):
        with open(self._data_path(name), "rb") as file:
            digest, content = file.read(_DIGEST_BYTES), file.read()
        if hashlib.sha256(content).digest() != digest:
            raise ValueError("the cached machine code is damaged")
        return pickle.loads(content)  # of this user's own cache, as Numba does it


class _ForgivingCache(FunctionCache):
    """Numba's cache of one function, in which nothing that goes wrong is an error."""

    def __init__(self, function):
        super().__init__(function)
        theirs = self._cache_file
        self._cache_file = _CheckedFile(self._cache_path, self._impl.filename_base, theirs._source_stamp)

    def load_overload(self, sig, target_context):
        try:
            return super().load_overload(sig, target_context)
        except Exception:  # whatever unpickling raises, and the disk
            return None

    def save_overload(self, sig, data):
        try:
            super().save_overload(sig, data)
        except Exception:
            with contextlib.suppress(Exception):  # no room, or no right to write: done without
                self.flush()  # the index is damaged: begin it anew
                super().save_overload(sig, data)


def compiled(function):
    """Compile at the first call and keep the result beside the source or in the user's cache, if either can be had."""
    dispatcher = njit(nogil=True, error_model="numpy")(function)
    with contextlib.suppress(RuntimeError, OSError, AttributeError):  # nowhere to write, or another Numba
        dispatcher._cache = _ForgivingCache(function)
    return dispatcher
