"""When the bank pays a deposit back to its payer; no answer of the gateway shows that."""

from datetime import datetime, time

from mock_nicepay.contract.business_days import business_day_after
from mock_nicepay.contract.times import KST
from mock_nicepay.core.records import Cancel, Payment

_PAID_OUT = time(17, tzinfo=KST)


def refunded_at(payment: Payment, cancel: Cancel) -> datetime | None:
    """When the bank pays a deposit back; None for any other cancel.

    Documented (refund.day): on the next business day (D+1) at 17:00 (K25, E26 cancel pages).
    """
    if payment.deposited_at is None or cancel.at < payment.deposited_at:
        return None
    day = business_day_after(cancel.at.astimezone(KST).date(), 1)
    return datetime.combine(day, _PAID_OUT)
