"""A payment as answers and webhooks show it."""

from collections.abc import Mapping
from typing import Any

from mock_nicepay.contract.bodies import APPROVED, CHARGED, KEYED_IN, PAYMENT
from mock_nicepay.contract.editions import Edition
from mock_nicepay.contract.tables import ResultCode
from mock_nicepay.contract.times import iso, whole_second
from mock_nicepay.core.records import Account, Bank, Cancel, Card, CashReceipt, Payment

NOT_YET = "0"  # Recorded (time.zero): the text 0 stands for an event that has not happened
_NOT_IN_APPROVAL = PAYMENT.fields.keys() - APPROVED.fields.keys()


def payment_values(
    payment: Payment, edition: Edition, *, by_session: bool = False
) -> dict[str, Any]:
    """A payment's keys in the recorded order; the pipeline fills `ediDate` and `signature`.

    Recorded (payment.keys): the sandbox's inquiry answers of 2023.
    Recorded (payment.by-session): asked for by its sessionId, a payment shows that, and approveNo is
    null (2023; E26 says so, too).
    """
    shows_session = payment.session_id and (by_session or edition.session_in_lookups)
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
        "approveNo": None if by_session else payment.approve_no,
        "buyerName": payment.buyer_name,
        "buyerTel": payment.buyer_tel,
        "buyerEmail": payment.buyer_email,
        "receiptUrl": edition.receipts_at + payment.tid,
        "mallUserId": payment.mall_user_id,
        "issuedCashReceipt": bool(payment.receipts),
        # Assumed (coupon.amount): the part paid by the coupon; `amount` stays the whole, also when signed.
        "coupon": {"couponAmt": payment.coupon} if payment.coupon else None,
        "card": _card_values(payment.card) if payment.card else None,
        "vbank": _account_values(payment.account) if payment.account else None,
        "bank": _bank_values(payment.bank) if payment.bank else None,
        "cellphone": None,  # Documented (payment.cellphone): always null, whatever was paid (E26)
        "cancels": [_cancel_values(each, edition) for each in payment.cancels] or None,
        "cashReceipts": [_receipt_values(each, edition) for each in payment.receipts] or None,
        **({"sessionId": payment.session_id} if shows_session else {}),
        **({"messageSource": "nicepay"} if edition.message_source else {}),
    }


def said_by(values: Mapping[str, Any], row: ResultCode) -> dict[str, Any]:
    """A payment's keys for that code: messageSource, where they have it, names the message's source."""
    return {**values, "messageSource": row.source} if "messageSource" in values else dict(values)


def approved_values(payment: Payment, edition: Edition) -> dict[str, Any]:
    """A payment's keys in the answer to its approval.

    Recorded (approval.keys): both approvals of 2021 lack `bank` and `cellphone`, which the inquiries
    of 2023 have.
    """
    values = payment_values(payment, edition)
    for key in _NOT_IN_APPROVAL:
        values.pop(key, None)
    return values


def charged_values(payment: Payment, edition: Edition) -> dict[str, Any]:
    """A payment's keys in the answer to a charge, such as one of a billing key."""
    values = payment_values(payment, edition)
    return {key: value for key, value in values.items() if key in CHARGED.fields}


def keyed_in_values(payment: Payment, edition: Edition) -> dict[str, Any]:
    """A payment's keys in the answer of the key-in call that made it, and in its event.

    Documented (keyin.currency): as it was sent, null when it was not (E26).
    """
    values = payment_values(payment, edition)
    values["currency"] = payment.key_in.currency if payment.key_in else payment.currency
    return {key: values[key] for key in KEYED_IN.fields if key in values}


def _card_values(card: Card) -> dict[str, Any]:
    return {
        "cardCode": card.code,
        "cardName": card.name,
        "cardNum": card.number,
        "cardQuota": card.quota,
        "isInterestFree": card.interest_free,
        "cardType": card.kind or None,
        "canPartCancel": card.can_part_cancel,
        "acquCardCode": card.acquirer_code,
        "acquCardName": card.acquirer_name,
    }


def _account_values(account: Account) -> dict[str, Any]:
    return {
        "vbankCode": account.bank_code,
        "vbankName": account.bank_name,
        "vbankNumber": account.number,
        "vbankExpDate": iso(account.expires),
        "vbankHolder": account.holder,
    }


def _bank_values(bank: Bank) -> dict[str, Any]:
    return {"bankCode": bank.code, "bankName": bank.name}


def _cancel_values(cancel: Cancel, edition: Edition) -> dict[str, Any]:
    """Recorded (cancel.element): six keys, couponAmt 0 where there was no coupon.

    In each record receiptUrl is the payment's, whose tid a full cancel repeats.
    """
    return {
        "tid": cancel.tid,
        "amount": cancel.amount,
        "cancelledAt": whole_second(cancel.at),
        "reason": cancel.reason,
        "receiptUrl": edition.receipts_at + cancel.tid,
        "couponAmt": cancel.coupon,
    }


def _receipt_values(receipt: CashReceipt, edition: Edition) -> dict[str, Any]:
    """Documented (receipt.element): these eight keys in this order (K25, E26)."""
    return {
        "receiptTid": receipt.tid,
        "orgTid": receipt.origin_tid,
        "status": receipt.status,
        "amount": receipt.amount,
        "taxFreeAmt": receipt.tax_free,
        "receiptType": receipt.kind,
        "issueNo": receipt.issue_no,
        "receiptUrl": edition.receipts_at + receipt.tid,
    }
