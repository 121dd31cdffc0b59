"""Delivers the events of webhooks: try after try, and what follows from each.

A try only starts a call of the courier; the courier's thread records the result. No lock is held
while a receiver is waited for.
"""

import json
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from threading import Lock

from mock_nicepay.contract import charsets
from mock_nicepay.contract.charsets import UTF_8
from mock_nicepay.core.journal.recorder import Occurrence, Recorder
from mock_nicepay.core.outgoing.courier import Courier
from mock_nicepay.core.outgoing.parcel import STOPPED, Sent
from mock_nicepay.core.records import Delivery, Try
from mock_nicepay.core.scenarios.language import Rule
from mock_nicepay.core.scenarios.player import Player
from mock_nicepay.core.store import Store
from mock_nicepay.core.tenants.tenant import Tenant
from mock_nicepay.core.webhooks.addresses import as_shown, failure_of
from mock_nicepay.core.webhooks.notices import (
    AFTER_OK,
    DELIVERED,
    DUPLICATE,
    GIVEN_UP,
    REORDER,
    TEST,
    WAITING,
    headers_of,
    payload,
)
from mock_nicepay.settings import Settings

NAME = "webhook.deliver"
# Documented (webhook.timeouts): 5 s to connect, 15 s to answer (E26); the second is the setting
# webhook_timeout.
CONNECT = 5.0
_LEASE = timedelta(seconds=30)  # beyond the answer's time: for connecting, and for a busy machine
_KEPT = 200  # characters of a receiver's answer that are kept
_NEVER_LEFT = Sent(None, problem="a scenario dropped it: it never left the gateway")

Met = tuple[Player | None, Rule | None]  # the rule that applies to an event, with its player


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One try that has begun and is not answered yet."""

    tenant: Tenant
    life: object  # the tenant's life when the try began; a reset begins another one
    event: Delivery  # as it was when it began
    at: datetime
    by_hand: bool
    done: "Future[Delivery]"


class Deliveries:
    """The deliveries of one sandbox."""

    def __init__(
        self, settings: Settings, store: Store, recorder: Recorder, courier: Courier
    ) -> None:
        self._settings = settings
        self._store = store
        self._recorder = recorder
        self._courier = courier
        self._met: dict[str, Met] = {}  # by the delivery's id, until it has ended
        self._lock = Lock()
        # By the payment's tid: the try under way, and behind it those that wait for it.
        self._lines: dict[str, deque[Callable[[], None]]] = {}
        # By the delivery's id: the life of the merchant in which it was planned, and its time.
        self._planned: dict[str, tuple[object, datetime]] = {}

    def note(self, delivery: Delivery, met: Met) -> None:
        """Store an event, within its transaction."""
        self._store.put(delivery)
        if met[1] is not None:
            self._met[delivery.id] = met

    def enter_unsent(self, tenant: Tenant, delivery: Delivery) -> None:
        """Enter an event that is never sent into the journal."""
        self._enter(tenant, delivery, Try(delivery.made_at, None, "", _NEVER_LEFT.problem, 0.0))

    def plan(self, tenant: Tenant, delivery: Delivery) -> None:
        """Schedule the next try on the merchant's clock."""
        if delivery.due is not None:
            self._planned[delivery.id] = tenant.life, delivery.due
            again = partial(self._when_due, tenant, tenant.life, delivery.id, delivery.due)
            tenant.clock.at(delivery.due, again, f"{NAME} {delivery.event} {delivery.order_id}")

    def take_up(self, tenant: Tenant, delivery: Delivery) -> None:
        """Plan an event that waits in the store, unless it is planned or under way in this process."""
        with self._lock:
            planned = self._planned.get(delivery.id) == (tenant.life, delivery.due)
            known = planned or delivery.tid in self._lines
        if not known:
            self.plan(tenant, delivery)

    def _when_due(self, tenant: Tenant, life: object, id_: str, due: datetime) -> None:
        if tenant.life is not life:
            return
        delivery = self._store.get(Delivery, id_)
        self._planned.pop(id_, None)
        if delivery is not None and delivery.due == due:  # it has not been rescheduled since
            self.attempt(tenant, delivery)

    def attempt(
        self, tenant: Tenant, delivery: Delivery, *, by_hand: bool = False
    ) -> "Future[Delivery]":
        """Begin a try; the future's result is the delivery after the try.

        Assumed (webhook.one-by-one): the events of one payment are tried one at a time, so that they
        arrive in order; events of other payments do not wait for them.
        """
        done: Future[Delivery] = Future()
        tenant.under_way.begin()
        begin = partial(self._begin, tenant, delivery, by_hand, done)
        with self._lock:
            line = self._lines.setdefault(delivery.tid, deque())
            line.insert(1 if _twice_in_a_row(delivery) else len(line), begin)
            alone = len(line) == 1
        if alone:
            begin()
        return done

    def _begin(
        self, tenant: Tenant, delivery: Delivery, by_hand: bool, done: "Future[Delivery]"
    ) -> None:
        """Take the event's lease and send it, unless another process has it."""
        try:
            at, life = tenant.clock.now(), tenant.life
            event = delivery if by_hand else self._taken(delivery)
            if event is None:  # another process is sending it, or has sent it
                done.set_result(self._store.get(Delivery, delivery.id) or delivery)
        except Exception as error:  # the store is away: the event stays waiting in it
            event = None
            done.set_exception(error)
        if event is None:
            self._end(tenant, delivery)
            return
        finish = partial(self._finish, _Attempt(tenant, life, event, at, by_hand, done))
        if len(delivery.tries) < delivery.drops and not by_hand:
            finish(_NEVER_LEFT)
        else:
            self._send(delivery).add_done_callback(lambda sent: finish(sent.result()))

    def _finish(self, attempt: _Attempt, sent: Sent) -> None:
        """Record the result of a try; the events behind it continue even if that fails."""
        try:
            attempt.done.set_result(self._tried(attempt, sent))
        except Exception as error:
            attempt.done.set_exception(error)
            raise
        finally:
            try:
                self._give_back(attempt.event)
            finally:  # also when the store is away: a caller may wait for this
                self._end(attempt.tenant, attempt.event)

    def _taken(self, delivery: Delivery) -> Delivery | None:
        """The stored event, leased to this process; None when another one sends it or has sent it.

        Where processes share a store, a lease gives one of them all events of a payment, for as long
        as a try can take.
        """
        if self._store.commons is None:
            return delivery
        span = self._settings.webhook_timeout + _LEASE
        if not self._store.commons.lease(_line(delivery), delivery.client_id, span):
            return None
        present = self._store.get(Delivery, delivery.id)
        if present is None or present.state != WAITING or present.due != delivery.due:
            self._give_back(delivery)
            return None
        return present

    def _give_back(self, delivery: Delivery) -> None:
        if self._store.commons is not None:
            self._store.commons.release(_line(delivery))

    def _end(self, tenant: Tenant, delivery: Delivery) -> None:
        """After a try, or one that could not begin: let the payment's next event continue."""
        self._next_of(delivery.tid)
        tenant.under_way.end()

    def _next_of(self, tid: str) -> None:
        """Begin the next waiting try of a payment."""
        with self._lock:
            line = self._lines[tid]
            line.popleft()
            if not line:
                del self._lines[tid]
                return
            begin = line[0]
        begin()

    def _send(self, delivery: Delivery) -> "Future[Sent]":
        patience = self._settings.webhook_timeout.total_seconds()
        return self._courier.send(
            delivery.url,
            payload(delivery),
            headers_of(delivery),
            connect=CONNECT,
            answer=patience,
            registered=True,
        )

    def _tried(self, attempt: _Attempt, sent: Sent) -> Delivery:
        """Record the result of a try, and plan what follows from it."""
        tenant, at, by_hand = attempt.tenant, attempt.at, attempt.by_hand
        tried = _as_kept(tenant, sent, at)
        with self._store.transaction(tenant.client_id):
            present = self._store.get(Delivery, attempt.event.id)
            if present is None or tenant.life is not attempt.life or sent is STOPPED:
                begun = attempt.event  # after a reset, or while stopping, nothing is stored
                return replace(begun, tries=(*begun.tries, tried))
            delivery = replace(present, tries=(*present.tries, tried))
            delivery = self._following(delivery, at, by_hand)
            self._store.put(delivery)
            released = [] if tried.failure else self._released(delivery, at)
        self._enter(tenant, delivery, tried)
        for each in released if by_hand else (delivery, *released):
            self.plan(tenant, each)
        tenant.clock.run_due()
        return delivery

    def _following(self, delivery: Delivery, at: datetime, by_hand: bool) -> Delivery:
        """The delivery with what follows its latest try.

        Documented (webhook.retries): one try a minute, ten with the first, the same body each time
        (E26; K25 knows resending by hand only); settings webhook_interval and webhook_attempts.
        """
        accepted = [each for each in delivery.tries if not each.failure]
        last, count = delivery.tries[-1], len(delivery.tries)
        again = at + self._settings.webhook_interval
        if by_hand or delivery.state != WAITING:  # or it has been given up meanwhile
            return replace(delivery, state=DELIVERED, due=None) if accepted else delivery
        if _twice_in_a_row(delivery):
            return replace(delivery, due=at)
        if delivery.twist == AFTER_OK and len(accepted) == 1 and not last.failure:
            return replace(delivery, due=again)
        if accepted:
            return replace(delivery, state=DELIVERED, due=None)
        if count >= self._settings.webhook_attempts or delivery.event == TEST:
            return replace(delivery, state=GIVEN_UP, due=None)
        return replace(delivery, due=again)

    def _released(self, delivered: Delivery, at: datetime) -> list[Delivery]:
        """Release the merchant's events that were held back until this later one was delivered."""
        held = [
            replace(each, due=at, twist="ok")  # so that the next delivery does not release it again
            for each in self.held_back(delivered.client_id)
            if each.id != delivered.id and each.made_at <= delivered.made_at
        ]
        for each in held:
            self._store.put(each)
        return held

    def held_back(self, client_id: str) -> list[Delivery]:
        """The merchant's events that are held back until a later one is delivered."""
        waiting = self._store.find(Delivery, client_id, state=WAITING)
        return [each for each in waiting if each.twist == REORDER and not each.tries]

    def _enter(self, tenant: Tenant, delivery: Delivery, tried: Try) -> None:
        """Enter a try into the journal, and let the scenarios count it."""
        ended = delivery.state != WAITING
        player, rule = self._met.get(delivery.id) or _met_by(tenant, delivery)
        if ended:
            self._met.pop(delivery.id, None)
        self._recorder.record_occurrence(
            tenant,
            Occurrence(
                name=NAME,
                at=tried.at,
                method="POST",
                target=delivery.url,
                sent=json.loads(delivery.body),
                status=tried.status or 0,
                code="failed" if tried.failure else "OK",
                message=tried.failure,
                answer=tried.answer or None,
                player=player,
                rule=rule,
                seconds=tried.ms / 1000,
            ),
        )


def _twice_in_a_row(delivery: Delivery) -> bool:
    """Whether the next try is the second of two in a row, with no other event between them."""
    return delivery.twist == DUPLICATE and len(delivery.tries) == 1


def _line(delivery: Delivery) -> str:
    """The name of the lease for a try; it covers all events of the payment."""
    return f"webhook {delivery.tid}"


def _met_by(tenant: Tenant, delivery: Delivery) -> Met:
    """The rule that applied to an event in another process or before a restart, found by its text."""
    if not delivery.note:
        return None, None
    rules = ((player, state.rule) for player in tenant.players() for state in player.rules)
    return next((met for met in rules if met[1].text == delivery.note), (None, None))


def _as_kept(tenant: Tenant, sent: Sent, at: datetime) -> Try:
    """A try as it is stored, with the beginning of the receiver's answer."""
    other = (tenant.merchant.other_secret_key,) if tenant.merchant else ()
    shown = as_shown(sent, (*tenant.secrets, *other))
    text = charsets.decode(shown.body, UTF_8)
    kept = text if len(text) <= _KEPT else f"{text[:_KEPT]}…"
    failure = failure_of(shown, tenant.edition.webhook_answer)
    return Try(at, sent.status, kept, failure, sent.ms)
