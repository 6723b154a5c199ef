"""The command line. Each command is a file of its name here and calls one function of the library. Heavy packages are
imported inside the command. What the commands share:

    options.py        options that several commands take, each declared once
    look_options.py   options of brush, colour, size, motion and page
    draw_request.py   which options of `draw` go together
    checks.py         refusing bad input before any work; opening the photo; loading networks
    messages.py       errors in the words of the command line
    terminal.py       notes, the progress bar, Ctrl-C
    report.py         writing a drawing, and reporting its loss, steps and warnings

Results go to stdout (paths of the files written, tables, JSON), everything else to stderr. Exit codes: 0 done, 1 a bug,
2 a user error (one line says how to fix it), 130 stopped by Ctrl-C.
"""

from __future__ import annotations

import contextlib
import os
import sys
import traceback
import warnings
from typing import Annotated

import typer

from .._version import __version__
from ..errors import StrokewiseError
from . import (
    batch,
    draw,
    evaluate,
    export,
    fewest,
    imagine,
    install_inkscape,
    ladder,
    matrix,
    models,
    recognize,
    scene,
    studio,
    trace,
)
from .messages import message_of
from .terminal import BUG, INTERRUPTED, MISTAKE, fail, tolerate_all_characters

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
for _command in (
    draw.draw,
    imagine.imagine,
    scene.scene,
    matrix.matrix,
    trace.trace,
    batch.batch,
    export.export,
    ladder.ladder,
    fewest.fewest,
    recognize.recognize,
    evaluate.evaluate,
    studio.studio,
    install_inkscape.install_inkscape,
):
    app.command()(_command)
app.add_typer(models.app)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: without the program's name; None takes those of the process.

    Returns:
        the exit code.
    """
    debug = os.environ.get("STROKEWISE_DEBUG", "") not in ("", "0")
    tolerate_all_characters()
    try:
        with warnings.catch_warnings():
            if not debug:
                warnings.simplefilter("ignore")  # about the insides of other packages: nothing a user could fix
            command = typer.main.get_command(app)
            # Not command.main(), which handles Ctrl-C and closed pipes itself, differently in each version.
            with command.make_context("strokewise", sys.argv[1:] if arguments is None else list(arguments)) as context:
                command.invoke(context)
        sys.stdout.flush()
        return 0
    except typer.Exit as error:
        return error.exit_code
    except KeyboardInterrupt:
        return fail("stopped", INTERRUPTED)
    except BrokenPipeError:  # the program that read our output has ended, as in `strokewise --help | head`
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except StrokewiseError as error:
        return fail(message_of(error), MISTAKE)
    except Exception as error:
        if hasattr(error, "format_message"):  # a usage error; which class it is depends on Typer's version
            command_path = getattr(getattr(error, "ctx", None), "command_path", "strokewise")
            return fail(f"{_usage(error.format_message().rstrip('.'))}; see {command_path} --help", MISTAKE)
        if _is_memory(error):
            return fail("not enough memory; try a smaller --size, fewer --candidates or fewer --strokes", MISTAKE)
        if debug:
            traceback.print_exc()
        what = f"{type(error).__name__}: {error}"
        return fail(f"this is a bug, please report it: {what} (STROKEWISE_DEBUG=1 shows where)", BUG)


@app.callback(invoke_without_command=True)
def _group(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    """Turn a photo into a line drawing of a few strokes."""
    if version:
        typer.echo(f"strokewise {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def _usage(text: str) -> str:
    """What the parser of options says is wrong, and how to fix it where it does not say so."""
    if text.startswith("Got unexpected extra argument"):
        return f"{text[0].lower()}{text[1:]}: one at a time here; for many photos strokewise batch FOLDER -o OUT"
    return text


def _is_memory(error: Exception) -> bool:
    """PyTorch reports a lack of memory as a RuntimeError of many wordings."""
    text = str(error).lower()
    return isinstance(error, MemoryError) or "out of memory" in text or "can't allocate memory" in text
