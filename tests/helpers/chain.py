"""Several gateways on one durable store, one after another or at the same time."""

from copy import copy
from dataclasses import replace
from itertools import count
from typing import Any

from cashdesk import SAMPLE, CashDesk
from quiet import settings
from subscriber import Subscriber

from mock_nicepay.core.identity import fresh_secret
from mock_nicepay.core.records import Delivery, Merchant, Payment
from mock_nicepay.core.webhooks.addresses import put_addresses
from mock_nicepay.front.testing.receiver import Receiver
from mock_nicepay.sandbox import Sandbox


class Aside:
    """The gateway of a receiver that outlives several gateways: does nothing."""

    def register(self, url: str) -> None:
        """Do nothing: the branches register their webhooks."""

    def forget(self) -> None:
        """Do nothing."""

    def settle(self) -> None:
        """Do not wait."""

    def log(self) -> list[dict[str, Any]]:
        """Empty: see `Branch.deliveries`."""
        return []


def receiver() -> Receiver:
    """A receiver that is not registered at any gateway yet."""
    return Receiver(Aside(), "")


class Branch(Subscriber, CashDesk):
    """A separate gateway on the store at `url`, as another process would have one.

    Its merchant is a new one, or that of another branch. `options` are settings.
    """

    def __init__(self, url: str, merchant: Merchant | None = None, **options: Any) -> None:
        self.sandbox = Sandbox(settings(store=url, **options))
        self.merchant = merchant or self.sandbox.add_merchant()
        self._orders = count(1)
        self.bid = ""

    def authorise(self, **wish: Any) -> Payment:
        """Authorise a payment; the default orderId is different in each branch."""
        return super().authorise(**{"order_id": fresh_secret()[:12], **wish})

    def regist(self, card: dict[str, str] | None = None, **fields: Any) -> Any:
        """Register a card; returns the answer."""
        return super().regist(card, **{"orderId": fresh_secret()[:12], **fields})

    def renewal(self, **fields: Any) -> dict[str, Any]:
        """The body of a charge."""
        usual = {"amount": 9900, "goodsName": "구독", "cardQuota": 0, "useShopInterest": False}
        return {"orderId": fresh_secret()[:12], **usual, **fields}

    def issue(self, **fields: Any) -> Any:
        """Issue a receipt; returns the answer."""
        return self.post("/v1/receipt", {"orderId": fresh_secret()[:12], **SAMPLE, **fields})

    def take_back(self, tid: str, **fields: Any) -> Any:
        """Cancel a receipt; returns the answer."""
        wish = {"orderId": fresh_secret()[:12], "reason": "변심", **fields}
        return self.post(f"/v1/receipt/{tid}/cancel", wish)

    def with_key(self, key: Merchant) -> "Branch":
        """The same till, logging in with another key pair."""
        other = copy(self)
        other.merchant = replace(self.merchant, client_id=key.calling_id, secret_key=key.secret_key)
        return other

    def token(self) -> str:
        """A token of the merchant."""
        return str(
            self.post("/v1/access-token", {"grantType": "client_credentials"})["accessToken"]
        )

    def play(self, scenario: dict[str, Any]) -> None:
        """Choose a scenario for the merchant."""
        self.sandbox.choose_scenario(
            {"version": 1, "name": "s", **scenario}, self.merchant.client_id
        )

    def tell(self, url: str) -> None:
        """Register the receiver for the merchant's webhooks."""
        put_addresses(self.sandbox.store, self.merchant.client_id, "all", url)

    def codes(self, count: int) -> list[str]:
        """The result codes of `number` token calls."""
        return [self.post("/v1/access-token", {})["resultCode"] for _ in range(count)]

    def now(self) -> str:
        """The merchant's time, hours and minutes."""
        clock = self.sandbox.tenants(self.merchant.client_id)[0].clock
        return f"{clock.now():%H:%M}"

    def deliveries(self) -> list[Delivery]:
        """The merchant's webhooks."""
        return self.sandbox.store.find(Delivery, self.merchant.client_id)

    def states(self) -> list[str]:
        """The state of each webhook delivery."""
        return [each.state for each in self.deliveries()]

    def calls(self) -> list[str]:
        """The merchant's calls in the journal, oldest first."""
        return [each.call for each in self.sandbox.journal(self.merchant.client_id)][::-1]
