"""Every published call this version serves: the sum of the families."""

from mock_nicepay.api import (
    card,
    checkout,
    epay,
    keyin,
    merchant,
    payments,
    receipt,
    reconciliation,
    subscribe,
    terms,
    webhook,
)
from mock_nicepay.contract.endpoint import Endpoint

ENDPOINTS: tuple[Endpoint, ...] = (
    *merchant.FAMILY.endpoints,
    *payments.FAMILY.endpoints,
    *subscribe.FAMILY.endpoints,
    *receipt.FAMILY.endpoints,
    *terms.FAMILY.endpoints,
    *card.FAMILY.endpoints,
    *checkout.FAMILY.endpoints,
    *epay.FAMILY.endpoints,
    *keyin.FAMILY.endpoints,
    *webhook.FAMILY.endpoints,
    *reconciliation.TRANSACTION_FAMILY.endpoints,
    *reconciliation.SETTLEMENT_FAMILY.endpoints,
)
