"""Parses YAML or JSON text, or a Python value, into the tree of a scenario.

YAML's guessing of types is off: a scalar stays as it was typed.
"""

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml

from mock_nicepay.core.scenarios.tree import (
    MAX_TEXT,
    Budget,
    Listing,
    Mistake,
    Mistakes,
    Node,
    Place,
    Scalar,
    Table,
    Tree,
    describe,
    show,
)

_UNREADABLE = (yaml.YAMLError, ValueError, OverflowError)  # the last two: an escape beyond Unicode
_FAST: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_UNPRINTABLE = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"  # as YAML 1.1 has it
)
_SIGNS = "*&!>|%@`"  # YAML gives these a meaning at the beginning of a text
_LONGEST_NUMBER = 256  # bits of a whole number in a Python value


def parse_text(text: str) -> Tree:
    """The tree of a YAML or JSON text.

    Raises `Mistakes` when it cannot be read at all.
    """
    text = text.removeprefix("\ufeff")
    if len(text) > MAX_TEXT or len(text.encode("utf-8", "surrogatepass")) > MAX_TEXT:
        raise Mistakes(Mistake(Place(1, 1), "this is too long: a scenario has at most 1 MiB"))
    if odd := _UNPRINTABLE.search(text):
        before = text[: odd.start()]
        place = Place(before.count("\n") + 1, odd.start() - before.rfind("\n"))
        raise Mistakes(Mistake(place, f"the character U+{ord(odd[0]):04X} is not allowed here"))
    try:
        return _compose(text, text, _FAST)
    except _UNREADABLE as error:
        first = error
    # The slow parser gives better messages, and reads JSON's surrogate pairs.
    try:
        return _compose(text, _without_tabs(text), yaml.BaseLoader)
    except yaml.YAMLError as error:
        raise Mistakes(_broken(text, error)) from None
    except _UNREADABLE:
        raise Mistakes(_broken(text, first)) from None


def _compose(source: str, text: str, loader: Any) -> Tree:
    composer = _Composer(yaml.parse(text, Loader=loader))
    return Tree(composer.document(), source, composer.wrong)


def _without_tabs(text: str) -> str:
    """JSON may be indented with tabs, which the slow parser refuses; they become spaces."""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return text
    return text.replace("\t", " ")


def _broken(text: str, error: Exception) -> Mistake:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is None:
        return Mistake(Place(1, 1), f"this is neither YAML nor JSON: {show(str(error), 200)}")
    message = f"this is neither YAML nor JSON: {getattr(error, 'problem', None) or error}"
    signs = [_sign_at(text, near) for near in (mark, getattr(error, "context_mark", None)) if near]
    if special := [sign for sign in signs if sign and sign in _SIGNS]:
        message += f"; a text that begins with `{special[0]}` needs quotes"
    elif "\t" in signs:
        message += "; indent by spaces"
    if "expected ',' or" in message:
        message += "; between brackets a text with one of `,[]{}` needs quotes"
    return Mistake(Place(mark.line + 1, mark.column + 1), message)


def _sign_at(text: str, mark: Any) -> str:
    lines = text.splitlines()
    return lines[mark.line][mark.column : mark.column + 1] if mark.line < len(lines) else ""


class _Composer(Budget):
    """Builds the tree from YAML's events."""

    def __init__(self, events: Iterator[Any]) -> None:
        super().__init__()
        self._events = events
        self._anchors: dict[str, tuple[Node, int, int]] = {}

    def document(self) -> Node:
        """The root of the only document. Raises `Mistakes` when there is none, or a second one."""
        next(self._events)  # the stream begins
        if isinstance(next(self._events), yaml.StreamEndEvent):
            raise Mistakes(
                Mistake(Place(1, 1), "the scenario is empty: it begins with `version: 1`")
            )
        root = self._node(next(self._events), 1)
        next(self._events)  # the document ends
        after = next(self._events)
        if not isinstance(after, yaml.StreamEndEvent):
            message = "a second document begins here: write each scenario into a file of its own"
            raise Mistakes(*self.wrong, Mistake(_place(after), message))
        return root

    def _node(self, event: Any, depth: int) -> Node:
        place = _place(event)
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, place, depth)
        before = self.count
        self.spend(place, depth)
        if event.tag is not None:
            sign = event.tag if event.tag.startswith("!") else "!!"
            self.add(place, f"`{show(sign)}` is read as a YAML tag: put the text in quotes")
        node: Node
        if isinstance(event, yaml.MappingStartEvent):
            node = self._table(place, depth)
        elif isinstance(event, yaml.SequenceStartEvent):
            node = Listing(place, tuple(self._children(yaml.SequenceEndEvent, depth)))
        else:
            node = Scalar(place, self.whole(place, event.value), plain=not event.style)
        if event.anchor is not None:
            self._anchors[event.anchor] = (node, self.count - before, _height(node))
        return node

    def _alias(self, event: Any, place: Place, depth: int) -> Node:
        node, size, height = self._anchors.get(event.anchor, (None, 1, 1))
        self.spend(place, depth + height - 1, size)
        if node is not None:
            return node
        name = show(event.anchor)
        message = f"`*{name}` refers to no anchor `&{name}` above it; a text that begins with `*` needs quotes"
        self.add(place, message)
        return Scalar(place, f"*{event.anchor}", plain=False)

    def _children(self, end: type, depth: int) -> Iterator[Node]:
        while not isinstance(event := next(self._events), end):
            yield self._node(event, depth + 1)

    def _table(self, place: Place, depth: int) -> Table:
        children = list(self._children(yaml.MappingEndEvent, depth))
        entries: dict[str, tuple[Scalar, Node]] = {}
        for key, value in zip(children[::2], children[1::2], strict=True):
            if not isinstance(key, Scalar):
                self.add(key.place, f"a key must be a text, found {describe(key)}")
            elif key.text in entries:
                first = entries[key.text][0].place.line
                self.add(key.place, f"`{show(key.text)}` is given twice, first on line {first}")
            else:
                entries[key.text] = (key, value)
        return Table(place, tuple(entries.values()))


def _place(event: Any) -> Place:
    return Place(event.start_mark.line + 1, event.start_mark.column + 1)


def _height(node: Node) -> int:
    if isinstance(node, Table):
        return 1 + max((_height(value) for _, value in node.entries), default=0)
    if isinstance(node, Listing):
        return 1 + max(map(_height, node.items), default=0)
    return 1


def parse_value(value: object) -> Tree:
    """The tree of a Python value; places refer to its JSON text, which becomes the source.

    Raises `Mistakes` when it cannot be read at all.
    """
    writer = _Writer()
    root = writer.node(value, 1)
    source = "\n".join(writer.lines)
    if len(source) > MAX_TEXT:
        raise Mistakes(Mistake(Place(1, 1), "this is too long: a scenario has at most 1 MiB"))
    return Tree(root, source, writer.wrong)


class _Writer(Budget):
    """Writes a value as JSON, indented by two, and builds the tree from it."""

    def __init__(self) -> None:
        super().__init__()
        self.lines = [""]

    def node(self, value: object, depth: int) -> Node:
        """Append a value to `lines` and return its node."""
        place = Place(len(self.lines), len(self.lines[-1]) + 1)
        self.spend(place, depth)
        if isinstance(value, Mapping):
            return self._table(place, value, depth)
        if isinstance(value, Sequence) and not isinstance(value, str | bytes | bytearray):
            parts = self._lines("[]", value, depth)
            return Listing(place, tuple(self.node(part, depth + 1) for part in parts))
        node = self._scalar(place, value)
        quoted = isinstance(value, str) or not node.exact
        self.lines[-1] += json.dumps(node.text, ensure_ascii=False) if quoted else node.text
        return node

    def _table(self, place: Place, value: Mapping[Any, Any], depth: int) -> Table:
        entries: dict[str, tuple[Scalar, Node]] = {}
        for name in self._lines("{}", value, depth):
            key = self._scalar(Place(len(self.lines), len(self.lines[-1]) + 1), name)
            if not isinstance(name, str):
                self.add(key.place, f"a key must be a text, found `{show(key.text)}`")
            self.lines[-1] += f"{json.dumps(key.text, ensure_ascii=False)}: "
            entries[key.text] = (key, self.node(value[name], depth + 1))
        return Table(place, tuple(entries.values()))

    def _lines(self, brackets: str, parts: Any, depth: int) -> Iterator[Any]:
        """Write brackets, and begin a new line for each part before yielding it."""
        self.lines[-1] += brackets[0]
        for number, part in enumerate(parts):
            self.lines[-1] += "," if number else ""
            self.lines.append("  " * depth)
            yield part
        if parts:
            self.lines.append("  " * (depth - 1))
        self.lines[-1] += brackets[1]

    def _scalar(self, place: Place, value: object) -> Scalar:
        if isinstance(value, str):
            return Scalar(place, self.whole(place, str(value)), plain=False)
        if value is None or isinstance(value, bool):
            return Scalar(place, json.dumps(value), exact=True, value=value)
        if isinstance(value, int) and value.bit_length() <= _LONGEST_NUMBER:
            return Scalar(place, str(int(value)), exact=True, value=int(value))
        if isinstance(value, float) and math.isfinite(value):
            return Scalar(place, repr(float(value)), exact=True, value=float(value))
        kind = "number like that" if isinstance(value, int | float) else type(value).__name__
        self.add(place, f"a {kind} has no meaning here: give a text, a number, a list or a mapping")
        return Scalar(place, kind, plain=False)
