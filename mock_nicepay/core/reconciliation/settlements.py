"""Settlements: what a shop is paid for its transactions, after fees, and when.

NICEPAY publishes no fees; those here are made up, for calculating only. A payment's worth to its shop
is its amount less the fee, and a row is the difference between two such worths. So the rows of a
payment always add up to the worth of what is left of it, however it was cancelled.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from mock_nicepay.contract.times import day_of
from mock_nicepay.core.reconciliation.transactions import Row, midnight_of
from mock_nicepay.core.records import Merchant

# Assumed (settlements.fees): 3.3% of cards and wallets, 2.2% of transfers, 4.4% of cellphones, 330 won
# of a virtual account that has been paid into; VAT (a tenth on top) is in it.
_RATES = {"bank": Decimal("0.022"), "cellphone": Decimal("0.044"), "vbank": Decimal(0)}
_USUAL_RATE = Decimal("0.033")
_ACCOUNT_FEE = Decimal(330)
# Recorded (settlements.rate): 1319 won for a dollar, of 8 March 2023 (E24).
# Assumed (settlements.rates): the rate does not change; a yuan is 190 won.
_WON = {"KRW": Decimal(1), "USD": Decimal(1319), "CNY": Decimal(190)}
# Recorded (settlements.paid-out): five days later, weekends counted, in both prints (2023-03-07 and
# 2023-03-08, the 12th was a Sunday).
# Assumed (settlements.paid-out-cancel): a cancel is deducted from the pay-out five days after it,
# whether its payment has been paid out by then or not.
_WAIT = timedelta(days=5)


@dataclass(frozen=True, slots=True)
class Worth:
    """A payment's worth to its shop. Fee and VAT in its currency, net in the currency of the pay-out."""

    fee: Decimal
    vat: Decimal  # part of the fee
    net: Decimal

    def minus(self, other: "Worth") -> "Worth":
        """The difference between this worth and another."""
        return Worth(self.fee - other.fee, self.vat - other.vat, self.net - other.net)


def pay_out_currency(merchant: Merchant, currency: str) -> str:
    """The currency in which a payment in `currency` is paid out.

    Recorded (settlements.currency): a payment in won may be paid out in dollars; the shop's trait.
    Assumed (settlements.foreign): a payment in dollars or yuan is always paid out in dollars.
    """
    return merchant.settlement_currency if currency == "KRW" else "USD"


def worth(balance: int, method: str, currency: str, pay_out: str) -> Worth:
    """The worth of a payment of which `balance` is left.

    Documented (settlements.net): the amount without the fee (E24).
    Assumed (settlements.rounding): half up, to whole won, to cents of all else.
    """
    fee = _rounded(balance * _RATES.get(method, _USUAL_RATE), currency)
    if method == "vbank" and balance:
        fee = min(_ACCOUNT_FEE, Decimal(balance))
    left = (balance - fee) * _WON[currency] / _WON[pay_out]
    return Worth(fee, _rounded(fee / 11, currency), _rounded(left, pay_out))


def settlement_values(number: int, row: Row, merchant: Merchant, now: datetime) -> dict[str, Any]:
    """A row of the settlements, in the recorded key order.

    Recorded (settlements.cancelled): for a payment cancelled on its own day fee, vat and net are 0,
    amount and supplyAmt are there, and no card company has acquired it (2023).
    Assumed (settlements.signs): for a later cancel fee, vat and net are negative: they are deducted
    from a pay-out.
    Assumed (settlements.acquired): card payments are acquired when their day is over.
    Recorded (settlements.interest): interestFee is 0.
    """
    movement, payment = row.movement, row.payment
    pay_out = pay_out_currency(merchant, payment.currency)
    terms = (payment.pay_method, payment.currency, pay_out)
    gain = worth(movement.after, *terms).minus(worth(movement.before, *terms))
    moved = movement.before != movement.after
    return {
        "sequence": number,
        "originalTid": movement.payment_tid,
        "tid": movement.tid,
        "orderId": movement.order_id,
        "currency": payment.currency,
        "settlementCurrency": pay_out,
        "method": payment.pay_method,
        "interestFee": 0,
        "useEscrow": payment.use_escrow,
        "net": {"krw": 0, "usd": 0, pay_out.lower(): _number(gain.net)},
        "transactionStatus": movement.status,
        "cardAcquiringStatus": moved and payment.card is not None and movement.day < day_of(now),
        "amount": movement.amount,
        "supplyAmt": movement.supply,
        "fee": _number(gain.fee),
        "vat": _number(gain.vat),
        "exchangeRate": _number(_WON[pay_out]),
        "transactionAt": midnight_of(movement),
        "paidOutDate": f"{date.fromisoformat(movement.day) + _WAIT:%Y%m%d}",
    }


def _rounded(value: Decimal, currency: str) -> Decimal:
    unit = Decimal(1) if currency == "KRW" else Decimal("0.01")
    return value.quantize(unit, ROUND_HALF_UP)


def _number(value: Decimal) -> int | float:
    """A JSON number: a whole one without decimals."""
    return int(value) if value == value.to_integral_value() else float(value)
