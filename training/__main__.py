"""From labelled photos to weights, in one command that may be killed and started again.

python -m training FOLDER --output embedded.safetensors

writes the weights, `embedded.json` with all figures, and `embedded.md`, the model card.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
from pathlib import Path

import torch

from . import cache, report
from .cache import CacheOptions, Entry
from .evaluate import EvaluateOptions, evaluate
from .model import OUTPUT, load, write_weights
from .parallel import write_atomically
from .photos import list_photos
from .sheet import contact_sheet
from .train import TrainOptions, train

STAGES = ("cache", "sheet", "train", "evaluate")
REMEMBERED = ("cap", "optimized", "epochs", "batch", "sizes", "rate", "photo_maps", "drawing_maps", "seed")
"""Options that the model card names where they aren't the defaults."""


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("folder", type=Path, help="labelled photos, FOLDER/<class>/*.jpg")
    add("-o", "--output", type=Path, default=OUTPUT, help="the weights")
    add("--work", type=Path, default=Path("out/training"), help="folder of cache and checkpoint")
    add("--stages", default="cache,train,evaluate", help=f"of {', '.join(STAGES)}; those before must have been run")
    add("--cap", type=int, default=45, help="most photos of a class; 0 takes all")
    add("--optimized", type=int, default=CacheOptions.optimized, help="photos that our own optimiser draws")
    add("--epochs", type=int, default=TrainOptions.epochs)
    add("--batch", type=int, default=TrainOptions.batch)
    add("--sizes", default=",".join(map(str, TrainOptions.sizes)), help="picture sides; one a batch, at random")
    add("--rate", type=float, default=TrainOptions.rate)
    add("--photo-maps", type=float, default=TrainOptions.photo_maps, help="weight of the photos' maps in the loss")
    add("--drawing-maps", type=float, default=TrainOptions.drawing_maps, help="the same of the drawings'")
    add("--drawn", type=int, default=0, help="test photos that strokewise.draw draws for a second table; slow")
    add("--device", default="cuda" if torch.cuda.is_available() else "cpu", choices=("cpu", "cuda"))
    add("--workers", type=int, help="processes that make batches; default: 0 on the CPU, else all cores but one")
    add("--cores", type=int, default=os.cpu_count() or 1)
    add("--seed", type=int, default=0)
    add("--source", default="", help="a sentence for the model card: where the photos come from")
    add("--attribution", default="", help="a sentence for the model card: what their licence asks for")
    arguments = parser.parse_args(words)
    arguments.command = "python -m training FOLDER" + "".join(
        f" --{name.replace('_', '-')} {getattr(arguments, name)}"
        for name in REMEMBERED
        if getattr(arguments, name) != parser.get_default(name)
    )
    stages = arguments.stages.split(",")
    if unknown := set(stages) - set(STAGES):
        parser.error(f"unknown stage {', '.join(sorted(unknown))}; known are {', '.join(STAGES)}")
    torch.set_num_threads(arguments.cores)
    device = arguments.device
    spare = (os.cpu_count() or 1) - 1
    workers = arguments.workers if arguments.workers is not None else 0 if device == "cpu" else spare

    labels, items = list_photos(arguments.folder, arguments.cap)
    print(f"{len(items)} photos of {len(labels)} classes, {sum(i.test for i in items)} of them for testing", flush=True)
    drawings = arguments.work / "cache"
    if "cache" in stages:
        options = CacheOptions(seed=arguments.seed, optimized=arguments.optimized)
        cache.build(items, drawings, options, arguments.cores)
    entries = [cache.read(drawings, item) for item in items]
    learn, test = [e for e in entries if not e.item.test], [e for e in entries if e.item.test]
    if "sheet" in stages:
        contact_sheet(learn, test, arguments.work / "sheet.png")
        print(arguments.work / "sheet.png")
    if "train" in stages:
        how = TrainOptions(
            epochs=arguments.epochs,
            batch=arguments.batch,
            sizes=tuple(int(size) for size in arguments.sizes.split(",")),
            rate=arguments.rate,
            photo_maps=arguments.photo_maps,
            drawing_maps=arguments.drawing_maps,
            seed=arguments.seed,
        )
        model = train(learn, labels, arguments.work / "train.pt", how, device=device, workers=workers)
        notes = {"photos": len(learn), **dataclasses.asdict(how)}
        write_weights(model, arguments.output, notes)
        print(arguments.output)
    if "evaluate" in stages:
        _evaluate(learn, test, labels, arguments)


def _evaluate(
    learn: list[Entry],
    test: list[Entry],
    labels: tuple[str, ...],
    arguments: argparse.Namespace,
) -> None:
    output: Path = arguments.output
    options = EvaluateOptions(drawn=arguments.drawn, seed=arguments.seed)
    drawings = arguments.work / "drawn"
    figures = evaluate(
        learn, test, labels, output, options, device=arguments.device, drawings=drawings, cores=arguments.cores
    )
    parameters = sum(p.numel() for p in load(output).parameters())
    figures |= {"bytes": output.stat().st_size, "parameters": parameters}
    text = json.dumps(figures, indent=1) + "\n"
    write_atomically(output.with_suffix(".json"), lambda part: part.write_text(text, "utf-8"))
    card = report.card(figures, labels, arguments.command, arguments.source, arguments.attribution)
    write_atomically(output.with_suffix(".md"), lambda part: part.write_text(card, "utf-8"))
    print(report.tables(figures))
    print(output.with_suffix(".json"), output.with_suffix(".md"), sep="\n")


if __name__ == "__main__":
    main()
