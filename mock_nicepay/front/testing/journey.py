"""What a client in this process sees of an answer: simulates the network, which is not there."""

from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from typing import Literal

from mock_nicepay.contract.endpoint import Deferred, Reply, Request
from mock_nicepay.front.dispatch import limit_of, respond, too_large
from mock_nicepay.sandbox import Sandbox

PEER = "127.0.0.1"  # the client address of a call in this process


def answered(sandbox: Sandbox, request: Request) -> Reply | Deferred:
    """The answer to a call in this process, with the same limit on the body as over a socket."""
    limit = limit_of(sandbox.settings, request.path)
    return too_large(limit) if len(request.body) > limit else respond(sandbox, request)


Ending = Literal["whole", "short", "reset", "timeout"]


@dataclass(frozen=True, slots=True)
class Journey:
    """What a client sees of an answer."""

    answered: bool  # whether status and headers arrive
    body: bytes = b""  # the part of the body that arrives
    ending: Ending = "whole"  # what happens instead of the rest
    before: float = 0.0  # seconds until the first byte; simulated, nothing waits
    between: float = 0.0  # seconds from the first byte to the last; simulated


def journey(reply: Reply, method: str, patience: float | None) -> Journey:
    """What a client sees whose read timeout is `patience` seconds; None: no timeout.

    An answer that never comes is a timeout in both cases: an in-process call cannot wait for ever.
    """
    wire = reply.wire
    if wire.fate == "hang" or _beyond(wire.delay, patience):
        return Journey(answered=False, ending="timeout")
    if wire.fate == "reset":
        return Journey(answered=False, ending="reset")
    body = b"" if method == "HEAD" else reply.body
    half = body[: len(body) // 2]
    if wire.fate == "truncate" and len(half) < len(body):
        return Journey(True, half, "short", before=wire.delay)
    if wire.fate == "drip" and len(body) > 1:
        if _beyond(wire.pace, patience):
            return Journey(True, body[:1], "timeout", before=wire.delay)
        return Journey(True, body, before=wire.delay, between=wire.pace * (len(body) - 1))
    return Journey(True, body, before=wire.delay)


def _beyond(seconds: float, patience: float | None) -> bool:
    return patience is not None and seconds > patience


@lru_cache(maxsize=64)
def phrase_of(status: int) -> str:
    """`OK`, `Unauthorized` ...; empty for a status without a name."""
    return HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else ""
