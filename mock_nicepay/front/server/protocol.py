"""One connection: uvicorn's protocol, with limits and with refusals that reach the client."""

import asyncio
import logging
from collections.abc import Mapping
from itertools import chain
from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from mock_nicepay.contract.endpoint import Reply
from mock_nicepay.front.dispatch import headers_of, last_answer
from mock_nicepay.front.server.edge import CONNECTION, LOAD
from mock_nicepay.front.server.patience import (
    ADDRESS_BYTES,
    AHEAD,
    HEADER_BYTES,
    HEADER_LINES,
    longest_waited_for,
)
from mock_nicepay.front.server.room import LINE, Load, Room, greediest
from mock_nicepay.front.server.turns import Turns
from mock_nicepay.front.server.upgrade import parser_of_the_rest

_REJECTED: Mapping[int, str] = {
    400: "the request has more than one Host header; send one, that of the address you call",
    414: f"the request's address is longer than {ADDRESS_BYTES} bytes",
    431: f"the request's header is larger than {HEADER_BYTES} bytes, or than {HEADER_LINES} lines",
}
_TOO_SLOW = {
    "head": "the request's header was not complete after {:g} s",
    "body": "the request's body was not complete after {:g} s",
}
_NOT_HTTP = (
    "this is not an HTTP/1.1 request: the method, the address (percent-encoded) or a header is malformed, "
    "or it was meant for https:// (this server speaks http://)"
)
_NO_ROOM = "unfinished requests use too much memory in this server; send it again"
_PARTIAL_BYTES = HEADER_BYTES + 4 * HEADER_LINES  # bytes, including separators and line ends
_PARSED = 16_384  # bytes given to the parser at once: we cannot know how many of these it buffers
_DISCARDED = 67_108_864  # bytes read and discarded after our last answer
# A client's mistake is answered to the client; the log is for our own errors.
_OURS = logging.getLogger("mock_nicepay.server")
_OURS.setLevel(logging.ERROR)


class Connection(HttpToolsProtocol):
    """A client's connection. Implements `patience.Caller`, `room.Guest` and `edge.Carrier`.

    The server sets `most`, `room` and `turns` in a subclass of its own.
    """

    most: int  # connections at once
    room: Room
    turns: Turns

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.logger = _OURS
        self.turn = self.turns.number()
        self._sent: list[bytes] = []  # received, and not parsed before this connection's turn
        self.since = self.loop.time()
        self.unread = (0, self.since)
        self._in_head = False
        self._loads: list[Load] = []  # of the requests, in order of arrival
        self._partial = 0  # bytes of an unfinished header, or of an unfinished line in a body
        self._partial_load = Load(self.room)
        self._served: RequestResponseCycle | None = None  # `cycle` is the latest request's
        self._framing: list[tuple[bytes, bytes]] = []  # headers of a request with an Upgrade
        self._rejected = 0  # the status with which a request is rejected while it is parsed
        self._discarded: int | None = None  # bytes received after our last answer; None before it
        self.is_ending = False  # reads no more, and closes after the answers under way
        self._refusal: tuple[int, str] | None = None  # status and message to send then

    # Receiving

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Accept a connection. Over the limit, close some that wait for their client, or refuse."""
        super().connection_made(transport)
        if len(self.connections) <= self.most:
            return
        others = (each for each in self.connections if each is not self)
        given_up = longest_waited_for(others, self.most)
        for each in given_up:
            each.transport.abort()
            self.connections.discard(each)
        if not given_up:
            self._refuse(503, f"{self.most} connections are being served (--connection-limit)")

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Buffer the data until this connection's turn; parse it at once when it is the only one."""
        self._sent.append(data)
        if len(self.connections) == 1:
            self.take_turn()
            return
        if len(self._sent) == 1:
            self.turns.join(self, self.loop.call_soon)
        self.turns.bring(len(data))

    def eof_received(self) -> bool:  # type: ignore[override] # asyncio allows True
        """Close the connection after the requests received so far are answered."""
        self.take_turn()
        if self.is_at_work:
            self.is_ending = True
        else:
            self.loop.call_soon(self.transport.close)
        return True  # asyncio leaves closing to us

    def take_turn(self) -> None:
        """Parse the buffered data, or discard it after our last answer."""
        sent, self._sent = self._sent, []
        for data in sent:
            if self._discarded is not None:
                self._discard(len(data))
            elif self.parser is not None:
                self._parse_pieces(data)

    def _parse_pieces(self, data: bytes) -> None:
        """Parse data; refuse a header or a line that grows too long before it ends.

        The parser reports whole lines only, and copies an unfinished line with each piece added to it.
        """
        for start in range(0, len(data), _PARSED):
            piece = data[start : start + _PARSED]
            self._partial += len(piece)
            self._parse(piece)
            if self._has_ended or self.parser is None:
                return
        lines = len(self.headers) if self._in_head else 0
        if self._partial > _PARTIAL_BYTES or lines > HEADER_LINES:
            self._refuse(431, _REJECTED[431])
            return
        partial = self._partial + LINE * lines
        if partial != self._partial_load.size:
            self._partial_load.end()
            self._partial_load.add(partial)
        if self.room.is_full:
            self._make_room()

    def _parse(self, data: bytes) -> None:
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._ignore_upgrade(data[upgrade.args[0] :])
        except httptools.HttpParserError:
            self.send_400_response("")

    def _ignore_upgrade(self, rest: bytes) -> None:
        """Ignore a request's Upgrade header, and parse the rest as HTTP/1.1."""
        self.parser, complete = parser_of_the_rest(self, self._framing)
        if complete:
            self.on_message_complete()
        self._parse(rest)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._partial = 0
        self._in_head = True
        self.since = self.loop.time()
        self._loads = [each for each in self._loads if each.size]
        self._loads.append(Load(self.room))
        lent: dict[str, Any] = {CONNECTION: self, LOAD: self._loads[-1]}
        self.scope["extensions"] = lent

    def on_url(self, url: bytes) -> None:
        self._partial = 0
        super().on_url(url)
        self._loads[-1].add(len(url))
        if len(self.url) > ADDRESS_BYTES:
            self._end_reading(414)

    def on_headers_complete(self) -> None:
        if len(self.pipeline) >= AHEAD:  # without a reply: it would be read as an earlier answer
            self.transport.abort()
            raise ValueError(f"more than {AHEAD} requests were sent ahead of their answers")
        self._partial = 0
        lines, size = len(self.headers), sum(map(len, chain.from_iterable(self.headers)))
        if size > HEADER_BYTES or lines > HEADER_LINES:
            self._end_reading(431)
        if [name for name, _ in self.headers].count(b"host") > 1:  # RFC 9112, 3.2
            self._end_reading(400)
        self._loads[-1].add(size + LINE * lines)
        super().on_headers_complete()
        self._in_head = False
        self.since = self.loop.time()
        self._framing = self.headers if self.parser.should_upgrade() else []
        self.url, self.headers = b"", []  # the request's scope has them, and releases them

    def on_body(self, body: bytes) -> None:
        self._partial = 0
        if not self.cycle.response_complete:
            self._loads[-1].add(len(body))
        super().on_body(body)

    def on_message_complete(self) -> None:
        if not self.parser.should_upgrade():  # this parser stops at the header; the body may follow
            super().on_message_complete()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._served = cycle
        super()._start_asgi_task(cycle, app)

    def answer_at_once(self, reply: Reply) -> bool:
        """Send an ordinary answer in one write. Returns False, and sends nothing, for any other.

        An ordinary answer has a body and one header, and the connection stays open after it. All
        others go through uvicorn, which handles the headers that a scenario sets.
        """
        served = self._served
        if served is None or served.disconnected or not served.keep_alive or self.flow.write_paused:
            return False
        if not reply.body or len(reply.headers) != 1 or served.scope["method"] == "HEAD":
            return False
        self._write(reply)
        served.response_started = served.response_complete = True
        self.on_response_complete()
        return True

    def on_response_complete(self) -> None:
        """Serve the next pipelined request. Unlike uvicorn, set no keep-alive timer: see `patience`."""
        self.turn = self.turns.number()
        self.since = self.loop.time()
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
        elif self.is_ending:
            self._end()

    def _end_reading(self, status: int) -> None:
        self._rejected = status
        raise ValueError(_REJECTED[status])

    def send_400_response(self, msg: str) -> None:
        """Refuse, in JSON, what is not HTTP or was rejected while it was parsed."""
        if not self._has_ended:
            self._refuse(self._rejected or 400, _REJECTED.get(self._rejected, _NOT_HTTP))

    # Limits

    def owes(self) -> str:
        """Which timeout runs for the client; see `patience.Caller`."""
        if self._discarded is not None:
            return "leave"
        if self._in_head:
            return "head"
        if self.cycle is None or self.cycle.response_complete:
            return "idle"
        # Reading is paused while pipelined requests wait: then the client is not the slow one.
        return "body" if self.cycle.more_body and not self.pipeline else ""

    def lies_ready(self) -> int:
        """Bytes of answers that the client has not read."""
        return self.transport.get_write_buffer_size()

    def holds(self) -> int:
        """Bytes that its requests use; see `room.Guest`."""
        return self._partial_load.size + sum(each.size for each in self._loads)

    def dismiss(self, owed: str, seconds: float) -> None:
        """Close the connection of a client that is too slow."""
        if owed in _TOO_SLOW:
            self._refuse(408, _TOO_SLOW[owed].format(seconds))
        else:
            self.transport.abort()

    def _make_room(self) -> None:
        """Refuse the connections that have used the most memory for the longest time."""
        given_up = greediest(self.connections, self.room, self.loop.time())  # type: ignore[arg-type]
        for each in given_up:
            each.give_up()

    def give_up(self) -> None:
        """Refuse this connection's requests, release their memory and close."""
        self._refuse_at_once(503, _NO_ROOM)

    # The last answer

    def _refuse(self, status: int, message: str) -> None:
        """Send a refusal, after the answers under way, and close the connection."""
        if self._can_refuse_now or not self.is_at_work:
            self._refuse_at_once(status, message)
        elif not self.is_ending:
            self.is_ending, self._refusal = True, (status, message)
            self._stop_parsing()

    def _refuse_at_once(self, status: int, message: str) -> None:
        """Close the connection; send the refusal first, if it cannot be read as another answer."""
        if self._can_refuse_now:
            self.last_word(last_answer(status, message))
        else:
            self._forget()
            self.transport.abort()

    def last_word(self, reply: Reply) -> None:
        """Answer the request that is being served or received, and close the connection.

        Only the write side is closed, and what still arrives is read and discarded: closing a socket
        with unread bytes sends a TCP reset, upon which the client's system drops our answer.
        """
        if self._has_ended:
            return
        self._forget()
        self._write(reply)
        self.transport.write_eof()
        self.flow.resume_reading()
        self._discarded, self.since = 0, self.loop.time()

    def _write(self, reply: Reply) -> None:
        lines = [b"%s: %s\r\n" % row for row in self.server_state.default_headers]  # the date
        for name, value in headers_of(reply):
            lines.append(f"{name}: {value}\r\n".encode("latin-1", "replace"))
        self.transport.write(b"".join((STATUS_LINE[reply.status], *lines, b"\r\n", reply.body)))

    def _stop_parsing(self) -> None:
        """Stop parsing, and release what was received of an unfinished request."""
        self._partial_load.end()
        if self._in_head:
            self._loads[-1].end()
            self._in_head = False
        self.parser = None  # type: ignore[assignment]

    def _end(self) -> None:
        """Close the connection after the last answer, with the pending refusal if there is one."""
        if self._refusal is not None:
            self.last_word(last_answer(*self._refusal))
        else:
            self.transport.close()

    @property
    def is_at_work(self) -> bool:
        """Whether an answer is being computed, and all requests have been received whole.

        An answer that is ready and delayed by a scenario does not count.
        """
        served = self._served
        if self._has_ended or served is None or served.response_complete or self.cycle.more_body:
            return False
        lent: dict[str, Any] = served.scope["extensions"]
        return bool(lent[LOAD].size)

    @property
    def _can_refuse_now(self) -> bool:
        """Whether a refusal sent now would be read as the answer to the latest request."""
        if self._has_ended:
            return False
        if self.cycle is None or self.cycle.response_complete:
            return True
        is_coming_in = self.cycle.more_body and not self._in_head
        return is_coming_in and not self.pipeline and not self.cycle.response_started

    @property
    def _has_ended(self) -> bool:
        return self._discarded is not None or self.transport.is_closing()

    def _forget(self) -> None:
        """Drop all requests: release their memory, wake the tasks that serve them, stop parsing."""
        for each in (*self._loads, self._partial_load):
            each.end()
        for cycle in (self._served, self.cycle):
            if cycle is not None and not cycle.response_complete:
                cycle.disconnected = True
                cycle.waiting_for_100_continue = False  # or uvicorn would send 100 Continue
                cycle.body = bytearray()
                cycle.message_event.set()
        self.pipeline.clear()
        self.parser = None  # type: ignore[assignment]
        self.url, self.headers, self.scope = b"", [], {}  # type: ignore[typeddict-item]

    def _discard(self, size: int) -> None:
        self._discarded = (self._discarded or 0) + size
        if self._discarded > _DISCARDED:
            self.transport.abort()
