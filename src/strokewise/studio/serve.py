"""Serving the page: by default on this machine only, without analytics, and without leaving files."""

from __future__ import annotations

import dataclasses
import os
import signal
import socket
import tempfile
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

from .._process import tune_process
from ..errors import SettingsError, StrokewiseError
from ..settings import Settings
from .limits import Limits

LOOPBACK = "127.0.0.1"
LOCAL = (LOOPBACK, "localhost", "::1")
"""Addresses that only this machine reaches."""
_UNSAFE_VARIABLES = (
    "ALLOWED_PATHS",
    "SHARE",
    "SERVER_NAME",
    "SERVER_PORT",
    "NUM_WORKERS",
    "ROOT_PATH",
    "MCP_SERVER",
    "SSR_MODE",
)
"""GRADIO_... variables that could expose the server more than the arguments of `serve` say."""


def serve(
    host: str = LOOPBACK,
    port: int | None = None,
    *,
    limits: Limits | None = None,
    settings: Settings | None = None,
    user: str | None = None,
    password: str | None = None,
    browser: bool = False,
    embed: str = "'self'",
    notice: Callable[[str], None] | None = None,
) -> None:
    """Serve the page until Ctrl-C (or SIGTERM).

    Args:
        host: address to listen on. The default can be reached from this machine only, "0.0.0.0" from any machine.
        port: None for the first free port from 7860 on.
        limits: what visitors may do.
        settings: encoder and device to draw with, and first values of the controls.
        user, password: visitors must enter them. Give both or neither.
        browser: open the page in a browser.
        embed: sites that may show the page in a frame, as sources of a Content-Security-Policy.
        notice: called with one-line messages: the address, and that everything is loaded.

    Raises:
        SettingsError: a user without a password or a password without a user, a host that is no address of this
            machine, or a port out of range.
        StrokewiseError: Gradio or the encoder is not installed, or the address is in use.
    """
    log = notice or (lambda text: None)
    if bool(user) != bool(password):
        raise SettingsError("give both a user and a password, or neither")
    if port is not None and not 1 <= port <= 65535:
        raise SettingsError(f"must be from 1 to 65535, not {port}", setting="port", value=port)
    _check_host(host)
    limits, settings = limits or Limits(), settings or Settings()
    limits = dataclasses.replace(limits, fetching=limits.fetching or host in LOCAL)
    tune_process()
    _check_encoder(settings)
    for name in _UNSAFE_VARIABLES:
        os.environ.pop(f"GRADIO_{name}", None)
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    with tempfile.TemporaryDirectory(prefix="strokewise-studio-", ignore_cleanup_errors=True) as folder:
        os.environ["GRADIO_TEMP_DIR"] = folder  # read when components are made
        page = _page(limits, settings)
        ended = threading.Event()
        handlers_before = {number: signal.signal(number, _setter(ended)) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            _, url, _ = _launch(page, host, port, limits, (user, password), browser, embed)
            log(f"the studio is at {url}")
            _warm_up(log)
            while not ended.wait(3600):
                pass
        finally:
            for number, handler in handlers_before.items():
                signal.signal(number, handler)
            page.close(verbose=False)


def _check_host(host: str) -> None:
    """Check that this machine can listen on an address.

    Raises:
        SettingsError: it cannot.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, 0, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as trial:
            trial.bind(address)
    except (OSError, UnicodeError) as error:
        problem, fix = f"{host} is no address of this machine", f"use {LOOPBACK} or 0.0.0.0"
        raise SettingsError(problem, setting="host", value=host, fix=fix) from error


def _check_encoder(settings: Settings) -> None:
    """Check that encoder and device are available, before anything is served.

    Raises:
        StrokewiseError: one of them is not.
    """
    from ..encoders import load_encoder, resolve_encoder
    from ..engines import find_device

    find_device(settings.device)
    load_encoder(resolve_encoder(settings.encoder))


def _page(limits: Limits, settings: Settings) -> Any:
    try:
        import gradio  # noqa: F401
    except ModuleNotFoundError as error:
        raise StrokewiseError("the studio needs gradio: pip install 'strokewise[studio]'") from error
    from .page import build

    return build(limits, settings)


def _launch(
    page: Any,
    host: str,
    port: int | None,
    limits: Limits,
    login: tuple[str | None, str | None],
    browser: bool,
    embed: str,
) -> Any:
    from starlette.middleware import Middleware

    from .guard import Guard
    from .page import launch_options

    try:
        return page.launch(
            server_name=host, server_port=port, auth=login if login[0] else None, inbrowser=browser, quiet=True,
            prevent_thread_lock=True, share=False, ssr_mode=False, pwa=False, mcp_server=False, num_workers=0,
            enable_monitoring=False, show_error=False, allowed_paths=[], max_file_size=limits.bytes,
            state_session_capacity=limits.visitors, max_threads=16,
            app_kwargs={"middleware": [Middleware(Guard, limit=limits.bytes, embed=embed)]}, **launch_options(),
        )  # fmt: skip
    except OSError as error:
        ports = "ports 7860 to 7959 are" if port is None else f"port {port} of {host} is"
        raise StrokewiseError(f"{ports} not available ({error.strerror or 'in use'}): choose another port") from error


def _warm_up(log: Callable[[str], None]) -> None:
    """Load and compile everything that drawing needs, so that the first visitor does not wait for it."""
    from . import tasks
    from .background import BackgroundDrawing

    BackgroundDrawing(lambda callback: tasks.warm_up(), seconds=3600).result()
    log("ready to draw")


def _setter(ended: threading.Event) -> Callable[[int, FrameType | None], None]:
    def end(number: int, frame: FrameType | None) -> None:
        ended.set()  # a second signal must not interrupt the cleanup, which takes a few seconds at most

    return end
