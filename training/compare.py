"""Do drawings made with the trained encoder read better than those made with the plain one?

python -m training.compare --photos FOLDER --labelled FOLDER --weights out/embedded.safetensors \\
    --third out/third.safetensors --counts 16,8,4 --semantic 0.1,0.3,1 --output out/compare

Each photo is framed once, and drawn with either encoder under the same steps and seed. Of `--photos`, a flat folder, it
makes contact sheets to be looked at; test photos of `--labelled`, one folder a class, are drawn and then named by the
third recogniser, which drew nothing, and by the trained encoder itself. `compare.json` and `compare.md` have the
figures. Drawings are kept as SVG, and made but once: a run that was killed goes on, and one that asks for more photos,
stroke counts or weights makes what is missing.
"""

from __future__ import annotations

import argparse
import dataclasses
import functools
import hashlib
import json
import os
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from strokewise import EncoderError, OutputError, Settings, Sketch, StrokewiseError, __version__, from_svg
from strokewise.drawing import draw_prepared
from strokewise.encoders import Encoder, embedded, embedded_torch, load_encoder
from strokewise.photo.preparing import prepare
from strokewise.recognition.recognizers import EmbeddedRecognizer, Recognizer

from . import judging, third
from .parallel import run_all, write_atomically
from .photos import ENDINGS, Item, list_photos

PLAIN = "efficientnet-lite0"
SKIPPED = "skipped.txt"
"""Lies in place of a photo's drawings where one of them can't be made, and says why."""


class Subject(NamedTuple):
    """A photo to draw: the file, the name of its folder of drawings, and its class, if that is known."""

    path: Path
    name: str
    label: str = ""


class Variant(NamedTuple):
    """Who compares: the plain encoder, or, where there is a weight of the semantic loss, the trained one."""

    name: str
    semantic: float | None = None


@dataclasses.dataclass(frozen=True)
class Plan:
    """What each photo is drawn with.

    Attributes:
        folder: of all that is made.
        weights: of the trained encoder.
        variants: the plain encoder first.
        counts: numbers of strokes.
        steps, seed, device: as in `Settings`.
    """

    folder: Path
    weights: Path
    variants: tuple[Variant, ...]
    counts: tuple[int, ...]
    steps: int = Settings.steps
    seed: int = 0
    device: str = "cpu"

    def file(self, subject: Subject, variant: Variant, count: int) -> Path:
        return self.folder / "drawings" / subject.name / f"{variant.name}-{count}.svg"

    def skipped(self, subject: Subject) -> Path:
        return self.folder / "drawings" / subject.name / SKIPPED


def draw_all(subjects: list[Subject], plan: Plan, cores: int) -> tuple[list[Subject], dict[str, str]]:
    """Make the drawings that are missing, one process a core and one thread a process; cores change no drawing.

    Returns:
        the photos that were drawn, and why others could not be, by their names.

    Raises:
        SystemExit: the folder holds drawings made otherwise.
    """
    _same_plan(plan)
    files = [(plan.file(s, v, n), s) for s in subjects for v in plan.variants for n in plan.counts]
    waiting = {s.name: s for path, s in files if not path.exists() and not plan.skipped(s).exists()}
    if waiting:
        run_all(functools.partial(_draw, plan=plan), list(waiting.values()), cores, "photos drawn")
    skipped = {s.name: plan.skipped(s).read_text("utf-8").strip() for s in subjects if plan.skipped(s).exists()}
    return [s for s in subjects if s.name not in skipped], skipped


def sketches(subjects: list[Subject], plan: Plan, variant: Variant, count: int) -> list[Sketch]:
    """The drawings of one kind, in the photos' order."""
    return [from_svg(plan.file(subject, variant, count).read_bytes()) for subject in subjects]


def choose(items: list[Item], labels: tuple[str, ...], count: int, seed: int) -> list[Subject]:
    """So many test photos, as evenly over the classes as can be; a larger count has those of a smaller, and more."""
    order = np.random.default_rng([seed, 3]).permutation(len(labels))
    waiting = {
        k: sorted((i for i in items if i.test and i.label == k), key=lambda i: i.key[8:], reverse=True) for k in order
    }
    chosen: list[Subject] = []
    while len(chosen) < count and any(waiting.values()):
        for k in order:
            if waiting[k] and len(chosen) < count:
                item = waiting[k].pop()
                chosen.append(Subject(item.path, f"{labels[k]}-{item.key[:8]}", labels[k]))
    return chosen


def _draw(subject: Subject, *, plan: Plan) -> None:
    torch.set_num_threads(1)  # however many processes there are: sums are then added up in the same order
    settings = Settings(encoder=PLAIN, steps=plan.steps, seed=plan.seed, device=plan.device)
    try:
        prepared = prepare(subject.path, settings)
        for count in plan.counts:
            for variant in plan.variants:
                path = plan.file(subject, variant, count)
                if path.exists():
                    continue
                path.parent.mkdir(parents=True, exist_ok=True)
                who = prepared
                if variant.semantic is not None:
                    encoder = _trained(plan.weights, variant.semantic, plan.device)
                    who = prepared._replace(encoder=encoder, encoder_name=variant.name)
                how = dataclasses.replace(settings, strokes=count, encoder=variant.name)
                draw_prepared(who, how).save(path, force=True)
    except (EncoderError, OutputError):
        raise
    except StrokewiseError as error:
        text = f"{error}\n"
        write_atomically(plan.skipped(subject), lambda part: part.write_text(text, "utf-8"))


@functools.cache
def _trained(weights: Path, semantic: float, device: str) -> Encoder:
    encoder = embedded_torch.load(weights).to(torch.device(device))
    encoder.semantic_weight = semantic
    return encoder


def _same_plan(plan: Plan) -> None:
    note = plan.folder / "options.json"
    digest = hashlib.sha256(plan.weights.read_bytes()).hexdigest()[:16]
    mine = {"weights": digest, "steps": plan.steps, "seed": plan.seed, "device": plan.device, "version": __version__}
    if note.exists() and json.loads(note.read_text("utf-8")) != mine:
        raise SystemExit(f"{plan.folder} holds drawings made otherwise ({note.name}); name another --output folder")
    write_atomically(note, lambda part: part.write_text(json.dumps(mine, indent=1) + "\n", "utf-8"))


def _flat(folder: Path) -> list[Subject]:
    """The photos that lie in a folder."""
    paths = sorted(p for p in folder.iterdir() if p.suffix.lower() in ENDINGS)
    if not paths:
        raise SystemExit(f"{folder} has no photos ({', '.join(sorted(ENDINGS))})")
    return [Subject(p, f"{p.stem}-{hashlib.sha256(p.read_bytes()).hexdigest()[:8]}") for p in paths]


def _parse(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m training.compare", description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--photos", type=Path, help="a flat folder of photos, for contact sheets")
    add("--labelled", type=Path, help="labelled photos, FOLDER/<class>/*.jpg, for figures")
    add("--weights", type=Path, default=Path("out/embedded.safetensors"), help="of the trained encoder")
    add("--third", type=Path, default=Path("out/third.safetensors"), help="of the third recogniser")
    add("--counts", default="16,8,4", help="numbers of strokes")
    add(
        "--semantic",
        default=f"{embedded.Embedded.semantic_weight:g}",
        help="weights of the trained one's semantic loss",
    )
    add("--test", type=int, default=40, help="labelled photos to draw, of those held out of training")
    add("--cap", type=int, default=45, help="most photos of a class, as when the encoder was trained; 0 takes all")
    add("--steps", type=int, default=Settings.steps)
    add("--seed", type=int, default=0)
    add("--rows", type=int, default=9, help="photos to a contact sheet")
    add("--device", default="cpu", choices=("cpu", "cuda"))
    add("--cores", type=int, default=os.cpu_count() or 1, help="processes, of one thread each")
    add("-o", "--output", type=Path, default=Path("out/compare"), help="folder of drawings, sheets and figures")
    arguments = parser.parse_args(words)
    if arguments.photos is None and arguments.labelled is None:
        parser.error("nothing to draw: give --photos, --labelled, or both")
    for name, kind in (("counts", int), ("semantic", float)):
        try:
            values = tuple(dict.fromkeys(kind(word) for word in getattr(arguments, name).split(",")))
        except ValueError:
            parser.error(f"--{name} takes numbers separated by commas, not {getattr(arguments, name)!r}")
        setattr(arguments, name, values)
    if not all(0 <= weight < float("inf") for weight in arguments.semantic):
        parser.error("--semantic takes weights from 0 on")
    if arguments.test < 1 or arguments.rows < 1 or arguments.cores < 1:
        parser.error("--test, --rows and --cores must be 1 or more")
    return arguments


def _run(arguments: argparse.Namespace) -> None:
    variants = (Variant(PLAIN), *(Variant(f"embedded-{weight:g}", weight) for weight in arguments.semantic))
    plan = Plan(
        arguments.output,
        arguments.weights,
        variants,
        arguments.counts,
        arguments.steps,
        arguments.seed,
        arguments.device,
    )
    for count in plan.counts:  # refused now, rather than for every photo
        Settings(strokes=count, steps=plan.steps, seed=plan.seed)
    trained = embedded.load(plan.weights)
    load_encoder(PLAIN)
    judges: list[Recognizer] = []
    if arguments.labelled is not None:
        judges = [third.load(arguments.third), EmbeddedRecognizer(trained)]
        labels, items = list_photos(arguments.labelled, arguments.cap)
        for judge in judges:
            if unknown := sorted(set(labels) - set(judge.labels or ())):
                raise SystemExit(f"the recogniser {judge.name} was not taught {', '.join(unknown[:5])}")
    if arguments.photos is not None:
        drawn, skipped = draw_all(_flat(arguments.photos), plan, arguments.cores)
        _tell(skipped)
        for count in plan.counts:
            columns = [(v.name, sketches(drawn, plan, v, count)) for v in variants]
            for path in judging.write_sheets([s.path for s in drawn], columns, plan.folder, count, arguments.rows):
                print(path, flush=True)
    if arguments.labelled is not None:
        drawn, skipped = draw_all(choose(items, labels, arguments.test, plan.seed), plan, arguments.cores)
        _tell(skipped)
        if not drawn:
            raise SystemExit(f"no test photo of {arguments.labelled} could be drawn")
        drawings = {(v.name, n): sketches(drawn, plan, v, n) for n in plan.counts for v in variants}
        names = {s.name: s.label for s in drawn}
        figures = judging.judge_all(judges, drawings, names, [v.name for v in variants], plan.counts)
        figures |= {"steps": plan.steps, "seed": plan.seed, "cap": arguments.cap, "skipped": skipped}
        text = json.dumps(figures, indent=1, ensure_ascii=False) + "\n"
        write_atomically(plan.folder / "compare.json", lambda part: part.write_text(text, "utf-8"))
        table = judging.table(figures)
        write_atomically(plan.folder / "compare.md", lambda part: part.write_text(table, "utf-8"))
        print(table, plan.folder / "compare.json", plan.folder / "compare.md", sep="\n")


def _tell(skipped: dict[str, str]) -> None:
    for name, reason in skipped.items():
        print(f"skipped {name}: {reason}", flush=True)


def main(words: list[str] | None = None) -> None:
    arguments = _parse(words)
    try:
        _run(arguments)
    except StrokewiseError as error:
        raise SystemExit(str(error)) from error


if __name__ == "__main__":
    main()
