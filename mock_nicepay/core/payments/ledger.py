"""The payments for the control plane and the console, with actions that no published call offers."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from mock_nicepay.contract.times import iso
from mock_nicepay.core.desk import Desk
from mock_nicepay.core.misuse import Misuse
from mock_nicepay.core.payments.accounts import deposit
from mock_nicepay.core.payments.cancel_checks import CancelWish
from mock_nicepay.core.payments.cancellation import take_back
from mock_nicepay.core.payments.orders import is_processing, is_visible
from mock_nicepay.core.payments.receipts import with_answers
from mock_nicepay.core.payments.refunds import refunded_at
from mock_nicepay.core.records import (
    PAID,
    PART_CANCELLED,
    READY,
    Account,
    Cancel,
    Card,
    CashReceipt,
    Merchant,
    Payment,
)
from mock_nicepay.core.store import Store

ADMIN_REASON = "관리자 취소"  # the default reason of a cancel that did not come through the API

# The stages of an escrow payment, each with those it may follow.
STAGES = {"shipped": ("",), "accepted": ("shipped",), "refused": ("shipped",)}
_CANCELLABLE = (PAID, READY, PART_CANCELLED)


class Ledger:
    """The payments of one sandbox's merchants."""

    def __init__(self, store: Store, desk: Desk) -> None:
        self._store = store
        self._desk = desk

    def payments(self, client_id: str = "", order_id: str = "") -> list[Payment]:
        """Payments in any state, newest first; of one merchant, or of all."""
        if client_id and order_id:
            return self._store.find(Payment, client_id, order_id=order_id)[::-1]
        found = self._store.find(Payment, client_id)[::-1]
        return [each for each in found if each.order_id == order_id] if order_id else found

    def payment(self, tid: str, client_id: str = "") -> Payment:
        """The payment with that tid. Raises `Misuse` (404) if unknown, or another merchant's."""
        payment = self._store.get(Payment, tid)
        if payment is None or (client_id and payment.client_id != client_id):
            raise Misuse(
                f"there is no payment with the tid {tid[:64]!r}; GET /_mock/payments lists them",
                404,
            )
        return payment

    def deposit(self, tid: str, amount: int | None = None, client_id: str = "") -> Payment:
        """Transfer `amount`, by default the right one, to the payment's virtual account.

        Raises `Refusal` with the bank's code when it sends the money back.
        """
        with self._desk.serve(self._owner(tid, client_id)) as context:
            return deposit(context, self.payment(tid), amount)

    def cancel(
        self, tid: str, amount: int | None = None, reason: str = "", client_id: str = ""
    ) -> Payment:
        """Cancel as NICEPAY's own pages do: all that is left, or `amount`; returns the stored payment.

        Deadlines, escrow and refund accounts are not checked; webhooks are sent. Raises `Misuse` when
        there is nothing to cancel, or less than `amount`.
        """
        with self._desk.serve(self._owner(tid, client_id)) as context:
            payment = self.payment(tid)
            if payment.status not in _CANCELLABLE or not is_visible(payment, context.now):
                raise Misuse(f"{tid} is {payment.status}; there is nothing to cancel", 409)
            if amount is not None and not 0 < amount <= payment.balance:
                raise Misuse(f"amount is {amount}; expected 1 to {payment.balance}, what is left")
            whole = amount is None or (amount == payment.balance and not payment.cancels)
            wish = CancelWish(payment.order_id, reason or ADMIN_REASON, None if whole else amount)
            return take_back(context, payment, wish)

    def expire(self, tid: str, client_id: str = "") -> Payment:
        """Let a virtual account expire now; returns the stored payment. Raises `Misuse`."""
        with self._desk.serve(self._owner(tid, client_id)) as context:
            payment = self.payment(tid)
            if payment.account is None or payment.status != READY:
                raise Misuse(f"{tid} is {payment.status} and does not wait for a deposit", 409)
            end = min(payment.account.expires, context.now - timedelta(seconds=1))
            after = replace(
                payment, account=replace(payment.account, expires=end.replace(microsecond=0))
            )
            context.store.put(after)
            return after

    def set_stage(self, tid: str, stage: str, client_id: str = "") -> Payment:
        """Mark the goods of an escrow payment as shipped, accepted or refused. Raises `Misuse`."""
        if stage not in STAGES:
            raise Misuse(f"stage is {stage[:40]!r}; expected one of {', '.join(STAGES)}")
        with self._desk.serve(self._owner(tid, client_id)) as context:
            payment = self.payment(tid)
            if not payment.use_escrow or payment.status != PAID:
                how = "an" if payment.use_escrow else "not an"
                raise Misuse(
                    f"{tid} is {payment.status} and {how} escrow payment; only a paid escrow payment has stages",
                    409,
                )
            if payment.escrow_stage not in STAGES[stage]:
                before = payment.escrow_stage or "not shipped"
                raise Misuse(f"{tid} cannot become {stage}: its goods are {before}", 409)
            after = replace(payment, escrow_stage=stage)
            context.store.put(after)
            return after

    def to_json(self, payment: Payment) -> dict[str, Any]:
        """A payment with all its details, at the present time of its merchant."""
        with self._desk.serve(self._owner(payment.tid)) as context:
            return _payment_json(payment, context.now)

    def _owner(self, tid: str, client_id: str = "") -> Merchant:
        merchant = self._store.get(Merchant, self.payment(tid, client_id).client_id)
        if merchant is None:
            raise Misuse(f"the merchant of {tid[:64]} is gone", 404)
        return merchant


def _payment_json(payment: Payment, now: datetime) -> dict[str, Any]:
    return {
        "tid": payment.tid,
        "merchant": payment.client_id,
        "orderId": payment.order_id,
        "status": payment.status,
        "processing": is_processing(payment, now),
        "method": payment.method,
        "payMethod": payment.pay_method,
        "keyedIn": payment.key_in is not None,
        "amount": payment.amount,
        "balanceAmt": payment.balance,
        "coupon": payment.coupon,
        "currency": payment.currency,
        "goodsName": payment.goods_name,
        "authToken": payment.auth_token or None,
        "approveNo": payment.approve_no,
        "channel": payment.channel,
        "tax": {
            "supplyAmt": payment.supply,
            "goodsVat": payment.vat,
            "taxFreeAmt": payment.tax_free,
        },
        "times": {
            "authorisedAt": _moment(payment.authorised_at),
            "processingUntil": _moment(payment.processing_until),
            "paidAt": _moment(payment.paid_at),
            "depositedAt": _moment(payment.deposited_at),
            "failedAt": _moment(payment.failed_at),
            "cancelledAt": _moment(payment.cancelled_at),
        },
        "escrow": {"stage": payment.escrow_stage or "unshipped"} if payment.use_escrow else None,
        "card": _card_json(payment.card) if payment.card else None,
        "bank": {"code": payment.bank.code, "name": payment.bank.name} if payment.bank else None,
        "account": _account_json(payment.account) if payment.account else None,
        "cancelledTid": payment.cancelled_tid,
        "cancels": [_cancel_json(each, payment) for each in payment.cancels],
        "cashReceipts": [_receipt_json(each) for each in with_answers(payment, now).receipts],
    }


def _card_json(card: Card) -> dict[str, Any]:
    return {
        "code": card.code,
        "name": card.name,
        "number": card.number,
        "quota": card.quota,
        "interestFree": card.interest_free,
        "type": card.kind or None,
        "canPartCancel": card.can_part_cancel,
    }


def _account_json(account: Account) -> dict[str, Any]:
    return {
        "bankCode": account.bank_code,
        "bankName": account.bank_name,
        "number": account.number,
        "holder": account.holder,
        "expires": iso(account.expires),
    }


def _cancel_json(cancel: Cancel, payment: Payment) -> dict[str, Any]:
    refund_at = refunded_at(payment, cancel)
    return {
        "tid": cancel.tid,
        "orderId": cancel.order_id,
        "amount": cancel.amount,
        "coupon": cancel.coupon,
        "reason": cancel.reason,
        "at": iso(cancel.at),
        "refundAt": iso(refund_at) if refund_at else None,
        "tax": {"supplyAmt": cancel.supply, "goodsVat": cancel.vat, "taxFreeAmt": cancel.tax_free},
    }


def _receipt_json(receipt: CashReceipt) -> dict[str, Any]:
    return {
        "tid": receipt.tid,
        "orgTid": receipt.origin_tid,
        "status": receipt.status,
        "amount": receipt.amount,
        "taxFreeAmt": receipt.tax_free,
        "type": receipt.kind,
        "issueNo": receipt.issue_no,
    }


def _moment(moment: datetime | None) -> str | None:
    return iso(moment) if moment else None
