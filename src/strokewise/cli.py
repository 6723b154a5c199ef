"""The command line. One command is one function of the library; anything heavy is imported inside the command.

Results go to stdout (the paths of the files written), everything else to stderr. Exit codes: 0 done, 1 a bug, 2 a
mistake the user can mend (one line says how), 130 stopped by Ctrl-C.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import signal
import sys
import traceback
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ._version import __version__
from .cli_models import app as models_app
from .errors import OutputError, SettingsError, StrokewiseError
from .process import tune_process
from .settings import Settings

if TYPE_CHECKING:
    from .race import Progress
    from .sketch import Sketch

BUG, MISTAKE, INTERRUPTED = 1, 2, 130
MOST_PIXELS = 10_000.0

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
app.add_typer(models_app)
_default = Settings()


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
        return _fail("stopped", INTERRUPTED)
    except BrokenPipeError:  # whoever read our output has gone, as in `strokewise --help | head`
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except SettingsError as error:
        option = str(error).split(" ")[0] in {field.name for field in dataclasses.fields(Settings)}
        return _fail(f"--{error}" if option else str(error), MISTAKE)
    except StrokewiseError as error:
        return _fail(str(error), MISTAKE)
    except Exception as error:
        if hasattr(error, "format_message"):  # a usage error; which class it is depends on Typer's version
            return _fail(f"{error.format_message().rstrip('.')}; see strokewise --help", MISTAKE)
        if _is_memory(error):
            return _fail("not enough memory; try a smaller --size, fewer --candidates or fewer --strokes", MISTAKE)
        if debug:
            traceback.print_exc()
        what = f"{type(error).__name__}: {error}"
        return _fail(f"this is a bug, please report it: {what} (STROKEWISE_DEBUG=1 shows where)", BUG)


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


@app.command()
def draw(
    photo: Annotated[Path, typer.Argument(metavar="PHOTO", help="The photo: JPEG, PNG, HEIC, WebP, TIFF...")],
    strokes: Annotated[
        int,
        typer.Option(
            "-n",
            "--strokes",
            help="How many strokes, 1 to 256: 4 is the bare gesture, 16 a clear drawing, 32 a faithful sketch.",
        ),
    ] = _default.strokes,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help="Where to write; the ending chooses the format, .svg or .png. "
            "Unless given, the photo's name ending in .svg, in the current folder.",
        ),
    ] = None,
    png: Annotated[bool, typer.Option("--png", help="Write a preview too, beside the SVG: NAME-preview.png.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace files that are there.")] = False,
    seed: Annotated[
        int,
        typer.Option(
            help="0 to 4294967295. Another seed gives another, equally good drawing; the same one the same file."
        ),
    ] = _default.seed,
    candidates: Annotated[
        int,
        typer.Option(
            help="Drawings started side by side, 1 to 64; the best is kept: 1 is quickest, 8 leaves more choice."
        ),
    ] = _default.candidates,
    steps: Annotated[
        int,
        typer.Option(
            help="Most optimisation steps, 0 to 100000; it stops early once nothing improves: "
            "0 shows the strokes as first placed, 20 a rough fit, 200 what patience can add."
        ),
    ] = _default.steps,
    encoder: Annotated[
        str,
        typer.Option(help='Network that compares drawing and photo; "auto" takes the best at hand and says which.'),
    ] = _default.encoder,
    placement: Annotated[
        str,
        typer.Option(
            help='First strokes: "contour" follows outline and inner edges, "saliency" scatters short strokes '
            "where the network looks."
        ),
    ] = _default.placement,
    schedule: Annotated[
        str,
        typer.Option(
            help='How strokes are moved: "swift" in tens of steps, "paper" by the published loop, which wants '
            "--steps 2001 and half an hour."
        ),
    ] = _default.schedule,
    subject: Annotated[
        str,
        typer.Option(
            help='Background: "remove" draws the subject alone, "keep" the whole picture, "auto" decides by how much '
            "of the picture is subject."
        ),
    ] = _default.subject,
    width: Annotated[
        float,
        typer.Option(
            help="Stroke width, 0.1 to 20, in pixels of a 224 px canvas: 0.7 is a fine pen, 1.5 a pen, 4 a marker."
        ),
    ] = _default.width,
    size: Annotated[
        int,
        typer.Option(
            help="Side of the working canvas in pixels, 64 to 1024: 112 is quick and coarse, 448 slow and fine. "
            "The drawing has the photo's own size either way."
        ),
    ] = _default.size,
    device: Annotated[str, typer.Option(help='Where to compute: "auto", "cpu", "cuda" or "mps".')] = _default.device,
    max_pixels: Annotated[
        float | None,
        typer.Option(
            metavar="MILLIONS",
            help="Refuse photos of more than this many million pixels, over 0 to 10000; 100 unless given: "
            "20 bounds the memory strangers can make it use, 500 lets a panorama pass.",
        ),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print nothing but warnings and errors.")] = False,
) -> None:
    """Draw PHOTO with a few strokes, as an SVG.

    Ctrl-C once saves the best drawing so far; twice stops at once.
    """
    settings = Settings(
        strokes=strokes,
        seed=seed,
        candidates=candidates,
        steps=steps,
        encoder=encoder,
        placement=placement,
        schedule=schedule,
        subject=subject,
        width=width,
        size=size,
        device=device,
    )
    if max_pixels is not None and not 0 < max_pixels <= MOST_PIXELS:
        raise SettingsError(f"--max-pixels must be a number over 0, at most {MOST_PIXELS:g}, not {max_pixels:g}")
    output = output or Path(f"{photo.stem or 'drawing'}.svg")
    preview = output.with_name(f"{output.stem}-preview.png") if png and output.suffix.lower() != ".png" else None
    for path in (output, preview):
        if path is not None:
            _check_output(path, photo, force)

    from .photo import MAX_PIXELS, open_photo

    opened = open_photo(photo, max_pixels=MAX_PIXELS if max_pixels is None else int(max_pixels * 1e6))

    tune_process()

    # A first download shows a bar of its own, so it comes before ours.
    from .encoders import prepare_encoder

    prepare_encoder(encoder, notice=None if quiet else _say, progress=not quiet)

    with _watch(shown=not quiet and sys.stderr is not None and sys.stderr.isatty()) as watch:
        from .drawing import draw as draw_photo

        sketch = draw_photo(opened, settings, callback=watch.step, notice=watch.notice)
        watch.finish(sketch)
        written = [sketch.save(output, force=force)]
        if preview is not None:
            written.append(sketch.save(preview, force=force))
        watch.stop()
        if not quiet:
            for path in written:
                _print_path(path)
        if sketch.metadata["stopped"] == "diverged":
            _say(
                f"warning: the loss was no longer a number at step {sketch.metadata['steps']}; kept the best before it"
            )
        if watch.interrupted:
            _say(f"stopped at step {sketch.metadata['steps']} of {steps}; the best drawing so far is in {output}")
            raise typer.Exit(INTERRUPTED)


class _Watch:
    """Shows how a drawing comes along, and listens for Ctrl-C once there is something to save."""

    def __init__(self, shown: bool) -> None:
        self.interrupted = False
        self._armed = False
        self._bar: Any = None
        if shown:
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

            self._bar = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                TextColumn("{task.fields[loss]}"),
                TimeElapsedColumn(),
                TextColumn("left"),
                TimeRemainingColumn(),
                console=Console(stderr=True),
                transient=True,
            )
            self._task = self._bar.add_task("looking", total=None, loss="")

    def start(self) -> None:
        if self._bar is not None:
            self._bar.start()

    def stop(self) -> None:
        if self._bar is not None:
            self._bar.stop()

    def notice(self, text: str) -> None:
        """A remark, above the bar."""
        if self._bar is not None:
            self._bar.console.print(text, markup=False, highlight=False, soft_wrap=True)

    def step(self, told: Progress) -> bool:
        """After each step; True asks the drawing to stop with the best so far."""
        if not self._armed:
            self._armed = True
            if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
                with contextlib.suppress(ValueError):  # not in the main thread: Ctrl-C is not ours to hear
                    signal.signal(signal.SIGINT, self._interrupt)
        if self._bar is not None:
            self._bar.update(
                self._task,
                description=f"{len(told.points)} strokes",
                total=max(told.steps, 1),
                completed=told.step,
                loss=f"loss {told.loss:.3f}",
            )
        return self.interrupted

    def finish(self, sketch: Sketch) -> None:
        """How it came out, in one line."""
        known = sketch.metadata
        before, after = known["placement_losses"]["total"], known["losses"]["total"]
        how = {"converged": "converged after", "asked": "stopped after"}.get(known["stopped"], "took")
        self.notice(f"{len(sketch)} strokes, loss {before:.3f} -> {after:.3f}, {how} {known['steps']} steps")

    def _interrupt(self, signal_number: int, frame: FrameType | None) -> None:
        if self.interrupted:
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # a third one shall not disturb the tidying up
            raise KeyboardInterrupt
        self.interrupted = True


@contextlib.contextmanager
def _watch(shown: bool) -> Iterator[_Watch]:
    """A `_Watch` whose bar and handler are taken down again, however the drawing ends."""
    before = signal.getsignal(signal.SIGINT)
    watch = _Watch(shown)
    watch.start()
    try:
        yield watch
    finally:
        watch.stop()
        with contextlib.suppress(ValueError, TypeError):
            signal.signal(signal.SIGINT, before)


def _check_output(path: Path, photo: Path, force: bool) -> None:
    """Refuse, before any work, a place that cannot be written, and the photo itself even with --force."""
    from .export.files import check_writable

    same = False
    with contextlib.suppress(OSError, ValueError):
        same = path.samefile(photo)
    if same:
        raise OutputError(f"{path} is the photo itself: choose another name with --output")
    check_writable(path, force)


def _is_memory(error: Exception) -> bool:
    """PyTorch reports a lack of memory as a RuntimeError of many wordings."""
    text = str(error).lower()
    return isinstance(error, MemoryError) or "out of memory" in text or "can't allocate memory" in text


def _print_path(path: Path) -> None:
    """A written file's path to stdout, byte for byte, whatever its name."""
    if sys.stdout is None:
        return
    with contextlib.suppress(AttributeError, ValueError):
        sys.stdout.reconfigure(errors="surrogateescape")  # type: ignore[union-attr]
    print(path)


def _say(text: str) -> None:
    """One line on stderr. Control characters, which file names may hold, are written out."""
    if sys.stderr is not None:
        line = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
        print(f"strokewise: {line}", file=sys.stderr)


def _fail(text: str, code: int) -> int:
    _say(text)
    return code
