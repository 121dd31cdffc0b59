"""Random days of payments and cancels: what reconciliation tells adds up to what is left of the money."""

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

import hypothesis.strategies as st
from hypothesis import HealthCheck, given, settings
from till import REFUND, Till

from mock_nicepay.core.reconciliation.settlements import worth
from mock_nicepay.core.records import Payment

FIRST = date(2023, 2, 28)
METHODS = st.sampled_from(["card", "kakaopay", "bank", "vbank", "cellphone"])
# What happens: somebody pays, pays into an account, has a part or all of a payment cancelled; a day passes.
STEPS = st.one_of(
    st.tuples(st.just("pay"), METHODS, st.integers(1, 10**6)),
    st.tuples(st.just("deposit"), st.integers(0, 5), st.just(0)),
    st.tuples(st.just("part"), st.integers(0, 5), st.integers(1, 10**6)),
    st.tuples(st.just("cancel"), st.integers(0, 5), st.just(0)),
    st.tuples(st.just("day"), st.just(0), st.just(0)),
)


def live(till: Till, steps: list[tuple[str, Any, int]]) -> int:
    """Let it all happen, as far as the gateway lets it; how many days it took."""
    tids: list[str] = []
    days = 0
    for word, which, amount in steps:
        if word == "pay":
            tids.append(till.pay(method=which, amount=amount).tid)
        elif word == "day":
            till.advance(days=1)
            days += 1
        elif tids:
            act(till, word, till.sandbox.ledger.payment(tids[which % len(tids)]), amount)
    return days


def act(till: Till, word: str, payment: Payment, amount: int) -> None:
    """One thing that happens to a payment; the gateway may say no."""
    if word == "deposit":
        till.control("POST", f"/payments/{payment.tid}/deposit")
        return
    part = {"cancelAmt": amount} if word == "part" else {}
    till.cancel(payment, **part, **REFUND)


def rows(till: Till, call: str, days: int) -> list[dict[str, Any]]:
    """All rows of all days, read in pages of three."""
    found = []
    for number in range(days + 1):
        start = 1
        while start:
            query = {"date": f"{FIRST + timedelta(number):%Y%m%d}", "limit": 3}
            answer = till.ask(
                "GET", f"/v1/{call}", query=urlencode({**query, "startingSequence": start})
            )[1]
            start = answer["pagination"]["nextSequence"]
            found += answer[call]
    return found


def money_of(found: list[dict[str, Any]]) -> dict[str, int]:
    """What is left of each payment, from the rows alone: of each tid the latest row counts."""
    latest = {row["tid"]: row for row in found}
    left: dict[str, int] = {}
    for tid, row in latest.items():
        own = tid == row["originalTid"]
        signed = row["amount"] * (1 if row["transactionStatus"] == "paid" else 0 if own else -1)
        left[row["originalTid"]] = left.get(row["originalTid"], 0) + signed
    return left


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(st.lists(STEPS, max_size=25), st.sampled_from(["KRW", "USD"]))
def test_the_rows_add_up(steps: list[tuple[str, Any, int]], pay_out: str) -> None:
    """Transactions to the balances, settlements to the balances without their fees."""
    till = Till(merchant={"settlementCurrency": pay_out})
    days = live(till, steps)
    payments = till.sandbox.ledger.payments(till.merchant.client_id)
    balances = {
        each.tid: 0 if each.account and not each.deposited_at else each.balance for each in payments
    }
    settled = rows(till, "settlements", days)

    left = money_of(rows(till, "transactions", days))
    assert balances == left
    for each in payments:
        own = [row for row in settled if row["originalTid"] == each.tid]
        now = worth(balances[each.tid], each.pay_method, "KRW", pay_out)
        told = [round(sum(row[name] for row in own), 2) for name in ("fee", "vat")]

        assert [float(now.fee), float(now.vat)] == told
        assert float(now.net) == round(sum(row["net"][pay_out.lower()] for row in own), 2)
