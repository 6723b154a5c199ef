"""Words alone: a drawing of what a text says, without any photo.

    imagine("a flamingo", strokes=16).save("flamingo.svg")

Of a word of the vocabulary, the drawing starts from what the word typically looks like, and is moved until the encoder
reads the word in it. Of any other text, which takes CLIP, it starts from calm strokes at random, as in CLIPDraw
(Frans, Soros & Witkowski, "CLIPDraw", 2021).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from ._arrays import Array
from ._process import give_back_memory
from ._text import quote
from .drawing import AREA, DISTORTION, VIEWS, finite, outcome_metadata, views_a_step
from .encoders import AnyEncoder, describe_choice, prepare_encoder
from .engines import Engine, find_device, load_encoder_on, make_engine
from .engines.views import view_bank
from .errors import SettingsError
from .optimize.candidates import Callback, Optimized
from .optimize.importance import by_importance
from .optimize.loop import Schedule, optimize_together
from .optimize.pen_width import with_suited_pen
from .optimize.scorer import PhotoScorer, Strokes
from .optimize.simplify import simplify
from .placement.selection import fill_up
from .raster import rasterize
from .recognition.inputs import sketch_picture
from .recognition.recognizers import EmbeddedRecognizer, Recognizer, load_recognizer
from .settings import AUTO, Settings, SettingsChanges, Unpack, checked_text, with_changes
from .sketch import Sketch
from .words.targets import ClassTarget, Target, find_target
from .words.typical import COUNTS, typical, typical_words
from .words.vocabulary import CLIP, known_words, vocabulary, word_key

KEEP = 0.5
"""How much a drawing keeps to the typical drawing that it starts from, as a share of how much one keeps to a photo."""
MARGIN = 0.08
"""Empty border around the typical drawings, as a share of the canvas."""
TURN, STRETCH = 4.0, 0.06
"""How far typical drawings are turned, degrees, and stretched in one direction, at most: another seed, another one."""
RACE = 8
"""Steps after which only the best of several typical drawings goes on."""
ROOM = 0.12
"""How far scattered strokes stay away from the border, as a share of the canvas."""
REACH = 0.16
"""Length of their legs, as a share of the canvas."""
SCATTERED = Schedule(rate=2.2, stiffness=0.05, views=3, race=((25, 1),), exchange=(), patience=20)
"""How scattered strokes are moved: further than those that are placed well, and under more views."""
UNREAD = "the drawing does not read"
"""How a remark begins that says so."""
NAMED = ("placement", "schedule", "optimize", "one_line", "draft")
"""Settings that are for photos."""


IMAGINED = "strokewise models words --imagine"
"""The command that lists the words which can be drawn without a photo, offline."""


class Start(NamedTuple):
    """Where drawings begin, canvas pixels.

    Attributes:
        candidates: of each typical drawing, float64 [candidate, stroke, 4, xy].
        pool: of each, strokes that it offers for exchange, float64 [any, 4, xy].
        finest: each in most strokes, float64 [stroke, 4, xy]; none where strokes are scattered.
        word: of the vocabulary; empty where strokes are scattered.
    """

    candidates: list[Array]
    pool: list[Array]
    finest: list[Array]
    word: str


def imagine(
    text: str,
    /,
    settings: Settings | None = None,
    *,
    callback: Callback | None = None,
    notice: Callable[[str], None] | None = None,
    **changes: Unpack[SettingsChanges],
) -> Sketch:
    """Draw what a text says with a few strokes.

        imagine("a flamingo", strokes=16).save("flamingo.svg")

    Args:
        text: a word that has a typical drawing (`strokewise models words --imagine`), in English, Chinese or Japanese;
            with a CLIP any sentence.
        settings: how to draw; single fields can be given by name instead or on top. Strokes, seed, candidates, steps,
            encoder, width, size, device, text_weight and not_text are looked at.
        callback: called after each step of the optimisation; returning True stops it with the best so far.
        notice: called with one-line remarks, such as whether the drawing reads as what was asked for.

    Returns:
        the sketch, on a square canvas of `size` pixels, the most important strokes first. Its metadata holds version,
        settings, encoder and losses, and under "read" what a recogniser takes it for, and how sure it is.

    Raises:
        StrokewiseError: the encoder does not understand the text, a word has no typical drawing, or a setting will not
            do.
    """
    settings = with_changes(settings or Settings(), {**changes, "text": checked_text(text, "text")})
    for name in NAMED:
        if getattr(settings, name) != getattr(Settings(), name):
            problem = "is for drawings of photos: leave it out"
            raise SettingsError(problem, setting=name, value=getattr(settings, name))
    say = notice or (lambda line: None)
    device = find_device(settings.device)
    name = prepare_encoder(settings.encoder, notice=notice)
    encoder = load_encoder_on(name, device, say)
    say(describe_choice(settings.encoder))
    target = find_target(encoder, name, settings)
    assert target is not None
    if isinstance(target, ClassTarget) and target.words[0] not in typical_words():
        # Strokes at random can be moved until the recogniser reads the word, but no person does.
        problem = f"{quote(target.words[0])} has no typical drawing to start from"
        raise SettingsError(problem, fix=(f"{IMAGINED} lists the words that have; ", *CLIP))
    rng = np.random.default_rng(np.random.SeedSequence(settings.seed).spawn(3)[2])
    start = first_strokes(target, settings, rng)
    result, scorer = _refine(start, encoder, target, settings, device, rng, callback)
    order = by_importance(Strokes(result.points, result.style), scorer)
    sketch = _to_sketch(result, settings, name).reordered(order)
    give_back_memory()
    return _read(sketch, start.word, name, encoder, say)


def first_strokes(target: Target, settings: Settings, rng: np.random.Generator) -> Start:
    """Where a drawing of words begins: typical drawings of a word that has any, else strokes at random.

    Args:
        target: what the words ask for.
        settings: text, number of strokes and candidates, and size of the canvas.
        rng: chooses among the drawings, and varies them.
    """
    word = target.words[0] if isinstance(target, ClassTarget) else _word_of(settings.text or "")
    shapes = {count: typical(word, count) for count in COUNTS} if word else {}
    known = len(shapes[COUNTS[0]]) if shapes else 0
    if not known:
        scattered = np.stack([scatter(settings.strokes, settings.size, rng) for _ in range(settings.candidates)])
        return Start([scattered], [np.zeros((0, 4, 2))], [], "")
    # The most typical ones first for the first seed; for any other, any of them.
    chosen = np.arange(settings.candidates) % known
    if settings.seed:
        chosen = np.concatenate([rng.permutation(known) for _ in range(-(-settings.candidates // known))])
        chosen = chosen[: settings.candidates]
    candidates, pools, finest = [], [], []
    for place, which in enumerate(chosen.tolist()):
        change = _variation(rng, plain=settings.seed == 0 and place < known)
        levels = {count: _on_canvas(shapes[count][which], change, settings.size) for count in COUNTS}
        above = [count for count in COUNTS if count >= settings.strokes] or [COUNTS[-1]]
        candidates.append(fill_up(levels[above[0]][: settings.strokes], settings.strokes)[None])
        pools.append(np.concatenate(list(levels.values())))
        finest.append(levels[COUNTS[-1]])
    return Start(candidates, pools, finest, word)


def scatter(strokes: int, size: int, rng: np.random.Generator) -> Array:
    """Calm strokes at random: float64 [stroke, 4, xy], canvas pixels, each of legs that turn little."""
    begin = rng.uniform(ROOM, 1 - ROOM, (strokes, 1, 2))
    angle = rng.uniform(0, 2 * np.pi, (strokes, 1)) + np.cumsum(rng.normal(0, 0.5, (strokes, 3)), axis=1)
    legs = REACH * rng.uniform(0.5, 1.0, (strokes, 3, 1)) * np.stack([np.cos(angle), np.sin(angle)], axis=2)
    points = np.concatenate([begin, begin + np.cumsum(legs, axis=1)], axis=1)
    middle = points.mean(1, keepdims=True)
    return np.asarray((points + np.clip(middle, ROOM, 1 - ROOM) - middle) * size)


def _word_of(text: str) -> str:
    """The word of the vocabulary that a text for CLIP names, if it names nothing else."""
    key = word_key(text)
    for article in ("a ", "an ", "the "):
        key = key.removeprefix(article)
    return vocabulary().names.get(key, "")


def _variation(rng: np.random.Generator, plain: bool) -> Array:
    """A linear map [xy, xy] of a drawing around its middle: a mirror or none, a small turn, and a small stretch."""
    mirror, turn, stretch = rng.random() < 0.5, rng.uniform(-TURN, TURN), 1 + rng.uniform(-STRETCH, STRETCH)
    if plain:
        return np.eye(2)
    c, s = np.cos(np.deg2rad(turn)), np.sin(np.deg2rad(turn))
    return np.array([[c, -s], [s, c]]) @ np.diag([-stretch if mirror else stretch, 1 / stretch])


def _on_canvas(points: Array, change: Array, size: int) -> Array:
    """A typical drawing [stroke, 4, xy] in its square, varied, on the canvas."""
    return np.asarray(((points - 0.5) @ change.T * (1 - 2 * MARGIN) + 0.5) * size)


def _refine(
    start: Start,
    encoder: AnyEncoder,
    target: Target,
    settings: Settings,
    device: str,
    rng: np.random.Generator,
    callback: Callback | None,
) -> tuple[Optimized, PhotoScorer]:
    """Move the strokes until the words can be read; the best drawing, and what scored it.

    Raises:
        StrokewiseError: no start has a finite loss.
    """
    size, width = settings.size, settings.canvas_width
    views = view_bank(VIEWS, rng, distortion=DISTORTION, area=AREA)
    if start.finest:
        target = dataclasses.replace(target, keep=KEEP)
        photos = np.concatenate([_picture(points, width, size) for points in start.finest])
        schedule = Schedule(settings.steps, views=views_a_step(encoder, settings))
    else:
        target = dataclasses.replace(target, keep=0.0)
        photos = np.ones((1, 3, size, size), np.float32)
        schedule = dataclasses.replace(SCATTERED, steps=settings.steps)
    engine = make_engine(encoder, photos, width=width, views=views, device=device, target=target)
    if not start.finest:
        (result,) = optimize_together(start.candidates, engine, schedule, rng, callback=callback)
        return finite(result, "first strokes"), PhotoScorer(engine)
    placements = [_with_simplified(start, place, engine, settings.strokes) for place in range(len(start.candidates))]
    first = dataclasses.replace(schedule, steps=min(RACE, settings.steps // 2), exchange=())
    begun = optimize_together(placements, engine, first, rng) if len(placements) > 1 else [None]
    costs = [np.inf if one is None else _cost(one, target, encoder, views, settings) for one in begun]
    place = int(np.argmin(costs))
    ahead = begun[place]
    best = placements[place] if ahead is None else ahead.points[None]
    engine = make_engine(encoder, photos[place : place + 1], width=width, views=views, device=device, target=target)
    (result,) = optimize_together([best], engine, schedule, rng, pools=[start.pool[place]], callback=callback)
    return finite(result, "first strokes"), PhotoScorer(engine)


def _with_simplified(start: Start, place: int, engine: Engine, strokes: int) -> Array:
    """The candidates of a typical drawing; where it is not there in so many strokes, one more that is made of its
    finest by what the encoder says of it."""
    candidates = start.candidates[place]
    if strokes in COUNTS or len(start.finest[place]) <= strokes:
        return candidates
    made = simplify(start.finest[place], strokes, PhotoScorer(engine, place), share=0.5)
    return np.concatenate([candidates, made[None]])


def _cost(result: Optimized, target: Target, encoder: AnyEncoder, views: Array, settings: Settings) -> float:
    """By which the best of several drawings is chosen: what it costs in words under all views, where that is known."""
    from .encoders.embedded import Embedded

    if not (isinstance(target, ClassTarget) and isinstance(encoder, Embedded)):
        return result.losses["total"]
    from .engines.warps import Warps

    picture = rasterize(result.points[None], settings.canvas_width, size=settings.size).picture
    weight, bias = encoder.head()
    warps = Warps(views, settings.size)
    seen = [encoder.features(warps(picture, view)).embedding @ weight.T + bias for view in range(len(warps))]
    return float(target.costs(np.concatenate(seen)).mean())


def _picture(points: Array, width: float, size: int) -> Array:
    """A drawing as if it were a photo: float32 [1, 3, size, size]."""
    picture = rasterize(points[None], width, size=size).picture
    return np.ascontiguousarray(np.broadcast_to(picture, (1, 3, size, size)))


def _to_sketch(result: Optimized, settings: Settings, encoder: str) -> Sketch:
    metadata = {**outcome_metadata(result, settings, encoder), "order": "importance"}
    sketch = Sketch.of((settings.size,) * 2, result.points, *result.style, metadata=metadata)
    return with_suited_pen(sketch, (0, 0, settings.size)) if settings.width == AUTO else sketch


def _read(sketch: Sketch, word: str, name: str, encoder: AnyEncoder, say: Callable[[str], None]) -> Sketch:
    """The sketch with what a recogniser takes it for, another one than the encoder where there is one.

    Only where the recogniser knows a list with the word, or the word is of the vocabulary.
    """
    if not word:
        return sketch
    judge: Recognizer = load_recognizer("auto", drawn_with=name)
    if isinstance(judge, EmbeddedRecognizer):
        known = known_words(judge.network.labels)
    else:
        known = {one: (place,) for place, one in enumerate(vocabulary().entries)}
    if word not in known:
        return sketch
    labels = judge.labels or tuple(known)
    row = judge.probabilities(sketch_picture(sketch)[None], labels)[0]
    sure = {one: float(row[list(places)].sum()) for one, places in known.items()}
    top = max(sure, key=lambda one: sure[one])
    by = f"{judge.name}{', which drew it' if judge.name == name else ''}"
    if top == word:
        say(f"the drawing reads as {quote(word)} ({sure[word]:.0%}) to {by}")
    else:
        say(
            f"{UNREAD} as {quote(word)} ({sure[word]:.0%}) but as {quote(top)} ({sure[top]:.0%}) to {by}: "
            "try another seed, or more strokes"
        )
    read = {"by": judge.name, "as": top, "probability": sure[top], "asked": word, "probability_asked": sure[word]}
    return dataclasses.replace(sketch, metadata={**sketch.metadata, "read": read})
