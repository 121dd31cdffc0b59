"""One connection: uvicorn's protocol, which also knows bounds and has a last word that arrives."""

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

_NOT_TAKEN: Mapping[int, str] = {
    400: "the request has more than one Host header; send one, that of the address you call",
    414: f"the request's address is longer than {ADDRESS_BYTES} bytes",
    431: f"the request's header is larger than {HEADER_BYTES} bytes, or than {HEADER_LINES} lines",
}
_TOO_SLOW = {
    "head": "the request's header was not complete after {:g} s",
    "body": "the request's body was not complete after {:g} s",
}
_NOT_HTTP = (
    "this is no HTTP/1.1 request: the method, the address (percent-encoded) or a header is malformed, "
    "or it was meant for https:// (this server speaks http://)"
)
_NO_ROOM = "too many unfinished requests are held at once; send it again"
_UNHEARD = HEADER_BYTES + 4 * HEADER_LINES  # bytes, with what stands between names and values
_PARSED = 16_384  # bytes handed to the parser at once: of these we do not know what it keeps
_DISCARDED = 67_108_864  # bytes read away after our last word
# What a caller did wrong is told to the caller; the log is for our own mistakes.
_OURS = logging.getLogger("mock_nicepay.server")
_OURS.setLevel(logging.ERROR)


class Connection(HttpToolsProtocol):
    """A caller's connection, as `patience.Caller`, `room.Guest` and `edge.Carrier` see it.

    `most`, `room` and `turns` are the server's: it sets them in a class of its own.
    """

    most: int  # connections at once
    room: Room
    turns: Turns

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.logger = _OURS
        self.turn = self.turns.number()
        self._sent: list[bytes] = []  # what waits for the turn
        self.since = self.loop.time()
        self.unread = (0, self.since)
        self._in_head = False
        self._loads: list[Load] = []  # of the requests in the order they came
        self._unheard = 0  # bytes of a header, or of a line in a body, that has not ended
        self._unheard_load = Load(self.room)
        self._served: RequestResponseCycle | None = None  # uvicorn knows the one that came last
        # Of a request that wishes for another protocol.
        self._framing: list[tuple[bytes, bytes]] = []
        self._not_taken = 0  # the status that says why a request is not taken
        self._left: int | None = None  # bytes that came after our last word
        self.is_ending = False  # once what has come is answered; no more is read
        self._refusal: tuple[int, str] | None = None  # is said then

    # What comes in

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Serve another caller; when there are too many, those that owe us a request make room."""
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
        """Keep what came until it is this caller's turn; where there is no other, that is now."""
        self._sent.append(data)
        if len(self.connections) == 1:
            self.take_turn()
            return
        if len(self._sent) == 1:
            self.turns.join(self, self.loop.call_soon)
        self.turns.bring(len(data))

    def eof_received(self) -> bool:  # type: ignore[override] # asyncio lets it say True
        """End the connection, but not before what has come is answered."""
        self.take_turn()
        if self._is_at_work:
            self.is_ending = True
        else:
            self.loop.call_soon(self.transport.close)
        return True  # it is we who close

    def take_turn(self) -> None:
        """Parse what has come, unless the connection has ended."""
        sent, self._sent = self._sent, []
        for data in sent:
            if self._left is not None:
                self._discard(len(data))
            elif self.parser is not None:
                self._hear(data)

    def _hear(self, data: bytes) -> None:
        """Parse a piece; a header or a line without an end is refused as soon as it is too long.

        The parser hands over whole lines only, and each piece that is added to one copies it.
        """
        for start in range(0, len(data), _PARSED):
            piece = data[start : start + _PARSED]
            self._unheard += len(piece)
            self._parse(piece)
            if self._has_ended or self.parser is None:
                return
        lines = len(self.headers) if self._in_head else 0
        if self._unheard > _UNHEARD or lines > HEADER_LINES:
            self._refuse(431, _NOT_TAKEN[431])
            return
        unheard = self._unheard + LINE * lines
        if unheard != self._unheard_load.size:
            self._unheard_load.end()
            self._unheard_load.add(unheard)
        if self.room.is_full:
            self._make_room()

    def _parse(self, data: bytes) -> None:
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._speak_on(data[upgrade.args[0] :])
        except httptools.HttpParserError:
            self.send_400_response("")

    def _speak_on(self, rest: bytes) -> None:
        """Take no notice of a wish for another protocol."""
        self.parser, complete = parser_of_the_rest(self, self._framing)
        if complete:
            self.on_message_complete()
        self._parse(rest)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._unheard = 0
        self._in_head = True
        self.since = self.loop.time()
        self._loads = [each for each in self._loads if each.size]
        self._loads.append(Load(self.room))
        lent: dict[str, Any] = {CONNECTION: self, LOAD: self._loads[-1]}
        self.scope["extensions"] = lent

    def on_url(self, url: bytes) -> None:
        self._unheard = 0
        super().on_url(url)
        self._loads[-1].add(len(url))
        if len(self.url) > ADDRESS_BYTES:
            self._end_reading(414)

    def on_headers_complete(self) -> None:
        if len(self.pipeline) >= AHEAD:  # in silence: a word would be taken for an earlier answer
            self.transport.abort()
            raise ValueError(f"more than {AHEAD} requests were sent ahead of their answers")
        self._unheard = 0
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
        self.url, self.headers = b"", []  # the request has them, and forgets them when it is served

    def on_body(self, body: bytes) -> None:
        self._unheard = 0
        if not self.cycle.response_complete:
            self._loads[-1].add(len(body))
        super().on_body(body)

    def on_message_complete(self) -> None:
        if not self.parser.should_upgrade():  # it is not complete for all that parser knows
            super().on_message_complete()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._served = cycle
        super()._start_asgi_task(cycle, app)

    def answer_at_once(self, reply: Reply) -> bool:
        """Send an ordinary answer in one piece; False, and nothing is sent, when it is none.

        An ordinary one has a body and one header, and the connection goes on after it. All others
        are uvicorn's business, which looks at headers that a scenario made up.
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
        """Go on with what was sent ahead; no timer is set for what may come, as uvicorn would."""
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
        self._not_taken = status
        raise ValueError(_NOT_TAKEN[status])

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP request, or one that is not taken; in JSON like all else."""
        if not self._has_ended:
            self._refuse(self._not_taken or 400, _NOT_TAKEN.get(self._not_taken, _NOT_HTTP))

    # Bounds

    def owes(self) -> str:
        """What the caller is waited for; see `patience.Caller`."""
        if self._left is not None:
            return "leave"
        if self._in_head:
            return "head"
        if self.cycle is None or self.cycle.response_complete:
            return "idle"
        # What was sent ahead of an answer is read after it.
        return "body" if self.cycle.more_body and not self.pipeline else ""

    def lies_ready(self) -> int:
        """Bytes of answers that the caller has not taken."""
        return self.transport.get_write_buffer_size()

    def holds(self) -> int:
        """Bytes that its requests hold; see `room.Guest`."""
        return self._unheard_load.size + sum(each.size for each in self._loads)

    def dismiss(self, owed: str, seconds: float) -> None:
        """End the connection of a caller who is too slow."""
        if owed in _TOO_SLOW:
            self._refuse(408, _TOO_SLOW[owed].format(seconds))
        else:
            self.transport.abort()

    def _make_room(self) -> None:
        """Refuse the greediest callers, or this one when nobody else holds anything."""
        given_up = greediest(self.connections, self.room, self.loop.time())  # type: ignore[arg-type]
        for each in given_up:
            each.give_up()

    def give_up(self) -> None:
        """Refuse what holds too much, and forget it."""
        self._refuse_at_once(503, _NO_ROOM)

    # The last word

    def _refuse(self, status: int, message: str) -> None:
        """Say why, after what we are at work at has been answered, and end the connection."""
        if self._may_speak or not self._is_at_work:
            self._refuse_at_once(status, message)
        elif not self.is_ending:
            self.is_ending, self._refusal = True, (status, message)
            self._hear_no_more()

    def _refuse_at_once(self, status: int, message: str) -> None:
        """Say why, as far as that would be no answer to something else, and end the connection."""
        if self._may_speak:
            self.last_word(last_answer(status, message))
        else:
            self._forget()
            self.transport.abort()

    def last_word(self, reply: Reply) -> None:
        """Answer the request that is being served, or coming in, and end the connection.

        Only our side of it is closed, and what still comes is read away: a system that closes over
        unread bytes sends a reset, upon which the caller's system forgets our words.
        """
        if self._has_ended:
            return
        self._forget()
        self._write(reply)
        self.transport.write_eof()
        self.flow.resume_reading()
        self._left, self.since = 0, self.loop.time()

    def _write(self, reply: Reply) -> None:
        lines = [b"%s: %s\r\n" % row for row in self.server_state.default_headers]  # the date
        for name, value in headers_of(reply):
            lines.append(f"{name}: {value}\r\n".encode("latin-1", "replace"))
        self.transport.write(b"".join((STATUS_LINE[reply.status], *lines, b"\r\n", reply.body)))

    def _hear_no_more(self) -> None:
        """Let go of what was coming in behind the requests that are whole."""
        self._unheard_load.end()
        if self._in_head:
            self._loads[-1].end()
            self._in_head = False
        self.parser = None  # type: ignore[assignment]

    def _end(self) -> None:
        """Everything that we were at work at has been answered."""
        if self._refusal is not None:
            self.last_word(last_answer(*self._refusal))
        else:
            self.transport.close()

    @property
    def _is_at_work(self) -> bool:
        """Whether an answer is being made to a request that is whole, as is the last one that came.

        An answer that has been made and waits, as a scenario says, is no work.
        """
        served = self._served
        if self._has_ended or served is None or served.response_complete or self.cycle.more_body:
            return False
        lent: dict[str, Any] = served.scope["extensions"]
        return bool(lent[LOAD].size)

    @property
    def _may_speak(self) -> bool:
        """Whether what is said now is heard as the answer to what the caller sends."""
        if self._has_ended:
            return False
        if self.cycle is None or self.cycle.response_complete:
            return True
        is_coming_in = self.cycle.more_body and not self._in_head
        return is_coming_in and not self.pipeline and not self.cycle.response_started

    @property
    def _has_ended(self) -> bool:
        return self._left is not None or self.transport.is_closing()

    def _forget(self) -> None:
        """Let go of all requests: of their bytes, and of whoever serves them; none is read any more."""
        for each in (*self._loads, self._unheard_load):
            each.end()
        for cycle in (self._served, self.cycle):
            if cycle is not None and not cycle.response_complete:
                cycle.disconnected = True
                cycle.waiting_for_100_continue = False  # or it would be told to go on
                cycle.body = bytearray()
                cycle.message_event.set()
        self.pipeline.clear()
        self.parser = None  # type: ignore[assignment]
        self.url, self.headers, self.scope = b"", [], {}  # type: ignore[typeddict-item]

    def _discard(self, size: int) -> None:
        self._left = (self._left or 0) + size
        if self._left > _DISCARDED:
            self.transport.abort()
