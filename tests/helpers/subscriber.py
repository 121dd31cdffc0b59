"""A merchant who sells subscriptions: what the tests of recurring payments do to one."""

from itertools import count
from typing import Any

from till import Till

from mock_nicepay.contract.encdata.envelope import make_encdata
from mock_nicepay.contract.endpoint import Request
from mock_nicepay.core.records import BillingKey

# A Shinhan card by our own rule for issuers; its check digit is right.
CARD = {"cardNo": "9406123412341233", "expYear": "30", "expMonth": "12"}


class Subscriber(Till):
    """A till that also registers cards and charges them."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._renewals = count(1)
        self.bid = ""

    def encdata(self, values: dict[str, str] | str, cipher: str = "AES-128-ECB") -> str:
        """Card data as a request carries it, made with the merchant's key."""
        return make_encdata(values, self.merchant.secret_key, cipher)

    def regist(self, card: dict[str, str] | None = None, **fields: Any) -> Any:
        """The answer to a registration of CARD, or of its fields as `card` has them."""
        inside = {name: value for name, value in {**CARD, **(card or {})}.items() if value != "-"}
        usual = {"encData": self.encdata(inside), "orderId": "card-1"}
        answer = self.post("/v1/subscribe/regist", {**usual, **fields})
        self.bid = answer.get("bid") or answer.get("BID") or self.bid
        return answer

    def charge(self, bid: str | None = None, **fields: Any) -> Any:
        """The answer to a charge of the latest card; 9,900 won under a fresh orderId."""
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
        """The answer to a deletion."""
        return self.call_key("expire", bid, **{"orderId": "expire-1", **fields})

    def status(self, bid: str | None = None, **fields: Any) -> Any:
        """The answer to a question for a key's status."""
        usual = {"orderId": "status-1", "method": "tosspayBill"}
        return self.call_key("status", bid, **{**usual, **fields})

    def call_key(self, what: str, bid: str | None = None, **body: Any) -> Any:
        """The answer to one of a key's calls."""
        return self.post(f"/v1/subscribe/{self.bid if bid is None else bid}/{what}", body)

    def request(self, method: str, path: str) -> Request:
        """A request without a body, for answers that may be no JSON."""
        return Request(method, path, "", self.login)

    def find(self, order_id: str) -> Any:
        """The answer to a look-up by orderId."""
        return self.get(f"find/{order_id}")

    def key(self, bid: str | None = None) -> BillingKey:
        """The key as it is stored."""
        return self.sandbox.billing.key(bid or self.bid)

    def cause(self) -> str:
        """What the journal says of the latest call, in English."""
        cause = self.sandbox.journal(self.merchant.client_id)[0].cause
        return cause.en if cause else ""
