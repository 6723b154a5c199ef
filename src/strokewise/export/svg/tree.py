"""The elements of an SVG as a tree, built in one pass over the XML parser's events, with bounds.

What stands in other namespaces is checked for safety and left out, but for our own metadata.
"""

from __future__ import annotations

import dataclasses
import functools

from ...errors import SvgError
from .safety import SVG, check_element, parse

MAX_ELEMENTS = 100_000
MAX_DEPTH = 200
MAX_CLASSES = 100
"""Limits of a file: SVG elements, how many may be nested, and how many classes one may be of."""
NAMESPACE = "urn:x-strokewise:drawing"
"""XML namespace of the element inside <metadata> that holds the sketch's metadata, as JSON."""

_OUTSIDE = " "
"""Stands in the name of an attribute of another namespace, between both."""


@dataclasses.dataclass(eq=False)
class Element:
    """An SVG element.

    Attributes:
        name: without its namespace.
        attributes: by name; of those in other namespaces only `href`.
        parent: None of the root.
        number: counts the elements of this name, from 1.
        has_text: whether text stands in it or in its children.
        children: those in SVG's namespace.
    """

    name: str
    attributes: dict[str, str]
    parent: Element | None
    number: int
    has_text: bool = False
    children: list[Element] = dataclasses.field(default_factory=list)

    @functools.cached_property
    def classes(self) -> frozenset[str]:
        """The classes that it is of; the first ones, where there are very many."""
        return frozenset(self.attributes.get("class", "").split(None, MAX_CLASSES)[:MAX_CLASSES])

    @property
    def title(self) -> str:
        """How a message names it: by its id, or by its number."""
        label = self.attributes.get("id", "")
        return f"{self.name} {label[:40]!r}" if label else f"{self.name} number {self.number}"


@dataclasses.dataclass(eq=False)
class Document:
    """An SVG file.

    Attributes:
        root: the outermost <svg>.
        named: the first element with each id.
        sheet: the text of all its style sheets.
        metadata: the text of our own metadata element.
    """

    root: Element
    named: dict[str, Element]
    sheet: str
    metadata: str


def read_document(data: bytes, encoding: str | None) -> Document:
    """An SVG file as a tree.

    Args:
        data: the file.
        encoding: of the data; None is what the file declares.

    Raises:
        SvgError: it is no SVG, broken, unsafe, has too many elements, or they are nested too deeply.
    """
    builder = _Builder()
    parse(data, encoding, builder)
    if builder.root is None:
        raise SvgError("this is no SVG: it is empty")
    return Document(builder.root, builder.named, "".join(builder.sheet), "".join(builder.json))


class _Builder:
    """Builds the tree; `stack` has None for each open element that is left out."""

    def __init__(self) -> None:
        self.root: Element | None = None
        self.named: dict[str, Element] = {}
        self.stack: list[Element | None] = []
        self.counts: dict[str, int] = {}
        self.total = 0
        self.sheet: list[str] = []
        self.json: list[str] = []
        self.in_drawing = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        space, _, name = tag.rpartition(" ")
        above = self.stack[-1] if self.stack else None
        check_element(name, attributes, pictures=True, switched=above is not None and above.name == "switch")
        if len(self.stack) >= MAX_DEPTH:
            raise SvgError("the SVG is nested too deeply: export it as plain SVG")
        self.in_drawing = (space, name) == (NAMESPACE, "drawing")
        known = space in ("", SVG)
        if not self.stack and (not known or name != "svg"):
            raise SvgError(f"this is no SVG but <{name[:40]}>: name an SVG file")
        if not known or (self.stack and above is None):
            self.stack.append(None)
            return
        self.total += 1
        if self.total > MAX_ELEMENTS:
            raise SvgError(f"the SVG has more than {MAX_ELEMENTS} elements: simplify it")
        number = self.counts[name] = self.counts.get(name, 0) + 1
        element = Element(name, _own(attributes), above, number)
        if above is None:
            self.root = element
        else:
            above.children.append(element)
        if label := element.attributes.get("id", ""):
            self.named.setdefault(label, element)
        self.stack.append(element)

    def end(self, tag: str) -> None:
        element = self.stack.pop()
        if element is not None and element.has_text and element.parent is not None:
            element.parent.has_text = True
        if element is not None and element.name == "style":
            self.sheet.append("\n")
        self.in_drawing = False

    def text(self, data: str) -> None:
        if self.in_drawing:
            self.json.append(data)
        element = self.stack[-1] if self.stack else None
        if element is None:
            return
        if element.name == "style":
            self.sheet.append(data)
        element.has_text = element.has_text or not data.isspace()


def _own(attributes: dict[str, str]) -> dict[str, str]:
    """Attributes without a namespace; `href` of any counts as that, and the plain one comes first."""
    own = {name: value for name, value in attributes.items() if _OUTSIDE not in name}
    for name, value in attributes.items():
        if name.endswith(" href"):
            own.setdefault("href", value)
    return own
