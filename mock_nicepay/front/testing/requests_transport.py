"""An adapter for `requests` whose answers come from a sandbox in the same process.

Answers are urllib3's own responses over bytes in memory, so the installed version's code reads them,
also one that ends early. Only failures before the first byte are raised here.
"""

import errno
import os
from collections.abc import Iterable, Mapping
from datetime import timedelta
from http.client import HTTPMessage, IncompleteRead
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter
from requests.cookies import extract_cookies_to_jar
from requests.exceptions import ConnectionError as RequestsConnectionError
from requests.exceptions import ReadTimeout
from requests.structures import CaseInsensitiveDict
from requests.utils import get_encoding_from_headers
from urllib3 import HTTPConnectionPool, HTTPResponse
from urllib3.connectionpool import connection_from_url
from urllib3.exceptions import ProtocolError, ReadTimeoutError
from urllib3.util import Timeout

from mock_nicepay.contract.endpoint import Reply, Request, decoded_path, settled
from mock_nicepay.front.dispatch import headers_of
from mock_nicepay.front.testing.journey import PEER, Journey, answered, journey, phrase_of
from mock_nicepay.sandbox import Sandbox


class SandboxAdapter(BaseAdapter):
    """Answers every call of the sessions it is mounted on. Waits for nothing."""

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__()
        self._sandbox = sandbox

    def send(
        self,
        request: PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> Response:
        """The sandbox's answer. Raises what requests raises when an answer is late or lost."""
        patience = _patience(timeout)
        reply = settled(answered(self._sandbox, _incoming(request)))
        met = journey(reply, request.method or "", patience)
        if not met.answered:
            raise _loss(met, request, patience)
        return _response(reply, met, request, self)

    def close(self) -> None:
        """There is nothing to close."""


def _patience(timeout: Any) -> float | None:
    """The read timeout in seconds; None: no timeout. Raises `ValueError` where requests does."""
    if timeout is None:
        return None
    if isinstance(timeout, tuple):
        if len(timeout) != 2:
            raise ValueError(
                f"Invalid timeout {timeout}. Pass a (connect, read) timeout tuple, "
                "or a single float to set both timeouts to the same value."
            )
        timeout = Timeout(connect=timeout[0], read=timeout[1])
    elif not isinstance(timeout, Timeout):
        timeout = Timeout(connect=timeout, read=timeout)
    total, whole = timeout.total, timeout.clone()
    whole.total = None  # with a total, urllib3 needs the time that connecting took
    known = [float(wait) for wait in (whole.read_timeout, total) if isinstance(wait, int | float)]
    return min(known, default=None)


def _incoming(request: PreparedRequest) -> Request:
    path, _, query = request.path_url.partition("?")
    headers = {"host": _host(request)}
    headers.update((_latin(name).lower(), _latin(value)) for name, value in request.headers.items())
    return Request(
        method=request.method or "",
        path=decoded_path(path),
        query=query,
        headers=headers,
        body=_body(request.body),
        peer=PEER,
    )


def _host(request: PreparedRequest) -> str:
    address = urlsplit(request.url or "")
    host = address.hostname or ""
    return host if address.port in {None, 80, 443} else f"{host}:{address.port}"


def _latin(text: Any) -> str:
    """A header's text as a server receives it. Raises `UnicodeEncodeError` where requests does."""
    if isinstance(text, str) and text.isascii():
        return text
    raw = text if isinstance(text, bytes) else str(text).encode("latin-1")
    return raw.decode("latin-1")


def _body(body: Any) -> bytes:
    """The bytes of a body: text, bytes, a file or a stream of either."""
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, bytes | bytearray | memoryview):
        return bytes(body)
    parts: Iterable[Any] = (body.read(),) if hasattr(body, "read") else body
    return b"".join(part.encode() if isinstance(part, str) else bytes(part) for part in parts)


def _loss(met: Journey, request: PreparedRequest, patience: float | None) -> Exception:
    """What requests raises when no answer comes."""
    if met.ending == "reset":
        reset = ConnectionResetError(errno.ECONNRESET, os.strerror(errno.ECONNRESET))
        return RequestsConnectionError(ProtocolError("Connection aborted.", reset), request=request)
    text = f"Read timed out. (read timeout={patience:g})" if patience is not None else _FOR_EVER
    pool = connection_from_url(request.url or "")
    late = ReadTimeoutError(pool, request.path_url, text)
    return ReadTimeout(late, request=request)


_FOR_EVER = "Read timed out. (no timeout is set: over a socket this call would wait for ever)"


class _Arriving(BytesIO):
    """A body as `http.client` returns it: it may end early, or its next byte may come too late."""

    def __init__(self, met: Journey, whole: int) -> None:
        super().__init__(met.body)
        self._ending = met.ending
        self._missing = whole - len(met.body)

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        everything = size is None or size < 0
        if self._ending == "timeout" and (size is None or size < 0 or len(data) < size):
            raise TimeoutError("timed out")
        if self._ending == "short" and everything:
            raise IncompleteRead(data, self._missing)
        return data


class _Original:
    """The part of `http.client.HTTPResponse` that cookies are read from."""

    def __init__(self, headers: list[tuple[str, str]]) -> None:
        self.msg = HTTPMessage()
        for name, value in headers:
            self.msg[name] = value

    def isclosed(self) -> bool:
        """Always true: there is no connection to return to a pool."""
        return True

    def close(self) -> None:
        """Do nothing: there is no connection to close."""


def _original(headers: list[tuple[str, str]]) -> _Original | None:
    """The response to read cookies from; None, as for most answers, when there is no cookie."""
    return _Original(headers) if any(name == "set-cookie" for name, _ in headers) else None


class _Response(Response):
    """A response that took exactly the time a scenario says."""

    span: timedelta | None = None
    _measured = timedelta()

    @property
    def elapsed(self) -> timedelta:
        """The time until the first byte: as the scenario says, else as the session measured it."""
        return self.span or self._measured

    @elapsed.setter
    def elapsed(self, measured: timedelta) -> None:
        self._measured = measured


def _response(
    reply: Reply, met: Journey, request: PreparedRequest, adapter: SandboxAdapter
) -> Response:
    headers = headers_of(reply)
    raw = HTTPResponse(
        body=_Arriving(met, len(reply.body)),
        headers=headers,  # type: ignore[arg-type] # a list keeps repeated ones
        status=reply.status,
        version=11,
        reason=phrase_of(reply.status),
        preload_content=False,
        decode_content=False,
        original_response=_original(headers),  # type: ignore[arg-type]
        pool=_pool(met, request),
        request_method=request.method,
    )
    response = _Response()
    response.status_code = reply.status
    response.headers = CaseInsensitiveDict(raw.headers)
    response.encoding = get_encoding_from_headers(response.headers)
    response.raw = raw
    response.reason = raw.reason or ""
    response.url = request.url or ""
    response.request = request
    response.connection = adapter  # type: ignore[assignment]
    response.span = timedelta(seconds=met.before)
    extract_cookies_to_jar(response.cookies, request, raw)  # type: ignore[no-untyped-call]
    return response


def _pool(met: Journey, request: PreparedRequest) -> HTTPConnectionPool | None:
    """The connection pool that a read timeout names in its message."""
    return connection_from_url(request.url or "") if met.ending == "timeout" else None
