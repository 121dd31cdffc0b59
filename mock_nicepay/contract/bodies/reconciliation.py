"""The answers of reconciliation."""

from mock_nicepay.contract.bodies.result import RESULT
from mock_nicepay.contract.fields import Flag, Integer, Number, Text
from mock_nicepay.contract.shape import Shape

_PAGINATION = Shape({"count": Integer(), "hasMore": Flag(), "nextSequence": Integer()})

# Recorded (transactions.keys): as E24 prints them; its tables misspell originalTid, and the beta of
# 2023 had texts for numbers and one key more.
TRANSACTIONS = Shape(
    {
        **RESULT,
        "pagination": _PAGINATION,
        "transactions": Shape(
            {
                "sequence": Integer(),
                "originalTid": Text(30),
                "tid": Text(30),
                "orderId": Text(64),
                "currency": Text(3),
                "amount": Integer(),
                "method": Text(20),
                "useEscrow": Flag(),
                "transactionStatus": Text(20),
                "transactionAt": Text(19),
            },
            many=True,
        ),
    }
)

# Recorded (settlements.keys): as E24 prints them; the beta of 2023 had texts for numbers and sendDate.
SETTLEMENTS = Shape(
    {
        **RESULT,
        "pagination": _PAGINATION,
        "settlements": Shape(
            {
                "sequence": Integer(),
                "originalTid": Text(30),
                "tid": Text(30),
                "orderId": Text(64),
                "currency": Text(3),
                "settlementCurrency": Text(3),
                "method": Text(20),
                "interestFee": Number(),
                "useEscrow": Flag(),
                "net": Shape({"krw": Number(), "usd": Number()}),
                "transactionStatus": Text(20),
                "cardAcquiringStatus": Flag(),
                "amount": Integer(),
                "supplyAmt": Integer(),
                "fee": Number(),
                "vat": Number(),
                "exchangeRate": Number(),
                "transactionAt": Text(19),
                "paidOutDate": Text(8),
            },
            many=True,
        ),
    }
)
