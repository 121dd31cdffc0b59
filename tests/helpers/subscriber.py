"""A merchant that sells subscriptions, for the tests of recurring payments."""

from itertools import count
from typing import Any

from till import Till

from mock_nicepay.contract.encdata.envelope import make_encdata
from mock_nicepay.contract.endpoint import Request
from mock_nicepay.core.records import BillingKey

# By our own rule for issuers a Shinhan card; its check digit is right.
CARD = {"cardNo": "9406123412341233", "expYear": "30", "expMonth": "12"}


class Subscriber(Till):
    """A till that also registers cards and charges them."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._renewals = count(1)
        self.bid = ""

    def encdata(self, values: dict[str, str] | str, cipher: str = "AES-128-ECB") -> str:
        """Card data as in a request, encrypted with the merchant's key."""
        return make_encdata(values, self.merchant.secret_key, cipher)

    def regist(self, card: dict[str, str] | None = None, **fields: Any) -> Any:
        """Register CARD, with the fields of `card` replaced; returns the answer."""
        inside = {name: value for name, value in {**CARD, **(card or {})}.items() if value != "-"}
        usual = {"encData": self.encdata(inside), "orderId": "card-1"}
        answer = self.post("/v1/subscribe/regist", {**usual, **fields})
        self.bid = answer.get("bid") or answer.get("BID") or self.bid
        return answer

    def charge(self, bid: str | None = None, **fields: Any) -> Any:
        """Charge the latest card, by default 9,900 won under a fresh orderId; returns the answer."""
        return self.call_key("payments", bid, **self.renewal(**fields))

    def renewal(self, **fields: Any) -> dict[str, Any]:
        """The body of a charge; a field that is None is left out."""
        usual = {
            "orderId": f"renewal-{next(self._renewals)}",
            "amount": 9900,
            "goodsName": "월 구독",
            "cardQuota": 0,
            "useShopInterest": False,
        }
        return {name: value for name, value in {**usual, **fields}.items() if value is not None}

    def expire(self, bid: str | None = None, **fields: Any) -> Any:
        """Delete a billing key; returns the answer."""
        return self.call_key("expire", bid, **{"orderId": "expire-1", **fields})

    def status(self, bid: str | None = None, **fields: Any) -> Any:
        """Ask for a billing key's status; returns the answer."""
        usual = {"orderId": "status-1", "method": "tosspayBill"}
        return self.call_key("status", bid, **{**usual, **fields})

    def call_key(self, what: str, bid: str | None = None, **body: Any) -> Any:
        """Make a call about a billing key; returns the answer."""
        return self.post(f"/v1/subscribe/{self.bid if bid is None else bid}/{what}", body)

    def request(self, method: str, path: str) -> Request:
        """A request without a body, for answers that may not be JSON."""
        return Request(method, path, "", self.login)

    def find(self, order_id: str) -> Any:
        """Look a payment up by orderId; returns the answer."""
        return self.get(f"find/{order_id}")

    def key(self, bid: str | None = None) -> BillingKey:
        """The key as it is stored."""
        return self.sandbox.billing.key(bid or self.bid)

    def cause(self) -> str:
        """The journal's diagnosis of the latest call, in English."""
        cause = self.sandbox.journal(self.merchant.client_id)[0].cause
        return cause.en if cause else ""
