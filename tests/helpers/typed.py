"""Calls that charge a card without a payment window, for tests: encData and the other fields."""

from collections.abc import Mapping
from itertools import count
from typing import Any

from till import Till

from mock_nicepay.contract.encdata.envelope import make_encdata
from mock_nicepay.core.records import Payment

CARD = {"cardNo": "9404123412341234", "expYear": "30", "expMonth": "12"}
BY_APP = {
    "authFlag": "0",
    "cardNo": "9404123412341234",
    "track2Data": "379404123412341234=0000",
    "cardExpire": "3012",
    "CAVV": "AAABCGkWZSAhBwIIGRZlBSAAAAA=",
    "XID": "MjAyMTA3MDIwNzEyNTQ2MzE5OTg=",
    "ECI": "05",
}


class Keypad:
    """A merchant that charges cards by key-in and by e-pay."""

    def __init__(self, **options: Any) -> None:
        self.till = Till(**options)
        self._orders = count(1)

    def encdata(self, values: Mapping[str, str] | str, cipher: str) -> str:
        """Encrypt these fields with the merchant's key; returns the hex."""
        return make_encdata(values, self.till.merchant.secret_key, cipher)

    def key_in(self, card: Mapping[str, str] | str = CARD, **fields: Any) -> Any:
        """Make a key-in payment of 1,004 won; returns the answer. None omits a field."""
        body = {
            "orderId": f"typed-{next(self._orders)}",
            "amount": 1004,
            "goodsName": "상품",
            "encData": self.encdata(card, "AES-128-ECB"),
            "isInterestFree": False,
            "cardQuota": 0,
            **fields,
        }
        return self.till.post("/v1/key-in/payments", _said(body))

    def pay_by_app(self, card: Mapping[str, str] | str = BY_APP, **fields: Any) -> Any:
        """Make an e-pay payment of 1,004 won; returns the answer."""
        cipher = "AES-256-CBC" if fields.get("encMode") else "AES-128-CBC"
        body = {
            "orderId": f"app-{next(self._orders)}",
            "encData": self.encdata(card, cipher),
            "amount": 1004,
            "goodsName": "상품",
            "cardCode": "04",
            "cardQuota": "0",
            "useShopInterest": False,
            **fields,
        }
        return self.till.post("/v1/epay", _said(body))

    def told(self) -> str:
        """The journal's diagnosis of the latest call, in English."""
        entries = self.till.control("GET", "/journal")[1]
        return str((entries["entries"][0]["diagnosis"] or {"en": ""})["en"])

    def payments(self) -> list[Payment]:
        """All stored payments, the oldest first."""
        return self.till.sandbox.store.find(Payment)

    def stored(self, tid: str) -> Payment:
        """The stored payment with that tid."""
        found = self.till.sandbox.store.get(Payment, tid)
        assert found is not None
        return found

    def play(self, **rule: Any) -> None:
        """Play a scenario with one rule."""
        scenario = {"version": 1, "name": "one-rule", "rules": [rule]}
        self.till.sandbox.choose_scenario(scenario, self.till.merchant.client_id)


def without(card: Mapping[str, str], *names: str, **more: str) -> dict[str, str]:
    """The card without the fields of `names`, and with the other fields given."""
    return {**{name: value for name, value in card.items() if name not in names}, **more}


def _said(body: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if value is not None}
