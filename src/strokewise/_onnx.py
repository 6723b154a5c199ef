"""Networks run by ONNX Runtime on the CPU: loaded when they are first needed, and anew in a forked process."""

from __future__ import annotations

import functools
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from ._process import give_back_memory, thread_count
from .errors import Fix, StrokewiseError

_abandoned: list[Any] = []
"""Sessions of a parent process: their threads do not exist in a fork, and closing one would wait for them."""


class OnnxNetwork:
    """A network in ONNX format. Several threads may run it at once.

    Args:
        model: gives its file's bytes, or a path; called when the network is loaded, at its first run.
        keep_memory: whether it keeps the memory it works in, which is quicker, and less where much is needed. The
            others leave it to each other.
        threads: that one run takes; None is `thread_count`. One is best where several small runs go side by side.
    """

    def __init__(
        self,
        model: Callable[[], bytes | Path],
        *,
        keep_memory: bool = False,
        threads: int | None = None,
    ) -> None:
        self._model, self._keep_memory, self._threads = model, keep_memory, threads
        self._loaded: tuple[int, Any] = (0, None)
        self._loading = threading.Lock()

    def load(self) -> None:
        """Load the network, if this process has not done so.

        Raises:
            Exception: ONNX Runtime has one of its own for every way in which a file can be damaged.
        """
        self._at_hand()

    def unload(self) -> None:
        """Give up the memory that it takes, until it runs again."""
        with self._loading:
            process, session = self._loaded
            if session is not None and process != os.getpid():
                _abandoned.append(session)
            self._loaded = (0, None)
        del session  # the last of it, unless another thread is asking the network
        give_back_memory()

    def _at_hand(self) -> Any:
        process, session = self._loaded
        if process == os.getpid():
            return session
        with self._loading:
            process, session = self._loaded
            if process != os.getpid():
                _abandoned.append(session)
                session = _session(self._model(), self._keep_memory, self._threads or thread_count())
                self._loaded = (os.getpid(), session)
                give_back_memory()  # building a network takes more of it than running it
            return session

    def __call__(self, inputs: dict[str, NDArray[Any]] | NDArray[Any]) -> list[NDArray[Any]]:
        """All outputs, in the network's order, of its inputs by name, or of its only input.

        Raises:
            Exception: as for `load`.
        """
        session = self._at_hand()
        if not isinstance(inputs, dict):
            inputs = {session.get_inputs()[0].name: inputs}
        outputs: list[NDArray[Any]] = session.run(None, inputs)
        return outputs

    def __getstate__(self) -> dict[str, Any]:
        return {"model": self._model, "keep_memory": self._keep_memory, "threads": self._threads}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(**state)  # type: ignore[misc]


def load_shipped(
    path: Path, name: str, *, fix: Fix = "install strokewise again", keep_memory: bool = False
) -> OnnxNetwork:
    """A network of the package, loaded.

    Args:
        path: its file.
        name: what the user may call it, "the head network".
        fix: what to do where its file is missing or damaged.
        keep_memory: as for OnnxNetwork.

    Raises:
        StrokewiseError: its file is missing or damaged.
    """
    if not path.is_file():
        raise StrokewiseError(f"{name}'s weights are missing ({path})", fix=fix)
    network = OnnxNetwork(lambda: path, keep_memory=keep_memory)
    try:
        network.load()
    except Exception as error:  # ONNX Runtime has one of its own for every way in which a file can be damaged
        raise StrokewiseError(f"{path} is not the weights of {name} ({type(error).__name__})", fix=fix) from error
    return network


def unload_shipped(network: functools._lru_cache_wrapper[OnnxNetwork]) -> None:
    """Give up a network of the package until it is asked again, if it was asked: a cached function gives it.

    It is forgotten, so that its file is looked at, and told of if it is missing or damaged, as the first time.
    """
    if network.cache_info().currsize:
        network().unload()
        network.cache_clear()


def _session(model: bytes | Path, keep_memory: bool, threads: int) -> Any:
    import onnxruntime

    onnxruntime.set_default_logger_severity(3)  # its warnings are about graph nodes, nothing a user could change
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = keep_memory
    options.enable_mem_pattern = False  # else the second run takes its memory anew, beside that of the first
    # Threads that spin while they wait keep others from working as soon as anything else runs on the machine.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    content = model if isinstance(model, bytes) else str(model)
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
