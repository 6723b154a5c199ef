"""Errors in the words of the command line: `--force` where Python says `force=True`."""

from __future__ import annotations

import csv
import io
import shlex
from typing import Any

import typer

from ..errors import Argument, StrokewiseError


def message_of(error: StrokewiseError) -> str:
    """What is wrong and how to fix it, with the options of the command line for the arguments of Python."""
    return error.worded(_option)


def _option(argument: Argument) -> str:
    """An argument as it is typed: `--steps`, `--force`, `--device cpu`, `--labels cat,dog`."""
    flag = _flags().get(argument.name, argument.name)
    if argument.value is None or isinstance(argument.value, bool):
        return flag
    if argument.typed is not None or isinstance(argument.value, int):
        return f"{flag} {argument.value if argument.typed is None else argument.typed}"
    if isinstance(argument.value, str):
        return f"{flag} {argument.value}"
    row = io.StringIO()
    csv.writer(row, lineterminator="").writerow(argument.value)
    return f"{flag} {shlex.quote(row.getvalue())}"


def _flags() -> dict[str, str]:
    """The longest flag of each option of all commands, by the name of the parameter."""
    from . import app

    commands: dict[str, Any] = getattr(typer.main.get_command(app), "commands", {})
    return {
        parameter.name: max(parameter.opts, key=len)
        for command in commands.values()
        for parameter in command.params
        if any(opt.startswith("--") for opt in parameter.opts)
    }
