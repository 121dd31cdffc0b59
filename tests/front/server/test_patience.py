"""Clients that are slow, too many, or gone: they delay nobody, and their connections are closed."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from http.client import HTTPConnection
from threading import Event
from typing import Any

import pytest
from quiet import settings
from raw_socket import WAITS, connect, until_end

from mock_nicepay.core.clock import pause
from mock_nicepay.front.server.patience import (
    AHEAD,
    Patience,
    connection_bound,
    dismiss_the_slow,
    longest_waited_for,
)
from mock_nicepay.front.server.server import BackgroundServer
from mock_nicepay.sandbox import Sandbox

MOST = 16


@dataclass
class Caller:
    """A connection as `patience` sees it."""

    owed: str = ""
    since: float = 0.0
    size: int = 0
    unread: tuple[int, float] = (0, 0.0)
    dismissed: tuple[str, float] | None = None

    def owes(self) -> str:
        """The timeout that runs."""
        return self.owed

    def lies_ready(self) -> int:
        """Bytes not read by the client."""
        return self.size

    def dismiss(self, owed: str, seconds: float) -> None:
        """Record the dismissal."""
        self.dismissed = (owed, seconds)


@pytest.mark.parametrize(
    ("dismissed", "caller"),
    [
        (("idle", 75.0), Caller("idle", since=24.9)),
        (None, Caller("idle", since=25.1)),
        (("head", 30.0), Caller("head", since=69.9)),
        (None, Caller("head", since=70.1)),
        (("body", 60.0), Caller("body", since=39.9)),
        (None, Caller("body", since=40.1)),
        (None, Caller("", since=-1e9)),
        (("answer", 60.0), Caller("", size=10, unread=(10, 39.9))),
        (None, Caller("", size=9, unread=(10, 39.9))),
        (None, Caller("", size=0, unread=(0, 0.0))),
    ],
)
def test_slow_clients_are_dismissed(dismissed: tuple[str, float] | None, caller: Caller) -> None:
    """Each part of a request has its own timeout; our answer has none."""
    dismiss_the_slow([caller], Patience(), now=100.0)
    assert dismissed == caller.dismissed


@pytest.mark.parametrize(
    ("dismissed", "sizes"),
    [
        ([], [30, 30, 1]),
        ([40], [20, 40, 10]),
        ([60, 70], [1, 50, 60, 70]),
    ],
)
def test_unread_answers_have_a_limit(dismissed: list[int], sizes: list[int]) -> None:
    """Over 64 MiB of unread answers, the connections with the most are closed, and no others."""
    callers = [Caller(size=size * 2**20, unread=(size * 2**20, 99.0)) for size in sizes]
    reader = Caller(size=200 * 2**20, unread=(201 * 2**20, 99.0))
    dismiss_the_slow([*callers, reader], Patience(), now=100.0)
    assert dismissed == sorted(each.size // 2**20 for each in callers if each.dismissed)
    assert reader.dismissed is None


def test_the_longest_waits_make_room() -> None:
    """The sixteenth of the connections that we have waited for longest; none that waits for an answer."""
    waiting, younger, served = Caller("head", 5.0), Caller("idle", 6.0), Caller("", 1.0)
    assert [waiting] == longest_waited_for([younger, served, waiting], 16)
    assert [waiting, younger] == longest_waited_for([younger, served, waiting], 32)
    assert [] == longest_waited_for([served], 16)


@pytest.mark.parametrize(
    ("bound", "wanted", "files"),
    [(4096, 4096, None), (4096, 4096, 20_000), (624, 4096, 1024), (128, 4096, 256)],
)
def test_open_files_limit_connections(bound: int, wanted: int, files: int | None) -> None:
    """Webhooks and the store need some open files, too."""
    assert bound == connection_bound(wanted, files)


# On the wire


class House:
    """A server with a low connection limit, and ways to test it."""

    def __init__(self, server: BackgroundServer) -> None:
        self.port = int(server.url.rpartition(":")[2])
        self._server: Any = server._server

    def answers(self) -> bool:
        """Whether another client's call is answered."""
        client = HTTPConnection("127.0.0.1", self.port, timeout=WAITS)
        client.request("GET", "/_mock/health", headers={"Connection": "close"})
        return client.getresponse().status == 200

    def until(self, done: Callable[[], Any]) -> None:
        """Call the server until a condition is true."""
        for _ in range(5_000):
            if done():
                return
            assert self.answers()
        pytest.fail("not done after 5,000 calls")

    def owed(self) -> list[str]:
        """The timeouts that run, one for each connection."""
        return sorted(each.owes() for each in list(self._server.server_state.connections))

    def later(self, seconds: float) -> None:
        """Make the server check its timeouts as if so many seconds had passed."""
        looked = Event()

        def look() -> None:
            self._server.dismiss_the_slow(seconds)
            looked.set()

        connection = next(iter(self._server.server_state.connections))
        connection.loop.call_soon_threadsafe(look)
        assert looked.wait(WAITS)


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    """The server of these tests."""
    with BackgroundServer(Sandbox(settings(connection_limit=MOST))) as server:
        yield House(server)


HALF_HEAD = b"POST /v1/access-token HTTP/1.1\r\nHost: m\r\n"
HALF_BODY = HALF_HEAD + b"Content-Length: 10\r\n\r\n{"
WHOLE = b"GET /_mock/health HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.mark.parametrize(
    ("said", "owed", "seconds", "told"),
    [
        (b"", "idle", 76, b""),
        (b"\r\n\r\n", "idle", 76, b""),
        (HALF_HEAD, "head", 31, b"header was not complete after 30 s"),
        (HALF_BODY, "body", 61, b"body was not complete after 60 s"),
    ],
    ids=["nothing", "blank lines", "half a head", "half a body"],
)
def test_a_slow_client_is_cut_off(
    house: House, said: bytes, owed: str, seconds: float, told: bytes
) -> None:
    """With a 408 when a request has begun, and not before the timeout."""
    with connect(house.port, said) as connection:
        house.until(lambda: owed in house.owed())
        house.later(seconds - 5)
        assert owed in house.owed()
        house.later(seconds)
        data = until_end(connection)
    assert told in data
    assert data[:12] == (b"HTTP/1.1 408" if told else b"")


def test_an_idle_connection_is_closed(house: House) -> None:
    """The idle timeout starts with the answer."""
    with connect(house.port, WHOLE) as connection:
        assert b"HTTP/1.1 200" == connection.recv(65536)[:12]
        house.later(74)
        assert "idle" in house.owed()
        house.later(76)
        assert b"" == until_end(connection)


@pytest.mark.parametrize(
    "beginning",
    [
        b"GET /_mock/health HTTP/1.1\r\nX: ",
        b"GET /_mock/health HTTP/1.1\r\nX",
        b"POST /v1/access-token HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: ",
        b"POST /v1/access-token HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2;",
    ],
    ids=["a header's value", "its name", "a trailer", "what follows a chunk's size"],
)
def test_a_line_without_an_end_is_refused(house: House, beginning: bytes) -> None:
    """It is refused while it is still growing; one within the limit is read on."""
    with connect(house.port, beginning) as connection:
        assert house.answers()  # so that the server reads the beginning separately
        connection.sendall(b"a" * 200_000)
        assert house.answers()
        connection.settimeout(0.05)
        with pytest.raises(TimeoutError):
            connection.recv(1)
        connection.settimeout(WAITS)
        connection.sendall(b"a" * 100_000)
        data = until_end(connection)
    assert b"HTTP/1.1 431" == data[:12]


def test_a_hanging_call_has_no_timeout(house: House) -> None:
    """A client that waits for our answer may wait for hours."""
    hanging = (
        b"GET /v1/payments/any HTTP/1.1\r\nHost: m\r\nX-Mock-Nicepay-Scenario: hanging\r\n\r\n"
    )
    with connect(house.port, hanging) as connection:
        house.until(lambda: "" in house.owed())
        house.later(100_000)
        connection.settimeout(0.05)
        with pytest.raises(TimeoutError):
            connection.recv(1)


def test_head_tells_that_the_server_is_up(house: House) -> None:
    """Tools that wait for a server to start send HEAD; the answer is 200 without a body."""
    asked = WHOLE.replace(b"GET", b"HEAD").replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    with connect(house.port, asked) as connection:
        head, _, body = until_end(connection).partition(b"\r\n\r\n")
    assert (b"HTTP/1.1 200 OK", b"") == (head.splitlines()[0], body)


def test_pipelining_has_a_limit(house: House) -> None:
    """All are answered in order; one more than the limit closes the connection without an answer."""
    last = WHOLE.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    with connect(house.port, WHOLE * AHEAD + last) as connection:
        assert AHEAD + 1 == until_end(connection).count(b"HTTP/1.1 200 OK")
    with connect(house.port, WHOLE * (AHEAD + 2)) as connection:
        assert b"" == until_end(connection)


def test_a_client_that_reads_no_answer_is_cut_off(house: House) -> None:
    """Large answers that nobody reads are limited in memory and in time."""
    many = b"GET /_mock/openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n" * AHEAD
    with connect(house.port) as connection:
        connection.setblocking(False)
        try:
            connection.send(many)
        except BlockingIOError:
            pytest.fail("the system took nothing at all")
        connections = house._server.server_state.connections
        house.until(lambda: any(each.lies_ready() for each in list(connections)))
        house.later(0)
        stuck = next(each for each in list(connections) if each.lies_ready())
        house.later(0)
        house.later(61)
        house.until(lambda: stuck not in connections)


def test_a_thousand_slow_clients_keep_nobody_out(house: House) -> None:
    """The connections that we have waited for longest are closed to make room."""
    with ExitStack() as stack:
        slow = [stack.enter_context(connect(house.port, HALF_HEAD)) for _ in range(1000)]
        assert all(house.answers() for _ in range(20))
        assert len(house._server.server_state.connections) <= MOST + 1
        assert b"" == until_end(slow[0])


def test_with_too_many_hanging_calls_a_new_one_is_refused(house: House) -> None:
    """When all connections wait for our answers, a new one is refused at once with a message."""
    hanging = (
        b"GET /v1/payments/any HTTP/1.1\r\nHost: m\r\nX-Mock-Nicepay-Scenario: hanging\r\n\r\n"
    )
    with ExitStack() as stack:
        for number in range(MOST):
            # Wait until it is being served, or it would be closed to make room for the next.
            stack.enter_context(connect(house.port, hanging))
            while house.owed().count("") <= number:
                pause(0.001)
        answer = until_end(stack.enter_context(connect(house.port, WHOLE)))
    assert answer.startswith(b"HTTP/1.1 503 Service Unavailable")
    assert f"{MOST} connections are being served (--connection-limit)".encode() in answer
    house.until(house.answers)
