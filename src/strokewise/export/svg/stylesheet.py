"""Style sheets of SVG: plain rules, as drawing programs write them.

Read are types, classes, ids, `*`, attributes, and these inside each other (`g .a`, `svg > path`). What a rule says
counts only if it is one of `PROPERTIES`; a rule that says nothing of these is left out, whatever it selects.
"""

from __future__ import annotations

import dataclasses
import re

from ...errors import SvgError, UnsupportedSvgError
from .tree import Element

PROPERTIES = frozenset([
    "clip-path", "color", "display", "fill", "fill-opacity", "filter", "marker", "marker-end", "marker-mid",
    "marker-start", "mask", "mask-type", "opacity", "overflow", "stroke", "stroke-dasharray", "stroke-dashoffset",
    "stroke-linecap", "stroke-opacity", "stroke-width", "transform", "transform-origin", "vector-effect",
    "visibility",
])  # fmt: skip
"""What a rule can change about strokes."""
MAX_RULES, MAX_TESTS = 10_000, 1_000_000
"""Most rules of a file, and most comparisons of a rule with an element."""

_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)|<!--|-->", re.DOTALL)
_PART = re.compile(r"\*|[.#]?-?[A-Za-z_][\w-]*|\[\s*[\w:-]+\s*(?:=\s*(?:\"[^\"]*\"|'[^']*'|[\w-]+)\s*)?\]|::?[\w-]+")
_BRACE = re.compile(r"[{}]")
_NEVER = {":hover", ":active", ":focus", ":focus-visible", ":focus-within", ":visited", "::before", "::after"}
_MAX_STEPS, _MAX_SELECTOR = 10, 300

Declarations = list[tuple[str, str, bool]]
"""Properties with their values, and whether they are !important."""


@dataclasses.dataclass(frozen=True)
class _Rule:
    """A selector and what it sets.

    Attributes:
        steps: from the element outwards: its parts, and whether they must be those of the very next parent.
        weight: how specific it is: ids, classes and attributes, types.
    """

    steps: tuple[tuple[tuple[str, ...], bool], ...]
    weight: tuple[int, int, int]
    declarations: Declarations


class StyleSheet:
    """The rules of a file's style sheets.

    Args:
        text: of all its <style> elements.

    Raises:
        UnsupportedSvgError: a rule that changes strokes has a selector that is not known.
        SvgError: it is too large, or fetches something.
    """

    def __init__(self, text: str) -> None:
        self._rules: list[_Rule] = []
        self._places: dict[str, list[int]] = {}
        self._tests = 0
        self._read(_COMMENT.sub(" ", text))

    def declarations(self, element: Element) -> Declarations:
        """What the rules say about an element, the strongest last.

        Raises:
            SvgError: comparing all rules with all elements takes too long.
        """
        if not self._rules:
            return []
        keys = ["*", element.name, *(f".{name}" for name in element.classes)]
        keys.append(f"#{element.attributes.get('id', '')}")
        places = sorted({place for key in keys for place in self._places.get(key, ())})
        self._tests += len(places)
        if self._tests > MAX_TESTS:
            raise SvgError("the SVG has too many style rules: export it with presentation attributes")
        found = [self._rules[place] for place in places if _matches(self._rules[place].steps, element)]
        found.sort(key=lambda rule: rule.weight)
        return [declaration for rule in found for declaration in rule.declarations]

    def _read(self, text: str, depth: int = 0) -> None:
        at = 0
        while at < len(text):
            brace = text.find("{", at)
            head = text[at : brace if brace >= 0 else len(text)].strip()
            if head.startswith("@") and ";" in head:
                mark = text.index(";", at)
                if head.lower().startswith("@import"):
                    raise SvgError(
                        "the SVG holds a style sheet that refers to outside files, which is not safe to read: "
                        "export it as plain SVG"
                    )
                at = mark + 1
                continue
            if brace < 0:
                return
            end = _closing(text, brace)
            inside = text[brace + 1 : end]
            if not head.startswith("@"):
                self._rule(head, inside)
            elif depth < _MAX_STEPS and _shown(head):
                self._read(inside, depth + 1)
            at = end + 1

    def _rule(self, head: str, inside: str) -> None:
        declarations = [one for one in declared(inside) if one[0] in PROPERTIES]
        if not declarations:
            return
        for selector in head.split(","):
            if len(selector) > _MAX_SELECTOR:
                raise _unsupported(selector)
            steps = _steps(selector)
            if steps is None:
                continue
            parts = [part for step, _ in steps for part in step]
            ids, types = sum(p[0] == "#" for p in parts), sum(p[0] not in "#.[*" for p in parts)
            weight = (ids, sum(p[0] in ".[" for p in parts), types)
            if len(self._rules) >= MAX_RULES:
                raise SvgError("the SVG has too many style rules: export it with presentation attributes")
            key = next((p for p in sorted(steps[0][0], key="*[".__contains__) if p[0] != "["), "*")
            self._places.setdefault(key, []).append(len(self._rules))
            self._rules.append(_Rule(steps, weight, declarations))


def declared(text: str) -> Declarations:
    """The declarations of a rule, or of a style attribute: "stroke: red; opacity: 0.5"."""
    found: Declarations = []
    for declaration in text.split(";"):
        key, colon, value = declaration.partition(":")
        if colon:
            plain = re.sub(r"!\s*important\s*\Z", "", value.strip())
            found.append((key.strip().lower(), plain.strip(), plain != value.strip()))
    return found


def _closing(text: str, brace: int) -> int:
    """Where the block that opens at `brace` ends."""
    depth = 0
    for match in _BRACE.finditer(text, brace):
        depth += 1 if match[0] == "{" else -1
        if depth == 0:
            return match.start()
    return len(text)


def _shown(head: str) -> bool:
    """Whether the head of a block is an @media rule for all screens."""
    words = set(re.split(r"[\s,]+", head[:200].lower().removeprefix("@media").strip()))
    return head.lower().startswith("@media") and words <= {"all", "screen", "only"}


def _steps(selector: str) -> tuple[tuple[tuple[str, ...], bool], ...] | None:
    """A selector from its last part outwards; None if it never selects anything in a still picture.

    Raises:
        UnsupportedSvgError: it is not known.
    """
    words = re.sub(r"\s*>\s*", " > ", selector.strip()).split()
    steps: list[tuple[tuple[str, ...], bool]] = []
    direct = False
    for word in reversed(words):
        if word == ">":
            direct = True
            continue
        parts = tuple(_PART.findall(word))
        if "".join(parts) != word or not parts or len(steps) == _MAX_STEPS or len(parts) > _MAX_STEPS:
            raise _unsupported(selector)
        if _NEVER.intersection(parts):
            return None
        parts = tuple("svg" if part == ":root" else part for part in parts)
        if any(part.startswith(":") for part in parts):
            raise _unsupported(selector)
        steps.append((parts, direct))
        direct = False
    if not steps:
        raise _unsupported(selector)
    return tuple(steps)


def _unsupported(selector: str) -> UnsupportedSvgError:
    return UnsupportedSvgError(
        f"the SVG uses a style sheet with {selector.strip()[:30]!r}, which is not supported: export it without "
        "(Inkscape: Save As > Plain SVG; Illustrator: Export As > SVG > Styling: Presentation Attributes)"
    )


def _matches(steps: tuple[tuple[tuple[str, ...], bool], ...], element: Element) -> bool:
    if not all(_is(part, element) for part in steps[0][0]):
        return False
    at = element.parent
    for parts, direct in steps[1:]:
        while at is not None and not all(_is(part, at) for part in parts):
            at = None if direct else at.parent
        if at is None:
            return False
        at = at.parent
    return True


def _is(part: str, element: Element) -> bool:
    if part == "*":
        return True
    if part[0] == ".":
        return part[1:] in element.classes
    if part[0] == "#":
        return part[1:] == element.attributes.get("id")
    if part[0] == "[":
        name, _, value = part[1:-1].partition("=")
        there = element.attributes.get(name.strip())
        return there is not None if not value else there == value.strip().strip("\"'")
    return part == element.name
