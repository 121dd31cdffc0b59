"""A client of a gateway's control plane, in this process or over HTTP."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from mock_nicepay.contract.endpoint import Reply, Request

_ADMIN_HEADER = "x-mock-nicepay-admin-key"
_PATIENCE = 30  # seconds: timeout of a call to the control plane of a server elsewhere
_LONG_PATIENCE = 600  # seconds: the same where the server waits for webhook deliveries and retries
_WAITING = ("/snapshot", "/clock", "/webhooks", "/window", "/checkout")  # paths with the latter
UNKNOWN = "unknown"  # as `merchant`: the journal of calls with an unknown key


class NicepayError(Exception):
    """A refusal of the control plane, with its message; `problems` are a scenario's mistakes."""

    def __init__(self, message: str, problems: tuple[Mapping[str, Any], ...] = ()) -> None:
        super().__init__(message)
        self.problems = problems


@dataclass(frozen=True, slots=True)
class ControlPlane:
    """The control plane of one gateway."""

    send: Callable[[Request], Reply]
    admin_key: str = ""

    def ask(self, method: str, path: str, body: bytes = b"", **arguments: Any) -> Any:
        """Send a request and return the answer's JSON. Raises `NicepayError` for a refusal."""
        __tracebackhide__ = True
        headers = {_ADMIN_HEADER: self.admin_key} if self.admin_key else {}
        reply = self.send(Request(method, f"/_mock{path}", urlencode(arguments), headers, body))
        answer = json_object(reply.body)
        if answer is None or (reply.status >= 400 and "error" not in answer):
            raise NicepayError(
                f"the server is not mock-nicepay: {method} /_mock{path} gave HTTP {reply.status} "
                f"and {reply.body[:60]!r}"
            )
        if reply.status >= 400:
            raise NicepayError(str(answer["error"]), tuple(answer.get("problems", ())))
        return answer


def over_http(url: str, request: Request) -> Reply:
    """Send a request to a server. Raises `NicepayError` when none answers, or `url` is malformed."""
    from http.client import HTTPException
    from urllib.error import HTTPError
    from urllib.request import ProxyHandler, build_opener
    from urllib.request import Request as HttpRequest

    _check_address(url)
    # A mock server is never behind the proxy to the internet.
    opener = build_opener(ProxyHandler({}))
    target = f"{url}{request.path}?{request.query}"
    asked = HttpRequest(  # noqa: S310 - only http and https pass `_check_address`
        target, request.body or None, dict(request.headers), method=request.method
    )
    try:
        with opener.open(asked, timeout=_patience(request.path)) as answer:
            return Reply(answer.status, (), answer.read())
    except HTTPError as refused:
        with refused:
            return Reply(refused.code, (), refused.read())
    except (OSError, HTTPException) as error:
        reason = getattr(error, "reason", error)
        raise NicepayError(
            f"no mock-nicepay answers at {url} ({reason}); start one with `mock-nicepay serve`"
        ) from None


def _check_address(url: str) -> None:
    try:
        known = urlsplit(url).scheme in {"http", "https"} and urlsplit(url).hostname
    except ValueError:
        known = None
    if not known:
        raise NicepayError(f"{url!r} is not an address; write one such as http://127.0.0.1:8090")


def _patience(path: str) -> int:
    waits = path.removeprefix("/_mock").startswith(_WAITING)
    return _LONG_PATIENCE if waits else _PATIENCE


def as_json(value: Any) -> bytes:
    """A JSON body; values that JSON does not have (a path, a moment) become their text."""
    return json.dumps(value, ensure_ascii=False, default=str).encode()


def json_object(body: bytes) -> dict[str, Any] | None:
    """The JSON object in a body; None when the body is anything else."""
    try:
        value = json.loads(body)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
