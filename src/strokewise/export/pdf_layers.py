"""Layers of a PDF page: optional content groups (PDF 1.5, ISO 32000-1, 8.11), which viewers can show and hide.

ReportLab has no function for them; what is needed is added to its own objects before it writes them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas


class Layers:
    """The layers of the page that a canvas draws.

    Args:
        sheet: the canvas, of one page.
    """

    def __init__(self, sheet: Canvas) -> None:
        self._sheet = sheet
        self._groups: list[Any] = []

    @contextlib.contextmanager
    def layer(self, name: str) -> Iterator[None]:
        """What is drawn inside belongs to a new layer.

        Args:
            name: what viewers show.
        """
        from reportlab.pdfbase.pdfdoc import PDFDictionary, PDFName, PDFString

        sheet = self._sheet
        group = PDFDictionary({"Type": PDFName("OCG"), "Name": PDFString(name), "Intent": PDFName("View")})
        self._groups.append(sheet._doc.Reference(group))
        sheet._code.append(f"/OC /L{len(self._groups)} BDC")
        sheet.saveState()
        try:
            yield
        finally:
            sheet.restoreState()
            sheet._code.append("EMC")

    def finish(self) -> None:
        """Name the layers in the page and in the document; after the page is done, and before the file is saved."""
        from reportlab.pdfbase.pdfdoc import PDFArray, PDFDictionary, PDFName

        document = self._sheet._doc
        catalog = document.Catalog
        shown = {"Order": PDFArray(self._groups), "ON": PDFArray(self._groups), "BaseState": PDFName("ON")}
        catalog.OCProperties = PDFDictionary({"OCGs": PDFArray(self._groups), "D": PDFDictionary(shown)})
        catalog.__NoDefault__ = [*catalog.__NoDefault__, "OCProperties"]
        catalog.PageMode = PDFName("UseOC")
        page = document.Pages.pages[-1]
        page = document.idToObject[page.name] if hasattr(page, "name") else page
        named = {f"L{number}": group for number, group in enumerate(self._groups, 1)}
        check = page.check_format

        def with_names(given: Any) -> None:
            check(given)
            page.Resources.Properties = named

        page.check_format = with_names
