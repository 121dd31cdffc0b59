"""The answers about billing keys."""

from mock_nicepay.contract.bodies.result import RESULT
from mock_nicepay.contract.fields import Text
from mock_nicepay.contract.shape import Shape

# Documented (regist.keys): in this order, with messageSource and status in E26; a failure has no bid.
REGISTERED = Shape(
    {
        **RESULT,
        "tid": Text(30),
        "orderId": Text(64),
        "bid": Text(30),
        "authDate": Text(28),
        "cardCode": Text(3),
        "cardName": Text(20),
        "messageSource": Text(10),
        "status": Text(6),
    },
    optional=frozenset({"tid", "bid", "authDate", "cardCode", "cardName", "messageSource"}),
)

# Recorded (regist.raw-keys): the answer that K25 prints is that of the payment network.
REGISTERED_RAW = Shape(
    {
        "ResultCode": Text(4),
        "ResultMsg": Text(100),
        "BID": Text(30),
        "AuthDate": Text(8),
        "CardCode": Text(3),
        "CardName": Text(20),
        "TID": Text(30),
    },
    optional=frozenset({"BID", "AuthDate", "CardCode", "CardName", "TID"}),
)

# Recorded (expire-key.keys): as K25 prints it; a failure has no tid.
KEY_EXPIRED = Shape(
    {
        **RESULT,
        "tid": Text(30),
        "orderId": Text(64),
        "bid": Text(),  # of a failure as it was sent
        "authDate": Text(28),
    },
    optional=frozenset({"tid"}),
)

# Documented (key-status.keys): only E26 has this call, in its editions up to the middle of 2026.
KEY_STATUS = Shape(
    {
        **RESULT,
        "tid": Text(30),
        "orderId": Text(64),
        "bid": Text(30),
        "bidStatus": Text(1),
        "status": Text(8),
    }
)
