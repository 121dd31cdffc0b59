"""The published result codes: wire code, HTTP status, Korean message, English label.

Read from `data/result_codes.csv`. A row's key is its own name, because four codes mean
two things each (`2011` and `cancel/2011`); the four characters on the wire are a column.
"""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib import resources
from types import MappingProxyType

# Recorded (success.message): every recorded success says 정상 처리되었습니다. whatever the tables print.
SUCCESS = "0000"

_PLACE = re.compile(r"\{\w*\}")


@dataclass(frozen=True, slots=True)
class ResultCode:
    """One row of the published tables."""

    key: str
    code: str
    http: int
    origin: str  # api, payment-network, window, or two of them joined by +
    ko: str  # the wire text, with {0} places
    en: str  # never on the wire
    older_ko: str  # wording of an older edition, when it differs

    @property
    def places(self) -> int:
        """How many values the message needs."""
        return len(_PLACE.findall(self.ko))

    def message(self, *values: object) -> str:
        """The Korean wire text with its places filled from left to right."""
        rest = iter(values)
        return _PLACE.sub(lambda place: str(next(rest, place.group())), self.ko)


@cache
def result_codes() -> Mapping[str, ResultCode]:
    """Every published result code by its key, in the order of the published tables."""
    text = (
        resources.files("mock_nicepay.contract")
        .joinpath("data/result_codes.csv")
        .read_text("utf-8")
    )
    return MappingProxyType(
        {
            row["key"]: ResultCode(
                key=row["key"],
                code=row["code"],
                http=int(row["http"]),
                origin=row["origin"],
                ko=row["ko"],
                en=row["en"],
                older_ko=row["older_ko"],
            )
            for row in csv.DictReader(text.splitlines())
        }
    )


def result_code(key: str, domain: str = "") -> ResultCode:
    """The row for `key`; of a code with two meanings the one of `domain` when there is one.

    Raises `KeyError` for an unknown code.
    """
    codes = result_codes()
    return codes.get(f"{domain}/{key}") or codes[key]


def nearest_codes(text: str) -> list[str]:
    """Result codes spelt much like `text`, best first. No code has the letter O: a zero is meant."""
    spelt = {key.upper(): key for key in result_codes()}
    head, slash, code = text.upper().rpartition("/")
    meant = f"{head}{slash}{code.replace('O', '0')}"
    return [spelt[near] for near in get_close_matches(meant, list(spelt), n=3, cutoff=0.5)]


def search_codes(text: str) -> list[ResultCode]:
    """Rows whose code, Korean or English text contains every word of `text`, case ignored."""
    words = text.casefold().split()
    return [
        row
        for row in result_codes().values()
        if all(word in f"{row.key} {row.ko} {row.en} {row.older_ko}".casefold() for word in words)
    ]
