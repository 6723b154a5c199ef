"""Weights of the encoders that pip cannot bring: looked up on disk, fetched once from a model hub, verified.

    path = weights.obtain("clip-rn101")

Looking up needs neither torch nor `huggingface_hub` and never touches the network. A file is looked for in

1. the folder given, 2. the folder named by STROKEWISE_WEIGHTS: `NAME.safetensors` or
   `NAME/open_clip_model.safetensors`; 3. the hub's own cache, where other programs may have put it already.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import EncoderError
from . import _hub
from ._file_check import check_json, check_safetensors

FILE = "open_clip_model.safetensors"
TOKENIZER = "tokenizer.json"
RECORD = "strokewise-weights.json"
VARIABLE = "STROKEWISE_WEIGHTS"


class Weights(NamedTuple):
    """A weight file that can be had from a hub.

    Attributes:
        name: the encoder's name.
        repository: owner/name on the hub.
        size: bytes, to three digits.
        licence: as the repository states it; OpenAI's own release of all four is under MIT.
        revision: what is fetched: a commit where one is known with certainty, else a branch.
    """

    name: str
    repository: str
    size: int
    licence: str
    revision: str


CATALOGUE = {
    entry.name: entry
    for entry in (
        Weights("clip-rn101", "timm/resnet101_clip.openai", 479_000_000, "MIT", "main"),
        Weights(
            "clip-rn50",
            "timm/resnet50_clip.openai",
            408_000_000,
            "MIT",
            "00fd56258d8020fda2c9a8b683cf883d477ad3eb",
        ),
        Weights(
            "clip-vit-b-16",
            "timm/vit_base_patch16_clip_224.openai",
            599_000_000,
            "Apache-2.0",
            "977e3dd0ec55ab8da155f2fbeb6b5f54948b6e3d",
        ),
        Weights(
            "clip-vit-b-32",
            "timm/vit_base_patch32_clip_224.openai",
            605_000_000,
            "Apache-2.0",
            "ab5b8ef490e86faa07d3523926b842c765de1de5",
        ),
    )
}
"""By name, the one to prefer first: the paper's loss was tuned on the maps of residual networks."""


class Verified(NamedTuple):
    """What `verify` found out.

    Attributes:
        path: the file.
        digest: its SHA-256, hexadecimal.
        record: who vouches for it, or an empty string where nobody could be asked.
    """

    path: Path
    digest: str
    record: str


def entry_of(name: str) -> Weights:
    """The catalogue's entry.

    Raises:
        EncoderError: no such weights; the message lists them.
    """
    if name not in CATALOGUE:
        raise EncoderError(f"no weights are known by the name {name}; known are {', '.join(CATALOGUE)}")
    return CATALOGUE[name]


def hub_cache() -> Path:
    """The folder in which `huggingface_hub` keeps what it fetched, by the library's own variables."""
    for variable, below in (
        ("HF_HUB_CACHE", ""),
        ("HUGGINGFACE_HUB_CACHE", ""),
        ("HF_HOME", "hub"),
        ("XDG_CACHE_HOME", "huggingface/hub"),
    ):
        if value := os.environ.get(variable):
            return Path(os.path.expandvars(value)).expanduser() / below
    return Path("~/.cache/huggingface/hub").expanduser()


def can_fetch() -> bool:
    """Whether the library that fetches is installed."""
    return _hub.is_installed()


def find(name: str, folder: str | Path | None = None) -> Path | None:
    """The weight file on this disk, or None. Never touches the network.

    Args:
        name: of the encoder.
        folder: where to look first.

    Raises:
        EncoderError: unknown name, or what lies in the file's place is no such file.
    """
    entry = entry_of(name)
    for path in _places(entry, folder):
        check_safetensors(path, name)
        return path
    return None


def obtain(
    name: str,
    folder: str | Path | None = None,
    *,
    notice: Callable[[str], None] | None = None,
    progress: bool = True,
) -> Path:
    """The weight file, fetched first if it is not here and the network may be used.

    Args:
        name: of the encoder.
        folder: where to look first, and where to put it.
        notice: told in one line that something is fetched.
        progress: show a bar while fetching, if stderr is a terminal.

    Raises:
        EncoderError: it is not here and cannot be had; the message says how to get it.
    """
    path = find(name, folder)
    if path is not None:
        return path
    how = f"strokewise models fetch {name}, or set {VARIABLE} to a folder that holds {name}.safetensors"
    if variable := _hub.is_offline():
        raise EncoderError(f"the weights of {name} are not here, and {variable} is set; where it is not: {how}")
    if not _hub.is_installed():
        raise EncoderError(f"the weights of {name} are not here; pip install 'strokewise[clip]', then {how}")
    try:
        return fetch(name, folder, notice=notice, progress=progress)
    except _hub.Unreachable as error:
        raise EncoderError(f"the weights of {name} are not here, and {error}; later: {how}") from error


def fetch(
    name: str,
    folder: str | Path | None = None,
    *,
    revision: str | None = None,
    endpoint: str | None = None,
    notice: Callable[[str], None] | None = None,
    progress: bool = True,
) -> Path:
    """Bring the weight file, and the tokenizer beside it, unless a sound one is here already.

    A file takes its place only once its SHA-256 is what the hub records. A part that a broken connection left is
    gone on with by the next attempt. A damaged file in the place is replaced.

    Args:
        name: of the encoder.
        folder: where to put it, as `FOLDER/NAME/open_clip_model.safetensors`; None takes the hub's cache.
        revision: commit, tag or branch; None takes the catalogue's.
        endpoint: address of the hub; None takes HF_ENDPOINT or the public one.
        notice: told in one line what is fetched, and whether the tokenizer could not be had.
        progress: show a bar, if stderr is a terminal.

    Raises:
        EncoderError: it cannot be had; one line says why and what to do.
    """
    entry, say = entry_of(name), notice or (lambda text: None)
    path = _sound(entry, folder) if revision is None else None
    if path is None:
        remote = _hub.ask(entry.repository, FILE, revision or entry.revision, endpoint)
        path = _target(entry, FILE, remote.commit, folder)
        if not path.exists() or _hub.digest_of(path, remote.digest) != remote.digest:
            where = folder or hub_cache()
            size = remote.size or entry.size
            say(f"fetching the weights of {name}, {size / 1e6:.0f} MB, from {entry.repository} into {where}")
            check = functools.partial(check_safetensors, name=name)
            _bring(entry, remote, revision or entry.revision, path, folder, check, progress)
            _note(path, entry, revision or entry.revision, remote)
    beside = path.parent / TOKENIZER
    if not beside.exists() and _is_ours(path, folder):
        try:
            # Out of the hub's cache the weights may be of another commit than the catalogue's.
            commit = path.parent.name if folder is None else revision or entry.revision
            remote = _hub.ask(entry.repository, TOKENIZER, commit, endpoint)
            _bring(entry, remote, commit, beside, folder, check_json, progress=False)
        except EncoderError as error:
            say(f"without {TOKENIZER}, which only text needs: {error}")
    return path


def verify(name: str, folder: str | Path | None = None, *, endpoint: str | None = None) -> Verified | None:
    """Compare the file's SHA-256 with the hub's record: the one kept when it was fetched, else the hub is asked.

    Args:
        name: of the encoder.
        folder: where to look first.
        endpoint: address of the hub; None takes HF_ENDPOINT or the public one.

    Returns:
        what was found out; None if the file is not here.

    Raises:
        EncoderError: the file is damaged or another one.
    """
    path = find(name, folder)
    if path is None:
        return None
    entry = entry_of(name)
    expected, record = _recorded(path), "recorded when it was fetched"
    if not expected:
        record = ""
        with contextlib.suppress(EncoderError):
            expected = _hub.ask(entry.repository, FILE, entry.revision, endpoint).digest
            record = f"recorded by {_hub.hub_address(endpoint)}"
    digest = _hub.digest_of(path, expected or "0" * 64)
    if expected and digest != expected:
        raise EncoderError(
            f"{path} is damaged or another file: its SHA-256 is {digest[:12]}..., not {expected[:12]}...; "
            f"delete it and run: strokewise models fetch {name}"
        )
    return Verified(path, digest, record)


def _places(entry: Weights, folder: str | Path | None) -> Iterator[Path]:
    """Files that are there, the one to prefer first."""
    for given in (folder, os.environ.get(VARIABLE)):
        if given:
            yield from _in_folder(entry, Path(given).expanduser())
    yield from _in_cache(entry)


def _in_folder(entry: Weights, folder: Path) -> Iterator[Path]:
    for path in (folder / f"{entry.name}.safetensors", folder / entry.name / FILE):
        if path.is_file():
            yield path


def _in_cache(entry: Weights) -> Iterator[Path]:
    """Snapshots of the hub's cache: the catalogue's revision, the branch `main`, then the newest."""
    storage = _storage(entry)
    commits = [entry.revision]
    for branch in (entry.revision, "main"):
        with contextlib.suppress(OSError, ValueError):
            commits.append((storage / "refs" / branch).read_text("ascii").strip())
    with contextlib.suppress(OSError):
        found = sorted((storage / "snapshots").iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
        commits += [path.name for path in found]
    for commit in dict.fromkeys(commits):
        path = storage / "snapshots" / commit / FILE
        if re.fullmatch(r"\w[\w.-]*", commit) and path.is_file():
            yield path


def _sound(entry: Weights, folder: str | Path | None) -> Path | None:
    """A file that is whole and has the SHA-256 recorded for it; damaged ones that `fetch` may replace are removed."""
    for path in _in_folder(entry, Path(folder).expanduser()) if folder else _places(entry, None):
        try:
            check_safetensors(path, entry.name)
            expected = _recorded(path)
            if expected and _hub.digest_of(path, expected) != expected:
                raise EncoderError(f"{path} is damaged; delete it")
        except EncoderError:
            if not _is_ours(path, folder) or path.name != FILE:
                raise  # someone else put it there, and it may be the only copy
            with _hub.disk_errors(path):
                path.resolve().unlink()
                path.unlink(missing_ok=True)
            continue
        return path
    return None


def _bring(
    entry: Weights,
    remote: _hub.Remote,
    revision: str,
    path: Path,
    folder: str | Path | None,
    check: Callable[[Path], None],
    progress: bool,
) -> None:
    """Fetch a file to `path`; in the hub's cache by way of its blobs, so that other programs find it."""
    storage = _storage(entry)
    if folder is not None:
        part = path.with_name(f"{path.name}.{remote.digest[:12]}.incomplete")
        blob, lock = path, path.with_name(f".{path.name}.lock")
    else:
        blob = storage / "blobs" / remote.digest
        part = blob.with_name(f"{remote.digest}.strokewise.incomplete")
        lock = storage.parent / ".locks" / storage.name / f"{remote.digest}.lock"
    settle = functools.partial(_link, storage, remote.commit, revision, blob, path)
    _hub.download(remote, part, blob, path, lock, check, settle, size=entry.size, progress=progress)


def _link(storage: Path, commit: str, revision: str, blob: Path, path: Path) -> None:
    """Enter a blob of the hub's cache into the snapshot of its commit, and the commit into the branch."""
    if blob == path:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.unlink(missing_ok=True)  # a link to nothing
        try:
            path.symlink_to(os.path.relpath(blob, path.parent))
        except OSError:  # no links here, as on most Windows machines
            os.replace(blob, path)
    if re.fullmatch(r"\w[\w.-]*", revision) and revision != commit:
        reference = storage / "refs" / revision
        reference.parent.mkdir(parents=True, exist_ok=True)
        reference.write_text(commit, "ascii")


def _note(path: Path, entry: Weights, revision: str, remote: _hub.Remote) -> None:
    """Keep, beside the file, where it came from."""
    record = {
        "repository": entry.repository,
        "file": FILE,
        "revision": revision,
        "commit": remote.commit,
        "sha256": remote.digest,
        "bytes": path.stat().st_size,
    }
    with _hub.disk_errors(path):
        part = path.with_name(f"{RECORD}.{os.getpid()}")
        part.write_text(json.dumps(record, indent=1) + "\n", "utf-8")
        os.replace(part, path.with_name(RECORD))  # read by others meanwhile: whole, or not yet


def _recorded(path: Path) -> str:
    """The digest the hub gave for this file: from our note beside it, or the name of the blob it links to."""
    record: Any = None
    with contextlib.suppress(OSError, ValueError):
        record = json.loads(path.with_name(RECORD).read_text("utf-8"))
    known = record.get("sha256") if isinstance(record, dict) and path.name == FILE else None
    if not isinstance(known, str) and path.is_symlink():
        known = path.resolve().name
    return known if isinstance(known, str) and re.fullmatch("[0-9a-f]{40}|[0-9a-f]{64}", known) else ""


def _storage(entry: Weights) -> Path:
    return hub_cache() / f"models--{entry.repository.replace('/', '--')}"


def _target(entry: Weights, file: str, commit: str, folder: str | Path | None) -> Path:
    if folder is not None:
        return Path(folder).expanduser() / entry.name / file
    return _storage(entry) / "snapshots" / commit / file


def _is_ours(path: Path, folder: str | Path | None) -> bool:
    """Whether `fetch` would put a file there."""
    root = Path(folder).expanduser() if folder is not None else hub_cache()
    return root in path.parents
