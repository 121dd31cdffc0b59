"""A payment as answers and webhooks show it."""

from typing import Any

from mock_nicepay.contract.editions import Edition
from mock_nicepay.contract.times import whole_second
from mock_nicepay.core.records import Card, Payment

NOT_YET = "0"  # Recorded (time.zero): the text 0 stands for an event that has not happened
RECEIPT = "https://npg.nicepay.co.kr/issue/IssueLoader.do?type=0&innerWin=Y&TID="


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
