"""Limits: of merchants, of journals, for wrong keys, and for slow patterns."""

import json
from itertools import count
from typing import Any

import pytest
from quiet import Call, settings

from mock_nicepay.contract.endpoint import Request, settled
from mock_nicepay.core.clock import stopwatch
from mock_nicepay.core.journal.entries import SMALL, Journal
from mock_nicepay.core.login.wrong_keys import WrongKeys, shared_times
from mock_nicepay.core.misuse import Misuse
from mock_nicepay.core.scenarios.patterns import pattern_search
from mock_nicepay.front.dispatch import respond
from mock_nicepay.sandbox import Sandbox


class Kept:
    """An entry, as far as a journal reads it."""

    def __init__(self, number: int) -> None:
        self.id = number


def test_merchants_have_a_bound() -> None:
    """The next one is refused with the name of the setting; existing ones still work."""
    sandbox = Sandbox(settings(merchant_limit=7))
    for _ in range(2):
        sandbox.add_merchant()
    with pytest.raises(Misuse, match="there are 7 merchants already") as refused:
        sandbox.add_merchant()
    assert 409 == refused.value.status
    assert 7 == len(sandbox.merchants())


def journal_of(weights: list[int], *, size: int = 100, bound: int = 10_000) -> Journal:
    """A journal after entries of these weights, numbered from 1."""
    journal = Journal(size, count(1), bound)
    for number, weight in enumerate(weights, 1):
        entry: Any = Kept(number)
        journal.add(entry, weight)
    return journal


@pytest.mark.parametrize(
    ("kept", "weight", "weights", "size"),
    [
        ([3, 2, 1], 0, [10, SMALL, 0], 100),
        ([3, 2, 1], 9000, [3000, 3000, 3000], 100),
        ([4, 3, 2], 9000, [3000, 3000, 3000, 3000], 100),
        ([4, 3], 6000, [0, 9000, 3000, 3000], 100),
        ([2], 50_000, [9000, 50_000], 100),
        ([3, 2], 3000, [3000, 10, 3000], 2),
        ([5, 4, 3], 0, [3000, 3000, 0, 0, 0], 3),
    ],
)
def test_large_bodies_make_room(
    kept: list[int], weight: int, weights: list[int], size: int
) -> None:
    """The oldest entries are dropped until the large ones fit; the newest stays, small ones do not count."""
    journal = journal_of(weights, size=size)
    assert kept == [entry.id for entry in journal.entries()]
    journal.add(Kept(99), SMALL + 1)  # type: ignore[arg-type]
    assert journal.weight <= max(10_000, SMALL + 1)
    journal.clear()
    assert 0 == journal.weight


def test_a_journal_of_large_bodies_stays_small(call: Call, published: Any) -> None:
    """Thousands of large ones, of known callers and strangers: the bound holds."""
    sandbox = Sandbox(settings(journal_bytes=65_536))
    tenant = sandbox.tenants(published.server.client_id)[0]
    body = json.dumps({"a": "x" * 10_000}).encode()
    for _ in range(200):
        sandbox.handle(Request("POST", "/v1/payments/x", body=body))
    strangers = sandbox.tenants("unknown")[0].journal
    assert strangers.weight <= 65_536
    assert len(strangers) < 10
    assert 0 == len(tenant.journal)


def test_a_body_of_many_parts_is_kept_as_text(call: Call, sandbox: Sandbox) -> None:
    """Parsed, it would take fifty times the memory."""
    call("POST", "/v1/payments/x", body="[" + ",".join(["[]"] * 2000) + "]")
    kept = sandbox.journal()[0].body
    assert isinstance(kept, str)
    assert kept.startswith("[[],[],")


# Wrong keys


def test_wrong_keys_are_slowed() -> None:
    """Three a minute are free, then each is delayed longer, up to 5 s; after a minute it begins anew."""
    keys = WrongKeys()
    assert [0, 0, 0, 0.5, 1.0, 1.5] == [keys.delay(now=second) for second in range(6)]
    for second in range(6, 20):
        keys.delay(now=second)
    assert 5.0 == keys.delay(now=21)
    assert 0.0 == keys.delay(now=200)


def test_processes_that_share_their_times_count_together() -> None:
    """Whichever process gets the fourth wrong key delays it."""
    times = shared_times()
    one, other = WrongKeys(times), WrongKeys(times)
    assert [0, 0, 0, 0.5] == [keys.delay(now=1) for keys in (one, other, one, other)]
    assert 0.0 == one.delay(now=62)


@pytest.mark.parametrize("console", [False, True], ids=["control plane", "console"])
def test_the_right_key_is_never_slowed(console: bool) -> None:
    """Wrong keys of others do not lock its owner out."""
    sandbox = Sandbox(settings(admin_key="right"))

    def ask(key: str) -> Any:
        if not console:
            headers = {"x-mock-nicepay-admin-key": key}
            return settled(respond(sandbox, Request("GET", "/_mock/health", headers=headers)))
        page = settled(respond(sandbox, Request("GET", "/_mock/console/login"))).body.decode()
        token = page.split('name="form_token" value="')[1].split('"')[0]
        form = {"content-type": "application/x-www-form-urlencoded"}
        body = f"key={key}&form_token={token}".encode()
        return settled(respond(sandbox, Request("POST", "/_mock/console/login", "", form, body)))

    assert [0, 0, 0, 0.5, 1.0] == [ask("wrong").wire.delay for _ in range(5)]
    right = ask("right")
    assert (303 if console else 200, 0) == (right.status, right.wire.delay)


# Patterns


@pytest.mark.parametrize(
    "pattern", ["(a+)+$", "(a|a)*$", "(?R)", "a(?R)*b|x", "(a|aa)+$", "(.*a){20}$"]
)
def test_no_pattern_hangs(pattern: str) -> None:
    """A search that takes too long finds nothing."""
    search, started = pattern_search(pattern), stopwatch()
    assert not search("a" * 9_999 + "!")
    assert stopwatch() - started < 5


@pytest.mark.parametrize(
    "pattern",
    ["(a{1000}){1000}", "(" * 160 + "a" + ")+" * 160, "(?:a{0,300}){300}", "(a{,5000}){5}"],
)
def test_no_pattern_grows_without_bound(pattern: str) -> None:
    """A pattern that expands to a great length is refused."""
    with pytest.raises(ValueError, match="it has too many repetitions within repetitions"):
        pattern_search(pattern)


@pytest.mark.parametrize(
    ("found", "pattern", "text"),
    [
        (True, r"^\d{4}-\d{2}$", "2026-01"),
        (False, r"^\d{4}-\d{2}$", "2026-1"),
        (True, r"[+*{}]{3}", "a+{b}+*"),
        (True, r"^\{2\}$", "{2}"),
        (True, r"(가|나)+다$", "가나가다"),
        (True, r"^(?!mock)", "A-1"),
        (True, r"(?i)order", "ORDER-1"),
        (False, "z", "a" * 10_000 + "z"),
    ],
)
def test_what_patterns_find(found: bool, pattern: str, text: str) -> None:
    """The usual ones, as in Python's own expressions; the first 10,000 characters are searched."""
    assert found is pattern_search(pattern)(text)
