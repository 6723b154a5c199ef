"""Encoders by name. Names are known without loading torch, since the command line's help lists them."""

from __future__ import annotations

import functools
import importlib
import importlib.util
import os
import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, TypeVar

from .._text import LONGEST, join_or, quote
from ..errors import EncoderError
from . import weights

if TYPE_CHECKING:
    from .base import Encoder
    from .embedded import AnyEncoder

TORCH = "pip install 'strokewise[torch]'"
"""How to get PyTorch."""
Loader = TypeVar("Loader", bound="Callable[[], AnyEncoder]")
_EMBEDDED = "embedded"
_PARTS = ("name", "input_size", "map_weights", "semantic_weight", "features", "saliency")
"""What every encoder has; see `Encoder`."""
_LOADERS: dict[str, Callable[[], AnyEncoder]] = {}


def register(name: str) -> Callable[[Loader], Loader]:
    """Make an encoder known by a name: decorate a class, or a function that returns an encoder.

    Raises:
        EncoderError: the name is taken.
    """

    def add(loader: Loader) -> Loader:
        if not callable(loader):
            raise EncoderError(f"register decorates a class or a function that returns an encoder, not {quote(loader)}")
        if name == "auto" or name in _LOADERS:
            raise EncoderError(f"an encoder named {name} is registered already; choose another name")
        _LOADERS[name] = loader
        return loader

    return add


@register(_EMBEDDED)
def _embedded() -> AnyEncoder:
    from .embedded import load

    return load()


@register("efficientnet-lite0")
def _efficientnet_lite0() -> Encoder:
    need_torch("the encoder efficientnet-lite0")
    from .efficientnet_lite import load

    return load()


def _clip(name: str) -> Encoder:
    need_torch(f"the encoder {name}")
    path = weights.obtain(name)
    from .clip import load

    return load(name, path)


for _name in weights.CATALOGUE:
    register(_name)(functools.partial(_clip, _name))


def torch_installed() -> bool:
    """Whether PyTorch is here; it is not loaded."""
    return importlib.util.find_spec("torch") is not None


def need_torch(what: str) -> None:
    """Refuse what needs PyTorch where it is not installed.

    Raises:
        EncoderError: it is not; the message says how to get it.
    """
    if not torch_installed():
        raise EncoderError(f"{what} needs PyTorch: {TORCH}")


def import_encoders(modules: Iterable[str]) -> None:
    """Import modules that register encoders; they may lie in the current folder.

    The current folder comes last in `sys.path`: a `queue.py` that happens to lie beside the photos must not replace
    the standard library's for all that is imported later.

    Raises:
        EncoderError: one cannot be imported.
    """
    modules, here = list(modules), os.getcwd()
    if modules and here not in sys.path:
        sys.path.append(here)
    for module in modules:
        if module.endswith(".py"):
            name = module.removesuffix(".py").removeprefix("./").replace("/", ".")
            raise EncoderError(f"{module} is a file: write --import {name}, for a module is named without .py")
        try:
            importlib.import_module(module)
        except Exception as error:
            what = " ".join(f"{type(error).__name__}: {error}".split())
            raise EncoderError(f"the module {module} cannot be imported ({what})") from error


def encoder_names() -> list[str]:
    """The names that encoders are registered by, in alphabetical order, without "auto"."""
    return sorted(_LOADERS)


def resolve_encoder(name: str) -> str:
    """The registered name behind "auto", or the name itself. Looks at the disk for "auto", never at the network.

    Raises:
        EncoderError: unknown name; the message lists the known ones.
    """
    name = _best_at_hand()[0] if name == "auto" else name
    if name not in _LOADERS:
        known = ", ".join(encoder_names())
        raise EncoderError(
            f"unknown encoder {name[:LONGEST]}; known are auto, {known}, and what --import MODULE registers"
        )
    return name


def describe_choice(name: str) -> str:
    """One line for the user: which encoder a name means here and, if "auto" had to do without CLIP, how to get it.

    Raises:
        EncoderError: unknown name.
    """
    chosen = resolve_encoder(name)
    if name != "auto":
        return f"encoder: {chosen}"
    if chosen in weights.CATALOGUE:
        return f"encoder: {chosen}, the best whose weights are here"
    if problem := _best_at_hand()[1]:
        return f"encoder: {chosen}, since {problem}"
    best = next(iter(weights.CATALOGUE.values()))
    how = f"strokewise models fetch {best.name} ({best.size / 1e6:.0f} MB, once)"
    if not weights.can_fetch():
        how = f"pip install 'strokewise[clip]', then {how}"
    return f"encoder: {chosen}; for CLIP, as in the paper: {how}"


def prepare_encoder(name: str = "auto", *, notice: Callable[[str], None] | None = None, progress: bool = True) -> str:
    """Have an encoder's weights on this disk; the registered name behind `name`.

    "auto" takes what is here. A CLIP asked for by its own name is fetched, once, unless the network is forbidden.

    Args:
        name: of the encoder.
        notice: told in one line that something is fetched.
        progress: show a bar while fetching, if stderr is a terminal.

    Raises:
        EncoderError: unknown name, or weights that cannot be had.
    """
    chosen = resolve_encoder(name)
    if chosen in weights.CATALOGUE:
        need_torch(f"the encoder {chosen}")
        weights.obtain(chosen, notice=notice, progress=progress)
    return chosen


def load_encoder(name: str = "auto", *, notice: Callable[[str], None] | None = None) -> AnyEncoder:
    """An encoder by its name, loaded on the CPU; weights that are not here are fetched as by `prepare_encoder`.

    Args:
        name: of the encoder.
        notice: told in one line that something is fetched.

    Raises:
        EncoderError: unknown name, or weights that cannot be had or are another network's.
    """
    chosen = prepare_encoder(name, notice=notice)
    encoder = _LOADERS[chosen]()
    lacks = [part for part in _PARTS if not hasattr(encoder, part)]
    if lacks:
        raise EncoderError(
            f"the encoder {chosen} has no {join_or(lacks)}: "
            f"give the class that is registered all of {', '.join(_PARTS)}"
        )
    return encoder


def _best_at_hand() -> tuple[str, str]:
    """The encoder "auto" means here, and what is wrong with a better one, if anything."""
    problem = ""
    for name in weights.CATALOGUE:
        try:
            if weights.find(name) is not None:
                need_torch(f"the encoder {name}")
                return name, problem
        except EncoderError as error:
            problem = problem or str(error)
    return _EMBEDDED, problem
