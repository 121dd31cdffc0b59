"""Goes on in HTTP/1.1 where a caller would rather speak another protocol.

Java's own HTTP client asks to upgrade to HTTP/2 with its first request, body and all. A server may
answer as if it had not asked; but the parser stops at such a header and reads no body after it. So
another parser takes its place, which is told how long the body is.
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
    """Hands on what a parser finds behind the header that we made up for it."""

    def __init__(self, protocol: Any) -> None:
        self.hands_on = False
        self.found: list[str] = []  # in our own header
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

    `protocol` is called back as by any parser, beginning with that body.
    """
    listener = _Listener(protocol)
    parser = httptools.HttpRequestParser(listener)
    framing = [b"%s: %s" % each for each in headers if each[0] in _FRAMING]
    parser.feed_data(b"\r\n".join((b"POST / HTTP/1.1", *framing, b"", b"")))
    listener.hands_on = True
    return parser, "on_message_complete" in listener.found
