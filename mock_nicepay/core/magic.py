"""Magic values: an orderId or a goodsName that asks for a fault, for clients that cannot send a header.

`mock:3011` in either has the issuer decline with 3011, `mock:hang` loses the approval's answer,
`mock:cancel:2032` refuses the cancel. All of them are listed in `docs/magic-values.md`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import lru_cache
from typing import Any

from mock_nicepay.contract.calls import MAGIC_PARTS, MAY_BE_LATE, side_of
from mock_nicepay.contract.refusal import Cause, Refusal
from mock_nicepay.contract.spelling import nearest
from mock_nicepay.contract.tables import result_codes
from mock_nicepay.core.call import Call
from mock_nicepay.core.checkout.sessions import key_of
from mock_nicepay.core.records import Payment, Session
from mock_nicepay.core.scenarios.faults import FAULTS
from mock_nicepay.core.scenarios.language import ReplyPlan, Rule
from mock_nicepay.core.store import Store

SOURCE = "magic value"  # in the journal instead of a scenario's name
MARK = "mock:"
_FORM = re.compile(r"mock:([a-z0-9-]+)(?::([a-z0-9-]+))?", re.IGNORECASE)
_LONGEST = 200  # characters of a text that are searched; an orderId has 64 bytes
_REMEMBERED = 1024  # texts whose meaning is cached
_CALLS = frozenset(call for calls in MAGIC_PARTS.values() for call in calls)
_USUAL_PARTS = ("approve", "webhook", "window")  # a word alone means the first of these it can mean

# What a word asks for; every result code is a word, too.
WORDS: Mapping[str, Rule] = {
    **{
        kind: Rule((), reply=ReplyPlan(kind))
        for kind in FAULTS
        if kind not in ("ok", "code", "http")
    },
    "html": Rule((), reply=ReplyPlan("http", status=502)),
    "slow": Rule((), delay=timedelta(seconds=5)),
    "late": Rule((), effect="late", reply=ReplyPlan("hang"), delay=timedelta(minutes=1)),
}


@dataclass(frozen=True, slots=True)
class _Read:
    """The meaning of one text."""

    rules: Mapping[str, Rule]  # by the call's name
    doubt: Cause | None = None  # what is wrong with the first value that means nothing


class Magic:
    """Reads the magic values of one sandbox; when switched off, it finds none."""

    def __init__(self, store: Store, *, on: bool = True) -> None:
        self._store = store
        self._on = on
        self._read = lru_cache(_REMEMBERED)(_read)

    def rule(self, call: str, *texts: str | None) -> Rule | None:
        """The rule that the texts (orderId, goodsName) ask for at that call; the first text wins."""
        return next((rule for read in self._all(texts) if (rule := read.rules.get(call))), None)

    def doubt(self, *texts: str | None) -> Cause | None:
        """What is wrong with a magic value that means nothing; None when there is no such value."""
        return next((read.doubt for read in self._all(texts) if read.doubt), None)

    def for_call(self, call: Call) -> Rule | None:
        """The rule for a call of the API, from its orderId and goodsName and those of its payment.

        A value that means nothing becomes the call's cause, so that the journal shows it.
        """
        if not self._on or call.name not in _CALLS or call.caller.merchant is None:
            return None
        texts = _marked([*_texts_of_call(call), *self._texts_of_payment(call)])
        if not texts:  # nearly always; every call passes here, so this must be quick
            return None
        rule = self.rule(call.name, *texts)
        if rule is None:
            call.cause = self.doubt(*texts)
        return rule

    def _all(self, texts: Sequence[str | None]) -> list[_Read]:
        return [self._read(text) for text in _marked(texts)] if self._on else []

    def _texts_of_payment(self, call: Call) -> tuple[str, ...]:
        found: Payment | Session | None = None
        if "tid" in call.places:
            found = self._store.get(Payment, call.places["tid"])
        elif "sessionId" in call.places:
            found = self._store.get(Session, key_of(call.client_id, call.places["sessionId"]))
        if found is None or found.client_id != call.client_id:
            return ()
        return found.order_id, found.goods_name


def _texts_of_call(call: Call) -> list[Any]:
    """The values in path and body that may hold magic values; only a JSON object has any."""
    order_id = call.places.get("orderId")
    if not call.request.body:
        return [order_id]
    try:
        body = call.json()
    except Refusal:
        body = None
    if not isinstance(body, dict):
        return [order_id]
    return [order_id, body.get("orderId"), body.get("goodsName")]


def _marked(texts: Sequence[Any]) -> list[str]:
    """The beginnings of the texts that may hold a magic value."""
    beginnings = [text[:_LONGEST] for text in texts if isinstance(text, str)]
    return [text for text in beginnings if MARK in text.lower()]


def _read(text: str) -> _Read:
    """Read every magic value of a text; of two for the same call the first counts."""
    rules: dict[str, Rule] = {}
    doubt = None
    for found in _FORM.finditer(text):
        rule = _meaning(found)
        if rule is None:
            doubt = doubt or _doubt(found)
        else:
            rules = {**dict.fromkeys(rule.calls, rule), **rules}
    return _Read(rules, doubt)


def _meaning(found: "re.Match[str]") -> Rule | None:
    part, word = _part_and_word(found)
    known, rule = _known(word)
    if rule is None:
        return None
    fitting = [name for name in ((part,) if part else _USUAL_PARTS) if _fits(rule, name)]
    if not fitting:
        return None
    calls = MAY_BE_LATE if rule.effect == "late" else MAGIC_PARTS[fitting[0]]
    said = f"{MARK}{part}:{known}" if part else f"{MARK}{known}"
    return replace(rule, calls=calls, text=said)


def _part_and_word(found: "re.Match[str]") -> tuple[str, str]:
    """`mock:cancel:2032` names a part; in `mock:hang:7` the rest is the user's own text."""
    first, second = found[1].lower(), found[2]
    return (first, second.lower()) if second and first in MAGIC_PARTS else ("", first)


def _known(word: str) -> tuple[str, Rule | None]:
    """The longest beginning of `word`, cut at a dash, that has a meaning: 3011 of `3011-0001`."""
    while word:
        if word in WORDS:
            return word, WORDS[word]
        if word.upper() in result_codes():
            code = word.upper()
            return code, Rule((), reply=ReplyPlan("code", code=code))
        word = word.rpartition("-")[0]
    return "", None


def _fits(rule: Rule, part: str) -> bool:
    if rule.effect == "late":
        return part == "approve"
    return side_of(MAGIC_PARTS[part][0]) in FAULTS[rule.reply.kind].sides


def _doubt(found: "re.Match[str]") -> Cause:
    part, word = _part_and_word(found)
    known, rule = _known(word)
    if rule is not None:
        return Cause(
            f"`{found[0]}` has no effect: `{known}` cannot happen at {part}",
            f"`{found[0]}`은(는) 무시되었습니다. `{known}`은(는) {part}에서 일어날 수 없습니다",
        )
    near = nearest(word, WORDS)
    hint = (
        f"did you mean `{near}`?"
        if near
        else "write a result code, such as `mock:3011`, or a word, such as `mock:hang`"
    )
    hint_ko = (
        f"`{near}`을(를) 쓰려고 했나요?"
        if near
        else "`mock:3011`처럼 결과 코드를, 또는 `mock:hang`처럼 동작 이름을 쓰세요"
    )
    return Cause(
        f"`{found[0]}` is not a magic value and has no effect: {hint}",
        f"`{found[0]}`은(는) 매직 값이 아니어서 무시되었습니다. {hint_ko}",
    )
