"""Reads single values and whole mappings of a scenario, and continues after a mistake.

A reader takes a node and returns a value, or raises `Mistakes`. This module does not know what the
keys of a scenario mean.
"""

import re
from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from typing import Any, TypeVar

from mock_nicepay.contract.spelling import nearest
from mock_nicepay.contract.tables import nearest_codes, result_codes
from mock_nicepay.contract.times import parse_duration
from mock_nicepay.core.scenarios.tree import (
    Listing,
    Mistake,
    Mistakes,
    Node,
    Place,
    Scalar,
    Table,
    describe,
    mistake,
    show,
)

T = TypeVar("T")
Reader = Callable[[Node], Any]
Complaint = Callable[[str], str]  # what is wrong with a word, or "" when it is right

_INTEGER = re.compile(r"[+-]?[0-9]{1,19}")


def did_you_mean(word: str, words: Collection[str]) -> str:
    """`did you mean ...?` with the most similar word in backticks; empty when none is similar."""
    near = nearest(word, words)
    return f"did you mean `{near}`?" if near else ""


def suggestion(word: str, words: Collection[str]) -> str:
    """Suggest the most similar of `words`, or list them all."""
    listed = ", ".join(f"`{known}`" for known in words)
    return did_you_mean(word, words) or f"expected {'one of ' if len(words) > 1 else ''}{listed}"


def among(words: Collection[str], what: str) -> Complaint:
    """Refuses a word that is not among `words`."""

    def complain(word: str) -> str:
        return (
            ""
            if word in words
            else f"`{show(word)}` is not a valid {what}: {suggestion(word, words)}"
        )

    return complain


def code_complaint(code: str, known: Collection[str] | None = None) -> str:
    """What is wrong with a result code, with the nearest ones; empty when it is known."""
    codes = result_codes()
    if code in (codes if known is None else known):
        return ""
    near = [key for key in nearest_codes(code[:100]) if known is None or key in known]
    hint = (
        ", ".join(f"`{key}` ({codes[key].ko})" for key in near)
        or "none; `mock-nicepay codes` lists all"
    )
    return f"`{show(code)}` is not a published result code; nearest: {hint}"


def text(node: Node) -> str:
    """Reads a single value as it was typed."""
    if not isinstance(node, Scalar) or node.blank or (node.exact and node.value is None):
        raise mistake(node, f"expected a text, found {describe(node)}")
    return node.text


def filled(node: Node) -> str:
    """Reads a text of at least one character."""
    if not text(node):
        raise mistake(node, "expected a text, found an empty text")
    return text(node)


def word(words: Collection[str], what: str) -> Callable[[Node], str]:
    """Reads one of `words`."""
    complain = among(words, what)

    def read(node: Node) -> str:
        if wrong := complain(text(node)):
            raise mistake(node, wrong)
        return text(node)

    return read


def integer(low: int, high: int, what: str) -> Callable[[Node], int]:
    """Reads a whole number between two bounds."""

    def read(node: Node) -> int:
        if isinstance(node, Scalar) and _INTEGER.fullmatch(node.text):
            number = int(node.text)
            if low <= number <= high:
                return number
        raise mistake(node, f"expected {what}, found {describe(node)}")

    return read


def duration(high: timedelta, limit: str) -> Callable[[Node], timedelta]:
    """Reads a span of time that is at most `high`."""

    def read(node: Node) -> timedelta:
        span = parsed(parse_duration)(node)
        if span > high:
            raise mistake(node, f"`{show(text(node))}` is too long: at most {limit}")
        return span

    return read


def parsed(parse: Callable[[str], T]) -> Callable[[Node], T]:
    """Reads a text by a function that raises `ValueError` with the reason."""

    def read(node: Node) -> T:
        written = text(node)
        if len(written) > 100:
            raise mistake(node, f"`{show(written)}` is too long")
        try:
            return parse(written)
        except ValueError as error:
            raise mistake(node, str(error)) from None

    return read


class Gather:
    """Collects mistakes, so that all are reported at once."""

    def __init__(self) -> None:
        self.found: list[Mistake] = []

    def add(self, place: Place, message: str) -> None:
        """Note one mistake."""
        self.found.append(Mistake(place, message))

    def read(self, reader: Callable[[Node], T], node: Node) -> T | None:
        """The value that `reader` reads from the node; on a mistake None, and the mistake is noted."""
        try:
            return reader(node)
        except Mistakes as wrong:
            self.found.extend(wrong.found)
            return None

    def check(self) -> None:
        """Raise the collected mistakes, if there are any."""
        if self.found:
            raise Mistakes(*self.found)


def listing(reader: Callable[[Node], T], what: str) -> Callable[[Node], tuple[T, ...]]:
    """Reads a list, each item by `reader`."""

    def read(node: Node) -> tuple[T, ...]:
        if not isinstance(node, Listing):
            raise mistake(node, f"expected a list of {what}, found {describe(node)}")
        gather = Gather()
        values = [gather.read(reader, item) for item in node.items]
        gather.check()
        return tuple(value for value in values if value is not None)

    return read


class Form(Gather):
    """A mapping with known keys: reads each one, and notes unknown and missing ones.

    `values` holds what could be read, in the order of the file.
    """

    def __init__(
        self,
        node: Node,
        readers: Mapping[str, Reader],
        what: str,
        *,
        required: tuple[str, ...] = (),
        hints: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__()
        if not isinstance(node, Table):
            raise mistake(node, f"expected {what}, which is a mapping, found {describe(node)}")
        self.places: dict[str, Place] = {}
        self.values: dict[str, Any] = {}
        for key, value in node.entries:
            self.places[key.text] = key.place
            if key.text in readers:
                self._take(key.text, readers[key.text], value)
            else:
                hint = (hints or {}).get(key.text) or suggestion(key.text, readers)
                self.add(key.place, f"unknown key `{show(key.text)}` in {what}: {hint}")
        for name in required:
            if name not in self.places:
                self.add(node.place, f"`{name}` is missing in {what}")

    def _take(self, name: str, reader: Reader, node: Node) -> None:
        value = self.read(reader, node)
        if value is not None:
            self.values[name] = value


def fields(reader: Callable[[Scalar, Node], T], what: str) -> Callable[[Node], tuple[T, ...]]:
    """Reads a mapping with any keys, each key with its value by `reader`; at least one."""

    def read(node: Node) -> tuple[T, ...]:
        if not isinstance(node, Table) or not node.entries:
            found = "an empty one" if isinstance(node, Table) else describe(node)
            raise mistake(node, f"expected a mapping of {what}, found {found}")
        gather = Gather()
        values = []
        for key, value in node.entries:

            def entry(part: Node, key: Scalar = key) -> T:
                return reader(key, part)

            values.append(gather.read(entry, value))
        gather.check()
        return tuple(value for value in values if value is not None)

    return read
