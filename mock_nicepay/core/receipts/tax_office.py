"""The tax office, which has the last word on a cash receipt, days after it was asked for.

Nothing is sent when it answers, so nothing has to happen then: what a request has become is
reckoned from the merchant's time whenever somebody looks.
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

F = TypeVar("F", CashReceipt, Receipt, ReceiptCancel)  # what is filed with the tax office


def answers_at(asked: datetime) -> datetime:
    """When the tax office answers what it was asked at that moment."""
    day = business_day_after(asked.astimezone(KST).date(), _BUSINESS_DAYS)
    return datetime.combine(day, _OPENS)


def waits(filing: CashReceipt | Receipt | ReceiptCancel, now: datetime) -> bool:
    """Whether the tax office has still to answer."""
    if filing.status not in OUTCOMES:
        return False
    return filing.answer_at is None or now < filing.answer_at


def by_now(filing: F, now: datetime) -> F:
    """The same as it is at that moment: a request that nobody turned down has been agreed to."""
    if filing.status not in OUTCOMES or waits(filing, now):
        return filing
    return replace(filing, status=OUTCOMES[filing.status][0])


def answered(filing: F, *, agrees: bool) -> F:
    """The same when the tax office answers it now, one way or the other; it must wait for that."""
    agreed, turned_down = OUTCOMES[filing.status]
    return replace(filing, status=agreed if agrees else turned_down)
