"""A process of the local engine: takes pickled groups on stdin, answers with pickled results on stdout."""

from __future__ import annotations

import os
import pickle
import queue
import signal
import sys
import threading
from typing import IO, Any

from .drawer import PhotoDrawer


def main() -> None:
    """Work until stdin ends: it does when the driver has ended, by a signal too."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the driver handles Ctrl-C
    tasks, results = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(2, 1)  # whatever any library prints is no result
    sys.stdout = sys.stderr

    inbox: queue.SimpleQueue[Any] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(tasks, inbox), daemon=True).start()
    drawer = PhotoDrawer(inbox.get())
    ready = drawer.load()
    _send(results, "ready", ready)
    while not ready.broken:
        _send(results, "done", drawer.draw(inbox.get()))
    os._exit(0)


def _listen(tasks: IO[bytes], inbox: queue.SimpleQueue[Any]) -> None:
    """Put each group into the inbox. Exit once stdin ends: a photo that hangs must not keep this process alive."""
    try:
        while True:
            inbox.put(pickle.load(tasks))
    except BaseException:
        os._exit(0)


def _send(results: IO[bytes], kind: str, value: Any) -> None:
    try:
        pickle.dump((kind, value), results)
        results.flush()
    except OSError:  # nobody listens any more
        os._exit(0)
