"""The control plane's actions on webhooks: register without a probe, show deliveries, send again."""

import json
from typing import Any

from mock_nicepay.contract.times import iso
from mock_nicepay.core.misuse import Misuse
from mock_nicepay.core.records import Delivery, Merchant, Try
from mock_nicepay.core.webhooks.addresses import (
    checked_url,
    checked_word,
    methods_of,
    put_addresses,
    registered,
)
from mock_nicepay.core.webhooks.notices import WAITING
from mock_nicepay.front.control.asked import Asked
from mock_nicepay.sandbox import Sandbox


def list_webhooks(sandbox: Sandbox, asked: Asked) -> Any:
    """Show the addresses, and the events with every try, newest first; ?orderId= and ?tid= narrow them.

    ?limit= and ?from= page the events.
    """
    deliveries = [
        delivery
        for merchant in _meant(sandbox, asked)
        for delivery in sandbox.webhooks.deliveries(merchant.client_id)
        if delivery.order_id == asked.arguments.get("orderId", delivery.order_id)
        and delivery.tid == asked.arguments.get("tid", delivery.tid)
    ]
    deliveries.sort(key=lambda delivery: delivery.made_at, reverse=True)
    shown = [_delivery_json(each) for each in asked.page(deliveries)]
    return {**_urls(sandbox, asked), "total": len(deliveries), "deliveries": shown}


def put_webhook(sandbox: Sandbox, asked: Asked) -> Any:
    """Register an address for a payment method, or for `all`, without a probe; [] removes all."""
    if asked.json() == []:
        return delete_webhooks(sandbox, asked)
    body = asked.words("method", "url", "managerEmail")
    word, url = checked_word(body.get("method", "all")), checked_url(body.get("url", ""))
    email = body.get("managerEmail")
    for merchant in _meant(sandbox, asked):
        put_addresses(sandbox.store, merchant.client_id, word, url, email and str(email)[:255])
    return _urls(sandbox, asked)


def delete_webhooks(sandbox: Sandbox, asked: Asked) -> Any:
    """Remove the addresses and give up the waiting events; with ?method=, those of that method only."""
    word = checked_word(asked.arguments.get("method", "all"))
    for merchant in _meant(sandbox, asked):
        sandbox.webhooks.give_up(merchant.client_id, word)
    return _urls(sandbox, asked)


def resend_webhook(sandbox: Sandbox, asked: Asked) -> Any:
    """Send an event once more, with the same body, and wait for the result."""
    delivery = sandbox.store.get(Delivery, asked.places["id"])
    owner = asked.merchant or (delivery.client_id if delivery else "")
    if not owner:
        raise Misuse(
            f"there is no delivery {asked.places['id'][:80]!r}; GET /_mock/webhooks lists them", 404
        )
    tenant = sandbox.tenants(sandbox.merchant(owner).client_id)[0]
    return _delivery_json(sandbox.webhooks.resend(tenant, asked.places["id"]))


def try_webhook(sandbox: Sandbox, asked: Asked) -> Any:
    """Send a sample event to the address of a method, or of `all`, and wait for the result."""
    word = checked_word(asked.words("method").get("method", "all"))
    wanted = [
        (merchant, row.method)
        for merchant in _meant(sandbox, asked)
        for row in registered(sandbox.store, merchant.client_id)
        if row.method in methods_of(word)
    ]
    if not wanted:
        raise Misuse(
            f"no address is registered for {word}; register one with POST /_mock/webhooks", 404
        )
    sent = [
        sandbox.webhooks.test(sandbox.tenants(merchant.client_id)[0], method)
        for merchant, method in wanted
    ]
    return {"deliveries": [_delivery_json(delivery) for delivery in sent]}


def settle_webhooks(sandbox: Sandbox, asked: Asked) -> Any:
    """Wait until every event that was sent is answered; says how many wait for their next try."""
    sandbox.settle(asked.merchant)
    waiting = [
        delivery
        for merchant in _meant(sandbox, asked)
        for delivery in sandbox.store.find(Delivery, merchant.client_id, state=WAITING)
    ]
    return {"waiting": len(waiting)}


def _meant(sandbox: Sandbox, asked: Asked) -> list[Merchant]:
    return [sandbox.merchant(asked.merchant)] if asked.merchant else sandbox.merchants()


def _urls(sandbox: Sandbox, asked: Asked) -> dict[str, Any]:
    return {
        "urls": [
            {
                "merchant": row.client_id,
                "method": row.method,
                "url": row.url,
                "managerEmail": row.manager_email,
            }
            for merchant in _meant(sandbox, asked)
            for row in registered(sandbox.store, merchant.client_id)
        ]
    }


def _delivery_json(delivery: Delivery) -> dict[str, Any]:
    return {
        "id": delivery.id,
        "merchant": delivery.client_id,
        "event": delivery.event,
        "method": delivery.method,
        "tid": delivery.tid,
        "orderId": delivery.order_id,
        "url": delivery.url,
        "contentType": delivery.content_type,
        "state": delivery.state,
        "rule": delivery.note or None,
        "madeAt": iso(delivery.made_at),
        "due": iso(delivery.due) if delivery.due else None,
        "body": json.loads(delivery.body),
        "tries": [_try_json(each) for each in delivery.tries],
    }


def _try_json(tried: Try) -> dict[str, Any]:
    return {
        "at": iso(tried.at),
        "status": tried.status,
        "answer": tried.answer or None,
        "failure": tried.failure or None,
        "ms": tried.ms,
    }
