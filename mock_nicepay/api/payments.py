"""Payments: look one up by tid or by orderId.

Manual: api/status-transaction.md; records: payments-get-tid and payments-find-orderid of 2023.
"""

from typing import Any

from mock_nicepay.contract.bodies import PAYMENT
from mock_nicepay.contract.editions import Edition
from mock_nicepay.contract.endpoint import Answer, Family
from mock_nicepay.contract.fields import Body, ReturnCharSet, Text
from mock_nicepay.contract.refusal import Cause, Refusal
from mock_nicepay.contract.times import whole_second
from mock_nicepay.core.call import Context
from mock_nicepay.core.records import Card, Payment

FAMILY = Family("payments")

NOT_YET = "0"  # Recorded (time.zero): the text 0 stands for an event that has not happened
RECEIPT = "https://npg.nicepay.co.kr/issue/IssueLoader.do?type=0&innerWin=Y&TID="


class SignedRequest(Body):
    """The fields that every look-up takes."""

    ediDate = Text()
    signData = Text(256)
    returnCharSet = ReturnCharSet()


@FAMILY.endpoint(
    "GET",
    "/v1/payments/{tid}",
    name="get",
    request=SignedRequest,
    reads="query",
    reply=PAYMENT,
    sign="tid + ediDate",
    signature="tid + amount + ediDate",
    codes=("U107",),
)
def get_payment(context: Context, data: dict[str, Any]) -> Answer:
    """Look a payment up by its tid. Another merchant's is like an unknown one."""
    payment = context.store.get(Payment, data["tid"])
    if payment is None or payment.client_id != context.merchant.client_id:
        raise _unknown("tid", data["tid"])
    return Answer(payment_values(payment, context.tenant.edition))


@FAMILY.endpoint(
    "GET",
    "/v1/payments/find/{orderId}",
    name="find",
    request=SignedRequest,
    reads="query",
    reply=PAYMENT,
    sign="orderId + ediDate",
    signature="tid + amount + ediDate",
    codes=("U107",),
)
def find_payment(context: Context, data: dict[str, Any]) -> Answer:
    """Look a payment up by its orderId."""
    found = context.store.find(Payment, context.merchant.client_id, order_id=data["orderId"])
    if not found:
        raise _unknown("orderId", data["orderId"])
    return Answer(payment_values(found[-1], context.tenant.edition))


def payment_values(payment: Payment, edition: Edition) -> dict[str, Any]:
    """A payment's keys in the recorded order; `ediDate` and `signature` are the pipeline's to fill.

    Recorded (payment.keys): the sandbox's inquiry answers of 2023.
    """
    return {
        "tid": payment.tid,
        "cancelledTid": payment.cancelled_tid,
        "orderId": payment.order_id,
        "ediDate": None,
        "signature": None,
        "status": payment.status,
        "paidAt": whole_second(payment.paid_at) if payment.paid_at else NOT_YET,
        "failedAt": whole_second(payment.failed_at) if payment.failed_at else NOT_YET,
        "cancelledAt": whole_second(payment.cancelled_at) if payment.cancelled_at else NOT_YET,
        "payMethod": payment.pay_method,
        "amount": payment.amount,
        "balanceAmt": payment.balance,
        "goodsName": payment.goods_name,
        "mallReserved": payment.mall_reserved,
        "useEscrow": payment.use_escrow,
        "currency": payment.currency,
        "channel": payment.channel,
        "approveNo": payment.approve_no,
        "buyerName": payment.buyer_name,
        "buyerTel": payment.buyer_tel,
        "buyerEmail": payment.buyer_email,
        "receiptUrl": RECEIPT + payment.tid,
        "mallUserId": payment.mall_user_id,
        "issuedCashReceipt": False,
        "coupon": None,
        "card": _card_values(payment.card) if payment.card else None,
        "vbank": None,
        "bank": None,
        "cellphone": None,
        "cancels": None,
        "cashReceipts": None,
        **({"messageSource": "nicepay"} if edition.message_source else {}),
    }


def _card_values(card: Card) -> dict[str, Any]:
    return {
        "cardCode": card.code,
        "cardName": card.name,
        "cardNum": card.number,
        "cardQuota": card.quota,
        "isInterestFree": card.interest_free,
        "cardType": card.kind,
        "canPartCancel": card.can_part_cancel,
        "acquCardCode": card.acquirer_code,
        "acquCardName": card.acquirer_name,
    }


def _unknown(name: str, value: str) -> Refusal:
    return Refusal(
        "U107",
        cause=Cause(
            f"this merchant has no payment with the {name} {value[:64]!r}",
            f"이 상점에는 {name} {value[:64]!r}인 결제가 없습니다",
        ),
    )
