"""The cash receipts for the control plane and the console, with the tax office's answers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar

from mock_nicepay.contract.receipts import Parts, masked
from mock_nicepay.contract.times import iso
from mock_nicepay.core.desk import Desk
from mock_nicepay.core.misuse import Misuse
from mock_nicepay.core.payments.ids import payment_with
from mock_nicepay.core.payments.receipts import balance_of
from mock_nicepay.core.receipts.issue import cancels_of, left_of
from mock_nicepay.core.receipts.tax_answers import answer_orders, answer_tid
from mock_nicepay.core.receipts.tax_office import by_now, waits
from mock_nicepay.core.records import CashReceipt, Merchant, Payment, Receipt, ReceiptCancel
from mock_nicepay.core.store import Store
from mock_nicepay.core.tenants.tenants import Tenants

R = TypeVar("R", Receipt, Payment)


class ReceiptBook:
    """The cash receipts of one sandbox's merchants: those issued on their own, and those of payments."""

    def __init__(self, store: Store, tenants: Tenants, desk: Desk) -> None:
        self._store = store
        self._tenants = tenants
        self._desk = desk

    def rows(self, client_id: str = "", order_id: str = "") -> list[dict[str, Any]]:
        """Every receipt in its present state, newest first; of one merchant, or of all."""
        found = [
            *(self._row(each) for each in self._found(Receipt, client_id, order_id)),
            *(
                row
                for payment in self._found(Payment, client_id, order_id)
                for row in self._rows_of(payment)
            ),
        ]
        return sorted(found, key=lambda row: (str(row["askedAt"]), row["tid"]), reverse=True)

    def row(self, tid: str, client_id: str = "") -> dict[str, Any]:
        """The receipt with that tid. Raises `Misuse` (404) if unknown, or another merchant's."""
        row = self._row_with(tid, client_id)
        if row["tid"] != tid:
            raise _unknown(tid)
        return row

    def finals(self, client_id: str) -> list[dict[str, Any]]:
        """Each receipt as `final` expectations of scenarios see it."""
        return [
            {"tid": row["tid"], "orderId": row["orderId"], "receipt": row["status"]}
            for row in reversed(self.rows(client_id))
        ]

    def answer(self, tid: str, *, agrees: bool, client_id: str = "") -> dict[str, Any]:
        """Have the tax office answer the request with that tid now; returns the receipt.

        The tid may be that of a cancel. Raises `Misuse`: 404 for an unknown tid, 409 when none waits.
        """
        merchant, receipt_tid = self._owner(tid, client_id)
        with self._desk.serve(merchant) as context:
            happened = answer_tid(context, tid, agrees=agrees)
        if not happened:
            raise Misuse(f"the tax office has answered {tid} already; nothing waits for it", 409)
        return self.row(receipt_tid)

    def answer_all(self, order_id: str, *, agrees: bool, client_id: str = "") -> int:
        """Have the tax office answer all waiting requests of matching orders now; returns their number."""
        one = self._store.get(Merchant, client_id)
        merchants = ([one] if one else []) if client_id else self._store.find(Merchant)
        number = 0
        for merchant in merchants:
            with self._desk.serve(merchant) as context:
                number += len(answer_orders(context, order_id, agrees=agrees))
        return number

    def _owner(self, tid: str, client_id: str) -> tuple[Merchant, str]:
        """The merchant of a receipt, or of a cancel of one, and the receipt's tid. Raises `Misuse`."""
        row = self._row_with(tid, client_id)
        merchant = self._store.get(Merchant, row["merchant"])
        if merchant is None:
            raise _unknown(tid)
        return merchant, str(row["tid"])

    def _row_with(self, tid: str, client_id: str) -> dict[str, Any]:
        """The receipt with this tid, or with a cancel of this tid. Raises `Misuse`."""
        cancel = self._store.get(ReceiptCancel, tid)
        stored = self._store.get(Receipt, cancel.origin_tid if cancel else tid)
        payment = payment_with(self._store, tid)
        rows = [self._row(stored)] if stored else self._rows_of(payment) if payment else []
        for row in rows:
            tids = {row["tid"], *(each["tid"] for each in row["cancels"])}
            if tid in tids and row["merchant"] == (client_id or row["merchant"]):
                return row
        raise _unknown(tid)

    def _found(self, kind: type[R], client_id: str, order_id: str) -> list[R]:
        """The records of one merchant or of all, with that orderId if one is given."""
        if not order_id:
            return self._store.find(kind, client_id)
        if client_id:
            return self._store.find(kind, client_id, order_id=order_id)
        return self._store.find_anywhere(kind, order_id=order_id)

    def _now(self, client_id: str) -> datetime:
        return self._tenants.of(self._store.get(Merchant, client_id)).clock.now()

    def _row(self, stored: Receipt) -> dict[str, Any]:
        now = self._now(stored.client_id)
        receipt = by_now(stored, now)
        return {
            "tid": receipt.tid,
            "merchant": receipt.client_id,
            "orderId": receipt.order_id,
            "payment": None,
            "status": receipt.status,
            "code": receipt.code or None,
            "amount": receipt.amount,
            "balanceAmt": left_of(self._store, receipt, now).total,
            "parts": _parts_json(receipt.parts),
            "goodsName": receipt.goods_name,
            "type": receipt.kind,
            "number": receipt.number,
            "issueNo": receipt.issue_no,
            "askedAt": iso(receipt.asked_at),
            "answerAt": _due(receipt, now),
            "cancels": [_cancel_json(each, now) for each in cancels_of(self._store, receipt, now)],
        }

    def _rows_of(self, payment: Payment) -> list[dict[str, Any]]:
        """The receipt of a payment, if it has one."""
        now = self._now(payment.client_id)
        receipts = [by_now(each, now) for each in payment.receipts]
        return [_payment_row(payment, receipts, now)] if receipts else []


def _payment_row(
    payment: Payment, receipts: Sequence[CashReceipt], now: datetime
) -> dict[str, Any]:
    first, *cancels = receipts
    asked_at = payment.deposited_at or payment.paid_at
    return {
        "tid": first.tid,
        "merchant": payment.client_id,
        "orderId": payment.order_id,
        "payment": payment.tid,
        "status": first.status,
        "code": None,
        "amount": first.amount,
        "balanceAmt": balance_of(receipts),
        "parts": None,
        "goodsName": payment.goods_name,
        "type": first.kind,
        "number": masked(payment.receipt_wish.number) if payment.receipt_wish else None,
        "issueNo": first.issue_no,
        "askedAt": iso(asked_at) if asked_at else None,
        "answerAt": _due(first, now),
        "cancels": [
            {
                "tid": each.tid,
                "orderId": payment.order_id,
                "status": each.status,
                "code": None,
                "amount": each.amount,
                "issueNo": each.issue_no,
                "answerAt": _due(each, now),
            }
            for each in cancels
        ],
    }


def _cancel_json(cancel: ReceiptCancel, now: datetime) -> dict[str, Any]:
    return {
        "tid": cancel.tid,
        "orderId": cancel.order_id,
        "status": cancel.status,
        "code": cancel.code or None,
        "amount": cancel.amount,
        "issueNo": cancel.issue_no,
        "answerAt": _due(cancel, now),
    }


def _parts_json(parts: Parts) -> dict[str, int]:
    return {
        "supplyAmt": parts.supply,
        "goodsVat": parts.vat,
        "taxFreeAmt": parts.tax_free,
        "serviceAmt": parts.service,
    }


def _due(filing: CashReceipt | Receipt | ReceiptCancel, now: datetime) -> str | None:
    """When the tax office will answer; None when it has."""
    return iso(filing.answer_at) if filing.answer_at and waits(filing, now) else None


def _unknown(tid: str) -> Misuse:
    return Misuse(
        f"there is no cash receipt with the tid {tid[:64]!r}; GET /_mock/receipts lists them", 404
    )
