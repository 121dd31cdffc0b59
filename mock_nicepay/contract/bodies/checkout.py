"""The answers about a checkout's session."""

from mock_nicepay.contract.bodies.result import RESULT
from mock_nicepay.contract.fields import Flag, Integer, Text
from mock_nicepay.contract.shape import Shape

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
