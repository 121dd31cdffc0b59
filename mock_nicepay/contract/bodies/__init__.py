"""The shapes of our answers, in the recorded key order, a module for each part of the gateway."""

from mock_nicepay.contract.bodies.billing import KEY_EXPIRED, KEY_STATUS, REGISTERED, REGISTERED_RAW
from mock_nicepay.contract.bodies.checkout import SESSION
from mock_nicepay.contract.bodies.offers import CARD_EVENT, INTEREST_FREE
from mock_nicepay.contract.bodies.payments import (
    ACCOUNT,
    AMOUNT_CHECK,
    APPROVED,
    CANCEL,
    CARD,
    CASH_RECEIPT,
    CHARGED,
    KEYED_IN,
    PAYMENT,
)
from mock_nicepay.contract.bodies.receipts import RECEIPT, RECEIPT_CANCEL
from mock_nicepay.contract.bodies.reconciliation import SETTLEMENTS, TRANSACTIONS
from mock_nicepay.contract.bodies.result import REFUSAL, RESULT
from mock_nicepay.contract.bodies.terms import TERMS
from mock_nicepay.contract.bodies.token import LONG_TOKEN, TOKEN
from mock_nicepay.contract.bodies.webhooks import WEBHOOK

__all__ = [
    "ACCOUNT",
    "AMOUNT_CHECK",
    "APPROVED",
    "CANCEL",
    "CARD",
    "CARD_EVENT",
    "CASH_RECEIPT",
    "CHARGED",
    "INTEREST_FREE",
    "KEYED_IN",
    "KEY_EXPIRED",
    "KEY_STATUS",
    "LONG_TOKEN",
    "PAYMENT",
    "RECEIPT",
    "RECEIPT_CANCEL",
    "REFUSAL",
    "REGISTERED",
    "REGISTERED_RAW",
    "RESULT",
    "SESSION",
    "SETTLEMENTS",
    "TERMS",
    "TOKEN",
    "TRANSACTIONS",
    "WEBHOOK",
]
