"""Two small shops that sell by NICEPAY, one careful and one careless.

Both do the same jobs: take an order, receive the form, receive webhooks, refund, and check open orders
each night. The careless one is written as many shops are: for the case in which nothing goes wrong.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Protocol
from urllib.parse import quote

from mock_nicepay.contract.times import parse_moment

Answer = dict[str, Any]
Heard = tuple[int, str]  # status and body of the answer to a webhook
_GONE = ("cancelled", "failed", "closed")


@dataclass(slots=True)
class Order:
    """A shop's record of one order."""

    id: str
    amount: int
    state: str = "open"
    tid: str = ""
    balance: int = 0
    expires: datetime | None = None
    refunds: int = 0
    receipt: str = ""  # the tid of a cash receipt issued separately


@dataclass(slots=True)
class Nicepay:
    """NICEPAY as a shop sees it: its keys, its calls, and a calendar."""

    keys: tuple[str, str]  # the secret keys of its two key pairs
    ask: Callable[..., Answer | None]  # method, path, body: the JSON, None when there was no answer
    now: Callable[[], datetime]
    sleep: Callable[[int], None]  # minutes

    def approve(self, tid: str, amount: Any) -> Answer | None:
        """Approve an authenticated payment."""
        return self.ask("POST", f"/v1/payments/{tid}", {"amount": amount})

    def cancel(self, tid: str, order_id: str, amount: int | None = None) -> Answer | None:
        """Cancel a payment, or part of it."""
        part = {} if amount is None else {"cancelAmt": amount}
        body = {"reason": "refund", "orderId": order_id, **part}
        return self.ask("POST", f"/v1/payments/{tid}/cancel", body)

    def issue_receipt(self, order: Order, order_id: str) -> Answer | None:
        """Issue a cash receipt for the customer's mobile number."""
        parts = {"supplyAmt": order.amount, "goodsVat": 0, "taxFreeAmt": 0, "serviceAmt": 0}
        person = {"receiptType": "individual", "receiptNo": "01012341234", "goodsName": "coffee"}
        body = {"orderId": order_id, "amount": order.amount, **person, **parts}
        return self.ask("POST", "/v1/receipt", body)

    def signed(self, answer: Answer) -> bool:
        """Whether an answer's or event's signature fits one of the shop's keys."""
        told = f"{answer.get('tid')}{answer.get('amount')}{answer.get('ediDate')}"
        return answer.get("signature") in [_hash(told + key) for key in self.keys]


class Shop(Protocol):
    """What both shops do."""

    orders: dict[str, Order]

    def __init__(self, nicepay: Nicepay) -> None: ...

    def returned(self, form: dict[str, str]) -> None:
        """The payer's browser posts the form."""

    def told(self, body: bytes) -> Heard:
        """NICEPAY calls the webhook."""

    def refund(self, order: Order, amount: int | None = None) -> None:
        """A customer asks for a refund."""

    def receipt(self, order: Order) -> None:
        """A customer asks for a cash receipt."""

    def paid_twice(self, order: Order) -> None:
        """A customer claims to have paid twice."""

    def round(self) -> None:
        """The nightly job that checks orders."""


class Careful:
    """Trusts signatures and look-ups only, and treats a missing answer as unknown, not as a failure."""

    def __init__(self, nicepay: Nicepay) -> None:
        self.nicepay = nicepay
        self.orders: dict[str, Order] = {}

    def returned(self, form: dict[str, str]) -> None:
        """Approve once, if the signature and the order's amount are right."""
        order = self.orders[form["orderId"]]
        if order.state != "open" or form["authResultCode"] != "0000":
            return
        signed = _hash(form["authToken"] + form["clientId"] + form["amount"] + self.nicepay.keys[0])
        if form["signature"] != signed or form["amount"] != str(order.amount):
            order.state = "refused"
            return
        order.state = "asked"
        answer = self.nicepay.approve(form["tid"], order.amount)
        if answer is None or answer["resultCode"] in {"U112", "U114"}:
            self._find_out(order)
        elif answer["resultCode"] != "0000" or not self._learn(order, answer):
            order.state = "failed"

    def told(self, body: bytes) -> Heard:
        """Check the signature, then look up the current state."""
        event = json.loads(body)
        order = self.orders.get(event["orderId"])
        if not self.nicepay.signed(event) or order is None:
            return 400, "not ours"
        return (200, "OK") if self._look(order) else (503, "try again")

    def refund(self, order: Order, amount: int | None = None) -> None:
        """Look the payment up first; resend the same cancel only if the balance is unchanged."""
        if not self._look(order) or order.state in _GONE or (amount or 0) > order.balance:
            return
        order.refunds += 1
        before, cancel_id = order.balance, f"{order.id}-refund-{order.refunds}"
        while self.nicepay.cancel(order.tid, cancel_id, amount) is None:
            self.nicepay.sleep(1)
            if self._look(order) and order.balance < before:
                return
        if self._look(order) and order.receipt and order.state == "cancelled":
            self._take_receipt_back(order)

    def receipt(self, order: Order) -> None:
        """Retry with the same orderId until there is an answer; U112 means that there is a receipt."""
        while (answer := self.nicepay.issue_receipt(order, f"{order.id}-receipt")) is None:
            self.nicepay.sleep(1)
        order.receipt = answer.get("tid", order.receipt)

    def paid_twice(self, order: Order) -> None:
        """Look the payment up, which shows that there is only one."""
        self._look(order)

    def round(self) -> None:
        """Look up every order; one with an expired account is only closed."""
        for order in self.orders.values():
            known = self._look(order)
            if order.receipt and self._receipt(order)["approveNo"] is None:
                self.receipt(order)
            if order.state == "doubtful" and not known:
                self._find_out(order)
            elif order.state == "ready" and order.expires and order.expires < self.nicepay.now():
                order.state = "closed"

    def _take_receipt_back(self, order: Order) -> None:
        """Repeat the same cancel until nothing is left of the receipt."""
        body = {"orderId": f"{order.id}-receipt-back", "reason": "refund"}
        while self._receipt(order)["balanceAmt"]:
            self.nicepay.ask("POST", f"/v1/receipt/{order.receipt}/cancel", body)

    def _receipt(self, order: Order) -> Answer:
        answer = self.nicepay.ask("GET", f"/v1/receipt/{order.receipt}")
        return answer or {"approveNo": "unknown", "balanceAmt": order.amount}

    def _find_out(self, order: Order) -> None:
        """Find out the result of an approval without an answer; if that fails, net-cancel it."""
        for _ in range(3):
            if self._look(order):
                return
            self.nicepay.sleep(1)
        answer = self.nicepay.ask("POST", "/v1/payments/netcancel", {"orderId": order.id})
        done = answer is not None and answer["resultCode"] in {"0000", "2015", "U107"}
        order.state = "cancelled" if done else "doubtful"

    def _look(self, order: Order) -> bool:
        answer = self.nicepay.ask("GET", f"/v1/payments/find/{quote(order.id)}")
        return answer is not None and self._learn(order, answer)

    def _learn(self, order: Order, answer: Answer) -> bool:
        """Take over the state of a successful answer that is signed and about this order."""
        if answer["resultCode"] != "0000" or not self.nicepay.signed(answer):
            return False
        if (answer["orderId"], answer["amount"]) != (order.id, order.amount):
            return False
        order.tid, order.state = answer["tid"], answer["status"]
        order.balance = answer["balanceAmt"]
        if answer["vbank"]:
            order.expires = parse_moment(answer["vbank"]["vbankExpDate"])
        return True


class Careless:
    """Trusts everything, treats a missing answer as a failure, and retries after any answer."""

    def __init__(self, nicepay: Nicepay) -> None:
        self.nicepay = nicepay
        self.orders: dict[str, Order] = {}
        self.seen: set[tuple[str, str]] = set()

    def returned(self, form: dict[str, str]) -> None:
        """Approve the form's amount unchecked; cancel after any failure, to be on the safe side."""
        order = self.orders[form["orderId"]]
        if form["authResultCode"] != "0000":
            return
        answer = self.nicepay.approve(form["tid"], form["amount"])
        if answer is None:
            order.state = "failed"
            return
        order.tid, order.state = form["tid"], answer.get("status", "failed")
        if answer["resultCode"] != "0000":
            self.nicepay.cancel(order.tid, order.id)

    def told(self, body: bytes) -> Heard:
        """Find the tid, insert the event, take its status; an exception becomes HTTP 500."""
        if not body.startswith(b'{"resultCode":"0000","resultMsg"'):
            return 500, "unexpected text"
        event = json.loads(body)
        order = next((each for each in self.orders.values() if each.tid == event["tid"]), None)
        if order is None or (event["tid"], event["status"]) in self.seen:
            return 500, "no such order, or duplicate key"
        if event["payMethod"] == "vbank" and not self._signed_by_first_key(event):
            return 500, "wrong signature"
        self.seen.add((event["tid"], event["status"]))
        order.state = event["status"]
        return 200, "OK"

    def refund(self, order: Order, amount: int | None = None) -> None:
        """Try three times, with a new orderId each time, until one succeeds."""
        if order.state == "cancelled":
            return
        for number in range(3):
            cancel_id = f"{order.id}-{amount}" + "-again" * number
            answer = self.nicepay.cancel(order.tid, cancel_id, amount)
            if answer is not None and answer["resultCode"] == "0000":
                order.state = answer["status"]
                return

    def receipt(self, order: Order) -> None:
        """Try three times, with a new orderId each time, until one succeeds; never check it later."""
        for number in range(3):
            answer = self.nicepay.issue_receipt(order, f"{order.id}-receipt-{number}")
            if answer is not None and answer["resultCode"] == "0000":
                order.receipt = answer["tid"]
                return

    def paid_twice(self, order: Order) -> None:
        """Refund without checking."""
        self.refund(order)

    def round(self) -> None:
        """Cancel all orders that are not paid yet."""
        for order in self.orders.values():
            if order.state == "ready":
                self.nicepay.cancel(order.tid, order.id)

    def _signed_by_first_key(self, event: Answer) -> bool:
        told = f"{event['tid']}{event['amount']}{event['ediDate']}{self.nicepay.keys[0]}"
        return bool(event["signature"] == _hash(told))


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()
