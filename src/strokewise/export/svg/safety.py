"""Safety of SVG from unknown sources: no scripts or outside references, and bounded work for a renderer.

check_element(name, attributes)    # one element: nothing that runs or fetches; every reader calls it
check_renderable(text)             # a whole file, before it is rendered
parse(data, None, reader)          # one pass over the XML: no DTD is fetched, and only namespaces may be entities
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from typing import NoReturn, Protocol
from xml.parsers import expat

from ...errors import SvgError

SVG = "http://www.w3.org/2000/svg"

MAX_ELEMENTS = 10_000
"""Elements to render, each counted as often as it is used."""
MAX_DEPTH = 100
"""Nested elements, used ones included: renderers descend recursively."""

MAX_ENTITIES, MAX_ENTITY_LENGTH, MAX_EXPANDED = 100, 200, 1_000_000
"""Most entities of a file, the longest, and how many characters they may become in all places together."""

_UNSAFE = {"script", "foreignObject", "iframe", "object", "embed", "handler", "listener"}
_COSTLY = {"feTurbulence", "feConvolveMatrix", "feMorphology", "feImage", "feDiffuseLighting", "feSpecularLighting"}
_LAYERS = {"filter", "mask", "clipPath", "pattern", "marker"}
_LAYER_COST = 20
"""Cost of an offscreen layer, in elements."""
_NAMESPACE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>&%\"']*")
_RUNNING = re.compile(r"\s*(?:javascript|vbscript|data)\s*:", re.IGNORECASE)
_OUTSIDE = re.compile(r"url\(\s*['\"]?\s*[^#'\"\s]")
_INSIDE = re.compile(r"url\(\s*['\"]?\s*#([^'\")]*)")


def _refuse(what: str) -> Callable[..., NoReturn]:
    """A handler that refuses what it is called for.

    Raises:
        SvgError: when the handler is called, whatever with.
    """

    def handler(*_: object) -> NoReturn:
        raise SvgError(f"the SVG holds {what}, which is not safe to read: export it as plain SVG")

    return handler


def _check_instruction(target: str, _: str) -> None:
    """Refuse a processing instruction that fetches something.

    Raises:
        SvgError: it does.
    """
    if target == "xml-stylesheet":
        _refuse("a link to a style sheet")()


def check_element(name: str, attributes: dict[str, str], *, pictures: bool = False, switched: bool = False) -> None:
    """Check that an element cannot run or fetch anything. Our readers do neither; other programs may.

    Args:
        name: of the element, without its namespace.
        attributes: by name, those of another namespace as "NAMESPACE NAME".
        pictures: allow <image>, whatever it refers to: for readers that leave pictures out.
        switched: it stands in a <switch>, where a <foreignObject> is for programs that know it.

    Raises:
        SvgError: it could.
    """
    other_program = name == "foreignObject" and (switched or "requiredExtensions" in attributes)
    if name in _UNSAFE and not other_program:
        _refuse(f"<{name}>")()
    for attribute, value in attributes.items():
        local = attribute.rpartition(" ")[2].lower()
        value = value.lower()
        if " " not in attribute and local.startswith("on"):
            _refuse("scripts")()
        outside = local == "href" and not value.strip().startswith("#")
        # A link is followed by those who click it, and by nobody else.
        if name == "a" and not _RUNNING.match(_plain(value)):
            outside = False
        if name == "image" and pictures:
            outside = False
        if outside or "@import" in value or _OUTSIDE.search(value):
            _refuse("references to outside files")()


def _plain(value: str) -> str:
    """A link without the characters that browsers leave out of it."""
    return "".join(c for c in value if c > " ")


def check_renderable(text: str) -> None:
    """Check a whole SVG before it is rendered: safe everywhere, and with bounded reuse of its own parts.

    Raises:
        SvgError: it is not an SVG, unsafe, or too much to render.
    """
    census = _Census()
    parse(text.encode("utf-8"), "utf-8", census)
    census.check()


class Reader(Protocol):
    """Called with elements, by "NAMESPACE NAME", and with the text between them."""

    def start(self, tag: str, attributes: dict[str, str]) -> None: ...
    def end(self, tag: str) -> None: ...
    def text(self, data: str) -> None: ...


def parse(data: bytes, encoding: str | None, reader: Reader) -> None:
    """Read XML in one pass; nothing is fetched. A DOCTYPE is passed over, and so is the DTD that it names.

    Entities are refused, but for the names of namespaces that Illustrator declares: short, and without further entities
    in them.

    Args:
        data: the file.
        encoding: of the data; None is what the file declares.
        reader: called with elements and text; its errors pass through.

    Raises:
        SvgError: it is no XML, or holds other entities, or a link to a style sheet.
    """
    parser = expat.ParserCreate(encoding=encoding, namespace_separator=" ")
    parser.buffer_text = True
    parser.EntityDeclHandler = _Entities(data).declare
    parser.ProcessingInstructionHandler = _check_instruction
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(data, True)
    except SvgError:
        raise
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise SvgError(f"this is no SVG that can be read ({error}): export it again") from error


class _Entities:
    """Checks the entities that a file declares.

    Args:
        data: the file.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._count = self._expanded = 0

    def declare(
        self,
        name: str,
        is_parameter: bool,
        value: str | None,
        base: str | None,
        system: str | None,
        public: str | None,
        notation: str | None,
    ) -> None:
        """Refuse an entity that is no namespace, or is used so often that the text would grow without bound."""
        self._count += 1
        sound = value is not None and len(value) <= MAX_ENTITY_LENGTH and _NAMESPACE.fullmatch(value) is not None
        if value is not None and sound:
            # In encodings in which the name stands in other bytes, entities are refused below.
            self._expanded += len(value) * self._data.count(f"&{name};".encode())
        if (
            is_parameter
            or not sound
            or self._count > MAX_ENTITIES
            or self._expanded > MAX_EXPANDED
            or b"<!ENTITY" not in self._data
        ):
            raise SvgError(
                "the SVG holds entities, which is not safe to read: save it without them (Illustrator: Save As > SVG "
                "without 'Preserve Illustrator Editing Capabilities'; Inkscape: Save As > Plain SVG)"
            )


@dataclasses.dataclass
class _Node:
    """An element: its own cost, its children, and the ids of the elements it uses."""

    cost: int
    children: list[_Node]
    uses: list[str]
    total: tuple[int, int] | None = None  # cost and depth including children and used elements, once known
    open: bool = False  # its total is being computed


class _Census:
    """Collects elements from parser events, and which elements they use."""

    def __init__(self) -> None:
        self.root = _Node(0, [], [])
        self.stack = [self.root]
        self.named: dict[str, list[_Node]] = {}  # renderers differ in which of two elements with one id they use
        self.count = 0
        self.sheet: list[str] = []
        self.in_sheet = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        space, _, name = tag.rpartition(" ")
        check_element(name, attributes)
        if not self.root.children and (space not in ("", SVG) or name != "svg"):
            raise SvgError(f"this is no SVG but <{name[:40]}>: name an SVG file")
        if name in _COSTLY:
            raise SvgError(f"the SVG uses <{name}>, which may take for ever to render: export it without filters")
        self.count += 1
        if self.count > MAX_ELEMENTS or len(self.stack) > MAX_DEPTH:
            raise SvgError(_TOO_MUCH)
        uses = [value.strip()[1:] for key, value in attributes.items() if key.rpartition(" ")[2] == "href"]
        uses = [] if name == "a" else uses
        for key, value in attributes.items():
            # A marker is drawn at every corner, and a corner takes at least two characters.
            times = 1 + _corners(attributes) if "marker" in key or "marker" in value else 1
            uses += _INSIDE.findall(value) * times
            if len(uses) > MAX_ELEMENTS:
                raise SvgError(_TOO_MUCH)
        layer = name in _LAYERS or name.startswith("fe")
        node = _Node(_LAYER_COST if layer else 1, [], uses)
        self.stack[-1].children.append(node)
        self.stack.append(node)
        if "id" in attributes:
            self.named.setdefault(attributes["id"].strip(), []).append(node)
        self.in_sheet = name == "style"

    def end(self, tag: str) -> None:
        self.stack.pop()
        self.in_sheet = False

    def text(self, data: str) -> None:
        if self.in_sheet:
            self.sheet.append(data)

    def check(self) -> None:
        sheet = "".join(self.sheet).lower()
        # CSS can spell any word with backslashes.
        if "@import" in sheet or "\\" in sheet or _OUTSIDE.search(sheet):
            _refuse("a style sheet that refers to outside files")()
        # Selectors are not evaluated: a rule may apply to all elements.
        used = {i.strip() for i in _INSIDE.findall(sheet)}
        targets = [node for i, nodes in self.named.items() if i.lower() in used for node in nodes]
        ruled = sum(self._total(node, 0)[0] for node in targets if node.cost > 1)
        if self._total(self.root, 0)[0] + ruled * self.count > MAX_ELEMENTS:
            raise SvgError(_TOO_MUCH)

    def _total(self, node: _Node, depth: int) -> tuple[int, int]:
        """Cost and depth of an element with its children and the elements it uses, each as often as it is used."""
        if node.open:
            raise SvgError("the SVG uses a part of itself inside that part: export it again")
        if node.total is None:
            if depth > MAX_DEPTH:
                raise SvgError(_TOO_MUCH)
            node.open = True
            below = [self._total(child, depth + 1) for child in node.children]
            used = (target for i in node.uses for target in self.named.get(i.strip(), []))
            below += [self._total(target, depth + 1) for target in used]
            node.open = False
            cost = node.cost + sum(cost for cost, _ in below)
            node.total = cost, 1 + max((deep for _, deep in below), default=0)
            if cost > MAX_ELEMENTS or node.total[1] > MAX_DEPTH:
                raise SvgError(_TOO_MUCH)
        return node.total


_TOO_MUCH = f"the SVG is too much to render (over {MAX_ELEMENTS} elements, or nested too deeply): simplify it"


def _corners(attributes: dict[str, str]) -> int:
    """An upper bound of the number of corners of the element's outline."""
    return 4 + max(len(attributes.get("d", "")), len(attributes.get("points", ""))) // 2
