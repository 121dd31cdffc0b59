"""The tax office answers before its time: when a scenario or somebody at the control plane says so."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import TypeVar

from mock_nicepay.core.call import Context
from mock_nicepay.core.payments.timeline_acts import Happened
from mock_nicepay.core.receipts.tax_office import answered, waits
from mock_nicepay.core.records import Payment, Receipt, ReceiptCancel
from mock_nicepay.core.scenarios.matching import glob_regex

R = TypeVar("R", Receipt, ReceiptCancel)
Meant = Callable[[str, str], bool]  # tid and orderId of what has been filed: is it meant?


def answer(context: Context, meant: Meant, *, agrees: bool) -> list[Happened]:
    """Have the tax office answer, one way or the other, whatever it has still to answer and is meant.

    Receipts, cancels of them, and both of payments; what has been answered stays as it is.
    Assumed (receipt.answer-no): a receipt that is turned down takes the cancels that wait with it.
    Assumed (receipt.answer-yes): with a cancel the office agrees to the receipt that waits, for it
    takes back only what it has issued.
    """
    return [
        *_answer_filings(context, meant, agrees=agrees),
        *_answer_in_payments(context, meant, agrees=agrees),
    ]


def _answer_due(
    context: Context, arguments: Mapping[str, str | int], *, agrees: bool
) -> list[Happened]:
    """The same for the receipts of `orderId`, a glob."""
    wanted = glob_regex(str(arguments.get("orderId", "*"))).fullmatch
    return answer(context, lambda _, order_id: wanted(order_id) is not None, agrees=agrees)


confirm_due = partial(_answer_due, agrees=True)
reject_due = partial(_answer_due, agrees=False)


def _answer_filings(context: Context, meant: Meant, *, agrees: bool) -> list[Happened]:
    receipts, cancels = _waiting(context, Receipt), _waiting(context, ReceiptCancel)
    if agrees:
        cancels = [each for each in cancels if meant(each.tid, each.order_id)]
        behind = {each.origin_tid for each in cancels}
        receipts = [
            each for each in receipts if meant(each.tid, each.order_id) or each.tid in behind
        ]
    else:
        receipts = [each for each in receipts if meant(each.tid, each.order_id)]
        gone = {each.tid for each in receipts}
        cancels = [
            each for each in cancels if meant(each.tid, each.order_id) or each.origin_tid in gone
        ]
    return [
        *(_answer_one(context, each, agrees=agrees) for each in receipts),
        *(_answer_one(context, each, agrees=agrees) for each in cancels),
    ]


def _waiting(context: Context, kind: type[R]) -> list[R]:
    filed = context.store.find(kind, context.merchant.client_id)
    return [each for each in filed if waits(each, context.now)]


def _answer_one(context: Context, filing: R, *, agrees: bool) -> Happened:
    context.store.put(answered(filing, agrees=agrees))
    return Happened(filing.tid, filing.order_id)


def _answer_in_payments(context: Context, meant: Meant, *, agrees: bool) -> list[Happened]:
    happened = []
    for payment in context.store.find(Payment, context.merchant.client_id):
        waiting = [each.tid for each in payment.receipts if waits(each, context.now)]
        due = [tid for tid in waiting if meant(tid, payment.order_id)]
        first = payment.receipts[0].tid if payment.receipts else ""
        if agrees and due:
            due = [tid for tid in waiting if tid in due or tid == first]
        elif first in due:
            due = waiting
        if due:
            receipts = (
                answered(each, agrees=agrees) if each.tid in due else each
                for each in payment.receipts
            )
            context.store.put(replace(payment, receipts=tuple(receipts)))
        happened += [Happened(tid, payment.order_id) for tid in due]
    return happened
