"""The tax office answers before its time: when a scenario or somebody at the control plane says so."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeVar

from mock_nicepay.core.call import Context
from mock_nicepay.core.payments.timeline import Happened
from mock_nicepay.core.records import Payment, Receipt, ReceiptCancel
from mock_nicepay.core.scenarios.matching import glob_regex
from mock_nicepay.core.tax_office import answered, waits

R = TypeVar("R", Receipt, ReceiptCancel)
Meant = Callable[[str, str], bool]  # tid and orderId of what has been filed: is it meant?


def answer(context: Context, meant: Meant, *, agrees: bool) -> list[Happened]:
    """Have the tax office answer, one way or the other, whatever it has still to answer and is meant.

    Receipts, cancels of them, and both of payments; what has been answered stays as it is.
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
    client_id = context.merchant.client_id
    receipts = context.store.find(Receipt, client_id)
    cancels = context.store.find(ReceiptCancel, client_id)
    return [
        *(_answer_one(context, each, agrees=agrees) for each in _due(context, receipts, meant)),
        *(_answer_one(context, each, agrees=agrees) for each in _due(context, cancels, meant)),
    ]


def _due(context: Context, filed: Sequence[R], meant: Meant) -> list[R]:
    return [each for each in filed if meant(each.tid, each.order_id) and waits(each, context.now)]


def _answer_one(context: Context, filing: R, *, agrees: bool) -> Happened:
    context.store.put(answered(filing, agrees=agrees))
    return Happened(filing.tid, filing.order_id)


def _answer_in_payments(context: Context, meant: Meant, *, agrees: bool) -> list[Happened]:
    happened = []
    for payment in context.store.find(Payment, context.merchant.client_id):
        due = [
            each.tid
            for each in payment.receipts
            if meant(each.tid, payment.order_id) and waits(each, context.now)
        ]
        if due:
            receipts = (
                answered(each, agrees=agrees) if each.tid in due else each
                for each in payment.receipts
            )
            context.store.put(replace(payment, receipts=tuple(receipts)))
        happened += [Happened(tid, payment.order_id) for tid in due]
    return happened
