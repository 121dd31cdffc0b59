"""Makes the `Wish` for a payment from requestPay's parameters and a payer's picks."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from mock_nicepay.contract.charsets import UTF_8
from mock_nicepay.contract.methods import ALL_METHODS
from mock_nicepay.contract.receipts import KINDS
from mock_nicepay.contract.refusal import Refusal
from mock_nicepay.contract.spelling import did_you_mean
from mock_nicepay.contract.window.rules import KRW, past
from mock_nicepay.core.misuse import Misuse
from mock_nicepay.core.payments.wish import Payer, Wish, masked_number
from mock_nicepay.core.records import ReceiptWish

_WALLETS = tuple(
    dict.fromkeys(method.pay_method for method in ALL_METHODS.values() if method.is_wallet)
)


def payer_of(values: Any) -> Payer:
    """The payer from a JSON object; every key is optional. Raises `Misuse` with what would be right.

    Whether the window offers the picks is checked when the payment is authorised.
    """
    if not isinstance(values, Mapping):
        raise Misuse('payer must be a JSON object, such as {"cardCode": "04"}')
    read: dict[str, Any] = {}
    for key, value in values.items():
        if key not in KEYS:
            raise Misuse(f"the payer has no {str(key)[:40]!r}; {_hint(str(key))}")
        name, reader = KEYS[key]
        if value is not None:
            read[name] = reader(value, f"payer.{key}")
    return Payer(**read)


def wish_of(
    order: Mapping[str, Any], payer: Payer, now: datetime, *, hours_first: bool = False
) -> Wish:
    """The wish for a payment, from the parameters that `contract.window.request` has read.

    Raises `Refusal` for an account's deadline that has passed.
    """
    return Wish(
        order_id=order["orderId"],
        amount=order["amount"],
        goods_name=order["goodsName"],
        method=order["method"],
        currency=order["currency"] or KRW,
        tax_free=order["taxFreeAmt"] or 0,
        use_escrow=bool(order["useEscrow"]),
        mall_reserved=order["mallReserved"],
        mall_user_id=order["mallUserId"],
        buyer_name=order["buyerName"],
        buyer_tel=order["buyerTel"],
        buyer_email=order["buyerEmail"],
        charset=order["returnCharSet"] or UTF_8,
        card_codes=order["cardCode"] or (),
        quotas=order["cardQuota"] or (),
        vbank_holder=order["vbankHolder"],
        vbank_expires=_deadline(order, now, hours_first=hours_first),
        receipt=_receipt(order),
        payer=payer,
    )


def _receipt(order: Mapping[str, Any]) -> ReceiptWish | None:
    """The requested cash receipt; None when there is none.

    Assumed (receipt.points-kind): the number that naverpayPoint needs is a person's when no
    directReceiptType says otherwise.
    """
    kind, number = order["directReceiptType"], order["directReceiptNo"]
    if kind is None and order["method"] == "naverpayPoint":
        kind = "individual"
    return ReceiptWish(kind, number) if number and kind in KINDS else None


def _deadline(order: Mapping[str, Any], now: datetime, *, hours_first: bool) -> datetime | None:
    """The deadline for a deposit; None when the parameters have none.

    Documented (account.deadline): vbankExpDate wins over vbankValidHours in the sandbox; in live it
    is the other way round (E26). The hours count from the opening of the page.
    Assumed (account.deadline-past): a deadline that has passed is A108; the code fits by its text.
    """
    deadline: datetime | None = order["vbankExpDate"]
    hours = order["vbankValidHours"]
    if hours and (deadline is None or hours_first):
        return now + timedelta(hours=hours)
    if deadline is None:
        return None
    if order["method"] == "vbank" and deadline <= now:
        raise Refusal("A108", cause=past("vbankExpDate", deadline, now))
    return deadline


def _hint(key: str) -> str:
    return did_you_mean(key, KEYS, f"it has {', '.join(KEYS)}")


def _text(value: Any, name: str) -> str:
    if not isinstance(value, str) or len(value) > 20:
        raise Misuse(f'{name} is {str(value)[:40]!r}; expected a text such as "04"')
    return value


def _flag(value: Any, name: str) -> bool:
    if not isinstance(value, bool):
        raise Misuse(f"{name} is {str(value)[:40]!r}; expected true or false")
    return value


def _months(value: Any, name: str) -> int:
    text = str(value)
    if isinstance(value, bool) or not (text.isascii() and text.isdecimal() and len(text) <= 2):
        raise Misuse(f"{name} is {text[:40]!r}; expected months, 0 for a lump sum")
    return int(text)


def _won(value: Any, name: str) -> int:
    text = str(value)
    if isinstance(value, bool) or not (text.isascii() and text.isdecimal() and len(text) <= 12):
        raise Misuse(f"{name} is {text[:40]!r}; expected an amount in won", topic="coupon")
    return int(text)


def _number(value: Any, name: str) -> str:
    masked = masked_number(value) if isinstance(value, str) else ""
    if not masked:  # the message does not repeat it: it may be a card number after all
        raise Misuse(f"{name} is not a card number; expected a text of 12 to 19 digits")
    return masked


def _one_of(*words: str) -> Callable[[Any, str], str]:
    def read(value: Any, name: str) -> str:
        if value not in words:
            raise Misuse(f"{name} is {str(value)[:40]!r}; expected {', '.join(words)}")
        return str(value)

    return read


# Each key with the payer's field and the function that reads its value.
KEYS: Mapping[str, tuple[str, Callable[[Any, str], Any]]] = {
    "cardCode": ("card_code", _text),
    "cardQuota": ("quota", _months),
    "cardType": ("card_type", _one_of("credit", "check")),
    "cardNum": ("card_number", _number),
    "canPartCancel": ("can_part_cancel", _flag),
    "isInterestFree": ("interest_free", _flag),
    "bankCode": ("bank_code", _text),
    "wallet": ("wallet", _one_of("card", *_WALLETS)),
    "channel": ("channel", _one_of("pc", "mobile")),
    "coupon": ("coupon", _won),
}
