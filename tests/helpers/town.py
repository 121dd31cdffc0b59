"""The surroundings of the two shops of `shops`: a gateway in this process, customers, and time."""

import json
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from serving import serving
from shops import Answer, Heard, Nicepay, Order, Shop

from mock_nicepay.contract.endpoint import Request
from mock_nicepay.core.records import Merchant
from mock_nicepay.core.webhooks.addresses import ALL, put_addresses
from mock_nicepay.sandbox import Sandbox


@dataclass(slots=True)
class Town:
    """A gateway, one shop that uses it, and the shop's customers."""

    sandbox: Sandbox
    merchant: Merchant
    make: type[Shop]
    shop: Shop = field(init=False)

    def __post_init__(self) -> None:
        keys = (self.merchant.secret_key, self.merchant.other_secret_key)
        self.shop = self.make(Nicepay(keys, self._ask, self._now, self.wait))

    @property
    def last(self) -> Order:
        """The latest order."""
        return list(self.shop.orders.values())[-1]

    def buy(self, method: str = "card", amount: int = 1004) -> None:
        """A customer orders and goes through the payment window."""
        order = Order(f"order-{len(self.shop.orders) + 1}", amount)
        self.shop.orders[order.id] = order
        params = {
            "method": method,
            "orderId": order.id,
            "amount": amount,
            "goodsName": "coffee",
            "returnUrl": "http://127.0.0.1/return",
            **({"vbankHolder": "홍길동"} if method == "vbank" else {}),
        }
        visit = self.sandbox.window.pay(params, merchant=self.merchant)
        for _ in range(visit.posts if visit.form else 0):
            self.shop.returned(dict(visit.form or {}))

    def sell_for_cash(self, amount: int = 1004) -> None:
        """A customer pays cash and asks for a receipt."""
        order = Order(f"order-{len(self.shop.orders) + 1}", amount, state="cash")
        self.shop.orders[order.id] = order
        self.shop.receipt(order)

    def deposit(self) -> None:
        """The customer transfers the money."""
        self.sandbox.ledger.deposit(self.last.tid, None, self.merchant.client_id)

    def wait(self, minutes: int) -> None:
        """Time passes."""
        self.sandbox.advance(timedelta(minutes=minutes), self.merchant.client_id)

    def settle(self) -> None:
        """Wait until every webhook that was sent is answered."""
        self.sandbox.tenants(self.merchant.client_id)[0].under_way.wait()

    @contextmanager
    def open_webhook(self) -> Iterator[None]:
        """Open the shop's webhook on a free port, and register it for all its payments."""
        with listening(self.shop.told) as url:
            put_addresses(self.sandbox.store, self.merchant.client_id, ALL, url)
            yield

    def _now(self) -> datetime:
        return self.sandbox.tenants(self.merchant.client_id)[0].clock.now()

    def _ask(self, method: str, path: str, body: Answer | None = None) -> Answer | None:
        login = {"authorization": _basic(self.merchant)}
        data = json.dumps(body).encode() if body is not None else b""
        reply = self.sandbox.handle(Request(method, path, headers=login, body=data))
        if reply.wire.fate in {"hang", "reset", "truncate"}:
            return None
        try:
            answer: Answer = json.loads(reply.body)
        except ValueError:
            return None
        return answer


@contextmanager
def listening(told: Callable[[bytes], Heard]) -> Iterator[str]:
    """Run a real HTTP server that passes each event to `told`."""

    class Listener(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            status, text = told(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    with serving(ThreadingHTTPServer(("127.0.0.1", 0), Listener)) as port:
        yield f"http://127.0.0.1:{port}/webhook"


def _basic(merchant: Merchant) -> str:
    pair = f"{merchant.client_id}:{merchant.secret_key}"
    return f"Basic {b64encode(pair.encode()).decode()}"
