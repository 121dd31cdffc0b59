"""What a scenario does and reads besides calls."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from till import Till

from mock_nicepay.core import gateway_stage
from mock_nicepay.core.records import WebhookUrl
from mock_nicepay.core.scenarios.faults import ACTIONS

URL = "http://127.0.0.1:9/webhook"


def chosen(till: Till, **parts: Any) -> None:
    """Have the merchant play a scenario."""
    till.sandbox.choose_scenario({"version": 1, "name": "s", **parts}, till.merchant.client_id)


def test_every_action_is_done() -> None:
    """Each action of the language has an implementation, and the other way round."""
    assert sorted(ACTIONS) == sorted(gateway_stage._ACTS)


@pytest.mark.parametrize(
    ("expected", "happens"),
    [
        ("none", lambda till: None),
        ("live", lambda till: till.post("/v1/access-token", {})),
        ("expired", lambda till: (till.post("/v1/access-token", {}), till.advance(minutes=31))),
    ],
)
def test_final_states_are_those_of_the_store(
    expected: str, happens: Callable[[Till], object]
) -> None:
    """Payments and the token as they are when the report is made."""
    till = Till()
    expect = [
        {"final": {"token": expected}},
        {"final": {"orderId": "O-1", "status": "paid", "amount": 1004, "balanceAmt": "1004"}},
    ]
    chosen(till, expect=expect)
    till.pay(order_id="O-1")
    happens(till)

    (row,) = till.sandbox.report(till.merchant.client_id)
    assert [(True, ""), (True, "")] == [(each["ok"], each["seen"]) for each in row["expectations"]]


@pytest.mark.parametrize("at_start", [False, True], ids=["chosen", "at-start"])
def test_a_scenario_registers_its_webhooks(at_start: bool, tmp_path: Path) -> None:
    """When it begins, for each of its merchants, without a probe."""
    file = tmp_path / "s.json"
    file.write_text(json.dumps({"version": 1, "name": "s", "webhook": {"vbank": URL}}))
    till = Till(scenario=[str(file)]) if at_start else Till()
    if not at_start:
        chosen(till, webhook={"vbank": URL})

    found = till.sandbox.store.find(WebhookUrl, till.merchant.client_id)
    assert [("vbank", URL)] == [(row.method, row.url) for row in found]
