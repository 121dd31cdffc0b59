"""The control plane's actions on merchants: list them, add one."""

from typing import Any

from mock_nicepay.core.merchants.traits import to_json
from mock_nicepay.core.records import Merchant
from mock_nicepay.front.control.asked import Asked
from mock_nicepay.sandbox import Sandbox


def list_merchants(sandbox: Sandbox, asked: Asked) -> Any:
    """List the merchants with their keys."""
    start, most = asked.bounds()
    if asked.merchant:
        total, found = 1, asked.page([sandbox.merchant(asked.merchant)])
    else:  # no others are read
        total, found = sandbox.store.number(Merchant), sandbox.store.first(Merchant, most, start)
    rows = [{**to_json(each), "name": sandbox.shop_name(each)} for each in found]
    return {"total": total, "merchants": rows}


def add_merchant(sandbox: Sandbox, asked: Asked) -> Any:
    """Add a merchant with a fresh key pair."""
    return to_json(sandbox.add_merchant(**asked.object()))
