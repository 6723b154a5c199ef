"""The command line. Each command has a file of its name here and is one function of the library; anything heavy is
imported inside the command. What the commands share:

    options.py    options that several of them take, each declared once
    look.py       options of how a drawing comes out
    prepare.py    refusing what cannot end well, before any work
    terminal.py   remarks, the progress bar, Ctrl-C
    outcome.py    writing a drawing, and telling how it came out

Results go to stdout (paths of the files written, tables, JSON), everything else to stderr. Exit codes: 0 done, 1 a bug,
2 a mistake the user can mend (one line says how), 130 stopped by Ctrl-C.
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import re
import shlex
import sys
import traceback
import warnings
from typing import Annotated, Any

import typer

from .._version import __version__
from ..errors import SettingsError, StrokewiseError
from . import batch, draw, evaluate, export, fewest, ladder, models, recognize, studio
from .terminal import BUG, INTERRUPTED, MISTAKE, fail

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
for _command in (
    draw.draw,
    batch.batch,
    export.export,
    ladder.ladder,
    fewest.fewest,
    recognize.recognize,
    evaluate.evaluate,
    studio.studio,
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
    try:
        with warnings.catch_warnings():
            if not debug:
                warnings.simplefilter("ignore")  # about the insides of other packages: nothing a user could mend
            command = typer.main.get_command(app)
            # Not command.main(), which has its own mind about Ctrl-C and closed pipes, another in each version.
            with command.make_context("strokewise", sys.argv[1:] if arguments is None else list(arguments)) as context:
                command.invoke(context)
        sys.stdout.flush()
        return 0
    except typer.Exit as error:
        return error.exit_code
    except KeyboardInterrupt:
        return fail("stopped", INTERRUPTED)
    except BrokenPipeError:  # whoever read our output has gone, as in `strokewise --help | head`
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except StrokewiseError as error:
        return fail(_in_options(error), MISTAKE)
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


def _in_options(error: StrokewiseError) -> str:
    """What is wrong, in the words of the command line: the library says `force=True` or "steps must be...", for which
    one types --force and --steps here."""
    commands: dict[str, Any] = getattr(typer.main.get_command(app), "commands", {})
    flags = {
        parameter.name: max(parameter.opts, key=len)
        for each in commands.values()
        for parameter in each.params
        if any(opt.startswith("--") for opt in parameter.opts)
    }
    text = str(error)
    name, _, rest = text.partition(" ")
    if name in flags and (isinstance(error, SettingsError) or rest.startswith("must ")):
        text = f"{flags[name]} {rest}"
    # Not what stands in a path.
    names = "|".join(flags)
    listed = re.compile(rf"(?<![\w./-])({names})=(\[\"[^\]]*\"\])")
    text = listed.sub(lambda found: f"{flags[found[1]]} {_list(json.loads(found[2]))}", text)
    given = re.compile(rf"(?<![\w./-])({names})=(?:True|\"([^\"]*)\")(?![\w./-])")
    text = given.sub(lambda found: f"{flags[found[1]]} {found[2] or ''}".rstrip(), text)
    return re.sub(r"(?<![\w./-])max_pixels(?![\w./-])", "--max-pixels", text)


def _list(words: list[str]) -> str:
    """Words as one argument: commas between, in quotes if need be."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="").writerow(words)
    return shlex.quote(buffer.getvalue())


def _usage(text: str) -> str:
    """What the parser of options says is wrong, in our words."""
    if found := re.fullmatch(r"Invalid value for (.*?): (.*?) is not in the range (\S*)", text):
        low, high = (re.search(pattern, found[3]) for pattern in (r"(-?[\d.]+)<=x|x>=(-?[\d.]+)", r"x<=(-?[\d.]+)"))
        span = f"from {low[1] or low[2]}" if low else "any"
        return f"{_flag(found[1])} must be a whole number {span}{f' to {high[1]}' if high else ' up'}, not {found[2]}"
    if found := re.fullmatch(r"Invalid value for (.*?): ('.*') is not a valid (int|float)\w*(?: range)?", text):
        kind = "whole number" if found[3] == "int" else "number"
        return f"{_flag(found[1])} must be a {kind}, not {found[2]}"
    if text.startswith("Got unexpected extra argument"):
        return f"{text[0].lower()}{text[1:]}: one at a time here; for many photos strokewise batch FOLDER -o OUT"
    return text


def _flag(hint: str) -> str:
    """The longest of the names that the parser tells of an option: "'-n' / '--strokes'"."""
    return max((name.strip("' ") for name in hint.split("/")), key=len)


def _is_memory(error: Exception) -> bool:
    """PyTorch reports a lack of memory as a RuntimeError of many wordings."""
    text = str(error).lower()
    return isinstance(error, MemoryError) or "out of memory" in text or "can't allocate memory" in text
