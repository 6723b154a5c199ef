"""A middleware that limits the size of requests and sets security headers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_CONTENT_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; media-src 'self' data: blob:; font-src 'self' data:; worker-src 'self' blob:; "
    "connect-src 'self' data: blob:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors {embed}"
)
"""Allows inline scripts and eval: Gradio's page needs both. Everything else must come from this server."""
_FETCHING_PATHS = ("/file=http", "/file%3dhttp", "/proxy=")
"""Parts of paths with which Gradio would fetch something from another server for a visitor."""
FORM_BYTES = 1_000_000
"""Bytes that a request may have besides the file in it."""
DRAIN_FACTOR = 10
"""A request that is too large is read and dropped up to this many times the limit; then the connection is closed."""


class Guard:
    """An ASGI middleware.

    Requests that are too large are refused with 413, requests that would make the server fetch from another one with
    403. The headers of answers tell the browser to load nothing from other servers.

    Args:
        app: the application to protect.
        limit: largest file, bytes.
        embed: sites that may show the page in a frame, as sources of a Content-Security-Policy.
    """

    def __init__(self, app: Callable[[Scope, Receive, Send], Awaitable[None]], limit: int, embed: str) -> None:
        self._app, self._limit = app, limit
        self._headers = [
            (b"content-security-policy", _CONTENT_POLICY.format(embed=embed).encode("ascii")),
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"no-referrer"),
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = str(scope["path"]).lower()
        if any(part in path for part in _FETCHING_PATHS):
            await _refuse(send, 403, "this server fetches nothing from other servers")
            return
        max_bytes = self._limit + FORM_BYTES
        headers = {name.lower(): value for name, value in scope["headers"]}
        length = headers.get(b"content-length", b"0")
        if not length.isdigit() or int(length) > max_bytes:
            await _drain(receive, DRAIN_FACTOR * max_bytes)
            await _refuse(send, 413, f"the request is too large: send at most {self._limit / 1_000_000:g} MB")
            return
        received = 0

        async def receive_limited() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            # A request without a length may turn out to be too large: it is cut off.
            return {"type": "http.disconnect"} if received > max_bytes else message

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), *self._headers]
            await send(message)

        await self._app(scope, receive_limited, send_with_headers)


async def _drain(receive: Receive, max_bytes: int) -> None:
    """Read and drop a request: browsers read no answer before they have sent everything."""
    received = 0
    while received < max_bytes:
        message = await receive()
        received += len(message.get("body", b""))
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            return


async def _refuse(send: Send, status: int, text: str) -> None:
    data = text.encode("utf-8")
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(data)).encode("ascii"))]
    await send({"type": "http.response.start", "status": status, "headers": [*headers, (b"connection", b"close")]})
    await send({"type": "http.response.body", "body": data})
