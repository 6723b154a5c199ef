"""How sure the embedded recogniser may be: fitted on drawings it never saw, and written into its weights' file.

python -m training.calibrate FOLDER --weights embedded.safetensors --work out/training

FOLDER and the cache in --work are those of the training. Half of the test photos, by their digests, are for fitting:

- the temperature, by the least negative log likelihood of the right class, drawings of all numbers of strokes together;
- the background, the logit of all that is no class: as high as it can be while no more than 5 % of the drawings of 16
  strokes that are recognised are lost to it.

The other half is for the figures that are printed. Drawings are looked at as `strokewise recognize` looks at them.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from strokewise._arrays import Array
from strokewise.encoders import embedded
from strokewise.encoders.embedded import CALIBRATION, METADATA, Embedded
from strokewise.recognition.inputs import sketch_picture
from strokewise.sketch import Sketch

from . import cache
from .cache import Entry
from .heldout import COUNTS
from .parallel import write_atomically
from .photos import list_photos, share

Points = NDArray[np.floating]

LOST = 0.05
"""Share of the recognised drawings that may be lost to the background."""
LOST_AT = 16
"""Number of their strokes."""
WIDTH = 1.5
"""Of the strokes, pixels of a 224 px canvas."""
BINS = 15
FIT, REPORT = "fit", "report"


def calibrate(entries: list[Entry], network: Embedded, *, seed: int = 0, batch: int = 32) -> dict[str, Any]:
    """Temperature and background, and what they do, as JSON takes it.

    Args:
        entries: test photos with their held-out drawings.
        network: the recogniser; its own calibration is not looked at.
        seed: of the scribbles.
        batch: drawings recognised at once.

    Raises:
        SystemExit: too few photos for two halves, or no drawing of `LOST_AT` strokes is recognised.
    """
    entries = [entry for entry in entries if all(len(entry.heldout(count).points) for count in COUNTS)]
    halves = {FIT: [e for e in entries if _is_fit(e)], REPORT: [e for e in entries if not _is_fit(e)]}
    if not halves[FIT] or not halves[REPORT]:
        raise SystemExit(f"{len(entries)} test photos with drawings are too few to fit on half of them")
    logits: dict[str, dict[int, Array]] = {}
    names = {half: np.array([e.item.label for e in found]) for half, found in halves.items()}
    for half, found in halves.items():
        logits[half] = {count: logits_of(network, (e.heldout(count).points for e in found), batch) for count in COUNTS}
    pooled = {half: np.concatenate(list(by_count.values())) for half, by_count in logits.items()}
    truth = {half: np.tile(names[half], len(COUNTS)) for half in halves}
    temperature = fit_temperature(pooled[FIT], truth[FIT])
    background = fit_background(logits[FIT][LOST_AT] / temperature, names[FIT])
    figures: dict[str, Any] = {
        "temperature": temperature,
        "background": background,
        "photos": {half: len(found) for half, found in halves.items()},
        "before": sureness(pooled[REPORT], truth[REPORT]),
        "after": sureness(pooled[REPORT] / temperature, truth[REPORT]),
        "drawings": {},
        "scribbles": {},
    }
    for count in COUNTS:
        scaled = logits[REPORT][count] / temperature
        right = scaled.argmax(1) == names[REPORT]
        lost = right & (scaled.max(1) < background)
        shares = {"recognised": float(right.mean()), "lost": float(lost.sum() / max(1, right.sum()))}
        figures["drawings"][str(count)] = shares
        rng = np.random.default_rng([seed, count])
        drawn = [e.heldout(count).points for e in halves[REPORT]]
        for kind, scribbles in (
            ("random strokes", [random_strokes(count, rng) for _ in drawn]),
            ("shuffled drawings", [shuffled(points, rng) for points in drawn]),
        ):
            found_logits = logits_of(network, scribbles, batch) / temperature
            caught = float((found_logits.max(1) < background).mean())
            figures["scribbles"].setdefault(kind, {})[str(count)] = {"caught": caught, "named": 1 - caught}
    return figures


def logits_of(network: Embedded, drawings: Iterable[Points], batch: int = 32) -> Array:
    """Raw logits, float64 [drawing, class], of drawings [stroke, 4, xy], shares of a square."""
    pictures = [sketch_picture(Sketch.of((224, 224), points * 224.0, widths=WIDTH)) for points in drawings]
    found = [network.recognize(np.stack(pictures[i : i + batch])) for i in range(0, len(pictures), batch)]
    return np.concatenate(found).astype(np.float64)


def fit_temperature(logits: Array, labels: NDArray[np.int_]) -> float:
    """The temperature (Guo et al., ICML 2017) at which the right classes are likeliest, within what a file may hold.

    Args:
        logits: [drawing, class].
        labels: right classes, int [drawing].
    """
    low, high = CALIBRATION["temperature"]
    best = minimize_scalar(
        lambda log: negative_log_likelihood(logits / math.exp(log), labels),
        bounds=(math.log(low), math.log(high)),
        method="bounded",
        options={"xatol": 1e-5},
    )
    return round(float(np.clip(math.exp(best.x), low, high)), 4)


def fit_background(scaled: Array, labels: NDArray[np.int_], lost: float = LOST) -> float:
    """The highest background with at most a share `lost` of the recognised drawings below it.

    Args:
        scaled: logits over the temperature, [drawing, class].
        labels: right classes, [drawing].

    Raises:
        SystemExit: nothing is recognised.
    """
    tops = np.sort(scaled.max(1)[scaled.argmax(1) == labels])
    if not len(tops):
        raise SystemExit("no drawing is recognised: train the network first")
    low, high = CALIBRATION["background"]
    # Rounded down, so that the drawing it was taken from is not lost to the rounding.
    return float(np.clip(math.floor(tops[int(lost * len(tops))] * 1e4) / 1e4, low, high))


def negative_log_likelihood(logits: Array, labels: NDArray[np.int_]) -> float:
    """Mean over the drawings, nats."""
    shares = np.log(softmax(logits)[np.arange(len(labels)), labels].clip(1e-300))
    return -float(shares.mean())


def calibration_error(logits: Array, labels: NDArray[np.int_]) -> float:
    """Expected calibration error (Guo et al., ICML 2017, eq. 3): how far confidence is from accuracy, 0 to 1."""
    shares = softmax(logits)
    sure, right = shares.max(1), shares.argmax(1) == labels
    places = np.minimum((sure * BINS).astype(int), BINS - 1)
    gaps = [abs(float((sure - right)[places == k].sum())) for k in range(BINS)]
    return sum(gaps) / len(labels)


def sureness(logits: Array, labels: NDArray[np.int_]) -> dict[str, float]:
    """Both figures of how well confidence and accuracy fit."""
    return {"nll": negative_log_likelihood(logits, labels), "ece": calibration_error(logits, labels)}


def softmax(logits: Array) -> Array:
    """Shares, float64 [drawing, class]."""
    powers = np.exp(logits - logits.max(1, keepdims=True))
    return np.asarray(powers / powers.sum(1, keepdims=True))


def random_strokes(count: int, rng: np.random.Generator) -> Array:
    """A scribble: cubics [stroke, 4, xy] anywhere in the square, as shares of it, of all lengths and bends."""
    start = rng.uniform(0, 1, (count, 1, 2))
    reach = np.exp(rng.uniform(math.log(0.05), math.log(0.4), (count, 1, 1)))
    return np.concatenate([start, start + np.cumsum(rng.normal(0, 0.6, (count, 3, 2)) * reach, axis=1)], axis=1)


def shuffled(points: Points, rng: np.random.Generator) -> Array:
    """A drawing whose strokes have changed places, and are turned any way."""
    middle = points.mean(1, keepdims=True).astype(np.float64)
    angle = rng.uniform(0, 2 * math.pi, len(points))
    turn = np.stack([np.cos(angle), -np.sin(angle), np.sin(angle), np.cos(angle)], axis=1).reshape(-1, 2, 2)
    return np.asarray(middle[rng.permutation(len(points))] + (points - middle) @ turn.transpose(0, 2, 1))


def write_calibration(path: Path, temperature: float, background: float) -> None:
    """Put both numbers into a weights' file; its tensors stay as they are, byte for byte.

    Raises:
        SystemExit: it is no such file.
    """
    data = path.read_bytes()
    length = int.from_bytes(data[:8], "little")
    try:
        header = json.loads(data[8 : 8 + length])
        notes = json.loads(header["__metadata__"][METADATA])
        notes["calibration"] = {"temperature": temperature, "background": background}
        header["__metadata__"][METADATA] = json.dumps(notes, sort_keys=True)
    except (ValueError, KeyError, TypeError) as error:
        raise SystemExit(f"{path} is not the weights of the embedded encoder") from error
    text = json.dumps(header, separators=(",", ":")).encode("utf-8")
    text += b" " * (-len(text) % 8)  # the format wants its tensors aligned
    write_atomically(path, lambda part: part.write_bytes(len(text).to_bytes(8, "little") + text + data[8 + length :]))


def table(figures: dict[str, Any]) -> str:
    """The figures, for reading."""
    lines = [
        f"temperature {figures['temperature']:g}, background {figures['background']:g}; fitted on "
        f"{figures['photos'][FIT]} photos, figures of {figures['photos'][REPORT]} others",
        f"{'':<24}{'before':>8}{'after':>8}",
    ]
    for name, key in (("negative log likelihood", "nll"), ("calibration error", "ece")):
        lines.append(f"{name:<24}{figures['before'][key]:>8.3f}{figures['after'][key]:>8.3f}")
    lines.append(f"{'strokes':<24}" + "".join(f"{count:>8}" for count in COUNTS))
    for key in ("recognised", "lost"):
        row = "".join(f"{figures['drawings'][str(count)][key]:>8.1%}" for count in COUNTS)
        lines.append(f"{key + (' to the background' if key == 'lost' else ''):<24}{row}")
    for kind, by_count in figures["scribbles"].items():
        row = "".join(f"{by_count[str(count)]['caught']:>8.1%}" for count in COUNTS)
        lines.append(f"{kind + ' caught':<24}{row}")
    return "\n".join(lines)


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m training.calibrate", description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("folder", type=Path, help="labelled photos, FOLDER/<class>/*.jpg, as for the training")
    add("--weights", type=Path, default=Path("out/embedded.safetensors"), help="the file that is measured and written")
    add("--work", type=Path, default=Path("out/training"), help="folder of the training's cache")
    add("--cap", type=int, default=45, help="most photos of a class, as for the training; 0 takes all")
    add("--json", type=Path, help="where the figures go, unless they are only printed")
    add("--seed", type=int, default=0, help="of the scribbles")
    arguments = parser.parse_args(words)
    labels, items = list_photos(arguments.folder, arguments.cap)
    network = embedded.load(arguments.weights)
    if network.labels != labels:
        raise SystemExit(f"{arguments.weights} was trained on other classes than {arguments.folder} has")
    entries = [cache.read(arguments.work / "cache", item) for item in items if item.test]
    figures = calibrate(entries, network, seed=arguments.seed)
    write_calibration(arguments.weights, figures["temperature"], figures["background"])
    if arguments.json:
        text = json.dumps(figures, indent=1) + "\n"
        write_atomically(arguments.json, lambda part: part.write_text(text, "utf-8"))
    print(table(figures))


def _is_fit(entry: Entry) -> bool:
    return share(entry.item.key, 3) < 0.5


if __name__ == "__main__":
    main()
