"""What PyPI shows of a release: the README, its links leading to the repository, and the project's addresses.

A link such as docs/faq.md leads nowhere on PyPI. GitHub Actions says which repository and tag it builds; where nobody
says so, the README stays as it is. hatchling calls this for every build (pyproject.toml, metadata.hooks).
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

_LINK = re.compile(r"(!?)(\[[^\]]*\])\((?!#|[a-z]+:)([^)\s]+)\)")


def repository(environment: Mapping[str, str]) -> tuple[str, str] | None:
    """Address of the repository and the tag that is built, as GitHub Actions tells them; None elsewhere."""
    names = ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_REF_NAME")
    server, name, tag = (environment.get(key, "") for key in names)
    return (f"{server}/{name}", tag) if server and name and tag else None


def absolute(page: str, address: str, tag: str) -> str:
    """A page of Markdown whose relative links lead to the repository at that tag: pictures to the file itself."""

    def lead(link: re.Match[str]) -> str:
        picture, words, path = link.groups()
        return f"{picture}{words}({address}/{'raw' if picture else 'blob'}/{tag}/{path})"

    return _LINK.sub(lead, page)


class PypiPage(MetadataHookInterface):
    """README and addresses, as dynamic fields of the project."""

    PLUGIN_NAME = "custom"

    def update(self, metadata: dict[str, Any]) -> None:
        page = (Path(self.root) / "README.md").read_text(encoding="utf-8")
        addresses = {}
        found = repository(os.environ)
        if found is not None:
            address, tag = found
            page = absolute(page, address, tag)
            addresses = {
                "Source": address,
                "Changelog": f"{address}/blob/{tag}/CHANGELOG.md",
                "Issues": f"{address}/issues",
            }
        metadata["readme"] = {"content-type": "text/markdown", "text": page}
        metadata["urls"] = addresses
