"""The answers about payments: approvals, look-ups, charges, cards that were typed in, amounts."""

from mock_nicepay.contract.bodies.result import RESULT
from mock_nicepay.contract.fields import Chars, Flag, Integer, Text
from mock_nicepay.contract.shape import Shape

CARD = Shape(
    {
        "cardCode": Text(3),
        "cardName": Text(20),
        "cardNum": Text(20, nullable=True),
        "cardQuota": Integer(3),
        "isInterestFree": Flag(nullable=True),
        "cardType": Text(6, nullable=True),
        "canPartCancel": Flag(nullable=True),
        "acquCardCode": Text(3),
        "acquCardName": Text(100),
    },
    nullable=True,
)

# Assumed (bank.name-length): the tables limit a bank's name to 20 bytes, and published names are
# longer; the name goes out whole.
ACCOUNT = Shape(
    {
        "vbankCode": Text(3),
        "vbankName": Text(),
        "vbankNumber": Text(20),
        "vbankExpDate": Text(28, nullable=True),
        "vbankHolder": Text(40),
    },
    nullable=True,
)

CANCEL = Shape(
    {
        "tid": Text(30),
        "amount": Integer(),
        "cancelledAt": Text(28),
        "reason": Text(100),
        "receiptUrl": Text(200),
        "couponAmt": Integer(),
    },
    nullable=True,
    many=True,
)

CASH_RECEIPT = Shape(
    {
        "receiptTid": Text(30),
        "orgTid": Text(30),
        "status": Text(20),
        "amount": Integer(),
        "taxFreeAmt": Integer(),
        "receiptType": Text(20),
        "issueNo": Text(30),
        "receiptUrl": Text(200),
    },
    nullable=True,
    many=True,
)

# Recorded (payment.keys): the sandbox's inquiry answers of 2023, by tid and by orderId. Limits in
# characters are those of key-in payments, which are found here, too; all others are in bytes.
PAYMENT = Shape(
    {
        **RESULT,
        "tid": Text(30),
        "cancelledTid": Text(30, nullable=True),
        "orderId": Chars(64),
        "ediDate": Text(28),
        "signature": Text(256),
        "status": Text(20),
        "paidAt": Text(28),
        "failedAt": Text(28),
        "cancelledAt": Text(28),
        "payMethod": Text(10),
        "amount": Integer(),
        "balanceAmt": Integer(),
        "goodsName": Chars(100),  # a checkout's; 40 bytes of all others
        "mallReserved": Chars(500, nullable=True),
        "useEscrow": Flag(),
        "currency": Text(3),
        "channel": Text(10, nullable=True),
        "approveNo": Text(30, nullable=True),
        "buyerName": Chars(30, nullable=True),
        "buyerTel": Chars(40, nullable=True),
        "buyerEmail": Chars(60, nullable=True),
        "receiptUrl": Text(200, nullable=True),
        "mallUserId": Text(20, nullable=True),
        "issuedCashReceipt": Flag(),
        "coupon": Shape({"couponAmt": Integer()}, nullable=True),
        "card": CARD,
        "vbank": ACCOUNT,
        "bank": Shape({"bankCode": Text(3), "bankName": Text()}, nullable=True),
        "cellphone": Shape({}, nullable=True),
        "cancels": CANCEL,
        "cashReceipts": CASH_RECEIPT,
        "sessionId": Text(256),
        "messageSource": Text(10),
    },
    optional=frozenset({"sessionId", "messageSource"}),
)

_NOT_IN_APPROVAL = frozenset({"bank", "cellphone", "sessionId"})

# Recorded (approval.keys): the answer to an approval lacks two keys of the look-ups.
APPROVED = Shape(
    {key: field for key, field in PAYMENT.fields.items() if key not in _NOT_IN_APPROVAL},
    optional=PAYMENT.optional,
)

_NOT_IN_CHARGE = frozenset({"vbank", "bank", "cellphone", "cancels", "cashReceipts", "sessionId"})

# Documented (charge.keys): no table of a charge has vbank, bank, cellphone, cancels and cashReceipts
# (K25, E26); the record of K25 prints those that are not null, in this order.
CHARGED = Shape(
    {key: field for key, field in PAYMENT.fields.items() if key not in _NOT_IN_CHARGE},
    optional=PAYMENT.optional,
)

# Documented (keyin.keys): in the order of E26's table, the only text there is; no payMethod, no
# cancelledTid. A declined one has no card.
KEYED_IN = Shape(
    {
        **RESULT,
        "tid": Text(30),
        "orderId": Chars(64),
        "amount": Integer(),
        "currency": Text(3, nullable=True),
        "goodsName": Chars(40),
        "status": Text(20),
        "paidAt": Text(28),
        "failedAt": Text(28),
        "ediDate": Text(28),
        "signature": Text(256),
        "approveNo": Text(30, nullable=True),
        "buyerName": Chars(30, nullable=True),
        "buyerTel": Chars(40, nullable=True),
        "buyerEmail": Chars(60, nullable=True),
        "receiptUrl": Text(200, nullable=True),
        "mallReserved": Chars(500, nullable=True),
        "card": CARD,
        "messageSource": Text(10),
    },
    optional=frozenset({"messageSource"}),
)

# Documented (check-amount.keys): in this order, without messageSource (K25, E26).
AMOUNT_CHECK = Shape(
    {**RESULT, "ediDate": Text(28), "signature": Text(256), "isValid": Flag(), "tid": Text(30)}
)
