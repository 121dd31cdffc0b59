"""What a gateway on a durable store continues with after a restart."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from chain import Branch, receiver

from mock_nicepay.contract.refusal import Refusal
from mock_nicepay.core.identity import fresh_secret
from mock_nicepay.core.records import Movement, Offers, Payment
from mock_nicepay.front.control.tokens import token_rows

ONCE = {"call": "token.issue", "times": 1, "reply": {"code": "9999"}}
Again = Callable[..., Branch]


@pytest.fixture
def first(url: str) -> Iterator[Branch]:
    """The first process on the store."""
    branch = Branch(url)
    yield branch
    branch.sandbox.end()


@pytest.fixture
def again(url: str, first: Branch) -> Iterator[Again]:
    """Ends the running gateway, and starts the next one with the same merchant."""
    running = [first]

    def begin(**options: Any) -> Branch:
        running[-1].sandbox.end()
        running.append(Branch(url, first.merchant, **options))
        return running[-1]

    yield begin
    running[-1].sandbox.end()


def test_payments_and_keys_are_there(first: Branch, again: Again) -> None:
    """A payment is found, its orderId stays used, and the merchant's keys log in."""
    paid = first.pay(order_id="O-1")
    second = again()
    assert "0000" == second.get(paid.tid)["resultCode"]
    assert paid == second.stored(paid)
    other = second.authorise(order_id="O-1")
    assert "U112" == second.approve(other)["resultCode"]


def test_tokens_still_verify(first: Branch, again: Again) -> None:
    """The signing key is in the store: the same token is issued, and it is valid."""
    token = first.token()
    second = again()
    assert token == second.token()
    assert ["live"] == [row["state"] for row in token_rows(second.sandbox)]


def test_a_key_that_is_given_counts(first: Branch, again: Again) -> None:
    """With another --token-key the tokens in the store were signed with a foreign key."""
    first.token()
    second = again(token_key="another")
    assert ["forged"] == [row["state"] for row in token_rows(second.sandbox)]


def test_nothing_is_invented_twice(first: Branch, again: Again) -> None:
    """In the same second: tids of payments, of cancels and receipts, tokens, merchants."""

    def invented(branch: Branch) -> list[str]:
        names = [branch.sandbox.add_merchant().client_id]
        for _ in range(5):
            branch.cancel(branch.pay(), cancelAmt=4, orderId=fresh_secret()[:12])
        for payment in branch.sandbox.store.find(Payment, branch.merchant.client_id):
            names += [payment.tid, payment.auth_token, *(each.tid for each in payment.cancels)]
        return names

    invented(first)
    invented(again())
    names = invented(again())
    assert 1 + 15 * 3 == len(names) == len(set(names))


def test_a_billing_key_is_charged_on(first: Branch, again: Again) -> None:
    """No later key has its bid, and its charges are in the day's reconciliation."""
    first.regist()
    bids, tids = [first.bid], [first.charge()["tid"]]
    for _ in range(2):
        branch = again()
        tids += [branch.charge(bids[0])["tid"], branch.charge(bids[0])["tid"]]
        bids.append(branch.regist()["bid"])
    assert (3, 5) == (len(set(bids)), len(set(tids)))
    last = again()
    listed = last.ask("GET", "/v1/transactions", query="date=20230228")[1]
    assert set(tids) == {each.payment_tid for each in last.sandbox.store.find(Movement)}
    assert "0000" == listed["resultCode"]
    assert "0000" == last.expire(bids[0])["resultCode"]
    assert "0000" != again().charge(bids[0])["resultCode"]


def test_a_receipt_is_answered_for(first: Branch, again: Again) -> None:
    """The tax office confirms it on its day, and a cancel that was made before the restart."""
    whole, part_of = first.issue(), first.issue()
    assert "0000" == first.take_back(part_of["tid"])["resultCode"]
    second = again()
    assert 3 == len({whole["tid"], part_of["tid"], second.issue()["tid"]})
    second.advance(days=3)
    third = again()
    assert ("issued", "issueReqCancelled") == tuple(
        third.control("GET", f"/receipts/{tid}")[1]["status"]
        for tid in (whole["tid"], part_of["tid"])
    )


def test_key_pairs_log_in(first: Branch, again: Again) -> None:
    """A further pair, and the first with its new secret key; a deleted pair does not."""
    name = first.merchant.client_id
    kept, gone = first.sandbox.keys.add(name, {}), first.sandbox.keys.add(name, {})
    first.sandbox.keys.delete(gone.calling_id)
    anew = first.sandbox.keys.reissue(name)
    second = again()
    codes = [second.with_key(key).codes(1) for key in (kept, anew, gone, second.merchant)]
    assert [["0000"], ["0000"], ["U116"], ["U116"]] == codes
    assert {kept.secret_key, anew.secret_key} == set(second.sandbox.tenants(name)[0].secrets)
    assert 4 == len(
        {key.calling_id for key in (kept, anew, gone, second.sandbox.keys.add(name, {}))}
    )


def test_card_offers_are_those_of_the_last_that_were_given(
    url: str, first: Branch, again: Again, tmp_path: Path
) -> None:
    """--plans is stored; a start without it uses the stored offers."""
    plans = tmp_path / "plans.yaml"
    plans.write_text('points: ["02"]\nplans: []\n')
    assert ("02",) == offered(again(plans=str(plans)))
    assert ("02",) == offered(again())


def offered(branch: Branch) -> tuple[str, ...]:
    """The cards that can pay with points."""
    offers = branch.sandbox.store.get(Offers, "offers")
    assert offers is not None
    return offers.points


def test_an_undone_call_gives_no_id_away(first: Branch, again: Again) -> None:
    """An id in the answer of an undone call is not given again."""
    first.play({"rules": [{"call": "payments.cancel", "effect": "none", "reply": "hang"}]})
    paid = first.pay()
    told = first.cancel(paid, cancelAmt=4, orderId="C-1")["cancelledTid"]
    second = again()
    second.sandbox.drop_scenario(second.merchant.client_id)
    assert told != second.cancel(paid, cancelAmt=4, orderId="C-1")["cancelledTid"]


@pytest.mark.parametrize(
    ("expected", "change"),
    [
        ("12:53", lambda branch: None),
        ("13:24", lambda branch: branch.advance(minutes=31)),
        ("13:24", lambda branch: branch.sandbox.advance(timedelta(minutes=31))),
    ],
)
def test_the_time_goes_on(
    expected: str, change: Callable[[Branch], None], first: Branch, again: Again
) -> None:
    """From where it was, for this merchant and for new ones; accounts and tokens expire by it."""
    first.token()
    change(first)
    second = again()
    assert expected == second.now()
    state = "live" if expected == "12:53" else "expired"
    assert [state] == [row["state"] for row in token_rows(second.sandbox)]


def test_another_clock_at_the_start_counts(first: Branch, again: Again) -> None:
    """A changed --clock applies to existing merchants and to new ones."""
    first.advance(minutes=31)
    second = again(clock="2024-01-01T09:00:00+0900")
    assert "09:00" == second.now()
    assert "09:00" == f"{second.sandbox.default_clock().moment:%H:%M}"
    assert "09:00" == again(clock="2024-01-01T09:00:00+0900").now()


def test_a_timeline_goes_on_to_the_clock_of_the_start(first: Branch, again: Again) -> None:
    """What is due by the new --clock happens at the start, and once."""
    paid = first.pay(method="vbank")
    first.play({"timeline": [{"at": "+1d", "do": "payment.deposit"}]})
    second = again(clock="2023-03-02T09:00:00+0900")
    assert "paid" == second.stored(paid).status
    (entry,) = [each for each in second.sandbox.journal() if each.method == "TIMELINE"]
    assert "0000" == entry.code
    assert "paid" == again(clock="2023-03-03T09:00:00+0900").stored(paid).status


def test_a_scenario_given_at_a_later_start_sets_clock_and_chance(
    first: Branch, again: Again, tmp_path: Path
) -> None:
    """Once: the start after that continues the time."""
    file = tmp_path / "late.yaml"
    file.write_text("version: 1\nname: late\nclock: 2024-01-01T09:00:00+0900\nseed: 5\n")
    second = again(scenario=[str(file)])
    assert "09:00" == second.now()
    second.advance(minutes=5)
    assert "09:05" == again(scenario=[str(file)]).now()


def test_an_account_falls_due(first: Branch, again: Again) -> None:
    """A deposit that comes too late is still too late."""
    paid = first.pay(method="vbank")
    first.advance(days=8)
    with pytest.raises(Refusal, match="A107"):
        again().sandbox.ledger.deposit(paid.tid)


def test_a_scenario_plays_on(first: Branch, again: Again) -> None:
    """The chosen scenario with its counts: a rule that fires once has fired."""
    first.play({"rules": [ONCE], "expect": [{"called": "token.issue", "times": 4}]})
    assert ["9999", "0000"] == first.codes(2)
    second = again()
    assert ["0000", "0000"] == second.codes(2)
    report = second.sandbox.report(second.merchant.client_id)[0]
    assert (True, {"token.issue": 4}, 1) == (
        report["ok"],
        report["calls"],
        report["rules"][0]["fired"],
    )


def test_a_scenario_for_all_plays_on(first: Branch, again: Again) -> None:
    """Also for merchants that come later."""
    first.sandbox.choose_scenario({"version": 1, "name": "all", "rules": [ONCE]})
    fresh = Branch.codes
    second = again()
    second.merchant = second.sandbox.add_merchant()
    assert ["9999", "0000"] == fresh(second, 2)


def test_a_dropped_scenario_stays_dropped(first: Branch, again: Again) -> None:
    """Nothing plays."""
    first.play({"rules": [ONCE]})
    first.sandbox.drop_scenario(first.merchant.client_id)
    assert ["0000"] == again().codes(1)


def test_a_timeline_goes_on(first: Branch, again: Again) -> None:
    """Past events do not happen again, later ones do."""
    first.play(
        {
            "timeline": [
                {"at": "+1m", "do": "token.expire"},
                {"at": "+3m", "do": "maintenance.begin"},
            ]
        }
    )
    first.token()
    first.advance(minutes=2)
    second = again()
    assert [("maintenance.begin", "12:56")] == [
        (label, f"{due:%H:%M}")
        for due, label in second.sandbox.tenants(second.merchant.client_id)[0].clock.pending()
    ]
    token = second.token()
    second.advance(minutes=2)
    third = again()
    assert third.sandbox.tenants(third.merchant.client_id)[0].maintenance
    assert token == token_rows(third.sandbox)[-1]["accessToken"]


def test_a_scenario_of_the_start_keeps_its_counts(url: str, tmp_path: Path) -> None:
    """--scenario is given again at each start; with another text it begins anew."""
    file = tmp_path / "s.json"
    text = '{"version": 1, "name": "s", "rules": [{"call": "token.issue", "times": 1, "reply": {"code": "%s"}}]}'
    seen = []
    merchant = None
    for code in ("9999", "9999", "U104"):
        file.write_text(text % code)
        branch = Branch(url, merchant, scenario=str(file))
        merchant = branch.merchant
        seen.append(branch.codes(2))
        branch.sandbox.end()
    assert [["9999", "0000"], ["0000", "0000"], ["U104", "0000"]] == seen


def test_a_reset_is_remembered(first: Branch, again: Again) -> None:
    """The records stay forgotten, and the time is the sandbox's."""
    paid = first.pay()
    first.play({"rules": [ONCE]})
    first.sandbox.advance(timedelta(minutes=31), first.merchant.client_id)
    first.sandbox.reset(first.merchant.client_id)
    second = again()
    assert ("12:53", ["0000"], 404) == (
        second.now(),
        second.codes(1),
        second.ask("GET", f"/v1/payments/{paid.tid}")[0],
    )


def test_a_webhook_that_waits_is_delivered(first: Branch, again: Again) -> None:
    """It is planned again, and goes out at its time with its body as it was."""
    shop = receiver().answer(status=500, times=1)
    first.tell(shop.url)
    first.pay()
    first.sandbox.settle()
    assert ["waiting"] == first.states()
    second = again()
    second.advance(minutes=1)
    assert ["delivered"] == second.states()
    shop.close()
    assert [2, 1] == [len(shop.received), len({event.body for event in shop.received})]
