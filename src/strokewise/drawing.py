"""The main job, from photo to sketch; read it from top to bottom."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

from ._version import __version__
from .augment import ViewBank
from .continuous import as_one, retraced
from .encoders import Encoder, describe_choice, load_encoder, resolve_encoder
from .errors import PhotoError, SettingsError, StrokewiseError
from .faces import find_faces
from .frame import Frame, frame_subject
from .importance import by_importance
from .ink import Ink
from .losses import PhotoLoss
from .one_line import one_line_placement
from .optimize import Schedule, optimize_together
from .order import in_drawing_order
from .paper import optimize_as_paper
from .photo import Photo, PhotoSource, check_drawable, open_photo
from .placement import ContourPlacement, Scene, place_by_saliency
from .race import Optimized, Progress
from .search import Inked, Judge
from .settings import Settings
from .simplify import simplify
from .sketch import Sketch
from .subject import cut_out, decide_subject, find_subject

SCENE = 448
"""Side of the square on which strokes are placed, pixels; finer than the canvas, so that lines come out smooth."""
MORE, MOST = (2, 4), 96
"""The pool holds placements of so many times the strokes, of no more than MOST unless that many are drawn."""
THRIFT = 0.2
"""How much ink counts where a finer drawing is made coarser; see `simplify`."""
VIEWS, DISTORTION, AREA = 8, 0.25, 0.9
"""The bank of views: milder than the paper's, since strokes that are placed well need no shaking up."""
CALM = 1.0
"""Price of bending each curve of a single line; see `Schedule.stiffness`."""


class Placed(NamedTuple):
    """First strokes, canvas pixels.

    Attributes:
        candidates: drawings to start from, float64 [candidate, stroke, point, xy].
        pool: other strokes that the photo offers, float64 [any, 4, xy]; those of the candidates are among them.
        finer: a drawing of more strokes, float64 [stroke, 4, xy], of which one more candidate is to be made; or none.
        locked: bool [stroke], those that stay as they are; or none.
        ink: what strokes are drawn with, [stroke]; None is a pen of the width that the settings say.
    """

    candidates: NDArray[np.float64]
    pool: NDArray[np.float64]
    finer: NDArray[np.float64] | None = None
    locked: NDArray[np.bool_] | None = None
    ink: Ink | None = None


@dataclasses.dataclass(frozen=True)
class Framed:
    """A photo ready to be drawn: its subject, cut out and framed on the square canvas.

    Attributes:
        image: float32 [scene, scene, rgb], white where the background was taken away.
        photo: the same with its background.
        mask: float32 [scene, scene], or None where the background is kept.
        inside: bool [scene, scene], pixels that belong to the photo.
        frame: where the square lies in the photo.
        subject: what was done about the background, for the reader.
    """

    image: NDArray[np.float32]
    photo: NDArray[np.float32]
    mask: NDArray[np.float32] | None
    inside: NDArray[np.bool_]
    frame: Frame
    subject: str


class Prepared(NamedTuple):
    """A photo ready to be drawn, and who compares.

    Attributes:
        photo: the whole photo.
        framed: its subject on the square.
        encoder: on the device.
        encoder_name: the name it is registered by.
        device: where to compute.
    """

    photo: Photo
    framed: Framed
    encoder: Encoder
    encoder_name: str
    device: torch.device


def draw(
    photo: PhotoSource | Photo,
    settings: Settings | None = None,
    *,
    callback: Callable[[Progress], bool | None] | None = None,
    notice: Callable[[str], None] | None = None,
    **changes: Any,
) -> Sketch:
    """Draw a photo with a few strokes.

        draw("horse.png", strokes=16).save("horse.svg")

    Args:
        photo: a path, a file's bytes, a Pillow image, an array, or a `Photo`.
        settings: how to draw; single fields can be given by name instead or on top.
        callback: called after each step of the optimisation; returning True stops it with the best so far.
        notice: called with one-line remarks, such as what was done about the background.

    Returns:
        the sketch, in the photo's own pixels, the most important strokes first; its metadata holds version, settings,
        encoder and losses.

    Raises:
        StrokewiseError: the photo, a setting or the encoder will not do; the message says how to mend it.
    """
    settings = with_changes(settings or Settings(), changes)
    return draw_prepared(prepare(photo, settings, notice), settings, callback)


def prepare(photo: PhotoSource | Photo, settings: Settings, notice: Callable[[str], None] | None = None) -> Prepared:
    """Open and frame a photo and load the encoder, once for drawings of any number of strokes.

    Raises:
        StrokewiseError: as for `draw`.
    """
    say = notice or (lambda text: None)
    device = find_device(settings.device)
    name = resolve_encoder(settings.encoder)

    photo = photo if isinstance(photo, Photo) else open_photo(photo)
    framed = frame_photo(photo, settings)
    say(framed.subject)

    encoder = load_encoder(name, notice=say)
    if isinstance(encoder, torch.nn.Module):
        encoder.to(device)
    say(describe_choice(settings.encoder))
    return Prepared(photo, framed, encoder, name, device)


def draw_prepared(
    prepared: Prepared,
    settings: Settings,
    callback: Callable[[Progress], bool | None] | None = None,
    *,
    placed: Callable[[NDArray[np.float64]], object] | None = None,
) -> Sketch:
    """`draw`, after `prepare`. What `prepare` has used of the settings is not looked at again.

    Args:
        placed: told of the first strokes, float64 [candidate, stroke, point, xy], before anything is compared.

    Raises:
        StrokewiseError: as for `draw`.
    """
    photo, framed, encoder, _, device = prepared
    first = place(framed, encoder, settings, device, photo.name)
    if placed is not None:
        placed(first.candidates)
    result = refine(first, framed, encoder, settings, device, callback)
    return finish(result, prepared, settings)


def with_changes(settings: Settings, changes: dict[str, Any]) -> Settings:
    """Settings with some fields replaced.

    Raises:
        SettingsError: there is no such field; the message lists them.
    """
    known = [field.name for field in dataclasses.fields(Settings)]
    for name in changes:
        if name not in known:
            raise SettingsError(f"unknown setting {name}; known are {', '.join(known)}")
    return dataclasses.replace(settings, **changes)


def find_device(name: str) -> torch.device:
    """The device behind a name; "auto" is CUDA where there is one, else the CPU.

    Raises:
        SettingsError: the device is not there.
    """
    cuda = torch.cuda.is_available()
    if name == "auto":
        return torch.device("cuda" if cuda else "cpu")
    if (name == "cuda" and not cuda) or (name == "mps" and not torch.backends.mps.is_available()):
        raise SettingsError(f"device {name} is not available here; use --device auto or cpu")
    return torch.device(name)


def frame_photo(photo: Photo, settings: Settings) -> Framed:
    """Find the subject, take the background away where that is asked for, and frame it on the square."""
    check_drawable(photo)
    mask = None if settings.subject == "keep" else find_subject(photo)
    use, reason = decide_subject(mask, settings.subject) if mask is not None else (False, "background kept as asked")
    shown = mask if use else None
    frame = frame_subject(photo, shown, SCENE)
    pixels = photo.pixels if shown is None else cut_out(photo, shown)
    return Framed(
        frame.sample(pixels, 1.0, photo=photo),
        frame.sample(photo.pixels, 1.0, photo=photo),
        None if shown is None else frame.sample(shown, 0.0, photo=photo),
        frame.inside(photo),
        frame,
        reason,
    )


def find_scene(framed: Framed, encoder: Encoder, settings: Settings, device: torch.device) -> Scene:
    """What a placement looks at: the framed photo, its subject, its faces, and what the encoder pays attention to."""
    square = F.interpolate(to_tensor(framed.image, device), (encoder.input_size,) * 2, mode="area")
    saliency = F.interpolate(_watcher(encoder, settings).saliency(square)[:, None], (SCENE, SCENE), mode="bilinear")
    return Scene(
        framed.image.astype(np.float64),
        framed.photo.astype(np.float64),
        None if framed.mask is None else framed.mask.astype(np.float64),
        framed.inside,
        saliency[0, 0].cpu().numpy().astype(np.float64),
        SCENE / 224,
        tuple(find_faces(framed.photo)) if settings.placement == "contour" else (),
    )


def place(framed: Framed, encoder: Encoder, settings: Settings, device: torch.device, name: str) -> Placed:
    """First strokes of all candidates, and what else could be drawn.

    Raises:
        PhotoError: the photo has no line worth drawing.
    """
    scene = find_scene(framed, encoder, settings, device)
    seeds = np.random.SeedSequence(settings.seed).spawn(settings.candidates + 1 + len(MORE))[1:]
    generators = [np.random.default_rng(s) for s in seeds]
    offered: list[NDArray[np.float64]] = []
    finer = None
    if settings.one_line:
        trace = ContourPlacement(scene)
        placed = [one_line_placement(trace, settings.strokes, rng) for rng in generators[: settings.candidates]]
        placed = [as_one(line) if len(line) else line for line in placed]
    elif settings.placement == "contour":
        trace = ContourPlacement(scene)
        # With several candidates, the last one is made of a finer drawing by what the encoder says of it.
        own = settings.candidates if settings.steps == 0 else max(1, settings.candidates - 1)
        placed = [trace(settings.strokes, rng) for rng in generators[:own]]
        counts = [min(settings.strokes * more, max(settings.strokes, MOST)) for more in MORE]
        drawn = zip(counts, generators[settings.candidates :], strict=True)
        offered = [*placed, *(trace(count, rng) for count, rng in drawn)]
        if own < settings.candidates:
            finer = offered[own] * settings.size / SCENE
    else:
        placed = [place_by_saliency(scene, settings.strokes, rng) for rng in generators[: settings.candidates]]
    if any(len(p) == 0 for p in placed):
        raise PhotoError(f"{name} has no line worth drawing; try --subject keep or --placement saliency")
    scale = settings.size / SCENE
    return Placed(np.stack(placed) * scale, np.concatenate([np.zeros((0, 4, 2)), *offered]) * scale, finer)


def _watcher(encoder: Encoder, settings: Settings) -> Encoder:
    """The encoder whose saliency counts: the paper pairs the loss of CLIP's ResNets with the saliency of ViT-B/32."""
    if settings.schedule == "paper" and encoder.name.startswith("clip-rn"):
        return load_encoder("clip-vit-b-32")
    return encoder


def refine(
    placed: Placed,
    framed: Framed,
    encoder: Encoder,
    settings: Settings,
    device: torch.device,
    callback: Callable[[Progress], bool | None] | None = None,
) -> Optimized:
    """Move the strokes until the encoder sees the photo in them, and keep the best candidate.

    Raises:
        StrokewiseError: the encoder makes no number of the placement.
    """
    (result,) = refine_together([placed], [framed], encoder, settings, device, callback)
    if result is None:
        raise StrokewiseError("the loss of the placement is not finite; try another encoder or --device cpu")
    return result


def refine_together(
    placed: Sequence[Placed],
    framed: Sequence[Framed],
    encoder: Encoder,
    settings: Settings,
    device: torch.device,
    callback: Callable[[Progress], bool | None] | None = None,
    schedule: Schedule | None = None,
) -> list[Optimized | None]:
    """`refine` for several photos in one batch; None stands for a photo whose placement has no finite loss.

    Args:
        schedule: how the swift loop goes; None is what the settings and the encoder ask for.
    """
    rng = np.random.default_rng(np.random.SeedSequence(settings.seed).spawn(1)[0])
    if schedule is None:
        schedule = Schedule(settings.steps, views=getattr(encoder, "views", 0))
        if settings.one_line:  # its stiffness is a share of its whole length
            schedule = dataclasses.replace(schedule, stiffness=CALM * settings.strokes, exchange=())
    views = ViewBank(
        VIEWS if schedule.views else 1, settings.size, rng, distortion=DISTORTION, area=AREA, device=device
    )
    images = torch.cat([to_tensor(one.image, device) for one in framed])
    targets = F.interpolate(images, (settings.size,) * 2, mode="area")
    common: dict[str, Any] = {"width": settings.canvas_width, "size": settings.size, "rng": rng, "device": device}
    if settings.schedule == "paper":
        return [
            optimize_as_paper(
                one.candidates, PhotoLoss(encoder, target, views), settings.steps, callback=callback, **common
            )
            for one, target in zip(placed, targets.split(1), strict=True)
        ]
    loss = PhotoLoss(encoder, targets, views)
    candidates, pools = [one.candidates for one in placed], [one.pool for one in placed]
    for photo, one in enumerate(placed):
        if one.finer is not None:
            judge = Judge(loss, photo, settings.canvas_width, settings.size, device)
            made = simplify(one.finer, settings.strokes, judge, thrift=THRIFT, rounds=2)
            candidates[photo] = np.concatenate([one.candidates, made[None]])
    free = [np.zeros(points.shape[1], dtype=bool) for points in candidates]
    locked = [none if one.locked is None else one.locked for one, none in zip(placed, free, strict=True)]
    inks = [one.ink for one in placed if one.ink is not None]
    common |= {"locked": locked, "inks": inks or None, "vary": settings.vary, "callback": callback}
    results = optimize_together(candidates, loss, schedule, pools=pools, **common)
    if settings.one_line:
        # What goes over a line that is drawn already does so to the hair, after the descent too.
        for photo, r in enumerate(results):
            if r is not None:
                results[photo] = dataclasses.replace(r, points=retraced(r.points, candidates[photo][r.candidate]))
    return results


def find_judge(framed: Framed, encoder: Encoder, settings: Settings, device: torch.device) -> Judge:
    """What the encoder says of drawings of the photo as it is, without any view."""
    photo = F.interpolate(to_tensor(framed.image, device), (settings.size,) * 2, mode="area")
    still = ViewBank(1, settings.size, np.random.default_rng(0), distortion=0.0, area=1.0, device=device)
    return Judge(PhotoLoss(encoder, photo, still), 0, settings.canvas_width, settings.size, device)


def finish(result: Optimized, prepared: Prepared, settings: Settings, judge: Judge | None = None) -> Sketch:
    """The outcome as a sketch, the most important strokes first; a single line is in the order of the hand.

    Args:
        judge: of the photo, where there is one already.
    """
    photo, framed, encoder, name, device = prepared
    order = None
    if not settings.one_line:
        judge = judge or find_judge(framed, encoder, settings, device)
        order = by_importance(Inked(result.points, result.ink), judge)
    return to_sketch(result, framed, photo, name, settings, order)


def to_sketch(
    result: Optimized,
    framed: Framed,
    photo: Photo,
    encoder: str,
    settings: Settings,
    order: Sequence[int] | None = None,
) -> Sketch:
    """The outcome as a sketch in the photo's own pixels, with all that is known of it.

    Args:
        order: places of the strokes, the most important first; None puts them in the order a hand would draw them in.
    """
    scale = framed.frame.side / settings.size
    metadata = {
        "version": __version__,
        "settings": settings.as_dict(),
        "seed": settings.seed,
        "encoder": encoder,
        "subject": framed.subject,
        "losses": result.losses,
        "placement_losses": result.placement_losses,
        "steps": result.steps,
        "stopped": result.stopped,
        "order": "hand" if order is None else "importance",
    }
    widths, colors, opacities = result.ink
    canvas = Sketch.of((settings.size,) * 2, result.points, widths, colors, opacities, metadata=metadata)
    size = (float(photo.width), float(photo.height))
    sketch = canvas.mapped(size, scale, (framed.frame.x0, framed.frame.y0))
    return in_drawing_order(sketch) if order is None else sketch.reordered(order)


def to_tensor(image: NDArray[np.float32], device: torch.device) -> torch.Tensor:
    """float32 [y, x, rgb] as float32 [1, 3, y, x] on a device."""
    return torch.from_numpy(np.ascontiguousarray(image.transpose(2, 0, 1))[None]).to(device)
