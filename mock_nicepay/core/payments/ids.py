"""Ids of a merchant's business: of payments, cancels and cash receipts; of billing keys."""

from mock_nicepay.core.call import Context
from mock_nicepay.core.records import BillingKey, Payment

GENERAL = "01"  # the medium of what a payer is present for
# Recorded (tid.medium): 16 in the tids of recurring payments.
RECURRING = "16"


def new_tid(context: Context, service: str, medium: str = GENERAL) -> str:
    """A tid nobody has yet, with the two digits each of service and medium, and the present second."""
    while True:
        tid = context.identity.tid(context.merchant.mid, service, context.now, medium)
        if context.store.get(Payment, tid) is None:  # there may be some of an earlier start
            return tid


def new_bid(context: Context) -> str:
    """A bid nobody has yet."""
    while True:
        bid = context.identity.billing_id(context.merchant.mid, context.now)
        if context.store.get(BillingKey, bid) is None:  # there may be some of an earlier start
            return bid
