"""The page of a cash receipt that a merchant asked for by itself, and of a cancel of one."""

from typing import Any

from mock_nicepay.core.records import Merchant, Receipt, ReceiptCancel
from mock_nicepay.front.templating import amount as written
from mock_nicepay.sandbox import Sandbox

_PARTS = {
    "supplyAmt": "공급가액 / Supply",
    "goodsVat": "부가세 / VAT",
    "taxFreeAmt": "면세금액 / Tax-free",
    "serviceAmt": "봉사료 / Service",
}


def cash_values(sandbox: Sandbox, tid: str) -> dict[str, Any] | None:
    """The values of the page's template; None when the tid is no such receipt's."""
    cancel = sandbox.store.get(ReceiptCancel, tid)
    receipt = sandbox.store.get(Receipt, cancel.origin_tid if cancel else tid)
    owner = sandbox.store.get(Merchant, receipt.client_id) if receipt else None
    if receipt is None or owner is None:
        return None
    row = sandbox.receipts.row(receipt.tid, owner.client_id)
    shown = next((each for each in row["cancels"] if each["tid"] == tid), None)
    at = cancel.asked_at if cancel else receipt.asked_at
    return {
        "tid": tid,
        "shop": sandbox.shop_name(owner),
        "row": row,
        "cancel": shown,
        "amount": _won((shown or row)["amount"]),
        "at": f"{at:%Y-%m-%d %H:%M:%S}",
        "parts": [(name, _won(row["parts"][key])) for key, name in _PARTS.items()],
        "cancels": [(each["tid"], _won(each["amount"]), each["status"]) for each in row["cancels"]],
    }


def _won(value: int) -> str:
    return written(value, "KRW")
