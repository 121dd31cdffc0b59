"""The syntax tree of a scenario: single values, lists and mappings, each with its place.

This module knows neither YAML nor the meaning of a scenario.
"""

import json
import re
from dataclasses import dataclass
from typing import NamedTuple

MAX_DEPTH = 64
MAX_NODES = 20_000
MAX_TEXT = 1 << 20

_AMBIGUOUS = re.compile(r"""^$|^["[{]|[,:]\s""")  # without quotes it might be taken for more
_SURROGATE = re.compile("[\ud800-\udfff]")


class Place(NamedTuple):
    """A position in the text; line and column count from 1."""

    line: int
    column: int


class Mistake(NamedTuple):
    """Something wrong, and where."""

    place: Place
    message: str


class Mistakes(Exception):
    """One or more mistakes in a part of a scenario."""

    def __init__(self, *found: Mistake) -> None:
        super().__init__(*found)
        self.found = found


@dataclass(frozen=True, slots=True)
class Scalar:
    """A single value."""

    place: Place
    text: str
    plain: bool = True  # written without quotes
    exact: bool = False  # a Python value that keeps its type
    value: bool | float | None = None  # with exact

    @property
    def blank(self) -> bool:
        """Whether the value was left empty."""
        return self.plain and not self.text


@dataclass(frozen=True, slots=True)
class Listing:
    """A list."""

    place: Place
    items: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Table:
    """A mapping, in the order of the file and without repeated keys."""

    place: Place
    entries: "tuple[tuple[Scalar, Node], ...]"

    def keys(self) -> set[str]:
        """The names of its keys."""
        return {key.text for key, _ in self.entries}


Node = Scalar | Listing | Table


class Tree(NamedTuple):
    """A whole scenario as parsed, before its meaning is read."""

    root: Node
    source: str
    wrong: list[Mistake]  # mistakes that did not stop the parsing


def mistake(node: Node, message: str) -> Mistakes:
    """An exception with one mistake at the place of `node`."""
    return Mistakes(Mistake(node.place, message))


def show(text: str, limit: int = 60) -> str:
    """Any text, shortened and escaped, for a one-line message."""
    if len(text) > limit:
        text = f"{text[: limit - 1]}…"
    return "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in text)


def describe(node: Node) -> str:
    """What a node is, as the end of `expected a list, found ...`."""
    if isinstance(node, Table):
        return "a mapping"
    if isinstance(node, Listing):
        return "a list"
    return "nothing" if node.blank else f"`{show(node.text)}`" if node.text else "an empty text"


def compact(node: Node) -> str:
    """The node on one line, nearly as written; different values look different."""
    if isinstance(node, Table):
        return f"{{{', '.join(f'{key.text}: {compact(value)}' for key, value in node.entries)}}}"
    if isinstance(node, Listing):
        return f"[{', '.join(map(compact, node.items))}]"
    bare = node.text.isprintable() and node.text == node.text.strip()
    if node.blank or (bare and not _AMBIGUOUS.search(node.text)):
        return node.text
    return show(json.dumps(node.text, ensure_ascii=False), limit=MAX_TEXT)


class Budget:
    """Limits the nodes and the depth of a tree, and collects mistakes."""

    def __init__(self) -> None:
        self.count = 0
        self.wrong: list[Mistake] = []

    def spend(self, place: Place, depth: int, nodes: int = 1) -> None:
        """Count `nodes` at that depth. Raises `Mistakes` when the tree is too deep or too large."""
        self.count += nodes
        if depth > MAX_DEPTH:
            message = f"this is nested more than {MAX_DEPTH} levels deep"
            raise Mistakes(*self.wrong, Mistake(place, message))
        if self.count > MAX_NODES:
            message = (
                f"this is too much: a scenario has at most {MAX_NODES} values, aliases written out"
            )
            raise Mistakes(*self.wrong, Mistake(place, message))

    def add(self, place: Place, message: str) -> None:
        """Note one mistake; the parsing continues."""
        self.wrong.append(Mistake(place, message))

    def whole(self, place: Place, text: str) -> str:
        """The text with JSON's surrogate pairs joined to the characters they stand for."""
        if not _SURROGATE.search(text):
            return text
        joined = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
        if _SURROGATE.search(joined):
            self.add(place, "the text holds half of a surrogate pair")
        return _SURROGATE.sub("\ufffd", joined)
