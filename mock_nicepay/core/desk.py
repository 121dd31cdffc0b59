"""Provides the transactions in which a merchant's records are changed.

The API's calls, the payer's window, timelines and the control plane all change a merchant's records
here; the events for its webhook are sent after the transaction is committed.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from mock_nicepay.contract.charsets import UTF_8
from mock_nicepay.contract.credentials import Login
from mock_nicepay.contract.endpoint import Endpoint
from mock_nicepay.contract.tables import ResultCode
from mock_nicepay.core.call import Context
from mock_nicepay.core.login.doorkeeper import Caller
from mock_nicepay.core.login.tokens import Tokens
from mock_nicepay.core.reconciliation.movements import book
from mock_nicepay.core.records import Merchant, Payment
from mock_nicepay.core.scenarios.player import Player
from mock_nicepay.core.store import Store
from mock_nicepay.core.tenants.tenants import Tenants
from mock_nicepay.core.webhooks.outbox import Webhooks
from mock_nicepay.settings import Settings

_NOBODY = Login("none")


@dataclass(slots=True)
class _Emit:
    """Collects a transaction's events; see `call.Emit`."""

    events: list[tuple[str, Payment, str]] = field(default_factory=list)
    first: Callable[[], None] | None = None

    def __call__(self, event: str, payment: Payment, charset: str) -> None:
        self.events.append((event, payment, charset))


class Desk:
    """Serves the merchants of one sandbox."""

    def __init__(
        self, settings: Settings, store: Store, tokens: Tokens, tenants: Tenants, webhooks: Webhooks
    ) -> None:
        self._settings = settings
        self._store = store
        self._tokens = tokens
        self._tenants = tenants
        self._webhooks = webhooks

    def run_errand(self, endpoint: Endpoint, merchant: Merchant, data: dict[str, Any]) -> Any:
        """Run an endpoint's call to another server, before anything is locked; None when it has none."""
        if endpoint.errand is None:
            return None
        tenant = self._tenants.of(merchant)
        return endpoint.errand(self._webhooks, merchant, data, tenant.clock.now(), tenant.edition)

    @contextmanager
    def serve(
        self,
        merchant: Merchant,
        *,
        now: datetime | None = None,
        caller: Caller | None = None,
        charset: str = UTF_8,
        issuer_says: ResultCode | None = None,
        takes: timedelta = timedelta(),
        errand: Any = None,
        host: str = "",
        players: Sequence[Player] | None = None,
    ) -> Iterator[Context]:
        """A transaction of the merchant; an exception that leaves the block rolls it back.

        The rules of `players` apply to its events; None: those of the tenant's present players.
        """
        # A caller that passes `now` has already loaded the changes of other processes.
        tenant = self._tenants.here(merchant) if now else self._tenants.of(merchant)
        now = now or tenant.clock.now()  # before the store is locked, because due jobs may lock it
        emit = _Emit()
        with self._store.transaction(tenant.client_id):
            yield Context(
                merchant=merchant,
                caller=caller or Caller(_NOBODY, merchant),
                now=now,
                tenant=tenant,
                identity=tenant.identity,
                settings=self._settings,
                store=self._store,
                tokens=self._tokens,
                emit=emit,
                charset=charset,
                issuer_says=issuer_says,
                takes=takes,
                errand=errand,
                host=host,
            )
            book(self._store, emit.events)
            noted = self._webhooks.note(tenant, now, players, emit.events)
        emit.first = self._webhooks.leave(tenant, noted)
