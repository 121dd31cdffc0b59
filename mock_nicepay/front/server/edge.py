"""The ASGI application, and the wire: answers go out late, cut short, byte by byte or never.

Calls run one after another on the event loop (some tens of microseconds each), or in a few threads
when the store would block. What waits, for the client or for another server, does not block the event
loop and delays no other call.
"""

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import Future
from functools import partial
from threading import Thread
from typing import Any, Protocol

from mock_nicepay.contract.endpoint import Deferred, Reply, Request, decoded_path
from mock_nicepay.front.control.plane import ROOT, admits
from mock_nicepay.front.dispatch import (
    SNAPSHOT,
    headers_of,
    limit_of,
    respond,
    too_large,
    too_many_bodies,
)
from mock_nicepay.front.server.hands import Hands
from mock_nicepay.front.server.room import Load
from mock_nicepay.sandbox import Sandbox

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

# Keys in scope["extensions"] that our server sets; other ASGI servers do not.
CONNECTION = "mock_nicepay.connection"  # the `Carrier` of the answer
LOAD = "mock_nicepay.load"  # the memory that the request uses of the server's room
_BESIDE = 512  # deferred answers at once, each in its own thread; further ones queue
_COMPUTED = 4  # of those that compute: each slows down all other calls


class Carrier(Protocol):
    """A client's connection, as the edge sees it."""

    transport: asyncio.Transport
    is_ending: bool  # True: only answers that can be sent immediately are still sent

    def answer_at_once(self, reply: Reply) -> bool:
        """Send an ordinary answer in one write. Returns False, and sends nothing, for any other."""

    def last_word(self, reply: Reply) -> None:
        """Refuse a request whose body is still being received, and close the connection."""


class Edge:
    """An ASGI application around one sandbox."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._bodies = _Bodies(sandbox.settings.body_limit)
        largest = limit_of(sandbox.settings, SNAPSHOT)
        self._snapshots = _Bodies(largest, largest)  # together as much as one snapshot may have
        self._beside = asyncio.Semaphore(_BESIDE)
        self._computed = asyncio.Semaphore(_COMPUTED)
        self._hands = Hands(sandbox.store.hands)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one HTTP request."""
        if scope["type"] != "http":
            return
        reply = await self._answer(scope, receive)
        if reply is None:
            return
        if reply.wire.fate != "send" or reply.wire.delay:
            await _deliver(reply, scope, receive, send)
            return
        connection = _connection_of(scope)
        if connection is None or not connection.answer_at_once(reply):
            await _send(reply, send)

    async def _answer(self, scope: Scope, receive: Receive) -> Reply | None:
        """The answer; None when the client has disconnected or was refused.

        The request's memory is released afterwards, because sending the answer may take hours.
        """
        read = self._snapshot if scope["path"] == SNAPSHOT else self._bodies.read
        body = await read(scope, receive)
        if not isinstance(body, bytes):
            _release(scope)
            return body
        request = _request(scope, body)
        if self._sandbox.store.answers_at_once():
            answer = respond(self._sandbox, request)
        else:  # it would block the event loop, and with it every client
            work = partial(respond, self._sandbox, request)
            answer = await self._hands.do(_lane_of(request), work)
        reply = answer if isinstance(answer, Reply) else await self._settled(answer)
        _release(scope)
        return reply

    async def _settled(self, answer: Deferred) -> Reply:
        """The answer itself, made in a thread once a slot is free."""
        async with self._computed if answer.computes else self._beside:
            return await _beside_the_loop(answer.work)

    def close(self) -> None:
        """Stop serving calls."""
        self._hands.close()

    async def _snapshot(self, scope: Scope, receive: Receive) -> bytes | Reply | None:
        """As `_Bodies.read`; a large body is accepted only from a client with the admin key."""
        if admits(self._sandbox.settings, _request(scope, b"")):
            return await self._snapshots.read(scope, receive)
        gone = await self._bodies.read(scope, receive) is None
        return None if gone else b""  # the refusal needs no body


def _connection_of(scope: Scope) -> Carrier | None:
    """The request's connection; None on an ASGI server other than ours."""
    connection: Carrier | None = scope.get("extensions", {}).get(CONNECTION)
    return connection


def _release(scope: Scope) -> None:
    """Release the request's memory. Does nothing on an ASGI server other than ours."""
    load: Load | None = scope.get("extensions", {}).get(LOAD)
    if load is not None:
        load.end()
        scope.update(path="", raw_path=b"", query_string=b"", headers=[])


def _lane_of(request: Request) -> str:
    """The key of calls that run one after another: a merchant's login, otherwise the address."""
    login = "" if request.path.startswith(ROOT) else request.headers.get("authorization", "")
    return login or f"{request.path}?{request.query}"


async def _beside_the_loop(work: Callable[[], Reply]) -> Reply:
    """Run `work` in its own thread and return its result.

    There is no pool: in a small one that is full, a call would wait for unrelated calls. The thread is a
    daemon and does not keep the process alive.
    """
    made: Future[Reply] = Future()
    made.set_running_or_notify_cancel()  # a server that stops meanwhile must not cancel it

    def run() -> None:
        try:
            made.set_result(work())
        except Exception as error:
            made.set_exception(error)

    Thread(target=run, name="mock-nicepay-deferred", daemon=True).start()
    return await asyncio.wrap_future(made)


class _Bodies:
    """Reads request bodies piece by piece, within limits.

    A body over the limit is refused at once. The server then reads and discards the rest: a client that
    is still sending when we close may never see our answer.
    """

    def __init__(self, limit: int, most: int | None = None) -> None:
        """Limits in bytes: `limit` for each body, `most` for all together (None: the room counts)."""
        self._limit = limit
        self._most = most
        self._held = 0  # bytes of all unfinished bodies

    async def read(self, scope: Scope, receive: Receive) -> bytes | Reply | None:
        """The body; a reply when it is too large; None when the client left or was refused."""
        if _announced(scope) > self._limit:  # before the client is told to send (100-continue)
            return _refused(scope, too_large(self._limit))
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body: bytes = message.get("body", b"")
        if message.get("more_body"):
            return await self._rest(body, scope, receive)
        return body if len(body) <= self._limit else too_large(self._limit)

    async def _rest(self, body: bytes, scope: Scope, receive: Receive) -> bytes | Reply | None:
        """The whole body, given its first piece."""
        parts, size, more = [body], len(body), True
        self._count(scope, size)
        try:
            while more:
                if size > self._limit:
                    return _refused(scope, too_large(self._limit))
                if self._most is not None and self._held > self._most:
                    return _refused(scope, too_many_bodies())
                message = await receive()
                if message["type"] == "http.disconnect":
                    return None
                parts.append(message.get("body", b""))
                size += len(parts[-1])
                self._count(scope, len(parts[-1]))
                more = bool(message.get("more_body"))
        finally:
            self._held -= size
        return b"".join(parts) if size <= self._limit else too_large(self._limit)

    def _count(self, scope: Scope, size: int) -> None:
        """Count another piece. A body that is counted here is no longer counted by the room."""
        self._held += size
        load: Load | None = scope.get("extensions", {}).get(LOAD)
        if load is not None and self._most is not None:
            load.drop(size)


def _announced(scope: Scope) -> int:
    """The body's length in bytes according to the header; 0 when it does not say."""
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value[:20])  # 20 digits are over any limit
    return 0


def _refused(scope: Scope, reply: Reply) -> Reply | None:
    """Refuse a request whose body is still being received.

    Our server sends the refusal itself, so that it arrives (see `Connection.last_word`); for another
    server the reply is returned.
    """
    connection = _connection_of(scope)
    if connection is None:
        return reply
    connection.last_word(reply)
    return None


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
    """Send status and headers. A Date that a scenario sets replaces the server's."""
    # uvicorn adds its Date to every answer. `send` is bound to the request cycle that holds it.
    served: Any = getattr(send, "__self__", None)
    if len(reply.headers) > 1 and hasattr(served, "default_headers"):
        own = {name.lower().encode("latin-1") for name, _ in reply.headers}
        served.default_headers = [row for row in served.default_headers if row[0] not in own]
    await send(_start(reply))


async def _send(reply: Reply, send: Send) -> None:
    await _begin(reply, send)
    await send({"type": "http.response.body", "body": reply.body})


async def _deliver(reply: Reply, scope: Scope, receive: Receive, send: Send) -> None:
    """Send an answer as `reply.wire` says, unless the client disconnects first."""
    if _would_hold_up_an_end(reply, scope):
        _cut(scope, reset=False)
        await _caller_gone(receive)
        return
    gone = asyncio.ensure_future(_caller_gone(receive))
    sent = asyncio.ensure_future(_play(reply, scope, send))
    try:
        await asyncio.wait({gone, sent}, return_when=asyncio.FIRST_COMPLETED)
        if sent.done():
            sent.result()
    finally:
        gone.cancel()
        sent.cancel()


async def _play(reply: Reply, scope: Scope, send: Send) -> None:
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


def _would_hold_up_an_end(reply: Reply, scope: Scope) -> bool:
    """Whether a slow answer would delay closing a connection whose client may have gone."""
    connection = _connection_of(scope)
    takes_time = bool(reply.wire.delay) or reply.wire.fate in {"hang", "drip"}
    return takes_time and connection is not None and connection.is_ending


async def _until_gone() -> None:
    """Wait until `_deliver` notices the disconnect and cancels this."""
    await asyncio.Event().wait()


async def _caller_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _cut(scope: Scope, *, reset: bool) -> None:
    """Close the connection: at once with a TCP reset, or after what has been written is sent."""
    connection = _connection_of(scope)
    if connection is None:
        raise ConnectionResetError(
            "this ASGI server gives no access to its connection; use mock-nicepay serve"
        )
    if reset:
        raw = connection.transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.transport.abort()
    else:
        connection.transport.close()
