"""A store that blocks delays only the calls that need it."""

import socket
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
import requests
from chain import Branch
from postgres import Postgres

from mock_nicepay.core.records import Merchant
from mock_nicepay.core.stores import open_store
from mock_nicepay.front.server.server import BackgroundServer

WITHIN = 10.0  # seconds; a store's own timeout is longer
MANY = 30


@pytest.fixture
def callers() -> Iterator[ThreadPoolExecutor]:
    """A pool of clients that call at the same time."""
    with ThreadPoolExecutor(MANY) as callers:
        yield callers


def token_call(url: str, merchant: Merchant) -> Callable[[], str]:
    """A token call of a merchant; returns the result code."""
    auth = (merchant.client_id, merchant.secret_key)

    def call() -> str:
        reply = requests.post(f"{url}/v1/access-token", json={}, auth=auth, timeout=3 * WITHIN)
        return str(reply.json()["resultCode"])

    return call


def window_visit(url: str, merchant: Merchant) -> Callable[[], str]:
    """A visit to the payment window, which runs in a thread; returns the result code."""
    order = {
        "clientId": merchant.client_id,
        "orderId": "O-1",
        "amount": 1004,
        "goodsName": "book",
        "method": "card",
        "returnUrl": "http://127.0.0.1:9/",
        "post": False,
    }

    def visit() -> str:
        reply = requests.post(f"{url}/_mock/window/pay", json=order, timeout=3 * WITHIN)
        return str(reply.json()["form"]["authResultCode"])

    return visit


@pytest.mark.parametrize(
    ("merchants", "kind"),
    [(1, token_call), (6, token_call), (1, window_visit)],
    ids=["one", "six", "in the window"],
)
def test_a_blocked_merchant_delays_no_other(
    merchants: int,
    kind: Callable[[str, Merchant], Callable[[], str]],
    postgres: Postgres,
    callers: ThreadPoolExecutor,
) -> None:
    """Another process blocks in transactions of some merchants, and thirty calls wait for these."""
    address = postgres.database()
    branch = Branch(address)
    held = [branch.merchant, *(branch.sandbox.add_merchant() for _ in range(merchants - 1))]
    other = branch.sandbox.add_merchant()
    still = [open_store(address) for _ in held]
    with BackgroundServer(branch.sandbox) as server:
        with ExitStack() as turns:
            for store, merchant in zip(still, held, strict=True):
                turns.enter_context(store.transaction(merchant.client_id))
            calls = [kind(server.url, merchant) for merchant in held] * (MANY // merchants)
            waiting: list[Future[str]] = [callers.submit(call) for call in calls]
            while _waiting(postgres, address) < merchants:
                pass
            assert "0000" == token_call(server.url, other)()
            health = requests.get(f"{server.url}/_mock/health", timeout=WITHIN).json()
            assert "ok" == health["status"]
            assert [] == [each for each in waiting if each.done()]
            assert merchants == _waiting(postgres, address)
        assert {"0000"} == {each.result() for each in waiting}
    for store in still:
        store.close()
    branch.sandbox.end()


def test_a_blocked_new_merchant_delays_no_other(
    postgres: Postgres, callers: ThreadPoolExecutor
) -> None:
    """Also when this process serves the merchant that waits for the first time."""
    address = postgres.database()
    branch = Branch(address)
    elsewhere = Branch(address)
    still = open_store(address)
    with BackgroundServer(branch.sandbox) as server:
        held, other = elsewhere.sandbox.add_merchant(), elsewhere.sandbox.add_merchant()
        with still.transaction(held.client_id):
            waiting = callers.submit(token_call(server.url, held))
            while not _waiting(postgres, address):
                pass
            assert "0000" == callers.submit(token_call(server.url, other)).result(WITHIN)
            assert not waiting.done()
        assert "0000" == waiting.result()
    still.close()
    for each in (branch, elsewhere):
        each.sandbox.end()


def _waiting(postgres: Postgres, address: str) -> int:
    """How many database connections wait for a merchant's lock."""
    return len(postgres.ask(address, "SELECT FROM pg_locks WHERE NOT granted"))


def test_a_busy_file_does_not_block_the_loop(tmp_path: Path, callers: ThreadPoolExecutor) -> None:
    """While a thread holds the file, calls that need the store wait; others are answered."""
    branch = Branch(f"sqlite:///{tmp_path}/a.db", body_limit=2048)
    with BackgroundServer(branch.sandbox) as server:
        with branch.sandbox.store.transaction():
            call = token_call(server.url, branch.merchant)
            waiting = [callers.submit(call) for _ in range(5)]
            reply = requests.post(f"{server.url}/v1/x", data="x" * 5000, timeout=WITHIN)
            assert 413 == reply.status_code
            assert [] == [each for each in waiting if each.done()]
        assert ["0000"] * 5 == [each.result() for each in waiting]
    branch.sandbox.end()


def test_a_half_closed_connection_is_answered_late(tmp_path: Path) -> None:
    """A client that has closed its sending side still gets an answer that had to wait for the store."""
    branch = Branch(f"sqlite:///{tmp_path}/a.db")
    with BackgroundServer(branch.sandbox) as server:
        client = HTTPConnection("127.0.0.1", int(server.url.rpartition(":")[2]), timeout=WITHIN)
        with branch.sandbox.store.transaction():
            client.request("POST", "/v1/access-token", b"{}")
            client.sock.shutdown(socket.SHUT_WR)
            assert 404 == requests.get(f"{server.url}/favicon", timeout=WITHIN).status_code
        assert 401 == client.getresponse().status
        client.close()
    branch.sandbox.end()


@pytest.fixture(params=["sqlite", "postgres"])
def branch(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Branch]:
    """A gateway on a durable store."""
    url = f"sqlite:///{tmp_path}/a.db"
    if request.param == "postgres":
        url = request.getfixturevalue("postgres").database()
    branch = Branch(url)
    yield branch
    branch.sandbox.end()


def test_calls_resets_and_timers_do_not_deadlock(
    branch: Branch, callers: ThreadPoolExecutor
) -> None:
    """No deadlock: every thread takes the locks of clock and store in the same order."""
    scenario = {
        "version": 1,
        "name": "busy",
        "rules": [{"call": "token.issue", "every": 2, "reply": {"code": "9999"}}],
        "timeline": [{"at": f"+{n}m", "do": "token.expire"} for n in range(1, 30)],
        "expect": [{"called": "token.issue"}],
    }
    client_id = branch.merchant.client_id

    def kinds(number: int) -> list[Callable[[], Any]]:
        return [
            lambda: branch.codes(2),
            lambda: branch.advance(minutes=1),
            lambda: branch.sandbox.choose_scenario(scenario, client_id),
            lambda: branch.sandbox.report(client_id),
            lambda: branch.sandbox.reset(client_id) if number % 3 == 0 else None,
        ]

    works = [work for number in range(12) for work in kinds(number)]
    done = [callers.submit(work) for work in works]
    for each in done:
        each.result(timeout=6 * WITHIN)
    assert "0000" in branch.codes(2)


def test_no_count_is_lost(branch: Branch, callers: ThreadPoolExecutor) -> None:
    """Under concurrent calls and reports each call counts, and each rule fires as often as it may."""
    branch.play(
        {
            "rules": [{"call": "token.issue", "times": 5, "reply": {"code": "9999"}}],
            "expect": [{"called": "token.issue", "times": 40}],
        }
    )
    client_id = branch.merchant.client_id
    with BackgroundServer(branch.sandbox) as server:
        call = token_call(server.url, branch.merchant)
        calls = [callers.submit(call) for _ in range(40)]
        looks = [callers.submit(branch.sandbox.report, client_id) for _ in range(20)]
        codes = [each.result() for each in calls]
        for look in looks:
            look.result()
    (report,) = branch.sandbox.report(client_id)
    counted = sum(row.seconds > 0 for row in branch.sandbox.meter.calls.values())
    assert (5, True, {"token.issue": 40}) == (codes.count("9999"), report["ok"], report["calls"])
    assert 2 == counted
    assert 40 == len(branch.calls())
