"""Draw and judge a folder of labelled photos. Drawings of an earlier run are used again.

evaluation = evaluate("photos", "out", counts=(4, 8, 16, 32))   # photos/cat/1.jpg, photos/dog/1.jpg...
print(evaluation.table())
"""

from __future__ import annotations

import dataclasses
import unicodedata
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from ..._text import quote
from ...encoders import describe_choice, resolve_encoder
from ...errors import Argument, PhotoError, RecognizeError, SettingsError, StrokewiseError, SvgError
from ...photo.opening import MAX_PIXELS
from ...settings import Settings, SettingsChanges, Unpack, whole, with_changes
from ..ranking import Recognition, recognize_all
from ..recognizers import Recognizer, check_labels, describe, label_key, load_recognizer
from . import files
from .drawings import Drawings, Drawn, Task
from .figures import Figures, Result, Skipped
from .folder import Listing, in_turns, list_photos
from .report import Evaluation, made_with

BATCH = 128
"""Pictures that are read and judged at once."""


def evaluate(
    folder: str | Path | Listing,
    output: str | Path,
    counts: Sequence[int] = (4, 8, 16, 32),
    settings: Settings | None = None,
    *,
    labels: Sequence[str] | None = None,
    recognizer: str | Recognizer = "auto",
    callback: Callable[[Drawn], bool | None] | None = None,
    notice: Callable[[str], None] | None = None,
    force: bool = False,
    max_pixels: int = MAX_PIXELS,
    **changes: Unpack[SettingsChanges],
) -> Evaluation:
    """Draw labelled photos at several stroke counts and see how many of the drawings are recognised.

    Drawings are kept. A run that was stopped, even killed, goes on where it was when it is called again.

    Args:
        folder: has one subfolder of photos per class, whose name is the label; or what `list_photos` found in it.
        output: folder for drawings, figures and charts; made if need be.
        counts: numbers of strokes, each 1 to 256.
        settings: how to draw; single fields can be given by name instead or on top.
        labels: what to choose among. Class folders that are not among them are left out; labels without a folder
            make the choice harder. None takes the class folders that hold photos.
        recognizer: name of the model that judges, or the model; "auto" takes another than the one that draws
            wherever there are two.
        callback: called after each drawing; returning True stops: what is there is then judged.
        notice: called with one-line remarks, such as which photos are skipped and why.
        force: redraw and replace what an evaluation with other settings left in `output`.
        max_pixels: skip photos with more pixels than this.

    Returns:
        the figures, also written to `output` (see `files`).

    Raises:
        StrokewiseError: the folder, a label, a setting or the output will not do, or not one photo could be drawn;
            single photos that cannot be drawn are skipped and reported.
    """
    say = notice or (lambda text: None)
    if "strokes" in changes:
        raise SettingsError("is not taken here", setting="strokes", fix="give counts=(4, 8)")
    settings = with_changes(settings or Settings(), changes)
    counts = _checked(counts, settings)
    output = Path(output)
    encoder = resolve_encoder(settings.encoder)

    listing = folder if isinstance(folder, Listing) else list_photos(Path(folder), output)
    judge = load_recognizer(recognizer, drawn_with=encoder, notice=say) if isinstance(recognizer, str) else recognizer
    chosen, label_of = _choose(judge, listing, labels)
    left_out = tuple(name for name in listing.classes if name not in label_of)
    _announce(say, listing, left_out, chosen)
    say(describe_choice(settings.encoder))
    say(describe(judge, encoder))

    items = [item for item in listing.items if item.folder in label_of]
    files.check_output(output, made_with(settings, encoder), {item.photo for item in items}, force)
    tasks = [Task.of(item, label_of[item.folder], settings, encoder) for item in in_turns(items)]
    work = Drawings(tasks, counts, settings, output, force=force, max_pixels=max_pixels, notice=say)
    complete = work.make(callback)
    if not work.there:
        raise PhotoError(
            f"none of the {len(tasks)} photos in {listing.folder} could be drawn; {work.skipped[0].reason}"
        )

    results, photos, unseen = _judge(work, judge, chosen)
    skipped = [dataclasses.replace(s, label=label_of[s.label]) for s in listing.skipped if s.label in label_of]
    for one in unseen:
        say(f"{one.photo}: {one.reason}")
    skipped = sorted([*skipped, *work.skipped, *unseen], key=lambda one: (one.photo, one.strokes or 0))
    evaluation = Evaluation(
        Figures.of(results, photos, chosen),
        tuple(results),
        tuple(photos),
        tuple(skipped),
        chosen,
        counts,
        settings,
        encoder,
        judge.name,
        complete,
        listing.empty,
        left_out,
        listing.remarks,
    )
    files.write_all(evaluation, output, say)
    return evaluation


def _checked(counts: Sequence[int], settings: Settings) -> tuple[int, ...]:
    """Stroke counts, fewest first, each once."""
    if isinstance(counts, (str, bytes)) or not isinstance(counts, Collection) or not counts:
        one = counts if whole(counts) is not None else 8
        problem = f"must be a list of stroke counts, such as ({one},), not {quote(counts)}"
        raise SettingsError(problem, setting="counts", value=counts)
    for count in counts:
        dataclasses.replace(settings, strokes=count)  # raises what is wrong with it
    return tuple(sorted({int(count) for count in counts}))


def _choose(
    judge: Recognizer, listing: Listing, labels: Sequence[str] | None
) -> tuple[tuple[str, ...], dict[str, str]]:
    """What to choose among, and the label of each class folder that is to be drawn.

    Raises:
        StrokewiseError: the recogniser does not know a label, or no folder is named like one.
    """
    names = [unicodedata.normalize("NFC", name) for name in listing.classes]
    if labels is None:
        _check_known(judge, names)
        chosen = check_labels(judge, names)
        label_of = dict(zip(listing.classes, chosen, strict=True))
    else:
        chosen = check_labels(judge, list(labels))
        by_key = {label_key(label): label for label in chosen}
        label_of = {
            folder: by_key[label_key(name)]
            for folder, name in zip(listing.classes, names, strict=True)
            if label_key(name) in by_key
        }
        if not label_of:
            raise SettingsError(
                f"no class folder is named like one of the labels ({', '.join(chosen)}): "
                f"the folders are {', '.join(listing.classes)}"
            )
    return chosen, label_of


def _check_known(judge: Recognizer, names: Sequence[str]) -> None:
    """Refuse class folders whose names the recogniser does not know, with all the ways out.

    Raises:
        RecognizeError: there are some.
    """
    classes = {label_key(label) for label in judge.labels or ()}
    unknown = [name for name in names if judge.labels is not None and label_key(name) not in classes]
    if not unknown:
        return
    few = ", ".join(unknown[:3]) + (f" and {len(unknown) - 3} more" if len(unknown) > 3 else "")
    known = [name for name in names if name not in unknown]
    leave = ("leave it out with ", Argument("labels", known), ", ") if known else ()
    clip = ("or take a CLIP, which knows any words, with ", Argument("recognizer", "clip-vit-b-32"))
    raise RecognizeError(f"{judge.name} knows no class {few}", fix=("rename the folder, ", *leave, *clip))


def _announce(
    say: Callable[[str], None],
    listing: Listing,
    left_out: Sequence[str],
    chosen: Sequence[str],
) -> None:
    """Notices before the work begins: what is left out, and why."""
    for name in listing.empty:
        say(f"{name} holds no photos: left out, of the choice too unless labels name it")
    for remark in listing.remarks:
        say(remark)
    if left_out:
        say(f"not among the labels, so left out: {', '.join(left_out)}")
    for one in listing.skipped:
        say(f"skipped {one.photo}: {one.reason}")
    if len(chosen) == 1:
        say(f"a forced choice among one label ({chosen[0]}) is no test: name more with labels")


def _judge(
    work: Drawings, judge: Recognizer, labels: Sequence[str]
) -> tuple[list[Result], list[Result], list[Skipped]]:
    """Results of all drawings, by photo and stroke count; of their photos; and drawings that cannot be judged."""
    tasks = sorted(work.there, key=lambda task: task.item.photo)
    drawings = [(task, count, task.drawing(count)) for task in tasks for count in work.there[task]]
    photos = [(task, None, task.framed) for task in tasks]
    wanted: list[tuple[Task, int | None, str]] = [*drawings, *photos]
    results: list[Result] = []
    unseen: list[Skipped] = []
    for start in range(0, len(wanted), BATCH):
        some = wanted[start : start + BATCH]
        paths = [work.output / file for _, _, file in some]
        forced, with_none = (_recognize(paths, judge, labels, none) for none in (False, True))
        for (task, count, file), one, other in zip(some, forced, with_none, strict=True):
            photo, seconds = task.item.photo, work.journal.seconds.get(file)
            if isinstance(one, Recognition) and isinstance(other, Recognition):
                results.append(Result(photo, task.label, count, file, seconds, one, other))
            else:
                what = "photo itself" if count is None else "drawing"
                why = other if isinstance(one, Recognition) else one
                unseen.append(Skipped(photo, task.label, f"the {what} could not be judged: {why}", count))
    return [r for r in results if r.strokes is not None], [r for r in results if r.strokes is None], unseen


def _recognize(
    paths: Sequence[Path], judge: Recognizer, labels: Sequence[str], none: bool
) -> list[Recognition | StrokewiseError]:
    """The recogniser's answer for each, or why there is none."""
    if len(labels) == 1 and not none:  # which it calls no choice, and it is none
        return [Recognition(((labels[0], 1.0),), judge.name)] * len(paths)
    try:
        return [*recognize_all(paths, labels, none=none, recognizer=judge)]
    except (PhotoError, RecognizeError, SvgError) as error:  # of the first that cannot be looked at: find out which
        if len(paths) == 1:
            return [error]
        return [one for path in paths for one in _recognize([path], judge, labels, none)]
