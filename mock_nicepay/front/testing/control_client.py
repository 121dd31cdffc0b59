"""Asks the control plane of a gateway: what is sent, what is answered, what a refusal becomes."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from mock_nicepay.contract.endpoint import Reply, Request

_ADMIN_HEADER = "x-mock-nicepay-admin-key"
_PATIENCE = 30  # seconds that a server elsewhere may take for an answer of the control plane
_LONG_PATIENCE = 600  # and where it waits for receivers of webhooks, try after try
_WAITING = ("/snapshot", "/clock", "/webhooks", "/window", "/checkout")  # such paths
UNKNOWN = "unknown"  # whose journal has the calls that name no merchant


class NicepayError(Exception):
    """What the control plane refused, in its own words; `problems` are a scenario's mistakes."""

    def __init__(self, message: str, problems: tuple[Mapping[str, Any], ...] = ()) -> None:
        super().__init__(message)
        self.problems = problems


@dataclass(frozen=True, slots=True)
class ControlPlane:
    """Asks the control plane of one gateway."""

    send: Callable[[Request], Reply]
    admin_key: str = ""

    def ask(self, method: str, path: str, body: bytes = b"", **arguments: Any) -> Any:
        """The answer's JSON. Raises `NicepayError` when it is a refusal."""
        __tracebackhide__ = True
        headers = {_ADMIN_HEADER: self.admin_key} if self.admin_key else {}
        reply = self.send(Request(method, f"/_mock{path}", urlencode(arguments), headers, body))
        answer = json_object(reply.body)
        if answer is None or (reply.status >= 400 and "error" not in answer):
            raise NicepayError(
                f"what answers is not mock-nicepay: {method} /_mock{path} gave HTTP {reply.status} "
                f"and {reply.body[:60]!r}"
            )
        if reply.status >= 400:
            raise NicepayError(str(answer["error"]), tuple(answer.get("problems", ())))
        return answer


def over_http(url: str, request: Request) -> Reply:
    """Send a request to a server. Raises `NicepayError` when there is none, or `url` is not an address."""
    from http.client import HTTPException
    from urllib.error import HTTPError
    from urllib.request import ProxyHandler, build_opener
    from urllib.request import Request as HttpRequest

    _check_address(url)
    # A mock is never behind the proxy that leads to the internet.
    opener = build_opener(ProxyHandler({}))
    target = f"{url}{request.path}?{request.query}"
    asked = HttpRequest(  # noqa: S310 - nothing but http and https passes `_check_address`
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
    """A body; what JSON does not know (a path, a moment) is written as its text."""
    return json.dumps(value, ensure_ascii=False, default=str).encode()


def json_object(body: bytes) -> dict[str, Any] | None:
    """The JSON object of a body; None when it is none."""
    try:
        value = json.loads(body)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
