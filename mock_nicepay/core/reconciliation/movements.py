"""The movements of payments, stored by day as they happen.

Reconciliation reads them. Everything that moves money emits an event for the shop's webhook in the
same transaction; movements are made from these events, so that no way of paying can be missed.
"""

from collections.abc import Iterable

from mock_nicepay.contract.times import day_of
from mock_nicepay.core.records import (
    CANCELLED,
    CREATED,
    PAID,
    PART_CANCELLED,
    UNMADE,
    Cancel,
    Movement,
    Payment,
)
from mock_nicepay.core.store import Store


def book(store: Store, events: Iterable[tuple[str, Payment, str]]) -> None:
    """Store the movements of one transaction's events, in order.

    An event is its name (paid, ready, deposited, cancelled, partialCancelled), the payment as it is
    afterwards, and a character set. Must be called inside that transaction.
    """
    for event, payment, _ in events:
        cancel = payment.cancels[-1] if event in (CANCELLED, PART_CANCELLED) else None
        store.put(_of_cancel(payment, cancel) if cancel else _of_payment(payment, event))


def _of_payment(payment: Payment, event: str) -> Movement:
    created = event == "ready"
    at = payment.deposited_at or payment.paid_at
    assert at is not None  # both come with the event
    return Movement(
        key=f"{payment.tid}/{event}",
        client_id=payment.client_id,
        day=day_of(at),
        at=at,
        tid=payment.tid,
        payment_tid=payment.tid,
        order_id=payment.order_id,
        status=CREATED if created else PAID,
        amount=payment.amount,
        supply=payment.supply,
        after=0 if created else payment.amount,
    )


def _of_cancel(payment: Payment, cancel: Cancel) -> Movement:
    """The movement of a payment's last cancel.

    Assumed (transactions.cancel-order-id): a cancel with a tid of its own shows the orderId it was
    asked for under.
    """
    unpaid = payment.account is not None and payment.deposited_at is None
    whole = cancel.tid == payment.tid
    return Movement(
        key=f"{payment.tid}/cancel/{len(payment.cancels)}",
        client_id=payment.client_id,
        day=day_of(cancel.at),
        at=cancel.at,
        tid=cancel.tid,
        payment_tid=payment.tid,
        order_id=payment.order_id if whole else cancel.order_id,
        status=UNMADE if unpaid else _word(whole),
        amount=cancel.amount,
        supply=cancel.supply,
        before=0 if unpaid else payment.balance + cancel.amount,
        after=0 if unpaid else payment.balance,
    )


def _word(whole: bool) -> str:
    """Assumed (transactions.partial): every cancel with its own tid is partialCancelled, even that of
    the rest; `cancelled` means the whole payment.
    """
    return CANCELLED if whole else PART_CANCELLED
