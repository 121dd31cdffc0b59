"""The references: one bare Flask route and one bare WSGI function with a token's 265 bytes."""

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
    """What the simplest hand-written stand-in does."""
    return jsonify(BODY)


def function(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    """WSGI with nothing around it."""
    body = json.dumps(BODY, ensure_ascii=False).encode()
    start("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]
