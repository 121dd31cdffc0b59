"""What fills the places {0}, {1} of a message when a scenario asks for its code.

A scenario may say `{code: U100}` and no more; the message must still name a field, a limit or a value
that can occur at that call.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mock_nicepay.contract.fields import Amount, Body, CancelAmount, Field, Text
from mock_nicepay.contract.tables import ResultCode

_LONGEST_SHOWN = 100  # characters of a caller's own value that a message repeats
_USUAL = "orderId"  # the field that most calls have


@dataclass(frozen=True, slots=True)
class Subject:
    """What a call's messages can be about."""

    required: str  # a field that must be there
    field: str  # any field
    limit: int  # bytes that a field of it may have
    amount: str  # a field that must be above 0


def subject_of(body: Body, places: tuple[str, ...] = ()) -> Subject:
    """What can be said of a call with these fields, and these places in its path."""
    fields = body.declared
    required = next((name for name, field in fields.items() if field.required), None)
    return Subject(
        required=required or next(iter(places), None) or next(iter(fields), _USUAL),
        field=next(iter(fields), None) or next(iter(places), _USUAL),
        limit=_limit(fields),
        amount=_amount(fields),
    )


def fill_values(
    row: ResultCode,
    subject: Subject,
    given: tuple[str, ...] = (),
    known: Mapping[str, Any] | None = None,
) -> list[str]:
    """Values for the places of a message: those given, then such as the call could have earned.

    `known` is what was sent and who sent it: orderId, mid and the like; what is not there is made up.
    """
    fitting = _fitting(row.code, subject, _told(known or {})) or (subject.field,) * row.places
    return [*given, *fitting[len(given) : row.places]]


def _fitting(code: str, subject: Subject, told: Mapping[str, str]) -> tuple[str, ...]:
    """Values for the places of this code's text, from left to right; none when it has no row."""
    rows: Mapping[str, tuple[str, ...]] = {
        "U100": (subject.required,),
        "U105": (str(subject.limit), str(subject.limit + 1)),
        "U132": ("unknown",),
        "U134": ("5",),  # installments from 5 x 10,000 won
        "U142": (subject.amount,),
        "U143": ("tosspayBill", "cardQuota"),
        "U144": ("36",),  # months
        "U145": ("kakaopayCard",),
        "U153": ("2023-02-30",),
        "U154": (subject.required,),
        "U339": ("vbankValidHours",),
        "P007": (subject.required,),
        "P008": ("directReceiptNo", "0212345", "10"),
        "P009": ("language", "KOREAN", "2"),
        "P010": ("amount", "1,004원"),
        "P011": ("useEscrow", "Y"),
        "P012": ("currency", "JPY", "KRW, USD, CNY"),
        "P013": ("amount", told.get("amount", "1004")),
        "P014": (told.get("mid", "UT0000113m"),),
        "P015": (told.get("orderId", "order-1"),),
        "P016": (told.get("mid", "UT0000113m"),),
        "P019": ("NICEUNTT00000000000000000000000000000000",),
        "P023": ("cardQuota",),
        "P047": ("paid",),
    }
    return rows.get(code, ())


def _told(known: Mapping[str, Any]) -> dict[str, str]:
    """What was said, shortened: it may be anything."""
    return {
        name: str(value)[:_LONGEST_SHOWN]
        for name, value in known.items()
        if isinstance(value, str | int) and value not in ("", None)
    }


def _limit(fields: Mapping[str, Field]) -> int:
    """The limit of the first required field that has one, else of the first that has one."""
    limits = [
        (not field.required, field.max_bytes)
        for field in fields.values()
        if isinstance(field, Text) and field.max_bytes
    ]
    return min(limits, key=lambda row: row[0])[1] if limits else 64


def _amount(fields: Mapping[str, Field]) -> str:
    """The name of the field that says how much is cancelled, else how much is paid."""
    for kind in (CancelAmount, Amount):
        found = next((name for name, field in fields.items() if isinstance(field, kind)), None)
        if found:
            return found
    return "cancelAmt"
