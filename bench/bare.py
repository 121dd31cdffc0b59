"""The references: bare Flask routes and a bare WSGI function, with answers as large as ours."""

import json
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, jsonify

BODY = {
    "resultCode": "0000",
    "resultMsg": "정상 처리되었습니다.",
    "accessToken": "dc51c8b13620519b8503bef6ee18f11370e8b349",
    "tokenType": "Bearer",
    "expireAt": "2023-02-28T13:23:17.655+0900",
    "expiredAt": "2023-02-28T13:23:17.655+0900",
    "now": "2023-02-28T12:53:17.657+0900",
}

app = Flask(__name__)


@app.post("/v1/access-token")
def token() -> Any:
    """Answer as the simplest hand-written stand-in does."""
    return jsonify(BODY)


PAYMENT = {
    **{key: BODY[key] for key in ("resultCode", "resultMsg")},
    **dict.fromkeys(("cancelledTid", "mallReserved", "coupon", "vbank", "cancels")),
    **dict.fromkeys(
        ("tid", "orderId", "goodsName", "mallUserId"), "UT0000113m01012111051714341073"
    ),
    **dict.fromkeys(
        ("ediDate", "paidAt", "failedAt", "cancelledAt"), "2021-11-05T17:14:35.000+0900"
    ),
    "signature": "63b251b31c909eebef1a9f4fcc19e77bdcb8f64fc1066a29670f8627186865cd",
    "amount": 1004,
    "balanceAmt": 1004,
    "card": {"cardCode": "04", "cardName": "삼성", "cardNum": "123412******1234", "cardQuota": 0},
}


@app.route("/v1/payments/<path:rest>", methods=["GET", "POST"])
def payment(rest: str) -> Any:
    """Answer every step of a payment alike, with about as many bytes as ours."""
    return jsonify(PAYMENT)


def function(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    """Plain WSGI: an answer as large as ours, serialised anew for each call."""
    value = PAYMENT if environ["PATH_INFO"].startswith("/v1/payments") else BODY
    body = json.dumps(value, ensure_ascii=False).encode()
    start("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]


WSGI: dict[str, Callable[..., Any]] = {"app": app, "function": function}
