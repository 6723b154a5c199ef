"""A model hub on the loopback, with the manners and the bad days of a real one.

    with FakeHub() as hub:
        hub.add("timm/resnet101_clip.openai", "open_clip_model.safetensors", content)
        weights.fetch("clip-rn101", endpoint=hub.url)

As on the real hub, `/OWNER/NAME/resolve/REVISION/FILE` answers with the commit, the digest and the size in headers and
sends on to another address, which serves the bytes and knows Range.
"""

from __future__ import annotations

import hashlib
import json
import os
import socket
import struct
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# Else the library, once it is imported, asks the real hub for what to write in its greeting.
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")

COMMIT = "0123456789abcdef0123456789abcdef01234567"
SHAPES = {"visual.conv1.weight": (8, 3, 4, 4), "visual.proj": (8, 5), "text_projection": (6, 5), "logit_scale": ()}


def tiny_safetensors(padding: int = 0) -> bytes:
    """A whole safetensors file, float32 zeros under a few of CLIP's names, and one tensor of `padding` numbers."""
    header, end = {}, 0
    for name, shape in {**SHAPES, "positional_embedding": (padding, 1)}.items():
        count = 4
        for side in shape:
            count *= side
        header[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [end, end + count]}
        end += count
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + bytes(end)


def git_name(content: bytes) -> str:
    """The name git gives a file."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


class FakeHub:
    """Files by repository and name, and what goes wrong with them.

    Attributes:
        files: content by (repository, file).
        commits: commit by revision; a commit is a revision too.
        digests: digest to claim for a file, where it is not the true one.
        cuts: lengths after which the next answers with bytes break off.
        instead: bytes served in the place of any file, once its headers have been told.
        portal: every request is answered by a web page, as in a hotel.
        status: every request is refused with this status.
        holds: after how many bytes an answer waits until `release` is set; None for not at all.
        log: (method, path, Range header) of every request.
    """

    def __init__(self) -> None:
        self.files: dict[tuple[str, str], bytes] = {}
        self.commits = {"main": COMMIT}
        self.digests: dict[str, str] = {}
        self.cuts: list[int] = []
        self.instead: bytes | None = None
        self.portal = False
        self.status = 0
        self.holds: int | None = None
        self.held, self.release = threading.Event(), threading.Event()
        self.log: list[tuple[str, str, str]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        # Another host, by its name, as the real one's store is: the library follows redirects to the same host itself.
        self.store = f"http://localhost:{self._server.server_port}"

    def __enter__(self) -> FakeHub:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self.release.set()
        self._server.shutdown()
        self._server.server_close()

    def add(self, repository: str, file: str, content: bytes) -> str:
        """Put a file there; its digest, as the hub would tell it."""
        self.files[repository, file] = content
        return self.digest(file, content)

    def digest(self, file: str, content: bytes) -> str:
        """SHA-256 of large files, which are stored apart; git's name of small ones."""
        true = hashlib.sha256(content).hexdigest() if file.endswith(".safetensors") else git_name(content)
        return self.digests.get(file, true)

    def downloads(self) -> list[str]:
        """The Range headers of requests for the bytes of weights."""
        return [span for method, path, span in self.log if method == "GET" and "/bytes/" in path and "model" in path]


def _handler(hub: FakeHub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self) -> None:
            self._answer()

        def do_GET(self) -> None:
            self._answer()

        def log_message(self, *arguments: object) -> None:
            pass

        def _answer(self) -> None:
            hub.log.append((self.command, self.path, self.headers.get("Range", "")))
            if hub.portal:
                return self._send(200, b"<!DOCTYPE html><title>Welcome</title>", {"Content-Type": "text/html"})
            if hub.status:
                return self._send(hub.status, b"{}", {"Content-Type": "application/json"})
            parts = self.path.lstrip("/").split("/", 4)
            if parts[0] == "bytes":
                return self._bytes(hub.files["/".join(parts[1:3]), parts[3]])
            if len(parts) < 5 or parts[2] != "resolve":
                return self._send(404, b"", {})
            repository, revision, file = "/".join(parts[:2]), parts[3], parts[4]
            commit = hub.commits.get(revision, revision if revision in hub.commits.values() else None)
            content = hub.files.get((repository, file))
            if not any(repository == known for known, _ in hub.files):
                return self._send(404, b"", {"X-Error-Code": "RepoNotFound"})
            if commit is None:
                return self._send(404, b"", {"X-Error-Code": "RevisionNotFound"})
            if content is None:
                return self._send(404, b"", {"X-Error-Code": "EntryNotFound", "X-Repo-Commit": commit})
            told = {
                "X-Repo-Commit": commit,
                "X-Linked-Etag": f'"{hub.digest(file, content)}"',
                "X-Linked-Size": str(len(content)),
                "Location": f"{hub.store}/bytes/{repository}/{file}",
            }
            self._send(302, b"", told)

        def _bytes(self, content: bytes) -> None:
            content = content if hub.instead is None else hub.instead
            start = int((self.headers.get("Range") or "bytes=0-").split("=")[1].split("-")[0])
            rest = content[start:]
            self.send_response(206 if start else 200)
            self.send_header("Content-Length", str(len(rest)))
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
            self.end_headers()
            if self.command == "HEAD":
                return
            if hub.holds is not None:
                self.wfile.write(rest[: hub.holds])
                self.wfile.flush()
                rest = rest[hub.holds :]
                hub.held.set()
                hub.release.wait(20)
            if hub.cuts:
                self.wfile.write(rest[: hub.cuts.pop(0)])
                self.wfile.flush()
                self.connection.shutdown(socket.SHUT_RDWR)
                self.close_connection = True
                return
            self.wfile.write(rest)

        def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for key, value in headers.items():
                self.send_header(key, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

    return Handler


class SilentHub:
    """Takes connections and never says a word."""

    def __enter__(self) -> SilentHub:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        return self

    def __exit__(self, *error: object) -> None:
        self._socket.close()


def closed_port() -> str:
    """An address at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"
