"""The tax office, which confirms or rejects a cash receipt days after the request.

Nothing is sent when it answers, so no job is needed: the state of a request is computed from the
merchant's time whenever it is read.
"""

from dataclasses import replace
from datetime import datetime, time
from typing import TypeVar

from mock_nicepay.contract.business_days import business_day_after
from mock_nicepay.contract.receipts import OUTCOMES
from mock_nicepay.contract.times import KST
from mock_nicepay.core.records import CashReceipt, Receipt, ReceiptCancel

# Documented (receipt.answer): the result is known up to D+2 (K25).
# Assumed (receipt.answer-time): on the second business day, at nine in the morning.
_BUSINESS_DAYS = 2
_OPENS = time(9, tzinfo=KST)

F = TypeVar("F", CashReceipt, Receipt, ReceiptCancel)  # a request to the tax office


def answers_at(asked: datetime) -> datetime:
    """When the tax office answers a request made at that moment."""
    day = business_day_after(asked.astimezone(KST).date(), _BUSINESS_DAYS)
    return datetime.combine(day, _OPENS)


def waits(filing: CashReceipt | Receipt | ReceiptCancel, now: datetime) -> bool:
    """Whether the tax office has not answered yet."""
    if filing.status not in OUTCOMES:
        return False
    return filing.answer_at is None or now < filing.answer_at


def by_now(filing: F, now: datetime) -> F:
    """The request in its state at `now`: after its time it is confirmed unless it was rejected."""
    if filing.status not in OUTCOMES or waits(filing, now):
        return filing
    return replace(filing, status=OUTCOMES[filing.status][0])


def answered(filing: F, *, agrees: bool) -> F:
    """The request, which must be waiting, after being confirmed or rejected now."""
    agreed, turned_down = OUTCOMES[filing.status]
    return replace(filing, status=agreed if agrees else turned_down)
