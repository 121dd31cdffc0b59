"""What a rule does at a call: what happens at the gateway, and where the answer comes from."""

from mock_nicepay.contract.calls import PAYING
from mock_nicepay.contract.endpoint import Endpoint
from mock_nicepay.contract.tables import SUCCESS, ResultCode
from mock_nicepay.core.scenarios.faults import FAULTS
from mock_nicepay.core.scenarios.language import Rule

_MADE_UP = frozenset({"code", "http"})


def effect_at(endpoint: Endpoint, rule: Rule, row: ResultCode | None) -> str:
    """`commit`, `none`, `decline` or `late`; `row` is the code that the rule answers with, if any.

    Assumed (code.net-cancelled-payment): a payment that NICEPAY net-cancels is kept as failed, like a
    declined one: it cannot be approved any more, its orderId is free, and no webhook is sent.
    """
    if rule.effect:
        return rule.effect
    if _simply_happens(rule):
        return "commit"
    is_issuers = (
        row is not None
        and endpoint.issuer_decides
        and row.code not in endpoint.as_refusal
        and (
            row.is_decline
            or row.code in endpoint.own_shape
            or (row.is_net_cancel and endpoint.name in PAYING)
        )
    )
    return "decline" if is_issuers else FAULTS[rule.reply.kind].effect


def is_made_up(rule: Rule) -> bool:
    """Whether the rule makes up the whole answer, instead of passing on or spoiling the true one."""
    return rule.reply.kind in _MADE_UP and not _simply_happens(rule)


def _simply_happens(rule: Rule) -> bool:
    """Whether the rule asks for a success without an effect: then the call simply happens."""
    return rule.reply.code == SUCCESS and not rule.effect
