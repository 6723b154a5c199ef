"""Cache photos, and train; may be killed at any time, and continues by the same command.

python -m training.reader cache FOLDER...
python -m training.reader train FOLDER... [--finish 600 --sizes 160,192]
"""

from __future__ import annotations

import argparse
import os
import signal
import time
from pathlib import Path

import numpy as np
import torch

from ..model import OUTPUT
from ..model import load as load_older
from . import cache
from .batches import SIZES, Sampler
from .judge import read
from .photos import list_photos
from .start import fit_words, start
from .train import Options, load, new_state, run, save


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m training.reader", description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("stage", choices=("cache", "train"))
    add("folders", type=Path, nargs="+", help="photo sets, FOLDER/<class>/*.jpg or FOLDER/<set>/<class>/*.jpg")
    add("--work", type=Path, default=Path("out/reader"), help="folder of cache and checkpoint")
    add("--teacher", type=Path, default=OUTPUT, help="the older encoder, which python -m training makes")
    add("--begin", type=Path, help="exported weights to train on; a new training begins with the older encoder's")
    add("--cap", type=int, default=50, help="most photos of a class folder; 0 takes all")
    add("--steps", type=int, default=1_000_000, help="stop at this step")
    add("--finish", type=int, default=0, help="let the step sizes fall to nothing over so many steps, and stop")
    add("--minutes", type=float, default=float("inf"), help="stop after so many minutes")
    add("--cores", type=int, default=os.cpu_count() or 1)
    add("--refresh", type=int, default=400, help="steps after which photos newly in the cache are taken up")
    add("--sizes", default=",".join(map(str, SIZES)), help="picture sides; one a batch, at random")
    arguments = parser.parse_args(words)
    sizes = tuple(int(size) for size in arguments.sizes.split(","))
    torch.set_num_threads(arguments.cores)
    labels, items = list_photos(arguments.folders, arguments.cap)
    folder = arguments.work / "cache"
    if arguments.stage == "cache":
        cache.build(items, folder, arguments.cores, arguments.teacher)
        return
    learn = [item for item in items if not item.test]
    checkpoint = arguments.work / "train.pt"
    options = Options()
    entries = cache.read_all(learn, folder)
    print(f"{len(entries)} of {len(learn)} photos of {len(labels)} words", flush=True)
    if checkpoint.exists():
        state = load(checkpoint, options)
    elif arguments.begin is not None:
        student, _ = read(arguments.begin)
        if student.labels != labels:
            raise SystemExit(f"{arguments.begin} knows other words than these folders have")
        state = new_state(student.requires_grad_(True), options)
    else:
        torch.manual_seed(options.seed)
        batch = [Sampler(entries, 12, 3, seed=7, altered=0, sizes=(192,)).batch(k) for k in range(2)]
        student = start(
            labels,
            torch.cat([torch.cat([b.photos, b.drawings[: len(b.photos)]]) for b in batch]),
            load_older(arguments.teacher),
        )
        print(f"words fitted: {fit_words(student, entries):.3f} of the photos right", flush=True)
        state = new_state(student, options)
    if arguments.finish and state.finish is None:
        state.finish = (state.step, state.step + arguments.finish)
    last = state.finish[1] if state.finish else arguments.steps

    def keep() -> None:
        save(state, checkpoint)
        print(f"checkpoint at step {state.step}", flush=True)

    ended: list[int] = []
    for name in (signal.SIGTERM, signal.SIGINT):  # what was learnt since the last checkpoint is saved too
        signal.signal(name, lambda number, _: ended.append(number))
    np.seterr(all="raise", under="ignore")
    started = time.monotonic()
    while state.step < last:
        sampler = Sampler(entries, seed=options.seed, sizes=sizes)
        until = min(last, (state.step // arguments.refresh + 1) * arguments.refresh)
        whole = len(entries) == len(learn)
        run(
            state,
            sampler,
            options,
            last if whole else until,
            keep,
            seconds=arguments.minutes * 60 - (time.monotonic() - started),
            stop=lambda: bool(ended),
            tell=lambda text: print(text, flush=True),
        )
        if whole or state.step < until:
            break
        known = {entry.item.key for entry in entries}
        entries += cache.read_all([item for item in learn if item.key not in known], folder)
        print(f"{len(entries)} of {len(learn)} photos", flush=True)


if __name__ == "__main__":
    main()
