"""Webhook addresses: register, list, change and delete them.

Manual: api/webhook/webhook-create.md, -retrieve, -update and -delete; records: webhook-* of 2026.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

from mock_nicepay.contract.bodies import WEBHOOK
from mock_nicepay.contract.editions import Edition
from mock_nicepay.contract.endpoint import Answer, Family
from mock_nicepay.contract.fields import Body, Choice, Text
from mock_nicepay.contract.methods import WEBHOOK_METHODS
from mock_nicepay.contract.refusal import Cause, Refusal
from mock_nicepay.contract.target import Address
from mock_nicepay.core.call import Context
from mock_nicepay.core.records import Merchant, WebhookUrl
from mock_nicepay.core.store import Store
from mock_nicepay.core.webhooks.addresses import (
    ALL,
    WORDS,
    as_shown,
    delete_addresses,
    failure_of,
    methods_of,
    put_addresses,
    registered,
)
from mock_nicepay.core.webhooks.outbox import Webhooks

FAMILY = Family("webhook")
_NOTHING = "U111"
_NONE = Cause("no address is registered for any method", "등록된 웹훅 주소가 없습니다")
_IN_KOREAN = {
    "U336": "연결할 수 없거나 5초 안에 응답하지 않았습니다",
    "U337": "HTTP 상태가 200이 아닙니다. 리다이렉트는 따라가지 않습니다",
}
_ANSWER_IN_KOREAN = {  # by the edition's webhook_answer
    "exact": "본문은 OK만 있어야 합니다",
    "html": "본문은 OK만, Content-Type은 text/html이어야 합니다",
    "contains": "본문에 OK가 있어야 합니다",
}
_PROBED = (*_IN_KOREAN, "U338")
_TOLD_OF = ("U700", "U701")  # in the pages' lists of codes; nothing here brings them about


class Registration(Body):
    """What is registered; `all` means the four methods."""

    method = Choice(*WORDS, max_bytes=20, required=True)
    url = Address(200, required=True)
    managerEmail = Text(255)


class Change(Body):
    """What is changed. The method is the path's; one in the body is ignored."""

    url = Address(200, required=True)
    managerEmail = Text(255)


class Nothing(Body):
    """No fields."""


def _try_new(
    webhooks: Webhooks, merchant: Merchant, data: dict[str, Any], now: datetime, edition: Edition
) -> None:
    """Documented (webhook.u333): a method that has an address refuses another one (E26).

    Assumed (webhook.probe-order): the address is tried last of all, so that a call that must fail
    tries nobody's.
    """
    _check_free(webhooks.store, merchant, data["method"])
    _probe(webhooks, merchant, data, now, edition)


def _try_other(
    webhooks: Webhooks, merchant: Merchant, data: dict[str, Any], now: datetime, edition: Edition
) -> None:
    _check_registered(webhooks.store, merchant, data["method"])
    _probe(webhooks, merchant, data, now, edition)


@FAMILY.endpoint(
    "POST",
    "/v1/webhook",
    name="create",
    request=Registration,
    reply=WEBHOOK,
    codes=("U333", *_PROBED),
    listed=("U335", *_TOLD_OF),
    errand=_try_new,
)
def create_webhook(context: Context, data: dict[str, Any]) -> Answer:
    """Register an address for the events of one payment method, or of all.

    Documented (webhook.all): `all` registers four; of each method there is one address (E26).
    """
    _check_free(context.store, context.merchant, data["method"])
    _put(context, data)
    return _listed(context)


@FAMILY.endpoint(
    "GET",
    "/v1/webhook",
    name="get",
    request=Nothing,
    reads="query",
    reply=WEBHOOK,
    codes=(_NOTHING,),
    refusals={_NOTHING: {"messageSource": "nicepay", "urls": []}},
)
def get_webhooks(context: Context, data: dict[str, Any]) -> Answer:
    """List the registered addresses.

    Documented (webhook.none): without any it is U111, and `urls` is there and empty (E26).
    """
    answer = _listed(context)
    return answer if answer.values["urls"] else replace(answer, code=_NOTHING, cause=_NONE)


@FAMILY.endpoint(
    "POST",
    "/v1/webhook/{method}/update",
    name="update",
    request=Change,
    reply=WEBHOOK,
    codes=("U111", "U132", *_PROBED),
    listed=("U334", *_TOLD_OF),
    errand=_try_other,
)
def update_webhook(context: Context, data: dict[str, Any]) -> Answer:
    """Change the address of a payment method."""
    _check_registered(context.store, context.merchant, data["method"])
    _put(context, data)
    return _listed(context)


@FAMILY.endpoint(
    "POST",
    "/v1/webhook/{method}/delete",
    name="delete",
    request=Nothing,
    reply=WEBHOOK,
    codes=("U111", "U132"),
)
def delete_webhook(context: Context, data: dict[str, Any]) -> Answer:
    """Delete the address of a payment method; the last one leaves `urls` empty, with 0000."""
    _check_registered(context.store, context.merchant, data["method"])
    delete_addresses(context.store, context.merchant.client_id, data["method"])
    return _listed(context)


def _put(context: Context, data: dict[str, Any]) -> None:
    """Assumed (webhook.update-all): `all` changes or deletes those that are registered."""
    owner = context.merchant.client_id
    known = [row.method for row in registered(context.store, owner)]
    for method in methods_of(data["method"]):
        if not known or data["method"] != ALL or method in known:
            put_addresses(context.store, owner, method, data["url"], data["managerEmail"])


def _listed(context: Context) -> Answer:
    """Recorded (webhook.list): `messageSource` third, then every address as method, url, managerEmail."""
    rows = registered(context.store, context.merchant.client_id)
    return Answer({"messageSource": "nicepay", "urls": [_row_values(row) for row in rows]})


def _row_values(row: WebhookUrl) -> dict[str, Any]:
    return {"method": row.method, "url": row.url, "managerEmail": row.manager_email}


def _check_free(store: Store, merchant: Merchant, word: str) -> None:
    wanted = methods_of(word)
    taken = [row for row in registered(store, merchant.client_id) if row.method in wanted]
    if taken:
        names = ", ".join(row.method for row in taken)
        raise Refusal(
            "U333",
            cause=Cause(
                f"{names} has an address already ({taken[0].url}); change it by update, or delete it first",
                f"{names}에 이미 등록된 주소({taken[0].url})가 있습니다. update로 변경하거나 먼저 삭제하세요",
            ),
        )


def _check_registered(store: Store, merchant: Merchant, word: str) -> None:
    """Assumed (webhook.unregistered): U111 for a method that has no address, U132 for no method."""
    if word not in WORDS:
        words = ", ".join(WORDS)
        raise Refusal(
            "U132",
            word[:40],
            cause=Cause(
                f"the path names {word[:40]!r}; it takes {words}",
                f"경로의 {word[:40]!r}은(는) 허용되지 않습니다. 허용 값: {words}",
            ),
        )
    known = [row.method for row in registered(store, merchant.client_id)]
    if not set(methods_of(word)) & set(known):
        raise Refusal(
            _NOTHING,
            cause=Cause(
                f"no address is registered for {word}; registered are: {', '.join(known) or 'none'}",
                f"{word}에 등록된 주소가 없습니다. 등록된 결제수단: {', '.join(known) or '없음'}",
            ),
        )


def _probe(
    webhooks: Webhooks, merchant: Merchant, data: dict[str, Any], now: datetime, edition: Edition
) -> None:
    """Documented (webhook.probe): a sample event must be answered with 200 and OK within 5 s (E26, K25).

    Unreachable or too late is U336, another status U337, another body U338; nothing is stored then.
    Assumed (webhook.probe-all): `all` is tried once, with a card's event.
    """
    method = WEBHOOK_METHODS[0] if data["method"] == ALL else data["method"]
    sent = webhooks.probe(merchant, method, data["url"], now)
    shown = as_shown(sent, (merchant.secret_key, merchant.other_secret_key))
    failure = failure_of(shown, edition.webhook_answer)
    if failure:
        code = "U336" if sent.status is None else "U337" if sent.status != 200 else "U338"
        in_korean = _IN_KOREAN.get(code, _ANSWER_IN_KOREAN[edition.webhook_answer])
        raise Refusal(code, cause=_probe_cause(data["url"], failure, in_korean))


def _probe_cause(url: str, failure: str, in_korean: str) -> Cause:
    return Cause(
        f"{url} was sent a sample event before it is registered: {failure}",
        f"등록하기 전에 {url}(으)로 시험 이벤트를 보냈습니다: {in_korean}",
    )
