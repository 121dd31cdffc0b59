"""A card of which only its number is known: who issued it, how it is shown, what may be wrong with it."""

from dataclasses import dataclass
from datetime import datetime

from mock_nicepay.contract.refusal import Cause
from mock_nicepay.contract.tables import cards
from mock_nicepay.contract.window.rules import LEAST_FOR_INSTALLMENTS, MOST_MONTHS
from mock_nicepay.core.call import Context
from mock_nicepay.core.payments.instruments import SANDBOX_CARD, acquirer_of, korean_issuers
from mock_nicepay.core.payments.wish import masked_number
from mock_nicepay.core.records import Card

OWN_PREFIX = "94"  # numbers that this gateway invents: 94 and the issuer's code
_BIN = 6  # digits that tell the issuer
_NUMBER_ERROR, _EXPIRED = "3011", "3021"


@dataclass(frozen=True, slots=True)
class CardFlaw:
    """Why a card cannot be right: the payment network's code, and what to tell the developer."""

    code: str
    cause: Cause

    @property
    def is_number(self) -> bool:
        """Whether it is the number that is wrong, and not the expiry."""
        return self.code == _NUMBER_ERROR


def card_of(
    context: Context,
    number: str,
    *,
    quota: int,
    interest_free: bool = False,
    card_code: str = "",
) -> Card:
    """The card of a typed-in number, which is kept masked; of the issuer `card_code` when that is one.

    Recorded (sandbox.card): with the sandbox's limits it is the sandbox's one card.
    Assumed (card.typed): a credit card that can be cancelled in part.
    """
    if context.settings.sandbox_limits:
        return SANDBOX_CARD
    code = card_code if card_code in cards() else issuer_of(number)
    acquirer = acquirer_of(code)
    return Card(
        code=code,
        name=cards()[code].ko,
        number=masked_number(number) or None,
        quota=quota,
        interest_free=interest_free and quota > 0,
        kind="credit",
        can_part_cancel=True,
        acquirer_code=acquirer,
        acquirer_name=cards()[acquirer].ko,
    )


def issuer_of(number: str) -> str:
    """The code of the company that issued the card of that number.

    Assumed (card.issuer): 94 and a code is that issuer's, as the numbers are that the window draws;
    of any other number the first six digits choose one of the Korean issuers, always the same.
    """
    issuers = korean_issuers()
    own = number[len(OWN_PREFIX) : len(OWN_PREFIX) + 2]
    if number.startswith(OWN_PREFIX) and own in issuers:
        return own
    head = number[:_BIN]
    return issuers[int(head) % len(issuers)] if head.isascii() and head.isdecimal() else issuers[0]


def check_card(number: str, year: str, month: str, now: datetime) -> CardFlaw | None:
    """What is wrong with a card: its check digit, or its expiry (`YY`, `MM`); None when nothing is.

    A card is good until the end of its month. For the setting `card_checks`.
    Assumed (card.checks): 3011 for a number that fails the check digit, 3021 for one that is over.
    """
    if not _passes_luhn(number):
        return CardFlaw(_NUMBER_ERROR, _MISTYPED)
    if not _is_month(year, month):
        return CardFlaw(_EXPIRED, _no_month(year, month))
    if (2000 + int(year), int(month)) < (now.year, now.month):
        return CardFlaw(_EXPIRED, _over(year, month, now))
    return None


def network_flaw(
    context: Context, number: str, year: str, month: str, *, quota: int, amount: int
) -> CardFlaw | None:
    """Why the network takes neither this card nor these installments; None when it takes them.

    The card itself is looked at with the setting `card_checks` only.
    """
    checked = context.settings.card_checks
    flaw = check_card(number, year, month, context.now) if checked else None
    return flaw or installment_flaw(quota, amount)


def installment_flaw(quota: int, amount: int) -> CardFlaw | None:
    """Why the network takes no installments of so many months for so many won; None when it does.

    Documented (charge.3024): two months and more below 50,000 won (K25, E26: in the sandbox).
    Assumed (charge.3024-live): live, too, and at key-in and e-pay.
    Assumed (charge.months): one month is 3022, more than 36 are 3023; the texts fit.
    """
    if quota == 1:
        return CardFlaw("3022", _ONE_MONTH)
    if quota > MOST_MONTHS:
        return CardFlaw("3023", _too_many_months(quota))
    if quota and amount < LEAST_FOR_INSTALLMENTS:
        return CardFlaw("3024", _too_little(quota, amount))
    return None


def _passes_luhn(number: str) -> bool:
    if not (number.isascii() and number.isdecimal()):
        return False
    total = 0
    for place, sign in enumerate(reversed(number)):
        doubled = int(sign) * (1 + place % 2)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


def _is_month(year: str, month: str) -> bool:
    digits = year + month
    if not (digits.isascii() and digits.isdecimal() and len(year) == len(month) == 2):
        return False
    return 1 <= int(month) <= 12


_MISTYPED = Cause(
    "the last digit of the card number does not fit the others (Luhn): a digit is wrong. "
    "It is checked only with the setting card_checks",
    "카드번호의 검증 숫자(Luhn)가 맞지 않습니다. 잘못 입력된 숫자가 있습니다. "
    "card_checks 설정을 끄면 검사하지 않습니다",
)


_ONE_MONTH = Cause(
    "cardQuota is 1; a lump sum is 0, installments begin at 2 months",
    "cardQuota가 1입니다. 일시불은 0이고 할부는 2개월부터입니다",
)


def _too_many_months(quota: int) -> Cause:
    return Cause(
        f"cardQuota is {quota}; at most {MOST_MONTHS} months are possible",
        f"cardQuota가 {quota}입니다. 할부는 최대 {MOST_MONTHS}개월까지 가능합니다",
    )


def _too_little(quota: int, amount: int) -> Cause:
    return Cause(
        f"cardQuota is {quota} and amount {amount}; installments begin at {LEAST_FOR_INSTALLMENTS} won",
        f"cardQuota {quota}개월, amount {amount}원입니다. 할부는 {LEAST_FOR_INSTALLMENTS}원부터 가능합니다",
    )


def _no_month(year: str, month: str) -> Cause:
    return Cause(
        f"expYear is {year[:4]!r} and expMonth {month[:4]!r}; expected two digits each, such as "
        "'29' and '04'",
        f"expYear {year[:4]!r}, expMonth {month[:4]!r}이(가) 올바르지 않습니다. "
        "'29', '04'처럼 두 자리 숫자로 보내야 합니다",
    )


def _over(year: str, month: str, now: datetime) -> Cause:
    return Cause(
        f"the card is good until {month}/{year}, and it is {now:%m/%y} by the merchant's clock",
        f"카드 유효기간은 {month}/{year}까지인데 상점의 현재 시각은 {now:%m/%y}입니다",
    )
