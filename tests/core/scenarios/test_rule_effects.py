"""What a rule means at a call, row by row."""

import pytest

from mock_nicepay.api import ENDPOINTS
from mock_nicepay.contract.tables import result_code
from mock_nicepay.core.scenarios.language import ReplyPlan, Rule
from mock_nicepay.core.scenarios.rule_effects import effect_at, is_made_up

BY_NAME = {endpoint.name: endpoint for endpoint in ENDPOINTS}


@pytest.mark.parametrize(
    ("effect", "call", "said", "code"),
    [
        ("decline", "payments.approve", "", "3011"),
        ("none", "payments.approve", "none", "3011"),
        ("commit", "payments.approve", "commit", "3011"),
        ("none", "payments.approve", "", "U112"),
        ("none", "payments.approve", "", "A245"),
        ("decline", "payments.approve", "", "U504"),
        ("decline", "payments.cancel", "", "2032"),
        ("none", "payments.cancel", "", "U504"),
        ("decline", "subscribe.regist", "", "U317"),
        ("none", "payments.get", "", "3011"),
        ("commit", "payments.approve", "", "0000"),
        ("none", "payments.approve", "none", "0000"),
    ],
)
def test_what_happens_when_a_code_is_answered(effect: str, call: str, said: str, code: str) -> None:
    """The rule's own word wins; else the issuer's codes are its no, and all others change nothing."""
    rule = Rule((call,), effect=said, reply=ReplyPlan("code", code))
    endpoint = BY_NAME[call]

    assert effect == effect_at(endpoint, rule, result_code(code, endpoint.domain))


@pytest.mark.parametrize(
    ("made_up", "effect", "reply"),
    [
        (True, "", ReplyPlan("code", "U112")),
        (True, "", ReplyPlan("http", status=502)),
        (True, "none", ReplyPlan("code", "0000")),
        (False, "", ReplyPlan("code", "0000")),
        (False, "", ReplyPlan("ok")),
        (False, "", ReplyPlan("truncate")),
    ],
    ids=str,
)
def test_whose_answer_it_is(made_up: bool, effect: str, reply: ReplyPlan) -> None:
    """A code or a page is the scenario's own; a success without an effect is the true one."""
    assert made_up == is_made_up(Rule(("payments.approve",), effect=effect, reply=reply))
