"""Drawings of words: does an independent network read them, alone and beside a photo?

python -m benchmarks.quality.words --output out/words  # 20 words x 3 seeds in 16 and 8 strokes
python -m benchmarks.quality.words --photos FOLDER --output out/words  # and photos in 4

prints a table and writes words.json and contact sheets. The judge is that of `benchmarks.quality`, which has no part in
making drawings or in choosing typical ones; "forced" is the share where it finds the word among all that were asked for
(of photos, among all words), "first" where it is the likeliest of all that the judge knows.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from strokewise import Settings, Sketch, imagine
from strokewise.drawing import draw_prepared
from strokewise.encoders import embedded
from strokewise.photo.preparing import prepare
from strokewise.recognition.evaluation.figures import wilson
from strokewise.recognition.inputs import sketch_picture
from strokewise.recognition.recognizers import Recognizer
from strokewise.settings import with_changes
from strokewise.words.vocabulary import known_words
from training.reader.photos import list_photos

from .judges import JUDGE, load_judge

WORDS = (
    "airplane,anchor,brontosaurus,butterfly,cat,chair,cup,dolphin,elephant,flamingo,guitar,kangaroo,laptop,pigeon,"
    "pyramid,rhinoceros,scissors,starfish,strawberry,umbrella"
)
SHOWN = 150
"""Side of a drawing on a contact sheet, pixels."""


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality.words", description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--words", default=WORDS, help="with commas between; of those that strokewise models words lists")
    add("--strokes", default="16,8", help="of drawings of words alone")
    add("--seeds", type=int, default=3, help="drawings of each word; 0 for none")
    add(
        "--photos", type=Path, nargs="*", default=[], help="photo sets, as for training.reader; held out ones are drawn"
    )
    add("--count", type=int, default=100, help="most photos")
    add("--photo-strokes", type=int, default=4)
    add("--weights", default="1", help="of the text, beside a photo")
    add("--judge", default=str(JUDGE))
    add("--output", type=Path, default=Path("out/words"))
    arguments = parser.parse_args(words)
    arguments.output.mkdir(parents=True, exist_ok=True)
    judge = load_judge(arguments.judge)
    found: dict[str, Any] = {}
    asked = [one.strip() for one in arguments.words.split(",")]
    for count in (int(one) for one in arguments.strokes.split(",")):
        if arguments.seeds:
            found[f"words alone, {count} strokes"] = alone(asked, count, arguments.seeds, judge, arguments.output)
    if arguments.photos:
        found |= beside(arguments, judge)
    (arguments.output / "words.json").write_text(json.dumps(found, indent=1), "utf-8")
    print("| drawings | number | forced | first |\n|---|---|---|---|")
    for name, rows in found.items():
        shares = (_share([row[key] for row in rows]) for key in ("forced", "first"))
        print(f"| {name} | {len(rows)} | {' | '.join(shares)} |")


def alone(words: Sequence[str], count: int, seeds: int, judge: Recognizer, output: Path) -> list[dict[str, Any]]:
    """Draw words alone and have them read; the contact sheet has a column for each word."""
    rows, shown = [], []
    for word in words:
        for seed in range(seeds):
            sketch = imagine(word, strokes=count, seed=seed, encoder="embedded", device="cpu")
            row = read(sketch, word, words, judge) | {"word": word, "seed": seed, "own": sketch.metadata.get("read")}
            print(f"{word}, {count} strokes, seed {seed}: {row['said']}", flush=True)
            rows.append(row)
            shown.append((sketch, f"{word}: {row['said']}"))
    sheet(shown, max(seeds, 5)).save(output / f"words-{count}.png")
    return rows


def beside(arguments: argparse.Namespace, judge: Recognizer) -> dict[str, list[dict[str, Any]]]:
    """Draw photos without and with their word, and have the drawings read."""
    known = known_words(embedded.load().labels)
    labels, items = list_photos(arguments.photos)
    held = [item for item in items if item.test and labels[item.label] in known]
    held.sort(key=lambda item: item.key[4:])
    weights = [0.0, *(float(one) for one in arguments.weights.split(","))]
    names = ["photos", *(f"photos with their words, weight {weight:g}" for weight in weights[1:])]
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    choices = sorted(word for word in known if word in set(labels))
    shown = []
    for item in held[: arguments.count]:
        word = labels[item.label]
        prepared = prepare(item.path, Settings(encoder="embedded", device="cpu"))
        for name, weight in zip(names, weights, strict=True):
            settings = Settings(strokes=arguments.photo_strokes, encoder="embedded", device="cpu")
            if weight:
                settings = with_changes(settings, {"text": word, "text_weight": weight})
            sketch = draw_prepared(prepared, settings)
            row = read(sketch, word, choices, judge) | {"word": word, "photo": item.key}
            rows[name].append(row)
            shown.append((sketch, f"{word}: {row['said']}"))
        print(word, [rows[name][-1]["forced"] for name in names], flush=True)
    sheet(shown, 3 * len(names)).save(arguments.output / "photos.png")
    return rows


def read(sketch: Sketch, word: str, choices: Sequence[str], judge: Recognizer) -> dict[str, Any]:
    """What the judge takes a drawing for: among some words, and among all that it knows."""
    picture = sketch_picture(sketch)[None]
    every = judge.labels or tuple(choices)
    forced = judge.probabilities(picture, choices)[0]
    first = judge.probabilities(picture, every)[0]
    return {
        "forced": int(choices[int(forced.argmax())] == word),
        "first": int(every[int(first.argmax())] == word),
        "sure": float(forced[list(choices).index(word)]),
        "said": choices[int(forced.argmax())],
    }


def sheet(drawings: Sequence[tuple[Sketch, str]], across: int) -> Image.Image:
    """Drawings in rows, with a line of text below each."""
    down = -(-len(drawings) // across)
    whole = Image.new("L", (across * SHOWN, down * (SHOWN + 14)), 255)
    pen = ImageDraw.Draw(whole)
    for place, (sketch, text) in enumerate(drawings):
        left, top = place % across * SHOWN, place // across * (SHOWN + 14)
        picture = np.round(sketch_picture(sketch)[0] * 255).astype(np.uint8)
        whole.paste(Image.fromarray(picture).resize((SHOWN, SHOWN), Image.Resampling.LANCZOS), (left, top))
        pen.text((left + 2, top + SHOWN), text, fill=0)
    return whole


def _share(values: Sequence[int]) -> str:
    low, high = wilson(sum(values), len(values))
    return f"{np.mean(values):.0%} ({low:.0%} to {high:.0%})"


if __name__ == "__main__":
    main()
