"""A merchant that issues cash receipts, for the tests of these."""

from itertools import count
from typing import Any

from till import Till

# As in the manual's own sample.
SAMPLE = {
    "amount": 1000,
    "goodsName": "나이스상품",
    "receiptType": "individual",
    "receiptNo": "01012341234",
    "supplyAmt": 250,
    "goodsVat": 250,
    "taxFreeAmt": 250,
    "serviceAmt": 250,
}
PARTS = ("supplyAmt", "goodsVat", "taxFreeAmt", "serviceAmt")
ANSWER_DAY = {"days": 3}  # until after 9:00 of the second business day after the tests' clock


def part(supply: int, vat: int, tax_free: int, service: int) -> dict[str, int]:
    """The fields of a partial cancel."""
    values = (supply, vat, tax_free, service)
    return {"cancelAmt": sum(values), **dict(zip(PARTS, values, strict=True))}


class CashDesk(Till):
    """A merchant that is paid in cash."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._numbers = count(1)

    def issue(self, **fields: Any) -> Any:
        """Issue a receipt (default: the manual's sample); returns the answer. None omits a field."""
        given = {"orderId": f"cash-{next(self._numbers)}", **SAMPLE, **fields}
        sent = {name: value for name, value in given.items() if value is not None}
        return self.post("/v1/receipt", sent)

    def take_back(self, tid: str, **fields: Any) -> Any:
        """Cancel a receipt, by default under a fresh orderId; returns the answer."""
        given = {"orderId": f"back-{next(self._numbers)}", "reason": "변심", **fields}
        return self.post(f"/v1/receipt/{tid}/cancel", given)

    def look(self, tid: str) -> Any:
        """Look a receipt up; returns the answer."""
        return self.ask("GET", f"/v1/receipt/{tid}")[1]

    def status(self, tid: str) -> str:
        """A receipt's status in the control plane."""
        return str(self.control("GET", f"/receipts/{tid}")[1]["status"])

    def plays(self, **scenario: Any) -> None:
        """Play a scenario for this merchant."""
        self.sandbox.choose_scenario(
            {"version": 1, "name": "at-the-cash-desk", **scenario}, self.merchant.client_id
        )

    def diagnosis(self) -> str:
        """Why the last call was refused or declined, in English."""
        cause = self.sandbox.journal(self.merchant.client_id)[0].to_json()["diagnosis"]
        return str(cause["en"]) if cause else ""
