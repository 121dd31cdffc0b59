"""What the payer chose: from the fields of the window's form to values of the core."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import parse_qsl

from mock_nicepay.contract.endpoint import Request
from mock_nicepay.contract.spelling import did_you_mean
from mock_nicepay.contract.tables import SUCCESS
from mock_nicepay.core.misuse import Misuse
from mock_nicepay.core.payments.wish import Payer
from mock_nicepay.core.scenarios.language import Patch, ReplyPlan, Rule
from mock_nicepay.core.window.wishes import payer_of
from mock_nicepay.front.control.window import OUTCOMES, ending_of

CALLBACKS = ("once", "twice", "webhook", "signature", "amount", "success", "never")
DELAYS = ("0", "3", "10", "30")  # seconds
_MOST_FIELDS = 60
_FORGED_AMOUNT = "10"  # won; what a shop that believes the form would then ship for


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the payer chose."""

    ending: ReplyPlan
    payer: Payer
    receipt: Mapping[str, str]
    twist: Rule | None  # what happens to the form on its way
    after_webhook: bool  # the webhooks that have left are to be answered before it


def form_of(request: Request) -> dict[str, str]:
    """The fields of a form that a page of ours sent; of a repeated one the last counts."""
    try:
        text = request.body.decode("utf-8", "replace")
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS))
    except ValueError:
        return {}


def chosen(fields: Mapping[str, str], *, approves: bool, phone: bool) -> Chosen:
    """The payer's choice. `approves`: the window does so. Raises `Misuse` with what would be right."""
    code = fields.get("code", "").strip().upper() or None
    outcome = fields.get("outcome") or "approve"
    callback = fields.get("callback") or "once"
    return Chosen(
        ending=ending_of(outcome, code if outcome == "decline" else None),
        payer=payer_from(fields, phone=phone),
        receipt=_receipt(fields),
        twist=_twist(callback, _delay(fields), approves=approves),
        after_webhook=callback == "webhook",
    )


def auto_ending(text: str) -> ReplyPlan | None:
    """How a window ends by itself: `approve`, `decline`, `decline:3011`, `close` or `timeout`.

    None when nothing is asked for. Raises `Misuse` with what would be right.
    """
    if not text:
        return None
    word, _, code = text.partition(":")
    if word not in OUTCOMES or (code and word != "decline"):
        hint = did_you_mean(word, OUTCOMES, "expected approve, decline, close or timeout")
        raise Misuse(f"auto={text[:40]!r}; {hint} A code goes with decline alone: decline:3011")
    return ending_of(word, code.upper() or None)


def payer_from(fields: Mapping[str, str], *, phone: bool) -> Payer:
    """The payer's pick of card, months, bank, wallet or coupon. Raises `Misuse`."""
    names = ("wallet", "cardCode", "cardQuota", "bankCode", "coupon")
    picked = {name: fields[name] for name in names if fields.get(name)}
    return payer_of({**picked, "channel": "mobile" if phone else "pc"})


def _receipt(fields: Mapping[str, str]) -> dict[str, str]:
    """What was said about a cash receipt, as requestPay would say it."""
    kind, number = fields.get("receiptType", ""), fields.get("receiptNo", "").strip()
    if kind not in ("individual", "company"):
        return {}
    return {"directReceiptType": kind, "directReceiptNo": number.replace("-", "")}


def _delay(fields: Mapping[str, str]) -> timedelta:
    given = fields.get("delay") or "0"
    if given not in DELAYS:
        raise Misuse(f"delay is {given[:20]!r}; expected {', '.join(DELAYS)} seconds")
    return timedelta(seconds=int(given))


def _twist(callback: str, delay: timedelta, *, approves: bool) -> Rule | None:
    if callback not in CALLBACKS:
        raise Misuse(f"callback is {callback[:20]!r}; expected {', '.join(CALLBACKS)}")
    reply = {"twice": ReplyPlan("duplicate"), "never": ReplyPlan("hang")}.get(callback, ReplyPlan())
    patch = _forgeries(approves).get(callback, ())
    if reply.kind == "ok" and not patch and not delay:
        return None
    return Rule((), reply=reply, delay=delay, patch=patch, text=f"callback: {callback}")


def _forgeries(approves: bool) -> dict[str, tuple[Patch, ...]]:
    """What a forger changes; the signature stays what it was, or was never right."""
    success = {"resultCode": SUCCESS, "success": "true", "status": "paid"}
    claimed = success if approves else {"authResultCode": SUCCESS}
    return {
        "signature": (Patch(("signature",), "0" * 64),),
        "amount": (Patch(("amount",), _FORGED_AMOUNT),),
        "success": tuple(Patch((key,), value) for key, value in claimed.items()),
    }
