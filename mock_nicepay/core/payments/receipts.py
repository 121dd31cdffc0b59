"""Cash receipts of payments: requested when the money arrives, cancelled when it goes back."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from mock_nicepay.contract.methods import RECEIPT_SERVICE
from mock_nicepay.contract.receipts import (
    CANCEL_FAILED,
    CANCEL_REQUESTED,
    CANCELLED,
    ISSUE_FAILED,
    ISSUE_REQUESTED,
    ISSUE_WITHDRAWN,
)
from mock_nicepay.core.call import Context
from mock_nicepay.core.payments.ids import new_part_tid, payment_with
from mock_nicepay.core.receipts.tax_office import answers_at, by_now
from mock_nicepay.core.records import Cancel, CashReceipt, Payment


def issue_receipt(context: Context, payment: Payment) -> Payment:
    """The payment with the receipt its payer asked for, if any.

    Assumed (receipt.issue): asked for when the money has come, by a transfer or a deposit; the
    payment shows status issueRequested and a nine-digit number of the tax office's.
    """
    wish = payment.receipt_wish
    if wish is None:
        return payment
    receipt = CashReceipt(
        tid=new_part_tid(context, payment, RECEIPT_SERVICE),
        origin_tid=payment.tid,
        status=ISSUE_REQUESTED,
        amount=payment.amount,
        tax_free=payment.tax_free,
        kind=wish.kind,
        issue_no=context.identity.digits(9),
        answer_at=answers_at(context.now),
    )
    return replace(payment, receipts=(*payment.receipts, receipt))


def cancel_receipt(context: Context, payment: Payment, cancel: Cancel) -> Payment:
    """The payment with one more receipt element, for a cancel.

    Documented (receipt.cancel): a partial cancel adds an element whose orgTid is the cancel's tid
    (K25).
    Assumed (receipt.cancel-full): a full cancel adds one as well. Before the tax office has answered
    it withdraws the request, and has nothing to wait for. Of what was turned down nothing is taken
    back.
    """
    if not payment.receipts:
        return payment
    first, *others = (by_now(each, context.now) for each in payment.receipts)
    if first.status == ISSUE_FAILED:
        return payment
    withdrawn = first.status == ISSUE_REQUESTED and cancel.amount == first.amount
    if withdrawn:
        first = replace(first, status=ISSUE_WITHDRAWN)
    taken_back = replace(
        first,
        tid=new_part_tid(context, payment, RECEIPT_SERVICE),
        origin_tid=cancel.tid,
        status=CANCELLED if withdrawn else CANCEL_REQUESTED,
        amount=cancel.amount,
        tax_free=cancel.tax_free,
        answer_at=None if withdrawn else answers_at(context.now),
    )
    return replace(payment, receipts=(first, *others, taken_back))


def with_answers(payment: Payment, now: datetime) -> Payment:
    """The payment with the state of its receipts at that moment."""
    if not payment.receipts:
        return payment
    return replace(payment, receipts=tuple(by_now(each, now) for each in payment.receipts))


def balance_of(receipts: Sequence[CashReceipt]) -> int:
    """The part of a payment's receipt that is not cancelled; `receipts` are its receipts as of now."""
    first, *taken_back = receipts
    if first.status == ISSUE_FAILED:
        return 0
    return first.amount - sum(each.amount for each in taken_back if each.status != CANCEL_FAILED)


def receipt_in_payments(context: Context, tid: str) -> tuple[Payment, CashReceipt] | None:
    """This merchant's payment that has a receipt with that tid, and the receipt, as of now."""
    payment = payment_with(context.store, tid)
    if payment is None or payment.client_id != context.merchant.client_id:
        return None
    payment = with_answers(payment, context.now)
    receipt = next((each for each in payment.receipts if each.tid == tid), None)
    return (payment, receipt) if receipt else None
