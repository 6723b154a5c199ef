"""Fetching weights from a hub: what lands where, and what goes wrong on the way."""

import json
import os
import time
from collections import namedtuple
from pathlib import Path

import pytest
from hub_server import COMMIT, SilentHub, closed_port, git_name
from weight_files import CONTENT, NAME, REPOSITORY, TOKENS, python, refusal

from strokewise.encoders import _hub, weights

pytest.importorskip("huggingface_hub")

pytestmark = pytest.mark.usefixtures("cache")


@pytest.fixture
def impatient(monkeypatch):
    """Short waits, and small chunks, so that a small file breaks off in its middle."""
    constants = pytest.importorskip("huggingface_hub").constants
    monkeypatch.setattr(constants, "DOWNLOAD_CHUNK_SIZE", 1000)
    monkeypatch.setattr("huggingface_hub.file_download.time.sleep", lambda seconds: None)


def left_in(folder: Path) -> list[str]:
    """Names of files that hold bytes of weights, whole or not; locks and notes aside."""
    known = (weights.RECORD, weights.TOKENIZER, "CACHEDIR.TAG", "main")
    return sorted(
        path.name
        for path in folder.rglob("*")
        if path.is_file() and path.stat().st_size and path.name not in known and path.suffix != ".lock"
    )


def test_a_download_lands_where_other_programs_look_too(hub, cache):
    from huggingface_hub import try_to_load_from_cache

    said = []
    path = weights.fetch(NAME, notice=said.append)
    assert path.read_bytes() == CONTENT
    assert path.with_name(weights.TOKENIZER).read_bytes() == TOKENS
    assert path == weights.find(NAME) == cache / "models--timm--resnet101_clip.openai/snapshots" / COMMIT / weights.FILE
    assert Path(try_to_load_from_cache(REPOSITORY, weights.FILE, cache_dir=cache)) == path
    assert path.resolve().name == hub.digest(weights.FILE, CONTENT)
    record = json.loads(path.with_name(weights.RECORD).read_text())
    assert record["commit"] == COMMIT
    assert record["sha256"] == path.resolve().name
    assert len(said) == 1
    assert NAME in said[0]
    hub.log.clear()
    assert weights.fetch(NAME) == weights.obtain(NAME) == path
    assert hub.log == []


def test_a_folder_holds_whole_files_and_where_they_came_from(hub, cache, tmp_path):
    path = weights.fetch(NAME, tmp_path / "mine")
    assert path == tmp_path / "mine" / NAME / weights.FILE == weights.find(NAME, tmp_path / "mine")
    assert path.read_bytes() == CONTENT
    assert {p.name for p in path.parent.iterdir() if p.suffix != ".lock"} == {
        weights.FILE,
        weights.TOKENIZER,
        weights.RECORD,
    }
    assert not cache.exists()
    assert weights.verify(NAME, tmp_path / "mine").record
    assert weights.find(NAME) is None


def test_a_cut_connection_is_resumed(hub, impatient):
    hub.cuts = [9000, 4000]
    assert weights.fetch(NAME).read_bytes() == CONTENT
    spans = hub.downloads()
    assert len(spans) == 3
    assert spans[0] == ""
    starts = [int(span.removeprefix("bytes=").rstrip("-")) for span in spans[1:]]
    assert 0 < starts[0] < starts[1] < len(CONTENT)


def test_a_connection_that_stays_cut_is_resumed_by_the_next_attempt(hub, impatient, cache):
    hub.cuts = [9000] + [0] * 20
    assert "run it again" in refusal(weights.fetch, NAME)
    assert weights.find(NAME) is None
    (part,) = left_in(cache)
    assert part.endswith(".incomplete")
    hub.cuts, hub.log = [], []
    assert weights.fetch(NAME).read_bytes() == CONTENT
    assert hub.downloads() == ["bytes=9000-"]
    assert left_in(cache) == sorted([hub.digest(weights.FILE, CONTENT), weights.FILE, git_name(TOKENS)])


@pytest.mark.parametrize("left", [b"x" * 9000, b"x" * (len(CONTENT) + 1)])
def test_a_worthless_part_is_thrown_away(hub, cache, left):
    blobs = cache / "models--timm--resnet101_clip.openai" / "blobs"
    blobs.mkdir(parents=True)
    (blobs / f"{hub.digest(weights.FILE, CONTENT)}.strokewise.incomplete").write_bytes(left)
    assert weights.fetch(NAME).read_bytes() == CONTENT
    assert not list(blobs.glob("*.incomplete"))


def test_a_wrong_hash_leaves_nothing(hub, cache, tmp_path):
    hub.digests[weights.FILE] = "ab" * 32
    for folder in (None, tmp_path / "mine"):
        assert "SHA-256" in refusal(weights.fetch, NAME, folder)
        assert weights.find(NAME, folder) is None
        assert left_in(tmp_path) == []


@pytest.mark.parametrize("page", [b"<html>please pay</html>", b"<html>" + b" " * (len(CONTENT) - 6)])
def test_a_web_page_in_the_place_of_the_bytes_leaves_nothing(hub, cache, page):
    hub.instead = page
    assert "try again" in refusal(weights.fetch, NAME)
    assert left_in(cache) == []


def test_a_web_page_that_the_hub_vouches_for_leaves_nothing(hub, cache):
    hub.add(REPOSITORY, weights.FILE, b"<!DOCTYPE html><p>sorry</p>")
    assert "a web page" in refusal(weights.fetch, NAME)
    assert left_in(cache) == []


def test_a_portal_is_no_hub(hub, cache):
    hub.portal = True
    assert "not answer as a model hub" in refusal(weights.fetch, NAME)
    assert not cache.exists()


@pytest.mark.parametrize("status", [401, 403, 500, 503])
def test_a_refusal_is_said(hub, cache, status):
    hub.status = status
    assert f"HTTP {status}" in refusal(weights.fetch, NAME)
    assert not cache.exists()


def test_what_is_not_there_is_said(hub, cache):
    assert "no revision v9" in refusal(weights.fetch, NAME, revision="v9")
    assert "no revision" in refusal(weights.fetch, NAME, revision="f" * 40)
    assert "has no timm/resnet50_clip.openai" in refusal(weights.fetch, "clip-rn50")
    del hub.files[REPOSITORY, weights.FILE]
    assert f"no {weights.FILE}" in refusal(weights.fetch, NAME)
    assert "clip-vit-b-32" in refusal(weights.fetch, "clip-rn9000")
    assert not cache.exists()


def test_the_revision_can_be_pinned(hub, monkeypatch, tmp_path):
    other = "fedcba98" * 5
    hub.commits["v2"] = other
    path = weights.fetch(NAME, revision=other)
    assert path.parent.name == other
    assert f"/resolve/{other}/" in hub.log[0][1]
    assert weights.find(NAME) == path
    hub.log.clear()
    branch = weights.fetch(NAME, revision="v2", folder=tmp_path / "mine")
    assert json.loads(branch.with_name(weights.RECORD).read_text())["commit"] == other
    assert all("/resolve/main/" not in asked for _, asked, _ in hub.log)
    pinned = weights.CATALOGUE[NAME]._replace(revision=COMMIT)
    monkeypatch.setitem(weights.CATALOGUE, NAME, pinned)
    assert weights.fetch(NAME, revision=COMMIT).parent.name == COMMIT
    assert weights.find(NAME).parent.name == COMMIT


def test_pins_are_whole_commits():
    for entry in weights.CATALOGUE.values():
        assert entry.revision == "main" or len(bytes.fromhex(entry.revision)) == 20


def test_no_space_is_noticed_before_anything_is_fetched(hub, cache, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(_hub.shutil, "disk_usage", lambda path: usage(10**9, 10**9, 1000))
    assert "MB are needed" in refusal(weights.fetch, NAME)
    assert hub.downloads() == []
    assert left_in(cache) == []


def test_a_disk_that_fills_up_keeps_nothing(hub, cache, monkeypatch):
    def full(*arguments, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("huggingface_hub.file_download.http_get", full)
    assert "no space left" in refusal(weights.fetch, NAME)
    assert not list(cache.rglob("*.incomplete"))


def test_no_network_is_said_at_once(cache, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", closed_port())
    start = time.monotonic()
    assert "cannot be reached" in refusal(weights.fetch, NAME)
    assert "strokewise models fetch" in refusal(weights.obtain, NAME)
    assert time.monotonic() - start < 10
    assert not cache.exists()


def test_a_silent_hub_is_given_up(cache, monkeypatch):
    assert _hub.PATIENCE <= 5
    monkeypatch.setenv("HF_HUB_ETAG_TIMEOUT", "0.5")
    with SilentHub() as hub:
        start = time.monotonic()
        assert "does not answer within 0.5 s" in refusal(weights.fetch, NAME, endpoint=hub.url)
        assert time.monotonic() - start < 5
    assert not cache.exists()


def test_a_name_that_takes_long_to_look_up_is_given_up(monkeypatch):
    monkeypatch.setenv("HF_HUB_ETAG_TIMEOUT", "0.1")
    monkeypatch.setattr("huggingface_hub.get_hf_file_metadata", lambda *a, **k: time.sleep(5))
    start = time.monotonic()
    assert "does not answer" in refusal(weights.fetch, NAME)
    assert time.monotonic() - start < 3


@pytest.mark.parametrize("variable", ["STROKEWISE_OFFLINE", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"])
def test_offline_variables_are_honoured(hub, cache, monkeypatch, variable):
    monkeypatch.setenv(variable, "1")
    assert variable in refusal(weights.fetch, NAME)
    assert variable in refusal(weights.obtain, NAME)
    assert weights.find(NAME) is None
    assert hub.log == []


def test_offline_what_is_here_is_enough(hub, monkeypatch):
    path = weights.fetch(NAME)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    hub.log.clear()
    assert weights.fetch(NAME) == weights.obtain(NAME) == path
    assert weights.verify(NAME).digest == path.resolve().name
    assert hub.log == []


def test_a_cache_that_cannot_be_written(hub, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "file" / "cache"))
    assert "cannot write" in refusal(weights.fetch, NAME)
    assert "cannot write" in refusal(weights.fetch, NAME, tmp_path / "file")
    assert hub.downloads() == []


def test_a_read_only_cache(hub, cache):
    cache.mkdir()
    cache.chmod(0o500)
    if os.access(cache, os.W_OK):
        pytest.skip("this user may write anywhere")
    try:
        assert "cannot write" in refusal(weights.fetch, NAME)
        assert list(cache.iterdir()) == []
    finally:
        cache.chmod(0o700)


def test_two_processes_at_once_fetch_it_once(hub, cache):
    hub.holds = 5000
    both = [python(f"print(weights.fetch({NAME!r}))") for _ in range(2)]
    asked = time.monotonic() + 20
    while sum(method == "HEAD" and weights.FILE in path for method, path, _ in list(hub.log)) < 2:
        assert time.monotonic() < asked
        time.sleep(0.02)
    time.sleep(0.2)
    hub.release.set()
    results = [process.communicate(timeout=30) for process in both]
    assert [process.returncode for process in both] == [0, 0], results
    assert {out.strip() for out, _ in results} == {str(weights.find(NAME))}
    assert [error for _, error in results] == ["", ""]  # no bar into a pipe
    assert hub.downloads() == [""]
    assert weights.find(NAME).read_bytes() == CONTENT
    assert not list(cache.rglob("*.incomplete"))


def test_a_killed_process_leaves_nothing_that_would_be_used(hub, cache):
    hub.holds = 5000
    process = python(f"weights.fetch({NAME!r})")
    assert hub.held.wait(20)
    process.kill()
    process.communicate()
    hub.holds = None
    hub.release.set()
    assert weights.find(NAME) is None
    assert weights.fetch(NAME).read_bytes() == CONTENT
    assert not list(cache.rglob("*.incomplete"))


def test_without_links_the_file_itself_is_moved(hub, cache, monkeypatch):
    def refuse(*arguments):
        raise OSError("no links here")

    monkeypatch.setattr(Path, "symlink_to", refuse)
    path = weights.fetch(NAME)
    assert not path.is_symlink()
    assert path.read_bytes() == CONTENT
    assert left_in(cache) == [weights.FILE]
    assert weights.verify(NAME).record


def test_a_tokenizer_that_is_missing_or_wrong_is_said_and_no_more(hub):
    del hub.files[REPOSITORY, weights.TOKENIZER]
    said = []
    path = weights.fetch(NAME, notice=said.append)
    assert weights.TOKENIZER in said[-1]
    hub.add(REPOSITORY, weights.TOKENIZER, b"<html>")
    weights.fetch(NAME)
    assert not path.with_name(weights.TOKENIZER).exists()
    hub.add(REPOSITORY, weights.TOKENIZER, TOKENS)
    weights.fetch(NAME)
    assert path.with_name(weights.TOKENIZER).read_bytes() == TOKENS
