"""Routes a request to console, control plane, a browser's page or the API.

Both servers and the in-process transports call `respond`.
"""

import json
import logging
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TypeVar

from mock_nicepay.contract.endpoint import Deferred, Reply, Request
from mock_nicepay.core.store import StoreAway
from mock_nicepay.front.control.plane import ROOT, control
from mock_nicepay.sandbox import Sandbox
from mock_nicepay.settings import Settings

CONSOLE = f"{ROOT}/console"
API_PAGE = f"{ROOT}/openapi"  # a page of the console, with the console's access rules
SNAPSHOT = f"{ROOT}/snapshot"
T = TypeVar("T")
_LOG = logging.getLogger("mock_nicepay")
_JSON = (("Content-Type", "application/json;charset=utf-8"),)
_SNAPSHOT_LIMIT = 2**28  # bytes
_PAGES = ("/v1/js", "/v1/checkout/pay/", "/v1/fake/", "/issue/")


def respond(sandbox: Sandbox, request: Request) -> Reply | Deferred:
    """The answer to a request and how to send it; a `Deferred` when making it may take long."""
    if not sandbox.store.durable:
        return _responded(sandbox, request)
    found = _unless_away(lambda: _responded(sandbox, request))
    if not isinstance(found, Deferred):
        return found
    return replace(found, work=partial(_unless_away, found.work))


def _unless_away(work: Callable[[], T]) -> T | Reply:
    """The result of `work`; HTTP 503 with the reason when the store fails (`StoreAway`).

    The gateway has no answer of this form, so it cannot be mistaken for one of the gateway's.
    """
    try:
        return work()
    except StoreAway as away:
        _LOG.warning("%s", away)
        return Reply(503, _JSON, json.dumps({"error": str(away)}, ensure_ascii=False).encode())


def _responded(sandbox: Sandbox, request: Request) -> Reply | Deferred:
    if request.path.startswith(ROOT) and request.path[len(ROOT) :][:1] in ("", "/"):
        return _beside_the_api(sandbox, request)
    if request.path.startswith(_PAGES):
        from mock_nicepay.front.pages import page  # here, because most runs show no page

        found = page(sandbox, request)
        if found is not None:
            return found
    return sandbox.take(request)


def _beside_the_api(sandbox: Sandbox, request: Request) -> Reply | Deferred:
    """The console and the control plane, which the real gateway does not have."""
    if request.path == CONSOLE or request.path.startswith(f"{CONSOLE}/"):
        from mock_nicepay.front.console.door import console  # here, because it imports jinja2

        return console(sandbox, request)
    if request.path.rstrip("/") == API_PAGE:
        return Reply(303, (("Location", f"{CONSOLE}/api"),), b"")
    return control(sandbox, request)


def limit_of(settings: Settings, request_path: str) -> int:
    """The limit in bytes on a request's body at a path. A snapshot has the state of all merchants."""
    if request_path == SNAPSHOT:
        return max(settings.body_limit, _SNAPSHOT_LIMIT)
    return settings.body_limit


def headers_of(reply: Reply) -> list[tuple[str, str]]:
    """The headers to send, names in lower case. Content-Length is that of the whole body."""
    headers = [(name.lower(), value) for name, value in reply.headers]
    if reply.status != 204:  # RFC 9110 forbids Content-Length with this status
        headers.append(("content-length", str(len(reply.body))))
    return headers


def too_large(limit: int) -> Reply:
    """The answer to a body over the limit, sent without reading all of it."""
    return last_answer(413, f"the request body is larger than {limit} bytes (--body-limit)")


def too_many_bodies() -> Reply:
    """The answer when clients send more large bodies at once than fit into memory."""
    return last_answer(
        503, "too many large request bodies are being received at once; send it again"
    )


def last_answer(status: int, message: str) -> Reply:
    """A refusal after which the connection is closed."""
    headers = (*_JSON, ("Connection", "close"))
    return Reply(status, headers, f'{{"error":"{message}"}}'.encode())
