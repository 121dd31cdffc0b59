"""The fields that reconciliation is asked with: a day, a page of what happened on it."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from mock_nicepay.contract.fields import Amount, Text
from mock_nicepay.contract.refusal import Cause, Refusal

# Recorded (reconciliation.date): date=20230228 (2024).
# Recorded (reconciliation.beta-dates): 2023-02-28T00:00:00 in startDate, endDate and date (2023 beta).
_FORMS = {"%Y%m%d": re.compile(r"[0-9]{8}"), "%Y-%m-%dT%H:%M:%S": re.compile(r"[0-9T:-]{19}")}
_NOW, _BETA = _FORMS
_LONGEST = 19  # bytes, in the tables; the beta's form has as many
_SEQUENCE_DIGITS = 30
MOST_ROWS = 500
USUAL_ROWS = 100


@dataclass(frozen=True, slots=True)
class AskedDay:
    """A day that was asked for, and whether it was written as the beta wrote it."""

    day: date
    is_beta: bool

    def __str__(self) -> str:
        return f"{self.day:{_BETA if self.is_beta else _NOW}}"


class Day(Text):
    """A day, as `20230228`; the beta's form is read as well, and known by `is_beta`.

    Assumed (reconciliation.u130): anything else, and a day that no calendar has, is U130; the text
    fits.
    """

    refuses_with = (*Text.refuses_with, "U130")

    def __init__(self, *, required: bool = False) -> None:
        super().__init__(_LONGEST, required=required)

    def read(self, value: Any, name: str) -> Any:
        text = super().read(value, name)
        for form, pattern in _FORMS.items():
            if pattern.fullmatch(text):
                try:
                    day = datetime.strptime(text, form).date()  # noqa: DTZ007 - a day, no moment
                except ValueError:
                    break
                return AskedDay(day, form == _BETA)
        raise not_a_day(name, text)


class Sequence(Amount):
    """The number of the first row of a page; 0 means the first there is.

    Documented (reconciliation.sequence-length): 30 bytes (E24); more is U105, as of any text.
    Assumed (reconciliation.sequence): below 0 is U142, no number U329; the texts fit.
    """

    refuses_with = ("U105", "U142", "U329")
    LEAST = 0
    TOO_SMALL = "U142"
    NO_NUMBER = "U329"

    def __init__(self) -> None:
        super().__init__(_SEQUENCE_DIGITS)

    def too_large(self, name: str, value: Any) -> Refusal:
        length = len(str(value))
        return Refusal("U105", self.digits, length, cause=_too_long(name, length, self.digits))


class Limit(Amount):
    """How many rows a page may have.

    Documented (reconciliation.limit): 100 when it is not said, 500 at the most (E24).
    Assumed (reconciliation.limit-above): more is U132 with the number in the brackets, 0 or less U142.
    """

    refuses_with = ("U142", "U329", "U132")
    TOO_SMALL = "U142"
    NO_NUMBER = "U329"

    def read(self, value: Any, name: str) -> int:
        number = super().read(value, name)
        if number > MOST_ROWS:
            raise self.too_large(name, number)
        return number

    def too_large(self, name: str, value: Any) -> Refusal:
        shown = str(value)[:20]
        return Refusal("U132", shown, cause=_too_many(name, shown))


def not_a_day(name: str, text: str) -> Refusal:
    """What is said of a date that is none."""
    return Refusal(
        "U130",
        cause=Cause(
            f"{name} is {text!r}; send a day of the calendar as yyyyMMdd, such as 20230228",
            f"{name} 값 {text!r}은(는) 올바른 날짜가 아닙니다. 20230228처럼 yyyyMMdd 형식으로 보내야 합니다",
        ),
    )


def _too_long(name: str, length: int, limit: int) -> Cause:
    return Cause(
        f"{name} has {length} characters; at most {limit} are allowed, and no day has that many rows",
        f"{name} 값이 {length}자입니다. 최대 {limit}자까지 허용됩니다",
    )


def _too_many(name: str, number: str) -> Cause:
    return Cause(
        f"{name} is {number}; at most {MOST_ROWS} rows come at once, the rest by startingSequence",
        f"{name} 값이 {number}입니다. 한 번에 최대 {MOST_ROWS}건이며 나머지는 startingSequence로 조회합니다",
    )
