"""Writes docs/commands.md from the command line itself: what each command and option says of itself in --help.

python docs/make_commands.py
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from strokewise.cli import app
from strokewise.cli.look_options import LOOK_HELP
from strokewise.cli.options import SETTINGS_HELP

PAGE = Path(__file__).with_name("commands.md")
SHARED = {"Drawing options": (*SETTINGS_HELP, "max_pixels", "quiet"), "Look options": tuple(LOOK_HELP)}
"""Options that several commands take, described once; a command takes all of a group or none."""

EXAMPLES = {
    "draw": (
        ("strokewise draw horse.jpg", "horse.svg, 16 strokes, in the current folder"),
        ("strokewise draw horse.jpg -n 4", "the bare gesture"),
        ("strokewise draw horse.jpg -n 32 --size 448", "a faithful sketch; slower, finer"),
        ("strokewise draw horse.jpg -n auto", "the fewest strokes that are still recognised"),
        ("strokewise draw horse.jpg --mask horse-mask.png", "what is white in the mask, and nothing else"),
        ("strokewise draw horse.jpg --draft", "a quick look: the strokes as first placed, in a second or two"),
        ("strokewise draw horse.jpg --seed 7 --candidates 8", "another drawing, the best of eight"),
        ("strokewise draw horse.jpg --width 4 --color navy --paper ivory --brush marker", "another look"),
        ("strokewise draw horse.jpg --one-line -n 24", "one continuous line"),
        ("strokewise draw horse.jpg --tone hatch --tone-lines 120", "with hatching where the photo is dark"),
        ("strokewise draw horse.jpg --optimize width,color", "strokes that swell, in the photo's colours"),
        ("strokewise draw horse.jpg --from horse.svg --keep 0,3-5 --add 8 -o more.svg", "go on with a drawing"),
        ("strokewise draw horse.jpg -n 4 --text horse", "few strokes that are to read as a horse"),
        ("strokewise draw horse.jpg --timelapse horse.gif", "film the strokes finding their places"),
        ("strokewise draw horse.jpg --schedule paper --placement saliency --steps 2001", "CLIPasso as published"),
    ),
    "imagine": (
        ("strokewise imagine flamingo", "flamingo.svg, 16 strokes, without any photo"),
        ("strokewise imagine cat -n 8 --seed 3 -o cat.svg", "another cat, in 8 strokes"),
        ("strokewise imagine 'a fox in the snow' --encoder clip-rn101 --steps 400", "a sentence; takes CLIP"),
    ),
    "scene": (
        ("strokewise scene fjord.jpg", "the house and the fjord, in 64 strokes"),
        ("strokewise scene fjord.jpg --split 40,24", "40 strokes for the house, 24 for the fjord"),
        ("strokewise scene fjord.jpg -n 96 --simplicity 3", "made of 96 strokes, about a third of them"),
        ("strokewise scene fjord.jpg --fidelity 4", "a loose sketch of it"),
    ),
    "matrix": (
        ("strokewise matrix fjord.jpg", "sixteen drawings and a sheet of them, in fjord-matrix/"),
        ("strokewise matrix fjord.jpg --quick -o corners", "the four corners only"),
    ),
    "trace": (
        ("strokewise trace scan.jpg", "scan.svg, the 32 cubics that say most about its lines"),
        ("strokewise trace logo.png -n all --widths --colors", "every line, as thick and in the colour it has"),
        ("strokewise trace board.jpg -n 16 --lines light", "chalk on a blackboard"),
    ),
    "batch": (
        ("strokewise batch photos -o drawings -n 8", "every photo in the folder; run it again to go on"),
        ("strokewise batch photos -o drawings --dry-run", "how long, how much disk, how much memory"),
        ("strokewise batch list.csv -o drawings --column picture --png", "photos named in a table"),
        ("strokewise batch photos -o drawings --mask masks", "with a mask for each photo"),
        ("strokewise batch photos -o drawings --shard 3/10", "one of ten parts, for schedulers"),
        ("strokewise batch photos -o drawings --engine ray --address auto", "on a Ray cluster"),
    ),
    "export": (
        ("strokewise export horse.svg -o horse.png --size 4000 --paper none", "a large transparent picture"),
        ("strokewise export horse.svg -o horse.pdf --page a4 --margin 20", "a page to print"),
        ("strokewise export horse.svg -o moving.svg --animate --seconds 4", "an SVG that draws itself"),
        ("strokewise export horse.svg -o plot.svg --plotter --page a3", "millimetres, little pen-up travel"),
        ("strokewise export horse.svg -o pens.svg --plotter --pens black,red,#0a7", "a layer for each of three pens"),
        ("strokewise export horse.svg -o toned.svg --tone contour --photo horse.jpg", "tone under a drawing"),
        ("strokewise export horse.svg -o horse.gcode --tool laser --power 150", "for a laser"),
    ),
    "ladder": (
        ("strokewise ladder horse.jpg", "32, 16, 8 and 4 strokes and a contact sheet, in horse-ladder/"),
        ("strokewise ladder horse.jpg -n 64,4 --independent", "two counts, each drawn from scratch"),
    ),
    "fewest": (
        ("strokewise fewest horse.jpg", "as few strokes as will do, by the recogniser's own word for the photo"),
        ("strokewise fewest cat.jpg --label cat --labels cat,dog,elephant --confidence 0.95", "surer, among three"),
    ),
    "recognize": (
        ("strokewise recognize horse.svg scan.png", "the likeliest of all classes it knows"),
        ("strokewise recognize cat.svg --labels cat,dog --none --json", "among two, or neither, as JSON"),
    ),
    "evaluate": (
        ("strokewise evaluate photos -n 4,16 -o out", "photos/cat/1.jpg...: how many drawings are recognised"),
    ),
    "studio": (
        ("strokewise studio --browser", "a page for this machine alone"),
        ("strokewise studio --host 0.0.0.0 --port 7860 --max-upload 5 --queue 4", "for whoever can reach it"),
    ),
    "models words": (("strokewise models words", "what --text and imagine understand without a CLIP"),),
    "install-inkscape": (
        ("strokewise install-inkscape", "then, in Inkscape: Extensions > Strokewise > Draw the selected picture"),
    ),
    "models list": (("strokewise models list", "which networks there are, and which are here"),),
    "models labels": (("strokewise models labels", "the 387 words that the embedded recogniser knows"),),
    "models fetch": (("strokewise models fetch clip-rn101", "479 MB, once"),),
    "models path": (("strokewise models path clip-rn101", "where its weights lie"),),
    "models verify": (("strokewise models verify", "all that are here"),),
}
"""Commands to begin with, and what comes of them."""

VALUES = "images/values/"
"""Folder of the strips that docs/make_pictures.py draws, as the page names it."""

PICTURES = {
    "draw": (
        (
            VALUES + "strokes.svg",
            "-n",
            "4 is the bare gesture, 8 has the spoon, 16 is a clear drawing, 32 has the shine on the metal.",
        ),
        (VALUES + "add.svg", "--add", "2 begin the handle, 8 finish it, 24 draw the shine and edges twice."),
        (
            VALUES + "keep.svg",
            "--keep",
            "without it all strokes may move; the red ones stay: half of the sketch, or all of it.",
        ),
        (VALUES + "stage.svg", "--stage", "each stage is a drawing, and the strokes of one stay in the next."),
    ),
    "batch": ((VALUES + "strokes.svg", "-n", "each drawing is what `draw` makes of that photo."),),
    "export": (
        (VALUES + "picture-size.svg", "--size", "32 is an icon, 96 a thumbnail, 512 fills half a screen."),
        (
            VALUES + "animate.svg",
            "--animate",
            "stroke after stroke appears, the most important first, at an even speed.",
        ),
        (
            VALUES + "page.svg",
            "--plotter --page",
            "the drawing keeps its shape; the page lies down where that is larger.",
        ),
        (VALUES + "margin.svg", "--plotter --margin", "0 goes to the edge of the page, 40 is a framed print."),
        (VALUES + "fit.svg", "--plotter --fit", '"ink" fills the page with the strokes alone.'),
    ),
    "ladder": (
        (VALUES + "ladder.svg", "-n", "each drawing is made of the one before: strokes are merged or dropped."),
    ),
    "fewest": (
        (
            VALUES + "confidence.svg",
            "--confidence",
            "a cup or a pizza? 4 strokes make it likelier than not a cup, 6 leave little doubt.",
        ),
    ),
    "recognize": (
        (VALUES + "recognize.svg", "SKETCH", "the likeliest three of all classes, for 4, 8 and 16 strokes."),
        (
            VALUES + "labels.svg",
            "--labels --none",
            "a cup must be a cat or a dog where nothing else is allowed, and neither with `--none`.",
        ),
    ),
    "evaluate": (("recognition-by-strokes.svg", "-n", "the chart that it writes: the share of drawings recognised."),),
    "studio": (("images/studio-light.png", "studio", "the page that it opens."),),
    "Drawing options": (
        (VALUES + "seed.svg", "--seed", "the same cup drawn another way, neither better nor worse."),
        (VALUES + "candidates.svg", "--candidates", "1 is the first idea, 3 and 8 the best of several."),
        (VALUES + "steps.svg", "--steps", "with 8 strokes, 0 is the placement alone, 20 a rough fit, 100 a close one."),
        (VALUES + "placement.svg", "--placement", "lines that follow edges, and short strokes scattered on them."),
        (
            VALUES + "schedule.svg",
            "--schedule",
            "stock settings; the same loop from scattered strokes; the paper's loop, which takes minutes.",
        ),
        (VALUES + "subject.svg", "--subject", '"remove" leaves the table out, "keep" spends strokes on it.'),
        (
            VALUES + "width.svg",
            "--width",
            "a fine pen, a pen, a marker; each is drawn for that width, unlike with `--stroke-width`.",
        ),
        (
            VALUES + "size.svg",
            "--size",
            "112 is quick, 448 slow; they differ in the small things, here handle and spoon.",
        ),
        (
            VALUES + "optimize.svg",
            "--optimize",
            "a cat in 32 strokes of one black pen, which swell, which fade, or which take the photo's colours.",
        ),
        (
            VALUES + "one-line.svg",
            "--one-line",
            "the pen is never lifted: 8 curves go round cup and saucer, 24 into the coffee, too.",
        ),
        (
            VALUES + "tone.svg",
            "--tone",
            "parallel lines, two directions of them, lines along the fur, and lines to and fro without a lift.",
        ),
        (
            VALUES + "tone-lines.svg",
            "--tone-lines",
            "60 is a hint of shade, 120 shows how round the cup is, 250 is an engraving.",
        ),
        (
            VALUES + "tone-steps.svg",
            "--tone-steps",
            "2 is light and dark with a clear edge, 5 goes softly from one to the other.",
        ),
    ),
    "Look options": (
        (VALUES + "stroke-width.svg", "--stroke-width", "the same strokes from a fine pen to a broad brush."),
        (VALUES + "color.svg", "--color", "names and #rrggbb, which needs quotes in a shell."),
        (VALUES + "paper.svg", "--paper", "bare, tinted, and dark with light strokes."),
        (
            VALUES + "opacity.svg",
            "--opacity",
            "of strokes 6 wide: 0.2 is a breath and shows where they cross, 1 covers.",
        ),
        (
            VALUES + "brush.svg",
            "--brush",
            'of 8 strokes 5 wide: "pen" rests a little at both ends, "ink" swells and tapers.',
        ),
        (VALUES + "brush-rough.svg", "--brush", '"pencil" is grainy, "marker" slants and lets strokes below show.'),
    ),
}
"""Pictures below the options of a command or a group: file in docs/, the option, and what is to be seen."""

INTRODUCTION = """\
# Commands

<!-- Made by docs/make_commands.py from the program's own help: change that, and run it again. -->

Each is one function of the library. Paths of files written, tables and JSON go to stdout; remarks and the progress bar
go to stderr, the bar only to a terminal. `strokewise COMMAND --help` prints what stands here.

| exit code | meaning |
|---|---|
| 0 | done |
| 1 | a bug: please report it, with what `STROKEWISE_DEBUG=1` shows; of `batch`: some photos failed or are left |
| 2 | user error: one line on stderr says what is wrong and how to fix it |
| 130 | Ctrl-C: once saves the best so far, twice stops at once |

The pictures show small and large values of an option, all others being as they are unless given. They are of two
of the [free photos](licences.md#photos) in `examples`, the cup in 16 strokes unless it says otherwise.
"""


def commands() -> Iterator[tuple[str, Any]]:
    """Name and Click command of each, those of a group by both their names."""
    group: Any = typer.main.get_command(app)
    for name, command in group.commands.items():
        inner = getattr(command, "commands", None)
        if inner is None:
            yield name, command
        else:
            yield from ((f"{name} {each}", one) for each, one in inner.items())


def page() -> str:
    """The page, as Markdown."""
    parts = [INTRODUCTION]
    found = dict(commands())
    parts += [section(name, command) for name, command in found.items()]
    for title, names in SHARED.items():
        takers = [name for name, command in found.items() if takes(command, title)]
        options = {option.name: option for option in found[takers[0]].params}
        words = [f"`{name}`" for name in takers]
        of = f"Of {', '.join(words[:-1])} and {words[-1]}.\n"
        rows = [row(options[name]) for name in names]
        parts.append("\n".join([f"## {title}\n", of, *head(), *rows, *pictures(title)]) + "\n")
    return "\n".join(parts)


def section(name: str, command: Any) -> str:
    """One command: what it does, lines to begin with, its arguments and options."""
    given = [one for one in command.params if one.param_type_name == "argument"]
    options = [one for one in command.params if one.param_type_name == "option" and one.name != "help"]
    groups = [title for title in SHARED if takes(command, title)]
    left = [one for one in options if not any(one.name in SHARED[title] for title in groups)]
    lines = [f"## {name}\n", command.help.strip() + "\n", "| to begin with | |", "|---|---|"]
    lines += [f"| `{line}` | {what} |" for line, what in EXAMPLES[name]] + [""]
    if given or left:
        lines += head() + [row(one) for one in (*given, *left)]
    if groups:
        links = " and ".join(f"the [{title.lower()}](#{title.lower().replace(' ', '-')})" for title in groups)
        lines += ["", f"{'Also ' if left else ''}{links}."]
    return "\n".join([*lines, *pictures(name)]) + "\n"


def pictures(place: str) -> list[str]:
    """The pictures of a command or a group of options, each after a line that says what to see."""
    lines = []
    for path, options, what in PICTURES.get(place, ()):
        lines += ["", f"`{options}`: {what}", "", f"![{options}: {what.replace('`', '')}]({path})"]
    return lines


def takes(command: Any, title: str) -> bool:
    """Whether a command takes the options of a group."""
    return set(SHARED[title]) <= {one.name for one in command.params}


def head() -> list[str]:
    """The first lines of a table of options."""
    return ["| option | default | what it is, and small and large values |", "|---|---|---|"]


def row(option: Any) -> str:
    """An option's line in the table."""
    names = ", ".join(f"`{name}`" for name in (*option.opts, *option.secondary_opts))
    default = option.default
    shown = option.show_default is not False and default is not None and default is not False and default != ""
    if option.param_type_name == "argument":
        names, shown = f"`{(option.metavar or option.name).strip('[]')}`", False
    elif option.metavar:
        names += f" `{option.metavar}`"
    text = (option.help or "").replace("|", "\\|")
    return f"| {names} | {f'`{default}`' if shown else ''} | {text} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(PAGE)
