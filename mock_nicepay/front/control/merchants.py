"""The control plane's actions on merchants: list them, add one."""

from typing import Any

from mock_nicepay.core.merchants.traits import to_json
from mock_nicepay.front.control.asked import Asked
from mock_nicepay.sandbox import Sandbox


def list_merchants(sandbox: Sandbox, asked: Asked) -> Any:
    """List the merchants with their keys."""
    found = [sandbox.merchant(asked.merchant)] if asked.merchant else sandbox.merchants()
    return {"merchants": [{**to_json(m), "name": sandbox.shop_name(m)} for m in found]}


def add_merchant(sandbox: Sandbox, asked: Asked) -> Any:
    """Add a merchant with a fresh key pair."""
    return to_json(sandbox.add_merchant(**asked.object()))
