"""Fuzzers over every door: no 5xx, no exception, no hang, and nothing left behind that grows.

Each example is drawn by a fixed seed: what fails today fails tomorrow. `make fuzz` draws others.
"""

import gc
import socket
import tracemalloc
from collections.abc import Callable
from contextlib import closing, suppress
from http.client import HTTPConnection
from typing import Any

import pytest
from hostile import (
    CORPUS,
    Target,
    bodies,
    damaged,
    scenario_values,
    scenarios,
    texts,
    written,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nearly import NEARLY
from quiet import settings as settings_of

from mock_nicepay.contract.endpoint import Request
from mock_nicepay.core.clock import stopwatch
from mock_nicepay.core.misuse import Misuse
from mock_nicepay.core.scenarios.language import Scenario, ScenarioError
from mock_nicepay.core.scenarios.reader import read_text, read_value
from mock_nicepay.front.server.server import BackgroundServer
from mock_nicepay.sandbox import Sandbox

Check = Callable[[Any], None]
LONGEST = 5.0  # seconds that one example may take on a busy machine
EXAMPLES = 1000  # of each fuzzer
PATIENCE = 10.0  # seconds until a server counts as hanging

# A failing example may be long; it is shown all the same.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:Generating overly large repr"),
]


def fuzz(strategy: Any, check: Check, examples: int = EXAMPLES) -> None:
    """Check that many examples, always the same ones; none may take long."""

    def timed(example: Any) -> None:
        started = stopwatch()
        check(example)
        assert stopwatch() - started < LONGEST

    drawn = settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    drawn(given(strategy)(timed))()


@pytest.mark.parametrize("door", ["api", "control", "console", "pages"])
def test_no_request_breaks_anything(door: str) -> None:
    """Whatever is asked of calls, control plane, console and pages has an answer, none of them 5xx."""
    target = Target()
    fuzz(getattr(target, door)(), target.check)


@pytest.mark.parametrize("kind", NEARLY)
def test_nothing_nearly_right_breaks_anything(kind: str) -> None:
    """Good calls, card data, forms, snapshots and files in which a thing or two are not."""
    made = NEARLY[kind]()
    fuzz(made.examples(), made.check, EXAMPLES // 2)


def test_no_cookie_or_key_gets_in() -> None:
    """Behind an admin key nothing but the key helps."""
    target = Target(admin_key="한 key")
    tried = st.builds(
        lambda name, value, path: Request("GET", path, "", {name: value, "host": "localhost"}),
        st.sampled_from(["cookie", "authorization", "x-mock-nicepay-admin-key"]),
        st.one_of(
            texts,
            texts.map(lambda text: f"mock_nicepay_session_80={text}"),
            texts.map(lambda text: f"Bearer {text}"),
        ).map(lambda text: text.encode("utf-8", "surrogatepass").decode("latin-1")),
        st.sampled_from(["/_mock/merchants", "/_mock/console/keys", "/_mock/journal"]),
    )

    def check(request: Request) -> None:
        reply = target.ask(request)
        assert reply.status in {401, 303}, reply
        assert target.till.merchant.secret_key.encode() not in reply.body

    fuzz(tried, check)


# Scenarios


def plays(text_or_value: Any) -> None:
    """It is read, or refused in words; what is read plays without breaking anything."""
    read = read_text if isinstance(text_or_value, str) else read_value
    try:
        scenario = read(text_or_value)
    except ScenarioError as refused:
        problems = refused.problems
    else:
        problems = ()
        _plays(scenario)
    assert all(problem.message and problem.line >= 1 for problem in problems)


def _plays(scenario: Scenario) -> None:
    """It plays through a few calls."""
    target = Target()
    with suppress(Misuse):
        target.sandbox.choose_scenario(scenario, target.till.merchant.client_id)
    for method, path in (("POST", "/v1/access-token"), ("GET", f"/v1/payments/{target.names[0]}")):
        target.ask(Request(method, path, headers=target.till.login))
    bugs = [
        entry for entry in target.sandbox.journal() if "mock-nicepay itself" in str(entry.cause)
    ]
    assert [] == bugs
    target.sandbox.report(target.till.merchant.client_id)


@pytest.mark.parametrize(
    "strategy",
    [damaged(), scenarios, scenario_values, texts],
    ids=["damaged", "values", "anything", "texts"],
)
def test_no_scenario_breaks_anything(strategy: Any) -> None:
    """Damaged files, made-up ones, and what is none at all."""
    fuzz(strategy, plays)


# On the wire


def hostile_bytes() -> st.SearchStrategy[bytes]:
    """What may arrive on a connection: nearly requests, broken framing, anything."""
    line = st.sampled_from(
        [
            *(b"GET /v1/payments/x HTTP/1.1", b"POST /v1/access-token HTTP/1.1", b"POST / HTTP/1.0"),
            *(b"GET /_mock/health HTTP/1.1", b"GET  /  HTTP/1.1", b"GET / HTTP/9.9", b"OPTIONS * HTTP/1.1"),
            *(b"PUT /_mock/scenario HTTP/1.1", b"\x16\x03\x01\x02\x00", b"GET http://h/ HTTP/1.1", b""),
        ]
    )  # fmt: skip
    header = st.one_of(
        st.sampled_from(
            [
                *(b"Host: localhost", b"Content-Length: 5", b"Content-Length: -1", b"Content-Length: 5, 6"),
                *(b"Content-Length: 99999999999999999999", b"Transfer-Encoding: chunked", b"Host:", b": x"),
                *(b"Transfer-Encoding: gzip, chunked", b"Expect: 100-continue", b"Connection: close", b"a"),
                *(b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c", b" folded", b"X: " + b"y" * 9000),
            ]
        ),
        st.binary(max_size=40),
    )  # fmt: skip
    chunk = st.sampled_from([b"5\r\nhello\r\n", b"0\r\n\r\n", b"zz\r\n", b"ffffffffffffffff\r\n", b"5;x=y\r\nh"])  # fmt: skip
    body = st.one_of(bodies(["amount"]), st.lists(chunk, max_size=4).map(b"".join))
    return st.builds(
        lambda first, headers, after, ending: b"\r\n".join([first, *headers]) + ending + after,
        *(line, st.lists(header, max_size=5), body),
        st.sampled_from([b"\r\n\r\n", b"\n\n", b"\r\n", b""]),
    )


def test_no_bytes_break_the_server(capfd: pytest.CaptureFixture[str]) -> None:
    """It answers, or ends the connection, and logs nothing; and it answers the next caller."""
    with BackgroundServer(Sandbox(settings_of(journal_size=20))) as server:
        port = int(server.url.rpartition(":")[2])

        def check(data: bytes) -> None:
            with socket.create_connection(("127.0.0.1", port), PATIENCE) as connection:
                heard = _said(connection, data)
            assert not heard or heard.startswith(b"HTTP/1.1 "), heard[:100]
            assert b"HTTP/1.1 5" not in heard, heard[:300]
            with closing(HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as client:
                client.request("GET", "/_mock/health")
                assert 200 == client.getresponse().status

        fuzz(hostile_bytes(), check)
    assert ("", "") == tuple(capfd.readouterr())


def _said(connection: socket.socket, data: bytes) -> bytes:
    """What is answered to these bytes, after which nothing more is sent."""
    heard = b""
    with suppress(OSError):  # the server may have hung up meanwhile
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        while piece := connection.recv(65_536):
            heard += piece
    return heard


# Memory


@pytest.mark.slow
@pytest.mark.parametrize("door", ["api", "control", "console", "pages"])
def test_hostile_requests_leave_nothing_that_grows(door: str) -> None:
    """However often they come again, memory stays where it was."""
    target = Target(merchant_limit=40)
    requests: list[Request] = []
    fuzz(getattr(target, door)(), requests.append, 500)

    def play() -> int:
        for request in requests:
            target.check(request)
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    play()
    tracemalloc.start()
    try:
        before = play()
        after = [play() for _ in range(3)][-1]
    finally:
        tracemalloc.stop()
    assert after - before < 1_000_000


@pytest.mark.parametrize("text", CORPUS, ids=lambda text: ascii(text)[:20])
def test_the_corpus_in_every_place(text: str) -> None:
    """Each text as path, query, header, key, value and body, at a call and at the control plane."""
    target, wire = Target(), text.encode("utf-8", "surrogatepass").decode("latin-1")
    for method, path in (("POST", "/v1/payments/{}/cancel"), ("POST", "/_mock/webhooks/{}/resend")):
        for request in (
            Request(method, path.format(text), wire, {**target.till.login, "x-odd": wire}),
            Request(method, path.format("x"), headers={"authorization": wire, "host": wire}),
            Request(method, path.format("x"), headers={"cookie": wire, "x-mock-nicepay-scenario": wire}),
            Request(method, path.format("x"), body=text.encode("utf-8", "surrogatepass")),
            Request(method, path.format(target.names[0]), "", target.till.login, written({"reason": text, "orderId": text, "cancelAmt": text})),
            Request(method, path.format(target.names[0]), "", target.till.login, written({text: text})),
        ):  # fmt: skip
            target.check(request)
