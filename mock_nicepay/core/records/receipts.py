"""Cash receipts issued without a payment, and their cancels."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from mock_nicepay.contract.receipts import Parts
from mock_nicepay.core.records.record import Record


@dataclass(frozen=True, slots=True)
class Receipt(Record):
    """A cash receipt issued without a payment, for money received in another way; in won.

    `status` is what was known when it was written: `core.receipts.tax_office` says what it is by now.
    """

    KEY: ClassVar[str] = "tid"
    LOOKUPS: ClassVar[tuple[str, ...]] = ("order_id",)

    tid: str
    client_id: str
    order_id: str
    amount: int
    parts: Parts
    goods_name: str
    kind: str  # individual or company
    number: str  # of the person or company, masked
    asked_at: datetime
    status: str  # issueRequested, issued ...
    answer_at: datetime | None  # when the tax office will answer; None: it has answered
    issue_no: str | None  # given by the tax office; None: refused
    code: str = ""  # of the immediate refusal
    buyer_name: str | None = None


@dataclass(frozen=True, slots=True)
class ReceiptCancel(Record):
    """A cancel of a cash receipt, requested or done; in won."""

    KEY: ClassVar[str] = "tid"
    LOOKUPS: ClassVar[tuple[str, ...]] = ("order_id", "origin_tid")

    tid: str
    client_id: str
    order_id: str  # of the request
    origin_tid: str  # of the receipt
    amount: int
    parts: Parts
    reason: str
    asked_at: datetime
    status: str  # cancelRequested, cancelled ...
    answer_at: datetime | None
    issue_no: str | None
    code: str = ""
