"""Transaction ids of a merchant: of payments, cancels and cash receipts."""

from mock_nicepay.core.call import Context
from mock_nicepay.core.records import Payment


def new_tid(context: Context, service: str) -> str:
    """A tid nobody has yet, with the service's two digits and the present second in it."""
    while True:
        tid = context.identity.tid(context.merchant.mid, service, context.now)
        if context.store.get(Payment, tid) is None:  # there may be some of an earlier start
            return tid
