"""The shapes of our answers, in the recorded key order, and the check that an answer keeps to one.

A shape is used by every endpoint that answers it and, under test, to check each answer sent.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mock_nicepay.contract.fields import Chars, Field, Flag, Integer, Number, Text


@dataclass(frozen=True, slots=True)
class Shape:
    """The keys of an answer in order, each with its field type or, nested, its own shape."""

    fields: Mapping[str, "Field | Shape"]
    nullable: bool = False  # nested only: the whole object may be null
    many: bool = False  # nested only: a list of such
    optional: frozenset[str] = frozenset()  # keys an edition leaves out

    def complaints(self, body: Mapping[str, Any], at: str = "") -> list[str]:
        """What is wrong with `body`; an empty list when it keeps to this shape."""
        found = []
        order = [key for key in self.fields if key in body or key not in self.optional]
        if list(body) != order:
            found.append(
                f"{at or 'body'} has the keys {', '.join(body)}; expected {', '.join(order)}"
            )
        for key, value in body.items():
            found += _complaints_of(self.fields.get(key), value, f"{at}{key}")
        return found


def _complaints_of(field: "Field | Shape | None", value: Any, name: str) -> list[str]:
    if field is None:
        return []
    if isinstance(field, Shape):
        if value is None:
            return [] if field.nullable else [f"{name} is null"]
        if isinstance(value, list) != field.many:
            return [f"{name} is {'no list' if field.many else 'a list'}"]
        if field.many:
            return [
                c for n, row in enumerate(value) for c in field.complaints(row, f"{name}[{n}].")
            ]
        return field.complaints(value, f"{name}.")
    complaint = field.complaint(value)
    return [f"{name} {complaint}"] if complaint else []


RESULT: dict[str, Field] = {"resultCode": Text(4), "resultMsg": Text(100)}

# Assumed (refusal.shape): a refusal carries these two keys alone, whatever the call; no record of a
# refusal has been published.
# Assumed (message.length): every table limits resultMsg to 100 bytes, and seven published texts are
# longer; the text goes out whole.
REFUSAL = Shape({**RESULT, "resultMsg": Text()})


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

# Documented (terms.keys): title and text, unsigned (K25).
TERMS = Shape({**RESULT, "termsTitle": Text(100), "content": Text(30_000)})

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

# Recorded (checkout.keys): the sandbox's sessions of 2023, as E24 and E26 print them; the optional keys
# are an older or a newer print's.
SESSION = Shape(
    {
        **RESULT,
        "sessionId": Text(256),
        "orderId": Text(64),
        "clientId": Text(50),
        "tid": Text(30, nullable=True),
        "amount": Integer(),
        "goodsName": Text(100),
        "returnUrl": Text(2500),
        "status": Text(20),
        "apprStatus": Text(20),
        "skinType": Text(10, nullable=True),
        "taxFreeAmt": Integer(nullable=True),
        "isExpire": Flag(),
        "updateDate": Text(28, nullable=True),
        "expireDate": Text(28),
        "mallReserved": Text(500, nullable=True),
        "mallUserId": Text(20, nullable=True),
        "buyerName": Text(30, nullable=True),
        "buyerTel": Text(40, nullable=True),
        "buyerEmail": Text(60, nullable=True),
        "useEscrow": Flag(),
        "currency": Text(3),
        "logoImgUrl": Text(100, nullable=True),
        "language": Text(2, nullable=True),
        "returnCharSet": Text(10, nullable=True),
        "cardQuota": Text(100, nullable=True),
        "cardCode": Text(100, nullable=True),
        "cardShowOpt": Text(50, nullable=True),
        "vbankHolder": Text(40, nullable=True),
        "vbankValidHours": Integer(4, nullable=True),
        "vbankExpDate": Text(12, nullable=True),
        "isDigital": Flag(),
        "directReceiptType": Text(20, nullable=True),
        "directReceiptNo": Text(20, nullable=True),
        "disableScroll": Flag(),
        "disableEdgeChk": Flag(),
        "appScheme": Text(200, nullable=True),
        "method": Text(20),
        # Assumed (checkout.url-length): the table says 250 bytes, which a long sessionId needs alone.
        "url": Text(),
        "zidxHigher": Flag(),
        "messageSource": Text(10),
    },
    optional=frozenset(
        {
            *("status", "apprStatus", "updateDate", "disableScroll", "disableEdgeChk"),
            *("zidxHigher", "messageSource"),
        }
    ),
)

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
