"""The control plane's action on the payment window: does what a payer's browser does."""

from codecs import getincrementaldecoder
from collections.abc import Mapping
from typing import Any

from mock_nicepay.contract.spelling import did_you_mean, nearest
from mock_nicepay.contract.tables import (
    CARD_AUTHENTICATION,
    SUCCESS,
    nearest_codes,
    result_code,
    result_codes,
)
from mock_nicepay.contract.window.request import PARAMETERS
from mock_nicepay.core.misuse import Misuse
from mock_nicepay.core.outgoing.parcel import Sent
from mock_nicepay.core.payments.wish import ANYBODY
from mock_nicepay.core.scenarios.language import ReplyPlan
from mock_nicepay.core.window.attempt import AGREED
from mock_nicepay.core.window.result import WindowResult
from mock_nicepay.core.window.wishes import payer_of
from mock_nicepay.front.control.asked import Asked
from mock_nicepay.sandbox import Sandbox

OUTCOMES = ("approve", "decline", "close", "timeout")
WORDS = ("outcome", "code", "post", "payer")  # our own keys, besides requestPay's parameters


def pay(sandbox: Sandbox, asked: Asked) -> Any:
    """Go through the payment window as a payer does, and post the form to returnUrl."""
    body = asked.object()
    _check_words(body)
    result = sandbox.window.pay(
        {name: value for name, value in body.items() if name not in WORDS},
        merchant=sandbox.keys.one(asked.arguments.get("merchant", asked.merchant))
        if asked.merchant
        else None,
        ending=ending_of(body.get("outcome"), body.get("code")),
        payer=ANYBODY if body.get("payer") is None else payer_of(body["payer"]),
    )
    wanted = flag_of(body.get("post", True))
    return answer_of(result, sandbox.browser.post(result) if wanted else None)


def answer_of(result: WindowResult, sent: Sent | None) -> dict[str, Any]:
    """The result of a visit, and of posting its form; `sent` is None when it was not posted."""
    problem = sent.problem if sent and result.form is not None else ""
    return {
        "form": result.form,
        "response": _response(sent) if sent and sent.status is not None else None,
        "fnError": result.error.to_json() if result.error else None,
        "tid": result.tid or None,
        "returnUrl": result.return_url,
        "charset": result.charset,
        "problem": problem or None,
    }


def _response(sent: Sent) -> dict[str, Any]:
    """The shop's answer; for a redirect, which is not followed, also its location."""
    answer = {"status": sent.status, "body": _text(sent.body)}
    return {**answer, "location": sent.location} if sent.location else answer


def _text(body: bytes) -> str:
    """A page's text, in UTF-8 or else in CP949 (Korean Windows). It may end within a character."""
    try:
        return getincrementaldecoder("utf-8")().decode(body)
    except UnicodeDecodeError:
        return body.decode("cp949", "replace")


def _check_words(body: Mapping[str, Any]) -> None:
    """Raise `Misuse` for a misspelt key of ours. Other unknown keys pass: requestPay ignores them."""
    for key in body:
        if key in WORDS or key in PARAMETERS:
            continue
        if near := nearest(key, WORDS, alike=0.8):
            raise Misuse(f"there is no {key[:40]!r}; did you mean {near}?")


def ending_of(outcome: Any, code: Any) -> ReplyPlan:
    """How the visit ends. A code alone means a decline with that code. Raises `Misuse`."""
    word = outcome if outcome is not None else "approve" if code is None else "decline"
    if word not in OUTCOMES:
        shown = str(word)[:40]
        hint = did_you_mean(shown, OUTCOMES, f"expected {', '.join(OUTCOMES)}")
        raise Misuse(f"there is no outcome {shown!r}; {hint}")
    if code is not None and word != "decline":
        raise Misuse(f'a code is for the outcome "decline", not for {word!r}')
    if word == "decline":
        return ReplyPlan("code", code="" if code is None else _code(code))
    return AGREED if word == "approve" else ReplyPlan(word)


def _code(code: Any) -> str:
    """Check that this is a result code and not a success. Raises `Misuse` with a suggestion."""
    text = str(code)
    if text not in result_codes() and f"{CARD_AUTHENTICATION}/{text}" not in result_codes():
        near = nearest_codes(text[:40])
        hint = f"; did you mean {near[0]}?" if near else "; `mock-nicepay codes` lists them"
        raise Misuse(f"there is no result code {text[:40]!r}{hint}", topic="code")
    row = result_code(text, CARD_AUTHENTICATION)
    if row.success or row.code == SUCCESS:
        raise Misuse(
            f"{row.code} is a success; a decline needs a code such as C002 or 3011", topic="code"
        )
    return text


def flag_of(value: Any) -> bool:
    """Whether the form is to be posted. Raises `Misuse` for anything but true or false."""
    if not isinstance(value, bool):
        raise Misuse(f"post is {str(value)[:40]!r}; expected true or false")
    return value
