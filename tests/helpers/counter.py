"""A merchant that sells by hosted checkout, for the tests of sessions."""

from collections.abc import Mapping
from itertools import count
from typing import Any

from till import Till

from mock_nicepay.core.records import Session
from mock_nicepay.core.scenarios.language import ReplyPlan
from mock_nicepay.core.window.attempt import AGREED


class Counter(Till):
    """A merchant, by default with a Client-approval key."""

    def __init__(self, *, merchant: dict[str, Any] | None = None, **options: Any) -> None:
        super().__init__(merchant={"window": "client", **(merchant or {})}, **options)
        self._sessions = count(1)

    def create(self, **fields: Any) -> Any:
        """Create a checkout (default: 1,004 won, any method); returns the answer."""
        number = next(self._sessions)
        usual = {
            "sessionId": f"session-{number}",
            "orderId": f"checkout-{number}",
            "method": "cardAndEasyPay",
            "amount": 1004,
            "goodsName": "커피",
            "returnUrl": "http://127.0.0.1/return",
        }
        return self.post("/v1/checkout", {**usual, **fields})

    def session(self, session_id: str = "session-1") -> Session:
        """The session as it is stored."""
        return self.sandbox.checkout.session(session_id, self.merchant.client_id)

    def visit(
        self, session_id: str = "session-1", ending: ReplyPlan = AGREED, **words: Any
    ) -> Mapping[str, str]:
        """Let a payer visit the page; returns the form that is posted."""
        visit = self.sandbox.checkout.pay(self.session(session_id), ending=ending, **words)
        assert visit.form is not None
        return visit.form

    def look(self, session_id: str = "session-1") -> Any:
        """Look the session up; returns the answer."""
        return self.ask("GET", f"/v1/checkout/{session_id}")[1]

    def expire(self, session_id: str = "session-1") -> Any:
        """Expire the session early; returns the answer."""
        return self.ask("POST", f"/v1/checkout/{session_id}/expire")[1]

    def payment(self, session_id: str = "session-1") -> Any:
        """Look its payment up; returns the answer."""
        return self.get(f"checkout/{session_id}")

    def cancel_by_session(self, session_id: str = "session-1", **body: Any) -> Any:
        """Cancel its payment; returns the answer."""
        given = {"reason": "변심", "orderId": f"cancel-{next(self._sessions)}"}
        return self.post(f"/v1/payments/checkout/{session_id}/cancel", {**given, **body})
