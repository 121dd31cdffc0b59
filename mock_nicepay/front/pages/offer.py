"""What a window shows its payer: the shop, what is paid, and the choices there are."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mock_nicepay.contract.methods import ALL_METHODS, METHODS, Method
from mock_nicepay.contract.tables import banks, cards
from mock_nicepay.contract.window.rules import LEAST_FOR_INSTALLMENTS
from mock_nicepay.core.misuse import Misuse
from mock_nicepay.core.payments.approval import PICKED
from mock_nicepay.core.payments.instruments import cards_offered
from mock_nicepay.core.payments.wish import Wish
from mock_nicepay.front.pages.words import HTML_LANGUAGES, words
from mock_nicepay.front.templating import amount

_USUAL_QUOTAS = tuple(range(2, 13))  # months, where the shop does not say
_WALLET_NAMES = {
    "naverpay": ("네이버페이", "NAVER Pay"),
    "kakaopay": ("카카오페이", "Kakao Pay"),
    "samsungpay": ("삼성페이", "Samsung Pay"),
    "payco": ("페이코", "PAYCO"),
    "ssgpay": ("SSGPAY", "SSGPAY"),
    "tosspay": ("토스페이", "Toss Pay"),
}
_CARRIERS = ("SKT", "KT", "LG U+", "알뜰폰")


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing the payer can pick."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Panel:
    """What there is to choose for one method, or for one pick under `cardAndEasyPay`."""

    pick: str  # card or a wallet's payMethod
    kind: str  # card, wallet, bank, vbank or cellphone
    name: str
    cards: tuple[Choice, ...] = ()
    quotas: tuple[int, ...] = ()
    banks: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Look:
    """How the window is to look, as the shop asked for it."""

    language: str = "KO"
    skin: str = ""
    logo: str = ""

    @property
    def words(self) -> Mapping[str, str]:
        """Every text in the window's language."""
        return words(self.language)

    @property
    def html_language(self) -> str:
        """The language as HTML names it."""
        return HTML_LANGUAGES[self.language]


def look_of(language: str | None, skin: str | None, logo: str | None) -> Look:
    """How the window looks; a logo that is not a web address is left out."""
    web = logo or ""
    return Look(
        language or "KO", skin or "", web if web.startswith(("http://", "https://")) else ""
    )


def problem_of(misuse: Misuse, look: Look) -> str:
    """What the payer chose wrongly, in the window's language; the detail beside it is English."""
    if look.language == "EN":
        return misuse.message
    return f"{look.words[f'bad_{misuse.topic}']} ({misuse.message})"


def offer(wish: Wish, shop: str, look: Look, *, approves: bool, digital: bool) -> dict[str, Any]:
    """The values of the window's template."""
    panels = _panels(wish, look)
    return {
        "look": look,
        "words": look.words,
        "shop": shop,
        "wish": wish,
        "amount": amount(wish.amount, wish.currency, look.language),
        "panels": panels,
        "choosing": len(panels) > 1,
        "coupons": panels[0].kind in ("card", "wallet") and wish.currency == "KRW",
        "receipt": panels[0].kind in ("bank", "vbank") and wish.receipt is None,
        "carriers": _CARRIERS,
        "approves": approves,
        "digital": digital,
        "no_quotas": wish.currency == "KRW" and wish.amount < LEAST_FOR_INSTALLMENTS,
    }


def _panels(wish: Wish, look: Look) -> tuple[Panel, ...]:
    method = ALL_METHODS[wish.method]
    if method.pay_method:
        return (_panel(wish, method, look, method.pay_method),)
    return tuple(_panel(wish, METHODS[name], look, pick) for pick, name in PICKED.items())


def _panel(wish: Wish, method: Method, look: Look, pick: str) -> Panel:
    if method.pay_method in ("bank", "vbank"):
        issuing = method.pay_method == "vbank"
        offered = tuple(
            Choice(row.code, row.ko if look.language == "KO" else row.en)
            for row in banks().values()
            if row.issues_accounts or not issuing
        )
        return Panel(pick, method.pay_method, look.words[method.pay_method], banks=offered)
    if not (method.takes_cards or method.takes_money):
        return Panel(pick, "cellphone", look.words["cellphone"])
    kind = "wallet" if method.is_wallet else "card"
    codes = cards_offered(wish, method)
    names = tuple(Choice(code, _card_name(code, look)) for code in codes)
    return Panel(pick, kind, _name(pick, kind, look), cards=names, quotas=_quotas(wish, method))


def _name(pick: str, kind: str, look: Look) -> str:
    if kind == "card":
        return look.words["card"]
    korean, english = _WALLET_NAMES[pick]
    return korean if look.language == "KO" else english


def _card_name(code: str, look: Look) -> str:
    row = cards()[code]
    return row.ko if look.language == "KO" else row.en


def _quotas(wish: Wish, method: Method) -> tuple[int, ...]:
    """The months the payer may choose, 0 for a lump sum."""
    if wish.currency != "KRW" or wish.amount < LEAST_FOR_INSTALLMENTS or not method.takes_cards:
        return (0,)
    return wish.quotas or (0, *_USUAL_QUOTAS)
