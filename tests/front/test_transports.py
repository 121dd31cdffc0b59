"""Calls in process, held against the same calls over a socket."""

import asyncio
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import timedelta
from io import BytesIO, StringIO
from itertools import islice
from typing import Any, NamedTuple

import httpx
import pytest
import requests
import responses
from requests.adapters import HTTPAdapter
from urllib3.util import Timeout

from mock_nicepay.core.records import Merchant
from mock_nicepay.front.server.server import BackgroundServer
from mock_nicepay.front.transports import (
    HOSTS,
    httpx_async_transport,
    httpx_transport,
    intercept,
    requests_adapter,
    requests_session,
)
from mock_nicepay.sandbox import Sandbox
from mock_nicepay.settings import Settings

TOKEN = "/v1/access-token"
GATEWAY = "https://api.nicepay.co.kr"
LITTLE = 0.2  # seconds; what a live call waits for a byte that does not come
ENOUGH = 20.0  # seconds; more than any answer takes


def scenario(rule: str) -> str:
    """A scenario of one rule for the access-token call."""
    return f"version: 1\nname: one-rule\nrules:\n  - {{call: token.issue, {rule}}}\n"


class Met(NamedTuple):
    """What a client made of an answer, as far as it is the same over a socket and in process."""

    raised: str = ""
    names_request: bool = False
    status: int = 0
    reason: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


Go = Callable[[Merchant, str, float], Met]  # one POST of a merchant to an address, with a timeout


def met(send: Callable[[], Any]) -> Met:
    """What came of a call: a response, or the client's exception."""
    try:
        response = send()
    except (requests.RequestException, httpx.HTTPError) as error:
        names_request = getattr(error, "request", None) is not None
        return Met(f"{type(error).__module__}.{type(error).__qualname__}", names_request)
    # Only a socket's server tells the date.
    headers = sorted((k.lower(), v) for k, v in response.headers.items() if k.lower() != "date")
    reason = getattr(response, "reason_phrase", "") or getattr(response, "reason", "")
    return Met("", False, response.status_code, reason, tuple(headers), response.content)


def keys(merchant: Merchant) -> tuple[str, str]:
    """A merchant's login."""
    return merchant.client_id, merchant.secret_key


def by_client(client: Any) -> Go:
    """Calls through a session of requests, or a client of httpx."""
    return lambda merchant, url, patience: met(
        lambda: client.post(url, auth=keys(merchant), timeout=patience)
    )


def by_async_client(transport: httpx.AsyncBaseTransport | None) -> Go:
    """Calls through an asynchronous client of httpx."""

    async def post(merchant: Merchant, url: str, patience: float) -> httpx.Response:
        async with httpx.AsyncClient(transport=transport, timeout=patience) as client:
            return await client.post(url, auth=keys(merchant))

    return lambda *call: met(lambda: asyncio.run(post(*call)))


class Doors(NamedTuple):
    """The same client library twice: over a socket and in process."""

    live: Go
    here: Go


@pytest.fixture(scope="module")
def gateway() -> Iterator[tuple[Sandbox, str]]:
    """One sandbox that is reached both ways, and the address of its server."""
    options = {"self_check": True, "log": "quiet", "clock": "2023-02-28T12:53:17.657+0900"}
    sandbox = Sandbox(Settings.read(options, environment={}))
    with BackgroundServer(sandbox) as server:
        yield sandbox, server.url


@pytest.fixture(scope="module")
def doors(gateway: tuple[Sandbox, str]) -> Iterator[dict[str, Doors]]:
    """Every client, live and in process, by name."""
    sandbox, _ = gateway
    with ExitStack() as stack:
        live, here = requests.Session(), requests_session(sandbox)
        live_httpx, here_httpx = httpx.Client(), httpx.Client(transport=httpx_transport(sandbox))
        for client in (live, here, live_httpx, here_httpx):
            stack.enter_context(closing(client))
        yield {
            "requests": Doors(by_client(live), by_client(here)),
            "httpx": Doors(by_client(live_httpx), by_client(here_httpx)),
            "httpx-async": Doors(
                by_async_client(None), by_async_client(httpx_async_transport(sandbox))
            ),
        }


REQUESTS, HTTPX = "requests.exceptions.", "httpx."
LOST = "ReadTimeout"

# A rule, and what requests and httpx raise for it; both empty: the answer comes, whole.
FAULTS: dict[str, tuple[str, str, str]] = {
    "hang": ("reply: hang", LOST, LOST),
    "hang after a while": ("reply: hang, delay: 10ms", LOST, LOST),
    "reset": ("reply: reset", "ConnectionError", "ReadError"),
    "reset in time": ("reply: reset, delay: 10ms", "ConnectionError", "ReadError"),
    "reset too late": ("reply: reset, delay: 2s", LOST, LOST),
    "truncate": ("reply: truncate", "ChunkedEncodingError", "RemoteProtocolError"),
    # requests tells a timeout within the body from one before it.
    "drip too slowly": ("reply: {drip: 2s}", "ConnectionError", LOST),
    "drip": ("reply: {drip: 0s}", "", ""),
    "late": ("delay: 2s", LOST, LOST),
    "in time": ("delay: 10ms", "", ""),
    "empty": ("reply: empty", "", ""),
    "refusal": ('reply: {code: "U104"}, delay: 10ms', "", ""),
    "proxy page": ("reply: {http: 502}", "", ""),
    "no content": ("reply: {http: 204}", "", ""),
    "not modified": ("reply: {http: 304}", "", ""),
    "garbage": ("reply: garbage", "", ""),
    "byte order mark": ("reply: bom", "", ""),
    "keys twice": ("reply: duplicate-keys", "", ""),
    "EUC-KR": ("charset: euc-kr", "", ""),
    "wrong label": ("charset: {bytes: euc-kr, label: utf-8}", "", ""),
    "headers": ("headers: {X-One: '1', Content-Type: text/plain}", "", ""),
}


@pytest.mark.parametrize("client", ["requests", "httpx", "httpx-async"])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_the_same_live_and_in_process(
    fault: str, client: str, doors: dict[str, Doors], gateway: tuple[Sandbox, str]
) -> None:
    """Exception class, its request, status, headers and bytes do not depend on the door."""
    sandbox, url = gateway
    rule, *names = FAULTS[fault]
    name = REQUESTS + names[0] if client == "requests" else HTTPX + names[1]
    patience = LITTLE if "2s" in rule or "hang" in rule else ENOUGH
    results = []
    for go, base in ((doors[client].live, url), (doors[client].here, GATEWAY)):
        merchant = sandbox.add_merchant()
        sandbox.choose_scenario(scenario(rule), merchant.client_id)
        results.append(go(merchant, base + TOKEN, patience))
    live, here = (each._replace(body=_without_token(each.body)) for each in results)
    assert live == here
    assert (name if names[0] else "") == here.raised


def _without_token(body: bytes) -> bytes:
    """A body without what is different for each merchant."""
    return re.sub(rb"[0-9a-f]{40}", b"(token)", body)


# One door at a time


class Here(NamedTuple):
    """A sandbox, a merchant of it, and the clients that reach it without a socket."""

    sandbox: Sandbox
    merchant: Merchant
    requests: requests.Session
    httpx: httpx.Client

    def play(self, rule: str) -> None:
        """Have the access-token call answered by that rule."""
        self.sandbox.choose_scenario(scenario(rule), self.merchant.client_id)

    def seen(self) -> dict[str, Any]:
        """The latest call, as the journal shows it."""
        return self.sandbox.journal(self.merchant.client_id)[0].to_json()


@pytest.fixture
def here(sandbox: Sandbox) -> Iterator[Here]:
    """A fresh merchant and clients for it."""
    session, client = requests_session(sandbox), httpx.Client(transport=httpx_transport(sandbox))
    merchant = sandbox.add_merchant()
    session.auth = client.auth = keys(merchant)
    with session, client:
        yield Here(sandbox, merchant, session, client)


@pytest.mark.parametrize(
    ("timeout", "late"),
    [
        (None, False),
        (3, False),
        (2, False),
        (1.9, True),
        ((1, 3), False),
        ((3, 1), True),
        ((1, None), False),
        (Timeout(read=1), True),
        (Timeout(connect=1, read=3), False),
        (Timeout(total=1), True),
        (Timeout(total=3), False),
        (Timeout(total=3, read=1), True),
        (Timeout(total=1, read=3), True),
    ],
    ids=str,
)
def test_requests_waits_as_long_as_its_timeout_says(here: Here, timeout: Any, late: bool) -> None:
    """Every form of a timeout counts; a delay as long as the timeout is not too long."""
    here.play("delay: 2s")
    outcome = met(lambda: here.requests.post(GATEWAY + TOKEN, timeout=timeout))
    assert (REQUESTS + LOST if late else "") == outcome.raised


@pytest.mark.parametrize(
    ("timeout", "late"),
    [
        (None, False),
        (2, False),
        (1.9, True),
        (httpx.Timeout(3, read=1), True),
        (httpx.Timeout(1, read=3), False),
    ],
    ids=str,
)
def test_httpx_waits_as_long_as_its_timeout_says(here: Here, timeout: Any, late: bool) -> None:
    """Only the timeout for reading counts."""
    here.play("delay: 2s")
    outcome = met(lambda: here.httpx.post(GATEWAY + TOKEN, timeout=timeout))
    assert (HTTPX + LOST if late else "") == outcome.raised


@pytest.mark.parametrize("timeout", [(1, 2, 3), -1, "soon"], ids=str)
def test_a_timeout_requests_refuses_is_refused(
    here: Here, timeout: Any, gateway: tuple[Sandbox, str]
) -> None:
    """What is not a timeout over a socket is none here, and is told in the same words."""
    told = []
    for session, base in ((here.requests, GATEWAY), (requests.Session(), gateway[1])):
        with session, pytest.raises(ValueError, match="imeout") as caught:
            session.post(base + TOKEN, timeout=timeout)
        told.append(str(caught.value))
    assert told[1] == told[0]


@pytest.mark.parametrize("client", ["requests", "httpx"])
def test_a_hang_ends_without_a_timeout_and_says_so(here: Here, client: str) -> None:
    """A call that would never end ends at once, with a word on what is missing."""
    here.play("reply: hang")
    with pytest.raises((requests.ReadTimeout, httpx.ReadTimeout), match="no timeout is set"):
        getattr(here, client).post(GATEWAY + TOKEN, timeout=None)
    assert "token.issue" == here.seen()["call"]


@pytest.mark.parametrize(
    ("rule", "by_requests", "by_httpx"),
    [
        ("delay: 90s", 90, 90),
        ("delay: 250ms, reply: {http: 502}", 0.25, 0.25),
        # The bytes come one by one: requests measures until the first, httpx until the last.
        ("delay: 1s, reply: {drip: 1s}, patch: {now: null}", 1, None),
    ],
)
def test_elapsed_is_what_the_scenario_says(
    here: Here, rule: str, by_requests: float, by_httpx: float | None
) -> None:
    """Nobody waits, and the response tells of the time a caller would have waited."""
    here.play(rule)
    took = here.requests.post(GATEWAY + TOKEN, timeout=100).elapsed
    response = here.httpx.post(GATEWAY + TOKEN, timeout=100)
    by_httpx = by_httpx if by_httpx is not None else len(response.content)
    assert [timedelta(seconds=by_requests), timedelta(seconds=by_httpx)] == [
        took,
        response.elapsed,
    ]


def test_elapsed_is_measured_where_nothing_is_delayed(here: Here) -> None:
    """Without a delay the time is the client's own measurement."""
    assert timedelta() < here.requests.post(GATEWAY + TOKEN).elapsed < timedelta(seconds=5)
    assert timedelta() < here.httpx.post(GATEWAY + TOKEN).elapsed < timedelta(seconds=5)


def test_a_streamed_answer_of_requests_breaks_off_while_it_is_read(here: Here) -> None:
    """Status and first half come; the error comes with the rest."""
    here.play("reply: truncate")
    response = here.requests.post(GATEWAY + TOKEN, stream=True)
    pieces = response.iter_content(1)
    half = b"".join(islice(pieces, int(response.headers["content-length"]) // 2))
    assert half.startswith(b'{"resultCode":"0000"')
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        next(pieces)


def test_a_streamed_answer_of_httpx_breaks_off_while_it_is_read(here: Here) -> None:
    """Status and first half come; the error comes with the rest."""
    here.play("reply: truncate")
    with here.httpx.stream("POST", GATEWAY + TOKEN) as response:
        pieces = response.iter_bytes(1)
        half = b"".join(islice(pieces, int(response.headers["content-length"]) // 2))
        assert half.startswith(b'{"resultCode":"0000"')
        with pytest.raises(httpx.RemoteProtocolError):
            next(pieces)


def test_a_raw_answer_breaks_off_as_at_the_socket(here: Here) -> None:
    """Who reads all of `response.raw` at once hears of the missing half, too."""
    here.play("reply: truncate")
    raw = here.requests.post(GATEWAY + TOKEN, stream=True).raw
    with pytest.raises(Exception, match="more expected"):
        raw.read()


TEXT = '{"returnCharSet":"utf-8","memo":"주문"}'
RAW = TEXT.encode()
BODIES: dict[str, Callable[[], Any]] = {
    "bytes": lambda: RAW,
    "text": lambda: TEXT,
    "file": lambda: BytesIO(RAW),
    "text file": lambda: StringIO(TEXT),
    "generator": lambda: (RAW[i : i + 5] for i in range(0, len(RAW), 5)),
    "generator of texts": lambda: iter(list(TEXT)),
    "bytearray": lambda: bytearray(RAW),
}


@pytest.mark.parametrize("form", BODIES)
def test_requests_sends_every_form_of_body(here: Here, form: str) -> None:
    """Text, bytes, files and streams arrive as the same bytes."""
    here.requests.post(GATEWAY + TOKEN, data=BODIES[form]())
    assert {"returnCharSet": "utf-8", "memo": "주문"} == here.seen()["request"]["body"]


@pytest.mark.parametrize("form", ["bytes", "text", "file", "generator"])
def test_httpx_sends_every_form_of_body(here: Here, form: str) -> None:
    """Text, bytes, files and streams arrive as the same bytes."""
    here.httpx.post(GATEWAY + TOKEN, content=BODIES[form]())
    assert {"returnCharSet": "utf-8", "memo": "주문"} == here.seen()["request"]["body"]


def test_async_httpx_sends_a_stream(here: Here) -> None:
    """An asynchronous generator is read to its end."""

    async def pieces() -> Any:
        yield RAW[:7]
        yield RAW[7:]

    async def post() -> httpx.Response:
        transport = httpx_async_transport(here.sandbox)
        async with httpx.AsyncClient(transport=transport) as client:
            return await client.post(GATEWAY + TOKEN, content=pieces(), auth=keys(here.merchant))

    assert 200 == asyncio.run(post()).status_code
    assert {"returnCharSet": "utf-8", "memo": "주문"} == here.seen()["request"]["body"]


@pytest.mark.parametrize("client", ["requests", "httpx"])
def test_a_request_arrives_as_over_a_socket(here: Here, client: str) -> None:
    """The path is decoded, the query is as sent, header names are in lower case, the host is told."""
    url = f"{GATEWAY}:8443/v1/payments/find/%EC%A3%BC%EB%AC%B8%2F1?a=b%20c&a=d"
    getattr(here, client).get(url, headers={"X-Order-ID": "A-1"})
    seen = here.seen()
    assert ("/v1/payments/find/주문%2F1", "a=b%20c&a=d") == (seen["path"], seen["query"])
    headers = seen["request"]["headers"]
    assert ("A-1", "api.nicepay.co.kr:8443") == (headers["x-order-id"], headers["host"])


def test_a_header_no_wire_can_carry_is_refused(here: Here) -> None:
    """Korean in a header fails as it does in http.client."""
    with pytest.raises(UnicodeEncodeError):
        here.requests.post(GATEWAY + TOKEN, headers={"X-Memo": "주문"})


@pytest.mark.parametrize("client", ["requests", "httpx"])
def test_calls_come_from_the_loopback_address(here: Here, client: str) -> None:
    """A merchant's allow list sees 127.0.0.1."""
    codes = []
    for allowed in ("127.0.0.1", "10.0.0.0/8"):
        merchant = here.sandbox.add_merchant(allow=[allowed])
        answer = getattr(here, client).post(GATEWAY + TOKEN, auth=keys(merchant)).json()
        codes.append(answer["resultCode"])
    assert ["0000", "U315"] == codes


@pytest.mark.parametrize("client", ["requests", "httpx"])
def test_a_body_beyond_the_limit_is_refused(here: Here, client: str) -> None:
    """In process the limit is the same as at the socket."""
    large = b" " * (here.sandbox.settings.body_limit + 1)
    send = getattr(here, client).request
    name = "data" if client == "requests" else "content"
    assert 413 == send("POST", GATEWAY + TOKEN, **{name: large}).status_code


@pytest.mark.parametrize("client", ["requests", "httpx"])
def test_head_has_headers_and_no_body(here: Here, client: str) -> None:
    """Content-Length is that of the answer which stays away."""
    response = getattr(here, client).head(GATEWAY + TOKEN)
    assert (405, b"") == (response.status_code, response.content)
    assert "55" == response.headers["content-length"]


def test_cookies_reach_the_session(here: Here) -> None:
    """A Set-Cookie of a scenario is kept, as from a socket."""
    here.play("headers: {Set-Cookie: JSESSIONID=abc; Path=/}")
    here.requests.post(GATEWAY + TOKEN)
    here.httpx.post(GATEWAY + TOKEN)
    assert ("abc", "abc") == (
        here.requests.cookies["JSESSIONID"],
        here.httpx.cookies["JSESSIONID"],
    )


@pytest.mark.parametrize(
    ("library", "make"),
    [
        ("requests", requests_adapter),
        ("requests", requests_session),
        ("httpx", httpx_transport),
        ("httpx", httpx_async_transport),
    ],
)
def test_a_missing_library_is_named(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, library: str, make: Callable[..., Any]
) -> None:
    """Without the library there is one line that says what to install."""
    monkeypatch.setattr("mock_nicepay.front.transports.find_spec", lambda name: None)
    with pytest.raises(ImportError) as caught:
        make(sandbox)
    expected = f"{library} is not installed: pip install mock-nicepay[{library}]"
    assert expected == str(caught.value)


# Interception


async def send_async(method: str, url: str) -> httpx.Response:
    """One call of a fresh asynchronous client."""
    async with httpx.AsyncClient() as client:
        return await client.request(method, url)


@pytest.mark.parametrize("host", HOSTS)
def test_every_way_to_call_the_gateway_is_intercepted(sandbox: Sandbox, host: str) -> None:
    """Module functions, sessions and clients made before and after, sync and async."""
    url = f"https://{host.upper()}{TOKEN}"
    with (
        requests.Session() as early,
        httpx.Client() as early_client,
        intercept(sandbox),
        requests.Session() as late,
        httpx.Client() as late_client,
    ):
        answers: list[Any] = [
            requests.post(url),
            httpx.post(url),
            early.post(url),
            early_client.post(url),
            late.post(url),
            late_client.post(url),
            asyncio.run(send_async("POST", url)),
        ]
    assert ["U304"] * 7 == [answer.json()["resultCode"] for answer in answers]


def test_other_hosts_are_reached_as_ever(sandbox: Sandbox, live: BackgroundServer) -> None:
    """A call to another address goes over its socket."""
    url = live.url + "/_mock/health"
    with intercept(sandbox):
        answers: list[Any] = [requests.get(url), httpx.get(url)]
        answers.append(asyncio.run(send_async("GET", url)))
    assert ["ok"] * 3 == [answer.json()["status"] for answer in answers]


def test_an_adapter_of_the_users_own_is_intercepted(sandbox: Sandbox) -> None:
    """A subclass that calls on to HTTPAdapter, as retrying ones do, meets the sandbox."""

    class Counting(HTTPAdapter):
        calls = 0

        def send(self, *args: Any, **options: Any) -> requests.Response:
            self.calls += 1
            return super().send(*args, **options)

    adapter = Counting()
    with requests.Session() as session, intercept(sandbox):
        session.mount("https://", adapter)
        assert 401 == session.post(GATEWAY + TOKEN, timeout=3).status_code
    assert 1 == adapter.calls


def methods() -> list[Any]:
    """The methods that interception replaces, as they stand."""
    return [
        HTTPAdapter.send,
        httpx.HTTPTransport.handle_request,
        httpx.AsyncHTTPTransport.handle_async_request,
    ]


def test_blocks_nest_and_leave_no_trace(here: Here) -> None:
    """The innermost sandbox answers; afterwards everything is as it was."""
    before, inner = methods(), Sandbox(here.sandbox.settings)

    def known() -> bool:
        return requests.post(GATEWAY + TOKEN, auth=keys(here.merchant)).ok

    with intercept(here.sandbox):
        outside = known()
        with intercept(inner):
            within = known()
        again = known()
    assert [True, False, True] == [outside, within, again]
    assert before == methods()


def test_blocks_may_end_in_any_order(here: Here) -> None:
    """When the outer block ends first, the inner one still answers, and nothing is left over."""
    before = methods()
    outer, inner = intercept(here.sandbox), intercept(here.sandbox)
    outer.__enter__()
    inner.__enter__()
    outer.__exit__(None, None, None)
    assert requests.post(GATEWAY + TOKEN, auth=keys(here.merchant)).ok
    inner.__exit__(None, None, None)
    assert before == methods()


def test_an_error_in_the_block_leaves_no_trace(sandbox: Sandbox) -> None:
    """The methods are put back whatever happens."""
    before = methods()
    with pytest.raises(ZeroDivisionError), intercept(sandbox):
        print(1 // 0)
    assert before == methods()


def test_another_mock_keeps_its_hosts(sandbox: Sandbox) -> None:
    """The `responses` library goes on answering what it was told to, under ours and over it."""
    other = "https://other.example/"
    with responses.RequestsMock() as mock, intercept(sandbox):
        mock.get(other, json={"from": "responses"})
        assert "responses" == requests.get(other).json()["from"]
        assert 401 == requests.post(GATEWAY + TOKEN).status_code
    before = methods()
    with intercept(sandbox), responses.RequestsMock() as mock:
        mock.get(other, json={"from": "responses"})
        assert "responses" == requests.get(other).json()["from"]
    assert before == methods()


@pytest.mark.parametrize("missing", ["requests", "httpx"])
def test_a_library_that_is_not_installed_is_left_out(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    """Interception works with one of the two."""
    present = {"requests": requests, "httpx": httpx}
    del present[missing]
    monkeypatch.setattr(
        "mock_nicepay.front.transports.find_spec", lambda name: present.get(name) and sys
    )
    with intercept(sandbox):
        (library,) = present.values()
        assert 401 == library.post(GATEWAY + TOKEN).status_code
