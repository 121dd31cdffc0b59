"""The answers about what card companies offer."""

from mock_nicepay.contract.bodies.result import RESULT
from mock_nicepay.contract.fields import Integer, Text
from mock_nicepay.contract.shape import Shape

# Documented (card.event-keys): in this order; interestFree is E24's `interestFreet` spelt right (K25, E26).
CARD_EVENT = Shape(
    {
        **RESULT,
        "ediDate": Text(28),
        "signature": Text(256),
        "cardPoint": Text(nullable=True),
        "interestFree": Shape(
            {"cardCode": Text(3), "cardName": Text(20), "freeInstallment": Text(200)},
            nullable=True,
            many=True,
        ),
    }
)

# Documented (card.plan-keys): each card with its plans (K25, E26).
INTEREST_FREE = Shape(
    {
        **RESULT,
        "ediDate": Text(28),
        "signature": Text(256),
        "interestFree": Shape(
            {
                "cardCode": Text(3),
                "cardName": Text(20),
                "freeInstallment": Shape(
                    {
                        "minAmt": Integer(),
                        "maxAmt": Integer(14),
                        "installment": Text(200),
                        "eventToDate": Text(28),
                    },
                    many=True,
                ),
            },
            nullable=True,
            many=True,
        ),
    }
)
