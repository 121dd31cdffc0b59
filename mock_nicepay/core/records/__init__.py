"""What a gateway remembers: frozen records, each with its key, its owner and its look-ups.

`owner` is the merchant's client id: everything belongs to a merchant, and reset forgets by owner.
"""

from mock_nicepay.core.records.billing import (
    ACTIVE,
    DELETED,
    SUSPENDED,
    BillingKey,
)
from mock_nicepay.core.records.checkout import (
    CLOSED,
    PENDING,
    Session,
)
from mock_nicepay.core.records.merchants import (
    Ended,
    KeyPair,
    Merchant,
    Secret,
    Token,
)
from mock_nicepay.core.records.movements import (
    CREATED,
    UNMADE,
    Movement,
)
from mock_nicepay.core.records.offers import (
    Offers,
    Plan,
)
from mock_nicepay.core.records.payments import (
    AUTHORISED,
    CANCELLED,
    FAILED,
    PAID,
    PART_CANCELLED,
    READY,
    Account,
    Bank,
    Cancel,
    Card,
    CashReceipt,
    KeyIn,
    PartTid,
    Payment,
    ReceiptWish,
    UsedOrder,
)
from mock_nicepay.core.records.receipts import (
    Receipt,
    ReceiptCancel,
)
from mock_nicepay.core.records.record import (
    EVERYBODY,
    STRANGER,
    Record,
    changed,
)
from mock_nicepay.core.records.running import (
    Heard,
    Play,
    RuleCount,
    Running,
)
from mock_nicepay.core.records.webhooks import (
    Delivery,
    Try,
    WebhookUrl,
)
from mock_nicepay.core.records.window import (
    Handover,
    Opening,
)

__all__ = [
    "ACTIVE",
    "AUTHORISED",
    "CANCELLED",
    "CLOSED",
    "CREATED",
    "DELETED",
    "EVERYBODY",
    "FAILED",
    "PAID",
    "PART_CANCELLED",
    "PENDING",
    "READY",
    "STRANGER",
    "SUSPENDED",
    "UNMADE",
    "Account",
    "Bank",
    "BillingKey",
    "Cancel",
    "Card",
    "CashReceipt",
    "Delivery",
    "Ended",
    "Handover",
    "Heard",
    "KeyIn",
    "KeyPair",
    "Merchant",
    "Movement",
    "Offers",
    "Opening",
    "PartTid",
    "Payment",
    "Plan",
    "Play",
    "Receipt",
    "ReceiptCancel",
    "ReceiptWish",
    "Record",
    "RuleCount",
    "Running",
    "Secret",
    "Session",
    "Token",
    "Try",
    "UsedOrder",
    "WebhookUrl",
    "changed",
]
