"""A store that goes away while in use: callers get an error, nothing is half-written, and it recovers."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

import pytest
from cashdesk import SAMPLE
from chain import Branch
from postgres import Postgres
from sqlalchemy import Connection

from mock_nicepay.contract.endpoint import Reply, Request, settled
from mock_nicepay.core.identity import fresh_secret
from mock_nicepay.core.records import Receipt, Token
from mock_nicepay.core.store import Store, StoreAway
from mock_nicepay.core.stores import open_store
from mock_nicepay.core.stores.postgres import PostgresStore
from mock_nicepay.front.dispatch import respond


@contextmanager
def away(postgres: Postgres, url: str) -> Iterator[None]:
    """Inside, the database accepts no connection; open connections have been closed."""
    postgres.shut(url)
    try:
        yield
    finally:
        postgres.open_again(url)


@pytest.fixture
def url(postgres: Postgres) -> str:
    """An empty database."""
    return postgres.database()


@pytest.fixture
def branch(url: str) -> Iterator[Branch]:
    """A gateway on it."""
    branch = Branch(url, self_check=False)
    yield branch
    branch.sandbox.end()


def ask(branch: Branch, method: str, path: str, body: Any = None) -> Reply:
    """The whole answer to a request of the merchant."""
    sent = json.dumps(body or {}).encode()
    return settled(respond(branch.sandbox, Request(method, path, "", branch.login, sent)))


def issued(branch: Branch) -> Any:
    """The answer to a receipt."""
    wish = {"orderId": fresh_secret()[:12], **SAMPLE}
    return json.loads(ask(branch, "POST", "/v1/receipt", wish).body)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/access-token"),
        ("GET", "/v1/payments/x"),
        ("GET", "/_mock/health"),
        ("GET", "/_mock/metrics"),
        ("GET", "/_mock/journal"),
        ("POST", "/_mock/merchants"),
        ("GET", "/_mock/console"),
        ("GET", "/v1/checkout/pay/x"),
    ],
)
def test_whoever_asks_is_told(
    method: str, path: str, branch: Branch, url: str, postgres: Postgres
) -> None:
    """A plain 503 says what is away and what helps; afterwards the first call is answered."""
    with away(postgres, url):
        reply = ask(branch, method, path)
    told = json.loads(reply.body)["error"]
    assert 503 == reply.status
    assert told.startswith("the database postgresql://postgres@/test")
    assert "Start it again" in told
    assert 503 != ask(branch, method, path).status


def test_the_first_call_afterwards_is_answered(
    branch: Branch, url: str, postgres: Postgres
) -> None:
    """On every connection that ended meanwhile, inside a transaction and outside of one."""
    paid = branch.pay()
    with away(postgres, url):
        pass
    assert 200 == ask(branch, "GET", f"/v1/payments/{paid.tid}").status
    with away(postgres, url):
        pass
    assert "0000" == branch.cancel(paid, cancelAmt=4, orderId="C-1")["resultCode"]
    assert "payments.cancel" == branch.calls()[-1]


def test_what_is_cut_off_leaves_nothing(url: str, postgres: Postgres) -> None:
    """A transaction whose connection ends in its middle leaves nothing."""
    store = open_store(url)

    def work() -> None:
        with store.transaction("A"):
            store.put(Token("T1", "A", "claims"))
            store.find(Token, "A")  # what was put has been sent by now
            with away(postgres, url):
                pass
            store.put(Token("T2", "A", "claims"))

    with pytest.raises(StoreAway, match="is away: "):
        work()
    assert [] == store.find(Token)
    store.close()


@pytest.mark.parametrize("inside", [True, False], ids=["transaction", "look"])
def test_who_ends_after_the_store_leaves_no_connection(postgres: Postgres, inside: bool) -> None:
    """A connection that is returned to a closed store is closed, and so is one that is opened later."""
    store = open_store(postgres.database())
    assert isinstance(store, PostgresStore)
    used: list[Any] = []

    def note(connection: Connection) -> None:
        used.append(connection.connection.driver_connection)
        store.close()

    with store.transaction("A") if inside else nullcontext():
        store._by_key(note)
    store._by_key(note)
    assert [True, True] == [each.closed for each in used]


def test_what_has_happened_is_answered(branch: Branch, url: str, postgres: Postgres) -> None:
    """When the database goes away before the journal has the call, the caller still gets the true answer."""
    payment = branch.authorise()
    record = branch.sandbox.recorder.record

    def cut_off(*told: Any) -> None:
        with away(postgres, url):
            record(*told)

    branch.sandbox.recorder.record = cut_off  # type: ignore[method-assign]
    assert "0000" == branch.approve(payment)["resultCode"]
    del branch.sandbox.recorder.record  # type: ignore[method-assign]
    assert ("paid", []) == (branch.stored(payment).status, branch.calls())


# A SQLite file


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Branch]:
    """A gateway on a file."""
    branch = Branch(f"sqlite:///{tmp_path}/a.db", self_check=False)
    yield branch
    branch.sandbox.end()


@contextmanager
def full(store: Store) -> Iterator[None]:
    """Inside, no page can be added to the file, as on a full disk."""
    pages = pragma(store, "page_count")
    pragma(store, f"max_page_count = {pages}")
    try:
        yield
    finally:
        pragma(store, "max_page_count = 1000000")


def pragma(store: Any, text: str) -> Any:
    """What SQLite says to it, if anything."""
    rows = store._connection.exec_driver_sql(f"PRAGMA {text}")
    return rows.scalar() if rows.returns_rows else None


def test_a_full_disk_is_told_and_got_over(kept: Branch) -> None:
    """A write that did not fit leaves nothing; reading works, and writing works again with free space."""
    store = kept.sandbox.store
    answers: list[Any] = []
    with full(store):
        while not answers or "error" not in answers[-1]:
            assert len(answers) < 1000
            answers.append(issued(kept))
        assert 200 == ask(kept, "GET", "/_mock/health").status
        assert "0000" == kept.look(answers[0]["tid"])["resultCode"]
    told = answers[-1]["error"]
    assert "a.db cannot be written: database or disk is full" in told
    assert "free space on its disk" in told
    assert len(answers) - 1 == len(store.find(Receipt))
    assert "0000" == kept.issue()["resultCode"]


def test_no_number_is_given_twice_over_a_full_disk(kept: Branch) -> None:
    """Numbers given in a transaction that was rolled back are not given again."""
    store = kept.sandbox.store
    given = [store.count_up("x", "")]
    with full(store), suppress(StoreAway), store.transaction():
        given.append(store.count_up("x", ""))
        for number in range(5000):
            store.put(Token(f"T{number}", "A", "claims" * 50))
    given.append(store.count_up("x", ""))
    assert [0, 1, 2] == given
    assert [] == store.find(Token, "A")


def test_a_file_that_turns_read_only_is_told(kept: Branch) -> None:
    """The next write gets the error; nothing has changed."""
    payment = kept.authorise()
    pragma(kept.sandbox.store, "query_only = 1")
    reply = ask(kept, "POST", f"/v1/payments/{payment.tid}", {"amount": payment.amount})
    assert 503 == reply.status
    assert "a.db cannot be written: " in json.loads(reply.body)["error"]
    pragma(kept.sandbox.store, "query_only = 0")
    assert "0000" == kept.approve(payment)["resultCode"]
