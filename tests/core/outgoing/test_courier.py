"""The outgoing calls: what a receiver gets, what may go wrong, and that calls do not delay others."""

import gc
import socket
import threading
import warnings
from collections.abc import Callable, Iterator
from threading import Event, Thread
from typing import NoReturn

import pytest
from anyio import create_task_group, sleep, sleep_forever

from mock_nicepay.core.outgoing import posting
from mock_nicepay.core.outgoing.courier import Courier
from mock_nicepay.core.outgoing.parcel import KEPT, STOPPED, Sent

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK"
Script = Callable[[socket.socket], None]


class Receiver:
    """Listens on this machine; each connection is played by a script, in a thread of its own."""

    def __init__(self, script: Script) -> None:
        self.requests: list[bytes] = []
        self.over = Event()
        self._script = script
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self._connections: list[socket.socket] = []
        self.netloc = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self.url = f"http://{self.netloc}/hook"
        Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._connections.append(connection)
            Thread(target=self._play, args=(connection,), daemon=True).start()

    def _play(self, connection: socket.socket) -> None:
        try:
            self.requests.append(_read(connection))
            self._script(connection)
        except OSError:
            pass  # the gateway has hung up

    def close(self) -> None:
        """End everything."""
        self.over.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        for each in (self._listener, *self._connections):
            each.close()


def _read(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65_536)
        data += part
        if not part or data[0] == 0x16:  # the beginning of TLS
            return data
    head, _, body = data.partition(b"\r\n\r\n")
    length = int(next(line for line in head.lower().split(b"\r\n") if b"length" in line)[15:])
    while len(body) < length:
        body += connection.recv(65_536)
    return head + b"\r\n\r\n" + body


def says(answer: bytes) -> Script:
    """Answers with these bytes and hangs up."""

    def script(connection: socket.socket) -> None:
        connection.sendall(answer)
        connection.close()

    return script


@pytest.fixture
def courier() -> Iterator[Courier]:
    """A courier that ends with the test."""
    courier = Courier()
    yield courier
    courier.close()


@pytest.fixture
def receiver() -> Iterator[Callable[[Script], Receiver]]:
    """Makes receivers that end with the test."""
    made: list[Receiver] = []

    def make(script: Script) -> Receiver:
        made.append(Receiver(script))
        return made[-1]

    yield make
    for each in made:
        each.close()


Make = Callable[[Script], Receiver]


def test_a_receiver_gets_the_bytes(courier: Courier, receiver: Make) -> None:
    """A POST with the body, its length and the headers, on a connection that then ends."""
    at = receiver(says(OK))
    sent = courier.send(f"{at.url}?가=1%202", "한글".encode(), {"X-A": "b"}).result()
    assert Sent(200, b"OK", ms=sent.ms) == sent
    head, _, body = at.requests[0].partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert "POST /hook?%EA%B0%80=1%202 HTTP/1.1" == lines[0]
    assert {f"Host: {at.netloc}", "X-A: b", "Content-Length: 6", "Connection: close"} <= set(lines)
    assert "한글" == body.decode()


@pytest.mark.parametrize(
    ("status", "body", "location", "answer"),
    [
        (204, b"", "", b"HTTP/1.1 204 No Content\r\n\r\n"),
        (200, b"until the end", "", b"HTTP/1.1 200 OK\r\n\r\nuntil the end"),
        (302, b"", "/other", b"HTTP/1.1 302 F\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n"),
        (302, b"", "/other", b"HTTP/1.1 302 F\r\nlocation: /other\r\ncontent-length: 0\r\n\r\n"),
        (
            200,
            b"OK",
            "",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nOK\r\n0\r\n\r\n",
        ),
        (200, b"x" * KEPT, "", b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * (KEPT + 100)),
    ],
)
def test_an_answer_is_told(
    status: int, body: bytes, location: str, answer: bytes, courier: Courier, receiver: Make
) -> None:
    """Whatever it is; a redirect is not followed, and a long body is not read to its end."""
    at = receiver(says(answer))
    sent = courier.send(at.url, b"", {}).result()
    assert (status, body, location, "") == (sent.status, sent.body, sent.location, sent.problem)
    assert 1 == len(at.requests)


@pytest.mark.parametrize(
    ("problem", "answer"),
    [
        ("the answer is not complete HTTP: ", b"hello\r\n\r\n"),
        ("the answer is not complete HTTP: ", b""),
        ("the answer is not complete HTTP: ", OK[:-1]),
        ("the answer is not complete HTTP: ", b"HTTP/1.1 200 OK\r\nA: " + b"x" * 200_000),
    ],
)
def test_what_is_no_answer_is_told(
    problem: str, answer: bytes, courier: Courier, receiver: Make
) -> None:
    """With the reason."""
    sent = courier.send(receiver(says(answer)).url, b"", {}).result()
    assert (None, True) == (sent.status, sent.problem.startswith(problem)), sent


@pytest.mark.parametrize(
    ("problem", "url"),
    [
        ("cannot connect to 127.0.0.1:9: connection refused", "http://127.0.0.1:9/"),
        ("cannot connect to nobody.invalid: ", "http://nobody.invalid/"),
        ("'ftp://x/' is not an address such as https://shop.example/webhook", "ftp://x/"),
        ("'' is not an address", ""),
        ("'http://' is not an address", "http://"),
        ("'http://a b/' is not an address", "http://a b/"),
        ("'http://a\\r\\nX: y/' is not an address", "http://a\r\nX: y/"),
        ("'http://a:99999/' is not an address: Port out of range", "http://a:99999/"),
        ("the address must not contain a user and password", "http://a:b@c/"),
    ],
)
def test_nobody_is_there(problem: str, url: str, courier: Courier) -> None:
    """Never an exception, always the reason."""
    sent = courier.send(url, b"", {}).result()
    assert (None, True) == (sent.status, sent.problem.startswith(problem)), sent


def test_a_name_that_nobody_looks_up_keeps_no_process(
    courier: Courier, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The look-up times out, and the end of the process does not wait for its thread."""
    over = Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: over.wait(10) and [])
    sent = courier.send("http://shop.example/", b"", {}, connect=0.1).result()
    assert "shop.example accepted no connection in 0.1 s" == sent.problem
    asking = [each for each in threading.enumerate() if each.name == "mock-nicepay-name"]
    assert [True] == [each.daemon for each in asking]
    over.set()
    asking[0].join(timeout=5)


def test_tls_is_spoken(courier: Courier, receiver: Make) -> None:
    """A receiver without TLS gives its own message."""
    at = receiver(says(b"HTTP/1.1 400 Bad Request\r\n\r\n"))
    sent = courier.send(f"https://{at.netloc}/", b"", {}).result()
    assert sent.problem.startswith(f"cannot connect to {at.netloc}: the TLS handshake failed")


def drip(connection: socket.socket) -> None:
    """A byte now and then, for ever."""
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while not Event().wait(0.02):
        connection.sendall(b".")


def hang(connection: socket.socket) -> None:
    """Not a byte until the other side gives up."""
    connection.recv(1)


@pytest.mark.parametrize("script", [drip, hang])
def test_an_answer_has_its_time(script: Script, courier: Courier, receiver: Make) -> None:
    """All of it, however it drips."""
    at = receiver(script)
    sent = courier.send(at.url, b"", {}, answer=0.2).result()
    assert (None, f"{at.netloc} had not answered after 0.2 s") == (sent.status, sent.problem)
    assert 200 <= sent.ms < 5000


def test_hanging_receivers_hold_nobody_up(courier: Courier, receiver: Make) -> None:
    """Twenty of them need no further thread, and other calls are answered meanwhile."""
    hanging, quick = receiver(hang), receiver(says(OK))
    first = courier.send(quick.url, b"", {})
    assert 200 == first.result().status
    before = set(threading.enumerate())
    slow = [courier.send(hanging.url, b"", {}) for _ in range(20)]
    assert [200] * 10 == [courier.send(quick.url, b"", {}).result().status for _ in range(10)]
    assert not any(future.done() for future in slow)
    assert set() == {each for each in threading.enumerate() if "nicepay" in each.name} - before


def test_a_courier_ends_and_begins_anew(courier: Courier, receiver: Make) -> None:
    """Calls under way end with that result, the thread ends, and the next call starts another."""
    before = set(threading.enumerate())
    under_way = courier.send(receiver(hang).url, b"", {})
    courier.close()
    assert STOPPED is under_way.result(timeout=5)
    assert set() == {each for each in threading.enumerate() if "courier" in each.name} - before
    courier.close()
    assert 200 == courier.send(receiver(says(OK)).url, b"", {}).result().status


def test_a_call_that_has_just_begun_ends_quietly(
    courier: Courier, receiver: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """None of its tasks is left, even one that has not run its first step yet."""

    threads: list[Thread] = []

    async def connect(*_: object, **__: object) -> NoReturn:
        threads.append(threading.current_thread())
        courier.close()
        await sleep(0)  # from here on the loop turns no more
        async with create_task_group() as group:
            group.start_soon(sleep_forever)
            await sleep_forever()

    monkeypatch.setattr(posting._NETWORK, "connect_tcp", connect)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        assert STOPPED is courier.send(receiver(hang).url, b"", {}).result(timeout=5)
        threads[0].join(10)
        gc.collect()
    assert [] == [str(each.message) for each in told]


def test_what_follows_may_send_again(courier: Courier, receiver: Make) -> None:
    """A future's callback runs in the courier's thread, and may use it."""
    at, ended = receiver(says(OK)), Event()

    def once_more(_: object) -> None:
        courier.send(at.url, b"2", {}).add_done_callback(lambda _: ended.set())

    courier.send(at.url, b"1", {}).add_done_callback(once_more)
    assert ended.wait(timeout=10)
    assert [b"1", b"2"] == [request[-1:] for request in at.requests]


def test_no_proxy_is_asked(
    courier: Courier, receiver: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even if the environment names one."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert 200 == courier.send(receiver(says(OK)).url, b"", {}).result().status


def test_calls_on_their_way_have_a_bound(
    courier: Courier, receiver: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each takes an open file of the process; further calls wait, and are sent later."""
    monkeypatch.setattr("mock_nicepay.core.outgoing.courier._AT_ONCE", 2)
    at_once, most, lock, both = 0, 0, threading.Lock(), threading.Barrier(2, timeout=10)

    def script(connection: socket.socket) -> None:
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
        both.wait()  # two are here at a time, so that three could be
        with lock:
            at_once -= 1
        says(OK)(connection)

    at = receiver(script)
    sent = [courier.send(at.url, b"", {}) for _ in range(6)]
    assert [200] * 6 == [each.result().status for each in sent]
    assert 2 == most
