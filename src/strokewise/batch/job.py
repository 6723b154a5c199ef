"""Messages between the driver and its workers: job, tasks, results. All of them are sent as pickles."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from .._version import __version__
from ..settings import Settings
from .photos import Bytes

DRAWN, FAILED, TIMEOUT, CRASHED = "drawn", "failed", "timeout", "crashed"
"""Status of a photo: drawn; it cannot be drawn; it took too long; its process was lost twice."""
UNCHANGED = "unchanged"
"""Status of a photo whose drawing is up to date."""


@dataclasses.dataclass(frozen=True)
class BatchJob:
    """How every photo is drawn.

    Attributes:
        settings: how to draw; the encoder is the registered name, never "auto".
        weights: digest of the encoder's weights; a worker that has others refuses to work.
        png: make a picture of each drawing, too.
        max_pixels: refuse photos of more pixels.
        threads: of each worker. On the CPU another number gives other bytes, of drawings as good.
        modules: to be imported first, which register encoders.
    """

    settings: Settings
    weights: str = ""
    png: bool = False
    max_pixels: int = 100_000_000
    threads: int = 1
    modules: tuple[str, ...] = ()

    @property
    def made(self) -> dict[str, Any]:
        """All that decides what a drawing looks like; where it is computed does not count."""
        settings = {name: value for name, value in self.settings.as_dict().items() if name != "device"}
        made = {"version": __version__, "settings": settings, "weights": self.weights}
        found: dict[str, Any] = json.loads(json.dumps(made))  # as it comes back from the journal
        return found

    @property
    def digest(self) -> str:
        """`made` in 32 hexadecimal digits."""
        return hashlib.sha256(json.dumps(self.made, sort_keys=True).encode("ascii")).hexdigest()[:32]


@dataclasses.dataclass(frozen=True)
class Task:
    """A photo to be drawn.

    Attributes:
        number: which of the source's photos.
        photo: where its bytes are.
        known: SHA-256 of the bytes whose drawing is there already; empty if none is.
        drawing: the SVG that is there and lacks only its picture; empty if that is not so.
        attempt: how many processes have been lost while they drew it alone.
        mask: where the picture of its subject is; None where there is none.
        text: what its drawing is to say, instead of what the settings say; empty where it has none of its own.
    """

    number: int
    photo: Bytes
    known: str = ""
    drawing: bytes = b""
    attempt: int = 0
    mask: Bytes | None = None
    text: str = ""


@dataclasses.dataclass(frozen=True)
class Result:
    """The result of a task.

    Attributes:
        number: of the task.
        status: one of the above.
        error: why it is not drawn, one line.
        content: SHA-256 of the bytes of the photo, and of its mask and its text if it has them, as one run,
            hexadecimal; empty if they could not be read.
        svg, png: the files' bytes.
        facts: strokes, losses, steps, device and the like, for the manifest.
        seconds: how long a worker took.
        attempts: how many workers tried.
    """

    number: int
    status: str
    error: str = ""
    content: str = ""
    svg: bytes = b""
    png: bytes = b""
    facts: dict[str, Any] = dataclasses.field(default_factory=dict)
    seconds: float = 0.0
    attempts: int = 1


class Ready(NamedTuple):
    """Sent by a worker once it has loaded everything, or cannot work.

    Attributes:
        host, process: where it runs.
        node: what the engine calls that machine; empty where it has no name for it.
        device: "cpu", "mps", or "cuda (NAME)".
        broken: why it cannot work; empty if it can.
    """

    host: str = ""
    process: int = 0
    node: str = ""
    device: str = ""
    broken: str = ""


Group = Sequence[Task]
"""Tasks that a worker gets in one go, to pass through the encoder together."""
