"""A cache that is damaged, unreadable or unwritable: the same numbers, made anew or done without."""

from __future__ import annotations

import builtins
import importlib.util
import itertools
import os

import numba
import pytest

from strokewise.raster import _numba_cache

SOURCE = "def doubled(x):\n    return 2 * x\n"
names = itertools.count()


@pytest.fixture
def made(tmp_path, monkeypatch):
    """Makes the same compiled function anew, as the next process would."""
    source, cache = tmp_path / "loops_of_a_test.py", tmp_path / "cache"
    source.write_text(SOURCE)
    cache.mkdir()
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(cache))

    def make():
        spec = importlib.util.spec_from_file_location(f"loops_of_a_test_{next(names)}", source)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return _numba_cache.compiled(module.doubled)

    make.files = lambda ending: sorted(cache.rglob(f"*{ending}"))
    return make


def hits(function):
    return sum(function.stats.cache_hits.values())


def test_the_second_process_need_not_compile(made):
    assert made()(21) == 42 and len(made.files(".nbi")) == len(made.files(".nbc")) == 1
    again = made()
    assert again(21) == 42 and hits(again) == 1


DAMAGE = {
    "empty": lambda data: b"",
    "cut": lambda data: data[:100],
    "last byte": lambda data: data[:-1],
    "zeros": lambda data: bytes(len(data)),
    "one bit": lambda data: data[: len(data) // 2] + bytes([data[len(data) // 2] ^ 1]) + data[len(data) // 2 + 1 :],
    "text": lambda data: b"<html>",
}


@pytest.mark.parametrize("ending", [".nbi", ".nbc"])
@pytest.mark.parametrize("damage", DAMAGE)
def test_damaged_files_are_made_anew(ending, damage, made):
    assert made()(21) == 42
    for path in made.files(ending):
        path.write_bytes(DAMAGE[damage](path.read_bytes()))
    assert made()(21) == 42
    healed = made()
    assert healed(21) == 42 and hits(healed) == 1


def test_files_of_numba_itself_are_replaced(made, monkeypatch):
    with monkeypatch.context() as before:
        before.setattr(_numba_cache._CheckedFile, "_save_data", _numba_cache.IndexDataCacheFile._save_data)
        assert made()(21) == 42
    assert made()(21) == 42
    again = made()
    assert again(21) == 42 and hits(again) == 1


@pytest.mark.parametrize("error", [PermissionError(13, "Permission denied"), OSError(27, "File too large")])
@pytest.mark.parametrize("mode", ["r", "w"])
def test_files_that_cannot_be_opened(error, mode, made, monkeypatch):
    assert made()(21) == 42
    plain = builtins.open

    def opened(path, how="r", *rest, **more):
        if os.fspath(path).find(".nb") > 0 and how[0] == mode:
            raise error
        return plain(path, how, *rest, **more)

    for path in made.files(".nbc"):
        path.write_bytes(b"damaged")
    monkeypatch.setattr(builtins, "open", opened)
    assert made()(21) == 42


def test_no_cache_at_all(made, monkeypatch):
    def nowhere(self, function):
        raise RuntimeError("cannot cache function: no locator available")

    monkeypatch.setattr(_numba_cache._ForgivingCache, "__init__", nowhere)
    assert made()(21) == 42 and not made.files(".nbi")
