"""The journal: bounded, newest first, and the JSON of an entry."""

from datetime import datetime
from itertools import count
from typing import Any

import pytest

from mock_nicepay.contract.refusal import Cause
from mock_nicepay.contract.times import KST
from mock_nicepay.core.journal.entries import Entry, Journal, shortened

PLAIN: dict[str, Any] = {
    "id": 1,
    "at": datetime(2023, 2, 28, 12, 53, 17, 657_000, KST),
    "client_id": "",
    "call": "",
    "method": "GET",
    "path": "/v1/x",
    "query": "",
    "headers": {"host": "127.0.0.1"},
    "body": None,
    "status": 404,
    "code": "U320",
    "message": "페이지를 찾을 수 없습니다.",
    "answer": {"resultCode": "U320"},
    "scenario": "",
    "rule": "",
    "line": 0,
    "effect": "commit",
    "fate": "ok",
    "ms": 0.1,
    "cause": None,
    "warning": "",
}


def entry(**changes: Any) -> Entry:
    """An entry of a call to an unknown path, with changes."""
    return Entry(**{**PLAIN, **changes})


def test_the_oldest_makes_room() -> None:
    """A journal of three keeps the three latest, the newest first."""
    journal = Journal(3, count(1))
    for _ in range(5):
        journal.add(entry(id=journal.next_id()))
    assert ([5, 4, 3], 3) == ([each.id for each in journal.entries()], len(journal))
    journal.clear()
    assert ([], 6) == (journal.entries(), journal.next_id())


def test_journals_of_a_sandbox_count_together() -> None:
    """Numbers tell the order of calls of all merchants."""
    numbers = count(1)
    first, second = Journal(9, numbers), Journal(9, numbers)
    assert [1, 2, 3] == [first.next_id(), second.next_id(), first.next_id()]


def test_a_call_of_nobody_to_nowhere_has_nulls() -> None:
    """What does not apply is null, and the keys are always the same."""
    assert {
        "id": 1,
        "at": "2023-02-28T12:53:17.657+0900",
        "merchant": None,
        "clientId": None,
        "call": None,
        "method": "GET",
        "path": "/v1/x",
        "query": "",
        "status": 404,
        "code": "U320",
        "message": "페이지를 찾을 수 없습니다.",
        "diagnosis": None,
        "warning": None,
        "rule": None,
        "effect": "commit",
        "wire": "ok",
        "ms": 0.1,
        "request": {"headers": {"host": "127.0.0.1"}, "body": None},
        "response": {"body": {"resultCode": "U320"}},
    } == entry().to_json()


def test_a_call_under_a_rule_tells_rule_and_reason() -> None:
    """Scenario, line and rule together, the diagnosis in both languages."""
    told = entry(
        client_id="S2_a",
        call="token.issue",
        scenario="slow",
        rule="token.issue -> hang",
        line=4,
        fate="hang",
        cause=Cause("why", "이유"),
        warning="loud",
    ).to_json()
    assert {
        "merchant": "S2_a",
        "call": "token.issue",
        "rule": {"scenario": "slow", "line": 4, "text": "token.issue -> hang"},
        "wire": "hang",
        "diagnosis": {"en": "why", "ko": "이유"},
        "warning": "loud",
    } == {key: told[key] for key in ("merchant", "call", "rule", "wire", "diagnosis", "warning")}


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ("가" * 16_384, "가" * 16_384),
        ("x" * 16_384 + "… (16385 characters)", "x" * 16_385),
        ("", ""),
    ],
)
def test_a_long_text_is_cut_and_says_so(expected: str, text: str) -> None:
    """Up to 16,384 characters are kept."""
    assert expected == shortened(text)
