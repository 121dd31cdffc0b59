"""Finds payments by tid or orderId, and checks whether an orderId is still free."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from mock_nicepay.contract.methods import RECEIPT_SERVICE
from mock_nicepay.core.call import Context
from mock_nicepay.core.payments.receipts import receipt_in_payments, with_answers
from mock_nicepay.core.records import (
    AUTHORISED,
    FAILED,
    Payment,
    Receipt,
    ReceiptCancel,
    UsedOrder,
)
from mock_nicepay.core.store import Store

SERVICE = slice(10, 12)  # the digits of a tid that name the service


def payment_of(context: Context, tid: str) -> Payment | None:
    """This merchant's payment with that tid, in any state; another merchant's is unknown."""
    payment = context.store.get(Payment, tid)
    if payment is None or payment.client_id != context.merchant.client_id:
        return None
    return with_answers(payment, context.now)


def is_visible(payment: Payment, now: datetime) -> bool:
    """Whether look-ups show it: its approval was requested and has been answered."""
    return payment.status != AUTHORISED and not is_processing(payment, now)


def is_processing(payment: Payment, now: datetime) -> bool:
    """Whether its approval is still being processed."""
    return payment.processing_until is not None and payment.processing_until > now


def paid_payments(context: Context, order_id: str) -> list[Payment]:
    """The payments that hold this orderId, oldest first, also those still being approved.

    Documented (order.declined): a declined one lets go of its orderId and is found by tid only
    (E26 api-billing says it of recurring charges; here of all payments).
    """
    found = context.store.find(Payment, context.merchant.client_id, order_id=order_id)
    held = [each for each in found if each.status not in {AUTHORISED, FAILED}]
    return [with_answers(each, context.now) for each in held]


def by_order(context: Context, order_id: str) -> Payment | None:
    """The payment that look-ups find by an orderId: the newest of those that hold it."""
    seen = [each for each in paid_payments(context, order_id) if is_visible(each, context.now)]
    return seen[-1] if seen else None


def payment_behind(store: Store, client_id: str, data: Mapping[str, Any]) -> dict[str, str]:
    """The payment's values that a caller may have signed besides those of its request.

    The payment is the one of the tid, else the newest of the orderId; empty when there is none.
    """
    if "tid" in data:
        payment = store.get(Payment, data["tid"])
        found = [payment] if payment and payment.client_id == client_id else []
    else:
        found = store.find(Payment, client_id, order_id=str(data["orderId"]))
    if not found:
        return {}
    newest = found[-1]
    return {
        "tid": newest.tid,
        "orderId": newest.order_id,
        "amount": str(newest.amount),
        "authToken": newest.auth_token,
    }


def order_is_known(context: Context, order_id: str) -> bool:
    """Whether a payment holds this orderId, or a cancel was requested with it."""
    used = context.store.get(UsedOrder, _key(context, order_id))
    return used is not None or bool(paid_payments(context, order_id))


def order_is_used(context: Context, order_id: str) -> bool:
    """Whether no further payment may use this orderId.

    Documented (order.once): an orderId is paid once, and stays used when that payment is cancelled
    (K25, code list U112); a contract may say otherwise, and merchants without the check exist.
    """
    return not context.merchant.repeats_order_ids and order_is_known(context, order_id)


def use_order(context: Context, order_id: str) -> None:
    """Remember an orderId that was used for a cancel."""
    client_id = context.merchant.client_id
    context.store.put(UsedOrder(_key(context, order_id), client_id, order_id))


def is_receipt(context: Context, tid: str) -> bool:
    """Whether the tid is that of a cash receipt of this merchant."""
    if tid[SERVICE] != RECEIPT_SERVICE:
        return False
    by_itself = context.store.get(Receipt, tid) or context.store.get(ReceiptCancel, tid)
    if by_itself is not None:
        return by_itself.client_id == context.merchant.client_id
    return receipt_in_payments(context, tid) is not None


def is_receipt_order(context: Context, order_id: str) -> bool:
    """Whether a cash receipt that this merchant requested by itself has that orderId."""
    return bool(context.store.find(Receipt, context.merchant.client_id, order_id=order_id))


def _key(context: Context, order_id: str) -> str:
    return f"{context.merchant.client_id}/{order_id}"
