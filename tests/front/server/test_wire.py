"""The server's behaviour on the wire: raw sockets, byte by byte."""

import asyncio
import base64
import errno
import json
import re
import select
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from http.client import HTTPConnection
from threading import Event
from typing import Any, NamedTuple

import pytest

from mock_nicepay.contract.endpoint import Reply
from mock_nicepay.core.records import Merchant
from mock_nicepay.front.control.tokens import token_rows
from mock_nicepay.front.server.edge import _beside_the_loop
from mock_nicepay.front.server.server import BackgroundServer
from mock_nicepay.sandbox import Sandbox
from mock_nicepay.settings import Settings

PATIENCE = 20.0  # seconds until a test that waits for a byte fails
HEADER_LIMIT = 262_144
HEADER_LINES = 500
ADDRESS_LIMIT = 65_535
TURNS = 5_000  # calls until a test that waits for a condition fails


class Gateway(NamedTuple):
    """A sandbox and the URL of its server."""

    sandbox: Sandbox
    server: BackgroundServer

    @property
    def port(self) -> int:
        """The port on 127.0.0.1."""
        return int(self.server.url.rpartition(":")[2])

    def merchant(self, rule: str = "") -> Merchant:
        """A fresh merchant whose access-token calls are answered by the given rule."""
        merchant = self.sandbox.add_merchant()
        if rule:
            text = f"version: 1\nname: x\nrules:\n  - {{call: token.issue, {rule}}}\n"
            self.sandbox.choose_scenario(text, merchant.client_id)
        return merchant

    def serves(self, port: int) -> bool:
        """Whether the server is serving a request of the client with that port."""
        connections: list[Any] = list(self.server._server.server_state.connections)
        return any(each.client[1] == port and each.cycle is not None for each in connections)

    def connect(self) -> socket.socket:
        """A connection to the server."""
        return socket.create_connection(("127.0.0.1", self.port), PATIENCE)


@pytest.fixture(scope="module")
def gateway() -> Iterator[Gateway]:
    """One server for the tests of this file; each test makes its own merchant."""
    with BackgroundServer(sandbox := quiet_sandbox()) as server:
        yield Gateway(sandbox, server)


def quiet_sandbox() -> Sandbox:
    """A sandbox that checks its own answers and ignores the environment."""
    return Sandbox(Settings.read({"self_check": True, "log": "quiet"}, environment={}))


def login(merchant: Merchant) -> str:
    """A merchant's Authorization header."""
    pair = f"{merchant.client_id}:{merchant.secret_key}"
    return f"Basic {base64.b64encode(pair.encode()).decode()}"


def ask(
    merchant: Merchant | None = None,
    target: str = "POST /v1/access-token",
    *headers: str,
    body: bytes = b"",
) -> bytes:
    """A request's bytes."""
    lines = [f"{target} HTTP/1.1", "Host: localhost", *headers]
    if merchant:
        lines.append(f"Authorization: {login(merchant)}")
    if not any(line.lower().startswith(("content-length", "transfer-enc")) for line in lines):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


class Heard(NamedTuple):
    """A parsed answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


def heard(data: bytes) -> Heard:
    """Parse an answer."""
    head, _, body = data.partition(b"\r\n\r\n")
    status, *lines = head.decode("latin-1").split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines)
    return Heard(int(status.split()[1]), headers, body)


def until_end(connection: socket.socket) -> tuple[bytes, str]:
    """Everything received, and how it ended: `end` (FIN) or the name of an error."""
    data = b""
    try:
        while piece := connection.recv(65536):
            data += piece
    except OSError as error:
        return data, errno.errorcode[error.errno or 0]
    return data, "end"


def one_answer(connection: socket.socket) -> Heard:
    """Read one whole answer from a connection that stays open."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65536)
    length = int(heard(data).headers.get("content-length", 0))
    while len(heard(data).body) < length:
        data += connection.recv(65536)
    return heard(data)


def say(gateway: Gateway, request: bytes) -> tuple[Heard, str]:
    """Send bytes, then read until the connection ends."""
    with gateway.connect() as connection:
        connection.sendall(request)
        data, end = until_end(connection)
    return heard(data), end


CLOSE = "Connection: close"


# Faults


def test_a_reset_is_a_tcp_reset_before_the_first_byte(gateway: Gateway) -> None:
    """The client gets ECONNRESET and no byte; the call has taken effect."""
    merchant = gateway.merchant("reply: reset")
    with gateway.connect() as connection:
        connection.sendall(ask(merchant))
        assert (b"", "ECONNRESET") == until_end(connection)
    assert 1 == len(token_rows(gateway.sandbox, merchant.client_id))


def test_a_truncated_answer_ends_in_its_middle(gateway: Gateway) -> None:
    """Content-Length is that of the whole body; half arrives, then the connection is closed normally."""
    answer, end = say(gateway, ask(gateway.merchant("reply: truncate")))
    assert ("end", 200) == (end, answer.status)
    assert int(answer.headers["content-length"]) // 2 == len(answer.body)
    with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
        json.loads(answer.body)


def test_a_drip_comes_byte_by_byte(gateway: Gateway) -> None:
    """Header and first byte arrive while the second is still to come."""
    with gateway.connect() as connection:
        connection.sendall(ask(gateway.merchant("reply: {drip: 10s}")))
        data = b""
        while not data.endswith(b"\r\n\r\n{"):
            data += connection.recv(65536)
        assert ([], [], []) == select.select([connection], [], [], 0)
    assert 200 == heard(data).status


def test_a_drip_comes_to_its_end(gateway: Gateway) -> None:
    """Without a pause all bytes arrive, and the connection stays open."""
    merchant = gateway.merchant("times: 1, reply: {drip: 0s}")
    with gateway.connect() as connection:
        connection.sendall(ask(merchant))
        assert "0000" == one_answer(connection).json["resultCode"]
        connection.sendall(ask(merchant))
        assert "0000" == one_answer(connection).json["resultCode"]


def test_a_hang_sends_no_byte(gateway: Gateway) -> None:
    """Not even the status line, although the call is in the journal."""
    merchant = gateway.merchant("reply: hang")
    with gateway.connect() as connection:
        connection.sendall(ask(merchant))
        turns(gateway, lambda: gateway.sandbox.journal(merchant.client_id))
        assert ([], [], []) == select.select([connection], [], [], 0)


def turns(gateway: Gateway, done: Callable[[], Any]) -> None:
    """Call the server until a condition is true."""
    with closing(HTTPConnection("127.0.0.1", gateway.port, timeout=PATIENCE)) as client:
        for _ in range(TURNS):
            if done():
                return
            client.request("GET", "/_mock/health")
            client.getresponse().read()
    pytest.fail(f"not done after {TURNS} turns of the server")


def test_hanging_calls_delay_nobody(gateway: Gateway) -> None:
    """While 200 calls hang, 50 calls of another client are answered; then all 200 are released."""
    state = gateway.server._server.server_state
    idle = len(state.connections)
    stuck, free = gateway.merchant("reply: hang"), gateway.merchant()
    with ExitStack() as stack:
        hanging = [stack.enter_context(gateway.connect()) for _ in range(200)]
        for connection in hanging:
            connection.sendall(ask(stuck))
        turns(gateway, lambda: len(gateway.sandbox.journal(stuck.client_id)) == 200)
        client = stack.enter_context(closing(HTTPConnection("127.0.0.1", gateway.port)))
        statuses = []
        for _ in range(50):
            client.request("POST", "/v1/access-token", headers={"Authorization": login(free)})
            answer = client.getresponse()
            answer.read()
            statuses.append(answer.status)
        assert [200] * 50 == statuses
        assert ([], [], []) == select.select(hanging, [], [], 0)
        assert len(state.tasks) >= 200
    turns(gateway, lambda: len(state.connections) <= idle + 1 and len(state.tasks) <= 1)


@pytest.mark.parametrize(
    "rule", ["reply: hang", "delay: 1h", "reply: {drip: 10s}", "reply: reset, delay: 1h"]
)
def test_the_server_forgets_a_call_whose_client_has_gone(gateway: Gateway, rule: str) -> None:
    """No task and no connection is left over."""
    merchant = gateway.merchant(rule)
    with gateway.connect() as connection:
        connection.sendall(ask(merchant))
        turns(gateway, lambda: gateway.sandbox.journal(merchant.client_id))
        port = connection.getsockname()[1]
        assert gateway.serves(port)
    turns(gateway, lambda: not gateway.serves(port))
    turns(gateway, lambda: len(gateway.server._server.server_state.tasks) <= 1)


def test_a_server_that_stops_ends_waiting_calls(capfd: pytest.CaptureFixture[str]) -> None:
    """They end without an answer, and the server stops without waiting or logging."""
    with BackgroundServer(sandbox := quiet_sandbox()) as server:
        gateway = Gateway(sandbox, server)
        merchant = gateway.merchant("reply: hang")
        connection = gateway.connect()
        connection.sendall(ask(merchant))
        turns(gateway, lambda: gateway.sandbox.journal(merchant.client_id))
    with connection:
        assert b"" == until_end(connection)[0]
    assert ("", "") == tuple(capfd.readouterr())


# Bodies


def test_work_may_end_after_its_call(capfd: pytest.CaptureFixture[str]) -> None:
    """A server that stops does not wait for a webhook's receiver; a late answer is ignored."""
    over = Event()

    def work() -> Reply:
        over.wait(timeout=10)
        return Reply(200, (), b"")

    async def stop_meanwhile() -> None:
        waiting = asyncio.create_task(_beside_the_loop(work))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait([waiting])

    asyncio.run(stop_meanwhile())
    (thread,) = (each for each in threading.enumerate() if each.name == "mock-nicepay-deferred")
    over.set()
    thread.join(timeout=10)
    assert ("", "") == tuple(capfd.readouterr())


@pytest.mark.parametrize(
    ("given", "rule"),
    [
        (False, ""),
        (False, "headers: {X-More: more}"),
        (True, "headers: {Date: yesterday}"),
        (True, "headers: {date: yesterday}, reply: truncate"),
    ],
)
def test_there_is_one_date(given: bool, rule: str, gateway: Gateway) -> None:
    """The server's, or the scenario's instead."""
    with gateway.connect() as connection:
        connection.sendall(ask(gateway.merchant(rule), "POST /v1/access-token", CLOSE))
        lines = until_end(connection)[0].lower().split(b"\r\n")
    (date,) = (line for line in lines if line.startswith(b"date:"))

    assert given == (b"yesterday" in date)


@pytest.mark.parametrize(
    ("rule", "asked", "more"),
    [
        ("", (), set()),
        ("", (CLOSE,), {"connection"}),
        ("headers: {X-More: more}", (), {"x-more"}),
        ("reply: {code: U104}", (), set()),
    ],
    ids=["in one piece", "the last one", "with more headers", "a refusal"],
)
def test_an_answer_has_its_headers(
    rule: str, asked: tuple[str, ...], more: set[str], gateway: Gateway
) -> None:
    """Whether it is sent in one write or in several."""
    with gateway.connect() as connection:
        connection.sendall(ask(gateway.merchant(rule), "POST /v1/access-token", *asked))
        assert {"date", "content-type", "content-length", *more} == set(
            one_answer(connection).headers
        )


def test_korean_comes_in_euc_kr(gateway: Gateway) -> None:
    """Body and Content-Type have the requested charset."""
    target = "POST /v1/access-token?returnCharSet=euc-kr"
    answer, _ = say(gateway, ask(gateway.merchant(), target, CLOSE))
    assert "application/json;charset=euc-kr" == answer.headers["content-type"]
    assert "정상 처리되었습니다." == json.loads(answer.body.decode("euc-kr"))["resultMsg"]


@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunked"])
def test_a_body_beyond_the_limit_is_refused(gateway: Gateway, chunked: bool) -> None:
    """413 reaches a client that sends the whole body first, without a reset."""
    size = 3 * gateway.sandbox.settings.body_limit
    body = b" " * size
    headers = ["Transfer-Encoding: chunked"] if chunked else []
    if chunked:
        body = b"%x\r\n%b\r\n0\r\n\r\n" % (size, body)
    answer, end = say(
        gateway, ask(gateway.merchant(), "POST /v1/access-token", *headers, body=body)
    )
    assert (413, "end") == (answer.status, end)
    told = "the request body is larger than 1048576 bytes (--body-limit)"
    assert {"error": told} == answer.json


def test_a_body_of_the_limit_is_read(gateway: Gateway) -> None:
    """A body of exactly the limit is accepted."""
    body = b'{"a":"%b"}' % (b"x" * (gateway.sandbox.settings.body_limit - 8))
    answer, _ = say(gateway, ask(gateway.merchant(), "POST /v1/access-token", CLOSE, body=body))
    assert 200 == answer.status


def test_a_chunked_body_is_put_together(gateway: Gateway) -> None:
    """Chunks that split a key are read as one JSON text."""
    pieces = (b'{"returnChar', b'Set":"euc-kr"}')
    body = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
    merchant = gateway.merchant()
    request = ask(merchant, "POST /v1/access-token", CLOSE, "Transfer-Encoding: chunked", body=body)
    answer, _ = say(gateway, request)
    assert "application/json;charset=euc-kr" == answer.headers["content-type"]


def test_a_body_that_breaks_off_is_no_request(gateway: Gateway) -> None:
    """A client that disconnects in the middle of the body has made no call."""
    merchant = gateway.merchant()
    with gateway.connect() as connection:
        connection.sendall(
            ask(merchant, "POST /v1/access-token", "Content-Length: 100", body=b'{"returnCh')
        )
        port = connection.getsockname()[1]
        turns(gateway, lambda: gateway.serves(port))
    turns(gateway, lambda: not gateway.serves(port))
    turns(gateway, lambda: len(gateway.server._server.server_state.tasks) <= 1)
    assert [] == gateway.sandbox.journal(merchant.client_id)


def test_a_body_is_sent_after_100_continue(gateway: Gateway) -> None:
    """curl asks first when a body is large."""
    request = ask(
        gateway.merchant(),
        "POST /v1/access-token?returnCharSet=utf-8",
        "Expect: 100-continue",
        "Content-Length: 2",
        CLOSE,
    )
    with gateway.connect() as connection:
        connection.sendall(request)
        assert b"HTTP/1.1 100 Continue\r\n\r\n" == connection.recv(65536)
        connection.sendall(b"{}")
        data, end = until_end(connection)
    assert (200, "end") == (heard(data).status, end)


# Connections


def test_a_connection_serves_many_calls(gateway: Gateway) -> None:
    """It stays open, also after a refusal."""
    merchant = gateway.merchant()
    with gateway.connect() as connection:
        statuses = []
        for target in ("POST /v1/access-token", "GET /nowhere", "POST /v1/access-token"):
            connection.sendall(ask(merchant, target))
            statuses.append(one_answer(connection).status)
    assert [200, 404, 200] == statuses


def test_requests_sent_ahead_are_answered_in_order(gateway: Gateway) -> None:
    """Pipelining: the second answer waits for the first, although only the first is delayed."""
    merchant = gateway.merchant("times: 1, delay: 50ms")
    with gateway.connect() as connection:
        connection.sendall(ask(merchant) + ask(merchant, "GET /nowhere", CLOSE))
        data, _ = until_end(connection)
    first, second = data.split(b"HTTP/1.1 ")[1:]
    assert (b"200", b"404") == (first[:3], second[:3])


def test_a_half_closed_connection_is_answered(gateway: Gateway) -> None:
    """A client that closes its sending side after the request still gets the answer."""
    with gateway.connect() as connection:
        connection.sendall(ask(gateway.merchant()))
        connection.shutdown(socket.SHUT_WR)
        data, end = until_end(connection)
    assert (200, "end") == (heard(data).status, end)


@pytest.mark.parametrize("calls", [2, 6])
def test_a_half_closed_connection_gets_all_answers(gateway: Gateway, calls: int) -> None:
    """So does one with several pipelined requests: the connection is closed after the last answer."""
    with gateway.connect() as connection:
        connection.sendall(ask(gateway.merchant()) * calls)
        connection.shutdown(socket.SHUT_WR)
        data, end = until_end(connection)
    assert (calls, "end") == (data.count(b"HTTP/1.1 200 OK"), end)


@pytest.mark.parametrize("calls", [1, 3])
@pytest.mark.parametrize("in_pieces", [False, True])
@pytest.mark.parametrize(
    "left_over", [b"xx", b"GET / HTTP/9.9\r\n\r\n", b"GET /x HTTP/1.1\r\nbad line\r\n"]
)
def test_whole_requests_are_answered_before_a_refusal(
    gateway: Gateway, calls: int, in_pieces: bool, left_over: bytes
) -> None:
    """A Content-Length in characters, not bytes, leaves some bytes over: only those are refused."""
    whole = ask(gateway.merchant()) * calls
    with gateway.connect() as connection:
        if in_pieces:
            connection.sendall(whole)
            connection.sendall(left_over)
        else:
            connection.sendall(whole + left_over)
        data, end = until_end(connection)
    statuses = re.findall(rb"HTTP/1.1 (\d{3}) ", data)
    assert ([*([b"200"] * calls), b"400"], "end") == (statuses, end)


def test_head_gives_no_body(gateway: Gateway) -> None:
    """Content-Length is sent without a body, and the next answer is read correctly."""
    merchant = gateway.merchant()
    with gateway.connect() as connection:
        connection.sendall(
            ask(merchant, "HEAD /v1/access-token") + ask(merchant, "GET /nowhere", CLOSE)
        )
        data, _ = until_end(connection)
    first, second = data.split(b"HTTP/1.1 ")[1:]
    assert first.startswith(b"405")
    assert b"content-length: 55\r\n" in first
    assert first.endswith(b"\r\n\r\n")
    assert second.startswith(b"404")


@pytest.mark.parametrize("status", [204, 304])
def test_a_status_without_a_body_has_none(gateway: Gateway, status: int) -> None:
    """A scenario's body for it is not sent, so the connection stays usable."""
    merchant = gateway.merchant(f"times: 1, reply: {{http: {status}}}")
    with gateway.connect() as connection:
        connection.sendall(ask(merchant))
        first = one_answer(connection)
        connection.sendall(ask(merchant))
        assert (status, b"", 200) == (first.status, first.body, one_answer(connection).status)


def test_a_forwarded_address_is_not_believed(gateway: Gateway) -> None:
    """The IP allow list uses the address of the socket."""
    merchant = gateway.sandbox.add_merchant(allow=["10.0.0.0/8"])
    request = ask(merchant, "POST /v1/access-token", "X-Forwarded-For: 10.0.0.1", CLOSE)
    assert "U315" == say(gateway, request)[0].json["resultCode"]


# Malformed requests


@pytest.mark.parametrize(
    ("target", "status", "code"),
    [
        ("GET /v1/payments/%00", 404, "U107"),
        ("GET /v1/payments/%ed%a0%80", 404, "U107"),
        ("GET /v1/payments/%ff%fe", 404, "U107"),
        ("GET /v1/payments/%zz%", 404, "U107"),
        ("GET /v1/payments/find/%0d%0aX-Injected:1", 404, "U107"),
        ("GET /v1/payments/..%2f..%2fetc", 404, "U107"),
        ("GET /v1/payments/" + "x" * 60_000, 404, "U107"),
        ("GET //v1//payments", 404, "U320"),
        ("GET /%5fmock/health?%", 400, ""),
        ("POST /v1/access-token?returnCharSet=%zz%", 200, "U132"),
        ("GET http://api.nicepay.co.kr/v1/payments/x", 404, "U107"),
        ("TRACE /v1/access-token", 405, "U308"),
        ("OPTIONS /v1/access-token", 405, "U308"),
        ("OPTIONS *", 404, "U320"),
        ("PROPFIND /v1/access-token", 405, "U308"),
        ("PATCH /_mock/clock", 405, ""),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_strange_target_has_a_defined_answer(
    gateway: Gateway, target: str, status: int, code: str
) -> None:
    """The answer is JSON, and never a 5xx."""
    answer, _ = say(gateway, ask(gateway.merchant(), target, CLOSE))
    assert (status, code) == (answer.status, answer.json.get("resultCode", ""))


@pytest.mark.parametrize(
    "request_line",
    [
        "BREW /v1/access-token",
        "get /v1/access-token",
        "GET /v1/pay ments",
        "GET /v1/payments/\xea\xb0\x80",
        "GET /v1/payments/\x01",
        "CONNECT api.nicepay.co.kr:443",
        "GET",
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_malformed_request_is_refused_in_json(gateway: Gateway, request_line: str) -> None:
    """An unknown method, or bytes that no address may have: 400, with what would be right."""
    answer, _ = say(gateway, ask(None, request_line, CLOSE))
    assert 400 == answer.status
    assert answer.json["error"].startswith("this is not an HTTP/1.1 request: the method, the")


@pytest.mark.parametrize(
    "data",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost mock\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: mock\r\nContent-Length: -5\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: m\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: mock\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
    ids=["TLS", "HTTP/2", "no colon", "length below 0", "two lengths", "no chunk"],
)
def test_other_protocols_are_refused_in_json(gateway: Gateway, data: bytes) -> None:
    """The answer is 400 and the connection is closed, whatever was sent."""
    answer, end = say(gateway, data)
    assert (400, "end") == (answer.status, end)
    assert "https://" in answer.json["error"]


@pytest.mark.parametrize("hosts", [("localhost", "evil.test"), ("evil.test", "localhost")])
def test_two_host_headers_are_refused(gateway: Gateway, hosts: tuple[str, str]) -> None:
    """In any order: a proxy might use one of them and we the other."""
    lines = "".join(f"Host: {host}\r\n" for host in hosts)
    answer, end = say(gateway, f"GET /_mock/health HTTP/1.1\r\n{lines}\r\n".encode())
    assert (400, "end") == (answer.status, end)
    assert answer.json["error"].startswith("the request has more than one Host header")


def test_a_large_login_has_a_defined_answer(gateway: Gateway) -> None:
    """64 KiB of Authorization are read, and refused as a login."""
    request = ask(None, "POST /v1/access-token", f"Authorization: Basic {'A' * 65_536}", CLOSE)
    answer, _ = say(gateway, request)
    assert (401, "U304") == (answer.status, answer.json["resultCode"])


@pytest.mark.parametrize(
    ("lines", "size"),
    [(1, HEADER_LIMIT), (300, HEADER_LIMIT // 300), (HEADER_LINES + 1, 1)],
    ids=["one", "many", "lines"],
)
def test_a_header_beyond_the_limit_is_refused(gateway: Gateway, lines: int, size: int) -> None:
    """Over 256 KiB, in one line or in many, or over 500 lines: 431, with the limit."""
    headers = [f"X-{number}: {'x' * size}" for number in range(lines)]
    with gateway.connect() as connection:
        connection.sendall(ask(None, "POST /v1/access-token", *headers))
        answer = one_answer(connection)
    assert 431 == answer.status
    told = f"the request's header is larger than {HEADER_LIMIT} bytes, or than {HEADER_LINES} lines"
    assert {"error": told} == answer.json


def test_an_address_beyond_the_limit_is_refused(gateway: Gateway) -> None:
    """However it is sent: 414, with the limit, and it is not buffered."""
    with gateway.connect() as connection:
        connection.sendall(f"GET /v1/payments/{'x' * ADDRESS_LIMIT}".encode())
        answer = one_answer(connection)
    assert 414 == answer.status
    assert {"error": f"the request's address is longer than {ADDRESS_LIMIT} bytes"} == answer.json


def test_clients_mistakes_are_not_logged(
    gateway: Gateway, capfd: pytest.CaptureFixture[str]
) -> None:
    """A client's mistake is answered to the client, and not logged."""
    say(gateway, b"BREW /\r\n\r\n")
    request = ask(None, "GET /nowhere", "Connection: upgrade", "Upgrade: websocket")
    with gateway.connect() as connection:
        connection.sendall(request)
        assert 404 == one_answer(connection).status
    assert ("", "") == tuple(capfd.readouterr())


@pytest.mark.slow
def test_unfinished_bodies_have_a_limit() -> None:
    """A hundred half-sent megabytes are not all buffered: a further one is refused, then calls work again."""
    with BackgroundServer(sandbox := quiet_sandbox()) as server:
        gateway, half = Gateway(sandbox, server), b"x" * 1_000_000
        request = ask(None, "POST /v1/access-token", "Content-Length: 1048576", body=half)
        with ExitStack() as stack:
            half_sent = [stack.enter_context(gateway.connect()) for _ in range(100)]
            for connection in half_sent:
                connection.sendall(request)
            answers = select.select(half_sent, [], [], PATIENCE)[0]
            assert 503 == one_answer(answers[0]).status
        answer, _ = say(gateway, ask(gateway.merchant(), "POST /v1/access-token", CLOSE))
        assert 200 == answer.status
