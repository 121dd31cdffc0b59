"""A shop that sells one book by NICEPAY: standard library alone, to be read in five minutes.

    NICEPAY_BASE_URL=http://127.0.0.1:8090 python examples/shop/shop.py

The four addresses and keys are variables, so that the same code runs against the mock, NICEPAY's
sandbox and NICEPAY itself. What money depends on is checked: signatures, the order's own amount,
and what became of an approval whose answer never came.
"""

import hashlib
import hmac
import json
import os
import signal
import sys
from base64 import b64encode
from contextlib import suppress
from http.client import HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from string import Template
from threading import Lock, Thread
from urllib.parse import parse_qsl
from urllib.request import Request, urlopen
from uuid import uuid4

BASE_URL = os.environ.get("NICEPAY_BASE_URL", "http://127.0.0.1:8090").rstrip("/")
JS_URL = os.environ.get("NICEPAY_JS_URL", f"{BASE_URL}/v1/js/")
CLIENT_ID = os.environ.get("NICEPAY_CLIENT_ID", "S2_af4543a0be4d49a98122e01ec2059a56")
SECRET_KEY = os.environ.get("NICEPAY_SECRET_KEY", "9eb85607103646da9f9c02b128f2e5ee")
HOST = os.environ.get("SHOP_HOST", "127.0.0.1")
PORT = int(os.environ.get("SHOP_PORT", "3000"))
SHOP_URL = os.environ.get("SHOP_URL", f"http://127.0.0.1:{PORT}")
WEBHOOK_URL = os.environ.get("SHOP_WEBHOOK_URL", f"{SHOP_URL}/webhook")
PRICE = 1004
PATIENCE = 30  # seconds
LONGEST = 65_536  # bytes of a request's body

PAGE = Template("""<!doctype html><html lang="ko"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>책방</title>
<script src="$js"></script>
<h1>책방</h1><p>책 한 권, $price원</p><button id="buy">사기</button>
<script>
document.getElementById("buy").onclick = function () {
  AUTHNICE.requestPay({clientId: "$client", method: "card", orderId: "$order", amount: $price,
    goodsName: "책", returnUrl: "$shop/return", fnError: function (error) { alert(error.errorMsg); }});
};
</script>""")

orders: dict[str, dict[str, object]] = {}
lock = Lock()


def call(method: str, path: str, body: object = None) -> dict[str, object]:
    """A call of NICEPAY's API. Raises OSError or HTTPException when no answer comes."""
    login = b64encode(f"{CLIENT_ID}:{SECRET_KEY}".encode()).decode()
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Basic {login}", "Content-Type": "application/json"}
    with urlopen(
        Request(BASE_URL + path, data, headers, method=method), timeout=PATIENCE
    ) as answer:
        return json.load(answer)


def signed(signature: object, *parts: object) -> bool:
    """Whether NICEPAY made a signature over these values."""
    text = "".join(map(str, parts)) + SECRET_KEY
    return hmac.compare_digest(str(signature), hashlib.sha256(text.encode()).hexdigest())


def returned(form: dict[str, str]) -> str:
    """The payer comes back from the window: approve the order's own amount, once."""
    order_id, tid = form.get("orderId", ""), form.get("tid", "")
    if form.get("authResultCode") != "0000":
        return f"결제하지 않았습니다: {form.get('authResultMsg', '')}"
    parts = (form.get("authToken"), form.get("clientId"), form.get("amount"))
    with lock:
        order = orders.get(order_id)
        if order is None or order["state"] != "open" or not signed(form.get("signature"), *parts):
            return "우리 주문이 아닙니다."
        order["state"] = "asked"
    try:
        answer = call("POST", f"/v1/payments/{tid}", {"amount": PRICE})
    except (OSError, HTTPException):
        answer = found_out(order_id)
    order.update(state=str(answer.get("status") or "failed"), tid=tid)
    return f"주문 {order_id}: {order['state']}"


def found_out(order_id: str) -> dict[str, object]:
    """What became of an approval without an answer; when nobody says, it is taken back."""
    with suppress(OSError, HTTPException):
        return call("GET", f"/v1/payments/find/{order_id}")
    with suppress(OSError, HTTPException):
        return call("POST", "/v1/payments/netcancel", {"orderId": order_id})
    return {"status": "unclear"}  # somebody must look; the goods stay here


def cancelled(order_id: str) -> str:
    """The customer sends the book back: the money, too, and once."""
    with lock:
        order = orders.get(order_id)
        if order is None or order["state"] != "paid":
            return "취소할 수 있는 주문이 아닙니다."
        order["state"] = "cancelling"
    wish = {"reason": "단순 변심", "orderId": f"{order_id}-cancel"}
    try:
        answer = call("POST", f"/v1/payments/{order['tid']}/cancel", wish)
        order["state"] = str(answer.get("status") or "paid")
    except (OSError, HTTPException):
        order["state"] = str(found_out(order_id).get("status"))
    return f"주문 {order_id}: {order['state']}"


def told(event: dict[str, object]) -> bool:
    """A webhook: believed when it is signed; the one that tries the address is about no order."""
    parts = (event.get("tid"), event.get("amount"), event.get("ediDate"))
    if not signed(event.get("signature"), *parts):
        return False
    order = orders.get(str(event.get("orderId")))
    if order is not None:
        order["webhook"] = event.get("status")
    return True


class Shop(BaseHTTPRequestHandler):
    """The shop's six addresses."""

    protocol_version = "HTTP/1.1"
    timeout = PATIENCE

    def do_GET(self) -> None:
        """The page of the book, the orders, and whether the shop is open."""
        if self.path == "/":
            order_id = f"book-{uuid4().hex[:12]}"
            orders[order_id] = {"state": "open"}
            names = {"js": JS_URL, "client": CLIENT_ID, "order": order_id, "shop": SHOP_URL}
            self.answer(200, PAGE.substitute(names, price=PRICE), "text/html")
        elif self.path == "/orders":
            self.answer(200, json.dumps(orders, ensure_ascii=False), "application/json")
        elif self.path == "/health":
            self.answer(200, "OK")
        else:
            self.answer(404, "없는 페이지입니다.")

    def do_POST(self) -> None:
        """The payer's form, NICEPAY's webhook, and a customer who cancels."""
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > LONGEST:
            self.close_connection = True
            self.answer(413, "too much")
            return
        body = self.rfile.read(int(length)).decode("utf-8", "replace")
        if self.path == "/return":
            self.answer(200, returned(dict(parse_qsl(body))))
        elif self.path == "/cancel":  # a shop's own pages would ask who the customer is
            self.answer(200, cancelled(dict(parse_qsl(body)).get("orderId", "")))
        elif self.path == "/webhook":
            accepted = told(event_in(body))
            self.answer(200 if accepted else 400, "OK" if accepted else "not ours")
        else:
            self.answer(404, "없는 페이지입니다.")

    def answer(self, status: int, text: str, media: str = "text/plain") -> None:
        """Send an answer."""
        data = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", f"{media};charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def event_in(body: str) -> dict[str, object]:
    """A webhook's event; whatever is none is an empty one, which nobody has signed."""
    try:
        value = json.loads(body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def main() -> None:
    """Open the shop until SIGTERM or Ctrl-C."""
    if "--health" in sys.argv:
        with urlopen(f"http://127.0.0.1:{PORT}/health", timeout=PATIENCE) as answer:
            sys.exit(answer.status != 200)
    server = ThreadingHTTPServer((HOST, PORT), Shop)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: Thread(target=server.shutdown).start())
    print(f"shop ready {SHOP_URL}", flush=True)
    Thread(target=lambda: print("webhook:", register(), flush=True), daemon=True).start()
    server.serve_forever()  # here, where signals are heard at any moment


def register() -> object:
    """Have NICEPAY tell this shop of its payments; it tries the address at once. Or why not."""
    try:
        answer = call("POST", "/v1/webhook", {"method": "all", "url": WEBHOOK_URL})
    except (OSError, HTTPException) as error:
        return f"not registered, {BASE_URL} does not answer: {error}"
    return answer.get("resultMsg")


if __name__ == "__main__":
    main()
