"""The control plane's actions on cash receipts: show them, and answer as the tax office does."""

from typing import Any

from mock_nicepay.front.control.asked import Asked
from mock_nicepay.sandbox import Sandbox


def list_receipts(sandbox: Sandbox, asked: Asked) -> Any:
    """List the cash receipts, including those of payments, newest first; ?orderId= narrows them."""
    found = sandbox.receipts.rows(asked.owner(sandbox), asked.arguments.get("orderId", ""))
    return {"total": len(found), "receipts": asked.page(found)}


def get_receipt(sandbox: Sandbox, asked: Asked) -> Any:
    """Show one cash receipt with its cancels."""
    return sandbox.receipts.row(asked.places["tid"], asked.owner(sandbox))


def confirm(sandbox: Sandbox, asked: Asked) -> Any:
    """Have the tax office confirm a receipt, or the cancel of one, now."""
    return _answer(sandbox, asked, agrees=True)


def reject(sandbox: Sandbox, asked: Asked) -> Any:
    """Have the tax office reject a receipt, or the cancel of one, now."""
    return _answer(sandbox, asked, agrees=False)


def confirm_all(sandbox: Sandbox, asked: Asked) -> Any:
    """Have the tax office confirm all waiting receipts now, or those whose orderId matches a glob."""
    return _answer_all(sandbox, asked, agrees=True)


def reject_all(sandbox: Sandbox, asked: Asked) -> Any:
    """Have the tax office reject all waiting receipts now, or those whose orderId matches a glob."""
    return _answer_all(sandbox, asked, agrees=False)


def _answer(sandbox: Sandbox, asked: Asked, *, agrees: bool) -> Any:
    owner = asked.owner(sandbox)
    asked.nothing()
    return sandbox.receipts.answer(asked.places["tid"], agrees=agrees, client_id=owner)


def _answer_all(sandbox: Sandbox, asked: Asked, *, agrees: bool) -> Any:
    owner, order_id = asked.owner(sandbox), str(asked.words("orderId").get("orderId") or "*")
    return {"answered": sandbox.receipts.answer_all(order_id, agrees=agrees, client_id=owner)}
