"""Are the drawings of this version better than those of an older one? Both draw the same photos, and are measured.

python -m benchmarks.quality PHOTOS --old OLD_CHECKOUT                        # two versions
python -m benchmarks.quality PHOTOS --new-options '--steps 50'                # two settings of this one
python -m benchmarks.quality RIVALS --old OLD_CHECKOUT --strokes 32 --among MORE_PHOTOS

from the root of the repository. PHOTOS holds photos, or a folder of photos for each class. Each drawing is made by its
side's own `strokewise draw`, one after the other, and kept in --work: a run that was stopped goes on. Ends with a table
(`table.md`, also printed), all figures (`quality.json`), and a contact sheet for each number of strokes.

The table has, for each number of strokes: how many drawings an independent network recognises; how the encoder of this
checkout ranks the own photo among all; how well faces and the eyes of animals show; loss, ink and processor time. The
differences are new minus old, photo by photo, with 95 % bootstrap intervals. Look at the sheets too.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from strokewise import StrokewiseError, open_photo, read_sketch
from strokewise._process import tune_process
from strokewise.bezier import lengths, split_chain
from strokewise.photo.formats import ENDINGS
from strokewise.recognition.recognizers import Recognizer

from . import sheets
from .draw import HERE, DrawError, Drawings, Drawn, Job, Side
from .features import HEADS, MarkedPhotos, Marks
from .figures import summarize, table
from .judges import JUDGE, choices_of, judge_picture, labels_for, load_judge, picture_of, read_labels
from .likeness import Framing, Gallery, spread


def list_photos(folder: Path, most: int, only: str) -> tuple[list[Path], bool]:
    """The photos of a folder, or else of the class folders in it, and whether it has class folders.

    Raises:
        SystemExit: there are none.
    """

    def photos_in(place: Path) -> list[Path]:
        found = sorted(p for p in place.iterdir() if p.suffix.lower() in ENDINGS and p.is_file())
        return [p for p in found if not p.name.endswith(sheets.RIVAL)]

    if not folder.is_dir():
        raise SystemExit(f"{folder} is no folder: give one with photos")
    found = photos_in(folder)
    classes = not found
    if classes:
        found = [p for place in sorted(folder.iterdir()) if place.is_dir() for p in photos_in(place)]
    found = [p for p in found if any(word in p.relative_to(folder).as_posix() for word in only.split(","))]
    if not found:
        raise SystemExit(f"{folder} has no photos" + (f" with {only} in their names" if only else ""))
    return spread(found, most) if most else found, classes


def draw_all(jobs: Sequence[Job], drawings: Drawings) -> tuple[dict[Job, Drawn], list[str]]:
    """All drawings, those that are missing made now; and what could not be drawn, one line each."""
    found = {job: drawn for job in jobs if (drawn := drawings.find(job)) is not None}
    failed: list[str] = []
    print(f"{len(found)} of {len(jobs)} drawings are there", flush=True)
    for job in jobs:
        if job in found:
            continue
        try:
            found[job] = drawings.make(job)
        except DrawError as error:
            failed.append(str(error))
            print(f"not drawn: {error}", file=sys.stderr, flush=True)
            continue
        named = f"{job.photo.name}, {job.strokes} strokes, {job.side.name}"
        print(f"{len(found)} of {len(jobs)}: {named}, {found[job].cpu:.1f} processor seconds", flush=True)
    return found, failed


def measure(
    drawn: Drawn,
    framing: Framing,
    gallery: Gallery,
    path: Path,
    marks: Marks,
    judged: tuple[Recognizer, str, Any] | None,
) -> dict[str, Any]:
    """All measures of one drawing that apply to it; see `figures.MEASURES`."""
    sketch = read_sketch(drawn.svg)
    rank = gallery.rank(path, framing.embedding(sketch))
    found: dict[str, Any] = {
        "cpu": drawn.cpu,
        "ink": float(sum(lengths(split_chain(stroke)).sum() for stroke in sketch.points)) / max(sketch.canvas),
        "loss": framing.loss(sketch),
        "own_loss": sketch.metadata.get("losses", {}).get("total"),
        "encoder": sketch.metadata.get("encoder"),
        "rank": rank,
        "first": None if rank is None else float(rank == 1),
        **marks.measure(sketch),
    }
    picture = picture_of(sketch)
    if judged is not None and picture is not None:
        judge, label, choices = judged
        found |= judge_picture(judge, picture, label, choices)
    return found


def main(words: Sequence[str] | None = None) -> None:
    tune_process()
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.quality", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("photos", type=Path)
    add("--old", type=Path, default=HERE, metavar="CHECKOUT", help="folder of the old version; by default this one")
    add("--new", type=Path, default=HERE, metavar="CHECKOUT", help="folder of the new version; by default this one")
    add("--old-python", default="", metavar="PYTHON", help="interpreter that draws for the old version")
    add("--new-python", default="", metavar="PYTHON", help="interpreter that draws for the new version")
    add("--old-options", default="", metavar="WORDS", help="further options of `strokewise draw`, in quotes")
    add("--new-options", default="", metavar="WORDS", help="the same for the new side")
    add("-n", "--strokes", default="4,8,16,32")
    add("--seeds", default="0", help="seeds, separated by commas")
    add("--most", type=int, default=0, metavar="N", help="so many of the photos, taken evenly; all by default")
    add("--only", default="", help="only photos whose names hold one of these, separated by commas")
    add("--work", type=Path, default=Path("out/quality"), help="folder for drawings, table and sheets")
    add("--among", type=Path, help="folder with more photos, among which drawings have to find their own")
    add("--among-most", type=int, default=500, metavar="N", help="most photos among which they have to")
    add(
        "--judge", default=str(JUDGE), help="weights by training/linear.py or training/third.py, or a recogniser's name"
    )
    add("--labels", type=Path, help='labels of the photos where their names tell none, {"name.jpg": "label"}')
    add("--heads", type=Path, default=HEADS, help="marks of animals' eyes")
    add("--rivals", type=Path, help="folder with rivals' drawings, NAME.drawing.png; by default beside the photos")
    add("--timeout", type=float, default=1800.0, help="seconds that one drawing may take")
    asked = parser.parse_args(words)
    try:
        counts = sorted({int(n) for n in asked.strokes.split(",")})
        seeds = sorted({int(n) for n in asked.seeds.split(",")})
    except ValueError:
        parser.error("--strokes and --seeds are numbers, separated by commas")
    old = Side.of("old", asked.old, asked.old_python, asked.old_options)
    new = Side.of("new", asked.new, asked.new_python, asked.new_options)
    if old.identity == new.identity:
        parser.error("both sides are the same: give --old CHECKOUT, or other --new-options")
    photos, folders = list_photos(asked.photos, asked.most, asked.only)
    judge = load_judge(asked.judge)
    labels = labels_for(photos, judge, folders, read_labels(asked.labels) if asked.labels else None)
    choices = choices_of(list(labels.values()), judge.labels or tuple(sorted(set(labels.values()))))
    if labels and len(choices) < 2:
        parser.error("one label is no choice: give --labels, or a judge that knows more")
    marked = MarkedPhotos(asked.photos, asked.heads)

    asked.work.mkdir(parents=True, exist_ok=True)
    # Old and new take turns in going first, so that what else the machine does falls on both.
    jobs = [
        Job(side, photo, count, seed)
        for k, photo in enumerate(photos)
        for count in counts
        for seed in seeds
        for side in ((old, new) if k % 2 else (new, old))
    ]
    found, failed = draw_all(jobs, Drawings(asked.work, asked.timeout))
    gallery = _gallery(asked.work, photos, asked.among, asked.among_most)

    rows: list[dict[str, Any]] = []
    meshes = 0
    for path in photos:
        mine = {job: drawn for job, drawn in found.items() if job.photo == path}
        if not mine:
            continue
        try:
            photo, framing = open_photo(path), Framing.of(path)
        except StrokewiseError as error:
            failed.append(f"{path.name}: {error}")
            continue
        marks = marked.find(path, photo)
        meshes += not marks.independent
        judged = (judge, labels[path], choices) if path in labels else None
        name = path.relative_to(asked.photos).as_posix()
        for job, drawn in mine.items():
            told = {"photo": name, "side": job.side.name, "strokes": job.strokes, "seed": job.seed}
            told |= {"label": labels.get(path), "drawing": drawn.svg.name}
            rows.append(told | measure(drawn, framing, gallery, path, marks, judged))
    if not rows:
        raise SystemExit("nothing was drawn: see the lines above")
    figures = summarize(rows)
    notes = _notes(old, new, judge, labels, choices, photos, len(gallery.rows), meshes, failed)
    text = "\n".join(notes) + "\n\n" + table(figures)
    (asked.work / "table.md").write_text(text, "utf-8")
    everything = {"notes": notes, "choices": choices, "figures": figures, "failed": failed, "drawings": rows}
    (asked.work / "quality.json").write_text(json.dumps(everything, indent=1) + "\n", "utf-8")
    print(text)
    for path in _sheets(asked, photos, counts, seeds[0], found, rows, judge, labels, choices):
        print(path)


def _gallery(work: Path, photos: Sequence[Path], among: Path | None, most: int) -> Gallery:
    """The photos, and others up to a number."""
    gallery = Gallery(work)
    for path in photos:
        gallery.add(path)
    if among is not None:
        if not among.is_dir():
            raise SystemExit(f"{among} is no folder: give one with photos")
        own = {sha256(path.read_bytes()).digest() for path in photos}
        others = [
            path
            for path in sorted(among.rglob("*"))
            if path.suffix.lower() in ENDINGS
            and not path.name.endswith(sheets.RIVAL)
            and sha256(path.read_bytes()).digest() not in own
        ]
        for path in spread(others, max(0, most - len(gallery.rows))):
            gallery.add(path)
    return gallery


def _notes(
    old: Side,
    new: Side,
    judge: Recognizer,
    labels: dict[Path, str],
    choices: Sequence[str],
    photos: Sequence[Path],
    among: int,
    meshes: int,
    failed: Sequence[str],
) -> list[str]:
    """What the reader of the table must know."""
    notes = [
        f"old: {old.described()}; new: {new.described()}; {len(photos)} photos",
        f"Recognised by {judge.name} among {len(choices)} labels; {len(labels)} of the photos have one it knows.",
        f"Loss and rank are the encoder's of this checkout, for both sides; ranks are among {among} photos.",
    ]
    if judge.name == "embedded":
        notes.append("The judge is the network that drawings are made to please: it is not independent.")
    if meshes:
        notes.append(
            f"Faces of {meshes} photos are measured against the mesh that this checkout draws from: not independent."
        )
    if failed:
        notes.append(f"Not drawn: {len(failed)}. {'; '.join(failed[:5])}")
    return [line + "\n" for line in notes]


def _sheets(
    asked: argparse.Namespace,
    photos: Sequence[Path],
    counts: Sequence[int],
    seed: int,
    found: dict[Job, Drawn],
    rows: Sequence[dict[str, Any]],
    judge: Recognizer,
    labels: dict[Path, str],
    choices: Sequence[str],
) -> list[Path]:
    """A contact sheet of each number of strokes, with what the judge said below each drawing."""
    said = {(row["photo"], row["side"], row["strokes"], row["seed"]): row.get("said") for row in rows}
    written = []
    for count in counts:
        lines = []
        for path in photos:
            drawn = {
                job.side.name: one.svg
                for job, one in found.items()
                if (job.photo, job.strokes, job.seed) == (path, count, seed)
            }
            name = path.relative_to(asked.photos).as_posix()
            told = [said.get((name, side, count, seed)) for side in ("old", "new")]
            rival = sheets.find_rival(path, asked.rivals)
            theirs = None
            if rival is not None and path in labels and (picture := picture_of(rival)) is not None:
                theirs = judge_picture(judge, picture, labels[path], choices)["said"]
            captions = [name, *(f"taken for {one}" if one else "" for one in (*told, theirs))]
            lines.append(sheets.Row(path, drawn.get("old"), drawn.get("new"), rival, captions))
        heads = ("photo", f"old, {count} strokes", f"new, {count} strokes", "rival")
        written += sheets.write_sheets(lines, heads, asked.work / f"sheet-{count}.png")
    return written


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        raise SystemExit("\nstopped; the same command goes on from there") from None
