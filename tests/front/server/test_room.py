"""The memory limit on unfinished requests: those with the most bytes for the longest time are closed."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from http.client import HTTPConnection
from threading import Event
from typing import Any

import pytest
from quiet import settings
from raw_socket import WAITS, connect, until_end

from mock_nicepay.contract.endpoint import Deferred, Reply
from mock_nicepay.front.server.edge import Edge
from mock_nicepay.front.server.room import LINE, Load, Room, greediest
from mock_nicepay.front.server.server import BackgroundServer
from mock_nicepay.sandbox import Sandbox

MIB = 2**20


@dataclass
class Guest:
    """A connection as a room sees it."""

    size: int
    since: float
    is_at_work: bool = False

    def holds(self) -> int:
        """The bytes it uses."""
        return self.size


@pytest.mark.parametrize(
    ("gone", "guests"),
    [
        ([], []),
        ([], [(0, 0.0)]),
        ([0], [(20 * MIB, 50.0), (30 * MIB, 99.9)]),
        ([1], [(20 * MIB, 99.9), (30 * MIB, 50.0)]),
        ([0, 1], [(5 * MIB, 1.0), (5 * MIB, 2.0), (60 * MIB, 99.999)]),
        ([1], [(1 * MIB, 100.0), (62 * MIB, 100.0), (2 * MIB, 100.0)]),
        ([0, 1], [(1 * MIB, 1.0), (63 * MIB, 99.0), (0, 0.0)]),
        ([1], [(60 * MIB, 1.0, True), (20 * MIB, 100.0)]),
        ([0, 1], [(60 * MIB, 1.0, True), (5 * MIB, 100.0), (0, 0.0)]),
    ],
)
def test_the_greediest_make_room(gone: list[int], guests: list[Any]) -> None:
    """The most bytes times seconds first, until an eighth is free; those about to be answered last."""
    room = Room(1024)
    room.held = 65 * MIB
    met = [Guest(*guest) for guest in guests]
    found = greediest(met, room, now=100.0)
    assert gone == sorted(met.index(each) for each in found)


@pytest.mark.parametrize(
    ("most", "limit"), [(64 * MIB, 1024), (64 * MIB, MIB), (160 * MIB, 10 * MIB)]
)
def test_sixteen_large_bodies_have_room(most: int, limit: int) -> None:
    """Whatever the limit on a body is."""
    assert most == Room(limit).most


def test_a_load_is_counted_once() -> None:
    """`drop` and `end` free what the load has, and no more."""
    room = Room(1024)
    first, second = Load(room), Load(room)
    first.add(100)
    second.add(10)
    first.drop(30)
    assert (80, 70) == (room.held, first.size)
    first.drop(1000)
    first.end()
    assert 10 == room.held
    second.end()
    assert 0 == room.held


# On the wire


class House:
    """A server with a small room."""

    def __init__(self, server: BackgroundServer, room: int) -> None:
        self.port = int(server.url.rpartition(":")[2])
        self._server: Any = server._server
        self.room: Room = self._server.config.http_protocol_class.room
        self.room.most = room

    def answers(self, body: bytes = b"") -> int:
        """The status of another client's call."""
        client = HTTPConnection("127.0.0.1", self.port, timeout=WAITS)
        client.request("POST", "/_mock/reset", body, {"Connection": "close"})
        return client.getresponse().status

    def until(self, done: Callable[[], Any]) -> None:
        """Check a condition on the server's event loop until it is true."""
        for _ in range(5_000):
            if self.on_loop(done):
                return
        pytest.fail("not so after 5,000 looks")

    def on_loop(self, ask: Callable[[], Any]) -> Any:
        """Call `ask` on the server's event loop and return its result."""
        answers: list[Any] = []
        told = Event()

        def look() -> None:
            answers.append(ask())
            told.set()

        self._server.loop_of_tests.call_soon_threadsafe(look)
        assert told.wait(WAITS)
        return answers[0]


@pytest.fixture(scope="module")
def server() -> Iterator[BackgroundServer]:
    """One server for the tests of this file."""
    with BackgroundServer(Sandbox(settings())) as server:
        inner: Any = server._server
        with socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2])), WAITS):
            while not inner.server_state.connections:
                pass
            inner.loop_of_tests = next(iter(inner.server_state.connections)).loop
        yield server


@pytest.fixture
def house(server: BackgroundServer) -> House:
    """The server with a room of 256 KiB, and without a connection."""
    house = House(server, 262_144)
    house.until(lambda: not house._server.server_state.connections)
    return house


HEAD = b"POST /v1/access-token HTTP/1.1\r\nHost: localhost\r\n"
LONG_LINE = b"X: " + b"x" * 60_000
LONG_HEAD = b"".join(b"X-%d: %s\r\n" % (number, b"x" * 10_000) for number in range(6))
LINES = b"a: b\r\n" * 400
BODY = b"Content-Length: 70000\r\n\r\n" + b"x" * 60_000
HANGING = b"X-Mock-Nicepay-Scenario: hanging\r\n"
FILLS = [LONG_LINE, LONG_HEAD, LINES, BODY, HANGING + b"\r\n" + HEAD + LONG_HEAD]


@pytest.mark.parametrize("said", FILLS, ids=["a line", "a head", "lines", "a body", "sent ahead"])
def test_unfinished_requests_have_a_limit(house: House, said: bytes) -> None:
    """The oldest requests are closed to make room; other calls are served, and all memory is freed."""
    with ExitStack() as stack:
        slow = [stack.enter_context(connect(house.port, HEAD + said)) for _ in range(20)]
        assert [200, 200] == [house.answers(), house.answers()]  # all of `slow` are parsed
        assert 200 == house.answers(b"x" * 40_000)
        assert house.on_loop(lambda: house.room.held) <= house.room.most
        first = until_end(slow[0])
    assert b"" == first if said.startswith(HANGING) else b"HTTP/1.1 503" == first[:12]
    assert said.startswith(HANGING) or b"unfinished requests use too much memory" in first
    house.until(lambda: house.room.held == 0)


def test_a_call_that_hangs_holds_no_request(house: House) -> None:
    """Its answer may take hours, so header, address and body are released before it is sent."""
    said = b"GET /v1/payments/" + b"x" * 30_000 + b" HTTP/1.1\r\n" + HANGING
    said += LONG_HEAD[:10_000] + b"\r\nContent-Length: 30000\r\n\r\n" + b"x" * 30_000
    with ExitStack() as stack:
        for _ in range(20):
            stack.enter_context(connect(house.port, said))
        connections = house._server.server_state.connections
        house.until(lambda: len(connections) == 20 and house.room.held == 0)
        scopes = house.on_loop(lambda: [each.cycle.scope for each in connections])
    assert [(b"", [])] * 20 == [(each["raw_path"], each["headers"]) for each in scopes]


def test_a_header_line_counts_with_its_overhead(house: House) -> None:
    """Each of 400 short lines counts with its memory overhead."""
    with connect(house.port, HEAD + LINES):
        house.until(lambda: house.room.held > 400 * LINE)


def test_a_disconnect_ends_the_calls(house: House) -> None:
    """The task of a call ends with its connection, also when another request is pipelined behind it."""
    with connect(house.port, HEAD + HANGING + b"\r\n" + HEAD + HANGING + b"\r\n"):
        house.until(lambda: any(each.pipeline for each in house._server.server_state.connections))
        house.until(lambda: len(house._server.server_state.tasks) == 1)
    house.until(lambda: not house._server.server_state.tasks)


# The last answer


@pytest.mark.parametrize(
    ("status", "beginning"),
    [
        (413, b"POST /v1/access-token HTTP/1.1\r\nContent-Length: 40000000\r\n\r\n"),
        (413, b"POST /v1/access-token HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2625a00\r\n"),
        (431, b"POST /v1/access-token HTTP/1.1\r\nX: "),
        (414, b"GET /"),
        (400, b"BREW / HTTP/1.1\r\n"),
    ],
)
def test_a_client_that_is_still_sending_gets_the_refusal(
    house: House, status: int, beginning: bytes
) -> None:
    """Many clients send all of their 40 MB before they read the answer; they still receive it."""
    house.room.most = 64 * MIB
    with connect(house.port, beginning) as connection:
        connection.sendall(b"x" * 40_000_000)
        connection.shutdown(socket.SHUT_WR)
        data = until_end(connection)
    assert f"HTTP/1.1 {status} ".encode() == data[:13]
    assert b"connection: close\r\n" in data
    assert data.endswith(b'"}')


def test_sending_after_a_refusal_has_a_limit(house: House) -> None:
    """The connection is closed after 64 MiB more."""
    with (
        connect(house.port, b"BREW / HTTP/1.1\r\n") as connection,
        pytest.raises(OSError, match=r"\w"),
    ):
        connection.sendall(b"x" * 200_000_000)


def test_staying_after_a_refusal_has_a_timeout(house: House) -> None:
    """A client that does not close the connection after our last answer is cut off after ten seconds."""
    with connect(house.port, b"BREW / HTTP/1.1\r\n\r\n") as connection:
        assert b"HTTP/1.1 400" == connection.recv(12)
        connections = house._server.server_state.connections
        assert ["leave"] == house.on_loop(lambda: [each.owes() for each in connections])
        house.on_loop(lambda: house._server.dismiss_the_slow(9))
        assert 1 == len(connections)
        house.on_loop(lambda: house._server.dismiss_the_slow(11))
        house.until(lambda: not connections)


def test_a_body_that_would_be_too_large_is_not_asked_for(house: House) -> None:
    """With Expect: 100-continue the answer is 413, not 100 Continue."""
    asks = b"Expect: 100-continue\r\nContent-Length: 2000000\r\n\r\n"
    with connect(house.port, HEAD + asks) as connection:
        assert b"HTTP/1.1 413" == until_end(connection)[:12]


def test_a_refusal_sends_no_100_continue(house: House, capfd: pytest.CaptureFixture[str]) -> None:
    """A malformed chunk right after Expect: 100-continue gets 400 only, and nothing is logged."""
    asks = b"Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"
    with connect(house.port, HEAD + asks) as connection:
        assert b"HTTP/1.1 400" == until_end(connection)[:12]
    assert 200 == house.answers()
    assert ("", "") == tuple(capfd.readouterr())


def test_a_refusal_is_no_answer_to_something_else(house: House) -> None:
    """Malformed data behind a call that hangs closes the connection without an answer."""
    with connect(house.port, HEAD + HANGING + b"\r\n" + b"BREW / HTTP/1.1\r\n\r\n") as connection:
        assert b"" == until_end(connection)


# Other protocols


@pytest.mark.parametrize("size", [1, 1000, 20_000, 10**6], ids=["bytes", "1 kB", "20 kB", "whole"])
@pytest.mark.parametrize("framing", ["length", "chunks", "none"])
def test_an_upgrade_is_ignored(house: House, framing: str, size: int) -> None:
    """HTTP/1.1 continues with body and next request, however the bytes are split."""
    body = b"" if framing == "none" else b'{"minutes": 1}' + b" " * (15_000 if size > 1 else 10)
    wish = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAA\r\n"
    head = b"POST /_mock/clock/advance HTTP/1.1\r\nHost: localhost\r\n" + wish
    if framing == "chunks":
        head += b"Transfer-Encoding: chunked\r\n"
        body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    elif framing == "length":
        head += b"Content-Length: %d\r\n" % len(body)
    said = (head + b"\r\n" + body) * 2 + b"GET /_mock/health HTTP/1.0\r\nHost: localhost\r\n\r\n"
    with connect(house.port) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for start in range(0, len(said), size):
            connection.sendall(said[start : start + size])
        data = until_end(connection)
    made = b"400" if framing == "none" else b"200"
    assert [made, made, b"200"] == [each[:3] for each in data.split(b"HTTP/1.1 ")[1:]]


# Answers that need the CPU


def test_few_answers_are_computed_at_a_time() -> None:
    """Four at a time; answers that wait for another server are not limited so."""

    async def talk(computes: bool) -> int:
        edge, started, go_on = Edge(Sandbox(settings())), [], Event()

        def work() -> Reply:
            started.append(1)
            go_on.wait(WAITS)
            return Reply(200, (), b"")

        made = [asyncio.ensure_future(edge._settled(Deferred(work, computes))) for _ in range(20)]
        while len(started) < (4 if computes else 20):
            await asyncio.sleep(0)
        reached = len(started)
        go_on.set()
        await asyncio.gather(*made)
        return reached

    assert (4, 20) == (asyncio.run(talk(True)), asyncio.run(talk(False)))
