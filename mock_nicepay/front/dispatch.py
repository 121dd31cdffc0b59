"""Where a request goes: the control plane or the gateway's API. Every door calls `respond`."""

from mock_nicepay.contract.endpoint import Reply, Request
from mock_nicepay.front.control import ROOT, control
from mock_nicepay.sandbox import Sandbox


def respond(sandbox: Sandbox, request: Request) -> Reply:
    """The answer to a request, and how it is to travel."""
    if request.path == ROOT or request.path.startswith(f"{ROOT}/"):
        return control(sandbox, request)
    return sandbox.handle(request)


def too_large(limit: int) -> Reply:
    """The answer to a body beyond the limit, given without reading it."""
    text = f'{{"error":"the request body is larger than {limit} bytes (--body-limit)"}}'
    return Reply(
        413,
        (("Content-Type", "application/json;charset=utf-8"), ("Connection", "close")),
        text.encode(),
    )
