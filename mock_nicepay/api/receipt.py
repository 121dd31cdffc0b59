"""Cash receipts: issue one, take it back, look it up.

Manual: api/payment-receipt.md. No exchange has been recorded.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from mock_nicepay.contract.bodies import RECEIPT, RECEIPT_CANCEL
from mock_nicepay.contract.endpoint import Answer, Family
from mock_nicepay.contract.fields import (
    Amount,
    Body,
    CancelAmount,
    Choice,
    ReturnCharSet,
    TaxFreeAmount,
    Text,
)
from mock_nicepay.contract.receipts import KINDS, Parts
from mock_nicepay.contract.refusal import Cause, Refusal
from mock_nicepay.contract.tables import SUCCESS
from mock_nicepay.contract.times import whole_second
from mock_nicepay.core.call import Context
from mock_nicepay.core.payments.receipts import receipt_in_payments
from mock_nicepay.core.payments.values import NOT_YET
from mock_nicepay.core.receipts.cancels import TakeBack, cancel_receipt
from mock_nicepay.core.receipts.issue import (
    IssueWish,
    Standing,
    cancel_of,
    issue,
    receipt_behind,
    receipt_of,
    standing_of,
    standing_of_cancel,
)
from mock_nicepay.core.records import Receipt

FAMILY = Family("receipt")

_PARTS = ("supplyAmt", "goodsVat", "taxFreeAmt", "serviceAmt")


class Part(TaxFreeAmount):
    """One of the four parts of an amount, 0 when there is none of it."""


class IssueRequest(Body):
    """Documented (receipt.required): all four parts (K25; the OpenAPI text requires none).

    Assumed (receipt.u132): a receiptType that is neither of the two words is U132; they are the API's
    own, so that the payment network's 7002 cannot come of them.
    """

    orderId = Text(64, required=True)
    amount = Amount(required=True)
    goodsName = Text(40, required=True)
    receiptType = Choice(*KINDS, max_bytes=20, required=True)
    receiptNo = Text(20, required=True)
    supplyAmt = Part(required=True)
    goodsVat = Part(required=True)
    taxFreeAmt = Part(required=True)
    serviceAmt = Part(required=True)
    buyerName = Text(30)
    buyerTel = Text(40)
    buyerEmail = Text(60)
    ediDate = Text()
    signData = Text(256)
    returnCharSet = ReturnCharSet()


class CancelRequest(Body):
    """Without cancelAmt all that is left.

    Documented (receipt.cancel-required): cancelAmt needs all four parts (K25).
    """

    COMPANIONS: ClassVar[Mapping[str, tuple[str, ...]]] = {"cancelAmt": _PARTS}

    orderId = Text(64, required=True)
    reason = Text(100, required=True)
    cancelAmt = CancelAmount()
    ediDate = Text()
    signData = Text(256)
    returnCharSet = ReturnCharSet()
    supplyAmt = Part()
    goodsVat = Part()
    taxFreeAmt = Part()
    serviceAmt = Part()


class LookUpRequest(Body):
    """Documented (receipt.query): those of the OpenAPI text; K25 repeats the cancel's by mistake."""

    orderDate = Text(8)
    ediDate = Text()
    signData = Text(256)
    returnCharSet = ReturnCharSet()


@FAMILY.endpoint(
    "POST",
    "/v1/receipt",
    name="issue",
    request=IssueRequest,
    reply=RECEIPT,
    sign="orderId + amount + ediDate",
    signature="tid + orderId + ediDate",
    issuer_decides=True,
    codes=("U328", "U112", "7012"),
)
def issue_receipt(context: Context, data: dict[str, Any]) -> Answer:
    """Have a cash receipt issued for money that came another way.

    Documented (receipt.accepted): 0000 means that the request was accepted; what the tax office says
    is known up to D+2 (K25).
    Assumed (receipt.approved-at): approvedAt is the moment of the request, approveNo nine digits; of
    what was declined `0` and null.
    """
    receipt, no = issue(
        context,
        IssueWish(
            order_id=data["orderId"],
            amount=data["amount"],
            parts=_parts(data),
            goods_name=data["goodsName"],
            kind=data["receiptType"],
            number=data["receiptNo"],
            buyer_name=data["buyerName"],
        ),
    )
    values = _issued_values(receipt)
    return Answer(values, code=no.code if no else SUCCESS, cause=no.cause if no else None)


@FAMILY.endpoint(
    "POST",
    "/v1/receipt/{tid}/cancel",
    name="cancel",
    request=CancelRequest,
    reply=RECEIPT_CANCEL,
    sign="tid + ediDate",
    recall=receipt_behind,
    signature="tid + orderId + ediDate",
    issuer_decides=True,
    in_sandbox=False,
    codes=("U107", "U122", "U100", "U112", "U328", "U123", "U319", "7004"),
)
def cancel_issued_receipt(context: Context, data: dict[str, Any]) -> Answer:
    """Take a cash receipt back, all that is left of it or a part.

    Assumed (receipt.declined): a no has the cancel's own tid, cancelAmt 0, cancelledAt `0`, and what
    is still left.
    """
    receipt = receipt_of(context, data["tid"])
    if receipt is None:
        raise _not_to_cancel(context, data["tid"])
    wish = TakeBack(data["orderId"], data["reason"], data["cancelAmt"], _parts_taken(data))
    cancel, no = cancel_receipt(context, receipt, wish)
    values = _values(standing_of_cancel(context, cancel))
    if no is not None:
        return Answer(values, code=no.code, cause=no.cause)
    return Answer(values, cause=_parts_ignored(data))


@FAMILY.endpoint(
    "GET",
    "/v1/receipt/{tid}",
    name="get",
    request=LookUpRequest,
    reads="query",
    reply=RECEIPT_CANCEL,
    sign="tid + ediDate",
    recall=receipt_behind,
    signature="tid + orderId + ediDate",
    codes=("U107",),
)
def get_receipt(context: Context, data: dict[str, Any]) -> Answer:
    """Look a cash receipt up, or a cancel of one, by its tid. Another merchant's is unknown."""
    standing = standing_of(context, data["tid"])
    if standing is None:
        raise _unknown(data["tid"])
    return Answer(_values(standing))


def _parts(data: dict[str, Any]) -> Parts:
    supply, vat, tax_free, service = (data[name] for name in _PARTS)
    return Parts(supply, vat, tax_free, service)


def _parts_taken(data: dict[str, Any]) -> Parts | None:
    """The four parts of a cancel's amount; None without one."""
    if data["cancelAmt"] is None:
        return None
    for name in CancelRequest.COMPANIONS["cancelAmt"]:
        if data[name] is None:
            raise Refusal("U100", name, cause=_part_missing(name))
    return _parts(data)


def _issued_values(receipt: Receipt) -> dict[str, Any]:
    return {
        "tid": receipt.tid,
        "orderId": receipt.order_id,
        "approvedAt": NOT_YET if receipt.code else whole_second(receipt.asked_at),
        "approveNo": receipt.issue_no,
        "ediDate": None,
        "signature": None,
    }


def _values(standing: Standing) -> dict[str, Any]:
    at = standing.cancelled_at
    return {
        "tid": standing.tid,
        "orderId": standing.order_id,
        "cancelAmt": standing.cancelled,
        "balanceAmt": standing.balance,
        "cancelledAt": whole_second(at) if at else NOT_YET,
        "approveNo": standing.issue_no,
        "ediDate": None,
        "signature": None,
    }


def _not_to_cancel(context: Context, tid: str) -> Refusal:
    """Why the tid is none that can be cancelled here.

    Assumed (receipt.cancel-payment): a payment's receipt goes with its payment alone: 7004. The tid of
    a cancel is U122.
    """
    found = receipt_in_payments(context, tid)
    if found is not None:
        return Refusal("7004", cause=_of_payment(tid, found[0].tid))
    cancel = cancel_of(context, tid)
    return Refusal("U122", cause=_a_cancel(tid, cancel.origin_tid)) if cancel else _unknown(tid)


def _of_payment(tid: str, payment_tid: str) -> Cause:
    return Cause(
        f"the receipt {tid} belongs to the payment {payment_tid}, and is taken back when that is "
        "cancelled; cancel the payment",
        f"현금영수증 {tid}은(는) 결제 {payment_tid}에 속하며 결제를 취소하면 함께 취소됩니다. 결제를 취소하세요",
    )


def _a_cancel(tid: str, origin_tid: str) -> Cause:
    return Cause(
        f"{tid} is itself a cancel, of the receipt {origin_tid}; there is nothing in it to cancel",
        f"{tid}은(는) 현금영수증 {origin_tid}의 취소 거래입니다. 취소할 내역이 없습니다",
    )


def _part_missing(name: str) -> Cause:
    return Cause(
        f"{name} is missing; with cancelAmt all of {', '.join(_PARTS)} are required, 0 for none",
        f"{name} 항목이 없거나 비어 있습니다. cancelAmt를 보낼 때는 {', '.join(_PARTS)}를 모두 보내야 합니다(없으면 0)",
    )


def _parts_ignored(data: dict[str, Any]) -> Cause | None:
    """What is said to parts that came without cancelAmt; None when none did."""
    sent = ", ".join(name for name in _PARTS if data[name] is not None)
    if not sent or data["cancelAmt"] is not None:
        return None
    return Cause(
        f"{sent} came without cancelAmt and had no effect: all that was left has been taken back. Send "
        "cancelAmt with all four parts to take back a part",
        f"cancelAmt 없이 보낸 {sent}은(는) 무시되었으며 남은 금액 전체가 취소되었습니다. 부분취소하려면 "
        "cancelAmt와 네 항목을 모두 보내세요",
    )


def _unknown(tid: str) -> Refusal:
    return Refusal(
        "U107",
        cause=Cause(
            f"this merchant has no cash receipt with the tid {tid[:64]!r}",
            f"이 상점에는 TID {tid[:64]!r}인 현금영수증이 없습니다",
        ),
    )
