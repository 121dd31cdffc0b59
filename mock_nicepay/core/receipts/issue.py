"""Cash receipts that a merchant requests on their own: issues them; looks up these and payments'."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mock_nicepay.contract.methods import RECEIPT_SERVICE
from mock_nicepay.contract.receipts import (
    CANCEL_FAILED,
    ISSUE_FAILED,
    ISSUE_REQUESTED,
    NOTHING,
    Parts,
    masked,
    number_flaw,
)
from mock_nicepay.contract.refusal import Cause, Refusal
from mock_nicepay.core.call import Context
from mock_nicepay.core.payments.cancel_checks import Declined
from mock_nicepay.core.payments.ids import new_tid
from mock_nicepay.core.payments.receipts import balance_of, receipt_in_payments
from mock_nicepay.core.receipts.tax_office import answers_at, by_now
from mock_nicepay.core.records import CashReceipt, Payment, Receipt, ReceiptCancel
from mock_nicepay.core.store import Store

_SAYS_NO = Cause(
    "the tax office declined at once, because a scenario says so; no receipt is issued, and the "
    "orderId is free again",
    "시나리오에 따라 국세청이 거절했습니다. 현금영수증은 발급되지 않았으며 orderId는 다시 사용할 수 있습니다",
)


@dataclass(frozen=True, slots=True)
class IssueWish:
    """A merchant's request for a cash receipt. Amounts are in won."""

    order_id: str
    amount: int
    parts: Parts
    goods_name: str
    kind: str  # individual or company
    number: str
    buyer_name: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What a look-up shows of a receipt, or of a cancel of one."""

    tid: str
    order_id: str
    cancelled: int  # the amount cancelled in all; for a cancel its own amount
    balance: int  # of the receipt
    cancelled_at: datetime | None
    issue_no: str | None


def issue(context: Context, wish: IssueWish) -> tuple[Receipt, Declined | None]:
    """Ask the tax office for a cash receipt; returns it as stored, and its decline if immediate.

    Raises `Refusal` U328 or U112; then nothing has changed.
    Assumed (receipt.sum): the API itself checks the sum of the four parts and answers U328; 1615, the
    payment network's code for the same, never occurs.
    Assumed (receipt.vat): VAT need not be a tenth: K25's own sample has four equal parts.
    Assumed (receipt.order): an orderId is used once among a merchant's receipts, independently of its
    payments; a receipt that was declined or rejected frees it.
    """
    check_sum("amount", wish.amount, wish.parts)
    if order_is_used(context, wish.order_id):
        raise Refusal("U112", cause=used(wish.order_id))
    no = _refused_at_once(context, wish)
    receipt = Receipt(
        tid=new_tid(context, RECEIPT_SERVICE),
        client_id=context.merchant.client_id,
        order_id=wish.order_id,
        amount=wish.amount,
        parts=wish.parts,
        goods_name=wish.goods_name,
        kind=wish.kind,
        number=masked(wish.number),
        asked_at=context.now,
        status=ISSUE_FAILED if no else ISSUE_REQUESTED,
        answer_at=None if no else answers_at(context.now),
        issue_no=None if no else context.identity.digits(9),
        code=no.code if no else "",
        buyer_name=wish.buyer_name,
    )
    context.store.put(receipt)
    return receipt, no


def receipt_of(context: Context, tid: str) -> Receipt | None:
    """This merchant's receipt with that tid, in its present state; another merchant's is unknown."""
    receipt = context.store.get(Receipt, tid)
    if receipt is None or receipt.client_id != context.merchant.client_id:
        return None
    return by_now(receipt, context.now)


def cancel_of(context: Context, tid: str) -> ReceiptCancel | None:
    """This merchant's cancel of a receipt with that tid, in its present state."""
    cancel = context.store.get(ReceiptCancel, tid)
    if cancel is None or cancel.client_id != context.merchant.client_id:
        return None
    return by_now(cancel, context.now)


def cancels_of(store: Store, receipt: Receipt, now: datetime) -> list[ReceiptCancel]:
    """Every cancel of a receipt in its present state, oldest first."""
    found = store.find(ReceiptCancel, receipt.client_id, origin_tid=receipt.tid)
    return [by_now(each, now) for each in found]


def left_of(store: Store, receipt: Receipt, now: datetime) -> Parts:
    """The amounts of a receipt that are not cancelled; zero for one that was never issued.

    Assumed (receipt.balance): a cancel counts from its request on, until the tax office rejects it.
    """
    if receipt.status == ISSUE_FAILED:
        return NOTHING
    left = receipt.parts
    for cancel in cancels_of(store, receipt, now):
        if cancel.status != CANCEL_FAILED:
            left = left.minus(cancel.parts)
    return left


def standing_of(context: Context, tid: str) -> Standing | None:
    """What a look-up shows of the receipt or cancel with that tid; None when there is none.

    Assumed (receipt.lookup): a receipt shows the amount cancelled in all, a cancel its own; approveNo is
    null when the tax office has declined.
    Assumed (receipt.lookup-payment): the receipts of payments are found, too.
    """
    receipt, cancel = receipt_of(context, tid), cancel_of(context, tid)
    if receipt is not None:
        return _standing(context, receipt)
    if cancel is not None:
        return standing_of_cancel(context, cancel)
    found = receipt_in_payments(context, tid)
    return _standing_in_payment(*found) if found else None


def standing_of_cancel(context: Context, cancel: ReceiptCancel) -> Standing:
    """What a look-up shows of a cancel of this merchant."""
    receipt = receipt_of(context, cancel.origin_tid)
    failed = cancel.status == CANCEL_FAILED
    return Standing(
        tid=cancel.tid,
        order_id=cancel.order_id,
        cancelled=0 if failed else cancel.amount,
        balance=left_of(context.store, receipt, context.now).total if receipt else 0,
        cancelled_at=None if failed else cancel.asked_at,
        issue_no=None if failed else cancel.issue_no,
    )


def order_is_used(context: Context, order_id: str) -> bool:
    """Whether no further receipt, and no partial cancel of one, may use this orderId."""
    client_id = context.merchant.client_id
    receipts = context.store.find(Receipt, client_id, order_id=order_id)
    if any(by_now(each, context.now).status != ISSUE_FAILED for each in receipts):
        return True
    return bool(context.store.find(ReceiptCancel, client_id, order_id=order_id))


def receipt_behind(store: Store, client_id: str, data: Mapping[str, Any]) -> dict[str, str]:
    """The receipt's values that a caller may have signed besides those of its request, if any."""
    receipt = store.get(Receipt, str(data["tid"]))
    if receipt is None or receipt.client_id != client_id:
        return {}
    return {"orderId": receipt.order_id, "amount": str(receipt.amount)}


def check_sum(name: str, amount: int, parts: Parts) -> None:
    """Raise `Refusal` U328 unless the four parts add up to `amount`, the request's field `name`."""
    if parts.total != amount:
        raise Refusal(
            "U328",
            cause=Cause(
                f"supplyAmt {parts.supply} + goodsVat {parts.vat} + taxFreeAmt {parts.tax_free} + "
                f"serviceAmt {parts.service} is {parts.total}, but {name} is {amount}",
                f"supplyAmt({parts.supply}) + goodsVat({parts.vat}) + taxFreeAmt({parts.tax_free}) + "
                f"serviceAmt({parts.service}) = {parts.total}이며 {name}({amount})과(와) 다릅니다",
            ),
        )


def used(order_id: str) -> Cause:
    """Why an orderId cannot be used."""
    return Cause(
        f"the orderId {order_id!r} has been used for a cash receipt, or for a partial cancel of one; "
        "if this is the same request sent again, the first one has arrived",
        f"orderId {order_id!r}은(는) 이미 현금영수증 발급 또는 부분취소에 사용되었습니다. 같은 요청을 다시 "
        "보낸 것이라면 첫 요청이 이미 처리되었습니다",
    )


def _refused_at_once(context: Context, wish: IssueWish) -> Declined | None:
    """Assumed (receipt.7012): a number of a wrong form is declined: 7012, recorded as failed."""
    flaw = number_flaw(wish.kind, wish.number)
    if flaw is not None:
        return Declined("7012", flaw)
    row = context.issuer_says
    return Declined(row.code, _SAYS_NO) if row else None


def _standing(context: Context, receipt: Receipt) -> Standing:
    cancels = [
        each
        for each in cancels_of(context.store, receipt, context.now)
        if each.status != CANCEL_FAILED
    ]
    return Standing(
        tid=receipt.tid,
        order_id=receipt.order_id,
        cancelled=sum(each.amount for each in cancels),
        balance=left_of(context.store, receipt, context.now).total,
        cancelled_at=cancels[-1].asked_at if cancels else None,
        issue_no=None if receipt.status == ISSUE_FAILED else receipt.issue_no,
    )


def _standing_in_payment(payment: Payment, receipt: CashReceipt) -> Standing:
    first = payment.receipts[0]
    failed = receipt.status in (ISSUE_FAILED, CANCEL_FAILED)
    meant = payment.receipts[1:] if receipt.tid == first.tid else (receipt,)
    taken = [] if failed else [each for each in meant if each.status != CANCEL_FAILED]
    moments = {cancel.tid: cancel.at for cancel in payment.cancels}
    return Standing(
        tid=receipt.tid,
        order_id=payment.order_id,
        cancelled=sum(each.amount for each in taken),
        balance=balance_of(payment.receipts),
        cancelled_at=moments[taken[-1].origin_tid] if taken else None,
        issue_no=None if failed else receipt.issue_no,
    )
