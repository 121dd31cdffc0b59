"""The WSGI application: a Flask app around one sandbox, for embedding and for any WSGI server.

`mock-nicepay serve` uses the ASGI application in `server/edge.py`, which can keep hundreds of answers
waiting. Both pass every request to `dispatch.respond`.
"""

import socket
import struct
from collections.abc import Iterator
from typing import Any

from flask import Flask, Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from mock_nicepay.contract.endpoint import Reply, Request, decoded_path, settled
from mock_nicepay.core.clock import pause
from mock_nicepay.front.dispatch import respond, too_large
from mock_nicepay.sandbox import Sandbox

_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE"]
_LONGEST_HANG = 600.0  # seconds; a WSGI server does not report that a client has disconnected


def create_app(sandbox: Sandbox | None = None, **options: Any) -> Flask:
    """A Flask app that answers as the gateway. Without a sandbox, one is made from `options`.

    The options are the settings of `Sandbox`. The sandbox is in `app.extensions["mock_nicepay"]`.
    """
    sandbox = sandbox if sandbox is not None else Sandbox(**options)
    app = Flask(__name__, static_folder=None)
    app.extensions["mock_nicepay"] = sandbox
    app.config["MAX_CONTENT_LENGTH"] = sandbox.settings.body_limit
    # A cut connection reaches the WSGI server as an exception, not as a page with status 500.
    app.config["PROPAGATE_EXCEPTIONS"] = True

    def gateway(path: str) -> Response:
        """Answer every path: the API and the control plane have route tables of their own."""
        try:
            reply = settled(respond(sandbox, _incoming()))
        except RequestEntityTooLarge:
            reply = too_large(sandbox.settings.body_limit)
        return _outgoing(reply)

    app.add_url_rule(
        "/",
        "gateway",
        gateway,
        methods=_METHODS,
        defaults={"path": ""},
        provide_automatic_options=False,
    )
    app.add_url_rule(
        "/<path:path>", "gateway", gateway, methods=_METHODS, provide_automatic_options=False
    )
    # What Flask's own rules do not match: a line feed in the path, an unknown method.
    for status in (404, 405):
        app.register_error_handler(status, lambda error: gateway(""))
    app.url_map.merge_slashes = False
    return app


def _incoming() -> Request:
    return Request(
        method=request.method,
        path=_path(request.environ),
        query=request.query_string.decode("ascii", "replace"),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=request.get_data(cache=False),
        peer=request.remote_addr or "",
    )


def _path(environ: dict[str, Any]) -> str:
    """The path, with escaped slashes kept when the server passes the path on as it was sent."""
    raw = str(environ.get("RAW_URI") or environ.get("REQUEST_URI") or "").partition("?")[0]
    return decoded_path(raw) if raw.startswith("/") else request.path


def _outgoing(reply: Reply) -> Response:
    wire = reply.wire
    if wire.delay:
        pause(wire.delay)
    if wire.fate == "reset":
        _cut(request.environ)
        raise ConnectionResetError("the scenario cuts the connection")
    if wire.fate == "hang":
        pause(_LONGEST_HANG)
        raise ConnectionResetError("the scenario never answers")
    payload: Any = reply.body
    if wire.fate == "truncate":
        payload = _half(reply.body, request.environ)
    elif wire.fate == "drip":
        payload = _drops(reply.body, wire.pace)
    response = Response(payload, status=reply.status, headers=list(reply.headers))
    response.headers["Content-Length"] = str(len(reply.body))
    return response


def _half(body: bytes, environ: dict[str, Any]) -> Iterator[bytes]:
    yield body[: len(body) // 2]
    raw = environ.get("werkzeug.socket")
    if raw is not None:
        raw.shutdown(socket.SHUT_RDWR)
    raise ConnectionResetError("the scenario cuts the answer in the middle")


def _drops(body: bytes, pace: float) -> Iterator[bytes]:
    for position in range(len(body)):
        if position:
            pause(pace)
        yield body[position : position + 1]


def _cut(environ: dict[str, Any]) -> None:
    """Close the connection with a TCP reset, if the server gives access to its socket."""
    raw = environ.get("werkzeug.socket")
    if raw is not None:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        # `raw.close()` would wait for the file objects that the server made from it.
        socket.close(raw.detach())
