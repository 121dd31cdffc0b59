"""The page behind `receiptUrl`: a receipt of a payment, of a cancel, or a cash receipt.

Assumed (receipt.page): whoever has the tid is shown its receipt, whosever it is; so is it here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from mock_nicepay.contract.endpoint import Reply, Request
from mock_nicepay.core.payments.ids import payment_with
from mock_nicepay.core.payments.receipts import with_answers
from mock_nicepay.core.records import (
    AUTHORISED,
    Cancel,
    CashReceipt,
    Merchant,
    Payment,
)
from mock_nicepay.front.pages.cash_receipt import cash_values
from mock_nicepay.front.pages.render import html
from mock_nicepay.front.templating import amount as written
from mock_nicepay.sandbox import Sandbox

_METHODS = {
    "card": "신용카드 / Card",
    "bank": "계좌이체 / Bank transfer",
    "vbank": "가상계좌 / Virtual account",
    "cellphone": "휴대폰 / Mobile phone",
}
_STATES = {
    "paid": "결제완료 / Paid",
    "ready": "입금대기 / Waiting for deposit",
    "failed": "결제실패 / Failed",
    "cancelled": "취소완료 / Cancelled",
    "partialCancelled": "부분취소 / Cancelled in part",
}


@dataclass(frozen=True, slots=True)
class Found:
    """What a tid means: a payment, and of it a cancel or a cash receipt."""

    merchant: Merchant
    payment: Payment
    cancel: Cancel | None = None
    cash: CashReceipt | None = None


def show_receipt(sandbox: Sandbox, request: Request, _places: Mapping[str, str]) -> Reply:
    """Show the receipt of a tid, whosever it is."""
    tid = request.arguments().get("TID", "").strip()
    found, by_itself = _found(sandbox, tid), cash_values(sandbox, tid)
    if by_itself is not None:
        return html(request, "receipt/cash.html", by_itself)
    if found is None:
        return html(request, "receipt/unknown.html", {"tid": tid[:40]}, status=404)
    return html(request, "receipt/receipt.html", _values(sandbox, tid, found))


def _found(sandbox: Sandbox, tid: str) -> Found | None:
    """What the tid means; a payment that nobody had approved has no receipt."""
    payment = payment_with(sandbox.store, tid)
    if payment is None:
        return None
    now = sandbox.tenants(payment.client_id)[0].clock.now()
    merchant = sandbox.merchant(payment.client_id)
    return next(_meanings(merchant, with_answers(payment, now), tid), None)


def _meanings(merchant: Merchant, payment: Payment, tid: str) -> Iterator[Found]:
    """What the tid is of that payment's. A full cancel has the payment's own tid: both on one page."""
    if payment.status == AUTHORISED:
        return
    if payment.tid == tid:
        yield Found(merchant, payment)
    for cancel in payment.cancels:
        if cancel.tid == tid:
            yield Found(merchant, payment, cancel=cancel)
    for cash in payment.receipts:
        if cash.tid == tid:
            yield Found(merchant, payment, cash=cash)


def _values(sandbox: Sandbox, tid: str, found: Found) -> dict[str, object]:
    payment, cancel, cash = found.payment, found.cancel, found.cash
    part = cancel or cash
    amount = part.amount if part else payment.amount
    return {
        "tid": tid,
        "kind": "cancel" if cancel else "cash" if cash else "payment",
        "shop": sandbox.shop_name(found.merchant),
        "payment": payment,
        "cancel": cancel,
        "cash": cash,
        "state": _STATES.get(payment.status, payment.status),
        "method": _METHODS.get(payment.pay_method, payment.pay_method),
        "amount": written(amount, payment.currency),
        "rows": _rows(payment),
        "cancels": [
            (each.tid, _moment(each.at), written(each.amount, payment.currency), each.reason)
            for each in payment.cancels
        ],
        "at": _moment(cancel.at if cancel else payment.paid_at or payment.failed_at),
    }


def _rows(payment: Payment) -> list[tuple[str, str]]:
    """What it was paid with; a card's number as masked as it is kept."""
    rows: list[tuple[str, str | None]] = []
    if payment.card:
        quota = f"{payment.card.quota}개월 / months" if payment.card.quota else "일시불 / In full"
        rows += [
            ("카드 / Card", payment.card.name),
            ("카드번호 / Number", payment.card.number),
            ("할부 / Installments", quota),
        ]
    if payment.bank:
        rows.append(("은행 / Bank", payment.bank.name))
    if payment.account:
        account = payment.account
        rows.append(("계좌 / Account", f"{account.bank_name} {account.number} ({account.holder})"))
    rows += [("승인번호 / Approval", payment.approve_no), ("구매자 / Buyer", payment.buyer_name)]
    return [(name, value) for name, value in rows if value]


def _moment(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}" if moment else "-"
