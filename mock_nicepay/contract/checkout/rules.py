"""Which fields of a checkout fit together. Each rule raises a `Refusal`.

The codes U13x to U15x say the same as the window's P02x and P03x; most of them are in E26's code list
alone.
"""

from collections.abc import Callable, Mapping
from typing import Any

from mock_nicepay.contract.editions import Edition
from mock_nicepay.contract.fields import byte_length
from mock_nicepay.contract.methods import ALL_METHODS, Method
from mock_nicepay.contract.receipts import KINDS, is_number
from mock_nicepay.contract.refusal import Cause, Refusal
from mock_nicepay.contract.tables import cards
from mock_nicepay.contract.window.rules import (
    KRW,
    LEAST_FOR_INSTALLMENTS,
    ONE_CARD_AND_QUOTA,
    WITH_ESCROW,
    WITH_FOREIGN_CURRENCY,
    accepts,
)

Order = Mapping[str, Any]
_CUT = ("tosspayBill", "kakaoBill")  # methods that take only the first 40 bytes of goodsName


def check_limits(order: Order, edition: Edition) -> None:
    """Raise U105 for a field that is longer than this edition prints."""
    limits = {
        "sessionId": edition.session_id_bytes,
        "goodsName": edition.checkout_goods_bytes,
        "returnUrl": edition.checkout_url_bytes,
    }
    for name, limit in limits.items():
        length = byte_length(order[name])
        if length > limit:
            cause = Cause(
                f"{name} takes {length} bytes in UTF-8; this edition allows {limit} "
                f"({edition.name}; others more)",
                f"{name} 값은 UTF-8로 {length}바이트이며 이 에디션({edition.name})에서는 최대 {limit}바이트입니다",
            )
            raise Refusal("U105", limit, length, cause=cause)


def check_together(order: Order) -> None:
    """Raise the `Refusal` of the first rule that the fields break."""
    for rule in _RULES:
        rule(order, ALL_METHODS[order["method"]])


def goods_name(order: Order) -> str:
    """The name as it is kept.

    Documented (checkout.goods-name-cut): tosspayBill and kakaoBill cut it at 40 bytes (E26).
    Assumed (checkout.goods-name-whole): a letter that does not fit as a whole is left out.
    """
    name: str = order["goodsName"]
    if order["method"] not in _CUT:
        return name
    return name.encode("utf-8", "replace")[:40].decode("utf-8", "ignore")


def _check_escrow(order: Order, method: Method) -> None:
    """Documented (checkout.escrow): directCard, cardAndEasyPay and wallets: U331 (E26).

    Assumed (checkout.escrow-cellphone): cellphone: U146; cardBill as the wallets.
    """
    if not order["useEscrow"] or order["method"] in WITH_ESCROW:
        return
    name = order["method"]
    raise Refusal(
        "U146" if name == "cellphone" else "U331",
        cause=Cause(
            f"method {name} cannot be used with useEscrow; card, bank and vbank can",
            f"{name} 결제는 에스크로를 쓸 수 없습니다. card, bank, vbank만 가능합니다",
        ),
    )


def _check_currency(order: Order, method: Method) -> None:
    """Assumed (checkout.currency-method): other currencies than won with card and directCard: U143."""
    del method
    if order["currency"] not in (None, KRW) and order["method"] not in WITH_FOREIGN_CURRENCY:
        raise _unusable(order, f"currency {order['currency']}", "currency")


def _check_tax(order: Order, method: Method) -> None:
    """Documented (checkout.tax-free): taxFreeAmt above amount: U327 (E26)."""
    del method
    amount, tax_free = order["amount"], order["taxFreeAmt"] or 0
    if tax_free > amount:
        cause = Cause(
            f"taxFreeAmt is {tax_free}, more than amount {amount}",
            f"taxFreeAmt {tax_free}이(가) amount {amount}보다 큽니다",
        )
        raise Refusal("U327", cause=cause)


def _check_card_words(order: Order, method: Method) -> None:
    """Documented (checkout.card-words): cardAndEasyPay U332, directCard without both U135 (E26).

    Assumed (checkout.card-words-others): a wallet's money with cardCode U139, with cardQuota U140;
    bank, vbank and cellphone U143 with method and field.
    """
    sent = [name for name in ("cardCode", "cardQuota") if order[name]]
    if order["method"] == "directCard":
        if len(sent) < 2:
            raise _card_words(
                "U135", order, "needs both cardCode and cardQuota", "둘 다 필요합니다"
            )
    elif not sent:
        return
    elif not method.pay_method:
        raise _card_words("U332", order, "takes neither", "빼고 보내야 합니다")
    elif method.is_wallet and not method.takes_cards:
        code = "U139" if "cardCode" in sent else "U140"
        raise _card_words(code, order, "takes neither", "빼고 보내야 합니다")
    elif not method.takes_cards:
        raise _unusable(order, sent[0], sent[0])


def _check_cards(order: Order, method: Method) -> None:
    """Documented (checkout.cards): of several cards with a wallet U136 (E26).

    Assumed (checkout.cards-accepted): a card the method does not take is U145.
    """
    codes = order["cardCode"] or ()
    if method.is_wallet and len(codes) > 1:
        cause = Cause(
            f"cardCode holds {len(codes)} cards; with {order['method']} send one",
            f"cardCode에 카드가 {len(codes)}개 있습니다. {order['method']}에는 하나만 보내야 합니다",
        )
        raise Refusal("U136", cause=cause)
    for code in codes:
        if not accepts(method, code):
            card, name = cards()[code], order["method"]
            cause = Cause(
                f"cardCode {code!r}: {name} does not take {card.en}",
                f"cardCode {code!r}: {name} 결제에서 {card.ko} 카드는 쓸 수 없습니다",
            )
            raise Refusal("U145", name, cause=cause)


def _check_quotas(order: Order, method: Method) -> None:
    """Documented (checkout.quotas): a wallet with months and no card U138, several months U141 (E26).

    Assumed (checkout.installments): below 50,000 won U134 with 5; exactly 50,000 is enough (E26).
    """
    quotas = order["cardQuota"] or ()
    paired = method.pay_method in (*ONE_CARD_AND_QUOTA, "tosspay")
    if quotas and paired and not order["cardCode"]:
        cause = Cause(
            f"cardQuota without cardCode; with {order['method']} both or none",
            f"cardQuota만 있고 cardCode가 없습니다. {order['method']}에는 둘 다 보내야 합니다",
        )
        raise Refusal("U138", cause=cause)
    if len(quotas) > 1 and paired:
        cause = Cause(
            f"cardQuota holds {len(quotas)} values; with {order['method']} send one",
            f"cardQuota에 값이 {len(quotas)}개 있습니다. {order['method']}에는 하나만 보내야 합니다",
        )
        raise Refusal("U141", cause=cause)
    if (
        any(quotas)
        and order["currency"] in (None, KRW)
        and order["amount"] < LEAST_FOR_INSTALLMENTS
    ):
        cause = Cause(
            f"cardQuota asks for installments, and amount {order['amount']} is below "
            f"{LEAST_FOR_INSTALLMENTS}; send 00 alone",
            f"amount {order['amount']}원은 할부가 안 됩니다. cardQuota는 00만 보내야 합니다",
        )
        raise Refusal("U134", LEAST_FOR_INSTALLMENTS // 10_000, cause=cause)


def _check_companions(order: Order, method: Method) -> None:
    """Documented (checkout.companions): vbank needs vbankHolder, cellphone isDigital: U100 (E26)."""
    del method
    for wanted, name in (("vbank", "vbankHolder"), ("cellphone", "isDigital")):
        if order["method"] == wanted and order[name] is None:
            cause = Cause(
                f"{name} was not sent; method {wanted} needs it",
                f"{name} 항목이 없습니다. {wanted} 결제에는 필수입니다",
            )
            raise Refusal("U100", name, cause=cause)


def _check_receipt(order: Order, method: Method) -> None:
    """Documented (checkout.receipt): individual, company and naverpayPoint need directReceiptNo (E26).

    Assumed (checkout.receipt-codes): without it U148; a number of another form is U133.
    """
    del method
    kind, number = order["directReceiptType"], order["directReceiptNo"]
    wanted = kind in KINDS or order["method"] == "naverpayPoint"
    if wanted and number is None:
        why = f"directReceiptType {kind}" if kind else "method naverpayPoint"
        cause = Cause(
            f"directReceiptNo was not sent; {why} needs it",
            f"directReceiptNo 항목이 없습니다. {why}에는 필수입니다",
        )
        raise Refusal("U148", cause=cause)
    if wanted and not is_number(kind if kind in KINDS else "individual", number):
        digits = "10" if kind == "company" else "10 or 11"
        cause = Cause(
            f"directReceiptNo does not have the form of {kind or 'individual'}: {digits} digits",
            "directReceiptNo는 휴대폰 번호 10~11자리 또는 사업자번호 10자리 숫자여야 합니다",
        )
        raise Refusal("U133", "directReceiptNo", cause=cause)


def _card_words(code: str, order: Order, en: str, ko: str) -> Refusal:
    cause = Cause(
        f"cardCode and cardQuota: method {order['method']} {en}",
        f"{order['method']} 결제의 cardCode, cardQuota: {ko}",
    )
    return Refusal(code, cause=cause)


def _unusable(order: Order, what: str, name: str) -> Refusal:
    method = order["method"]
    cause = Cause(
        f"{what} cannot be used with method {method}; leave it out",
        f"{method} 결제에는 {what}을(를) 쓸 수 없습니다. 빼고 보내야 합니다",
    )
    return Refusal("U143", method, name, cause=cause)


def check_key(order: Order, window: str) -> None:
    """Documented (checkout.toss-bill): tosspayBill with a Server-approval key: U147 at once (E26)."""
    if order["method"] == "tosspayBill" and window != "client":
        cause = Cause(
            "this key pair is of the Server approval model; tosspayBill needs one of the Client "
            "approval model (S1_)",
            "Server 승인 방식의 키입니다. tosspayBill에는 Client 승인 방식의 키(S1_)가 필요합니다",
        )
        raise Refusal("U147", cause=cause)


def check_key_type(auth_type: str, edition: Edition) -> None:
    """Documented (checkout.key-type): a key pair of type Basic in K25, of either type in E26.

    Assumed (checkout.key-type-code): another type there is U103; no page names the code.
    """
    if edition.checkout_by_basic_keys and auth_type == "token":
        cause = Cause(
            "this key pair is of type Token, and the Korean manual (edition manual) has hosted checkout "
            "for key pairs of type Basic; use one of those, or another edition",
            "Token 인증 방식의 키입니다. 국문 매뉴얼(edition manual)에서 결제창 URL 방식은 Basic 인증 방식의 "
            "키만 사용할 수 있습니다",
        )
        raise Refusal("U103", cause=cause)


_RULES: tuple[Callable[[Order, Method], None], ...] = (
    _check_tax,
    _check_escrow,
    _check_currency,
    _check_card_words,
    _check_cards,
    _check_quotas,
    _check_companions,
    _check_receipt,
)
