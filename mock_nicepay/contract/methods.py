"""The payment methods the window offers, and what answers and ids make of each."""

from dataclasses import dataclass

# Recorded (tid.service): 01 card (2021, 2023), 04 cash receipt (2021).
# Assumed (tid.service-others): 02 bank, 03 virtual account, 05 cellphone; wallets are cards: 01.
CARD_SERVICE = "01"
BANK_SERVICE = "02"
ACCOUNT_SERVICE = "03"
RECEIPT_SERVICE = "04"
CELLPHONE_SERVICE = "05"
# Recorded (tid.service-dummy): 00 for what NICEPAY's dummy page pays (2023).
DUMMY_SERVICE = "00"

# By which a payment's events go: the words of the webhook calls and of a scenario's `webhook`.
WEBHOOK_METHODS = ("card", "bank", "vbank", "cellphone")

# Codes of the card table that are not cards: a wallet's own money and points, by payMethod.
WALLET_MONEY = {
    "kakaopay": "40",
    "ssgpay": "41",
    "payco": "39",
    "naverpay": "42",
    "tosspay": "46",
}
# The brands of cards issued abroad; only they pay in a foreign currency.
FOREIGN_BRANDS = ("25", "26", "27", "28", "29", "34")


@dataclass(frozen=True, slots=True)
class Method:
    """One value of the window's `method`."""

    pay_method: str  # as answers say it; empty: the payer picks a card or a wallet
    service: str = CARD_SERVICE  # its digits in a tid
    takes_cards: bool = False
    takes_money: bool = False  # the wallet's own money or points
    cards_published: bool = True  # whether a page says which cards a wallet takes

    @property
    def is_wallet(self) -> bool:
        """Whether a simple-pay app stands between the payer and the card."""
        return (self.takes_cards or self.takes_money) and self.pay_method not in {"", "card"}


METHODS = {
    "card": Method("card", takes_cards=True),
    "bank": Method("bank", BANK_SERVICE),
    "directCard": Method("card", takes_cards=True),
    "vbank": Method("vbank", ACCOUNT_SERVICE),
    "cellphone": Method("cellphone", CELLPHONE_SERVICE),
    "naverpayCard": Method("naverpay", takes_cards=True),
    "kakaopay": Method("kakaopay", takes_cards=True, takes_money=True),
    "kakaopayCard": Method("kakaopay", takes_cards=True),
    "kakaopayMoney": Method("kakaopay", takes_money=True),
    "samsungpayCard": Method("samsungpay", takes_cards=True),
    "payco": Method("payco", takes_cards=True, takes_money=True),
    "ssgpay": Method("ssgpay", takes_cards=True, takes_money=True),
    "cardAndEasyPay": Method("", takes_cards=True),
}

# Documented (checkout.methods): a checkout has these besides; those in Bill also register the card or
# the wallet for later payments (E26).
HOSTED_ONLY = {
    "cardBill": Method("card", takes_cards=True),
    "naverpayPoint": Method("naverpay", takes_money=True),
    "naverCardBill": Method("naverpay", takes_cards=True),
    "naverPointBill": Method("naverpay", takes_money=True),
    "kakaoBill": Method("kakaopay", takes_cards=True, takes_money=True),
    # Assumed (checkout.toss-cards): no page says which cards it takes: all that are issued in Korea.
    "tosspay": Method("tosspay", takes_cards=True, takes_money=True, cards_published=False),
    "tosspayCard": Method("tosspay", takes_cards=True, cards_published=False),
    "tosspayMoney": Method("tosspay", takes_money=True),
    "tosspayBill": Method("tosspay", takes_cards=True, takes_money=True, cards_published=False),
}
ALL_METHODS = {**METHODS, **HOSTED_ONLY}


def registers(method: str) -> bool:
    """Whether a payment by it also registers what was paid with for later payments."""
    return method.endswith("Bill")
