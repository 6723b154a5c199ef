"""What a worker does: read photos and draw them; an error of one photo does not affect the others.

    drawer = PhotoDrawer(job)
    drawer.load()                  # loads everything
    drawer.draw([task, task])      # list of results, one each, whatever happens

The engines differ in how they get tasks here; this is the one place where photos of a batch are drawn, so both come to
the same bytes.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import os
import socket
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .._process import set_thread_count, tune_process
from ..encoders import import_encoders
from ..encoders.embedded import Embedded
from ..errors import EncoderError, StrokewiseError
from ..settings import NO_TONE
from .job import DRAWN, FAILED, UNCHANGED, BatchJob, Group, Ready, Result, Task
from .resources import peak_memory

if TYPE_CHECKING:
    from ..encoders import AnyEncoder
    from ..photo.preparing import Prepared
    from ..placement.candidates import Placement
    from ..sketch import Sketch


def init_worker(job: BatchJob) -> None:
    """Prepare this process to draw for the job: set its threads, and register the encoders of other modules.

    Raises:
        StrokewiseError: a module cannot be imported.
    """
    tune_process()
    import_encoders(job.modules)


def weights_digest(encoder: AnyEncoder, saliency_encoder: AnyEncoder | None = None) -> str:
    """A digest of the weights that drawings are made with, in 16 hexadecimal digits.

    Args:
        encoder: the one that compares; of one that is no network, the digest is its class's name.
        saliency_encoder: the one whose saliency places the strokes, if it is another.
    """
    if saliency_encoder is not None:
        both = f"{weights_digest(encoder)} {weights_digest(saliency_encoder)}"
        return hashlib.sha256(both.encode("utf-8")).hexdigest()[:16]
    if isinstance(encoder, Embedded):
        return encoder.digest()
    import torch

    if not isinstance(encoder, torch.nn.Module):
        return f"{type(encoder).__module__}.{type(encoder).__qualname__}"
    found = hashlib.sha256()
    for name, tensor in sorted(encoder.state_dict().items()):
        found.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        found.update(tensor.detach().cpu().contiguous().view(-1).view(torch.uint8).numpy().tobytes())
    return found.hexdigest()[:16]


class PhotoDrawer:
    """Draws tasks of a job, one group after another. Nothing is loaded before `load`."""

    def __init__(self, job: BatchJob) -> None:
        self.job = job
        self._ready: Prepared | None = None

    def load(self, node: str = "") -> Ready:
        """Load everything and draw a test picture, so that loading does not count as any photo's time.

        Args:
            node: what the engine calls this machine.
        """
        try:
            # Read when PyTorch is loaded, which may happen below.
            os.environ["OMP_NUM_THREADS"] = str(self.job.threads)
            set_thread_count(self.job.threads)
            init_worker(self.job)
            self._load()
        except Exception as error:
            return Ready(broken=_one_line(error))
        assert self._ready is not None
        return Ready(socket.gethostname(), os.getpid(), node, _device_name(self._ready))

    def draw(self, group: Group) -> list[Result]:
        """Draw the tasks; the results are in the same order.

        On the CPU each is drawn by itself: together they are no faster, and the bytes would depend on the group.
        """
        # Those with texts of their own, too, since one engine asks one thing.
        if len(group) == 1 or self._ready is None or self._ready.device == "cpu" or any(task.text for task in group):
            return [self._draw_one(task) for task in group]
        return self._draw_together(group)

    def _load(self) -> None:
        import numpy as np

        from ..drawing import draw_prepared
        from ..photo.opening import Photo
        from ..photo.preparing import prepare

        pixels = np.ones((64, 64, 3), np.float32)
        pixels[20:44, 16:48] = 0.2
        warm = dataclasses.replace(
            self.job.settings, subject="keep", strokes=1, steps=min(1, self.job.settings.steps), candidates=1
        )
        ready = prepare(Photo(pixels), warm)
        here = weights_digest(ready.encoder, ready.saliency_encoder)
        if self.job.weights and here != self.job.weights:
            name = self.job.settings.encoder
            raise EncoderError(f"the weights of {name} on {socket.gethostname()} are not those of the other machines")
        with contextlib.suppress(StrokewiseError):
            draw_prepared(ready, warm)
        self._ready = ready

    def _draw_one(self, task: Task, **facts: Any) -> Result:
        """Open and draw one photo; any error is the photo's. `facts` are added to the result's."""
        start, content = time.perf_counter(), ""
        try:
            if task.drawing:
                return self._picture(task, start)
            data, mask = task.photo.read(), b"" if task.mask is None else task.mask.read()
            content = hashlib.sha256(data + mask + task.text.encode("utf-8", "surrogatepass")).hexdigest()
            if content == task.known:
                return self._result(task, start, UNCHANGED, content=content)
            from ..drawing import draw_prepared, find_target

            settings = self.job.settings
            if task.text:
                settings = dataclasses.replace(settings, text=task.text)
                assert self._ready is not None
                find_target(self._ready.encoder, self._ready.encoder_name, settings)  # before any work
            prepared = self._prepared(data, mask)
            sketch = draw_prepared(prepared, settings)
            return self._drawn(task, start, content, sketch, {**_remarks(prepared), **facts})
        except Exception as error:
            return self._failed(task, start, content, error, facts)

    def _draw_together(self, group: Group) -> list[Result]:
        """Draw several photos in one optimisation.

        If that fails, each is drawn alone, and the facts of its result hold the error as `together_error`, since
        drawing alone is several times slower.

        Every photo is framed on the same square, so any two may go together.
        """
        from ..drawing import finish, refine_together
        from ..placement.candidates import place
        from ..tone import with_tone

        settings = self.job.settings
        results: dict[int, Result] = {}
        begun: list[tuple[Task, float, str, Prepared, Placement]] = []
        for task in group:
            start, content = time.perf_counter(), ""
            if task.drawing:
                results[task.number] = self._draw_one(task)
                continue
            try:
                data, mask = task.photo.read(), b"" if task.mask is None else task.mask.read()
                content = hashlib.sha256(data + mask).hexdigest()
                if content == task.known:
                    results[task.number] = self._result(task, start, UNCHANGED, content=content)
                    continue
                prepared = self._prepared(data, mask)
                placed = place(prepared, settings)
                begun.append((task, time.perf_counter() - start, content, prepared, placed))
            except Exception as error:
                results[task.number] = self._failed(task, start, content, error)
        start = time.perf_counter()
        try:
            placements, photos = [one[4] for one in begun], [one[3] for one in begun]
            outcomes = refine_together(placements, photos, settings) if begun else []
        except Exception as error:
            why = _one_line(error)
            return [results.get(task.number) or self._draw_one(task, together_error=why) for task in group]
        share = (time.perf_counter() - start) / max(1, len(begun))
        for (task, own, content, prepared, _), outcome in zip(begun, outcomes, strict=True):
            # As if it had begun so long ago: its own time before, and its share of what was done for all.
            start = time.perf_counter() - own - share
            try:
                if outcome is None:
                    raise StrokewiseError("the loss of its placement is not finite; try another encoder, or the CPU")
                sketch = with_tone(finish(outcome, prepared, settings), prepared.framed, settings)
                results[task.number] = self._drawn(task, start, content, sketch, _remarks(prepared))
            except Exception as error:
                results[task.number] = self._failed(task, start, content, error)
        return [results[task.number] for task in group]

    def _prepared(self, data: bytes, mask: bytes) -> Prepared:
        """A photo by its bytes and those of its mask, if any, ready to be drawn with the loaded encoder."""
        from ..photo.given_mask import with_mask
        from ..photo.opening import open_photo
        from ..photo.preparing import frame_photo

        assert self._ready is not None
        photo = open_photo(data, max_pixels=self.job.max_pixels)
        if mask and self.job.settings.subject != "keep":
            photo = with_mask(photo, mask, max_pixels=self.job.max_pixels)
        return self._ready._replace(photo=photo.info, framed=frame_photo(photo, self.job.settings))

    def _picture(self, task: Task, start: float) -> Result:
        """Make the picture of a drawing that exists already."""
        from ..export.png import to_png
        from ..export.svg.text import from_svg

        return self._result(task, start, UNCHANGED, content=task.known, png=to_png(from_svg(task.drawing)))

    def _drawn(
        self, task: Task, start: float, content: str, sketch: Sketch, more: Mapping[str, Any] | None = None
    ) -> Result:
        from ..export.png import to_png
        from ..export.svg.text import from_svg

        svg = sketch.to_svg().encode("utf-8")
        # Of the file rather than of the sketch, so that a picture made later is the same.
        png = to_png(from_svg(svg)) if self.job.png else b""
        known = sketch.metadata
        facts = {name: known.get(name) for name in ("losses", "steps", "stopped", "subject")}
        facts |= {"strokes": len(sketch), **(more or {})}
        if self.job.settings.tone != NO_TONE and sketch.tone is None:
            facts["remarks"] = "; ".join([*filter(None, [facts.get("remarks")]), "has no dark parts for tone"])
        return self._result(task, start, DRAWN, content=content, svg=svg, png=png, facts=facts)

    def _failed(
        self, task: Task, start: float, content: str, error: Exception, more: Mapping[str, Any] | None = None
    ) -> Result:
        return self._result(task, start, FAILED, content=content, error=_one_line(error), facts=more or {})

    def _result(self, task: Task, start: float, status: str, **more: Any) -> Result:
        facts = {
            "device": _device_name(self._ready) if self._ready else "",
            "threads": self.job.threads,
            "host": socket.gethostname(),
            "process": os.getpid(),
            "memory": peak_memory(),
            **more.pop("facts", {}),
        }
        seconds = round(time.perf_counter() - start, 4)
        return Result(task.number, status, facts=facts, seconds=seconds, attempts=task.attempt + 1, **more)


def _remarks(prepared: Prepared) -> dict[str, str]:
    """What one should know of the photo, as a fact of its result; nothing of most photos."""
    return {"remarks": "; ".join(prepared.photo.remarks)} if prepared.photo.remarks else {}


def _device_name(ready: Prepared) -> str:
    if ready.device != "cuda":
        return ready.device
    import torch

    return f"cuda ({torch.cuda.get_device_name(ready.device)})"


def _one_line(error: BaseException) -> str:
    """An error in one line; a class's name only where the message is not ours."""
    text = " ".join(str(error).split())[:300]
    if isinstance(error, StrokewiseError):
        return text
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
