"""Talks to a model hub through `huggingface_hub`: what is a file there, and fetch it whole or not at all.

The library gives addresses, credentials, proxies, retries, the progress bar and the lock. What it does not give is done
here: from version 2 on it forgets a part that a stopped program had fetched, and it puts a file in its place before
anyone has looked at its hash. It knows nothing of encoders.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import importlib.util
import logging
import os
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple, TypeVar

from .._version import __version__
from ..errors import EncoderError

PATIENCE = 5.0
"""Seconds to wait for a hub's first answer."""
ROOM = 64_000_000
"""Bytes that must stay free beside a file that is fetched."""
HOME = "https://huggingface.co"
T = TypeVar("T")


class Remote(NamedTuple):
    """A file as the hub records it.

    Attributes:
        url: where its bytes are, at that commit.
        commit: commit of the repository, hexadecimal.
        digest: SHA-256 of the file (64 digits), or its git object name (40 digits) where git holds it.
        size: bytes; None where the hub does not say.
    """

    url: str
    commit: str
    digest: str
    size: int | None


class NotThere(EncoderError):
    """The hub answers, but has no such file."""


class Unreachable(EncoderError):
    """No hub can be asked: none answers, none may be asked, or the library for it is missing."""


def is_installed() -> bool:
    """Whether `huggingface_hub` is; it is not imported."""
    return importlib.util.find_spec("huggingface_hub") is not None


def is_offline() -> str:
    """The variable that forbids the network, or an empty string."""
    for name in ("STROKEWISE_OFFLINE", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
        if os.environ.get(name, "").upper() in ("1", "ON", "YES", "TRUE"):
            return name
    return ""


def hub_address(endpoint: str | None = None) -> str:
    """The hub that is asked: the argument, HF_ENDPOINT, or the public one."""
    return (endpoint or os.environ.get("HF_ENDPOINT") or HOME).rstrip("/")


def ask(repository: str, file: str, revision: str, endpoint: str | None = None) -> Remote:
    """What the hub records of a file; an answer comes within `PATIENCE` seconds, or HF_HUB_ETAG_TIMEOUT's.

    Raises:
        Unreachable: the network is off by a variable, the library is missing, or nothing answers in time.
        NotThere: no such repository, revision or file.
        EncoderError: something answers that is no hub.
    """
    hub = hub_address(endpoint)
    if variable := is_offline():
        raise Unreachable(f"{repository} cannot be looked up: {variable} is set; unset it to use the network")
    if not is_installed():
        raise Unreachable(f"{repository} cannot be fetched without a library: pip install 'strokewise[clip]'")
    from huggingface_hub import errors, get_hf_file_metadata, hf_hub_url

    patience = _patience()
    url = hf_hub_url(repository, file, revision=revision, endpoint=hub)
    elsewhere = "check the network, or HF_ENDPOINT if a mirror is meant"
    try:
        # Looking up the hub's name may take longer than any timeout of the library; hence the thread.
        found = _within(patience + 1, lambda: get_hf_file_metadata(url, timeout=patience, headers=_headers()))
    except errors.OfflineModeIsEnabled as error:
        raise Unreachable(f"{repository} cannot be looked up: huggingface_hub is set to work offline") from error
    except errors.RevisionNotFoundError as error:
        raise NotThere(f"{hub} has no revision {revision} of {repository}; try --revision main") from error
    except errors.EntryNotFoundError as error:
        raise NotThere(f"{hub} has no {file} in {repository} at {revision}; try --revision main") from error
    except errors.HfHubHTTPError as error:
        status = getattr(error.response, "status_code", "?")
        why = "a wrong HF_TOKEN is refused too" if status in (401, 403) else "try again later"
        if isinstance(error, errors.RepositoryNotFoundError):
            raise NotThere(f"{hub} has no {repository}, or refuses it (HTTP {status}); {why}") from error
        raise Unreachable(f"{hub} answers HTTP {status} for {repository}; {why}") from error
    except TimeoutError as error:
        raise Unreachable(f"{hub} does not answer within {patience:g} s; {elsewhere}") from error
    except Exception as error:  # of whichever network library this version of huggingface_hub uses
        late = "Timeout" in type(error).__name__
        what = f"does not answer within {patience:g} s" if late else f"cannot be reached ({type(error).__name__})"
        raise Unreachable(f"{hub} {what}; {elsewhere}") from error
    commit, digest = found.commit_hash or "", found.etag or ""
    # Both become names on disk, so nothing but hexadecimal digits may pass.
    if not re.fullmatch("[0-9a-f]{7,64}", commit) or not re.fullmatch("[0-9a-f]{40}|[0-9a-f]{64}", digest):
        raise EncoderError(f"{hub} does not answer as a model hub does (no commit and SHA-256); {elsewhere}")
    return Remote(hf_hub_url(repository, file, revision=commit, endpoint=hub), commit, digest, found.size)


def download(
    remote: Remote,
    part: Path,
    target: Path,
    final: Path,
    lock: Path,
    check: Callable[[Path], None],
    settle: Callable[[], None],
    *,
    size: int,
    progress: bool = True,
) -> None:
    """Fetch a file to `part`, going on where an earlier attempt stopped, and move it to `target` once it is right.

    Args:
        remote: what the hub records.
        part: where bytes gather; kept when the connection breaks, removed when they are wrong.
        target: where the whole file goes, on the same file system.
        final: the name it is found by; `settle` may have moved or linked it there.
        lock: file that only one process at a time holds.
        check: raises EncoderError when the whole file is none of ours.
        settle: called once `target` is right, still under the lock.
        size: bytes to expect where the hub does not say.
        progress: show a bar, if stderr is a terminal.

    Raises:
        Unreachable: the connection broke and stayed broken.
        EncoderError: no space, no right to write, or wrong bytes.
    """
    from huggingface_hub.utils import WeakFileLock

    with disk_errors(final):
        for folder in (part.parent, final.parent, lock.parent):
            folder.mkdir(parents=True, exist_ok=True)
        with WeakFileLock(lock):
            if not _is_right(target, remote):
                if _is_right(final, remote):
                    return  # another process was first, and moved it
                _fetch_right(remote, part, check, size, progress)
                os.replace(part, target)
            settle()


def _is_right(path: Path, remote: Remote) -> bool:
    return path.is_file() and digest_of(path, remote.digest) == remote.digest


def _fetch_right(remote: Remote, part: Path, check: Callable[[Path], None], size: int, progress: bool) -> None:
    """Fill `part` with what the hub records, or remove it."""
    resumed = _part_size(part, remote.size)
    check_space(part.parent, (remote.size or size) - resumed)
    _fetch(remote, part, progress)
    if resumed and not _is_right(part, remote):
        part.unlink()  # what was left of the earlier attempt was no good
        _fetch(remote, part, progress)
    try:
        if not _is_right(part, remote):
            raise EncoderError(
                f"{remote.url} came with another SHA-256 than the hub records; removed: try again, "
                "or on another network"
            )
        check(part)
    except EncoderError:
        part.unlink()
        raise


def _fetch(remote: Remote, part: Path, progress: bool) -> None:
    """Append to `part` what is missing, as long as anything comes. Only a broken connection leaves it behind."""
    from huggingface_hub.errors import HfHubHTTPError
    from huggingface_hub.file_download import http_get

    # Compressed answers cannot be resumed.
    headers = {**_headers(), "Accept-Encoding": "identity"}
    part.touch()
    while remote.size is None or part.stat().st_size < remote.size:
        before = part.stat().st_size
        try:
            with part.open("ab") as file, _quiet(progress):
                http_get(
                    remote.url,
                    file,
                    resume_size=before,
                    headers=headers,
                    expected_size=remote.size,
                    displayed_filename=remote.url.split("/resolve/")[0].rsplit("/", 1)[-1],
                )
            return
        except HfHubHTTPError as error:
            status = getattr(error.response, "status_code", "?")
            raise Unreachable(f"{remote.url} answers HTTP {status}; try again later") from error
        except Exception as error:
            if isinstance(error, OSError) and error.errno is not None:  # of this machine, not of the network
                if error.errno in (errno.ENOSPC, errno.EDQUOT):
                    part.unlink(missing_ok=True)
                raise
            if type(error) in (OSError, ValueError):  # the library's own check of the length
                part.unlink(missing_ok=True)
                raise EncoderError(
                    f"{remote.url} came with another length than the hub records; removed: try again, "
                    "or on another network"
                ) from error
            # Not every version of the library goes on by itself.
            if part.stat().st_size <= before:
                raise Unreachable(
                    f"{remote.url} broke off ({type(error).__name__}); run it again to go on from where it stopped"
                ) from error


def _part_size(part: Path, size: int | None) -> int:
    """Bytes an earlier attempt left; too many of them are thrown away."""
    if not part.exists():
        return 0
    if size is None or part.stat().st_size > size:
        part.unlink()
        return 0
    return part.stat().st_size


def check_space(folder: Path, need: int) -> None:
    """Refuse what would not fit.

    Raises:
        EncoderError: fewer than `need` + `ROOM` bytes are free.
    """
    free = shutil.disk_usage(folder).free
    if free < need + ROOM:
        raise EncoderError(
            f"{folder} has {free / 1e6:.0f} MB free, {(need + ROOM) / 1e6:.0f} MB are needed; "
            "make room, or choose another place with --folder or HF_HOME"
        )


def digest_of(path: Path, like: str) -> str:
    """The file's SHA-256, or its git object name if `like` has 40 digits; hexadecimal."""
    digest = hashlib.sha256() if len(like) == 64 else hashlib.sha1(b"blob %d\0" % path.stat().st_size)
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


@contextlib.contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Within the context, errors of the disk become one line that says how to fix them.

    Raises:
        EncoderError: the disk is full, or the path cannot be written.
    """
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            what, how = "no space left for", "make room, or choose another place with --folder or HF_HOME"
        else:
            what, how = "cannot write", "choose another place with --folder or HF_HOME"
        raise EncoderError(f"{what} {path} ({error.strerror or type(error).__name__}); {how}") from error


@contextlib.contextmanager
def _quiet(progress: bool) -> Iterator[None]:
    """Without the library's own warnings, of which we make one line; without its bar unless `progress`."""
    from huggingface_hub.utils import are_progress_bars_disabled, disable_progress_bars, enable_progress_bars

    logger = logging.getLogger("huggingface_hub.file_download")
    level, hide = logger.level, not progress and not are_progress_bars_disabled()
    logger.setLevel(logging.ERROR)
    if hide:
        disable_progress_bars()
    try:
        yield
    finally:
        logger.setLevel(level)
        if hide:
            enable_progress_bars()


def _headers() -> dict[str, str]:
    """Who asks, and the user's token if there is one."""
    from huggingface_hub.utils import build_hf_headers

    return build_hf_headers(library_name="strokewise", library_version=__version__)


def _patience() -> float:
    with contextlib.suppress(ValueError):
        return max(0.1, float(os.environ.get("HF_HUB_ETAG_TIMEOUT", PATIENCE)))
    return PATIENCE


def _within(seconds: float, call: Callable[[], T]) -> T:
    """What `call` returns or raises; TimeoutError after that many seconds, whatever it is still doing."""
    results: list[T] = []
    errors: list[Exception] = []

    def run() -> None:
        try:
            results.append(call())
        except Exception as error:
            errors.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if errors:
        raise errors[0]
    if not results:
        raise TimeoutError
    return results[0]
