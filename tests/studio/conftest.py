"""Fixtures of the studio's tests."""

from studio_server import chromium, studio

__all__ = ["chromium", "studio"]
