"""What stands between the page's server and the world: a bound on what is sent, and rules for browsers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_RULES = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; media-src 'self' data: blob:; font-src 'self' data:; worker-src 'self' blob:; "
    "connect-src 'self' data: blob:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors {embed}"
)
"""Gradio's page has scripts in its HTML and compiles templates; all of them come from this server."""
_FETCHING = ("/file=http", "/file%3dhttp", "/proxy=")
"""Addresses under which Gradio would fetch something from elsewhere for a visitor."""
SPARE = 1_000_000
"""Bytes that a request may have besides the file in it."""

DRAINED = 10
"""So many times the bound is thrown away of a request that is too large, before the connection is cut."""


class Guard:
    """An ASGI middleware.

    Requests larger than the bound are refused with 413, those that would have the server fetch from elsewhere with
    403. Answers tell the browser to load nothing from elsewhere.

    Args:
        app: what it stands before.
        limit: largest file, bytes.
        embed: who may show the page in a frame: a list of sources as in Content-Security-Policy.
    """

    def __init__(self, app: Callable[[Scope, Receive, Send], Awaitable[None]], limit: int, embed: str) -> None:
        self._app, self._limit = app, limit
        self._headers = [
            (b"content-security-policy", _RULES.format(embed=embed).encode("ascii")),
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"no-referrer"),
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = str(scope["path"]).lower()
        if any(part in path for part in _FETCHING):
            await _refuse(send, 403, "this server fetches nothing from elsewhere")
            return
        most = self._limit + SPARE
        headers = {name.lower(): value for name, value in scope["headers"]}
        length = headers.get(b"content-length", b"0")
        if not length.isdigit() or int(length) > most:
            await _drain(receive, DRAINED * most)
            await _refuse(send, 413, f"that is too large: send at most {self._limit / 1_000_000:g} MB")
            return
        taken = 0

        async def bounded() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            # Of a request that does not tell its length, the rest is not taken in.
            return {"type": "http.disconnect"} if taken > most else message

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), *self._headers]
            await send(message)

        await self._app(scope, bounded, guarded)


async def _drain(receive: Receive, most: int) -> None:
    """Throw away what is being sent: browsers read no answer before they have sent everything."""
    taken = 0
    while taken < most:
        message = await receive()
        taken += len(message.get("body", b""))
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            return


async def _refuse(send: Send, status: int, text: str) -> None:
    data = text.encode("utf-8")
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(data)).encode("ascii"))]
    await send({"type": "http.response.start", "status": status, "headers": [*headers, (b"connection", b"close")]})
    await send({"type": "http.response.body", "body": data})
