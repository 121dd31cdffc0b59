"""Every published call this version serves: the sum of the families."""

from mock_nicepay.api import checkout, merchant, payments, webhook
from mock_nicepay.contract.endpoint import Endpoint

ENDPOINTS: tuple[Endpoint, ...] = (
    *merchant.FAMILY.endpoints,
    *payments.FAMILY.endpoints,
    *checkout.FAMILY.endpoints,
    *webhook.FAMILY.endpoints,
)
