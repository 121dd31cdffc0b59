"""The control plane's actions on payments: show, deposit, cancel, expire, move escrow on."""

from collections.abc import Mapping
from typing import Any

from mock_nicepay.core.misuse import Misuse
from mock_nicepay.front.control.asked import Asked
from mock_nicepay.sandbox import Sandbox


def list_payments(sandbox: Sandbox, asked: Asked) -> Any:
    """List the payments in any state, newest first; ?orderId= narrows them, ?limit= and ?from= page."""
    found = sandbox.ledger.payments(asked.owner(sandbox), asked.arguments.get("orderId", ""))
    shown = [sandbox.ledger.to_json(payment) for payment in asked.page(found)]
    return {"total": len(found), "payments": shown}


def get_payment(sandbox: Sandbox, asked: Asked) -> Any:
    """Show one payment with all its details."""
    payment = sandbox.ledger.payment(asked.places["tid"], asked.owner(sandbox))
    return sandbox.ledger.to_json(payment)


def deposit(sandbox: Sandbox, asked: Asked) -> Any:
    """Transfer money to a payment's virtual account, as its payer does: the right amount, or `amount`."""
    owner, amount = asked.owner(sandbox), _amount(asked.words("amount"))
    paid = sandbox.ledger.deposit(asked.places["tid"], amount, owner)
    return sandbox.ledger.to_json(paid)


def cancel(sandbox: Sandbox, asked: Asked) -> Any:
    """Cancel a payment as NICEPAY's own pages do, without checks: all that is left, or `amount`."""
    owner, words = asked.owner(sandbox), asked.words("amount", "reason")
    reason = str(words.get("reason") or "")[:100]
    cancelled = sandbox.ledger.cancel(asked.places["tid"], _amount(words), reason, owner)
    return sandbox.ledger.to_json(cancelled)


def expire(sandbox: Sandbox, asked: Asked) -> Any:
    """Let a payment's virtual account expire now."""
    owner = asked.owner(sandbox)
    asked.nothing()
    return sandbox.ledger.to_json(sandbox.ledger.expire(asked.places["tid"], owner))


def set_escrow(sandbox: Sandbox, asked: Asked) -> Any:
    """Move an escrow payment on: `stage` is shipped, accepted or refused."""
    owner, stage = asked.owner(sandbox), str(asked.words("stage").get("stage", ""))
    return sandbox.ledger.to_json(sandbox.ledger.set_stage(asked.places["tid"], stage, owner))


def _amount(words: Mapping[str, Any]) -> int | None:
    """The amount in a body; None when there is none. Raises `Misuse`."""
    amount = words.get("amount")
    if amount is not None and (isinstance(amount, bool) or not isinstance(amount, int)):
        raise Misuse(f"amount is {str(amount)[:40]!r}; expected a whole number, or nothing")
    return amount
