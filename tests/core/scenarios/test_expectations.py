"""Expectations: when they are met, and the message when they are not."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from mock_nicepay.contract.times import KST
from mock_nicepay.core.scenarios.expectations import Judgement, Ledger, LedgerCall, judge
from mock_nicepay.core.scenarios.reader import read_text

NOON = datetime(2026, 1, 31, 12, 0, 0, tzinfo=KST)
PAYMENTS: list[Mapping[str, Any]] = [
    {"tid": "t1", "orderId": "A1", "status": "paid", "amount": 1004, "balanceAmt": 1004},
    {"tid": "t2", "orderId": "A2", "status": "cancelled", "amount": 500, "balanceAmt": 0},
    {"token": "expired"},
]


def called(*calls: tuple[str, int, str]) -> list[LedgerCall]:
    """Calls as name, seconds after noon, result code."""
    return [
        LedgerCall(name, NOON + timedelta(seconds=second), code) for name, second, code in calls
    ]


MORNING = called(
    ("token.issue", 1, "0000"),
    ("payments.approve", 2, "3011"),
    ("payments.approve", 3, "0000"),
    ("payments.get", 4, ""),
    ("token.issue", 3700, "U104"),
)


def judged(
    written: str, calls: Sequence[LedgerCall] = (), finals: Sequence[Mapping[str, Any]] = ()
) -> Judgement:
    """The judgement of one expectation."""
    (expectation,) = read_text(f"version: 1\nname: x\nexpect: [{{{written}}}]\n").expect
    return judge(expectation, Ledger(NOON, calls, finals))


@pytest.mark.parametrize(
    ("detail", "written"),
    [
        ("", "called: token.issue"),
        ("", "called: token.issue, times: 2"),
        ("", 'called: token.issue, times: ">= 2"'),
        ("", "called: token.issue, times: 1, within: 1h"),
        ("", "called: payments.approve, times: 1, answered: 3011"),
        ("", 'called: "payments.*", times: 3'),
        ("", "called: [token.issue, payments.get], times: 3"),
        ("", "called: terms.get, times: 0"),
        ("", "called: payments.get, answered: missing"),
        ("never called; calls were: token.issue x2, payments.approve x2, payments.get x1", "called: payments.netcancel"),
        ("called twice, expected 1 (at 12:00:01, 13:01:40)", "called: token.issue, times: 1"),
        ("called twice, expected < 2 (at 12:00:01, 13:01:40)", 'called: token.issue, times: "< 2"'),
        ("called once, expected 2 (at 12:00:01); not counted: 1 later than 1h30s (at 13:01:40)", "called: token.issue, times: 2, within: 1h30s"),
        ("called once, expected 2 (at 12:00:02); not counted: 1 answered 0000 x1", 'called: payments.approve, times: 2, answered: "3*"'),
        ("called 0 times, expected at least 1; not counted: 2 answered 3011 x1, 0000 x1", "called: payments.approve, answered: U104"),
        ("called 0 times, expected at least 1; not counted: 1 answered nothing x1", "called: payments.get, answered: 0000"),
        ("called 0 times, expected at least 1; not counted: 2 later than 500ms (at 12:00:01, 13:01:40)", "called: token.issue, within: 500ms"),
    ],
)  # fmt: skip
def test_called(detail: str, written: str) -> None:
    """`called` counts the calls it is about, and tells what was counted and what was not."""
    judgement = judged(written, MORNING)
    assert (not detail, detail) == (judgement.ok, judgement.detail)


def test_called_when_nothing_was() -> None:
    """Without a single call there is nothing to list."""
    text = "called: payments.netcancel, times: 1, within: 1h"
    assert Judgement(False, text, "never called; there was no call at all") == judged(text)


def test_many_calls_are_told_shortly() -> None:
    """Ten moments are listed, and the date where it matters."""
    many = called(*(("token.issue", second, "0000") for second in range(15)))
    expected = ", ".join(f"12:00:{second:02}" for second in range(10))
    assert (
        f"called 15 times, expected 1 (at {expected}, and 5 more)"
        == judged("called: token.issue, times: 1", many).detail
    )
    days = called(("token.issue", 0, "0000"), ("token.issue", 86400, "0000"))
    expected = "called twice, expected 1 (at 2026-01-31 12:00:00, 2026-02-01 12:00:00)"
    assert expected == judged("called: token.issue, times: 1", days).detail


@pytest.mark.parametrize(
    ("detail", "written"),
    [
        ("", "never: payments.netcancel"),
        ("", "never: token.issue, answered: 3011"),
        ("called twice (at 12:00:01, 13:01:40)", "never: token.issue"),
        ("called once (at 13:01:40), answered U104 x1", 'never: token.issue, answered: "U*"'),
        ("payments.approve x2, payments.get x1 called 3 times (at 12:00:02, 12:00:03, 12:00:04)", 'never: "payments.*"'),
    ],
)  # fmt: skip
def test_never(detail: str, written: str) -> None:
    """`never` fails for every call it is about."""
    judgement = judged(written, MORNING)
    assert (not detail, detail) == (judgement.ok, judgement.detail)


@pytest.mark.parametrize(
    ("detail", "states"),
    [
        ("", ["paid"]),
        ("", ["paid", "cancelled", "failed", "ready"]),
        ("order A1 was charged twice: t0 paid, t1 paid", ["paid", "paid"]),
        ("order A1 was charged 3 times: t0 partialCancelled, t2 paid, t3 paid", ["partialCancelled", "cancelled", "paid", "paid"]),
    ],
)  # fmt: skip
def test_double_charge(detail: str, states: list[str]) -> None:
    """Two payments of one order whose money moved are a double charge."""
    finals: list[Mapping[str, Any]] = [
        {"tid": f"t{number}", "orderId": "A1", "status": state}
        for number, state in enumerate(states)
    ]
    others: list[Mapping[str, Any]] = [
        {"tid": "o", "orderId": "A2", "status": "paid"},
        {"token": "live"},
    ]
    judgement = judged("never: double_charge", finals=[*finals, *others])
    assert (not detail, detail) == (judgement.ok, judgement.detail)


@pytest.mark.parametrize(
    ("detail", "second"),
    [
        ("BIKY was charged 9900 for 구독 twice within a day: orders A1 and A2", {}),
        ("BIKY was charged 9900 for 구독 twice within a day: orders A1 and A2", {"status": "partialCancelled"}),
        ("", {"status": "cancelled"}),
        ("", {"status": "failed"}),
        ("", {"amount": 5000}),
        ("", {"goodsName": "책"}),
        ("", {"bid": "OTHER"}),
        ("", {"paidAt": NOON + timedelta(days=1)}),
    ],
)  # fmt: skip
def test_double_renewal(detail: str, second: Mapping[str, Any]) -> None:
    """Two charges of one key for the same within a day are one, whatever their orderIds."""
    first = {"tid": "t1", "orderId": "A1", "status": "paid", "amount": 9900, "balanceAmt": 9900}
    first |= {"bid": "BIKY", "goodsName": "구독", "paidAt": NOON}
    judgement = judged("never: double_charge", finals=[first, {**first, "orderId": "A2", **second}])
    assert (not detail, detail) == (judgement.ok, judgement.detail)


@pytest.mark.parametrize(
    ("detail", "written"),
    [
        ("", "order: [token.issue, payments.approve, payments.get]"),
        ("", "order: [token.issue, token.issue]"),
        ("", "order: [payments.approve, token.issue]"),
        ("no payments.approve after payments.get; the order was: token.issue, payments.approve x2, payments.get, token.issue", "order: [payments.get, payments.approve]"),
        ("no payments.get after payments.get; the order was: token.issue, payments.approve x2, payments.get, token.issue", "order: [payments.get, payments.get]"),
        ("payments.cancel was never called; calls were: token.issue x2, payments.approve x2, payments.get x1", "order: [token.issue, payments.cancel]"),
    ],
)  # fmt: skip
def test_order(detail: str, written: str) -> None:
    """`order` is met when the names follow each other, with any calls between them."""
    judgement = judged(written, MORNING)
    assert (not detail, detail) == (judgement.ok, judgement.detail)


@pytest.mark.parametrize(
    ("detail", "written"),
    [
        ("", "orderId: A1, status: paid"),
        ("", "orderId: A1, amount: 1004"),
        ("", 'orderId: "A*", status: [paid, cancelled]'),
        ("", 'tid: t2, balanceAmt: "== 0"'),
        ("", "status: {not: failed}"),
        ("", "token: expired"),
        ("", "orderId: A2, token: missing"),
        ("orderId A1: status is paid, expected cancelled", "orderId: A1, status: cancelled"),
        ("orderId A1: status is paid, expected cancelled", 'orderId: "*", status: cancelled'),
        ("orderId A1: status is paid, expected failed; orderId A2: status is cancelled, expected failed", "status: failed"),
        ("orderId A2: status is cancelled, expected paid and amount is 500, expected > 1000", 'tid: t2, status: paid, amount: "> 1000"'),
        ("token is expired, expected live", "token: live"),
        ("nothing has orderId: A9; there is: tid t1, orderId A1, status paid, amount 1004, balanceAmt 1004; tid t2, orderId A2, status cancelled, amount 500, balanceAmt 0; token expired", "orderId: A9, status: paid"),
    ],
)  # fmt: skip
def test_final(detail: str, written: str) -> None:
    """`final` chooses records by orderId and tid, and checks the other fields of each."""
    judgement = judged(f"final: {{{written}}}", finals=PAYMENTS)
    assert (not detail, detail) == (judgement.ok, judgement.detail)


def test_final_when_there_is_nothing() -> None:
    """An expectation about nothing fails."""
    detail = "nothing has orderId and status; there is no payment and no token"
    assert detail == judged('final: {orderId: "*", status: cancelled}').detail


def test_judgements_quote_the_expectation() -> None:
    """A judgement repeats the expectation as it was written."""
    assert Judgement(True, "never: double_charge") == judged("never: double_charge")
