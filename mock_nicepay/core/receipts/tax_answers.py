"""The tax office's answers before their time: by a scenario, or through the control plane."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

from mock_nicepay.core.call import Context
from mock_nicepay.core.payments.ids import payment_with
from mock_nicepay.core.payments.timeline_acts import Happened
from mock_nicepay.core.receipts.tax_office import answered, waits
from mock_nicepay.core.records import Payment, Receipt, ReceiptCancel
from mock_nicepay.core.scenarios.matching import glob_regex

R = TypeVar("R", Receipt, ReceiptCancel)
_Meant = Callable[[str, str], bool]  # whether a request with that tid and orderId is to be answered


@dataclass(frozen=True, slots=True)
class _Filed:
    """The requests of a merchant to the tax office: all of them, or those to search."""

    receipts: Sequence[Receipt]
    cancels: Sequence[ReceiptCancel]  # of these receipts
    payments: Sequence[Payment]


def answer_tid(context: Context, tid: str, *, agrees: bool) -> list[Happened]:
    """Have the tax office confirm (`agrees`) or reject the request with that tid.

    For receipts and their cancels, payments' included; an answered request stays as it is.
    Assumed (receipt.answer-no): rejecting a receipt also rejects its waiting cancels.
    Assumed (receipt.answer-yes): confirming a cancel also confirms its waiting receipt, because the
    office cancels only what it has issued.
    """
    return _answer(context, _filed_with(context, tid), lambda each, _: each == tid, agrees=agrees)


def answer_orders(context: Context, order_id: str, *, agrees: bool) -> list[Happened]:
    """The same for all waiting requests whose orderId matches a glob."""
    store, client_id = context.store, context.merchant.client_id
    filed = _Filed(
        store.find(Receipt, client_id),
        store.find(ReceiptCancel, client_id),
        store.find(Payment, client_id),
    )
    wanted = glob_regex(order_id).fullmatch
    return _answer(context, filed, lambda _, found: wanted(found) is not None, agrees=agrees)


def _answer_due(
    context: Context, arguments: Mapping[str, str | int], *, agrees: bool
) -> list[Happened]:
    return answer_orders(context, str(arguments.get("orderId", "*")), agrees=agrees)


confirm_due = partial(_answer_due, agrees=True)
reject_due = partial(_answer_due, agrees=False)


def _filed_with(context: Context, tid: str) -> _Filed:
    """The receipt or payment with this tid, or with a cancel of this tid."""
    store, client_id = context.store, context.merchant.client_id
    cancel = store.get(ReceiptCancel, tid)
    receipt = store.get(Receipt, cancel.origin_tid if cancel else tid)
    payment = payment_with(store, tid)
    return _Filed(
        [receipt] if receipt else [],
        store.find(ReceiptCancel, client_id, origin_tid=receipt.tid) if receipt else [],
        [payment] if payment else [],
    )


def _answer(context: Context, filed: _Filed, meant: _Meant, *, agrees: bool) -> list[Happened]:
    return [
        *_answer_filings(context, filed, meant, agrees=agrees),
        *_answer_in_payments(context, filed.payments, meant, agrees=agrees),
    ]


def _answer_filings(
    context: Context, filed: _Filed, meant: _Meant, *, agrees: bool
) -> list[Happened]:
    receipts = [each for each in filed.receipts if waits(each, context.now)]
    cancels = [each for each in filed.cancels if waits(each, context.now)]
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


def _answer_one(context: Context, filing: R, *, agrees: bool) -> Happened:
    context.store.put(answered(filing, agrees=agrees))
    return Happened(filing.tid, filing.order_id)


def _answer_in_payments(
    context: Context, payments: Sequence[Payment], meant: _Meant, *, agrees: bool
) -> list[Happened]:
    happened = []
    for payment in payments:
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
