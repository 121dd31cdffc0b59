"""Which parameters of `AUTHNICE.requestPay` fit together.

Each rule takes the parameters as `request.read` gives them, and raises a `Refusal`. At the end are the
refusals for what cannot be seen from the parameters alone.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from mock_nicepay.contract.methods import METHODS, WALLET_MONEY, Method
from mock_nicepay.contract.refusal import Cause, Refusal
from mock_nicepay.contract.tables import cards
from mock_nicepay.contract.times import iso
from mock_nicepay.contract.window.parameters import (
    bad_quota,
    missing,
    no_number,
    too_long,
    unsupported,
)

KRW = "KRW"
# Documented (card.installments): below 50,000 there are no installments, exactly 50,000 has them
# (E26; K25 also prints "50,000 or less").
LEAST_FOR_INSTALLMENTS = 50_000  # won
MOST_MONTHS = 36  # of an installment plan

WITH_ESCROW = ("card", "bank", "vbank")
WITH_FOREIGN_CURRENCY = ("card", "directCard")
ONE_CARD_AND_QUOTA = ("kakaopay", "samsungpay", "ssgpay")  # wallets by their payMethod
# Assumed (window.card-money): a wallet's own money has a card code, but is not a card to ask for.
_NO_CARD = frozenset(WALLET_MONEY.values())


def check_together(order: Mapping[str, Any]) -> None:
    """Raise the `Refusal` of the first rule that the parameters break."""
    for rule in _RULES:
        rule(order, METHODS[order["method"]])


def _check_escrow(order: Mapping[str, Any], method: Method) -> None:
    """Documented (window.escrow): not with directCard, cardAndEasyPay or a wallet: P032 (K25).

    Assumed (window.escrow-cellphone): nor with a mobile phone; E26 has a code for it on checkout.
    """
    if order["useEscrow"] and order["method"] not in WITH_ESCROW:
        raise Refusal(
            "P032",
            cause=Cause(
                f"method {order['method']} cannot be used with useEscrow; card, bank and vbank can",
                f"{order['method']} 결제는 에스크로를 쓸 수 없습니다. card, bank, vbank만 가능합니다",
            ),
        )


def _check_currency(order: Mapping[str, Any], method: Method) -> None:
    """Assumed (window.currency): other currencies than won with card and directCard alone.

    A146 for the others; cardAndEasyPay, which leaves the method open, is A145: both fit by their text.
    """
    if order["currency"] in (None, KRW) or order["method"] in WITH_FOREIGN_CURRENCY:
        return
    raise Refusal(
        "A146" if method.pay_method else "A145",
        cause=Cause(
            f"currency {order['currency']} needs method card or directCard, not {order['method']}",
            f"{order['currency']} 결제는 card 또는 directCard로만 가능합니다",
        ),
    )


def _check_tax(order: Mapping[str, Any], method: Method) -> None:
    """Documented (window.tax-free): taxFreeAmt beyond the amount is P036 (K25)."""
    if (order["taxFreeAmt"] or 0) > order["amount"]:
        raise Refusal(
            "P036",
            cause=Cause(
                f"taxFreeAmt is {order['taxFreeAmt']}, more than amount {order['amount']}",
                f"taxFreeAmt {order['taxFreeAmt']}이(가) amount {order['amount']}보다 큽니다",
            ),
        )


def _check_card_words(order: Mapping[str, Any], method: Method) -> None:
    """Documented (window.card-and-easy-pay): cardAndEasyPay takes no card parameter: P023.

    Documented (window.no-cards): bank, vbank and cellphone take no cardCode and cardQuota: P029.
    Documented (window.direct-card): directCard needs both: P030 (K25).
    Assumed (window.kakao-money): kakaopayMoney takes none either: P029.
    """
    sent = [name for name in ("cardCode", "cardQuota") if order[name]]
    more = [name for name in ("shopInterest", "quotaInterest") if order[name]]
    if not method.pay_method and sent + more:
        raise _refused_card("P023", order, (sent + more)[0], "leave it out", "빼고 보내야 합니다")
    if not method.takes_cards and sent:
        raise _refused_card("P029", order, sent[0], "leave it out", "빼고 보내야 합니다")
    if order["method"] == "directCard" and len(sent) < 2:
        absent = "cardCode" if "cardCode" not in sent else "cardQuota"
        raise _refused_card("P030", order, absent, "both are needed", "둘 다 필요합니다")


def _refused_card(code: str, order: Mapping[str, Any], name: str, en: str, ko: str) -> Refusal:
    cause = Cause(
        f"method {order['method']} and {name} (cardCode, cardQuota): {en}",
        f"{order['method']} 결제의 {name}: {ko}",
    )
    return Refusal(code, name, cause=cause)


def _check_cards(order: Mapping[str, Any], method: Method) -> None:
    """Documented (window.cards): a wallet takes one card (P033) and only those it accepts (P021)."""
    codes = order["cardCode"] or ()
    if method.is_wallet and len(codes) > 1:
        raise Refusal(
            "P033",
            cause=Cause(
                f"cardCode holds {len(codes)} cards; with {order['method']} send one",
                f"cardCode에 카드가 {len(codes)}개 있습니다. {order['method']}에는 하나만 보내야 합니다",
            ),
        )
    for code in codes:
        if not accepts(method, code):
            raise unsupported(
                "cardCode",
                code,
                f"{order['method']} does not take {cards()[code].en}",
                f"{order['method']} 결제에서 {cards()[code].ko} 카드는 쓸 수 없습니다",
            )


def _check_quotas(order: Mapping[str, Any], method: Method) -> None:
    """Documented (window.quota-needs-card): Kakao Pay, Samsung Pay and SSGPAY: P022 without a card.

    Assumed (window.quota-one): and of several months V004.
    Documented (window.installments): below 50,000 won there are none: P037; exactly 50,000 is enough.
    """
    quotas = order["cardQuota"] or ()
    paired = method.pay_method in ONE_CARD_AND_QUOTA
    if quotas and paired and not order["cardCode"]:
        raise Refusal(
            "P022",
            cause=Cause(
                f"cardQuota without cardCode; with {order['method']} both or none",
                f"cardQuota만 있고 cardCode가 없습니다. {order['method']}에는 둘 다 보내야 합니다",
            ),
        )
    if len(quotas) > 1 and paired:
        raise bad_quota("cardQuota", ",".join(f"{months:02d}" for months in quotas), one=True)
    in_won = order["currency"] in (None, KRW)
    if any(quotas) and in_won and order["amount"] < LEAST_FOR_INSTALLMENTS:
        raise Refusal(
            "P037",
            cause=Cause(
                f"cardQuota asks for installments, and amount {order['amount']} is below "
                f"{LEAST_FOR_INSTALLMENTS}; send 00 alone",
                f"amount {order['amount']}원은 할부가 안 됩니다. cardQuota는 00만 보내야 합니다",
            ),
        )


def _check_companions(order: Mapping[str, Any], method: Method) -> None:
    """Documented (window.companions): vbankHolder with vbank, isDigital with cellphone: P007 (K25)."""
    for wanted, name in (("vbank", "vbankHolder"), ("cellphone", "isDigital")):
        if order["method"] == wanted and order[name] is None:
            raise missing(name, f"method {wanted}")


def _check_receipt(order: Mapping[str, Any], method: Method) -> None:
    """Documented (window.receipt): directReceiptNo goes with individual and company: P007 (K25).

    Documented (window.receipt-number): digits only, a mobile number of 10 or 11 or a business
    number of 10. Assumed (window.receipt-codes): otherwise P010, P008 when short, P009 when long.
    """
    kind, number = order["directReceiptType"], order["directReceiptNo"]
    if kind in (None, "unPublished"):
        return
    if number is None:
        raise missing("directReceiptNo", f"directReceiptType {kind}")
    if not re.fullmatch(r"\d+", number, re.ASCII):
        raise no_number("directReceiptNo", number)
    longest = 11 if kind == "individual" else 10
    if len(number) > longest:
        raise too_long("directReceiptNo", number, len(number), longest, unit="digits")
    if len(number) < 10:
        cause = Cause(
            f"directReceiptNo has {len(number)} digits; {kind} needs at least 10",
            f"directReceiptNo는 {len(number)}자리입니다. 최소 10자리여야 합니다",
        )
        raise Refusal("P008", "directReceiptNo", number, 10, cause=cause)


_RULES: tuple[Callable[[Mapping[str, Any], Method], None], ...] = (
    _check_escrow,
    _check_currency,
    _check_tax,
    _check_card_words,
    _check_cards,
    _check_quotas,
    _check_companions,
    _check_receipt,
)


def accepts(method: Method, code: str) -> bool:
    """Whether the window offers that card for the method; the code is one of the table's."""
    row = cards()[code]
    if method.is_wallet and method.cards_published:
        return method.pay_method in row.wallets
    return row.in_window and code not in _NO_CARD


# What only the gateway knows


def unknown_client(client_id: object) -> Refusal:
    """The page names a key that nobody has."""
    shown = client_id[:10] if isinstance(client_id, str) else "of that form"
    return Refusal(
        "P005",
        cause=Cause(
            f"no merchant of this mock has the clientId {shown}...; is it the key of another place, or "
            "was it deleted?",
            f"clientId {shown}...인 가맹점이 없습니다. 다른 환경의 키이거나 "
            "삭제된 키가 아닌지 확인하세요",
        ),
    )


def used_order(order_id: str) -> Refusal:
    """Documented (window.used-order): a used orderId is P015 in the window (K25, codes)."""
    return Refusal(
        "P015",
        order_id,
        cause=Cause(
            f"the orderId {order_id!r} has been paid already, or was that of a cancel; "
            "use a new orderId for a new payment",
            f"orderId {order_id!r}은(는) 이미 사용되었습니다. 새 결제에는 새 orderId를 사용하세요",
        ),
    )


def under_maintenance() -> Refusal:
    """There is no window while the gateway is down."""
    return Refusal(
        "I001",
        cause=Cause(
            "a scenario has the gateway down for maintenance",
            "시나리오에 따라 게이트웨이가 점검 중입니다",
        ),
    )


def past(name: str, moment: datetime, now: datetime) -> Cause:
    """A moment that should lie ahead of the merchant's clock, and does not."""
    return Cause(
        f"{name} is {iso(moment)}, and for this merchant it is {iso(now)}",
        f"{name}({iso(moment)})가 현재 시각({iso(now)})보다 이전입니다",
    )
