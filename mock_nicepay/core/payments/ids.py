"""Makes the ids of payments, cancels, cash receipts and billing keys."""

from mock_nicepay.core.call import Context
from mock_nicepay.core.records import BillingKey, PartTid, Payment
from mock_nicepay.core.store import Store

GENERAL = "01"  # the medium when a payer is present
# Recorded (tid.medium): 16 in the tids of recurring payments.
RECURRING = "16"


def new_tid(context: Context, service: str, medium: str = GENERAL) -> str:
    """A new unique tid with two digits each for service and medium, and the present second."""
    while True:
        tid = context.identity.tid(context.merchant.mid, service, context.now, medium)
        if context.store.get(Payment, tid) is None:  # there may be some of an earlier start
            return tid


def new_part_tid(context: Context, payment: Payment, service: str) -> str:
    """A new tid for a cancel or a cash receipt of that payment; `payment_with` finds it by this tid."""
    tid = new_tid(context, service)
    context.store.put(PartTid(tid, payment.client_id, payment.tid))
    return tid


def payment_with(store: Store, tid: str) -> Payment | None:
    """The payment with this tid, or with a cancel or cash receipt of this tid; of any merchant."""
    part = store.get(PartTid, tid)
    return store.get(Payment, tid if part is None else part.payment_tid)


def new_bid(context: Context) -> str:
    """A new unique bid."""
    while True:
        bid = context.identity.billing_id(context.merchant.mid, context.now)
        if context.store.get(BillingKey, bid) is None:  # there may be some of an earlier start
            return bid
