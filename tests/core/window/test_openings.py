"""Open windows: what a browser may know of them, and that each is used once."""

import json
from datetime import timedelta
from typing import Any

import pytest

from mock_nicepay.core.misuse import Misuse
from mock_nicepay.core.payments.wish import Payer
from mock_nicepay.core.records import Handover, Opening, Payment
from mock_nicepay.core.scenarios.language import ReplyPlan, Rule
from mock_nicepay.core.window.openings import APPROVE, Used
from mock_nicepay.sandbox import Sandbox

CLOSE = ReplyPlan("close")
ORDER: dict[str, Any] = {
    "clientId": "S2_af4543a0be4d49a98122e01ec2059a56",
    "method": "card",
    "orderId": "order-1",
    "amount": 1004,
    "goodsName": "책",
    "returnUrl": "http://localhost:3000/return",
}
CLIENT = "S1_6eaa0db1afdc41f3becb770878d67d25"


def opened(sandbox: Sandbox, **more: Any) -> Opening:
    """An open window."""
    full_page = more.pop("full_page", False)
    opening = sandbox.openings.begin({**ORDER, **more}, full_page=full_page).opening
    assert opening is not None
    return opening


def fields(handover: Handover) -> dict[str, str]:
    """The form's fields."""
    assert handover.form is not None
    return dict(handover.form)


def test_a_window_has_a_name_that_nobody_can_guess(sandbox: Sandbox) -> None:
    """Two windows of the same seed and the same order have long names without anything in common."""
    first, second = opened(sandbox), opened(sandbox)

    assert first.id != second.id
    assert (64, 64) == (len(first.id), len(second.id))
    assert first == sandbox.openings.find(first.id)
    assert sandbox.openings.find("made-up") is None


def test_what_is_paid_stays_at_the_server(sandbox: Sandbox) -> None:
    """The window knows the amount and the order by its name alone."""
    form = fields(sandbox.openings.finish(opened(sandbox), APPROVE))

    assert ("0000", "1004", "order-1") == (form["authResultCode"], form["amount"], form["orderId"])


def test_a_window_is_used_once(sandbox: Sandbox) -> None:
    """A second choice gets the result of the first; there is one payment."""
    opening = opened(sandbox)
    handover = sandbox.openings.finish(opening, APPROVE)
    with pytest.raises(Used) as used:
        sandbox.openings.finish(opening, CLOSE)

    assert handover == used.value.handover
    assert 1 == len(sandbox.store.find(Payment, opening.client_id))


def test_a_pick_that_is_not_offered_leaves_it_open(sandbox: Sandbox) -> None:
    """The payer may choose again."""
    opening = opened(sandbox)
    with pytest.raises(Misuse):
        sandbox.openings.finish(opening, APPROVE, Payer(card_code="99"))

    assert sandbox.openings.finish(opening, APPROVE).tid


def test_a_window_is_open_for_thirty_minutes(sandbox: Sandbox) -> None:
    """By the merchant's clock; then whatever is chosen is A245."""
    for minutes, code in ((30, "0000"), (31, "A245")):
        opening = opened(sandbox, orderId=f"order-{minutes}")
        sandbox.advance(timedelta(minutes=minutes), opening.client_id)

        assert code == fields(sandbox.openings.finish(opening, APPROVE))["authResultCode"]


@pytest.mark.parametrize(("full_page", "code"), [(False, "P091"), (True, "I002")])
def test_leaving_is_told_where_somebody_hears_it(
    sandbox: Sandbox, full_page: bool, code: str
) -> None:
    """The page's fnError on a PC; on a phone, where the page is gone, returnUrl."""
    handover = sandbox.openings.finish(opened(sandbox, full_page=full_page), CLOSE)
    told = handover.error[0] if handover.error else fields(handover)["authResultCode"]

    assert code == told
    assert full_page == (handover.form is not None)


def test_wrong_parameters_open_nothing(sandbox: Sandbox) -> None:
    """The page gets an error, and the journal has the request under window.open."""
    begun = sandbox.openings.begin({**ORDER, "amount": 0})

    assert begun.opening is None
    assert begun.error is not None
    assert "P017" == begun.error.code
    assert [("window.open", "P017")] == [(e.call, e.code) for e in sandbox.journal()]


def test_a_used_order_opens_nothing(sandbox: Sandbox) -> None:
    """P015 comes before the payer sees a window."""
    sandbox.openings.finish(opened(sandbox, clientId=CLIENT), APPROVE)
    begun = sandbox.openings.begin({**ORDER, "clientId": CLIENT})

    assert begun.error is not None
    assert "P015" == begun.error.code


@pytest.mark.parametrize(
    ("rule", "kind", "lost", "seconds"),
    [
        ({"reply": "close"}, "close", False, 0),
        ({"reply": "timeout"}, "timeout", False, 0),
        ({"reply": "hang"}, None, True, 0),
        ({"delay": "3s"}, None, False, 3),
    ],
)
def test_a_scenario_meets_the_opening(
    sandbox: Sandbox, rule: dict[str, Any], kind: str | None, lost: bool, seconds: int
) -> None:
    """How a rule for window.open ends the visit, loses the window or delays it."""
    rules = [{"call": "window.open", **rule}]
    sandbox.choose_scenario({"version": 1, "name": "opens", "rules": rules}, ORDER["clientId"])
    begun = sandbox.openings.begin(ORDER)

    assert kind == (begun.ending.kind if begun.ending else None)
    assert (lost, timedelta(seconds=seconds)) == (begun.lost, begun.delay)


def test_what_the_payer_asked_for_stands_in_the_journal(sandbox: Sandbox) -> None:
    """The twist of the form is the payer's, no scenario's and no magic value's."""
    opening = opened(sandbox)
    twist = Rule((), reply=ReplyPlan("duplicate"), text="twice")
    handover = sandbox.openings.finish(opening, APPROVE, twist=twist)

    assert 2 == handover.posts
    assert ("window.pay", "payer", "twice") == _latest(sandbox)


def _latest(sandbox: Sandbox) -> tuple[str, str, str]:
    entry = sandbox.journal()[0]
    return entry.call, entry.scenario, entry.rule


def test_a_reset_forgets_the_windows(sandbox: Sandbox) -> None:
    """They belong to their merchant, as everything does."""
    opening = opened(sandbox)
    handover = sandbox.openings.finish(opened(sandbox), APPROVE)
    sandbox.reset(opening.client_id)

    assert sandbox.openings.find(opening.id) is None
    assert sandbox.openings.result(handover.id) is None


def test_a_merchant_keeps_the_latest_windows(sandbox: Sandbox) -> None:
    """Pages that are opened and left do not pile up."""
    first = opened(sandbox)
    for number in range(200):
        opened(sandbox, orderId=f"order-{number}")

    assert 200 == len(sandbox.store.find(Opening, first.client_id))
    assert sandbox.openings.find(first.id) is None


def test_the_parameters_are_kept_as_they_came(sandbox: Sandbox) -> None:
    """Korean stays Korean, and what the window does not know is kept with the rest."""
    opening = opened(sandbox, goodsName="감귤", other=1)

    assert {**ORDER, "goodsName": "감귤", "other": 1} == json.loads(opening.params)
    assert "감귤" in opening.params
