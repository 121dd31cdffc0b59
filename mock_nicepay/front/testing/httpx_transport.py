"""Transports for `httpx` whose answers come from a sandbox in the same process."""

import errno
import os
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import anyio.to_thread
import httpx

from mock_nicepay.contract.endpoint import Deferred, Reply, Request, decoded_path, settled
from mock_nicepay.front.dispatch import headers_of
from mock_nicepay.front.testing.journey import PEER, Journey, answered, journey, phrase_of
from mock_nicepay.sandbox import Sandbox


class SandboxTransport(httpx.BaseTransport):
    """Answers every call of a client. Waits for nothing except a merchant's own webhook."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The sandbox's answer. Raises what httpx raises when an answer is late or lost."""
        reply = settled(answered(self._sandbox, _incoming(request, request.read())))
        return _answer(reply, request)


class AsyncSandboxTransport(httpx.AsyncBaseTransport):
    """The same for an asynchronous client."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The sandbox's answer. Raises what httpx raises when an answer is late or lost."""
        reply = answered(self._sandbox, _incoming(request, await request.aread()))
        if isinstance(reply, Deferred):
            # It may wait for the merchant's webhook receiver, which may run on this very loop.
            reply = await anyio.to_thread.run_sync(reply.work)
        return _answer(reply, request)


def _answer(reply: Reply, request: httpx.Request) -> httpx.Response:
    patience = request.extensions.get("timeout", {}).get("read")
    met = journey(reply, request.method, patience)
    if not met.answered:
        raise _loss(met, request, patience)
    return _response(reply, met, request)


def _incoming(request: httpx.Request, body: bytes) -> Request:
    path, _, query = request.url.raw_path.decode("latin-1").partition("?")
    headers: dict[str, str] = {}
    for name, value in request.headers.raw:
        headers.setdefault(name.decode("latin-1").lower(), value.decode("latin-1"))
    return Request(request.method, decoded_path(path), query, headers, body, PEER)


def _loss(met: Journey, request: httpx.Request, patience: float | None) -> httpx.TransportError:
    """What httpx raises when no answer comes."""
    if met.ending == "reset":
        text = f"[Errno {errno.ECONNRESET}] {os.strerror(errno.ECONNRESET)}"
        return httpx.ReadError(text, request=request)
    waits = "" if patience is not None else _FOR_EVER
    return httpx.ReadTimeout(f"timed out{waits}", request=request)


_FOR_EVER = " (no timeout is set: over a socket this call would wait for ever)"


class _Arriving(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body as it arrives: it may end early, or its next byte may come too late."""

    def __init__(self, met: Journey, whole: int, request: httpx.Request) -> None:
        self._met = met
        self._whole = whole
        self._request = request

    def __iter__(self) -> Iterator[bytes]:
        yield self._met.body
        self._end()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._met.body
        self._end()

    def _end(self) -> None:
        if self._met.ending == "timeout":
            raise httpx.ReadTimeout("timed out", request=self._request)
        if self._met.ending == "short":
            raise httpx.RemoteProtocolError(
                "peer closed connection without sending complete message body "
                f"(received {len(self._met.body)} bytes, expected {self._whole})",
                request=self._request,
            )


class _Response(httpx.Response):
    """A response that took exactly the time a scenario says."""

    span: timedelta | None = None

    @property
    def elapsed(self) -> timedelta:
        """The time until the last byte: as the scenario says, else as the client measured it."""
        measured = super().elapsed  # raises before the response is closed
        return self.span or measured

    @elapsed.setter
    def elapsed(self, measured: timedelta) -> None:
        self._elapsed = measured


def _response(reply: Reply, met: Journey, request: httpx.Request) -> httpx.Response:
    response = _Response(
        reply.status,
        headers=headers_of(reply),
        stream=_Arriving(met, len(reply.body), request),
        request=request,
        extensions={
            "http_version": b"HTTP/1.1",
            "reason_phrase": phrase_of(reply.status).encode("ascii"),
        },
    )
    response.span = timedelta(seconds=met.before + met.between)
    return response
