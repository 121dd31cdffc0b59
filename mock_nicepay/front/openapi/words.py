"""What the fields of calls and answers mean, in English and Korean: `contract/data/fields.csv`."""

import csv
from collections.abc import Mapping
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
    file = resources.files("mock_nicepay.contract").joinpath("data/fields.csv")
    rows = csv.DictReader(file.read_text("utf-8").splitlines())
    return {row["name"]: Meaning(row["en"], row["ko"]) for row in rows}


def about(name: str) -> str:
    """A field's meaning in English; empty for a name that nobody has explained."""
    found = meanings().get(name)
    return found.en if found else ""
