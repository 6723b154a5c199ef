"""Encoders by name. `load_encoder("auto")` takes the best one at hand."""

from __future__ import annotations

from collections.abc import Callable

from ..errors import EncoderError
from .base import Encoder, Features

__all__ = ["Encoder", "Features", "encoder_names", "load_encoder", "register", "resolve_encoder"]

_LOADERS: dict[str, Callable[[], Encoder]] = {}
_ALIASES = {"embedded": "efficientnet-lite0"}


def register(name: str) -> Callable[[Callable[[], Encoder]], Callable[[], Encoder]]:
    """Make an encoder known by a name: decorate a class, or a function that returns an encoder.

    Raises:
        EncoderError: the name is taken.
    """

    def add(loader: Callable[[], Encoder]) -> Callable[[], Encoder]:
        if name == "auto" or name in _LOADERS or name in _ALIASES:
            raise EncoderError(f"an encoder named {name} is registered already; choose another name")
        _LOADERS[name] = loader
        return loader

    return add


@register("efficientnet-lite0")
def _efficientnet_lite0() -> Encoder:
    from .efficientnet_lite import load

    return load()


def encoder_names() -> list[str]:
    """Names that `--encoder` takes, without "auto"."""
    return sorted([*_LOADERS, *_ALIASES])


def resolve_encoder(name: str) -> str:
    """The registered name behind "auto" or an alias.

    Raises:
        EncoderError: unknown name; the message lists the known ones.
    """
    name = _ALIASES["embedded"] if name == "auto" else _ALIASES.get(name, name)
    if name not in _LOADERS:
        raise EncoderError(f"unknown encoder {name}; known are auto, {', '.join(encoder_names())}")
    return name


def load_encoder(name: str = "auto") -> Encoder:
    """An encoder by its name, loaded on the CPU.

    Raises:
        EncoderError: unknown name, or weights that cannot be had.
    """
    return _LOADERS[resolve_encoder(name)]()
