"""`strokewise studio`: draw in a browser."""

from __future__ import annotations

import dataclasses
from typing import Annotated

import typer

from ..settings import Settings
from .options import SETTINGS_HELP, number
from .terminal import say


def studio(
    *,
    host: Annotated[
        str,
        typer.Option(help="Address to listen on: 127.0.0.1 for this machine only, 0.0.0.0 for all networks."),
    ] = "127.0.0.1",
    port: Annotated[
        int | None,
        number("port", int, help="Port to listen on, 1 to 65535; by default the first free one from 7860 up."),
    ] = None,
    user: Annotated[
        str | None,
        typer.Option(envvar="STROKEWISE_USER", help="Ask visitors for this name and a password."),
    ] = None,
    password: Annotated[
        str | None,
        typer.Option(
            envvar="STROKEWISE_PASSWORD",
            help="The password; as an option it shows in the list of processes, so prefer the variable.",
        ),
    ] = None,
    max_upload: Annotated[
        float, number("max_upload", float, metavar="MB", help="Largest upload, 1 to 500 million bytes.")
    ] = 20,
    max_pixels: Annotated[
        float,
        number(
            "max_pixels",
            float,
            metavar="MILLIONS",
            help="Refuse photos of more than this many million pixels, 1 to 500.",
        ),
    ] = 50,
    time_limit: Annotated[
        float,
        number(
            "time_limit",
            float,
            metavar="SECONDS",
            help="Longest time for one drawing, 1 to 86400; then the best so far is kept.",
        ),
    ] = 180,
    scene_strokes: Annotated[
        int, number("scene_strokes", int, help="Most strokes of a scene, 1 to 256; scenes take the longest.")
    ] = 64,
    queue: Annotated[int, number("queue", int, help="Most drawings that wait in the queue, 1 to 1000.")] = 16,
    browser: Annotated[bool, typer.Option("--browser", help="Open the page in a browser.")] = False,
    encoder: Annotated[str, typer.Option(help=SETTINGS_HELP["encoder"])] = Settings().encoder,
    device: Annotated[str, typer.Option(help=SETTINGS_HELP["device"])] = Settings().device,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print nothing but warnings and errors.")] = False,
) -> None:
    """Serve a web page that draws photos, until Ctrl-C.

    Only this machine can reach it unless --host says otherwise.
    """
    settings = dataclasses.replace(Settings(), encoder=encoder, device=device)

    from ..studio.limits import Limits
    from ..studio.serve import LOCAL, serve

    limits = Limits(
        megabytes=max_upload, megapixels=max_pixels, seconds=time_limit, waiting=queue, scene_strokes=scene_strokes
    )
    if host not in LOCAL and not password:
        say(f"warning: whoever reaches {host} can draw here; --user and --password keep strangers out")
    serve(
        host, port, limits=limits, settings=settings, user=user, password=password, browser=browser,
        notice=None if quiet else say,
    )  # fmt: skip
