"""Several gateways on one PostgreSQL database act as one towards a merchant."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from threading import Barrier, Event, Thread
from typing import Any

import pytest
from chain import Branch, receiver
from postgres import Postgres

from mock_nicepay.core.identity import fresh_secret
from mock_nicepay.core.misuse import Misuse
from mock_nicepay.core.records import Token
from mock_nicepay.core.stores.postgres import PostgresStore
from mock_nicepay.front.control.tokens import token_rows
from mock_nicepay.front.testing.receiver import Receiver

ONCE = {"call": "token.issue", "times": 1, "reply": {"code": "9999"}}
Pair = tuple[Branch, Branch]


@pytest.fixture
def pair(postgres: Postgres) -> Iterator[Pair]:
    """Two gateways with the same merchant."""
    url = postgres.database()
    left = Branch(url)
    right = Branch(url, left.merchant)
    yield left, right
    left.sandbox.end()
    right.sandbox.end()


@pytest.fixture
def shop() -> Iterator[Receiver]:
    """The receiver of the merchant's webhooks."""
    shop = receiver()
    yield shop
    shop.close()


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """The results of calls made at the same time."""
    barrier, results = Barrier(len(works)), [None] * len(works)

    def run(place: int, work: Callable[[], Any]) -> None:
        barrier.wait()
        results[place] = work()

    threads = [Thread(target=run, args=(n, work)) for n, work in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_a_token_of_one_counts_at_the_other(pair: Pair) -> None:
    """It is the merchant's one token everywhere."""
    left, right = pair
    assert left.token() == right.token()
    assert ["live"] == [row["state"] for row in token_rows(right.sandbox)]


def test_a_merchant_of_one_is_known_to_the_other(pair: Pair) -> None:
    """And its client id is taken."""
    left, right = pair
    fresh = left.sandbox.add_merchant()
    assert fresh == right.sandbox.merchant(fresh.client_id)
    with pytest.raises(Misuse, match="already a merchant"):
        right.sandbox.add_merchant(clientId=fresh.client_id)


def test_of_twenty_approvals_of_one_tid_one_wins(pair: Pair) -> None:
    """Ten here and ten there, at once."""
    left, right = pair
    payment = left.authorise()
    works = [lambda b=b: b.approve(payment)["resultCode"] for b in (left, right) for _ in range(10)]
    codes = at_once(*works)
    assert (1, 19) == (codes.count("0000"), len(codes) - codes.count("0000"))


def test_an_order_is_paid_once(pair: Pair) -> None:
    """Twenty payments of one orderId: one is approved, the others are U112."""
    left, right = pair
    waiting = [(b, b.authorise(order_id="O-1")) for b in (left, right) for _ in range(10)]
    works = [lambda b=b, p=p: b.approve(p)["resultCode"] for b, p in waiting]
    codes = at_once(*works)
    assert (1, 19) == (codes.count("0000"), codes.count("U112"))


def test_partial_cancels_never_take_more_than_there_is(pair: Pair) -> None:
    """Of twenty cancels of 100 won out of 1,004 ten succeed, each with its own tid."""
    left, right = pair
    paid = left.pay()
    works = [
        lambda b=b, n=n: b.cancel(paid, cancelAmt=100, orderId=f"{id(b)}-{n}")
        for b in (left, right)
        for n in range(10)
    ]
    answers = at_once(*works)
    done = [each for each in answers if each["resultCode"] == "0000"]
    assert (10, 10, 4) == (
        len(done),
        len({each["cancelledTid"] for each in done}),
        right.stored(paid).balance,
    )


def test_the_time_is_one(pair: Pair) -> None:
    """Moved on one gateway, it has moved on the other, also for new merchants."""
    left, right = pair
    left.token()
    left.advance(minutes=31)
    assert ("13:24", "13:24") == (left.now(), right.now())
    assert ["expired"] == [row["state"] for row in token_rows(right.sandbox)]
    assert "13:24" == f"{right.sandbox.default_clock().moment:%H:%M}"
    right.advance(minutes=1)
    assert ("13:25", "13:25") == (left.now(), right.now())


def test_advances_at_once_add_up(pair: Pair) -> None:
    """No advance is lost when two gateways read and write at once."""
    left, right = pair
    at_once(*(lambda b=b: b.advance(minutes=1) for b in (left, right) for _ in range(5)))
    assert ("13:03", "13:03") == (left.now(), right.now())


def test_what_fires_once_fires_once(pair: Pair) -> None:
    """The chosen scenario and its counts are the merchant's, wherever it is called."""
    left, right = pair
    left.play({"rules": [{**ONCE, "times": 3}], "expect": [{"called": "token.issue", "times": 20}]})
    codes = at_once(*(lambda b=b: b.codes(1)[0] for b in (left, right) for _ in range(10)))
    assert 3 == codes.count("9999")
    for branch in pair:
        report = branch.sandbox.report(branch.merchant.client_id)[0]
        assert (True, {"token.issue": 20}, 3) == (
            report["ok"],
            report["calls"],
            report["rules"][0]["fired"],
        )


def test_a_choice_of_one_ends_that_of_the_other(pair: Pair) -> None:
    """The latest choice counts, also none."""
    left, right = pair
    left.play({"rules": [ONCE]})
    right.play({"rules": [{**ONCE, "reply": {"code": "U104"}}]})
    assert ["U104", "0000"] == left.codes(2)
    left.sandbox.drop_scenario(left.merchant.client_id)
    assert [] == right.sandbox.tenants(right.merchant.client_id)[0].players()


def test_a_timeline_happens_once(pair: Pair) -> None:
    """Both gateways plan the deposit; one carries it out, and both see it."""
    left, right = pair
    paid = left.pay(method="vbank")
    left.play({"timeline": [{"at": "+1m", "do": "payment.deposit"}]})
    assert 1 == len(right.sandbox.tenants(right.merchant.client_id)[0].clock.pending())
    at_once(lambda: left.advance(minutes=1), lambda: right.advance(minutes=1))
    assert "paid" == right.stored(paid).status
    calls = left.sandbox.journal(left.merchant.client_id)
    assert 1 == len([each for each in calls if each.method == "TIMELINE"])


def test_maintenance_is_everywhere(pair: Pair) -> None:
    """The gateway is down for the merchant, and up again."""
    left, right = pair
    left.play(
        {
            "timeline": [
                {"at": "+1m", "do": "maintenance.begin"},
                {"at": "+2m", "do": "maintenance.end"},
            ]
        }
    )
    seen = []
    for _ in range(3):
        seen.append(right.sandbox.tenants(right.merchant.client_id)[0].maintenance)
        left.advance(minutes=1)
    assert [False, True, False] == seen


def test_all_merchants_are_followed_in_one_look(pair: Pair) -> None:
    """Changes at the other gateway are read in one query for all merchants."""
    left, right = pair
    others = [left.sandbox.add_merchant() for _ in range(5)]
    list(right.sandbox.tenants())
    left.sandbox.advance(timedelta(minutes=31), left.merchant.client_id)
    store, looks = right.sandbox.store, []
    assert isinstance(store, PostgresStore)
    ask = store._connections.ask

    def watched(work: Callable[[Any], Any]) -> Any:
        looks.append(work)
        return ask(work)

    store._connections.ask = watched  # type: ignore[method-assign]
    times = {each.client_id: f"{each.clock.now():%H:%M}" for each in right.sandbox.tenants()}
    assert ("13:24", "12:53") == (times[right.merchant.client_id], times[others[0].client_id])
    assert len(looks) < len(others)


def test_a_reset_is_for_all(pair: Pair) -> None:
    """Records, time, scenario and journal are gone at the other one, too."""
    left, right = pair
    paid = right.pay()
    right.play({"rules": [ONCE]})
    left.sandbox.reset(left.merchant.client_id)
    assert ([], 404, []) == (
        right.calls(),
        right.ask("GET", f"/v1/payments/{paid.tid}")[0],
        right.sandbox.tenants(right.merchant.client_id)[0].players(),
    )


def test_the_journal_shows_the_calls_of_all(pair: Pair) -> None:
    """In their order, each with a number of its own; bounded by the merchant."""
    left, right = pair
    left.token()
    paid = right.pay()
    left.get(paid.tid)
    assert ["token.issue", "payments.approve", "payments.get"] == right.calls()
    numbers = [each.id for each in left.sandbox.journal(left.merchant.client_id)]
    assert sorted(set(numbers), reverse=True) == numbers
    own = left.merchant.client_id
    assert (numbers[0], numbers[0]) == (left.sandbox.latest_call(own), right.sandbox.latest_call())
    assert (3, 3) == (left.sandbox.calls_kept(own), right.sandbox.calls_kept())


def test_the_journal_is_bounded(postgres: Postgres) -> None:
    """Each merchant's by itself, however its calls are mixed with others'."""
    url = postgres.database()
    one = Branch(url, journal_size=5)
    two = Branch(url, journal_size=5)
    for _ in range(60):
        one.token()
        two.token()
    assert [5, 5] == [len(branch.calls()) for branch in (one, two)]
    rows = postgres.ask(url, "SELECT id FROM mock_nicepay.log")
    assert len(rows) < 2 * (5 + 50)
    one.sandbox.end()
    two.sandbox.end()


def test_a_webhook_is_delivered_by_one(pair: Pair, shop: Receiver) -> None:
    """By whichever gateway is first: each payment's event comes once."""
    left, right = pair
    left.tell(shop.url)
    shop.answer(status=500, times=10)
    at_once(*(b.pay for b in (left, right) for _ in range(5)))
    assert 10 == len(shop.wait(10))
    for branch in pair:
        branch.sandbox.settle()
    at_once(lambda: left.advance(minutes=1), lambda: right.advance(minutes=1))
    for branch in pair:
        branch.sandbox.settle()
    assert (["delivered"] * 10, [2] * 10, 20) == (
        left.states(),
        [len(each.tries) for each in left.deliveries()],
        len(shop.received),
    )


def test_what_another_is_at_is_waited_for(pair: Pair, shop: Receiver) -> None:
    """`settle` and `advance` on one gateway wait for a receiver that the other one is calling."""
    left, right = pair
    left.tell(shop.url)
    go_on = Event()
    shop.answer(lambda event: "OK" if go_on.wait(5) else "late")
    left.pay()
    shop.wait(1)
    settled = Thread(target=right.sandbox.settle)
    settled.start()
    settled.join(timeout=0.2)
    assert settled.is_alive()
    go_on.set()
    settled.join()
    assert ["delivered"] == right.states()


def test_what_a_dead_one_left_is_taken_up(postgres: Postgres, shop: Receiver) -> None:
    """When a process dies in the middle of a try, another one takes the event over before the lease ends."""
    url = postgres.database()
    left = Branch(url, clock="real")
    left.tell(shop.url)
    shop.answer(status=500, times=1)
    left.pay()
    left.sandbox.settle()
    (waiting,) = left.deliveries()
    store = left.sandbox.store
    assert store.commons is not None
    assert store.commons.lease(
        f"webhook {waiting.tid}",
        waiting.client_id,
        waiting.made_at - waiting.made_at.replace(year=2000),
    )
    left.sandbox.end()  # as the kernel does for a process that was killed: its connections are closed
    right = Branch(url, left.merchant, clock="real")
    right.advance(minutes=1)
    assert ["delivered"] == right.states()
    right.sandbox.end()


def cut_off(postgres: Postgres, branch: Branch) -> None:
    """What a restart of the database does to those connected to it."""
    url = branch.sandbox.settings.store
    postgres.ask(
        url,
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )


def test_a_store_that_goes_away_leaves_nobody_waiting(
    pair: Pair, shop: Receiver, postgres: Postgres
) -> None:
    """In the middle of a try: when its result cannot be stored it is tried again; `settle` ends."""
    left, right = pair
    left.tell(shop.url)

    def answer(event: dict[str, Any]) -> str:
        if len(shop.received) == 1:
            cut_off(postgres, left)
        return "OK"

    shop.answer(answer)
    left.pay()
    shop.wait(1)
    left.sandbox.settle()
    right.advance(minutes=1)
    assert ["delivered"] == right.states()
    assert 1 <= len(shop.received) <= 2


def test_a_lease_counts_after_the_database_was_away(pair: Pair, postgres: Postgres) -> None:
    """The lock that shows a process is alive ended with its connection: it is taken again."""
    left, right = (branch.sandbox.store.commons for branch in pair)
    assert left is not None
    assert right is not None
    span = timedelta(minutes=1)
    assert left.lease("before", "A", span)
    cut_off(postgres, pair[0])
    assert left.lease("after", "A", span)
    assert (True, False) == (
        right.has_leases("A"),
        right.lease("after", "A", span),
    )


def test_who_stands_still_holds_up_nobody_for_ever(pair: Pair) -> None:
    """A wait for a merchant's turn times out, and so does the transaction that holds the turn."""
    store = pair[0].sandbox.store
    assert isinstance(store, PostgresStore)
    with store._connections.begun("BEGIN") as connection:
        limits = [
            connection.exec_driver_sql(f"SHOW {name}").scalar()
            for name in ("lock_timeout", "idle_in_transaction_session_timeout")
        ]
    assert ["20s", "1min"] == limits


def test_a_console_login_counts_at_all(pair: Pair) -> None:
    """Its signing key is in the store, and so are the logouts."""
    left, right = pair
    assert left.sandbox.console_logins.secret == right.sandbox.console_logins.secret
    session = fresh_secret()
    left.sandbox.console_logins.end(session, timedelta(hours=1))
    assert right.sandbox.console_logins.is_over(session)


def test_inner_blocks_do_not_wait_for_each_other(pair: Pair) -> None:
    """A block without an owner, inside a merchant's transaction, belongs to that merchant."""
    barrier = Barrier(2)

    def nested(branch: Branch, owner: str) -> str:
        store = branch.sandbox.store
        with store.transaction(owner):
            barrier.wait(5)
            with store.transaction():
                store.put(Token(owner, owner, "claims"))
        return owner

    left, right = pair
    assert ["A", "B"] == at_once(lambda: nested(left, "A"), lambda: nested(right, "B"))


def test_merchants_do_not_wait_for_each_other(postgres: Postgres) -> None:
    """A merchant's transaction blocks only those of the same merchant; one without an owner blocks all."""
    url = postgres.database()
    branch = Branch(url)
    store = branch.sandbox.store
    seen: list[str] = []

    def put(owner: str) -> None:
        store.put(Token(owner, owner, "claims"))
        seen.append(owner)

    with store.transaction("A"):
        same, other = (Thread(target=put, args=(owner,)) for owner in "AB")
        same.start()
        other.start()
        other.join()
        assert ["B"] == seen
    same.join()
    assert ["B", "A"] == seen
    branch.sandbox.end()


# Billing keys, receipts, key pairs


def test_a_billing_key_is_charged_from_anywhere(pair: Pair) -> None:
    """Of twenty charges of one orderId one is paid; deleted on one it is deleted on the other."""
    left, right = pair
    bid = left.regist()["bid"]
    works = [
        lambda b=b: b.charge(bid, orderId="R-1")["resultCode"] for b in pair for _ in range(10)
    ]
    codes = at_once(*works)
    assert (1, 19) == (codes.count("0000"), codes.count("U112"))
    right.expire(bid)
    assert "0000" != left.charge(bid)["resultCode"]


def test_no_two_gateways_give_one_id(pair: Pair) -> None:
    """In the same moment: billing keys, charges, receipts and their cancels."""

    def busy(branch: Branch) -> list[str]:
        bid = branch.regist()["bid"]
        made = [bid, *(branch.charge(bid)["tid"] for _ in range(5))]
        receipts = [branch.issue()["tid"] for _ in range(5)]
        return [*made, *receipts, *(branch.take_back(tid)["tid"] for tid in receipts[:2])]

    here, there = at_once(lambda: busy(pair[0]), lambda: busy(pair[1]))
    names = [*here, *there]
    assert 26 == len(names) == len(set(names))


def test_a_receipt_is_taken_back_once(pair: Pair) -> None:
    """Ten here and ten there, at once."""
    tid = pair[0].issue()["tid"]
    works = [lambda b=b: b.take_back(tid)["resultCode"] for b in pair for _ in range(10)]
    codes = at_once(*works)
    assert 1 == codes.count("0000")


def test_a_key_pair_of_one_is_one_of_the_other(pair: Pair) -> None:
    """It logs in there, is masked there, and is refused there after a re-issue."""
    left, right = pair
    key = left.sandbox.keys.add(left.merchant.client_id, {"authType": "basic"})
    assert ["U103"] == right.with_key(key).codes(1)
    right.post("/v1/access-token", {"mistaken": f"my key: {key.secret_key}"})
    entry = right.sandbox.journal(left.merchant.client_id)[0]
    assert key.secret_key not in str(entry.body)
    anew = right.sandbox.keys.reissue(key.calling_id)
    assert [["U116"], ["U103"]] == [left.with_key(each).codes(1) for each in (key, anew)]
    left.sandbox.set_allow(left.merchant.client_id, ["10.0.0.0/8"])
    assert ["U315"] == right.codes(1)
    assert right.sandbox.merchant(left.merchant.client_id).allow == (
        right.sandbox.tenants(left.merchant.client_id)[0].merchant.allow
    )


def test_key_pairs_are_counted_together(pair: Pair) -> None:
    """Five at most, and no client id twice, however many are asked for at once."""
    left, right = pair

    def add(branch: Branch, **traits: str) -> int:
        try:
            branch.sandbox.keys.add(left.merchant.client_id, traits)
        except Misuse:
            return 0
        return 1

    def become(branch: Branch) -> int:
        try:
            branch.sandbox.add_merchant(clientId="one-of-two")
        except Misuse:
            return 0
        return 1

    same = [lambda b=b: add(b, clientId="one-of-two") for b in pair]
    assert 1 == sum(at_once(*same, *(lambda b=b: become(b) for b in pair)))
    assert 3 <= sum(at_once(*(lambda b=b: add(b) for b in pair for _ in range(5))))
    assert 5 == len(right.sandbox.keys.living(left.merchant.client_id))


def test_a_log_of_large_bodies_stays_small(postgres: Postgres) -> None:
    """The shared journal is bounded, too; dropped entries are gone for all gateways."""
    url = postgres.database()
    branch = Branch(url, journal_bytes=65_536)
    journal = branch.sandbox.tenants(branch.merchant.client_id)[0].journal
    for _ in range(200):
        branch.post("/v1/receipt", {"a": "x" * 10_000})
    assert 0 < journal.weight <= 65_536 + 50 * 16_384
    assert len(journal) < 100
    for _ in range(200):
        branch.codes(1)
    assert 0 <= journal.weight <= 65_536
    assert 200 < len(journal) < 300
    assert "token.issue" == journal.entries()[0].call
    branch.sandbox.end()
