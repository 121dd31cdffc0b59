"""Stays with HTTP/1.1 when a client asks to upgrade to another protocol.

Java's own HTTP client asks to upgrade to HTTP/2 with its first request, which may have a body. A server
may ignore that; but the parser stops at such a header and does not read the body after it. So a new
parser takes over, and is given the headers that tell the body's length.
"""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import httptools

_FOUND = (
    *("on_message_begin", "on_url", "on_header", "on_headers_complete"),
    *("on_body", "on_message_complete"),
)
_FRAMING = (b"content-length", b"transfer-encoding")


class _Listener:
    """Passes on what a parser finds after the header that we made up for it."""

    def __init__(self, protocol: Any) -> None:
        self.hands_on = False
        self.found: list[str] = []  # callbacks for our made-up header
        for name in _FOUND:
            setattr(self, name, partial(self._take, name, getattr(protocol, name)))

    def _take(self, name: str, hand_on: Callable[..., None], *found: bytes) -> None:
        if self.hands_on:
            hand_on(*found)
        else:
            self.found.append(name)


def parser_of_the_rest(
    protocol: Any, headers: Iterable[tuple[bytes, bytes]]
) -> tuple[httptools.HttpRequestParser, bool]:
    """A parser for what follows a request's header, and whether the request has no body.

    It calls `protocol` back as any parser does, beginning with that body.
    """
    listener = _Listener(protocol)
    parser = httptools.HttpRequestParser(listener)
    framing = [b"%s: %s" % each for each in headers if each[0] in _FRAMING]
    parser.feed_data(b"\r\n".join((b"POST / HTTP/1.1", *framing, b"", b"")))
    listener.hands_on = True
    return parser, "on_message_complete" in listener.found
