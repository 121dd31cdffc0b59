"""Snapshots: they hold everything, load into every store, and wrong ones are refused."""

import copy
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from chain import Branch, receiver

from mock_nicepay.core.misuse import Misuse
from mock_nicepay.core.records import Payment
from mock_nicepay.core.stores.codec import kinds_of_records
from mock_nicepay.core.window.attempt import AGREED
from mock_nicepay.front.control.tokens import token_rows

ONCE = {"call": "token.issue", "times": 1, "reply": {"code": "9999"}}
KINDS = ("memory", "sqlite", "postgres")
ORDER = {
    "orderId": "window-1",
    "amount": 1004,
    "goodsName": "상품",
    "method": "card",
    "returnUrl": "http://127.0.0.1:9/return",
}


@pytest.fixture
def branch_on(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[..., Branch]]:
    """Makes a gateway on an empty store of a kind."""
    made: list[Branch] = []

    def make(kind: str, **options: Any) -> Branch:
        addresses = {
            "memory": lambda: "memory://",
            "sqlite": lambda: f"sqlite:///{tmp_path}/{len(made)}.db",
            "postgres": lambda: request.getfixturevalue("postgres").database(),
        }
        made.append(Branch(addresses[kind](), **options))
        return made[-1]

    yield make
    for branch in made:
        branch.sandbox.end()


def through_json(snapshot: Any) -> Any:
    """As it would be written into a file and read."""
    return json.loads(json.dumps(snapshot))


@pytest.mark.parametrize("into", KINDS)
@pytest.mark.parametrize("out_of", KINDS)
def test_a_gateway_goes_on_elsewhere(
    out_of: str, into: str, branch_on: Callable[..., Branch]
) -> None:
    """Payments, tokens, time, scenario with its counts, chance, and webhooks that wait."""
    shop = receiver().answer(status=500, times=1)
    old, new = branch_on(out_of), branch_on(into)
    old.tell(shop.url)
    paid = old.pay(order_id="O-1")
    old.sandbox.settle()
    token = old.token()
    old.sandbox.advance(timedelta(seconds=30), old.merchant.client_id)
    old.play({"rules": [{**ONCE, "times": 2}], "expect": [{"called": "token.issue", "times": 3}]})
    assert ["9999"] == old.codes(1)

    new.sandbox.load_snapshot(through_json(old.sandbox.take_snapshot()))
    new.merchant = old.merchant

    assert paid == new.stored(paid)
    assert ["9999", "0000"] == new.codes(2)
    assert token == new.token()
    report = new.sandbox.report(new.merchant.client_id)[0]
    assert {"token.issue": 4} == report["calls"]
    assert "4 times" in report["expectations"][0]["seen"]
    assert 10 + 1 == len({paid.tid, *(new.pay().tid for _ in range(10))})
    new.sandbox.advance(timedelta(seconds=30), new.merchant.client_id)
    states = [each.state for each in new.deliveries() if each.tid == paid.tid]
    assert ["delivered"] == states
    shop.close()


def test_a_snapshot_of_a_snapshot_is_the_same(branch_on: Callable[..., Branch]) -> None:
    """Except for the numbers that mark a new life."""
    old, new = branch_on("memory"), branch_on("memory")
    old.pay()
    first = through_json(old.sandbox.take_snapshot())
    new.sandbox.load_snapshot(first)
    second = through_json(new.sandbox.take_snapshot())
    for snapshot in (first, second):
        del snapshot["takenAt"]
        for running in snapshot["records"]["Running"]:
            del running["life"], running["version"], running["chapter"]
        for rows in snapshot["records"].values():
            rows.sort(key=json.dumps)
    assert first == second


def test_others_see_that_it_was_loaded(postgres: Any) -> None:
    """Other gateways on the store continue from the snapshot: merchants, time, signing key."""
    url = postgres.database()
    left = Branch(url)
    right = Branch(url, left.merchant)
    elsewhere = Branch("memory://")
    elsewhere.token()
    right.token()
    elsewhere.sandbox.advance(timedelta(minutes=5))
    left.sandbox.load_snapshot(through_json(elsewhere.sandbox.take_snapshot()))
    right.merchant = elsewhere.merchant
    assert ("12:58", elsewhere.token()) == (right.now(), right.token())
    assert ["live"] == [row["state"] for row in token_rows(right.sandbox)]
    left.sandbox.end()
    right.sandbox.end()


@pytest.mark.parametrize(
    ("expected", "change"),
    [
        ('there is no "format": "mock-nicepay snapshot"', lambda s: s.update(format="x")),
        ("has the version 2, and this mock-nicepay reads version 1", lambda s: s.update(version=2)),
        ('has no "records"', lambda s: s.update(records=[])),
        ("an unknown kind, 'Payments'; the nearest kind is Payment", lambda s: s["records"].update(Payments=[])),
        ("Payment 1 cannot be read: 'tid' is missing", lambda s: s["records"]["Payment"][0].pop("tid")),
        ("Payment 1 cannot be read: Invalid isoformat", lambda s: s["records"]["Payment"][0].update(paid_at="x")),
        ("Payment 1 cannot be read", lambda s: s["records"].update(Payment=[1])),
        ("Payment 1 cannot be read: amount holds a value of type str that", lambda s: s["records"]["Payment"][0].update(amount="1")),
        ("Payment 1 cannot be read: amount holds a value of type bool that", lambda s: s["records"]["Payment"][0].update(amount=True)),
        ("Payment 1 cannot be read: amount holds a value of type int that", lambda s: s["records"]["Payment"][0].update(amount=2**63)),
        ("Payment 1 cannot be read: paid_at holds a time without an offset", lambda s: s["records"]["Payment"][0].update(paid_at="2023-01-01T00:00:00")),
        ("Payment 1 cannot be read: paid_at holds a time", lambda s: s["records"]["Payment"][0].update(paid_at="9999-01-01T00:00:00+09:00")),
        ("Secret 1 cannot be read: value holds a value of type NoneType", lambda s: s["records"]["Secret"][0].update(value=None)),
        ("Secret 1 cannot be read", lambda s: s["records"]["Secret"][0].update(value="\ud800")),
        ("Merchant 1: edition is 'x'; expected one of", lambda s: s["records"]["Merchant"][0].update(edition="x")),
        ("Running 1: its scenario cannot be read: <scenario>:1:1", lambda s: s["records"]["Running"][0].update(chosen="x")),
        ("Running 1: its clock is neither", lambda s: s["records"]["Running"][0]["clock"].update(mode="late")),
        ("Running 1: its clock is neither", lambda s: s["records"]["Running"][0]["clock"].update(mode="frozen", moment=None)),
        ("Running 1: its clock is neither", lambda s: s["records"]["Running"][0]["clock"].update(mode="moved", offset=10**17)),
        ("Running 1 cannot be read", lambda s: s["records"]["Running"][0]["clock"].update(mode="moved", offset=10**40)),
        ("Running 1 cannot be read: down holds a value of type tuple that", lambda s: s["records"]["Running"][0].update(down=[1])),
        ("two Payment records of one tid: 2", lambda s: s["records"]["Payment"].append(s["records"]["Payment"][0])),
    ],
)  # fmt: skip
def test_what_is_no_snapshot_is_told(
    expected: str, change: Callable[[Any], None], branch_on: Callable[..., Branch]
) -> None:
    """The store is unchanged then."""
    branch = branch_on("memory")
    paid = branch.pay()
    snapshot = through_json(branch.sandbox.take_snapshot())
    change(snapshot)
    with pytest.raises(Misuse) as no:
        branch.sandbox.load_snapshot(copy.deepcopy(snapshot))
    assert expected in no.value.message
    assert [paid] == branch.sandbox.store.find(Payment)


@pytest.mark.parametrize("value", [None, [], "x", 1])
def test_what_is_not_even_an_object_is_told(value: Any, branch_on: Callable[..., Branch]) -> None:
    """The message says what a snapshot is."""
    with pytest.raises(Misuse, match="this is not a snapshot"):
        branch_on("memory").sandbox.load_snapshot(value)


def test_the_control_plane_gives_and_takes_it(branch_on: Callable[..., Branch]) -> None:
    """PUT accepts the answer of GET."""
    branch = branch_on("memory")
    branch.pay()
    status, snapshot = branch.control("GET", "/snapshot")
    branch.sandbox.reset()
    assert (200, 200) == (status, branch.control("PUT", "/snapshot", snapshot)[0])
    assert 1 == len(branch.sandbox.store.find(Payment))
    status, answer = branch.control("PUT", "/snapshot", {})
    assert (400, True) == (status, "this is not a snapshot" in answer["error"])


@pytest.mark.parametrize("into", KINDS)
def test_every_kind_of_record_goes_along(into: str, branch_on: Callable[..., Branch]) -> None:
    """Also those of key pairs, billing keys, receipts and reconciliation; each as it was."""
    old, new = branch_on("memory"), branch_on(into)
    old.tell("http://127.0.0.1:9/")
    everything_once(old)
    before = old.sandbox.store.snapshot()
    expected = set(kinds_of_records()) - {"Ended", "Everything", "Heard", "Play", "Running"}
    assert expected <= set(before)
    new.sandbox.load_snapshot(through_json(old.sandbox.take_snapshot()))
    after = new.sandbox.store.snapshot()
    for kind in expected - {"Secret", "Delivery"}:
        assert before[kind] == after[kind]


def everything_once(branch: Branch) -> None:
    """A merchant's day in which each kind of record is made."""
    name = branch.merchant.client_id
    branch.token()
    branch.cancel(branch.pay(), cancelAmt=4, orderId="part")
    branch.regist()
    branch.charge()
    branch.take_back(branch.issue()["tid"])
    branch.sandbox.keys.add(name, {})
    branch.post("/v1/checkout", {**ORDER, "sessionId": "session-1", "clientId": name})
    opening = branch.sandbox.openings.begin({**ORDER, "clientId": name}).opening
    assert opening is not None
    branch.sandbox.openings.finish(opening, AGREED)
