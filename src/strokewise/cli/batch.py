"""`strokewise batch`: many photos, resumable, on one machine or a cluster."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .._process import tune_process
from .._text import first_of, plural
from ..errors import SettingsError
from ..settings import Settings
from .checks import check_folder, have_encoders, pixel_bound
from .options import Force, MaxPixels, Modules, Quiet, fixed_count, number, takes_settings
from .terminal import INTERRUPTED, MISTAKE, Watch, print_text, printable, say, watch

if TYPE_CHECKING:
    from ..batch import BatchProgress, Estimate, Summary

SOME_FAILED, TERMINATED = 1, 143
"""Exit codes besides those of all commands: some photos failed or are left; stopped by SIGTERM."""
LINE = 30.0
"""Seconds between lines about the progress where there is no bar."""


@takes_settings
def batch(
    source: Annotated[
        str,
        typer.Argument(
            metavar="SOURCE",
            help="A folder of photos, with its subfolders; a glob in quotes; a text or CSV file of paths; a Parquet "
            "file of paths or bytes; or one of these at an address that fsspec reads: s3://, gs://, https://.",
        ),
    ],
    *,
    output: Annotated[
        Path,
        typer.Option("-o", "--output", metavar="OUT", help="Folder for drawings and manifest, created if missing."),
    ],
    strokes: Annotated[
        str, typer.Option("-n", "--strokes", metavar="COUNT", help="How many strokes each drawing has, 1 to 256.")
    ] = str(Settings().strokes),
    png: Annotated[bool, typer.Option("--png", help="Also write a picture of each drawing: NAME.png.")] = False,
    engine: Annotated[
        str,
        typer.Option(
            help='"local" for processes on this machine, "ray" for actors on a Ray cluster; the drawings are the same.'
        ),
    ] = "local",
    address: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help='Address of the Ray cluster: "auto" finds the one this machine is in. By default RAY_ADDRESS or, '
            "without it, this machine alone.",
        ),
    ] = None,
    workers: Annotated[
        int | None,
        number("workers", int, metavar="COUNT", help="Processes; by default as many as cores, memory and GPUs allow."),
    ] = None,
    threads: Annotated[
        int,
        number(
            "threads",
            int,
            metavar="COUNT",
            help="Threads of each worker: 1 draws most photos a minute; other values change drawings slightly.",
        ),
    ] = 1,
    together: Annotated[
        int | None,
        number(
            "together",
            int,
            metavar="COUNT",
            help="Photos in one encoder step on a GPU, 1 to 256; on the CPU always one.",
        ),
    ] = None,
    timeout: Annotated[
        float | None,
        number(
            "timeout",
            float,
            metavar="SECONDS",
            help="Skip a photo that takes longer, 0 for no limit; 600 by default, no limit with --schedule paper.",
        ),
    ] = None,
    shard: Annotated[
        str | None,
        typer.Option(metavar="K/N", help="Draw one of N equal parts, such as 3/10: for schedulers that start N jobs."),
    ] = None,
    column: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Column of a CSV or Parquet file; needed if no column has a usual name."),
    ] = None,
    mask: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Folder of masks, named like the photos, white or opaque on the subject. Without it, masks are those "
            'that the column "mask" of a CSV or Parquet file names.',
        ),
    ] = None,
    text_column: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Column of a CSV or Parquet file with what each drawing is to say, as --text."
        ),
    ] = None,
    modules: Modules = None,
    force: Force = False,
    skip_failed: Annotated[
        bool, typer.Option("--skip-failed", help="Skip photos that failed before instead of trying again.")
    ] = False,
    rehash: Annotated[
        bool, typer.Option("--rehash", help="Read finished photos again instead of relying on their sizes and times.")
    ] = False,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run", help="Draw a few, write nothing, and estimate time and space for all on this machine."
        ),
    ] = False,
    json_log: Annotated[
        bool, typer.Option("--json-log", help="Print one JSON object per line on stdout, one for each photo.")
    ] = False,
    settings: Settings,
    max_pixels: MaxPixels = None,
    quiet: Quiet = False,
) -> None:
    """Draw many photos into OUT: an SVG each, and a manifest.

    The same command continues after any stop. A photo that cannot be drawn is recorded, and the others are drawn.
    Ctrl-C or SIGTERM once gives the photos in progress ten seconds and writes the manifest, twice stops at once. Exit
    code 0: all are drawn; 1: some failed or are left; 2: none is drawn.
    """
    settings = dataclasses.replace(
        settings, strokes=fixed_count(strokes, 'must be a whole number from 1 to 256 here; "auto" is for single photos')
    )
    bound, part = pixel_bound(max_pixels), _parse_shard(shard)
    if address is not None and engine != "ray":
        raise SettingsError("is for --engine ray", setting="address", value=address)
    check_folder(output)

    tune_process()
    from ..batch import draw_many
    from ..batch.drawer import init_worker
    from ..batch.job import BatchJob
    from ..batch.run import check_options

    check_options(engine, workers, together, timeout, part)
    init_worker(BatchJob(settings, modules=tuple(modules or ())))
    have_encoders(settings, quiet)

    with watch(quiet or json_log) as watching, _terminated() as ended:
        watching.listen()
        shared: dict[str, Any] = {
            "png": png,
            "max_pixels": bound,
            "threads": threads,
            "modules": tuple(modules or ()),
            "column": column,
            "mask": mask,
            "text_column": text_column,
            "force": force,
            "skip_failed": skip_failed,
            "rehash": rehash,
            "notice": watching.remark if not json_log else lambda text: None,
        }
        if dry_run:
            _estimate((source, output, settings), part, workers, timeout, watching, ended, json_log, **shared)
            return
        summary = draw_many(
            source,
            output,
            settings,
            engine=engine,
            address=address,
            workers=workers,
            together=together,
            timeout=timeout,
            shard=part,
            callback=_follow(watching, ended, quiet, json_log),
            **shared,
        )
    _report(summary, quiet, json_log)
    code = exit_code(summary)
    if summary.stopped == "asked":
        code = TERMINATED if ended else INTERRUPTED
    if code:
        raise typer.Exit(code)


def _estimate(
    job: tuple[str, Path, Settings],
    part: tuple[int, int] | None,
    workers: int | None,
    timeout: float | None,
    watching: Watch,
    ended: list[int],
    json_log: bool,
    **options: Any,
) -> None:
    """Draw a few photos, write nothing, and print what the whole job would take.

    Args:
        job: source, output folder and settings.
        part: number of the shard and how many there are; None for all photos.
        workers: how many processes would draw; None for as many as fit.
        timeout: seconds for one photo; None for the usual ones.
        watching: knows whether Ctrl-C was pressed.
        ended: not empty once SIGTERM has come.
        json_log: print JSON.
        options: as for `make_plan`.

    Raises:
        typer.Exit: it was stopped.
    """
    from ..batch import estimate, make_plan
    from ..batch.journal import Shard
    from ..batch.run import seconds_for_a_photo

    plan = make_plan(*job, shard=Shard(*part) if part else None, **options)
    limit = seconds_for_a_photo(timeout, job[2])
    with contextlib.closing(plan.journal):
        found = estimate(plan, workers, limit, lambda: watching.interrupted or bool(ended))
    _print_json("estimate", dataclasses.asdict(found)) if json_log else print_text(describe_estimate(found))
    if watching.interrupted or ended:
        raise typer.Exit(TERMINATED if ended else INTERRUPTED)


def _report(summary: Summary, quiet: bool, json_log: bool) -> None:
    """Print what failed, the counts, and why it stopped."""
    if json_log:
        _print_json("end", dataclasses.asdict(summary))
    elif not quiet:
        for name, error in summary.failures:
            say(f"{name}: {error}")
        for name, remark in summary.remarks:
            say(f"warning: {name} {remark}")
        print_text(describe_summary(summary))
    if summary.singly:
        photos = f"{plural(summary.singly, 'photo')} drawn one by one, which is slower"
        reason = f"drawing them together failed ({summary.singly_reason})"
        say(f"warning: {photos}, since {reason}: a smaller --together needs less memory")
    if summary.stopped:
        say("stopped; the same command goes on from there" if summary.stopped == "asked" else summary.stopped)


def exit_code(summary: Summary) -> int:
    """0 if all are drawn, 1 if some are not, 2 if none is."""
    if not summary.drawn + summary.before:
        return MISTAKE
    return SOME_FAILED if summary.failed or summary.left or summary.passed else 0


def describe_summary(summary: Summary) -> str:
    """The counts, as text for people."""
    lines = [f"{summary.drawn} drawn, {summary.failed} failed, {summary.before} there before, {summary.left} left"]
    if summary.passed:
        lines[0] += f", {summary.passed} left out that failed before"
    if summary.drawn:
        rate = 60 * summary.drawn / max(summary.seconds, 1e-3)
        lines.append(f"{_span(summary.seconds)}, {rate:.1f} a minute")
    if summary.left_out:
        lines.append(f"{plural(len(summary.left_out), 'file')} left out: {printable(first_of(summary.left_out))}")
    return "\n".join([*lines, *(f"manifest: {printable(str(path))}" for path in summary.manifest)])


def describe_estimate(estimate: Estimate) -> str:
    """The estimate, as text for people."""
    lines = [f"{plural(estimate.total, 'photo')}, {estimate.finished} drawn already, {estimate.todo} to draw"]
    if estimate.failed:
        lines.append(f"{estimate.failed} of {estimate.probed} tried could not be drawn")
    if estimate.each is not None and estimate.seconds is not None:
        workers = f"{estimate.workers} process{'es' if estimate.workers > 1 else ''}"
        lines.append(f"{estimate.each:.1f} s each: about {_span(estimate.seconds)} with {workers} on this machine")
    if estimate.bytes is not None:
        free = "" if estimate.free is None else f"; {_size(estimate.free)} are free"
        lines.append(f"about {_size(estimate.bytes)} of drawings{free}")
    if estimate.memory is not None:
        lines.append(f"up to {_size(estimate.memory)} of memory a process")
    return "\n".join(lines)


def _follow(watching: Watch, ended: list[int], quiet: bool, json_log: bool) -> Callable[[BatchProgress], bool]:
    """A callback that shows the progress and says whether to stop."""
    last = [time.monotonic()]

    def follow(progress: BatchProgress) -> bool:
        rate = progress.drawn / max(progress.seconds, 1e-3)
        left = (progress.total - progress.done) / rate if rate else None
        if json_log and progress.record is not None:
            _print_json("photo", {**progress.record, "done": progress.done, "total": progress.total})
        failed = f", {progress.failed} failed" if progress.failed else ""
        watching.show(
            f"{progress.done} of {progress.total}{failed}", progress.done, progress.total, f"{60 * rate:.1f} a minute"
        )
        now = time.monotonic()
        if now - last[0] > LINE and not (quiet or json_log or (sys.stderr is not None and sys.stderr.isatty())):
            last[0] = now
            remaining = "" if left is None else f", {_span(left)} left"
            say(f"{progress.done} of {progress.total}{failed}, {60 * rate:.1f} a minute{remaining}")
        return watching.interrupted or bool(ended)

    return follow


@contextlib.contextmanager
def _terminated() -> Iterator[list[int]]:
    """Not empty once SIGTERM has come, which schedulers send some seconds before SIGKILL; a second one ends at once."""
    got: list[int] = []

    def hear(number: int, frame: Any) -> None:
        if got:
            raise KeyboardInterrupt
        got.append(number)

    before = signal.getsignal(signal.SIGTERM)
    with contextlib.suppress(ValueError):  # not in the main thread
        signal.signal(signal.SIGTERM, hear)
    try:
        yield got
    finally:
        with contextlib.suppress(ValueError, TypeError):
            signal.signal(signal.SIGTERM, before)


def _parse_shard(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    number, slash, of = text.partition("/")
    if not (slash and number.strip().isdecimal() and of.strip().isdecimal()):
        raise SettingsError(f"must be like 3/10, not {text!r}", setting="shard", value=text)
    return int(number), int(of)


def _print_json(event: str, what: dict[str, Any]) -> None:
    print_text(json.dumps({"event": event, **what}, default=str))
    if sys.stdout is not None:
        sys.stdout.flush()


def _span(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 120:
        return f"{minutes} min"
    hours = minutes / 60
    return f"{hours:.1f} h" if hours < 48 else f"{hours / 24:.1f} days"


def _size(count: int) -> str:
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= factor:
            return f"{count / factor:.1f} {unit}"
    return f"{count} bytes"
