"""A merchant that takes payments, for tests: its API calls, and changes behind the gateway's back."""

import json
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any

from quiet import settings

from mock_nicepay.contract.endpoint import Request, settled
from mock_nicepay.core.call import Context
from mock_nicepay.core.payments.approval import authorise
from mock_nicepay.core.payments.wish import Wish
from mock_nicepay.core.records import Payment, Record
from mock_nicepay.front.dispatch import respond
from mock_nicepay.sandbox import Sandbox

REFUND = {"refundAccount": "1234567890", "refundBankCode": "004", "refundHolder": "홍길동"}


class Till:
    """The merchant of a sandbox whose clock stands still."""

    def __init__(self, *, merchant: dict[str, Any] | None = None, **options: Any) -> None:
        self.sandbox = Sandbox(settings(**options))
        self.merchant = self.sandbox.add_merchant(**(merchant or {}))
        self._orders = count(1)

    @property
    def login(self) -> dict[str, str]:
        """The merchant's Authorization header."""
        pair = f"{self.merchant.client_id}:{self.merchant.secret_key}"
        return {"authorization": f"Basic {b64encode(pair.encode()).decode()}"}

    @contextmanager
    def context(self, events: list[tuple[str, Payment]] | None = None) -> Iterator[Context]:
        """A transaction of the merchant; events for its webhook are added to `events`."""
        told = [] if events is None else events
        with self.sandbox.desk.serve(self.merchant) as context:
            yield replace(
                context, emit=lambda event, payment, charset: told.append((event, payment))
            )

    def authorise(self, **wish: Any) -> Payment:
        """Let the payer go through the window, by default for 1,004 won by card."""
        given = {"order_id": f"order-{next(self._orders)}", "amount": 1004, "goods_name": "상품"}
        with self.context() as context:
            return authorise(context, Wish(**{**given, **wish}))

    def pay(self, **wish: Any) -> Payment:
        """Authorise and approve a payment; returns it as it is stored then."""
        payment = self.authorise(**wish)
        assert "0000" == self.approve(payment)["resultCode"]
        return self.stored(payment)

    def deposited(self, **wish: Any) -> Payment:
        """A payment by virtual account that has received the money."""
        return self.sandbox.ledger.deposit(self.pay(method="vbank", **wish).tid)

    def approve(self, payment: Payment, **body: Any) -> Any:
        """Approve a payment, by default for the authorised amount; returns the answer."""
        return self.post(f"/v1/payments/{payment.tid}", {"amount": payment.amount, **body})

    def cancel(self, payment: Payment, **body: Any) -> Any:
        """Cancel a payment, by default under a fresh orderId; returns the answer."""
        given = {"reason": "변심", "orderId": f"cancel-{next(self._orders)}"}
        return self.post(f"/v1/payments/{payment.tid}/cancel", {**given, **body})

    def net_cancel(self, order_id: str, **body: Any) -> Any:
        """Send a net cancel; returns the answer."""
        return self.post("/v1/payments/netcancel", {"orderId": order_id, **body})

    def get(self, path: str) -> Any:
        """The answer to a GET below /v1/payments."""
        return self.ask("GET", f"/v1/payments/{path}")[1]

    def post(self, path: str, body: Any) -> Any:
        """The answer to a POST."""
        return self.ask("POST", path, body)[1]

    def ask(self, method: str, path: str, body: Any = None, query: str = "") -> tuple[int, Any]:
        """Status and JSON of one call with the merchant's login."""
        sent = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        reply = self.sandbox.handle(Request(method, path, query, self.login, sent))
        return reply.status, json.loads(reply.body)

    def control(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Status and JSON of one request to the control plane."""
        sent = b"" if body is None else json.dumps(body).encode()
        path, _, query = f"/_mock{path}".partition("?")
        reply = settled(respond(self.sandbox, Request(method, path, query, body=sent)))
        return reply.status, json.loads(reply.body)

    def stored(self, payment: Payment) -> Payment:
        """The payment as it is stored now."""
        found = self.sandbox.store.get(Payment, payment.tid)
        assert found is not None
        return found

    def change(self, payment: Payment, **values: Any) -> Payment:
        """Change the stored payment behind the gateway's back."""
        changed = replace(self.stored(payment), **values)
        self.sandbox.store.put(changed)
        return changed

    def advance(self, **span: float) -> None:
        """Move the time."""
        self.sandbox.advance(timedelta(**span))

    def records(self) -> dict[str, list[Record]]:
        """Everything that is stored, to compare: a refusal changes nothing."""
        return self.sandbox.store.snapshot()
