"""Webhooks: notes the events of payments, sends them, tests addresses, resends.

An event is stored in the transaction that causes it, and sent after that has been committed;
`deliveries.py` does the sending.
"""

import json
from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import count

from mock_nicepay.contract.charsets import UTF_8
from mock_nicepay.core.journal.recorder import Recorder
from mock_nicepay.core.magic import Magic
from mock_nicepay.core.merchants.pairs import keys_of, signer_of
from mock_nicepay.core.misuse import Misuse
from mock_nicepay.core.outgoing.courier import Courier
from mock_nicepay.core.outgoing.parcel import Sent
from mock_nicepay.core.records import PAID, READY, Delivery, Merchant, Payment, WebhookUrl
from mock_nicepay.core.scenarios.matching import Seen
from mock_nicepay.core.scenarios.player import Player, plan
from mock_nicepay.core.store import Store
from mock_nicepay.core.tenants.tenant import Tenant
from mock_nicepay.core.webhooks.addresses import delete_addresses, key_of, methods_of
from mock_nicepay.core.webhooks.deliveries import CONNECT, NAME, Deliveries, Met
from mock_nicepay.core.webhooks.notices import (
    BEFORE_ANSWER,
    GIVEN_UP,
    REORDER,
    TEST,
    WAITING,
    headers_of,
    notice,
    payload,
    route_of,
    sample_payment,
)
from mock_nicepay.settings import Settings

# Documented (webhook.probe-time): the test at registration has 5 s (E26).
_PROBE = 5.0


class Webhooks:
    """The webhooks of one sandbox."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        recorder: Recorder,
        courier: Courier,
        magic: Magic,
    ) -> None:
        self.store = store
        self._settings = settings
        self._courier = courier
        self._magic = magic
        self._deliveries = Deliveries(settings, store, recorder, courier)

    # Events

    def note(
        self,
        tenant: Tenant,
        now: datetime,
        players: Sequence[Player] | None,
        events: Sequence[tuple[str, Payment, str]],
    ) -> list[Delivery]:
        """Store the events of a transaction, within it; returns those that have an address.

        `players` are those of a call; they are asked for a rule instead of the tenant's own.
        """
        noted = (self._noted(tenant, now, players, *event) for event in events)
        return [delivery for delivery in noted if delivery is not None]

    def _noted(
        self,
        tenant: Tenant,
        now: datetime,
        players: Sequence[Player] | None,
        event: str,
        payment: Payment,
        charset: str,
    ) -> Delivery | None:
        """Store one event; None when no address is registered for it.

        Assumed (webhook.address): an event goes to the address registered when it happened, also
        when that is changed or deleted before a later try.
        """
        row = self.store.get(WebhookUrl, key_of(payment.client_id, route_of(payment)))
        merchant = signer_of(self.store, payment) if row is not None else None
        if row is None or merchant is None:
            return None
        at = max(now, payment.processing_until or now)
        number = len(self.store.find(Delivery, payment.client_id, tid=payment.tid)) + 1
        charset, delay = self._when_and_how(event, payment, charset)
        make = partial(
            notice,
            merchant,
            payment,
            event=event,
            url=row.url,
            charset=charset,
            id_=f"{payment.tid}.{number}",
            at=at,
            delay=delay,
            receipts_at=tenant.edition.receipts_at,
        )
        plain = make()
        met = self._rule_for(tenant, players, payment, plain)
        delivery = make(rule=met[1]) if met[1] else plain
        held = self._deliveries.held_back(payment.client_id) if delivery.twist == REORDER else []
        if any(each.tid == payment.tid for each in held):
            # The payment's earlier event is held back until this one is delivered.
            delivery = replace(delivery, due=plain.due, twist=plain.twist)
        self._deliveries.note(delivery, met)
        return delivery

    def _when_and_how(self, event: str, payment: Payment, charset: str) -> tuple[str, timedelta]:
        """An event's character set, and how long after it the first try is.

        Documented (webhook.checkout): the payment of a checkout is sent at once, and always in UTF-8
        (E26).
        Documented (webhook.account): the issue of a virtual account is sent at once, too (E26).
        """
        hosted = event in (PAID, READY) and payment.session_id is not None
        at_once, in_utf_8 = hosted or event == READY, hosted or event == "deposited"
        delay = timedelta() if at_once else self._settings.webhook_delay
        return UTF_8 if in_utf_8 else charset, delay

    def _rule_for(
        self,
        tenant: Tenant,
        players: Sequence[Player] | None,
        payment: Payment,
        event: Delivery,
    ) -> Met:
        """The rule that applies to an event: a scenario's, or a magic value's."""
        playing = tenant.players() if players is None else players
        if playing:
            body = json.loads(event.body)
            seen = Seen(NAME, event.url, {}, {}, {}, body, "none", tenant.client_id)
            player, rule = plan(playing, seen)
            if rule is not None:
                return player, rule
        return None, self._magic.rule(NAME, payment.order_id, payment.goods_name)

    def leave(self, tenant: Tenant, noted: list[Delivery]) -> Callable[[], None] | None:
        """After the transaction: schedule the first tries of its events on the merchant's clock.

        Returns a function that waits for the urgent events; None when there are none.
        """
        urgent = []
        for delivery in noted:
            if delivery.due is None:
                self._deliveries.enter_unsent(tenant, delivery)
            elif delivery.twist == BEFORE_ANSWER and delivery.due <= tenant.clock.now():
                urgent.append(self._deliveries.attempt(tenant, delivery))
            else:
                self._deliveries.plan(tenant, delivery)
        if noted:
            tenant.clock.run_due()
        return partial(_all_done, urgent) if urgent else None

    def waiting(self) -> list[Delivery]:
        """The events of all merchants that wait in the store for delivery."""
        return self.store.find_anywhere(Delivery, state=WAITING)

    def take_up(self, tenant: Tenant, delivery: Delivery) -> None:
        """Plan an event that waits in the store, unless it is planned or under way in this process."""
        self._deliveries.take_up(tenant, delivery)

    # By hand

    def probe(self, merchant: Merchant, method: str, url: str, at: datetime) -> Sent:
        """Send a sample event of that method to an address, and wait for its answer."""
        event = self._sample(merchant, method, url, at)
        sending = self._courier.send(
            url,
            payload(event),
            headers_of(event),
            connect=CONNECT,
            answer=_PROBE,
            registered=True,
        )
        return sending.result()

    def resend(self, tenant: Tenant, id_: str) -> Delivery:
        """Send an event once more, with the same body, and wait for the result.

        Raises `Misuse` when the merchant has no such delivery.
        """
        delivery = self.store.get(Delivery, id_)
        if delivery is None or delivery.client_id != tenant.client_id:
            raise Misuse(f"there is no delivery {id_[:80]!r}; GET /_mock/webhooks lists them", 404)
        return self._deliveries.attempt(tenant, delivery, by_hand=True).result()

    def test(self, tenant: Tenant, method: str) -> Delivery:
        """Send a sample event of a method to its registered address, and wait for the result.

        Raises `Misuse` when none is registered.
        """
        row = self.store.get(WebhookUrl, key_of(tenant.client_id, method))
        keys = keys_of(self.store, tenant.client_id)
        if row is None or not keys:
            raise Misuse(f"no address is registered for {method}; POST /_mock/webhooks", 404)
        event = self._sample(keys[0], method, row.url, tenant.clock.now())
        with self.store.transaction(tenant.client_id):
            # Ids are searched, not counted: merchants with the same mid have samples of one tid.
            ids = (f"{event.tid}.{number}" for number in count(1))
            event = replace(event, id=next(i for i in ids if self.store.get(Delivery, i) is None))
            self.store.put(event)
        return self._deliveries.attempt(tenant, event).result()

    def give_up(self, client_id: str, word: str) -> None:
        """Delete the address of one method, or of `all`, and give up its waiting events."""
        with self.store.transaction(client_id):
            delete_addresses(self.store, client_id, word)
            for delivery in self.store.find(Delivery, client_id, state=WAITING):
                if delivery.method in methods_of(word):
                    self.store.put(replace(delivery, state=GIVEN_UP, due=None))

    def deliveries(self, client_id: str) -> list[Delivery]:
        """A merchant's events, newest first."""
        return self.store.find(Delivery, client_id)[::-1]

    def _sample(self, merchant: Merchant, method: str, url: str, at: datetime) -> Delivery:
        payment = sample_payment(merchant, method, at)
        return notice(
            merchant, payment, event=TEST, url=url, charset=UTF_8, id_=f"{payment.tid}.0", at=at
        )


def _all_done(futures: "Sequence[Future[Delivery]]") -> None:
    wait(futures)
