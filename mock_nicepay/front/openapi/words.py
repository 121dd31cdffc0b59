"""The meaning of calls and fields, from `contract/data/calls.csv` and `fields.csv`.

The English description of a call is its docstring.
"""

import csv
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from typing import NamedTuple


class Meaning(NamedTuple):
    """A field's meaning in both languages."""

    en: str
    ko: str


@cache
def meanings() -> Mapping[str, Meaning]:
    """Every known field's meaning by its name."""
    return {row["name"]: Meaning(row["en"], row["ko"]) for row in _rows("fields.csv")}


@cache
def in_korean() -> Mapping[str, str]:
    """What each call does, by its name."""
    return {row["name"]: row["ko"] for row in _rows("calls.csv")}


def _rows(name: str) -> Iterable[dict[str, str]]:
    file = resources.files("mock_nicepay.contract").joinpath("data", name)
    return csv.DictReader(file.read_text("utf-8").splitlines())


def about(name: str) -> str:
    """A field's meaning in English; empty for a name without an explanation."""
    found = meanings().get(name)
    return found.en if found else ""
