"""The ASGI door, and the wire itself: answers go out late, cut short, drop by drop or never.

Calls are worked off one after another on the event loop (some tens of microseconds each), or beside
it in a few threads where the store takes its time; whatever waits, for a caller or for somebody
outside, waits beside the loop and holds nobody up.
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

# What our server lends in scope["extensions"]; another ASGI server lends nothing.
CONNECTION = "mock_nicepay.connection"  # the `Carrier` of the answer
LOAD = "mock_nicepay.load"  # what the request holds of the server's room
_BESIDE = 512  # answers that are waited for at once, each in a thread; more wait for their turn
_COMPUTED = 4  # of those that compute: each takes its share of the interpreter from all other calls


class Carrier(Protocol):
    """A caller's connection, as the edge sees it."""

    transport: asyncio.Transport
    is_ending: bool  # whether only answers that can go out at once still do

    def answer_at_once(self, reply: Reply) -> bool:
        """Send an ordinary answer in one piece; False, and nothing is sent, when it is none."""

    def last_word(self, reply: Reply) -> None:
        """Refuse a request whose body is still coming in, and end the connection."""


class Edge:
    """An ASGI application around one sandbox."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._bodies = _Bodies(sandbox.settings.body_limit)
        largest = limit_of(sandbox.settings, SNAPSHOT)
        self._snapshots = _Bodies(largest, largest)  # as much as one at a time
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
            await _travel(reply, scope, receive, send)
            return
        connection = _connection_of(scope)
        if connection is None or not connection.answer_at_once(reply):
            await _send(reply, send)

    async def _answer(self, scope: Scope, receive: Receive) -> Reply | None:
        """The answer; None when the caller has left or been refused.

        After it nothing holds the request any more, for its answer may take hours to go out.
        """
        read = self._snapshot if scope["path"] == SNAPSHOT else self._bodies.read
        body = await read(scope, receive)
        if not isinstance(body, bytes):
            _let_go(scope)
            return body
        request = _request(scope, body)
        if self._sandbox.store.answers_at_once():
            answer = respond(self._sandbox, request)
        else:  # it would hold up everybody
            work = partial(respond, self._sandbox, request)
            answer = await self._hands.do(_lane_of(request), work)
        reply = answer if isinstance(answer, Reply) else await self._settled(answer)
        _let_go(scope)
        return reply

    async def _settled(self, answer: Deferred) -> Reply:
        """The answer itself, made beside the loop when its turn has come."""
        async with self._computed if answer.computes else self._beside:
            return await _beside_the_loop(answer.work)

    def close(self) -> None:
        """Serve nobody any more."""
        self._hands.close()

    async def _snapshot(self, scope: Scope, receive: Receive) -> bytes | Reply | None:
        """As `_Bodies.read`; a whole gateway is taken in only from who may send one."""
        if admits(self._sandbox.settings, _request(scope, b"")):
            return await self._snapshots.read(scope, receive)
        gone = await self._bodies.read(scope, receive) is None
        return None if gone else b""  # its refusal needs no body


def _connection_of(scope: Scope) -> Carrier | None:
    """The connection that a request came on, where the server is ours and lends it."""
    connection: Carrier | None = scope.get("extensions", {}).get(CONNECTION)
    return connection


def _let_go(scope: Scope) -> None:
    """Forget what a request was made of, where the server is ours and counts it."""
    load: Load | None = scope.get("extensions", {}).get(LOAD)
    if load is not None:
        load.end()
        scope.update(path="", raw_path=b"", query_string=b"", headers=[])


def _lane_of(request: Request) -> str:
    """Whose calls wait for each other: a merchant's, by its login; else those of one address."""
    login = "" if request.path.startswith(ROOT) else request.headers.get("authorization", "")
    return login or f"{request.path}?{request.query}"


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
    """The bodies that are on their way: read piece by piece within bounds.

    A body beyond its limit is refused at once, and what still comes of it is read away by the server,
    for a caller who is still sending when we close may never see our answer.
    """

    def __init__(self, limit: int, most: int | None = None) -> None:
        """Each within `limit` bytes, together within `most`; None: the server's room counts them."""
        self._limit = limit
        self._most = most
        self._held = 0  # bytes of all that are not complete, where we count them

    async def read(self, scope: Scope, receive: Receive) -> bytes | Reply | None:
        """The body; a reply when it is too large; None when the caller left or has been refused."""
        if _announced(scope) > self._limit:  # before it is let come in (Expect: 100-continue)
            return _refused(scope, too_large(self._limit))
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body: bytes = message.get("body", b"")
        if message.get("more_body"):
            return await self._rest(body, scope, receive)
        return body if len(body) <= self._limit else too_large(self._limit)

    async def _rest(self, body: bytes, scope: Scope, receive: Receive) -> bytes | Reply | None:
        """All of it, from its first piece on."""
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
        """Another piece is held. What is counted here is not the room's any more."""
        self._held += size
        load: Load | None = scope.get("extensions", {}).get(LOAD)
        if load is not None and self._most is not None:
            load.drop(size)


def _announced(scope: Scope) -> int:
    """How many bytes the header says that the body has."""
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value[:20])  # longer ones are as good as endless
    return 0


def _refused(scope: Scope, reply: Reply) -> Reply | None:
    """Refuse a request whose body is still coming in: our server does so in a way that arrives."""
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
    if _would_hold_up_an_end(reply, scope):
        _cut(scope, reset=False)
        await _caller_gone(receive)
        return
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


def _would_hold_up_an_end(reply: Reply, scope: Scope) -> bool:
    """Whether an answer would take its time on a connection that ends: its caller may have left."""
    connection = _connection_of(scope)
    takes_time = bool(reply.wire.delay) or reply.wire.fate in {"hang", "drip"}
    return takes_time and connection is not None and connection.is_ending


async def _until_gone() -> None:
    """Wait for `_travel` to notice that the connection has ended."""
    await asyncio.Event().wait()


async def _caller_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _cut(scope: Scope, *, reset: bool) -> None:
    """End the connection: with a TCP reset and no byte more, or after what has been written."""
    connection = _connection_of(scope)
    if connection is None:
        raise ConnectionResetError(
            "this ASGI server does not lend its connection; use mock-nicepay serve"
        )
    if reset:
        raw = connection.transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.transport.abort()
    else:
        connection.transport.close()
