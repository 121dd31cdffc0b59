"""Cancels of cash receipts, in whole or in part: sent to the tax office, or refused before."""

from dataclasses import dataclass, replace

from mock_nicepay.contract.methods import RECEIPT_SERVICE
from mock_nicepay.contract.receipts import (
    CANCEL_FAILED,
    CANCEL_REQUESTED,
    CANCELLED,
    ISSUE_FAILED,
    ISSUE_REQUESTED,
    ISSUE_WITHDRAWN,
    NOTHING,
    Parts,
)
from mock_nicepay.contract.refusal import Cause, Refusal
from mock_nicepay.core.call import Context
from mock_nicepay.core.payments.cancel_checks import Declined
from mock_nicepay.core.payments.ids import new_tid
from mock_nicepay.core.receipts.issue import check_sum, left_of, order_is_used, used
from mock_nicepay.core.receipts.tax_office import answers_at
from mock_nicepay.core.records import Receipt, ReceiptCancel

_SAYS_NO = Cause(
    "the tax office declined at once, because a scenario says so; nothing has been cancelled, and "
    "the orderId of a partial cancel is used up",
    "시나리오에 따라 국세청이 취소를 거절했습니다. 취소되지 않았으며, 부분취소의 orderId는 다시 사용할 수 없습니다",
)


@dataclass(frozen=True, slots=True)
class TakeBack:
    """A merchant's request to cancel a receipt. Amounts are in won."""

    order_id: str  # of this request
    reason: str
    amount: int | None = None  # None: all that is left
    parts: Parts | None = None  # of the amount, when there is one


def cancel_receipt(
    context: Context, receipt: Receipt, wish: TakeBack
) -> tuple[ReceiptCancel, Declined | None]:
    """Ask the tax office to cancel a receipt; returns the stored cancel, and its decline if immediate.

    Raises `Refusal`; then nothing has changed.
    Assumed (receipt.cancel-order): as at a payment's cancel: U122 (there is no such receipt), U112
    (partial, and the orderId is used), U328, U123, U319, then the network: 7004 for one that is
    cancelled as a whole. A decline is recorded with its own tid.
    """
    _check(context, receipt, wish)
    left = left_of(context.store, receipt, context.now)
    no = _refused_at_once(context, receipt, left)
    taken = NOTHING if no else (wish.parts or left)
    withdraws = no is None and receipt.status == ISSUE_REQUESTED and taken == receipt.parts
    if withdraws:
        context.store.put(replace(receipt, status=ISSUE_WITHDRAWN))
    cancel = ReceiptCancel(
        tid=new_tid(context, RECEIPT_SERVICE),
        client_id=receipt.client_id,
        order_id=wish.order_id,
        origin_tid=receipt.tid,
        amount=taken.total,
        parts=taken,
        reason=wish.reason,
        asked_at=context.now,
        status=CANCEL_FAILED if no else CANCELLED if withdraws else CANCEL_REQUESTED,
        answer_at=None if no or withdraws else answers_at(context.now),
        issue_no=None if no else context.identity.digits(9),
        code=no.code if no else "",
    )
    context.store.put(cancel)
    return cancel, no


def _check(context: Context, receipt: Receipt, wish: TakeBack) -> None:
    if receipt.status == ISSUE_FAILED:
        raise Refusal("U122", cause=_never_issued(receipt))
    if wish.amount is None or wish.parts is None:
        return
    if order_is_used(context, wish.order_id):
        raise Refusal("U112", cause=used(wish.order_id))
    check_sum("cancelAmt", wish.amount, wish.parts)
    left = left_of(context.store, receipt, context.now)
    if left.total:  # otherwise the tax office declines: nothing is left
        _check_parts(wish.parts, left)


def _check_parts(wanted: Parts, left: Parts) -> None:
    """Raise `Refusal` for more than is left: checks the total first, then each part.

    Assumed (receipt.cancel-parts): a tax-free part above what is left of it is U319, any other U123.
    """
    rows = (
        ("U123", "cancelAmt", wanted.total, left.total),
        ("U123", "supplyAmt", wanted.supply, left.supply),
        ("U123", "goodsVat", wanted.vat, left.vat),
        ("U319", "taxFreeAmt", wanted.tax_free, left.tax_free),
        ("U123", "serviceAmt", wanted.service, left.service),
    )
    for code, name, asked, rest in rows:
        if asked > rest:
            raise Refusal(
                code,
                cause=Cause(
                    f"{name} is {asked}, but only {rest} of it is left in the receipt",
                    f"{name} 값은 {asked}이지만 남은 금액은 {rest}입니다",
                ),
            )


def _refused_at_once(context: Context, receipt: Receipt, left: Parts) -> Declined | None:
    if not left.total:
        return Declined(
            "7004",
            Cause(
                f"all of the receipt {receipt.tid} has been cancelled before; look it up instead of "
                "sending the cancel again",
                f"현금영수증 {receipt.tid}은(는) 이미 전액 취소되었습니다. 다시 취소하지 말고 조회하세요",
            ),
        )
    row = context.issuer_says
    return Declined(row.code, _SAYS_NO) if row else None


def _never_issued(receipt: Receipt) -> Cause:
    when_en, when_ko = (
        (f"at once, with {receipt.code}", f"요청 즉시 {receipt.code}")
        if receipt.code
        else ("when it answered", "확인 결과")
    )
    return Cause(
        f"the tax office rejected {receipt.tid} {when_en}: there is no receipt to cancel",
        f"현금영수증 {receipt.tid}은(는) {when_ko} 발급이 거절되었습니다. 취소할 현금영수증이 없습니다",
    )
