"""The main job, from a source of photos to a folder of drawings and its manifest; read it from top to bottom."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ..errors import SettingsError
from ..photo.opening import MAX_PIXELS
from ..settings import Settings, SettingsChanges, Unpack, with_changes
from .dispatch import Pool
from .job import BatchJob
from .journal import Shard
from .local import LocalPool
from .manifest import has_parquet
from .photos import INSTALL
from .plan import make_plan
from .resources import sensible_workers
from .writer import BatchProgress, ResultWriter, Summary

ENGINES = ("local", "ray")
TIMEOUT = 600.0
"""Seconds that a photo may take by default; with the paper's schedule it may take any time."""
TOGETHER = 8
"""Photos in one encoder step on a GPU. On the CPU it is one: more are no faster, and the bytes would depend on it."""


def draw_many(
    source: str | Path,
    output: str | Path,
    settings: Settings | None = None,
    *,
    engine: str = "local",
    address: str | None = None,
    workers: int | None = None,
    threads: int = 1,
    together: int | None = None,
    timeout: float | None = None,
    png: bool = False,
    shard: tuple[int, int] | None = None,
    column: str | None = None,
    mask: str | Path | None = None,
    text_column: str | None = None,
    modules: tuple[str, ...] = (),
    max_pixels: int = MAX_PIXELS,
    force: bool = False,
    skip_failed: bool = False,
    rehash: bool = False,
    callback: Callable[[BatchProgress], bool | None] | None = None,
    notice: Callable[[str], None] | None = None,
    **changes: Unpack[SettingsChanges],
) -> Summary:
    """Draw every photo of a source; finished drawings are kept.

        draw_many("photos", "drawings", strokes=8)

    Args:
        source: a folder, a glob, a list, a Parquet file: see `list_photos`.
        output: folder of drawings, made if need be: one SVG a photo in a mirrored tree, journal and manifest.
        settings: how to draw; single fields can be given by name instead or on top.
        engine: "local", processes on this machine, or "ray", actors on Ray's machines.
        address: of Ray's cluster; None takes RAY_ADDRESS, or this machine alone.
        workers: how many; None takes what cores, memory and GPUs allow.
        threads: of each worker. Another number gives other bytes on the CPU, of drawings as good.
        together: photos in one encoder step on a GPU; on the CPU always one.
        timeout: seconds a photo may take, 0 for any time; None is 600, or any time with the paper's schedule.
        png: a picture of each drawing, too.
        shard: (3, 10) draws the third of ten equal parts.
        column: of a CSV or Parquet source.
        mask: a folder of masks, named like the photos: see `list_photos`.
        text_column: of a CSV or Parquet source: what each drawing is to say, as the setting `text`.
        modules: imported first by each worker; they may register encoders.
        max_pixels: refuse larger photos.
        force: replace drawings with other settings or of another source, and files that are not ours.
        skip_failed: leave photos alone that failed before; else they are tried again.
        rehash: read finished photos, too, instead of trusting their size and times.
        callback: called after each photo; returning True stops: photos in flight get a few seconds.
        notice: called with one-line remarks.

    Returns:
        the counts.

    Raises:
        StrokewiseError: the source, a setting, the encoder, the engine or the folder will not do. Photos that will not
            do are counted and noted.
    """
    say = notice or (lambda text: None)
    settings = with_changes(settings or Settings(), changes)
    check_options(engine, workers, together, timeout, shard)
    plan = make_plan(
        source,
        Path(output),
        settings,
        png=png,
        max_pixels=max_pixels,
        threads=threads,
        modules=modules,
        shard=Shard(*shard) if shard else None,
        column=column,
        mask=mask,
        text_column=text_column,
        force=force,
        skip_failed=skip_failed,
        rehash=rehash,
        notice=say,
    )
    for remark in plan.listing.remarks:
        say(remark)
    if not has_parquet():
        say(f"the manifest is CSV only; for Parquet as well: {INSTALL}")
    writer = ResultWriter(plan, callback)
    try:
        writer.begin()
        if plan.todo:
            pool, size = open_pool(plan.job, engine, len(plan.todo), workers, address)
            writer.work(pool, together or size, seconds_for_a_photo(timeout, settings))
        return writer.end()
    finally:
        plan.journal.close()


def check_options(
    engine: str, workers: int | None, together: int | None, timeout: float | None, shard: tuple[int, int] | None
) -> None:
    """Refuse values out of their ranges.

    Raises:
        SettingsError: one is.
    """
    if engine not in ENGINES:
        raise SettingsError(f"must be one of {', '.join(ENGINES)}, not {engine!r}", setting="engine", value=engine)
    for name, value, most in (("workers", workers, 100_000), ("together", together, 256)):
        if value is not None and not 1 <= value <= most:
            raise SettingsError(f"must be a whole number from 1 to {most}, not {value}", setting=name, value=value)
    if timeout is not None and not 0 <= timeout < float("inf"):
        problem = f"must be a number of seconds, 0 for none, not {timeout}"
        raise SettingsError(problem, setting="timeout", value=timeout)
    if shard is not None and not 1 <= shard[0] <= shard[1]:
        raise SettingsError(f"must be like 3/10, not {shard[0]}/{shard[1]}", setting="shard", value=shard)


def seconds_for_a_photo(timeout: float | None, settings: Settings) -> float | None:
    """How long a photo may take; None lets it take any time.

    Args:
        timeout: as for `draw_many`.
        settings: how to draw.
    """
    if timeout is None:
        return None if settings.schedule == "paper" else TIMEOUT
    return timeout or None


def open_pool(
    job: BatchJob, engine: str, most: int, workers: int | None = None, address: str | None = None
) -> tuple[Pool, int]:
    """Workers, and how many photos each should get at once.

    Args:
        job: what they work on.
        engine: "local" or "ray".
        most: no more workers than this are of use.
        workers: how many are asked for.
        address: of Ray's cluster.

    Raises:
        StrokewiseError: there is no such cluster.
    """
    if engine == "ray":
        from .ray_pool import RayPool

        cluster = RayPool(job, workers, most, address)
        return cluster, TOGETHER if cluster.gpus else 1
    from ..engines import find_device

    gpus = 0
    if find_device(job.settings.device) == "cuda":
        import torch

        gpus = torch.cuda.device_count()
    count = min(most, workers or sensible_workers(job.threads, gpus))
    return LocalPool(job, count, gpus), TOGETHER if gpus else 1
