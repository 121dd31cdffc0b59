"""Billing keys inside: their ids, their life beside the API, charges that come at once."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from subscriber import Subscriber

from mock_nicepay.core.misuse import Misuse
from mock_nicepay.core.payments.ids import new_bid
from mock_nicepay.core.records import Payment


@pytest.fixture
def shop() -> Subscriber:
    """A shop that has registered one card."""
    shop = Subscriber()
    shop.regist()
    return shop


def test_bids_never_come_twice() -> None:
    """Also when more are made in one standing second than four digits can tell apart."""
    shop = Subscriber()
    with shop.context() as context:
        bids = {new_bid(context) for _ in range(10_500)}

    assert (10_500, {30}) == (len(bids), {len(bid) for bid in bids})


def test_of_simultaneous_charges_one_wins(shop: Subscriber) -> None:
    """Two threads charge one orderId many times: it is paid once."""
    bodies = [shop.renewal(orderId="a") for _ in range(40)]
    with ThreadPoolExecutor(2) as pool:
        codes = list(pool.map(lambda body: shop.call_key("payments", **body)["resultCode"], bodies))

    assert ["0000", *["U112"] * 39] == sorted(codes)
    assert 1 == len(shop.sandbox.store.find(Payment, shop.merchant.client_id, order_id="a"))


def test_a_merchant_keeps_its_keys_to_itself(shop: Subscriber) -> None:
    """Reset forgets those of one merchant; the other's stay."""
    kept, owner = shop.bid, shop.merchant
    shop.merchant = shop.sandbox.add_merchant()
    shop.regist()
    shop.sandbox.reset(shop.merchant.client_id)

    assert [kept] == [key.bid for key in shop.sandbox.billing.registered()]
    assert [] == shop.sandbox.billing.registered(shop.merchant.client_id)
    assert [kept] == [key.bid for key in shop.sandbox.billing.registered(owner.client_id)]


def test_another_key_pair_has_other_keys(shop: Subscriber) -> None:
    """A bid is its clientId's own: U309 for another pair of the same merchant, and the journal names it."""
    bid, first = shop.bid, shop.merchant
    pair = shop.sandbox.keys.add(first.client_id, {})
    shop.merchant = replace(first, client_id=pair.calling_id, secret_key=pair.secret_key)

    assert "U309" == shop.charge(bid)["resultCode"]
    assert f"registered with {first.client_id}, another key pair" in shop.cause()
    shop.merchant = first
    assert "0000" == shop.charge(bid)["resultCode"]


@pytest.mark.parametrize("do", ["key.delete", "key.suspend"])
@pytest.mark.parametrize(("order_id", "meant"), [("card-*", True), ("other-*", False)])
def test_a_timeline_ends_keys(shop: Subscriber, do: str, order_id: str, meant: bool) -> None:
    """Those registered under a fitting orderId, and the journal says which."""
    event = {"at": "+1m", "do": do, "orderId": order_id}
    shop.sandbox.choose_scenario({"version": 1, "name": "t", "rules": [], "timeline": [event]})
    shop.advance(minutes=1)
    happened = [entry.path for entry in shop.sandbox.journal(shop.merchant.client_id)]

    ended = {"key.delete": "deleted", "key.suspend": "suspended"}[do]
    assert (ended if meant else "active") == shop.key().status
    assert meant == (f"{do} {shop.bid} card-1" in happened)


@pytest.mark.parametrize("what", ["delete", "suspend"])
def test_a_deleted_key_stays_deleted(shop: Subscriber, what: str) -> None:
    """Nothing can be done to it by hand; another merchant's is not found."""
    book = shop.sandbox.billing
    acts = {
        "delete": lambda bid: book.delete(bid),
        "suspend": lambda bid: book.suspend(bid, on=True),
    }
    book.delete(shop.bid)

    with pytest.raises(Misuse, match="is deleted"):
        acts[what](shop.bid)
    with pytest.raises(Misuse, match="no billing key"):
        book.key(shop.bid, shop.sandbox.add_merchant().client_id)


def test_a_key_shows_what_it_was_charged(shop: Subscriber) -> None:
    """The newest first, declined ones as well."""
    shop.charge(orderId="a")
    shop.charge(orderId="b", goodsName="mock:3011")

    assert [("b", "failed"), ("a", "paid")] == [
        (each["orderId"], each["status"])
        for each in shop.sandbox.billing.to_json(shop.key())["charges"]
    ]
