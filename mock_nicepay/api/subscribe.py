"""Recurring payments: register a card, charge it, delete it, ask how it is.

Manual: api/payment-subscribe.md (K25), api/nicepay-api-billing.md (E24, E26); records: subscribe-regist,
subscribe-payments and subscribe-expire as K25 prints them.
"""

from collections.abc import Mapping
from typing import Any

from mock_nicepay.api.subscribe_fields import (
    TOSS,
    ChargeRequest,
    ExpireRequest,
    RegistRequest,
    StatusRequest,
    no_toss,
)
from mock_nicepay.contract.bodies import (
    CHARGED,
    KEY_EXPIRED,
    KEY_STATUS,
    REFUSAL,
    REGISTERED,
    REGISTERED_RAW,
)
from mock_nicepay.contract.editions import Edition
from mock_nicepay.contract.endpoint import Answer, Family
from mock_nicepay.contract.refusal import Cause, Refusal
from mock_nicepay.contract.shape import Shape
from mock_nicepay.contract.tables import SUCCESS, result_code
from mock_nicepay.contract.times import iso
from mock_nicepay.core.billing.causes import (
    is_deleted,
    is_for_another_method,
    is_of_another_merchant,
    is_unknown,
)
from mock_nicepay.core.billing.keys import (
    Registration,
    Renewal,
    business_tid,
    charge_key,
    check_form,
    delete_key,
    is_for,
    key_of,
    register,
    usable_key,
)
from mock_nicepay.core.billing.registrable import NotRegistrable, card_inside
from mock_nicepay.core.call import Context
from mock_nicepay.core.payments.charge import check_tax_free
from mock_nicepay.core.payments.values import charged_values, said_by
from mock_nicepay.core.records import ACTIVE, DELETED, SUSPENDED, BillingKey, Payment

FAMILY = Family("subscribe")

_NET_CANCELLED = "U503"
_BID_STATUS = {ACTIVE: ("0", "active"), SUSPENDED: ("1", "inactive"), DELETED: ("2", "unknown")}


def _registered_shape(edition: Edition) -> Shape:
    return REGISTERED_RAW if edition.regist_keys == "pascal" else REGISTERED


@FAMILY.endpoint(
    "POST",
    "/v1/subscribe/regist",
    name="regist",
    request=RegistRequest,
    reply=REGISTERED,
    reply_in=_registered_shape,
    sign="orderId + ediDate",
    codes=("U107", "F101", "U317", "F112", "F113", "F115", "F116", "F201", "A253", "F110"),
    issuer_decides=True,
    own_shape=("U107", "U317"),
)
def register_card(context: Context, data: dict[str, Any]) -> Answer:
    """Register the card inside encData, and answer the bid it is charged by.

    Documented (regist.u107): when recurring payments are not enabled for the key, U107, 404 (E26).
    Documented (regist.failed): a failure has status `failed` and no bid (E26).
    Assumed (regist.twice): F201 comes by a scenario's word alone: one card may have many keys.
    """
    if context.merchant.recurring == "no":
        return _not_registered(context, data, "U107", _NOT_ENABLED)
    found = card_inside(context, data["encData"], data["encMode"])
    if isinstance(found, NotRegistrable):
        return _not_registered(context, data, found.code, found.cause)
    if context.issuer_says is not None:
        no = context.issuer_says
        return _not_registered(context, data, no.code, _ISSUER, asked=no.is_decline)
    buyer = (data["buyerName"], data["buyerTel"], data["buyerEmail"])
    wish = Registration(data["orderId"], found.card, found.good_until, *buyer)
    return _registered(context, register(context, wish))


@FAMILY.endpoint(
    "POST",
    "/v1/subscribe/{bid}/payments",
    name="pay",
    request=ChargeRequest,
    reply=CHARGED,
    sign="orderId + bid + ediDate",
    signature="tid + amount + ediDate",
    empty_place=True,
    codes=(
        *("U345", "U143", "U321", "U313", "U309", "U112", "U503", "U506"),
        *("3021", "3022", "3023", "3024", "3033", "F118"),
    ),
    issuer_decides=True,
)
def charge_card(context: Context, data: dict[str, Any]) -> Answer:
    """Charge a registered card or wallet.

    Assumed (charge.order): first the bid's form, then the amounts, whether there is such a key, whether
    the orderId is free, and last the network.
    """
    check_form(data["bid"])
    check_tax_free(data["amount"], data["taxFreeAmt"])
    _check_enabled(context)
    key = usable_key(context, data["bid"], data["method"] or "")
    payment, no = charge_key(context, key, _renewal(data))
    if no is not None:
        return _declined(context, payment, no.row.code, no.cause)
    if context.issuer_says is not None:
        return _declined(context, payment, context.issuer_says.code, _ISSUER)
    return Answer(charged_values(payment, context.tenant.edition))


@FAMILY.endpoint(
    "POST",
    "/v1/subscribe/{bid}/expire",
    name="expire",
    request=ExpireRequest,
    reply=KEY_EXPIRED,
    sign="orderId + bid + ediDate",
    empty_place=True,
    codes=("U345", "U313", "U309", "U115", "A255", "U100"),
    issuer_decides=True,
    own_shape=("U313", "U309", "U115"),
)
def expire_key(context: Context, data: dict[str, Any]) -> Answer:
    """Delete a billing key: it cannot be charged any more.

    Documented (expire-key.auth-date): authDate is there on success and on failure, and missing only
    where the request itself was wrong (E26).
    Documented (expire-key.a255): another merchant's bid is A255 (E26).
    Documented (expire-key.method): a wallet's key needs the method it was registered as (E26).
    Assumed (expire-key.failed): a failure has orderId, bid and authDate, and no tid.
    Assumed (expire-key.tid): the deletion has a tid of its own.
    """
    check_form(data["bid"])
    if context.merchant.recurring == "no":
        return _not_expired(context, data, "U313", _NOT_ENABLED)
    key = key_of(context, data["bid"])
    if key is None or key.status == DELETED:
        return _not_expired(context, data, *_no_such_key(context, data["bid"], key))
    if not is_for(key, data["method"] or ""):
        if not data["method"]:
            raise Refusal("U100", "method", cause=is_for_another_method(key, ""))
        return _not_expired(context, data, "U309", is_for_another_method(key, data["method"]))
    if context.issuer_says is not None:
        return _not_expired(context, data, context.issuer_says.code, _ISSUER)
    delete_key(context, key)
    return Answer({"tid": business_tid(context), **_expiry_values(context, data)})


@FAMILY.endpoint(
    "POST",
    "/v1/subscribe/{bid}/status",
    name="status",
    request=StatusRequest,
    reply=KEY_STATUS,
    sign="orderId + bid + ediDate",
    empty_place=True,
    codes=("U345", "U119", "U313", "U309"),
    in_sandbox=False,
    switch="bid_status",
)
def tell_status(context: Context, data: dict[str, Any]) -> Answer:
    """Tell whether a key that was registered with Toss can be charged.

    Documented (key-status.words): 0 in use, 1 suspended, 2 other; active, inactive, unknown (E26).
    Assumed (key-status.deleted): a deleted key is 2, unknown; one of another kind is U309.
    """
    check_form(data["bid"])
    if data["method"] != TOSS:
        raise Refusal("U119", cause=no_toss(data["method"]))
    _check_enabled(context)
    key = key_of(context, data["bid"])
    if key is None:
        raise Refusal("U309", cause=is_unknown(data["bid"]))
    if not is_for(key, TOSS):
        raise Refusal("U309", cause=is_for_another_method(key, TOSS))
    number, word = _BID_STATUS[key.status]
    return Answer(
        {
            "tid": business_tid(context),
            "orderId": data["orderId"],
            "bid": key.bid,
            "bidStatus": number,
            "status": word,
        }
    )


# Registration


def _registered(context: Context, key: BillingKey) -> Answer:
    """A registration's answer, in the spelling of the edition.

    Recorded (regist.raw): K25 prints the payment network's own words: a date without a time, the
    card's name in brackets, another message.
    """
    card = key.card
    assert card is not None  # a key that was registered by the API is a card's
    if context.tenant.edition.regist_keys == "pascal":
        return _raw(
            SUCCESS,
            {
                "BID": key.bid,
                "AuthDate": f"{key.made_at:%Y%m%d}",
                "CardCode": card.code,
                "CardName": f"[{card.name}]",
                "TID": key.tid,
            },
            message=result_code("F100").message(),
        )
    values = {
        "tid": key.tid,
        "orderId": key.order_id,
        "bid": key.bid,
        "authDate": iso(key.made_at),
        "cardCode": card.code,
        "cardName": card.name,
    }
    return Answer({**values, **_ending(context, SUCCESS, "issued")})


def _not_registered(
    context: Context, data: Mapping[str, Any], code: str, cause: Cause, *, asked: bool = False
) -> Answer:
    """Assumed (regist.failed-tid): only what the card company was asked for has a tid."""
    tid = business_tid(context) if asked else None
    if context.tenant.edition.regist_keys == "pascal":
        return _raw(code, {"TID": tid} if tid else {}, cause=cause)
    values = {**({"tid": tid} if tid else {}), "orderId": data["orderId"]}
    return Answer({**values, **_ending(context, code, "failed")}, code=code, cause=cause)


def _ending(context: Context, code: str, status: str) -> dict[str, str]:
    """The last keys: whose message it is, where the edition says so, and what became of it."""
    source = {"messageSource": result_code(code).source}
    return {**(source if context.tenant.edition.message_source else {}), "status": status}


def _raw(
    code: str, values: Mapping[str, str], *, message: str = "", cause: Cause | None = None
) -> Answer:
    return Answer(
        values,
        shape=REGISTERED_RAW,
        code=code,
        cause=cause,
        code_key="ResultCode",
        message_key="ResultMsg",
        message=message,
    )


# Charges


def _renewal(data: Mapping[str, Any]) -> Renewal:
    return Renewal(
        order_id=data["orderId"],
        amount=data["amount"],
        goods_name=data["goodsName"],
        quota=data["cardQuota"],
        interest_free=data["useShopInterest"],
        tax_free=data["taxFreeAmt"] or 0,
        mall_reserved=data["mallReserved"],
        buyer_name=data["buyerName"],
        buyer_tel=data["buyerTel"],
        buyer_email=data["buyerEmail"],
    )


def _declined(context: Context, payment: Payment, code: str, cause: Cause) -> Answer:
    """A charge that was declined, or that NICEPAY took back because it failed itself.

    Documented (charge.u503): the latter has no tid (E26); it is answered as a refusal is.
    """
    if code == _NET_CANCELLED:
        return Answer(shape=REFUSAL, code=code, cause=_OWN_FAILURE)
    values = charged_values(payment, context.tenant.edition)
    return Answer(said_by(values, result_code(code)), code=code, cause=cause)


# Keys


def _check_enabled(context: Context) -> None:
    """Documented (billing.u313): deletion and status without recurring payments: U313 (E26).

    Assumed (billing.u313-charge): a charge as well.
    """
    if context.merchant.recurring == "no":
        raise Refusal("U313", cause=_NOT_ENABLED)


def _no_such_key(context: Context, bid: str, key: BillingKey | None) -> tuple[str, Cause]:
    """Which code a bid gets that cannot be deleted, and why."""
    if key is None and context.store.get(BillingKey, bid) is not None:
        return "A255", is_of_another_merchant(bid)
    code = "U309" if context.settings.sandbox_limits else context.tenant.edition.deleted_bid
    return code, is_deleted(key) if key else is_unknown(bid)


def _not_expired(context: Context, data: Mapping[str, Any], code: str, cause: Cause) -> Answer:
    return Answer(_expiry_values(context, data), code=code, cause=cause)


def _expiry_values(context: Context, data: Mapping[str, Any]) -> dict[str, Any]:
    return {"orderId": data["orderId"], "bid": data["bid"], "authDate": iso(context.now)}


_NOT_ENABLED = Cause(
    "recurring payments are not enabled for this key (the merchant's trait `recurring` is no); use "
    "another key pair, or make a merchant without that trait",
    "이 키는 빌링(정기결제)을 사용하지 않도록 설정되어 있습니다(상점의 recurring 항목이 no). "
    "다른 키를 사용하거나 해당 항목 없이 상점을 만드세요",
)
_ISSUER = Cause(
    "NICEPAY, the card company or the wallet said no, because a scenario or a magic value says so; no money has "
    "moved, no key was made or deleted, and the orderId is free",
    "시나리오 또는 매직 값에 따라 나이스페이 또는 카드사가 거절했습니다. 결제, 빌키 발급, 삭제가 이루어지지 않았으며 "
    "orderId는 다시 사용할 수 있습니다",
)
_OWN_FAILURE = Cause(
    "NICEPAY's own processing failed and the charge was taken back at once, because a scenario says so; "
    "nothing is charged, and the orderId is free again",
    "시나리오에 따라 나이스페이 내부 처리가 실패하여 승인이 즉시 망취소되었습니다. "
    "결제되지 않았으며 orderId는 다시 사용할 수 있습니다",
)
