"""The answers about cash receipts that were asked for by themselves."""

from mock_nicepay.contract.bodies.result import RESULT
from mock_nicepay.contract.fields import Integer, Text
from mock_nicepay.contract.shape import Shape

# Documented (receipt.keys): in this order, without messageSource (K25; E26 has it for other calls).
RECEIPT = Shape(
    {
        **RESULT,
        "tid": Text(30),
        "orderId": Text(64),
        "approvedAt": Text(28),
        "approveNo": Text(30, nullable=True),
        "ediDate": Text(28),
        "signature": Text(256),
    }
)

# Documented (receipt.cancel-keys): of a cancel, and of a look-up as well (K25).
RECEIPT_CANCEL = Shape(
    {
        **RESULT,
        "tid": Text(30),
        "orderId": Text(64),
        "cancelAmt": Integer(),
        "balanceAmt": Integer(),
        "cancelledAt": Text(28),
        "approveNo": Text(30, nullable=True),
        "ediDate": Text(28),
        "signature": Text(256),
    }
)
