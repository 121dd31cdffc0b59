"""The published tables: result codes, cards, banks.

Read from `data/*.csv`. Of the result codes a row's key is its own name, because three codes mean
two things each (`2011` and `cancel/2011`); the four characters on the wire are a column.
Documented (code.2032): it is the cancel's alone in E26; K25, the OpenAPI text and E24 have it also for
an orderId that is too long.
"""

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib import resources
from types import MappingProxyType

# Recorded (success.message): every recorded success says 정상 처리되었습니다. whatever the tables print.
SUCCESS = "0000"
# Which meaning of a two-meaning code is the payment window's.
CARD_AUTHENTICATION = "card-authentication"

_PLACE = re.compile(r"\{\w*\}")
# Documented (code.net-cancelled): NICEPAY's own processing failed, and the payment was net-cancelled:
# U504 at the window and key-in, U503 at recurring payments (E26 info-firewall-timeout).
_NET_CANCELLED = frozenset({"U503", "U504"})


@dataclass(frozen=True, slots=True)
class ResultCode:
    """One row of the published tables."""

    key: str
    code: str
    http: int
    origin: str  # api, payment-network, window, or two of them joined by +
    success: bool  # inside the payment network; the API makes 0000 of it
    ko: str  # the wire text, with {0} places
    en: str  # never on the wire
    older_ko: str  # wording of an older edition, when it differs

    @property
    def is_decline(self) -> bool:
        """Whether it is the payment network's no, rather than the API's own or a success."""
        return "payment-network" in self.origin and not self.success and self.code != SUCCESS

    @property
    def is_net_cancel(self) -> bool:
        """Whether it says that NICEPAY failed itself, and took back what it had paid."""
        return self.code in _NET_CANCELLED

    @property
    def source(self) -> str:
        """Whose message it is, as answers say it.

        Documented (message.source-of): `nicepay` of U codes and 0000, `external` of a partner's (E26).
        """
        return "external" if self.is_decline else "nicepay"

    @property
    def places(self) -> int:
        """How many values the message needs."""
        return len(_PLACE.findall(self.ko))

    def message(self, *values: object) -> str:
        """The Korean wire text with its places filled from left to right."""
        rest = iter(values)
        return _PLACE.sub(lambda place: str(next(rest, place.group())), self.ko)


@dataclass(frozen=True, slots=True)
class CardCompany:
    """One row of the published card companies: an issuer, a foreign brand or a wallet's own money."""

    code: str
    ko: str  # the wire text
    en: str
    in_window: bool  # the payment window offers it
    wallets: frozenset[str]  # the wallets it can be used in, by their payMethod


@dataclass(frozen=True, slots=True)
class BankRow:
    """One row of the published banks."""

    code: str
    ko: str  # the wire text
    en: str
    issues_accounts: bool  # a virtual account can be issued there


def _rows(file: str) -> Iterable[dict[str, str]]:
    text = resources.files("mock_nicepay.contract").joinpath(f"data/{file}").read_text("utf-8")
    return csv.DictReader(text.splitlines())


@cache
def cards() -> Mapping[str, CardCompany]:
    """Every published card company by its code."""
    return MappingProxyType(
        {
            row["code"]: CardCompany(
                code=row["code"],
                ko=row["ko"],
                en=row["en"],
                in_window=row["in_window"] == "yes",
                wallets=frozenset(row["wallets"].split()),
            )
            for row in _rows("cards.csv")
        }
    )


@cache
def banks() -> Mapping[str, BankRow]:
    """Every published bank by its code."""
    return MappingProxyType(
        {
            row["code"]: BankRow(row["code"], row["ko"], row["en"], row["issues_accounts"] == "yes")
            for row in _rows("banks.csv")
        }
    )


@cache
def result_codes() -> Mapping[str, ResultCode]:
    """Every published result code by its key, in the order of the published tables."""
    return MappingProxyType(
        {
            row["key"]: ResultCode(
                key=row["key"],
                code=row["code"],
                http=int(row["http"]),
                origin=row["origin"],
                success=row["success"] == "yes",
                ko=row["ko"],
                en=row["en"],
                older_ko=row["older_ko"],
            )
            for row in _rows("result_codes.csv")
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
    """Rows whose code, Korean or English text contains every word of `text`, case ignored.

    Exact codes come first, then those that begin so, then the others; each in the published order.
    """
    words = text.casefold().split()
    found = [
        row
        for row in result_codes().values()
        if all(word in f"{row.key} {row.ko} {row.en} {row.older_ko}".casefold() for word in words)
    ]
    return sorted(found, key=lambda row: _distance(row, text.strip().casefold()))


def _distance(row: ResultCode, text: str) -> int:
    """How far a row is from a text that may be its code: 0 is exact."""
    spelt = (row.code.casefold(), row.key.casefold())
    if text in spelt:
        return 0
    return 1 if text and any(each.startswith(text) for each in spelt) else 2
