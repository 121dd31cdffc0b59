"""The answer to the access-token call."""

from mock_nicepay.contract.bodies.result import RESULT
from mock_nicepay.contract.fields import Text
from mock_nicepay.contract.shape import Shape


# Recorded (token.keys): exchanges of 2021 and 2023, the newest edition prints the same order.
def token_shape(digits: int) -> Shape:
    """The access-token answer; every table says 40 bytes, the record of 2021 has 64."""
    return Shape(
        {
            **RESULT,
            "accessToken": Text(digits),
            "tokenType": Text(10),
            "expireAt": Text(28),
            "expiredAt": Text(28),
            "now": Text(28),
        },
        optional=frozenset({"expireAt", "expiredAt"}),
    )


TOKEN = token_shape(40)

LONG_TOKEN = token_shape(64)
