"""Weights that are on this disk: found, verified, or refused."""

import os
from pathlib import Path

import pytest
from hub_server import COMMIT, tiny_safetensors
from weight_files import CONTENT, NAME, python, refusal

from strokewise.encoders import _hub, weights

pytest.importorskip("huggingface_hub")
pytestmark = pytest.mark.usefixtures("cache")


def test_verify_finds_a_flipped_bit_and_fetch_mends_it(hub):
    path = weights.fetch(NAME)
    assert weights.verify(NAME).record
    damaged = bytearray(CONTENT)
    damaged[-1] ^= 1
    path.resolve().write_bytes(damaged)
    assert weights.find(NAME) == path
    assert f"strokewise models fetch {NAME}" in refusal(weights.verify, NAME)
    assert weights.fetch(NAME).read_bytes() == CONTENT
    path.resolve().write_bytes(CONTENT[:-7])
    assert "not whole" in refusal(weights.find, NAME)
    assert weights.fetch(NAME).read_bytes() == CONTENT


def test_verify_asks_the_hub_about_files_of_unknown_origin(hub, tmp_path, monkeypatch):
    assert weights.verify(NAME, tmp_path) is None
    (tmp_path / f"{NAME}.safetensors").write_bytes(CONTENT)
    assert hub.url in weights.verify(NAME, tmp_path).record
    (tmp_path / f"{NAME}.safetensors").write_bytes(tiny_safetensors(3))
    assert "another file" in refusal(weights.verify, NAME, tmp_path)
    monkeypatch.setenv("STROKEWISE_OFFLINE", "1")
    assert weights.verify(NAME, tmp_path).record == ""


def test_the_folder_comes_before_the_variable_and_that_before_the_cache(hub, tmp_path, monkeypatch):
    cached = weights.fetch(NAME)
    (tmp_path / "shared").mkdir()
    (tmp_path / "given" / NAME).mkdir(parents=True)
    shared, given = tmp_path / "shared" / f"{NAME}.safetensors", tmp_path / "given" / NAME / weights.FILE
    shared.write_bytes(CONTENT)
    given.write_bytes(CONTENT)
    assert weights.find(NAME) == cached
    monkeypatch.setenv(weights.VARIABLE, str(tmp_path / "shared"))
    assert weights.find(NAME) == weights.fetch(NAME) == shared
    assert weights.find(NAME, tmp_path / "given") == given
    assert weights.find(NAME, tmp_path / "nothing") == shared


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "not a safetensors file"),
        (b"\x00" * 7, "not a safetensors file"),
        (b"<!DOCTYPE html><title>404</title>", "a web page"),
        (b"\n <html>", "a web page"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:12", "a Git LFS pointer"),
        (b"PK\x03\x04" + bytes(300), "a PyTorch pickle"),
        (b"\x80\x02}q\x00." + bytes(300), "a PyTorch pickle"),
        (b"\x02" + bytes(7) + b"{}", "damaged"),
        (b"\x07" + bytes(7) + b'{"a":1}', "damaged"),
        (b"\xff" * 400, "not a safetensors file"),
        (CONTENT[:-1], "not whole"),
        (CONTENT + b"\0", "not whole"),
        (CONTENT[:200], "not a safetensors file"),
    ],
)
def test_what_is_no_weight_file_is_refused_and_left_to_its_owner(hub, tmp_path, monkeypatch, content, what):
    path = tmp_path / f"{NAME}.safetensors"
    path.write_bytes(content)
    monkeypatch.setenv(weights.VARIABLE, str(tmp_path))
    for call in (weights.find, weights.obtain, weights.fetch, weights.verify):
        text = refusal(call, NAME)
        assert what in text
        assert str(path) in text
    assert path.read_bytes() == content
    assert hub.log == []


@pytest.mark.parametrize(
    ("variables", "where"),
    [
        ({"HF_HUB_CACHE": "/a/b"}, "/a/b"),
        ({"HUGGINGFACE_HUB_CACHE": "/c"}, "/c"),
        ({"HF_HOME": "/d"}, "/d/hub"),
        ({"XDG_CACHE_HOME": "/e"}, "/e/huggingface/hub"),
        ({"HF_HUB_CACHE": "/a", "HF_HOME": "/d"}, "/a"),
        ({"HOME": "/home/x", "USERPROFILE": "/home/x"}, "/home/x/.cache/huggingface/hub"),
    ],
)
def test_the_cache_is_where_the_library_has_it(monkeypatch, variables, where):
    for name in ("HF_HUB_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert weights.hub_cache() == Path(where)


def test_a_snapshot_that_another_program_fetched_is_found(cache):
    for commit, content in (("a" * 40, b"<html>"), ("b" * 40, CONTENT)):
        folder = cache / "models--timm--resnet101_clip.openai" / "snapshots" / commit
        folder.mkdir(parents=True)
        (folder / weights.FILE).write_bytes(content)
        os.utime(folder, (1e9 + len(content), 1e9 + len(content)))
    assert weights.find(NAME).parent.name == "b" * 40
    reference = cache / "models--timm--resnet101_clip.openai" / "refs" / "main"
    reference.parent.mkdir()
    reference.write_text("a" * 40)
    assert "a web page" in refusal(weights.find, NAME)


def test_looking_up_needs_neither_the_library_nor_torch(cache):
    folder = cache / "models--timm--resnet101_clip.openai" / "snapshots" / COMMIT
    folder.mkdir(parents=True)
    (folder / weights.FILE).write_bytes(CONTENT)
    code = f"""
import sys
for name in ("huggingface_hub", "safetensors", "numpy"):
    sys.modules[name] = None
from strokewise import cli, encoders
print(weights.find({NAME!r}), encoders.resolve_encoder("auto"), encoders.describe_choice("embedded"))
assert "torch" not in sys.modules
sys.modules["torch"] = None
print(encoders.describe_choice("auto"))
"""
    out, error = python(code).communicate(timeout=30)
    assert error == ""
    assert out.split()[:2] == [str(folder / weights.FILE), NAME]
    assert "encoder: embedded, since the encoder" in out and "pip install 'strokewise[torch]'" in out


def test_without_the_library_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setattr(_hub, "is_installed", lambda: False)
    for call in (weights.fetch, weights.obtain):
        assert "pip install 'strokewise[clip]'" in refusal(call, NAME)
