"""Reconciliation: what the transactions and settlements of a day are, and how they are asked for."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from till import REFUND, Till

TODAY, TOMORROW, AFTER = "20230228", "20230301", "20230302"


@pytest.fixture
def till() -> Till:
    """A merchant of its own, on 28 February 2023."""
    return Till(merchant={"window": "server"})


def get(till: Till, call: str, **query: Any) -> Any:
    """The answer to a call with just this query."""
    return till.ask("GET", f"/v1/{call}", query=urlencode(query))[1]


def ask(till: Till, call: str, **query: Any) -> Any:
    """The answer to a call of reconciliation; of today when it does not say."""
    return get(till, call, **{"date": TODAY, **query})


def days(till: Till, count: int = 1) -> None:
    """Days pass."""
    till.sandbox.advance(timedelta(days=count))


def told(till: Till, day: str, call: str = "transactions") -> list[tuple[str, int]]:
    """The rows of a day as status and amount."""
    return [(row["transactionStatus"], row["amount"]) for row in ask(till, call, date=day)[call]]


# What happens on two days, and the rows of both.
def nothing(till: Till) -> None:
    """A quiet day."""


def pay(till: Till) -> None:
    """Somebody pays 1,004 won by card."""
    till.pay(order_id="A")


def order_account(till: Till) -> None:
    """Somebody asks for an account."""
    till.pay(order_id="A", method="vbank")


def deposit(till: Till) -> None:
    """The money comes."""
    till.sandbox.ledger.deposit(last(till).tid)


def last(till: Till) -> Any:
    """The payment."""
    return till.sandbox.ledger.payments(till.merchant.client_id)[0]


def cancel(till: Till) -> None:
    """All that is left is cancelled."""
    body = REFUND if last(till).deposited_at else {}
    assert "0000" == till.cancel(last(till), **body)["resultCode"]


def cancel_four(till: Till) -> None:
    """Four won are cancelled."""
    order = f"cancel-{len(last(till).cancels)}"
    assert "0000" == till.cancel(last(till), cancelAmt=4, orderId=order)["resultCode"]


def decline(till: Till) -> None:
    """The issuer says no."""
    till.sandbox.choose_scenario(
        {
            "version": 1,
            "name": "no",
            "rules": [{"call": "payments.approve", "reply": {"code": "3011"}}],
        }
    )
    till.approve(till.authorise(order_id="A"))


def undone(till: Till) -> None:
    """A scenario has the call happen and be undone."""
    till.sandbox.choose_scenario(
        {"version": 1, "name": "none", "rules": [{"call": "payments.approve", "effect": "none"}]}
    )
    assert "0000" == till.approve(till.authorise(order_id="A"))["resultCode"]


PAID, VOID, BACK = ("paid", 1004), ("cancelled", 1004), ("partialCancelled", 4)
CREATED, UNMADE = ("vbankCreate", 1004), ("vbankCancelled", 1004)
LIVES = [
    pytest.param([], [], [nothing], [nothing], id="nothing"),
    pytest.param([PAID], [], [pay], [nothing], id="paid"),
    pytest.param([], [], [decline], [nothing], id="declined"),
    pytest.param([], [], [undone], [nothing], id="undone"),
    pytest.param([VOID], [], [pay, cancel], [nothing], id="cancelled-the-same-day"),
    pytest.param([PAID], [VOID], [pay], [cancel], id="cancelled-the-next-day"),
    pytest.param([PAID, BACK], [BACK], [pay, cancel_four], [cancel_four], id="in-parts"),
    pytest.param(
        [PAID, BACK], [("partialCancelled", 1000)], [pay, cancel_four], [cancel], id="part-and-rest"
    ),
    pytest.param([CREATED], [], [order_account], [nothing], id="account"),
    pytest.param([CREATED], [PAID], [order_account], [deposit], id="account-paid-the-next-day"),
    pytest.param([PAID], [], [order_account, deposit], [nothing], id="account-paid"),
    pytest.param([UNMADE], [], [order_account, cancel], [nothing], id="account-cancelled"),
    pytest.param([CREATED], [UNMADE], [order_account], [cancel], id="account-cancelled-next-day"),
    pytest.param([CREATED], [VOID], [order_account], [deposit, cancel], id="account-refunded"),
]


@pytest.mark.parametrize(("first", "second", "today", "tomorrow"), LIVES)
def test_a_day_has_a_row_for_each_tid(
    till: Till, first: Any, second: Any, today: Any, tomorrow: Any
) -> None:
    """With what has become of it by the end of that day; settlements leave out what never had money."""
    for act in today:
        act(till)
    days(till)
    for act in tomorrow:
        act(till)

    assert [first, second] == [told(till, TODAY), told(till, TOMORROW)]
    money = [[row for row in day if "vbank" not in row[0]] for day in (first, second)]
    assert money == [told(till, day, "settlements") for day in (TODAY, TOMORROW)]


def test_a_row_of_a_partial_cancel_names_both_tids(till: Till) -> None:
    """Its own and the payment's; its orderId is that of the cancel."""
    pay(till)
    cancel_four(till)
    paid, back = ask(till, "transactions")["transactions"]
    payment = last(till)

    assert (payment.tid, payment.tid, "A") == (paid["tid"], paid["originalTid"], paid["orderId"])
    assert (payment.cancelled_tid, payment.tid) == (back["tid"], back["originalTid"])
    assert "cancel-0" == back["orderId"]
    assert ["2023-02-28T00:00:00"] * 2 == [paid["transactionAt"], back["transactionAt"]]


def test_pages(till: Till) -> None:
    """By sequence: count is that of the day, the last page has nextSequence 0, later rows come last."""
    tids = [till.pay().tid for _ in range(5)]
    pages, start = [], 0
    while not pages or start:
        answer = ask(till, "transactions", startingSequence=start, limit=2)
        start = answer["pagination"]["nextSequence"]
        pages.append([(row["sequence"], row["tid"]) for row in answer["transactions"]])

        assert {"count": 5, "hasMore": start > 0, "nextSequence": start} == answer["pagination"]

    assert list(enumerate(tids, 1)) == [row for page in pages for row in page]
    assert [2, 2, 1] == [len(page) for page in pages]
    later = till.pay().tid
    assert [(6, later)] == [
        (row["sequence"], row["tid"])
        for row in ask(till, "transactions", startingSequence=6)["transactions"]
    ]
    beyond = ask(till, "transactions", startingSequence=7)
    assert ([], False, 0) == (beyond["transactions"], *list(beyond["pagination"].values())[1:])


def test_a_cancelled_payment_keeps_its_place(till: Till) -> None:
    """What was read of a day that goes on stays where it was."""
    first, second = till.pay(), till.pay()
    till.cancel(first)

    assert [(first.tid, "cancelled"), (second.tid, "paid")] == [
        (row["tid"], row["transactionStatus"]) for row in ask(till, "transactions")["transactions"]
    ]


def test_a_deposit_comes_after_what_was_settled_before(till: Till) -> None:
    """In settlements: its account was ordered earlier, but had no money when the others were read."""
    account = till.pay(method="vbank")
    card = till.pay()
    assert [(1, card.tid)] == settled(till)

    till.sandbox.ledger.deposit(account.tid)
    assert [(1, card.tid), (2, account.tid)] == settled(till)


def settled(till: Till) -> list[tuple[int, str]]:
    """The day's settlements, by number and tid."""
    rows = ask(till, "settlements")["settlements"]
    return [(row["sequence"], row["tid"]) for row in rows]


def test_payments_under_way_are_not_there_yet(till: Till) -> None:
    """A payment that the network still works at comes with its moment."""
    rule = {"call": "payments.approve", "effect": "late", "delay": "10m", "reply": "ok"}
    till.sandbox.choose_scenario({"version": 1, "name": "late", "rules": [rule]})
    late = till.authorise()
    till.approve(late)

    assert [] == told(till, TODAY)
    till.sandbox.advance(timedelta(minutes=10))
    assert [PAID] == told(till, TODAY)


def test_the_day_is_that_of_korea(till: Till) -> None:
    """By the merchant's clock; what happens after midnight is the next day's."""
    till.sandbox.advance(timedelta(hours=11))
    pay(till)
    till.sandbox.advance(timedelta(minutes=10))
    till.pay()

    assert [1, 1] == [len(told(till, TODAY)), len(told(till, TOMORROW))]


@pytest.mark.parametrize("call", ["transactions", "settlements"])
@pytest.mark.parametrize(
    ("expected", "query"),
    [
        ("0000", {}),
        ("0000", {"date": "19990101"}),
        ("U100", {"date": ""}),
        ("U130", {"date": "2023-02-28"}),
        ("U129", {"date": TOMORROW}),
        ("U132", {"limit": 501}),
        ("U329", {"startingSequence": "x"}),
        ("0000", {"date": "2023-02-28T00:00:00"}),
        ("0000", {"type": "transactionDate"}),
    ],
)
def test_what_is_asked(till: Till, call: str, expected: str, query: dict[str, Any]) -> None:
    """A day that has come, in pages of 500 at the most."""
    answer = ask(till, call, **query)

    assert expected == answer["resultCode"]
    assert ("Success" == answer["resultMsg"]) == (expected == "0000")


@pytest.mark.parametrize(
    ("expected", "edition", "query"),
    [
        ("0000", "union", {"startDate": "2023-02-27T00:00:00", "endDate": "2023-02-28T00:00:00"}),
        ("0000", "union", {"startDate": "20230227"}),
        ("U129", "union", {"startDate": "20230228", "endDate": "20230227"}),
        ("U129", "union", {"startDate": "20230101", "endDate": "20230228"}),
        ("U129", "union", {"startDate": "20230228", "endDate": "20230301"}),
        ("U130", "union", {"startDate": "yesterday"}),
        ("U100", "gateway", {"startDate": "2023-02-27T00:00:00"}),
        ("U130", "gateway", {"date": "2023-02-27T00:00:00"}),
        ("U100", "manual", {"startDate": "20230227"}),
    ],
)
def test_the_beta_asked_for_periods(expected: str, edition: str, query: dict[str, Any]) -> None:
    """`union` takes them as well, of at most 31 days; today's gateway does not."""
    till = Till(edition=edition)

    assert expected == get(till, "transactions", **query)["resultCode"]


def test_a_period_is_numbered_through(till: Till) -> None:
    """Its days one after another."""
    pay(till)
    days(till)
    cancel(till)
    answer = get(till, "transactions", startDate=TODAY, endDate=TOMORROW)

    assert [(1, "paid"), (2, "cancelled")] == [
        (row["sequence"], row["transactionStatus"]) for row in answer["transactions"]
    ]


@pytest.mark.parametrize("call", ["transactions", "settlements"])
def test_the_sandbox_has_none(call: str) -> None:
    """U109 with 403, as for all that NICEPAY's sandbox lacks."""
    assert "U109" == ask(Till(sandbox_limits=True), call)["resultCode"]


@pytest.mark.parametrize("call", ["transactions", "settlements"])
def test_others_are_not_seen(till: Till, call: str) -> None:
    """Each merchant has its own days, which a reset forgets."""
    pay(till)
    other = till.sandbox.add_merchant()

    assert 1 == ask(till, call)["pagination"]["count"]
    till.sandbox.reset(till.merchant.client_id)
    assert 0 == ask(till, call)["pagination"]["count"]
    till.merchant = other
    assert [] == ask(till, call)[call]


# Settlements

MONEY = ("net", "fee", "vat", "amount", "supplyAmt", "exchangeRate", "paidOutDate")


@pytest.mark.parametrize(
    ("expected", "traits", "wish"),
    [
        (({"krw": 971, "usd": 0}, 33, 3, 1004, 913, 1, "20230305"), {}, {}),
        (({"krw": 971, "usd": 0}, 33, 3, 1004, 913, 1, "20230305"), {}, {"method": "kakaopay"}),
        (({"krw": 982, "usd": 0}, 22, 2, 1004, 913, 1, "20230305"), {}, {"method": "bank"}),
        (({"krw": 960, "usd": 0}, 44, 4, 1004, 913, 1, "20230305"), {}, {"method": "cellphone"}),
        (
            ({"krw": 0, "usd": 73.31}, 3300, 300, 100_000, 90909, 1319, "20230305"),
            {"settlementCurrency": "USD"},
            {"amount": 100_000},
        ),
        (
            ({"krw": 0, "usd": 96.7}, 3.3, 0.3, 100, 91, 1319, "20230305"),
            {},
            {"amount": 100, "currency": "USD"},
        ),
        (
            ({"krw": 0, "usd": 13.93}, 3.3, 0.3, 100, 91, 1319, "20230305"),
            {},
            {"amount": 100, "currency": "CNY"},
        ),
    ],
)
def test_a_payment_is_paid_out(
    expected: tuple[Any, ...], traits: dict[str, Any], wish: dict[str, Any]
) -> None:
    """Without its fee, five days later, in won or in dollars."""
    till = Till(merchant=traits)
    till.pay(**wish)
    (row,) = ask(till, "settlements")["settlements"]

    assert expected == tuple(row[name] for name in MONEY)


def test_an_account_costs_the_same_whatever_came(till: Till) -> None:
    """330 won, once there is a deposit."""
    till.deposited(amount=50_000)
    (row,) = ask(till, "settlements")["settlements"]

    assert (330, 30, 49_670) == (row["fee"], row["vat"], row["net"]["krw"])


def test_a_cancel_is_taken_off_with_its_fee(till: Till) -> None:
    """Of a later day: negative, on a pay-out of its own; nothing is left of both together."""
    pay(till)
    days(till)
    cancel(till)
    (paid,) = ask(till, "settlements")["settlements"]
    (back,) = ask(till, "settlements", date=TOMORROW)["settlements"]

    assert (-33, -3, -971, 1004) == (back["fee"], back["vat"], back["net"]["krw"], back["amount"])
    assert 0 == paid["net"]["krw"] + back["net"]["krw"]
    assert ["20230305", "20230306"] == [paid["paidOutDate"], back["paidOutDate"]]


@pytest.mark.parametrize(
    ("expected", "acts", "wish"),
    [
        ([False, True], [pay], {}),
        ([False, False], [pay, cancel], {}),
        ([False, False], [order_account, deposit], {}),
    ],
)
def test_cards_are_acquired_overnight(
    till: Till, expected: list[bool], acts: Any, wish: Any
) -> None:
    """What has been cancelled before that never is, and accounts have no card company."""
    for act in acts:
        act(till)
    before = ask(till, "settlements")["settlements"][0]["cardAcquiringStatus"]
    days(till)

    assert expected == [before, ask(till, "settlements")["settlements"][0]["cardAcquiringStatus"]]
