"""A separate gateway on which each call is played once with success, for the document's examples.

Its clock is frozen and its seed is fixed, so that an example is the same in every document.
"""

import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any
from urllib.parse import urlencode

from mock_nicepay.api import ENDPOINTS
from mock_nicepay.contract.encdata.envelope import make_encdata
from mock_nicepay.contract.endpoint import Endpoint, Reply, Request
from mock_nicepay.contract.times import iso
from mock_nicepay.core.records import Merchant
from mock_nicepay.core.webhooks.addresses import put_addresses
from mock_nicepay.sandbox import Sandbox
from mock_nicepay.settings import Settings

NOW = "2023-03-24T16:46:42.000+0900"
RETURN_URL = "https://shop.example/nicepay/return"
_WEBHOOK_URL = "https://shop.example/nicepay/webhook"
_SETTINGS = {
    "clock": NOW,
    "log": "quiet",
    "magic_values": "no",
    "token_key": "the stage's own",  # a random key would make the addresses of pages differ in each run
}
_CARD = {
    "cardNo": "9410000000000000",
    "expYear": "29",
    "expMonth": "12",
    "idNo": "800101",
    "cardPw": "12",
}
_ORDER = {"amount": 1004, "goodsName": "나이스페이 상품"}
# The key pairs of fixtures/merchants.yaml that NICEPAY publishes with its sample clients.
_SERVER, _CLIENT = (
    "S2_af4543a0be4d49a98122e01ec2059a56",
    "S1_6eaa0db1afdc41f3becb770878d67d25",
)


@dataclass(frozen=True, slots=True)
class Sent:
    """One valid call: the variables of its path, its fields, its merchant."""

    places: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, Any] = field(default_factory=dict)
    merchant: Merchant | None = None  # None: the stage's own


class Stage:
    """A sandbox with two merchants; makes what a valid call needs to exist before."""

    def __init__(self, **options: Any) -> None:
        given = {**_SETTINGS, **options}
        self.sandbox = Sandbox(Settings.read(given, environment={}))
        self.server = self.sandbox.merchant(_SERVER)
        self.client = self.sandbox.merchant(_CLIENT)
        self._numbers = count(1)

    @property
    def now(self) -> datetime:
        """The time at which the clock is frozen."""
        return self.sandbox.tenants(self.server.client_id)[0].clock.now()

    def good_call(self, endpoint: Endpoint) -> Sent:
        """Prepare what a call of this endpoint needs, and return the call to send."""
        return _PLAYS[endpoint.name](self)

    def request(self, endpoint: Endpoint, sent: Sent) -> Request:
        """The request of that call, signed where it has a signature."""
        fields = self.signed(endpoint, sent)
        path = endpoint.path
        for name, value in sent.places.items():
            path = path.replace(f"{{{name}}}", value)
        in_body = endpoint.reads == "body" and fields
        return Request(
            endpoint.method,
            path,
            "" if in_body else urlencode(_texts(fields)),
            {"authorization": login_of(self._merchant_of(sent)), **(_JSON if in_body else {})},
            json.dumps(fields, ensure_ascii=False).encode() if in_body else b"",
        )

    def play(self, endpoint: Endpoint, sent: Sent) -> Reply:
        """Send that call and return its answer.

        The registration of a webhook would call the address, so it is not sent: its answer is that of
        the list of addresses.
        """
        if endpoint.errand is None:
            return self.sandbox.handle(self.request(endpoint, sent))
        put_addresses(self.sandbox.store, self._merchant_of(sent).client_id, "card", _WEBHOOK_URL)
        return self.sandbox.handle(self.request(CALLS["webhook.get"], Sent()))

    def answer(self, name: str, sent: Sent) -> dict[str, Any]:
        """The JSON of one call."""
        answer: dict[str, Any] = json.loads(self.play(CALLS[name], sent).body)
        return answer

    def signed(self, endpoint: Endpoint, sent: Sent) -> dict[str, Any]:
        """The fields with ediDate and signData, where the call has a formula."""
        fields = dict(sent.fields)
        if endpoint.sign is None:
            return fields
        merchant = self._merchant_of(sent)
        fields["ediDate"] = iso(self.now)
        known: dict[str, Any] = {**fields, **sent.places}
        if endpoint.recall is not None:
            known = {**endpoint.recall(self.sandbox.store, merchant.client_id, known), **known}
        return {**fields, "signData": endpoint.sign.sign(known, merchant.secret_key)}

    def next_id(self, kind: str = "order") -> str:
        """An id that is new on this stage."""
        return f"{kind}-20230324-{next(self._numbers)}"

    def authorised(self, method: str = "card") -> tuple[str, str]:
        """Have a payer agree in the window; returns tid and orderId."""
        order_id = self.next_id()
        params = {"method": method, "orderId": order_id, **_ORDER, "returnUrl": RETURN_URL}
        visit = self.sandbox.window.pay(params, merchant=self.server)
        return visit.tid, order_id

    def paid(self) -> tuple[str, str]:
        """The same, then approve the payment."""
        tid, order_id = self.authorised()
        self.answer("payments.approve", Sent({"tid": tid}, {"amount": 1004}))
        return tid, order_id

    def session(self, method: str = "cardAndEasyPay") -> str:
        """Make a checkout session; returns its sessionId."""
        fields = _checkout(self, method)
        self.answer("checkout.create", Sent(fields=fields, merchant=self.client))
        return str(fields["sessionId"])

    def paid_session(self, method: str = "cardAndEasyPay") -> str:
        """The same, then have a payer pay on its page."""
        session_id = self.session(method)
        self.visit(session_id)
        return session_id

    def visit(self, session_id: str) -> Mapping[str, str]:
        """Have a payer visit that session's page; returns the form that is posted."""
        session = self.sandbox.checkout.session(session_id, self.client.client_id)
        return self.sandbox.checkout.pay(session).form or {}

    def encdata(self, values: Mapping[str, str], cipher: str) -> str:
        """Card data as the stage's own merchant encrypts it."""
        return make_encdata(values, self.server.secret_key, cipher)

    def bid(self) -> str:
        """Register a card for recurring payments; returns its bid."""
        answer = self.answer("subscribe.regist", _regist(self))
        return str(answer.get("bid") or answer["BID"])  # as K25 spells it

    def wallet_bid(self) -> str:
        """Register a wallet at a hosted checkout of the same merchant; returns its bid."""
        return str(self.visit(self.session("tosspayBill"))["bid"])

    def receipt(self) -> str:
        """Issue a cash receipt; returns its tid."""
        return str(self.answer("receipt.issue", _receipt(self))["tid"])

    def webhook(self) -> None:
        """Register a webhook address, without a probe."""
        put_addresses(self.sandbox.store, self.server.client_id, "card", _WEBHOOK_URL)

    def _merchant_of(self, sent: Sent) -> Merchant:
        return sent.merchant or self.server


def login_of(merchant: Merchant) -> str:
    """A merchant's Basic login."""
    pair = f"{merchant.client_id}:{merchant.secret_key}"
    return f"Basic {b64encode(pair.encode()).decode()}"


def _texts(fields: Mapping[str, Any]) -> dict[str, str]:
    """Values as the texts of a query."""
    return {k: v if isinstance(v, str) else json.dumps(v) for k, v in fields.items()}


def _checkout(stage: Stage, method: str = "cardAndEasyPay") -> dict[str, Any]:
    ids = {"sessionId": stage.next_id("session"), "orderId": stage.next_id()}
    return {**ids, "method": method, **_ORDER, "returnUrl": RETURN_URL}


def _regist(stage: Stage) -> Sent:
    encdata = stage.encdata(_CARD, "AES-256-CBC")
    return Sent(fields={"encData": encdata, "orderId": stage.next_id(), "encMode": "A2"})


def _charge(stage: Stage) -> Sent:
    plan = {"cardQuota": 0, "useShopInterest": False}
    return Sent({"bid": stage.bid()}, {"orderId": stage.next_id(), **_ORDER, **plan})


def _receipt(stage: Stage) -> Sent:
    parts = {"supplyAmt": 913, "goodsVat": 91, "taxFreeAmt": 0, "serviceAmt": 0}
    kind = {"receiptType": "individual", "receiptNo": "01012345678"}
    return Sent(fields={"orderId": stage.next_id(), **_ORDER, **kind, **parts})


def _keyin(stage: Stage) -> Sent:
    encdata = stage.encdata(_CARD, "AES-128-ECB")
    plan = {"isInterestFree": False, "cardQuota": 0}
    return Sent(fields={"orderId": stage.next_id(), **_ORDER, "encData": encdata, **plan})


def _epay(stage: Stage) -> Sent:
    number = _CARD["cardNo"]
    wallet = {
        "authFlag": "2",
        "cardNo": number,
        "track2Data": f"37{number}=0000",
        "cardExpire": "2912",
    }
    encdata = stage.encdata(wallet, "AES-128-CBC")
    plan = {"cardCode": "04", "cardQuota": "0", "useShopInterest": False}
    return Sent(fields={"orderId": stage.next_id(), "encData": encdata, **_ORDER, **plan})


def _cancel(stage: Stage) -> dict[str, Any]:
    return {"reason": "고객 변심", "orderId": stage.next_id("cancel")}


def _of_webhook(stage: Stage) -> Sent:
    stage.webhook()
    return Sent({"method": "card"})


def _of_day(stage: Stage) -> Sent:
    stage.paid()
    return Sent(fields={"date": "20230324"})


# For each call: prepares what must exist before, and returns what to send.
_PLAYS: Mapping[str, Callable[[Stage], Sent]] = {
    "token.issue": lambda stage: Sent(),
    "payments.approve": lambda stage: Sent({"tid": stage.authorised()[0]}, {"amount": 1004}),
    "payments.get": lambda stage: Sent({"tid": stage.paid()[0]}),
    "payments.find": lambda stage: Sent({"orderId": stage.paid()[1]}),
    "payments.check_amount": lambda stage: Sent({"tid": stage.paid()[0]}, {"amount": 1004}),
    "payments.cancel": lambda stage: Sent({"tid": stage.paid()[0]}, _cancel(stage)),
    "payments.netcancel": lambda stage: Sent(fields={"orderId": stage.paid()[1]}),
    "subscribe.regist": _regist,
    "subscribe.pay": _charge,
    "subscribe.expire": lambda stage: Sent({"bid": stage.bid()}, {"orderId": stage.next_id()}),
    "subscribe.status": lambda stage: Sent(
        {"bid": stage.wallet_bid()},
        {"orderId": stage.next_id(), "method": "tosspayBill"},
        stage.client,
    ),
    "receipt.issue": _receipt,
    "receipt.cancel": lambda stage: Sent({"tid": stage.receipt()}, _cancel(stage)),
    "receipt.get": lambda stage: Sent({"tid": stage.receipt()}),
    "terms.get": lambda stage: Sent(fields={"termsType": "ElectronicFinancialTransactions"}),
    "card.event": lambda stage: Sent(fields={"amount": 50000, "useAuth": True}),
    "card.interest_free": lambda stage: Sent(fields={"useAuth": True}),
    "epay.pay": _epay,
    "keyin.pay": _keyin,
    "checkout.create": lambda stage: Sent(fields=_checkout(stage), merchant=stage.client),
    "checkout.get": lambda stage: Sent({"sessionId": stage.session()}, merchant=stage.client),
    "checkout.expire": lambda stage: Sent({"sessionId": stage.session()}, merchant=stage.client),
    "checkout.payment_get": lambda stage: Sent(
        {"sessionId": stage.paid_session()}, merchant=stage.client
    ),
    "checkout.payment_cancel": lambda stage: Sent(
        {"sessionId": stage.paid_session()}, _cancel(stage), stage.client
    ),
    "webhook.create": lambda stage: Sent(fields={"method": "card", "url": _WEBHOOK_URL}),
    "webhook.get": lambda stage: Sent(_of_webhook(stage).fields),
    "webhook.update": lambda stage: Sent(_of_webhook(stage).places, {"url": _WEBHOOK_URL}),
    "webhook.delete": _of_webhook,
    "transactions.list": _of_day,
    "settlements.list": _of_day,
}

CALLS = {endpoint.name: endpoint for endpoint in ENDPOINTS}
_JSON = {"content-type": "application/json;charset=utf-8"}
