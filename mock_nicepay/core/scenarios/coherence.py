"""Which parts of a scenario's rule contradict each other, and which rules can never fire."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mock_nicepay.contract.calls import (
    CALL,
    CALL_PLACES,
    CAN_BE_LATE,
    DECIDED_BY_ISSUER,
    WEBHOOK,
    WINDOW,
    side_of,
)
from mock_nicepay.contract.tables import result_codes
from mock_nicepay.core.scenarios.faults import FAULTS, INSTEAD
from mock_nicepay.core.scenarios.language import Match, ReplyPlan, Rule
from mock_nicepay.core.scenarios.tree import Mistake, Place, show

# Which parts of a rule have no meaning with a reply or on a side, and why.
_NO_ANSWER = dict.fromkeys(("patch", "charset", "headers"), "the caller sees no answer at all")
_NO_BODY = dict.fromkeys(("patch", "charset"), "its body is not the gateway's answer")
_MEANINGLESS: Mapping[str, Mapping[str, str]] = {
    "hang": _NO_ANSWER,
    "reset": _NO_ANSWER,
    "http": _NO_BODY,
    "empty": _NO_BODY,
    "garbage": _NO_BODY,
    "close": dict.fromkeys(("patch", "charset"), "nothing is posted"),
    "never": dict.fromkeys(("patch", "charset", "delay"), "nothing is sent"),
    "reorder": {"delay": "it waits for the merchant's next event"},
    "before-answer": {"delay": "it comes before the answer"},
}
_MEANINGLESS_ON: Mapping[str, Mapping[str, str]] = {
    CALL: {},
    WINDOW: {"headers": "it is the payer's browser that sends them"},
    WEBHOOK: {
        "headers": "only the body of a webhook can vary",
        "effect": "the event it reports has already happened",
    },
}
_SEEN_ASIDE = ("body", "credentials.client")  # what conditions can test for windows and webhooks

_PLACE_NAMES = {CALL: "calls of the API", WINDOW: "window.pay", WEBHOOK: "webhook.deliver"}
_ANYTHING = re.compile(r'\*+|\{glob: "?\*+"?\}')  # a glob that matches any value
_MOST_COMPARED = 50  # earlier rules that one is compared with, so that a long file is read quickly


def complaints(
    calls: Sequence[str], reply: ReplyPlan, got: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    """Contradictions in a rule: which key, and why. The rule may lack that key; ignore those then."""
    for name, why in _MEANINGLESS.get(reply.kind, {}).items():
        yield name, f"`{name}` has no meaning with `reply: {reply.kind}`: {why}"
    for call in calls:
        for name, why in _MEANINGLESS_ON[side_of(call)].items():
            yield name, f"`{name}` has no meaning for {call}: {why}"
    yield from (("reply", wrong) for wrong in [_misplaced(calls, reply.kind)] if wrong)
    yield from (("effect", wrong) for wrong in [_misused_effect(calls, reply, got)] if wrong)
    match = got.get("match", Match())
    for wrong in (_unknown_place(calls, match), _unseen(calls, match)):
        if wrong:
            yield "match", wrong


def _misplaced(calls: Sequence[str], kind: str) -> str:
    """What is wrong with a reply that one of these calls cannot have; empty when all can."""
    sides = FAULTS[kind].sides
    call = next((call for call in calls if side_of(call) not in sides), None)
    if call is None:
        return ""
    side = side_of(call)
    places = " and ".join(_PLACE_NAMES[each] for each in sides)
    instead = INSTEAD.get((kind, side))
    here = ", ".join(f"`{other}`" for other, fault in FAULTS.items() if side in fault.sides)
    better = f"write `{instead}`" if instead else f"expected one of {here}"
    return f"`{kind}` is for {places}; for {call} {better}"


def _misused_effect(calls: Sequence[str], reply: ReplyPlan, got: Mapping[str, Any]) -> str:
    """What is wrong with an effect that these calls cannot have, or that lacks a required key."""
    effect = got.get("effect", "")
    possible = {"decline": DECIDED_BY_ISSUER, "late": CAN_BE_LATE}.get(effect)
    if possible is None:
        return ""
    if wrong := next((call for call in calls if call not in possible), None):
        named = ", ".join(f"`{call}`" for call in possible)
        return f"`{effect}` is for {named}; for {wrong} write `commit` or `none`"
    if effect == "late" and not got.get("delay"):
        return "`late` needs a `delay`: how long it takes until the money moves"
    if effect == "decline" and reply.kind != "code":
        return 'a `decline` needs the issuer\'s code: write `reply: {code: "3011"}`'
    row = result_codes().get(reply.code)
    if effect == "decline" and row and not (row.is_decline or row.is_net_cancel):
        return (
            f"no issuer declines with `{reply.code}`: give a code of the payment network, such as "
            "`3011`, or write `effect: none`"
        )
    return ""


def _unseen(calls: Sequence[str], match: Match) -> str:
    """What is wrong with a condition on something that windows and webhooks do not have."""
    call = next((call for call in calls if side_of(call) != CALL), None)
    for name, _ in match.conditions:
        if call and not name.startswith(_SEEN_ASIDE):
            what = "the event's JSON" if side_of(call) == WEBHOOK else "requestPay's parameters"
            return f"`{name}` is never there for {call}: look at `body`, which is {what}"
    return ""


def _unknown_place(calls: Sequence[str], match: Match) -> str:
    """What is wrong with a `match.path` whose variable none of the calls' paths has."""
    places = list(dict.fromkeys(place for call in calls for place in CALL_PLACES.get(call, ())))
    for name, _ in match.conditions:
        where, _, place = name.partition(".")
        if where == "path" and place and calls and place not in places:
            has = f"they have `{'`, `'.join(places)}`" if places else "they have none"
            return f"no path of these calls has a place `{show(place)}`: {has}"
    return ""


def hidden_rules(rules: Sequence[tuple[Place, Rule]]) -> list[Mistake]:
    """Rules that can never fire, because earlier rules always fire first for their calls."""
    wrong = []
    takers: dict[str, list[Rule]] = {}  # the rules above that fire each time, by call
    for place, rule in rules:
        above = [_taker(takers.get(call, ()), rule, call) for call in rule.calls]
        if all(above):
            lines = sorted({taker.line for taker in above if taker})
            named = f"rule{'s' if len(lines) > 1 else ''} on line{'s' if len(lines) > 1 else ''}"
            message = (
                f"this rule never fires: the {named} {', '.join(map(str, lines))} "
                "fires first each time; give that one `times` or a narrower `match`, or put it last"
            )
            wrong.append(Mistake(place, message))
        elif rule.times is None and not rule.after and rule.every == 1:
            for call in rule.calls:
                takers.setdefault(call, []).append(rule)
    return wrong


def _taker(above: Sequence[Rule], rule: Rule, call: str) -> Rule | None:
    """The first earlier rule that fires whenever `rule` would, judged by their `match`."""
    known = {(name, test.text) for name, test in rule.match.conditions}
    there = {name for name, test in rule.match.conditions if not test.holds(None)}
    there |= {"path", *(f"path.{place}" for place in CALL_PLACES.get(call, ()))}
    return next(
        (
            earlier
            for earlier in above[:_MOST_COMPARED]
            if all(
                (name, test.text) in known or (name in there and _ANYTHING.fullmatch(test.text))
                for name, test in earlier.match.conditions
            )
        ),
        None,
    )
