"""What `AUTHNICE.requestPay` takes: its parameters in the manual's order, and their limits.

The window checks before anything has happened. What it does not like never reaches returnUrl: the
page's `fnError` is told (`Refusal` here). `rules` beside it has what must fit
together.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from mock_nicepay.contract.charsets import EUC_KR, UTF_8
from mock_nicepay.contract.fields import Body
from mock_nicepay.contract.methods import METHODS
from mock_nicepay.contract.refusal import Cause, Refusal
from mock_nicepay.contract.tables import cards
from mock_nicepay.contract.times import EARLIEST, END_OF_TIME, KST
from mock_nicepay.contract.window.parameters import (
    Choice,
    Flag,
    Number,
    Parameter,
    bad_quota,
    not_allowed,
    shown,
    unsupported,
)
from mock_nicepay.contract.window.rules import KRW, check_together


class ClientId(Parameter):
    """The key whose window is opened. Documented (window.client-id): none is P001, an unknown P005."""

    def absence(self, name: str, *, sent: bool) -> Refusal:
        del sent
        cause = Cause(
            f"{name} was not sent: requestPay needs the clientId of your key pair",
            f"{name} 항목이 없습니다. 발급받은 클라이언트 키를 넣어야 합니다",
        )
        return Refusal("P001", cause=cause)


class CharSet(Choice):
    """The character set of the form. Documented (charset.values): in lower or in upper case."""

    def __init__(self) -> None:
        super().__init__(UTF_8, EUC_KR, UTF_8.upper(), EUC_KR.upper(), max_bytes=10)

    def read(self, value: Any, name: str) -> str:
        return super().read(value, name).lower()


class Amount(Number):
    """What is to be paid. Documented (window.zero): nothing to pay is P017."""

    def check(self, number: int, name: str) -> int:
        if super().check(number, name) == 0:
            raise Refusal(
                "P017",
                cause=Cause(
                    f"{name} is 0; send at least 1", f"{name} 값이 0입니다. 1 이상이어야 합니다"
                ),
            )
        return number


class Hours(Number):
    """How long an account lives. Assumed (window.valid-hours): 0 or less is P031, after U339 of E26."""

    def check(self, number: int, name: str) -> int:
        if number <= 0:
            raise Refusal(
                "P031",
                cause=Cause(
                    f"{name} is {number}; send the hours until the account expires, 1 or more",
                    f"{name} 값이 {number}입니다. 1 이상의 시간을 보내야 합니다",
                ),
            )
        return number


class GoodsName(Parameter):
    """Documented (window.goods-name): a double quote and a pipe become `-` (K25)."""

    _REPLACED = str.maketrans({'"': "-", "|": "-", "¦": "-"})  # the manual prints a broken bar

    def read(self, value: Any, name: str) -> str:
        text: str = super().read(value, name)
        return text.translate(self._REPLACED)


class MallReserved(Parameter):
    """What the merchant gets back. Documented (window.mall-reserved): without a double quote (K25).

    Assumed (window.mall-reserved-code): with one it is P012; no page names the code.
    """

    def read(self, value: Any, name: str) -> str:
        text: str = super().read(value, name)
        if '"' in text:
            raise Refusal(
                "P012",
                name,
                shown(text),
                '큰따옴표(")가 없는',
                cause=Cause(
                    f'{name} holds a double quote ("), which the window does not take; '
                    "escape JSON text, or write it with single quotes",
                    f'{name} 값에 큰따옴표(")가 있습니다. 작은따옴표로 바꾸거나 인코딩해서 보내야 합니다',
                ),
            )
        return text


class CardCodes(Parameter):
    """A comma list of card codes.

    Documented (window.card-code): one that no table names is P021 (K25).
    """

    def read(self, value: Any, name: str) -> tuple[str, ...]:
        codes = tuple(super().read(value, name).split(","))
        for code in codes:
            if code not in cards():
                raise unsupported(name, code, "it is not a card code", "카드 코드표에 없습니다")
        return codes


class Quotas(Parameter):
    """A comma list of months, two digits each, 00 for a lump sum.

    Documented (window.quota-01): 01 is P028.
    Assumed (window.quota-form): anything but two digits each is V004.
    """

    def read(self, value: Any, name: str) -> tuple[int, ...]:
        months = super().read(value, name).split(",")
        for month in months:
            if not re.fullmatch(r"\d\d", month, re.ASCII):
                raise bad_quota(name, month)
            if month == "01":
                raise Refusal(
                    "P028",
                    cause=Cause(
                        f"{name} holds 01; a lump sum is written 00",
                        f"{name} 값에 01이 있습니다. 일시불은 00입니다",
                    ),
                )
        return tuple(int(month) for month in months)


class CardShow(Parameter):
    """`08:3|02:3`: how a card's authentication begins.

    Documented (window.card-show): cards 02 04 06 07 08 12 15, types 1 to 3; K25 and E24 print a
    broken bar and the prefix `CardShowOpt=`, E26 the ASCII pipe: both are taken.
    Assumed (window.card-show-code): anything else is P012.
    """

    _FORM = re.compile(
        r"(CardShowOpt=)?PAIR([|¦]PAIR)*".replace("PAIR", "(02|04|06|07|08|12|15):[123]")
    )

    def read(self, value: Any, name: str) -> str:
        text: str = super().read(value, name)
        if self._FORM.fullmatch(text) is None:
            raise not_allowed(name, text, "08:3|02:3")
        return text


class Deadline(Parameter):
    """Until when an account takes its deposit, Korean time where no other is said.

    Documented (window.deadline): yyyy-MM-ddTHH:mm, yyyy-MM-dd, or a form of expireDate; anything
    else, yyyyMMdd too, is P024 (E26; the older editions' forms differ, contradiction 40).
    Assumed (window.deadline-day): a day without a time means its last minute.
    """

    _FORMS = (
        (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d", re.ASCII), "%Y-%m-%dT%H:%M"),
        (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII), "%Y-%m-%dT%H:%M:%S%z"),
        (
            re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d{4}", re.ASCII),
            "%Y-%m-%dT%H:%M:%S.%f%z",
        ),
    )

    def read(self, value: Any, name: str) -> datetime:
        text: str = super().read(value, name)
        whole = f"{text}T23:59" if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII) else text
        for form, pattern in self._FORMS:
            if form.fullmatch(whole):
                moment = _moment(whole, pattern)
                if moment is not None:
                    return moment
        raise Refusal(
            "P024",
            cause=Cause(
                f"{name} is {shown(text)!r}; write it as 2026-01-31T09:00, 2026-01-31, "
                "2026-01-31T00:00:00Z or 2026-01-31T09:00:00.000+0900",
                f"{name} 값 {shown(text)!r}은(는) 날짜 형식이 아닙니다. "
                "2026-01-31T09:00 또는 2026-01-31 형식으로 보내야 합니다",
            ),
        )


class RequestPay(Body):
    """The parameters of `AUTHNICE.requestPay` in the manual's order (K25)."""

    clientId = ClientId(50, required=True)  # noqa: N815 - the wire's names, here and below
    method = Choice(*METHODS, max_bytes=20, required=True)
    orderId = Parameter(64, required=True)  # noqa: N815
    amount = Amount(12, required=True)
    goodsName = GoodsName(40, required=True)  # noqa: N815
    returnUrl = Parameter(500, required=True)  # noqa: N815
    mallReserved = MallReserved(500)  # noqa: N815
    mallUserId = Parameter(20)  # noqa: N815
    buyerName = Parameter(30)  # noqa: N815
    # Assumed (window.buyer-tel): K25 asks for digits; hyphens and the like are taken as they are.
    buyerTel = Parameter(40)  # noqa: N815
    buyerEmail = Parameter(60)  # noqa: N815
    useEscrow = Flag()  # noqa: N815
    currency = Choice(KRW, "USD", "CNY", max_bytes=3)
    logoImgUrl = Parameter(100)  # noqa: N815
    language = Choice("KO", "EN", "CN", max_bytes=2)
    returnCharSet = CharSet()  # noqa: N815
    skinType = Choice("red", "green", "purple", "gray", "dark", max_bytes=10)  # noqa: N815
    taxFreeAmt = Number(12)  # noqa: N815
    cardQuota = Quotas(100)  # noqa: N815
    cardCode = CardCodes(100)  # noqa: N815
    cardShowOpt = CardShow(50)  # noqa: N815
    vbankHolder = Parameter(40)  # noqa: N815
    vbankValidHours = Hours(4)  # noqa: N815
    vbankExpDate = Deadline()  # noqa: N815
    isDigital = Flag()  # noqa: N815
    directReceiptType = Choice("unPublished", "individual", "company", max_bytes=20)  # noqa: N815
    directReceiptNo = Parameter(20)  # noqa: N815
    disableScroll = Flag()  # noqa: N815
    disableEdgeChk = Flag()  # noqa: N815
    zIdxHigher = Flag()  # noqa: N815
    appScheme = Parameter(200)  # noqa: N815
    # In no table of parameters; the manual names them beside cardAndEasyPay.
    shopInterest = Parameter()  # noqa: N815
    quotaInterest = Parameter()  # noqa: N815


REQUEST_PAY = RequestPay()
PARAMETERS = tuple(REQUEST_PAY.fields)


def read(params: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of one requestPay, None for what was not sent. Raises `Refusal`.

    cardCode comes as a tuple of codes, cardQuota as a tuple of months, vbankExpDate as a moment.
    Assumed (window.order): first each parameter by itself in the manual's order, then what does not
    fit together; the first that fails decides.
    """
    order = REQUEST_PAY.read(params)
    check_together(order)
    return order


def _moment(text: str, pattern: str) -> datetime | None:
    """The moment, when there is such a day and it is one a clock can reach."""
    try:
        moment = datetime.strptime(text, pattern)  # noqa: DTZ007 - Korean time, given below
        moment = moment if moment.tzinfo else moment.replace(tzinfo=KST)
        moment = moment.astimezone(KST)
    except (ValueError, OverflowError):
        return None
    return moment if EARLIEST <= moment < END_OF_TIME else None
