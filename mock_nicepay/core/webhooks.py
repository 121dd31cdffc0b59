"""Webhooks: what a merchant is told of its payments, when, how often, and what came of it."""

from collections.abc import Iterator
from contextlib import contextmanager

from mock_nicepay.core.records import Payment
from mock_nicepay.core.store import Store
from mock_nicepay.core.tenants import Tenant


class Webhooks:
    """The outgoing calls of one sandbox."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @contextmanager
    def transaction(self, tenant: Tenant) -> Iterator["_Emit"]:
        """A store transaction whose events are written in it and leave after it."""
        with self._store.transaction():
            yield _Emit()


class _Emit:
    def __call__(self, event: str, payment: Payment, charset: str) -> None:
        """Not sent yet."""
