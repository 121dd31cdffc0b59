"""Effects `decline` and `late` at a real approval: what is recorded, what is answered, and when."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from mock_nicepay.api import ENDPOINTS
from mock_nicepay.contract.calls import CALL_NAMES, DECIDED_BY_ISSUER, MAGIC_PARTS, MAY_BE_LATE
from mock_nicepay.core.records import Payment
from mock_nicepay.sandbox import Sandbox

Rule = dict[str, Any]
APPROVE = "payments.approve"


class Buyer:
    """Somebody who pays at one merchant's, whose scenario has the rules given."""

    def __init__(self, sandbox: Sandbox, call: Callable[..., Any], auth: Any) -> None:
        self.sandbox, self._call, self._auth = sandbox, call, auth
        self.tid = ""

    def meets(self, *rules: Rule, **parts: Any) -> None:
        """Play these rules from now on."""
        scenario = {"version": 1, "name": "s", "rules": list(rules), **parts}
        self.sandbox.choose_scenario(scenario, self._auth.client_id)

    def authenticates(self, order: str = "order-1", **params: Any) -> None:
        """Go through the window."""
        given = {"method": "card", "amount": 1004, "goodsName": "coffee", "orderId": order}
        returns = {"returnUrl": "http://127.0.0.1/return"}
        merchant = self.sandbox.merchant(self._auth.client_id)
        visit = self.sandbox.window.pay({**given, **returns, **params}, merchant=merchant)
        self.tid = visit.tid

    def approves(self) -> Any:
        """The merchant asks for the approval."""
        return self._send("POST", f"/v1/payments/{self.tid}", {"amount": 1004})

    def code(self, method: str, path: str, body: Any = b"") -> str:
        """The result code of another call."""
        return str(self._send(method, path, body).json["resultCode"])

    def waits(self, minutes: int) -> None:
        """Time passes."""
        self.sandbox.advance(timedelta(minutes=minutes), self._auth.client_id)

    @property
    def status(self) -> str:
        """What the gateway holds of the payment."""
        payment = self.sandbox.store.get(Payment, self.tid)
        return payment.status if payment else ""

    def finals(self) -> list[str]:
        """What expectations see of the payments."""
        (player,) = self.sandbox.tenants(self._auth.client_id)[0].players()
        return [str(each["status"]) for each in player.stage.finals(player) if "status" in each]

    def report(self) -> list[dict[str, Any]]:
        """What came of the scenario."""
        return self.sandbox.report(self._auth.client_id)

    def _send(self, method: str, path: str, body: Any) -> Any:
        return self._call(method, path, body=body, auth=self._auth)


@pytest.fixture
def buyer(sandbox: Sandbox, call: Callable[..., Any], published: Any) -> Buyer:
    """One who has not paid yet."""
    return Buyer(sandbox, call, published.server)


@pytest.mark.parametrize(
    ("told", "status", "rule"),
    [
        ("3011", "failed", {"reply": {"code": "3011"}}),
        ("3011", "failed", {"reply": {"code": "3011"}, "effect": "decline"}),
        ("3011", "paid", {"reply": {"code": "3011"}, "effect": "commit"}),
        ("3011", "authorised", {"reply": {"code": "3011"}, "effect": "none"}),
        ("U303", "authorised", {"reply": {"code": "U303"}}),
        ("U303", "paid", {"reply": {"code": "U303"}, "effect": "commit"}),
        ("0000", "authorised", {"reply": "ok", "effect": "none"}),
    ],
)
def test_what_an_approval_leaves(told: str, status: str, rule: Rule, buyer: Buyer) -> None:
    """A code of the payment network is the issuer's no; an effect that is written wins."""
    buyer.meets({"call": APPROVE, **rule})
    buyer.authenticates()

    assert (told, status) == (buyer.approves().json["resultCode"], buyer.status)


def test_a_declined_order_is_free_again(buyer: Buyer) -> None:
    """Another card pays the same order, and look-ups by orderId find that payment."""
    buyer.meets({"call": APPROVE, "times": 1, "reply": {"code": "3011"}})
    buyer.authenticates()
    buyer.approves()
    assert "U107" == buyer.code("GET", "/v1/payments/find/order-1")

    buyer.authenticates()
    assert "0000" == buyer.approves().json["resultCode"]
    assert "0000" == buyer.code("GET", "/v1/payments/find/order-1")
    assert ["failed", "paid"] == buyer.finals()


LATE = {"call": APPROVE, "times": 1, "effect": "late", "delay": "10m"}


def test_a_late_approval_is_processed_until_then(buyer: Buyer) -> None:
    """Nobody finds it, repeats it or takes it back before; afterwards it is paid."""
    buyer.meets({**LATE, "reply": {"http": 504}})
    buyer.authenticates()
    assert 504 == buyer.approves().status
    look, net_cancel = f"/v1/payments/{buyer.tid}", "/v1/payments/netcancel"

    def codes() -> list[str]:
        return [
            buyer.code("GET", look),
            buyer.code("GET", "/v1/payments/find/order-1"),
            buyer.approves().json["resultCode"],
            buyer.code("POST", net_cancel, {"orderId": "order-1"}),
        ]

    assert ["U107", "U107", "U112", "P049"] == codes()
    assert ["authorised"] == buyer.finals()
    buyer.waits(10)
    assert ["paid"] == buyer.finals()
    assert ["0000", "0000", "U114", "0000"] == codes()


@pytest.mark.parametrize(
    ("seconds", "reply"),
    [
        (600.0, "ok"),
        (600.0, "truncate"),
        (600.0, "hang"),
        (0.0, {"http": 504}),
        (0.0, {"code": "U303"}),
        (0.0, "reset"),
        (0.0, "empty"),
        (0.0, "garbage"),
    ],
)
def test_when_a_late_approval_is_answered(seconds: float, reply: Any, buyer: Buyer) -> None:
    """The truth cannot be told before it is true; everything else comes at once."""
    buyer.meets({**LATE, "reply": reply})
    buyer.authenticates()

    assert seconds == buyer.approves().wire.delay


def test_the_tables_name_what_is_served() -> None:
    """The issuer decides where the scenario language says so, and every part of a magic value is a call."""
    served = {endpoint.name: endpoint for endpoint in ENDPOINTS}
    decided = {name for name, endpoint in served.items() if endpoint.issuer_decides}

    assert decided == {name for name in DECIDED_BY_ISSUER if name in served}
    assert set(MAY_BE_LATE) <= set(served)
    assert {call for calls in MAGIC_PARTS.values() for call in calls} <= set(CALL_NAMES)


# What time does to payments


def entries(buyer: Buyer) -> list[tuple[str, str, str]]:
    """What the journal says of the timeline: path, code, and the scenario's words."""
    found = [entry.to_json() for entry in buyer.sandbox.journal() if entry.method == "TIMELINE"]
    return [(each["path"], each["code"], each["rule"]["text"]) for each in reversed(found)]


def test_deposits_in_time(buyer: Buyer) -> None:
    """The first pays, the second is sent back; the journal tells both, and nothing else is disturbed."""
    deposit = {"do": "payment.deposit", "orderId": "order-*"}
    buyer.meets(timeline=[{"at": "+10m", **deposit}, {"at": "+20m", **deposit}])
    buyer.authenticates(method="vbank", vbankHolder="홍길동")
    buyer.approves()
    assert "ready" == buyer.status
    buyer.waits(10)
    assert "paid" == buyer.status
    buyer.waits(10)
    assert "paid" == buyer.status

    path = f"payment.deposit {buyer.tid} order-1"
    assert [(path, "0000", "payment.deposit"), (path, "4124", "payment.deposit")] == entries(buyer)


@pytest.mark.parametrize(
    ("code", "minutes", "arguments"),
    [
        ("0000", 10, {"amount": 1004}),
        ("4122", 10, {"amount": 1003}),
        ("A107", 8 * 24 * 60, {}),
    ],
)
def test_what_the_bank_says(code: str, minutes: int, arguments: Rule, buyer: Buyer) -> None:
    """A wrong amount and a late one are sent back, and the journal says why."""
    at = f"+{minutes}m"
    buyer.meets(timeline=[{"at": at, "do": "payment.deposit", **arguments}])
    buyer.authenticates(method="vbank", vbankHolder="홍길동")
    buyer.approves()
    buyer.waits(minutes)
    (entry,) = [each for each in buyer.sandbox.journal() if each.method == "TIMELINE"]

    assert ("paid" if code == "0000" else "ready", code) == (buyer.status, entry.code)
    assert (entry.cause is None) == (code == "0000")


def test_only_the_orders_that_are_meant(buyer: Buyer) -> None:
    """A glob chooses among the merchant's orders; what is only authenticated is not a payment."""
    buyer.meets(timeline=[{"at": "+1m", "do": "payment.cancel", "orderId": "A*"}])
    for order in ("A1", "A2", "B1"):
        buyer.authenticates(order)
        buyer.approves()
    buyer.authenticates("A3")
    buyer.waits(1)

    assert ["cancelled", "cancelled", "paid", "authorised"] == buyer.finals()
    assert ["0000", "0000"] == [code for _, code, _ in entries(buyer)]


def test_the_timeline_is_no_call(buyer: Buyer) -> None:
    """Expectations count calls, and what time does is none."""
    buyer.meets(timeline=[{"at": "+1m", "do": "payment.cancel"}])
    buyer.authenticates()
    buyer.approves()
    buyer.waits(1)
    (row,) = buyer.report()

    assert 1 == len(entries(buyer))
    assert {"window.pay": 1, "payments.approve": 1} == row["calls"]
