"""A shop for the console's tests and pictures: it calls the API, and hears what is posted to it."""

import json
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from serving import serving

from mock_nicepay.contract.endpoint import Request
from mock_nicepay.core.records import Merchant, Payment
from mock_nicepay.sandbox import Sandbox


class Shop:
    """One merchant of a gateway whose clock stands still."""

    def __init__(self, sandbox: Sandbox, name: str = "작은 상점") -> None:
        self.sandbox = sandbox
        self.merchant: Merchant = sandbox.add_merchant(name=name)
        self.about = f"?merchant={self.merchant.client_id}"

    def call(self, method: str, path: str, body: Any = None) -> None:
        """Call the API as the shop's server does."""
        pair = f"{self.merchant.client_id}:{self.merchant.secret_key}".encode()
        headers = {"authorization": f"Basic {b64encode(pair).decode()}"}
        sent = b"" if body is None else json.dumps(body).encode()
        self.sandbox.handle(Request(method, path, headers=headers, body=sent))

    def order(
        self, order_id: str, method: str = "card", goods: str = "책", amount: int = 1004
    ) -> Payment:
        """A customer goes through the window, and the shop has it approved."""
        params = {
            "method": method,
            "orderId": order_id,
            "amount": amount,
            "goodsName": goods,
            "returnUrl": "http://127.0.0.1:9/return",
            **({"vbankHolder": "홍길동"} if method == "vbank" else {}),
        }
        visit = self.sandbox.window.pay(params, merchant=self.merchant)
        self.call("POST", f"/v1/payments/{visit.tid}", {"amount": amount})
        return self.payment(str(visit.tid))

    def payment(self, tid: str) -> Payment:
        """The payment as it is now."""
        found = self.sandbox.store.get(Payment, tid)
        assert found
        return found


@contextmanager
def listening(page: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """A server on another port: gives `page`, and says to what is posted what it is told to say."""
    heard: dict[str, Any] = {"answer": "OK", "count": 0}

    class Listener(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(page, "text/html")

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            heard["count"] += 1
            self._answer(heard["answer"], "text/plain")

        def _answer(self, text: str, kind: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", f"{kind};charset=utf-8")
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            """Nothing on stderr."""

    with serving(ThreadingHTTPServer(("127.0.0.1", 0), Listener)) as port:
        yield f"http://127.0.0.1:{port}/hook", heard
