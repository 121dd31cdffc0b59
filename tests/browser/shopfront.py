"""A small shop as merchants write them: a page under a strict policy, and a server that approves.

It stands on another port, and on `localhost` while the gateway is on 127.0.0.1: another site.
"""

import hashlib
import html
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from threading import Thread
from types import TracebackType
from typing import Any
from urllib.parse import parse_qsl

import requests

PAGE = """<!doctype html>
<html lang="ko"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>작은 상점</title><link rel="stylesheet" href="/shop.css"></head>
<body><h1>작은 상점</h1><p>책 한 권</p>
<button id="pay" type="button" data-order="{order}">결제하기</button>
<p id="told" role="status"></p>
<script src="{sdk}"></script><script src="/shop.js"></script></body></html>"""

SCRIPT = """
"use strict";
window.told = [];
function pay() {
  buy(JSON.parse(document.getElementById("pay").getAttribute("data-order")));
}
function buy(order) {
  order.fnError = function (result) {
    window.told.push(result);
    var status = document.getElementById("told");
    status.textContent = result.errorMsg;
    status.setAttribute("data-count", window.told.length);
  };
  AUTHNICE.requestPay(order);
}
document.getElementById("pay").addEventListener("click", pay);
"""

STYLE = """body { max-width: 40em; margin: 3em auto; font-family: sans-serif }
button { min-height: 44px; padding: 0 2em }"""


@dataclass(frozen=True)
class Arrived:
    """A form that came to returnUrl."""

    fields: dict[str, str]
    raw: str  # as sent, percent-encoded
    cookie: str
    origin: str
    content_type: str
    paid: bool  # the shop verified the signature and, where it must, had the payment approved
    answer: dict[str, Any] = field(default_factory=dict)  # of the approval


class Shopfront:
    """The shop, in a thread. `arrived` holds what came to returnUrl, in order."""

    def __init__(self, gateway: str, client_id: str, secret_key: str, *, charset: str) -> None:
        self.gateway, self.client_id, self.secret_key = gateway, client_id, secret_key
        self.charset = charset
        self.order: dict[str, Any] = {}
        self.sdk = f"{gateway}/v1/js/"
        self.policy = (
            f"default-src 'none'; script-src 'self' {gateway}; style-src 'self'; "
            f"frame-src {gateway}; form-action {gateway}"
        )
        self.arrived: Queue[Arrived] = Queue()
        self.events: list[dict[str, Any]] = []  # that came to the webhook
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        """The shop's address, on another site than the gateway's."""
        return f"http://localhost:{self._server.server_address[1]}"

    def __enter__(self) -> "Shopfront":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=5)

    def sells(self, **parameters: Any) -> None:
        """What the page's button asks requestPay for."""
        usual = {
            "clientId": self.client_id,
            "method": "card",
            "orderId": f"order-{len(self.order)}-{self.arrived.qsize()}",
            "amount": 1004,
            "goodsName": "작은 상점의 책 한 권",
            "returnUrl": f"{self.url}/return",
        }
        merged = {**usual, **parameters}
        self.order = {name: value for name, value in merged.items() if value is not None}

    def page(self) -> str:
        """The page with the button."""
        order = html.escape(json.dumps(self.order, ensure_ascii=False))
        return PAGE.replace("{order}", order).replace("{sdk}", html.escape(self.sdk))

    def came(self) -> Arrived:
        """The next form that came to returnUrl; waits for it."""
        return self.arrived.get(timeout=15)

    def receive(self, body: bytes, headers: Mapping[str, str]) -> Arrived:
        """Do what a careful shop does with a form: check the signature, then have it approved."""
        raw = body.decode("ascii")
        codec = "cp949" if self.charset == "euc-kr" else "utf-8"
        fields = dict(parse_qsl(raw, keep_blank_values=True, encoding=codec))
        answer = self._approval(fields) if "authResultCode" in fields else {}
        paid = answer.get("resultCode") == "0000" if answer else self._is_paid(fields)
        return Arrived(
            fields,
            raw,
            headers.get("Cookie", ""),
            headers.get("Origin", ""),
            headers.get("Content-Type", ""),
            paid,
            answer,
        )

    def _approval(self, fields: Mapping[str, str]) -> dict[str, Any]:
        """Server approval: only a good authentication with our signature is approved."""
        signed = self._hash("authToken", "clientId", "amount", fields=fields)
        if fields["authResultCode"] != "0000" or fields.get("signature") != signed:
            return {"resultCode": "-"}
        answer = requests.post(
            f"{self.gateway}/v1/payments/{fields['tid']}",
            json={"amount": self.order["amount"]},
            auth=(self.client_id, self.secret_key),
            timeout=10,
        )
        result: dict[str, Any] = answer.json()
        return result

    def _is_paid(self, fields: Mapping[str, str]) -> bool:
        """Client approval: the amount is the order's, and the signature ours."""
        signed = self._hash("tid", "amount", "ediDate", fields=fields)
        ordered = str(self.order.get("amount", fields.get("amount")))
        return (
            fields.get("resultCode") == "0000"
            and fields.get("signature") == signed
            and fields.get("amount") == ordered
        )

    def _hash(self, *names: str, fields: Mapping[str, str]) -> str:
        text = "".join(fields.get(name, "") for name in names) + self.secret_key
        return hashlib.sha256(text.encode()).hexdigest()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        shop = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path = self.path.partition("?")[0]
                if path == "/":
                    self._send(shop.page(), "text/html;charset=utf-8", shop.policy)
                elif path == "/framed":  # the same page, in a frame of a page of ours
                    self._send(
                        '<title>틀</title><iframe src="/" width="900" height="900"></iframe>'
                    )
                elif path == "/shop.js":
                    self._send(SCRIPT, "application/javascript")
                elif path == "/shop.css":
                    self._send(STYLE, "text/css")
                else:
                    self._send("", status=404)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if self.path == "/hook":
                    shop.events.append(json.loads(body))
                    self._send("OK")
                    return
                arrived = shop.receive(body, self.headers)
                shop.arrived.put(arrived)
                word = "결제 완료" if arrived.paid else "결제 실패"
                self._send(f"<title>{word}</title><h1 id=result>{word}</h1>")

            def _send(
                self,
                text: str,
                media: str = "text/html;charset=utf-8",
                policy: str = "",
                status: int = 200,
            ) -> None:
                body = text.encode()
                self.send_response(status)
                self.send_header("Content-Type", media)
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Set-Cookie", "session=lax; Path=/; SameSite=Lax; HttpOnly")
                if policy:
                    self.send_header("Content-Security-Policy", policy)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_line: Any) -> None:
                """A test's output is the test's."""

        return Handler
