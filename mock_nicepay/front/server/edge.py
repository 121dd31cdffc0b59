"""The ASGI door, and the wire itself: answers go out late, cut short, drop by drop or never.

Calls are worked off one after another on the event loop (some tens of microseconds each); whatever
waits, for a caller or for somebody outside, waits beside the loop and holds nobody up.
"""

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import Future
from threading import Thread
from typing import Any

from mock_nicepay.contract.endpoint import Deferred, Reply, Request, decoded_path
from mock_nicepay.front.control.plane import admits
from mock_nicepay.front.dispatch import (
    SNAPSHOT,
    headers_of,
    limit_of,
    respond,
    too_large,
    too_many_bodies,
)
from mock_nicepay.sandbox import Sandbox

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

TRANSPORT = "mock_nicepay.transport"  # where the server lends the connection: scope["extensions"]
_BESIDE = 512  # answers that are waited for at once, each in a thread; more wait for their turn
_HELD = 67_108_864  # bytes of bodies on their way, together
_SWALLOWED = 67_108_864  # bytes beyond the body's limit that are read before the answer goes out


class Edge:
    """An ASGI application around one sandbox."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        limit = sandbox.settings.body_limit
        self._bodies = _Bodies(limit, max(_HELD, 16 * limit))
        largest = limit_of(sandbox.settings, SNAPSHOT)
        self._snapshots = _Bodies(largest, largest)  # as much as one at a time
        self._beside = asyncio.Semaphore(_BESIDE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one HTTP request."""
        if scope["type"] != "http":
            return
        body = await self._body(scope, receive)
        if not isinstance(body, bytes):
            if body is not None:
                await _send(body, send)
            return
        reply = respond(self._sandbox, _request(scope, body))
        if isinstance(reply, Deferred):
            async with self._beside:
                reply = await _beside_the_loop(reply.work)
        if reply.wire.fate == "send" and not reply.wire.delay:
            await _send(reply, send)
        else:
            await _travel(reply, scope, receive, send)

    async def _body(self, scope: Scope, receive: Receive) -> bytes | Reply | None:
        """As `_Bodies.read`; a whole gateway is taken in only from who may send one."""
        if scope["path"] != SNAPSHOT:
            return await self._bodies.read(receive)
        if admits(self._sandbox.settings, _request(scope, b"")):
            return await self._snapshots.read(receive)
        gone = await self._bodies.read(receive) is None
        return None if gone else b""  # its refusal needs no body


async def _beside_the_loop(work: Callable[[], Reply]) -> Reply:
    """What `work` makes, in a thread of its own: each waits for somebody else, and ends by itself.

    No pool: a small one, once full, would let the next wait for the others. The thread does not keep the
    process alive.
    """
    made: Future[Reply] = Future()
    made.set_running_or_notify_cancel()  # a server that ends meanwhile does not take it back

    def run() -> None:
        try:
            made.set_result(work())
        except Exception as error:
            made.set_exception(error)

    Thread(target=run, name="mock-nicepay-deferred", daemon=True).start()
    return await asyncio.wrap_future(made)


class _Bodies:
    """The bodies that are on their way: read piece by piece, together within bounds."""

    def __init__(self, limit: int, most: int) -> None:
        """Each within `limit` bytes, together within `most`."""
        self._limit = limit
        self._most = most
        self._held = 0  # bytes of all that are not complete

    async def read(self, receive: Receive) -> bytes | Reply | None:
        """The body; a reply when it is too large; None when the caller left before its end."""
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body: bytes = message.get("body", b"")
        if message.get("more_body"):
            return await self._rest(body, receive)
        return body if len(body) <= self._limit else too_large(self._limit)

    async def _rest(self, body: bytes, receive: Receive) -> bytes | Reply | None:
        """All of it, from its first piece on.

        Of one beyond the limit the rest is read and forgotten as far as is sensible: a caller who
        is still sending when we close may never see our answer.
        """
        parts, size, more, kept = [body], len(body), True, len(body)
        self._held += kept
        try:
            while more and size <= self._limit + _SWALLOWED:
                if self._held > self._most:
                    return too_many_bodies()
                message = await receive()
                if message["type"] == "http.disconnect":
                    return None
                piece = message.get("body", b"")
                more = bool(message.get("more_body"))
                if size <= self._limit:
                    parts.append(piece)
                    kept += len(piece)
                    self._held += len(piece)
                size += len(piece)
        finally:
            self._held -= kept
        return b"".join(parts) if size <= self._limit else too_large(self._limit)


def _request(scope: Scope, body: bytes) -> Request:
    headers: dict[str, str] = {}
    for name, value in scope["headers"]:
        headers.setdefault(name.decode("latin-1"), value.decode("latin-1"))
    client = scope.get("client")
    return Request(
        method=scope["method"],
        path=decoded_path(scope["raw_path"].decode("latin-1"))
        if scope.get("raw_path")
        else scope["path"],
        query=scope["query_string"].decode("latin-1"),
        headers=headers,
        body=body,
        peer=client[0] if client else "",
    )


def _start(reply: Reply) -> Message:
    headers = [
        (name.encode("latin-1", "replace"), value.encode("latin-1", "replace"))
        for name, value in headers_of(reply)
    ]
    return {"type": "http.response.start", "status": reply.status, "headers": headers}


async def _begin(reply: Reply, send: Send) -> None:
    """Send status and headers. A scenario's own Date takes the place of the server's."""
    # uvicorn adds its Date to whatever comes; the call it belongs to is what `send` is bound to.
    served: Any = getattr(send, "__self__", None)
    if len(reply.headers) > 1 and hasattr(served, "default_headers"):
        own = {name.lower().encode("latin-1") for name, _ in reply.headers}
        served.default_headers = [row for row in served.default_headers if row[0] not in own]
    await send(_start(reply))


async def _send(reply: Reply, send: Send) -> None:
    await _begin(reply, send)
    await send({"type": "http.response.body", "body": reply.body})


async def _travel(reply: Reply, scope: Scope, receive: Receive, send: Send) -> None:
    """Send an answer the way its wire says, unless the caller leaves first."""
    gone = asyncio.ensure_future(_caller_gone(receive))
    sent = asyncio.ensure_future(_fate(reply, scope, send))
    try:
        await asyncio.wait({gone, sent}, return_when=asyncio.FIRST_COMPLETED)
        if sent.done():
            sent.result()
    finally:
        gone.cancel()
        sent.cancel()


async def _fate(reply: Reply, scope: Scope, send: Send) -> None:
    wire = reply.wire
    if wire.delay:
        await asyncio.sleep(wire.delay)
    if wire.fate == "hang":
        await _until_gone()
    elif wire.fate == "reset":
        _cut(scope, reset=True)
        await _until_gone()
    elif wire.fate == "truncate":
        await _begin(reply, send)
        await send(
            {
                "type": "http.response.body",
                "body": reply.body[: len(reply.body) // 2],
                "more_body": True,
            }
        )
        _cut(scope, reset=False)
        await _until_gone()
    elif wire.fate == "drip":
        await _begin(reply, send)
        for position in range(len(reply.body)):
            if position:
                await asyncio.sleep(wire.pace)
            drop = reply.body[position : position + 1]
            await send({"type": "http.response.body", "body": drop, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
    else:
        await _send(reply, send)


async def _until_gone() -> None:
    """Wait for `_travel` to notice that the connection has ended."""
    await asyncio.Event().wait()


async def _caller_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _cut(scope: Scope, *, reset: bool) -> None:
    """End the connection: with a TCP reset and no byte more, or after what has been written."""
    transport = scope.get("extensions", {}).get(TRANSPORT)
    if transport is None:
        raise ConnectionResetError(
            "this ASGI server does not lend its connection; use mock-nicepay serve"
        )
    if reset:
        raw = transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    else:
        transport.close()
