"""Fixtures of the studio's tests."""

from handler_visitor import optimizer, two_photos, visitor
from studio_browser import browser, photos, visit
from studio_server import chromium, studio

__all__ = ["browser", "chromium", "optimizer", "photos", "studio", "two_photos", "visit", "visitor"]
