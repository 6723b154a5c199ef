"""What a user can choose, in the user's units; checked once, when it is made."""

from __future__ import annotations

import dataclasses
import operator
import sys
import unicodedata
from collections.abc import Mapping
from typing import Any, Final, Literal, TypedDict

from ._text import is_number, quote
from .errors import Argument, SettingsError
from .tone_layer import TONES

if sys.version_info >= (3, 11):
    from typing import Unpack
else:
    from typing_extensions import Unpack

PLACEMENTS = ("contour", "saliency")
SCHEDULES = ("swift", "paper")
SUBJECTS = ("auto", "keep", "remove", "scene")
SUBJECT_MODELS = (
    "auto",
    "birefnet-dis",
    "birefnet-general",
    "birefnet-general-lite",
    "birefnet-hrsod",
    "birefnet-massive",
    "birefnet-portrait",
    "isnet-anime",
    "isnet-general-use",
    "silueta",
    "u2net",
    "u2net_human_seg",
    "u2netp",
)
"""What finds the subject: "auto", which comes with the package, or a network of rembg that works alone and here. Others
of rembg want points or files, or send the photo away."""
DEVICES = ("auto", "cpu", "cuda", "mps")
OPTIMIZED = ("width", "opacity", "color")
MOST_STROKES = 256
Stopped = Literal["converged", "steps", "asked", "diverged"]
"""Why an optimisation ended: no more progress, all steps taken, the callback asked to, or a loss was not finite."""
NO_TONE = "none"
TONE_LINES, TONE_STEPS = (1, 2000), (2, 5)
"""Ranges of `tone_lines` and `tone_steps`."""
MOST_CHARACTERS = 300
"""Longest text that a drawing is asked for with."""
AUTO: Final = "auto"
"""Stands for the fewest strokes that are still recognised, and for the width that suits a drawing."""
PEN = 1.5
"""Width that drawings are compared with where none was given, pixels of a 224 px canvas."""


@dataclasses.dataclass(frozen=True)
class Settings:
    """How to draw. Every value is checked on construction.

    Raises:
        SettingsError: a value is out of its range; the message names it and the range.
    """

    strokes: int = 16
    """Level of abstraction, 1 to 256: 4 is the bare gesture, 16 a clear drawing, 32 a faithful sketch."""
    seed: int = 0
    """Another seed gives another, equally good drawing; the same seed gives the same bytes."""
    candidates: int = 3
    """Drawings that are started side by side, 1 to 64; the best one is kept."""
    steps: int = 60
    """Most optimisation steps, 0 to 100000; 0 shows the placement, and it stops early once converged."""
    encoder: str = "auto"
    """Name of the encoder that compares drawing and photo; "auto" takes the best at hand."""
    placement: str = "contour"
    """First strokes: "contour" follows outline and inner edges, "saliency" is the paper's sampling."""
    schedule: str = "swift"
    """How the strokes are moved: "swift" takes tens of steps, "paper" is the published loop, made for thousands."""
    subject: str = "auto"
    """Background: "remove" it, "keep" it, or "auto" to decide by how much of the picture is subject; "scene" draws it
    with strokes of its own, see `scene`."""
    subject_model: str = "auto"
    """What finds the subject: "auto", which comes with the package, or a larger network by rembg's name for it."""
    width: float | Literal["auto"] = "auto"
    """Stroke width in pixels of a 224 px canvas, 0.1 to 20: 0.7 is a fine pen, 1.5 a pen, 4 a marker. "auto" is from
    1.5 to 3: the fewer strokes the bolder, as far as small details stay open; the strokes' shapes are those of 1.5."""
    size: int = 224
    """Side of the square working canvas in pixels, 64 to 1024: small is fast, large is detailed."""
    device: str = "auto"
    """Where to compute: "auto", "cpu", "cuda" or "mps"."""
    optimize: str = ""
    """What is optimised beside the strokes' shapes, any of "width,opacity,color", with commas between: strokes then
    swell and fade, or take the photo's colours. Nothing: one black pen."""
    one_line: bool = False
    """Whether the drawing is one continuous line, of as many curves as there would be strokes."""
    draft: bool = False
    """Whether the strokes stay as they are first placed: one candidate, which no encoder looks at, within a second or
    two. `candidates`, `steps` and `encoder` are then not used."""
    tone: str = NO_TONE
    """Lines under the strokes that show how dark the photo is: "hatch", "cross", "contour", "scribble", "spiral", or
    "none"."""
    tone_lines: int = 120
    """Most lines of tone, 1 to 2000, which are not counted as strokes: 60 is a hint of shade, 250 an engraving. Of a
    scribble they are its swings."""
    tone_steps: int = 4
    """Steps of darkness that tone shows, beside white, 2 to 5: 2 looks like a poster, 5 like a photo."""
    text: str | None = None
    """What the drawing is to say, beside what the photo shows: with CLIP a sentence of at most 300 characters, offline
    a word that the recogniser knows, such as "cat". None: nothing."""
    text_weight: float = 1.0
    """How much the text counts, 0 to 10: 0.3 is a hint, 1 is seen in drawings of few strokes, 5 hardly keeps to the
    photo."""
    not_text: str | None = None
    """What the drawing is not to say, with commas between: "letters, a dog". Needs `text`."""

    def __post_init__(self) -> None:
        for name, low, high in (
            ("strokes", 1, MOST_STROKES),
            ("seed", 0, 2**32 - 1),
            ("candidates", 1, 64),
            ("steps", 0, 100_000),
            ("size", 64, 1024),
            ("tone_lines", *TONE_LINES),
            ("tone_steps", *TONE_STEPS),
        ):
            value = getattr(self, name)
            number = whole(value)
            if number is None or not low <= number <= high:
                auto = name == "strokes" and isinstance(value, str) and value == "auto"
                fix = "fewest(photo) finds the fewest that are still recognised" if auto else ""
                problem = f"must be a whole number from {low} to {high}, not {quote(value)}"
                raise SettingsError(problem, setting=name, value=value, fix=fix)
            object.__setattr__(self, name, number)
        width: Any = self.width
        if not (isinstance(width, str) and width == AUTO):
            if not is_number(width) or not 0.1 <= width <= 20:
                problem = f"must be {AUTO} or a number from 0.1 to 20, not {quote(width)}"
                raise SettingsError(problem, setting="width", value=width)
            if not isinstance(width, int):
                object.__setattr__(self, "width", float(width))
        for name, known in (
            ("placement", PLACEMENTS),
            ("schedule", SCHEDULES),
            ("subject", SUBJECTS),
            ("subject_model", SUBJECT_MODELS),
            ("device", DEVICES),
            ("tone", (NO_TONE, *TONES)),
        ):
            value = getattr(self, name)
            if value not in known:
                problem = f"must be one of {', '.join(known)}, not {quote(value)}"
                raise SettingsError(problem, setting=name, value=value)
        if not isinstance(self.encoder, str):
            raise SettingsError(
                f"must be a name, not {quote(self.encoder)}",
                setting="encoder",
                value=self.encoder,
                fix="register an encoder of your own, and give its name",
            )
        for name in ("one_line", "draft"):
            value = getattr(self, name)
            if not isinstance(value, bool):
                raise SettingsError(f"must be true or false, not {quote(value)}", setting=name, value=value)
        if self.one_line and (self.placement != "contour" or self.schedule != "swift"):
            raise SettingsError("works with placement contour and schedule swift", setting="one_line", value=True)
        object.__setattr__(self, "optimize", self._checked_optimize())
        if self.draft and (self.placement != "contour" or self.schedule != "swift" or self.optimize):
            problem = "works with placement contour and schedule swift, and optimizes nothing"
            raise SettingsError(problem, setting="draft", value=True)
        self._check_text()

        for name, usual in (("tone_lines", Settings.tone_lines), ("tone_steps", Settings.tone_steps)):
            if self.tone == NO_TONE and getattr(self, name) != usual:
                kinds = ("choose a kind with ", Argument("tone"), f": {', '.join(TONES)}")
                raise SettingsError("is for tone", setting=name, value=getattr(self, name), fix=kinds)

    def _checked_optimize(self) -> str:
        """The names in their own order, without spaces."""
        names = {name.strip().lower() for name in self.optimize.split(",")} if isinstance(self.optimize, str) else {""}
        if self.optimize != "" and not names <= set(OPTIMIZED):
            raise SettingsError(
                f"must be any of {', '.join(OPTIMIZED)}, with commas between, or nothing, not {quote(self.optimize)}",
                setting="optimize",
                value=self.optimize,
            )
        if self.optimize and self.schedule == "paper":
            problem = "works with schedule swift: the paper's own loop moves shapes only"
            raise SettingsError(problem, setting="optimize", value=self.optimize)
        return ",".join(name for name in OPTIMIZED if name in names)

    def _check_text(self) -> None:
        weight = self.text_weight
        if not is_number(weight) or not 0 <= weight <= 10:
            problem = f"must be a number from 0 to 10, not {quote(weight)}"
            raise SettingsError(problem, setting="text_weight", value=weight)
        object.__setattr__(self, "text_weight", float(weight))
        for name in ("text", "not_text"):
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, checked_text(value, name))
        if self.not_text is not None and self.text is None:
            problem = "needs a text: say what the drawing is to show"
            raise SettingsError(problem, setting="not_text", value=self.not_text)
        if self.text is not None and self.draft:
            problem = "is not looked at in a draft, which compares nothing: leave one of them out"
            raise SettingsError(problem, setting="text", value=self.text)

    @property
    def vary(self) -> frozenset[str]:
        """The names in `optimize`."""
        return frozenset(self.optimize.split(",")) - {""}

    @classmethod
    def paper(cls, **changes: Unpack[SettingsChanges]) -> Settings:
        """CLIPasso as published: sampled placement, 2001 steps of Adam, three candidates; minutes to hours.

        Args:
            changes: fields that are to differ.

        Raises:
            SettingsError: as for `with_changes`.
        """
        return with_changes(cls(placement="saliency", schedule="paper", steps=2001, candidates=3), changes)

    @property
    def pen(self) -> float:
        """Stroke width that drawings are compared with, pixels of a 224 px canvas; that of the finished drawing, too,
        unless it is automatic."""
        return PEN if isinstance(self.width, str) else self.width

    @property
    def canvas_width(self) -> float:
        """`pen` in pixels of the working canvas."""
        return self.pen * self.size / 224

    def as_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON; without the subject's network where it is the one that comes along, and without
        what is said of tone or of words where there are none."""
        values = dataclasses.asdict(self)
        if self.tone == NO_TONE:
            for name in ("tone", "tone_lines", "tone_steps"):
                del values[name]
        if self.subject_model == "auto":
            del values["subject_model"]
        if self.text is None:
            del values["text"], values["text_weight"]
        if self.not_text is None:
            del values["not_text"]
        return values


class SettingsChanges(TypedDict, total=False):
    """Fields of `Settings` given by name, as in `draw(photo, strokes=8)`: for editors and type checkers."""

    strokes: int
    seed: int
    candidates: int
    steps: int
    encoder: str
    placement: str
    schedule: str
    subject: str
    subject_model: str
    width: float | Literal["auto"]
    size: int
    device: str
    optimize: str
    one_line: bool
    draft: bool
    tone: str
    tone_lines: int
    tone_steps: int
    text: str | None
    text_weight: float
    not_text: str | None


def checked_text(value: object, setting: str) -> str:
    """A text that a drawing may be asked for with, its spaces made single ones.

    Raises:
        SettingsError: it is empty, too long, more than one line, or no text that can be read.
    """
    if not isinstance(value, str):
        raise SettingsError(f"must be words, not {quote(value)}", setting=setting, value=value)
    text = " ".join(value.split(" ")).strip()
    # Control characters, halves of surrogate pairs, private ones, and those that change the direction of writing.
    odd = [c for c in text if unicodedata.category(c) in ("Cc", "Cs", "Co", "Cn", "Zl", "Zp")]
    odd += [c for c in text if unicodedata.category(c) == "Cf" and c not in "\u200c\u200d"]
    if odd:
        problem = f"has a character that is none of a text in one line (U+{ord(odd[0]):04X}): leave it out"
        raise SettingsError(problem, setting=setting, value=value)
    if not any(unicodedata.category(c)[0] in "LNS" for c in text):
        raise SettingsError("names nothing: give a word, or leave it out", setting=setting, value=value)
    if len(text) > MOST_CHARACTERS:
        problem = f"must have at most {MOST_CHARACTERS} characters, not {len(text)}"
        raise SettingsError(problem, setting=setting, value=value)
    return " ".join(text.split())


def whole(value: object) -> int | None:
    """A whole number of any kind, NumPy's too, as Python has it; None for what is none, as a bool."""
    if isinstance(value, bool):
        return None
    try:
        return operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        return None


def with_changes(settings: Settings, changes: Mapping[str, Any]) -> Settings:
    """Settings with some fields replaced.

    Args:
        settings: as they are.
        changes: field -> its new value.

    Raises:
        SettingsError: these are no settings; there is no such field, and the message lists them; or a value is out of
            its range.
    """
    if not isinstance(settings, Settings):
        count = settings if whole(settings) is not None else 8
        problem = f"must be a Settings, not {quote(settings)}"
        fix = f"write draw(photo, strokes={count})"
        raise SettingsError(problem, setting="settings", value=settings, fix=fix)
    known = [field.name for field in dataclasses.fields(Settings)]
    for name in changes:
        if name not in known:
            raise SettingsError(f"unknown setting {name}; known are {', '.join(known)}")
    return dataclasses.replace(settings, **changes)


def parse_count(text: str) -> int | None:
    """The number of strokes that `-n` names; None stands for "auto".

    Raises:
        SettingsError: it is no number of strokes.
    """
    return None if text.strip().lower() == AUTO else _count(text, f"or {AUTO}, ")


def parse_counts(text: str) -> tuple[int, ...]:
    """The stroke counts of a list such as "32,16,8,4": each once, most strokes first.

    Raises:
        SettingsError: one is no number of strokes, or there is none.
    """
    return tuple(sorted({_count(one, "with commas between, ") for one in text.split(",")}, reverse=True))


def _count(text: str, otherwise: str) -> int:
    try:
        count = int(text)
    except ValueError:
        problem = f"must be a whole number from 1 to {MOST_STROKES}, {otherwise}not {text!r}"
        raise SettingsError(problem, setting="strokes", value=text) from None
    return dataclasses.replace(Settings(), strokes=count).strokes
