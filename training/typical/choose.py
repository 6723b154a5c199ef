"""The typical drawings of each word, of the placements that `gather` made: those that read best, and differ.

python -m training.typical.choose --work out/typical --output src/strokewise/words

writes typical.safetensors and a contact sheet. A placement counts by how likely the package's own recogniser finds the
word, of all that it knows, in 8 and 16 strokes and under several views; of a word that it does not know, by how near
a placement's embedding is to that of the others. `rejected.txt` lists photos, by digest, whose drawings a person
looked at and would not have named. No other network and no drawing by a person takes part.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from strokewise._arrays import Array
from strokewise.encoders import embedded
from strokewise.engines.views import view_bank
from strokewise.engines.warps import Warps
from strokewise.raster import rasterize
from strokewise.words.targets import ClassTarget
from strokewise.words.typical import COUNTS, write_typical
from strokewise.words.vocabulary import known_words

SCENE = 448
"""Side of the square that placements are in, pixels."""
SIZE, WIDTH = 224, 1.5
VIEWS = 3
"""Views under which a placement is read, the plain one included."""
ALIKE = 0.9
"""Cosine of embeddings from which on two drawings of a word show the same."""
FEW = 1
"""A word keeps so many drawings at least, if it has any, however they read."""
LEAST = 0.1
"""Any other is found this likely at least."""
REJECTED = Path(__file__).with_name("rejected.txt")
_SHOWN = 96


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m training.typical.choose", description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--work", type=Path, default=Path("out/typical"), help="folder of the placements")
    add("--output", type=Path, default=Path("out"), help="folder for the file")
    add("--most", type=int, default=6, help="most drawings of a word")
    arguments = parser.parse_args(words)
    rejected = {line.split()[0] for line in REJECTED.read_text("utf-8").splitlines() if line and line[0] != "#"}
    found = read_placements(arguments.work, rejected)
    chooser = Chooser()
    chosen = {word: chooser.choose(word, some, arguments.most) for word, some in found.items()}
    arguments.output.mkdir(parents=True, exist_ok=True)
    drawings = {word: [one for _, one, _ in kept] for word, kept in chosen.items()}
    size = write_typical(arguments.output / "typical.safetensors", drawings)
    contact_sheet(chosen).save(arguments.work / "typical.png")
    total = sum(map(len, drawings.values()))
    print(f"typical.safetensors: {len(drawings)} words, {total} drawings, {size} bytes")


def read_placements(work: Path, rejected: set[str]) -> dict[str, list[tuple[str, dict[int, Array]]]]:
    """Placements of each word: digest of the photo, and strokes by their number, in units of the square."""
    found: dict[str, list[tuple[str, dict[int, Array]]]] = {}
    for path in sorted(work.glob("*.npz")):
        word, _, key = path.stem.rpartition("-")
        with np.load(path, allow_pickle=False) as file:
            drawings = {int(name): file[name] / SCENE for name in file.files}
        if set(drawings) == set(COUNTS) and key[:12] not in rejected:
            found.setdefault(word.replace("_", " "), []).append((key, drawings))
    return found


class Chooser:
    """Reads placements with the package's own recogniser."""

    def __init__(self) -> None:
        self._network = embedded.load()
        self._head = self._network.head()
        self._known = known_words(self._network.labels)
        bank = view_bank(VIEWS, np.random.default_rng(0), distortion=0.25, area=0.9)
        self._warps = Warps(bank, SIZE)

    def choose(
        self, word: str, placements: list[tuple[str, dict[int, Array]]], most: int
    ) -> list[tuple[str, dict[int, Array], float]]:
        """The best placements of a word that differ from each other, best first, with what they were found worth."""
        embeddings = np.stack([self._look(one) for _, one in placements])
        if word in self._known:
            weight, bias = self._head
            target = ClassTarget((word,), self._known[word], weight=1.0)
            costs = [target.costs(seen @ weight.T + bias).mean() for seen in embeddings]
            worth = np.exp(-np.array(costs))
            least = LEAST
        else:
            means = embeddings.mean(1)
            means /= np.linalg.norm(means, axis=1, keepdims=True)
            worth, least = (means @ means.T).mean(1), 0.0
        first = embeddings[:, 0] / np.linalg.norm(embeddings[:, 0], axis=1, keepdims=True)
        kept: list[int] = []
        for i in np.argsort(-worth, kind="stable").tolist():
            apart = all(float(first[i] @ first[j]) < ALIKE for j in kept)
            if len(kept) < most and apart and (worth[i] >= least or len(kept) < FEW):
                kept.append(i)
        return [(*placements[i], float(worth[i])) for i in kept]

    def _look(self, drawings: dict[int, Array]) -> Array:
        """Embeddings [look, channel] of a placement in 16 and in 8 strokes, under each view."""
        found = []
        for count in (16, 8):
            picture = rasterize(drawings[count][None] * SIZE, WIDTH, size=SIZE).picture
            for view in range(VIEWS):
                found.append(self._network.features(self._warps(picture, view)).embedding[0])
        return np.stack(found)


def contact_sheet(chosen: dict[str, list[tuple[str, dict[int, Array], float]]], across: int = 3) -> Image.Image:
    """All drawings in 16 strokes, with words, digests and what they were found worth."""
    most = max(map(len, chosen.values()))
    wide, high = most * _SHOWN + 8, _SHOWN + 24
    down = -(-len(chosen) // across)
    sheet = Image.new("L", (across * wide, down * high), 255)
    pen = ImageDraw.Draw(sheet)
    for place, word in enumerate(sorted(chosen)):
        left, top = place // down * wide, place % down * high
        pen.text((left, top), word, fill=0)
        for k, (key, drawings, worth) in enumerate(chosen[word]):
            picture = rasterize(drawings[16][None] * _SHOWN, 1.2, size=_SHOWN).picture[0, 0]
            sheet.paste(Image.fromarray(np.round(picture * 255).astype(np.uint8)), (left + k * _SHOWN, top + 24))
            pen.text((left + k * _SHOWN, top + 12), f"{key[:6]} {worth:.2f}", fill=110)
    return sheet


if __name__ == "__main__":
    main()
