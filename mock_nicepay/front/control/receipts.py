"""The control plane's actions on cash receipts: look at them, and answer as the tax office does."""

from typing import Any

from mock_nicepay.front.control.asked import Asked
from mock_nicepay.sandbox import Sandbox


def list_receipts(sandbox: Sandbox, asked: Asked) -> Any:
    """List the cash receipts, those of payments as well, the newest first; ?orderId= narrows them."""
    found = sandbox.receipts.rows(asked.owner(sandbox), asked.arguments.get("orderId", ""))
    return {"total": len(found), "receipts": asked.page(found)}


def get_receipt(sandbox: Sandbox, asked: Asked) -> Any:
    """Show one cash receipt with its cancels."""
    return sandbox.receipts.row(asked.places["tid"], asked.owner(sandbox))


def confirm(sandbox: Sandbox, asked: Asked) -> Any:
    """Have the tax office agree now to a receipt, or to a cancel of one."""
    return _answer(sandbox, asked, agrees=True)


def reject(sandbox: Sandbox, asked: Asked) -> Any:
    """Have the tax office turn a receipt down now, or a cancel of one."""
    return _answer(sandbox, asked, agrees=False)


def confirm_all(sandbox: Sandbox, asked: Asked) -> Any:
    """Have the tax office agree now to all that waits, or to what `orderId`, a glob, means."""
    return _answer_all(sandbox, asked, agrees=True)


def reject_all(sandbox: Sandbox, asked: Asked) -> Any:
    """Have the tax office turn down now all that waits, or what `orderId`, a glob, means."""
    return _answer_all(sandbox, asked, agrees=False)


def _answer(sandbox: Sandbox, asked: Asked, *, agrees: bool) -> Any:
    owner = asked.owner(sandbox)
    asked.nothing()
    return sandbox.receipts.answer(asked.places["tid"], agrees=agrees, client_id=owner)


def _answer_all(sandbox: Sandbox, asked: Asked, *, agrees: bool) -> Any:
    owner, order_id = asked.owner(sandbox), str(asked.words("orderId").get("orderId") or "*")
    return {"answered": sandbox.receipts.answer_all(order_id, agrees=agrees, client_id=owner)}
