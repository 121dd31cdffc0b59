"""The offers of card companies, the same for all merchants."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from mock_nicepay.core.records.record import Record


@dataclass(frozen=True, slots=True)
class Plan:
    """An offer of installments without interest for the payer; in won."""

    card: str  # its code
    months: tuple[int, ...]
    least: int  # amounts from this one
    most: int  # to this one
    until: date | None = None  # the last day; None: the last of whatever month it is
    auth: bool | None = None  # in the window alone, or alone outside of it; None: in both


@dataclass(frozen=True, slots=True)
class Offers(Record):
    """The offers of all card companies. There is one such record."""

    KEY: ClassVar[str] = "name"
    OWNER: ClassVar[str] = ""

    points: tuple[str, ...]  # the codes of the cards that can be paid with by their points
    plans: tuple[Plan, ...]
    name: str = "offers"
