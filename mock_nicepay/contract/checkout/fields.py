"""What POST /v1/checkout takes: its fields in E26's order, their limits and the codes they refuse with.

`rules` beside it has what must fit together. Limits are the widest of all editions; the narrower
ones of an edition are in `rules` as well.
"""

import re
from datetime import datetime
from typing import Any, NamedTuple

from mock_nicepay.contract.charsets import EUC_KR, UTF_8
from mock_nicepay.contract.fields import Amount, Body, Choice, Field, TaxFreeAmount, Text
from mock_nicepay.contract.methods import ALL_METHODS
from mock_nicepay.contract.refusal import Cause, Refusal
from mock_nicepay.contract.tables import cards
from mock_nicepay.contract.times import EARLIEST, END_OF_TIME, KST
from mock_nicepay.contract.window.rules import KRW, MOST_MONTHS

_SHOWN = 100  # characters of a value that a message repeats
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_MINUTE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d", re.ASCII)
_SECOND = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|\.\d{3}[+-]\d{4})", re.ASCII)


class Deadline(NamedTuple):
    """Until when an account takes its deposit, and whether it was said as a day."""

    at: datetime
    whole_day: bool


class Unspaced(Text):
    """Text without white space. Assumed (checkout.white-space): with some it is U154; the text fits."""

    refuses_with = (*Text.refuses_with, "U154")

    def read(self, value: Any, name: str) -> str:
        text = super().read(value, name)
        if re.search(r"\s", text):
            raise Refusal(
                "U154",
                name,
                cause=Cause(
                    f"{name} is {_short(text)!r}; write it without spaces",
                    f"{name} 값 {_short(text)!r}에 공백이 있습니다. 공백 없이 보내야 합니다",
                ),
            )
        return text


class Switch(Field):
    """True or false, or their texts. Assumed (checkout.boolean): anything else is U133."""

    refuses_with = ("U133",)

    def read(self, value: Any, name: str) -> bool:
        if isinstance(value, bool):
            return value
        if value in ("true", "false"):
            return bool(value == "true")
        raise Refusal(
            "U133",
            name,
            cause=Cause(
                f"{name} is {_short(value)!r}; send true or false",
                f"{name} 값이 {_short(value)!r}입니다. true 또는 false를 보내야 합니다",
            ),
        )


class CharSet(Choice):
    """The character set of the form, kept as it was sent.

    Documented (checkout.charset): one of four words, else U132; only the page that posts the form
    follows it, this answer is always UTF-8 (E26).
    """

    def __init__(self) -> None:
        super().__init__(UTF_8, EUC_KR, UTF_8.upper(), EUC_KR.upper(), max_bytes=None)


class GoodsName(Text):
    """Documented (checkout.goods-name): a double quote and a pipe become `-` (E26)."""

    _REPLACED = str.maketrans({'"': "-", "|": "-", "¦": "-"})  # K25 prints a broken bar

    def read(self, value: Any, name: str) -> str:
        return super().read(value, name).translate(self._REPLACED)


class CardCodes(Unspaced):
    """A comma list of card codes. Assumed (checkout.card-code): one that no table has is U149."""

    refuses_with = (*Unspaced.refuses_with, "U149")

    def read(self, value: Any, name: str) -> Any:
        codes = tuple(super().read(value, name).split(","))
        for code in codes:
            if code not in cards():
                raise Refusal(
                    "U149",
                    cause=Cause(
                        f"{name} holds {_short(code)!r}, which is not a card code",
                        f"{name} 값의 {_short(code)!r}은(는) 카드 코드표에 없습니다",
                    ),
                )
        return codes


class Quotas(Unspaced):
    """A comma list of months, two digits each, 00 for a lump sum.

    Assumed (checkout.quota-form): anything else, also 01, is U133; more than 36 months U144.
    """

    refuses_with = (*Unspaced.refuses_with, "U144")

    def read(self, value: Any, name: str) -> Any:
        months = super().read(value, name).split(",")
        for month in months:
            if not re.fullmatch(r"\d\d", month, re.ASCII) or month == "01":
                raise Refusal("U133", name, cause=_months(name, month))
            if int(month) > MOST_MONTHS:
                raise Refusal(
                    "U144",
                    MOST_MONTHS,
                    cause=Cause(
                        f"{name} asks for {month} months; at most {MOST_MONTHS} are possible",
                        f"{name} 값의 할부 {month}개월은 최대 {MOST_MONTHS}개월을 넘습니다",
                    ),
                )
        return tuple(int(month) for month in months)


class CardShow(Text):
    """`08:3|02:3`. Documented (checkout.card-show): with an ASCII pipe; otherwise U133 (E26)."""

    _PAIR = "(02|04|06|07|08|12|15):[123]"
    _FORM = re.compile(rf"{_PAIR}(\|{_PAIR})*")

    def read(self, value: Any, name: str) -> str:
        text = super().read(value, name)
        if self._FORM.fullmatch(text) is None:
            cause = Cause(
                f"{name} is {_short(text)!r}; write it as 08:3|02:3, with cards 02 04 06 07 08 12 15 "
                "and types 1 to 3",
                f"{name} 값 {_short(text)!r}의 형식이 잘못되었습니다. 08:3|02:3처럼 보내야 합니다"
                "(카드 02 04 06 07 08 12 15, 유형 1~3)",
            )
            raise Refusal("U133", name, cause=cause)
        return text


class Hours(Field):
    """How long an account lives, in hours.

    Documented (checkout.valid-hours): no number is U329, 0 or less U339 with the name (E26).
    Assumed (checkout.valid-hours-long): more than four digits are U105.
    """

    refuses_with = ("U105", "U329", "U339")
    DIGITS = 4
    _FORM = re.compile(r"-?\d{1,400}(\.\d*)?", re.ASCII)

    def read(self, value: Any, name: str) -> int:
        text = "" if isinstance(value, bool | dict | list) else str(value)
        if self._FORM.fullmatch(text) is None:
            cause = Cause(
                f"{name} is {_short(value)!r}; send a number of hours such as 24",
                f"{name} 값 {_short(value)!r}은(는) 숫자가 아닙니다. 24처럼 시간 수를 보내야 합니다",
            )
            raise Refusal("U329", cause=cause)
        hours = int(text.partition(".")[0])
        if hours <= 0:
            cause = Cause(
                f"{name} is {_short(text)}; send 1 or more",
                f"{name} 값이 {_short(text)}입니다. 1 이상을 보내야 합니다",
            )
            raise Refusal("U339", name, cause=cause)
        if len(str(hours)) > self.DIGITS:
            cause = Cause(
                f"{name} has {len(str(hours))} digits; at most {self.DIGITS} are possible",
                f"{name} 값이 {len(str(hours))}자리입니다. 최대 {self.DIGITS}자리까지 가능합니다",
            )
            raise Refusal("U105", self.DIGITS, len(str(hours)), cause=cause)
        return hours


class ExpireDate(Text):
    """Until when the session can be paid.

    Documented (checkout.expire-date): UTC with a Z, or milliseconds and an offset without a colon;
    otherwise U322 (E26).
    """

    refuses_with = (*Text.refuses_with, "U322")

    def read(self, value: Any, name: str) -> Any:
        text = super().read(value, name)
        moment = _moment(text) if _SECOND.fullmatch(text) else None
        if moment is None:
            raise Refusal(
                "U322",
                cause=Cause(
                    f"{name} is {_short(text)!r}; write it as 2026-01-31T00:00:00Z or as "
                    "2026-01-31T09:00:00.000+0900",
                    f"{name} 값 {_short(text)!r}의 형식이 잘못되었습니다. 2026-01-31T00:00:00Z 또는 "
                    "2026-01-31T09:00:00.000+0900 형식으로 보내야 합니다",
                ),
            )
        return moment


class AccountDeadline(Text):
    """Until when an account takes its deposit, in Korean time where no other is said.

    Documented (checkout.vbank-date): yyyy-MM-ddTHH:mm, yyyy-MM-dd or a form of expireDate; anything
    else, yyyyMMdd too, is U330 (E26; the forms of the older texts differ).
    Assumed (checkout.vbank-date-none): a day or time that there is not is U153.
    Assumed (window.deadline-day) holds here, too.
    """

    refuses_with = (*Text.refuses_with, "U330", "U153")

    def read(self, value: Any, name: str) -> Any:
        text = super().read(value, name)
        day = _DAY.fullmatch(text) is not None
        if not (day or _MINUTE.fullmatch(text) or _SECOND.fullmatch(text)):
            raise Refusal(
                "U330",
                cause=Cause(
                    f"{name} is {_short(text)!r}; write it as 2026-01-31, 2026-01-31T09:00, "
                    "2026-01-31T00:00:00Z or 2026-01-31T09:00:00.000+0900",
                    f"{name} 값 {_short(text)!r}은(는) 날짜 형식이 아닙니다. "
                    "2026-01-31 또는 2026-01-31T09:00 형식으로 보내야 합니다",
                ),
            )
        moment = _moment(f"{text}T23:59" if day else text)
        if moment is None:
            cause = Cause(f"{name}: there is no {text}", f"{name}: {text}은(는) 없는 날짜입니다")
            raise Refusal("U153", text, cause=cause)
        return Deadline(moment, day)


class CheckoutRequest(Body):
    """The fields of one checkout in the manual's order (E26)."""

    sessionId = Unspaced(256, required=True)  # noqa: N815 - the wire's names, here and below
    clientId = Text(50)  # noqa: N815
    method = Choice(*ALL_METHODS, max_bytes=None, required=True)
    orderId = Text(64, required=True)  # noqa: N815
    expireDate = ExpireDate()  # noqa: N815
    amount = Amount(12, required=True)
    goodsName = GoodsName(100, required=True)  # noqa: N815
    returnUrl = Text(2500, required=True)  # noqa: N815
    mallReserved = Text(500)  # noqa: N815
    mallUserId = Text(20)  # noqa: N815
    buyerName = Text(30)  # noqa: N815
    buyerTel = Text(40)  # noqa: N815
    buyerEmail = Text(60)  # noqa: N815
    useEscrow = Switch()  # noqa: N815
    currency = Choice(KRW, "USD", "CNY", max_bytes=None)
    logoImgUrl = Text(100)  # noqa: N815
    language = Choice("KO", "EN", "CN", max_bytes=None)
    returnCharSet = CharSet()  # noqa: N815
    skinType = Choice("red", "green", "purple", "gray", "dark", max_bytes=None)  # noqa: N815
    fakeAuth = Switch()  # noqa: N815
    taxFreeAmt = TaxFreeAmount()  # noqa: N815
    cardQuota = Quotas(100)  # noqa: N815
    cardCode = CardCodes(100)  # noqa: N815
    cardShowOpt = CardShow(50)  # noqa: N815
    vbankHolder = Text(40)  # noqa: N815
    vbankValidHours = Hours()  # noqa: N815
    vbankExpDate = AccountDeadline()  # noqa: N815
    isDigital = Switch()  # noqa: N815
    directReceiptType = Choice("unPublished", "individual", "company", max_bytes=None)  # noqa: N815
    directReceiptNo = Text(20)  # noqa: N815
    appScheme = Text(200)  # noqa: N815


def _moment(text: str) -> datetime | None:
    """The moment in Korean time, when there is such a day and a clock can reach it."""
    try:
        moment = datetime.fromisoformat(text)
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=KST)).astimezone(KST)
    except (ValueError, OverflowError):
        return None
    return moment if EARLIEST <= moment < END_OF_TIME else None


def _months(name: str, month: str) -> Cause:
    if month == "01":
        return Cause(
            f"{name} holds 01; a lump sum is written 00",
            f"{name} 값에 01이 있습니다. 일시불은 00입니다",
        )
    return Cause(
        f"{name} holds {_short(month)!r}; write each as two digits: 00,02,03",
        f"{name} 값의 {_short(month)!r}: 00,02,03처럼 두 자리로 써야 합니다",
    )


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
