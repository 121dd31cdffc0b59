"""The answers about webhook addresses."""

from mock_nicepay.contract.bodies.result import RESULT
from mock_nicepay.contract.fields import Text
from mock_nicepay.contract.shape import Shape

# Recorded (webhook.list): the list of addresses; messageSource is its third key.
WEBHOOK = Shape(
    {
        **RESULT,
        "messageSource": Text(10),
        "urls": Shape(
            {"method": Text(20), "url": Text(200), "managerEmail": Text(255, nullable=True)},
            many=True,
        ),
    }
)
