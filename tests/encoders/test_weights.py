import json
import os
import subprocess
import sys
import time
from collections import namedtuple
from pathlib import Path

import pytest
from hub_server import COMMIT, FakeHub, SilentHub, closed_port, git_name, tiny_safetensors

from strokewise.encoders import _hub, weights
from strokewise.errors import EncoderError

pytest.importorskip("huggingface_hub")

NAME, REPOSITORY = "clip-rn101", "timm/resnet101_clip.openai"
CONTENT = tiny_safetensors(5000)
TOKENS = b'{"version": "1.0"}'


@pytest.fixture(autouse=True)
def cache(empty_hub_cache):
    """An empty cache of the hub, and none of the machine's own settings."""
    return empty_hub_cache


@pytest.fixture
def hub(monkeypatch):
    with FakeHub() as hub:
        hub.add(REPOSITORY, weights.FILE, CONTENT)
        hub.add(REPOSITORY, weights.TOKENIZER, TOKENS)
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        yield hub


@pytest.fixture
def impatient(monkeypatch):
    """Short waits, and small chunks, so that a small file breaks off in its middle."""
    constants = pytest.importorskip("huggingface_hub").constants
    monkeypatch.setattr(constants, "DOWNLOAD_CHUNK_SIZE", 1000)
    monkeypatch.setattr("huggingface_hub.file_download.time.sleep", lambda seconds: None)


def refusal(call, *arguments, **options):
    """The one line of an error."""
    with pytest.raises(EncoderError) as caught:
        call(*arguments, **options)
    text = str(caught.value)
    assert "\n" not in text
    assert 20 < len(text) < 500
    return text


def left_in(folder: Path) -> list[str]:
    """Names of files that hold bytes of weights, whole or not; locks and notes aside."""
    known = (weights.RECORD, weights.TOKENIZER, "CACHEDIR.TAG", "main")
    return sorted(
        path.name
        for path in folder.rglob("*")
        if path.is_file() and path.stat().st_size and path.name not in known and path.suffix != ".lock"
    )


def python(code: str, **environment: str) -> subprocess.Popen:
    command = f"from strokewise.encoders import weights\n{code}"
    source = str(Path(weights.__file__).parents[2])
    both = {**os.environ, "PYTHONPATH": source, **environment}
    return subprocess.Popen(
        [sys.executable, "-c", command], env=both, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
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
for name in ("torch", "huggingface_hub", "safetensors", "numpy"):
    sys.modules[name] = None
from strokewise import cli, encoders
print(weights.find({NAME!r}), encoders.resolve_encoder("auto"), encoders.describe_choice("embedded"))
"""
    out, error = python(code).communicate(timeout=30)
    assert error == ""
    assert out.split()[:2] == [str(folder / weights.FILE), NAME]


def test_without_the_library_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setattr(_hub, "is_installed", lambda: False)
    for call in (weights.fetch, weights.obtain):
        assert "pip install 'strokewise[clip]'" in refusal(call, NAME)
