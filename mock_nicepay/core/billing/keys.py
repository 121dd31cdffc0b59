"""Billing keys: a card or wallet is registered once, and charged whenever the shop asks."""

from dataclasses import dataclass, replace

from mock_nicepay.contract.methods import CARD_SERVICE, WALLET_MONEY
from mock_nicepay.contract.refusal import Cause, Refusal
from mock_nicepay.contract.tables import ResultCode, result_code
from mock_nicepay.core.billing.causes import (
    IS_SUSPENDED,
    NOT_INTEREST_FREE,
    is_deleted,
    is_for_another_method,
    is_of_another_pair,
    is_over,
    is_unknown,
    no_bid,
)
from mock_nicepay.core.call import Context
from mock_nicepay.core.cards.numbers import installment_flaw
from mock_nicepay.core.payments.charge import Charge, charge
from mock_nicepay.core.payments.ids import RECURRING, new_bid, new_tid
from mock_nicepay.core.records import ACTIVE, DELETED, SUSPENDED, BillingKey, Card, Payment

BID_BYTES = 30
CARD_METHODS = ("", "cardBill")  # values of `method` that mean a card, not a wallet


@dataclass(frozen=True, slots=True)
class Registration:
    """A card to be registered by the API; its number is masked."""

    order_id: str
    card: Card
    good_until: str = ""  # the card's last month, yyyy-MM
    buyer_name: str | None = None
    buyer_tel: str | None = None
    buyer_email: str | None = None


def register(context: Context, wish: Registration) -> BillingKey:
    """Store a new billing key of a card.

    Documented (billing.many): one card may have many keys; all stay usable until deleted (K25).
    Assumed (billing.regist-order): a registration pays nothing and uses no orderId, so its orderId may
    be one that is already used.
    """
    key = BillingKey(
        bid=new_bid(context),
        client_id=context.merchant.client_id,
        order_id=wish.order_id,
        tid=business_tid(context),
        made_at=context.now,
        card=wish.card,
        good_until=wish.good_until,
        key_id=context.merchant.key_id,
        buyer_name=wish.buyer_name,
        buyer_tel=wish.buyer_tel,
        buyer_email=wish.buyer_email,
    )
    context.store.put(key)
    return key


def register_with_payment(context: Context, payment: Payment) -> BillingKey:
    """Store the billing key that a paid checkout also makes; the payment has its bid.

    Assumed (billing.checkout): it stays when that payment is cancelled.
    """
    key = BillingKey(
        bid=payment.bid or new_bid(context),
        client_id=payment.client_id,
        order_id=payment.order_id,
        tid=payment.tid,
        made_at=context.now,
        card=payment.card,
        pay_method=payment.pay_method,
        method=payment.method,
        key_id=payment.key_id,
        buyer_name=payment.buyer_name,
        buyer_tel=payment.buyer_tel,
        buyer_email=payment.buyer_email,
    )
    context.store.put(key)
    return key


def business_tid(context: Context) -> str:
    """The tid of a call about a key that pays nothing: a registration, a deletion, a look-up."""
    return new_tid(context, CARD_SERVICE, RECURRING)


def check_form(bid: str) -> None:
    """Raise `Refusal` U345 for a text that cannot be a bid.

    Documented (bid.u345): empty or not 30 bytes (E26).
    """
    if len(bid.encode("utf-8", "replace")) != BID_BYTES:
        raise Refusal("U345", cause=no_bid(bid, BID_BYTES))


def key_of(context: Context, bid: str) -> BillingKey | None:
    """The merchant's key with that bid, also a deleted one; another merchant's is unknown."""
    key = context.store.get(BillingKey, bid)
    return key if key and key.client_id == context.merchant.client_id else None


def usable_key(context: Context, bid: str, method: str) -> BillingKey:
    """The key, if it is not deleted and is for `method`. Raises `Refusal` U309.

    Documented (charge.u309): also for another clientId's, and after its deletion (E26); another key
    pair of the same merchant is another clientId.
    Assumed (charge.method): also when it was registered as something else than `method`.
    """
    key = key_of(context, bid)
    if key is None:
        raise Refusal("U309", cause=is_unknown(bid))
    if key.key_id != context.merchant.key_id:
        raise Refusal("U309", cause=is_of_another_pair(key))
    if key.status == DELETED:
        raise Refusal("U309", cause=is_deleted(key))
    if not is_for(key, method):
        raise Refusal("U309", cause=is_for_another_method(key, method))
    return key


def is_for(key: BillingKey, method: str) -> bool:
    """Whether the key is for that method; both empty and cardBill mean a card."""
    if key.method in CARD_METHODS:
        return method in CARD_METHODS
    return key.method == method


@dataclass(frozen=True, slots=True)
class Renewal:
    """A charge to be made to a billing key."""

    order_id: str
    amount: int
    goods_name: str
    quota: int = 0  # months
    interest_free: bool = False
    tax_free: int = 0
    mall_reserved: str | None = None
    buyer_name: str | None = None
    buyer_tel: str | None = None
    buyer_email: str | None = None


@dataclass(frozen=True, slots=True)
class No:
    """Why the card company or the wallet will not charge a key."""

    row: ResultCode
    cause: Cause


def charge_key(context: Context, key: BillingKey, renewal: Renewal) -> tuple[Payment, No | None]:
    """Charge a key; returns the payment, PAID or FAILED, and why it failed if not by a scenario.

    Documented (charge.declined): a declined one has its own tid, frees its orderId, and sends no
    webhook (E26). Raises `Refusal` U112.
    """
    no = None if context.issuer_says else _no_to(context, key, renewal)
    if no is not None:
        context = replace(context, issuer_says=no.row)
    card = key.card if context.settings.sandbox_limits else _card_for(key, renewal)
    return charge(context, _charge_of(key, renewal, card)), no


def delete_key(context: Context, key: BillingKey) -> BillingKey:
    """Delete the key; returns the stored key."""
    deleted = replace(key, status=DELETED, ended_at=context.now)
    context.store.put(deleted)
    return deleted


def suspend_key(context: Context, key: BillingKey, *, on: bool) -> BillingKey:
    """Suspend the key, as the card company does, or resume it; returns the stored key."""
    changed = replace(key, status=SUSPENDED if on else ACTIVE)
    context.store.put(changed)
    return changed


def _charge_of(key: BillingKey, renewal: Renewal, card: Card | None) -> Charge:
    return Charge(
        order_id=renewal.order_id,
        amount=renewal.amount,
        goods_name=renewal.goods_name,
        card=card,
        pay_method=key.pay_method,
        method=key.method or "card",
        medium=RECURRING,
        tax_free=renewal.tax_free,
        mall_reserved=renewal.mall_reserved,
        buyer_name=renewal.buyer_name,
        buyer_tel=renewal.buyer_tel,
        buyer_email=renewal.buyer_email,
        bid=key.bid,
    )


def _card_for(key: BillingKey, renewal: Renewal) -> Card | None:
    """The key's card with the months of this charge; None for a wallet's own money."""
    if key.card is None or key.card.code in WALLET_MONEY.values():
        return key.card
    return replace(key.card, quota=renewal.quota, interest_free=renewal.interest_free)


def _no_to(context: Context, key: BillingKey, renewal: Renewal) -> No | None:
    """The network's decline; None when it charges.

    Assumed (charge.interest-free): useShopInterest true, which is not available at present (K25), is 3033.
    Assumed (charge.suspended): a suspended key is F118.
    """
    if key.status == SUSPENDED:
        return _no("F118", IS_SUSPENDED)
    if _is_over(context, key):
        return _no("3021", is_over(key))
    flaw = installment_flaw(renewal.quota, renewal.amount)
    if flaw is not None:
        return _no(flaw.code, flaw.cause)
    return _no("3033", NOT_INTEREST_FREE) if renewal.interest_free else None


def _is_over(context: Context, key: BillingKey) -> bool:
    """Assumed (charge.expired): with `card_checks` a card is good until the end of its month: 3021."""
    checked = context.settings.card_checks and key.good_until
    return bool(checked) and key.good_until < f"{context.now:%Y-%m}"


def _no(code: str, cause: Cause) -> No:
    return No(result_code(code), cause)
