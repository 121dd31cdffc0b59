"""The card, bank or virtual account of a payment, which the payer picks or chance draws."""

from datetime import datetime, timedelta

from mock_nicepay.contract.methods import FOREIGN_BRANDS, WALLET_MONEY, Method
from mock_nicepay.contract.tables import BankRow, CardCompany, banks, cards
from mock_nicepay.contract.window.rules import LEAST_FOR_INSTALLMENTS, MOST_MONTHS
from mock_nicepay.core.call import Context
from mock_nicepay.core.cards.offers import costs_no_interest
from mock_nicepay.core.misuse import Misuse
from mock_nicepay.core.payments.wish import Wish, masked_number
from mock_nicepay.core.records import Account, Bank, Card

ACCOUNT_LIFE = timedelta(days=7)
_NO_CARD = set(WALLET_MONEY.values()) | {"31"}
# Assumed (card.acquirers): these companies acquire for themselves, BC for all other issuers; a
# wallet's money is its own acquirer.
_ACQUIRERS = frozenset({"01", "02", "03", "04", "06", "07", "08", "11", "12", "16"})
# Assumed (card.numbers): the brand's own first digits; 94 for cards that are valid in Korea only.
_PREFIXES = {"25": "4", "26": "5", "27": "36", "28": "37", "29": "35", "34": "62"}
_LENGTHS = {"27": 14, "28": 15}

# Recorded (sandbox.card): every record of NICEPAY's own sandbox has this card.
SANDBOX_CARD = Card("04", "삼성", "123412******1234", 0, False, "credit", True, "04", "삼성")
SANDBOX_APPROVAL_NUMBER = "000000"


def card_for(context: Context, wish: Wish, method: Method) -> Card:
    """The card or wallet money of a payment. Raises `Misuse` for one the window does not offer."""
    if context.settings.sandbox_limits or wish.on_dummy_page:
        return SANDBOX_CARD
    offered = cards_offered(wish, method)
    code = wish.payer.card_code or context.identity.pick(offered)
    if code not in offered:
        raise Misuse(
            f"the payer cannot pick the card {code[:20]!r} here; offered are {', '.join(offered)}"
        )
    company = cards()[code]
    if code in WALLET_MONEY.values():
        # Assumed (card.wallet-money): a wallet's own money has no number (documented), no type, no
        # installments, and can be cancelled in part.
        return Card(code, company.ko, None, 0, False, "", True, code, company.ko)
    quota = _quota(wish)
    return _card(context, wish, company, quota)


def cards_offered(wish: Wish, method: Method) -> tuple[str, ...]:
    """The codes the payer may pick: those the shop asked for, or all that the method accepts."""
    if wish.card_codes:
        return wish.card_codes
    money = WALLET_MONEY.get(method.pay_method, "")
    own = (money,) if method.takes_money and money else ()
    if not method.takes_cards:
        return own
    if wish.currency != "KRW":
        return FOREIGN_BRANDS
    return (*(code for code, row in cards().items() if _is_domestic(row, method)), *own)


def korean_issuers() -> tuple[str, ...]:
    """The codes of the Korean companies whose cards the window accepts."""
    return tuple(
        row.code
        for row in cards().values()
        if row.in_window and row.code not in _NO_CARD and row.code not in FOREIGN_BRANDS
    )


def acquirer_of(code: str) -> str:
    """The code of the acquirer for the issuer of that code."""
    return code if code in _ACQUIRERS else "01"


def bank_for(context: Context, wish: Wish) -> Bank:
    """The bank a transfer comes from. Raises `Misuse` for one that does not exist."""
    row = _bank_row(context, wish.payer.bank_code, issuing=False)
    return Bank(row.code, row.ko)


def coupon_for(context: Context, wish: Wish, method: Method) -> int:
    """The part of the amount that a coupon pays. Raises `Misuse` for one the window does not accept.

    Assumed (coupon.methods): a card company's or a wallet's, so with their payments in won alone; the
    recordings have none, and neither has NICEPAY's own sandbox.
    """
    coupon = wish.payer.coupon
    if not coupon or context.settings.sandbox_limits or wish.on_dummy_page:
        return 0
    if not (method.takes_cards or method.takes_money) or wish.currency != "KRW":
        raise Misuse(
            "the payer cannot use a coupon here; cards and wallets in won take one", topic="coupon"
        )
    if coupon > wish.amount:
        raise Misuse(
            f"coupon is {coupon}; expected at most {wish.amount}, the amount", topic="coupon"
        )
    return coupon


def account_for(context: Context, wish: Wish) -> Account:
    """A virtual account at the bank the payer picks, one that issues such accounts.

    Documented (account.life): seven days from its issue unless the shop said otherwise (E26).
    Assumed (account.number): 14 digits; without a vbankHolder it is the shop's.
    """
    row = _bank_row(context, wish.payer.bank_code, issuing=True)
    return Account(
        bank_code=row.code,
        bank_name=row.ko,
        number=context.identity.digits(14),
        holder=wish.vbank_holder or "예금주",
        expires=_to_the_second(wish.vbank_expires or context.now + ACCOUNT_LIFE),
    )


def _is_domestic(row: CardCompany, method: Method) -> bool:
    if row.code in _NO_CARD or row.code in FOREIGN_BRANDS or not row.in_window:
        return False
    if method.is_wallet and method.cards_published:
        return method.pay_method in row.wallets
    return True


def _quota(wish: Wish) -> int:
    """The months of installments that the payer picks, or the fewest that the shop offers."""
    offered, picked = wish.quotas, wish.payer.quota
    if picked is None:
        return min(offered, default=0)
    if offered and picked not in offered:
        months = ", ".join(map(str, offered))
        raise Misuse(f"the payer cannot pick {picked} months here; the shop offers {months}")
    if picked and wish.amount < LEAST_FOR_INSTALLMENTS and wish.currency == "KRW":
        raise Misuse(
            f"the payer cannot pick installments for {wish.amount} won; "
            f"they begin at {LEAST_FOR_INSTALLMENTS} won"
        )
    if picked and not 2 <= picked <= MOST_MONTHS:
        raise Misuse(f"quota is {picked}; expected 0 for a lump sum, or 2 to {MOST_MONTHS} months")
    return picked


def _card(context: Context, wish: Wish, company: CardCompany, quota: int) -> Card:
    payer = wish.payer
    acquirer = acquirer_of(company.code)
    return Card(
        code=company.code,
        name=company.ko,
        number=payer.card_number or _number(context, company.code),
        quota=quota,
        interest_free=quota > 0 and _is_free(context, wish, company, quota),
        # Three cards in four are credit cards, and only those have installments.
        kind=payer.card_type
        or ("credit" if quota else context.identity.pick(("credit", "credit", "credit", "check"))),
        can_part_cancel=payer.can_part_cancel,
        acquirer_code=acquirer,
        acquirer_name=cards()[acquirer].ko,
    )


def _is_free(context: Context, wish: Wish, company: CardCompany, quota: int) -> bool:
    """Whether the payer's months cost no interest.

    Assumed (card.plan-applies): those that `GET /v1/card/event` names do not.
    """
    if wish.payer.interest_free is not None:
        return wish.payer.interest_free
    return wish.currency == "KRW" and costs_no_interest(context, company.code, quota, wish.amount)


def _number(context: Context, code: str) -> str:
    prefix = _PREFIXES.get(code, f"94{code}")
    return masked_number(prefix + context.identity.digits(_LENGTHS.get(code, 16) - len(prefix)))


def _bank_row(context: Context, picked: str, *, issuing: bool) -> BankRow:
    offered = {code: row for code, row in banks().items() if row.issues_accounts or not issuing}
    code = picked or context.identity.pick([c for c, row in offered.items() if row.issues_accounts])
    if code not in offered:
        what = "issues no virtual accounts" if code in banks() else "is not a bank"
        raise Misuse(f"bankCode {code[:20]!r} {what}; it may be {', '.join(offered)}")
    return offered[code]


def _to_the_second(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)
