"""The tenants of all merchants, made when they are first needed, and the defaults of new ones."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from threading import RLock

from mock_nicepay.core.alarm import Alarm
from mock_nicepay.core.records import (
    EVERYBODY,
    Merchant,
    Record,
    Running,
)
from mock_nicepay.core.scenarios.player import Stage
from mock_nicepay.core.scenarios.reader import read_text
from mock_nicepay.core.store import Store
from mock_nicepay.core.tenants.tenant import Defaults, Tenant


class Tenants:
    """All tenants of a sandbox, and the defaults of new ones."""

    def __init__(
        self,
        defaults: Defaults,
        alarm: Alarm | None = None,
        store: Store | None = None,
        *,
        looks_only: bool = False,
    ) -> None:
        """With `looks_only` the clocks of a durable store are left as they are, whatever --clock says.

        `begin` must be called before any tenant is asked for.
        """
        self._alarm = alarm
        self._looks_only = looks_only
        self._at_start = defaults.settings.clock
        self._store = store
        self._shared = store is not None and store.commons is not None
        self._numbers = count(1)
        self._lock = RLock()
        self._tenants: dict[str, Tenant] = {}
        self._defaults = defaults
        self._stage: Stage
        self.stranger: Tenant

    def begin(self, stage: Stage) -> None:
        """Start, or resume from the store; whatever has fallen due happens on the stage."""
        self._stage = stage
        is_set_anew = self._enter()
        self.stranger = self._made(None)
        if is_set_anew and self._store is not None:
            for merchant in [*self._store.find(Merchant), None]:
                self.here(merchant).clock.set(self._at_start)

    def _made(self, merchant: Merchant | None) -> Tenant:
        return Tenant(merchant, self.defaults, self._stage, self._numbers, self._alarm, self._store)

    def of(self, merchant: Merchant | None) -> Tenant:
        """A merchant's tenant, up to date with all processes; for None the stranger's."""
        tenant = self.here(merchant)
        if self._shared:
            tenant.catch_up()
        return tenant

    def here(self, merchant: Merchant | None) -> Tenant:
        """A merchant's tenant as this process last saw it; for None the stranger's."""
        if merchant is None:
            return self.stranger
        tenant = self._tenants.get(merchant.client_id)
        if tenant is None:
            self._await_turn(merchant)
            with self._lock:
                tenant = self._tenants.get(merchant.client_id)
                if tenant is None:
                    tenant = self._tenants[merchant.client_id] = self._made(merchant)
        return tenant

    def _await_turn(self, merchant: Merchant) -> None:
        """Wait for the merchant's transactions to end before `_lock` is taken, which would stop everybody."""
        if self._shared and self._store is not None:
            with self._store.transaction(merchant.client_id):
                pass

    @property
    def defaults(self) -> Defaults:
        """The defaults of new tenants, up to date with all processes."""
        if self._shared and self._store is not None:
            self._defaults = _with(self._store.get(Running, EVERYBODY), self._defaults)
        return self._defaults

    def change_all(
        self, defaults: Callable[[Defaults], Defaults], change: Callable[[Tenant], None]
    ) -> None:
        """Change the defaults of new tenants and all existing ones, in one step."""
        with self._lock:
            self._change_defaults(defaults)
            for tenant in self:
                change(tenant)

    def change_defaults(self, defaults: Callable[[Defaults], Defaults]) -> list[Tenant]:
        """Change the defaults of new tenants and return the existing ones, in one step.

        For changes to existing ones that take too long to be made under the lock.
        """
        with self._lock:
            self._change_defaults(defaults)
            return list(self)

    def reset(self, tenant: Tenant) -> None:
        """Put a tenant back to the state of a new one."""
        tenant.begin(self.defaults)

    def journals_hold(self) -> tuple[int, int]:
        """The number of entries in all journals, and the bytes of their large bodies."""
        if self._store is not None and self._store.commons is not None:
            return self._store.commons.total()
        journals = [tenant.journal for tenant in self]
        return sum(map(len, journals)), sum(journal.weight for journal in journals)

    def latest_call(self) -> int:
        """The number of the newest entry of all journals, 0 when they have none."""
        if self._store is not None and self._store.commons is not None:
            return self._store.commons.latest_of_all()
        return max(tenant.journal.latest for tenant in self)

    def __len__(self) -> int:
        """The number of merchants that have a tenant."""
        return len(self._tenants)

    def forget(self) -> None:
        """Begin every tenant from what the store holds by now."""
        with self._lock:
            for tenant in [*self._tenants.values(), self.stranger]:
                tenant.clock.forget()
                tenant.life = object()
            self._tenants.clear()
            self._defaults = _with(
                self._store.get(Running, EVERYBODY) if self._store else None, self._defaults
            )
            self.stranger = self._made(None)

    def to_records(self) -> list[Record]:
        """What would have to be kept to go on with all of them from here."""
        tenants = [record for tenant in self for record in tenant.to_records()]
        return [self._record(), *tenants]

    def __iter__(self) -> Iterator[Tenant]:
        """Every tenant there is by now, the stranger last."""
        if self._shared and self._store is not None:
            for merchant in self._store.find(Merchant):
                self.here(merchant)
        tenants = [*list(self._tenants.values()), self.stranger]
        if self._shared and self._store is not None:  # in one look, not in one for each
            kept = {each.client_id: each for each in self._store.find(Running)}
            for tenant in tenants:
                tenant.catch_up(kept.get(tenant.client_id))
        return iter(tenants)

    def _enter(self) -> bool:
        """Take over the defaults the store holds of an earlier process, but a new --clock.

        Whether that is to be set for the merchants there are, too.
        """
        store = self._store
        if store is None:
            return False
        with store.transaction(EVERYBODY):
            kept = store.get(Running, EVERYBODY)
            if kept is not None and kept.at_start is not None and self._looks_only:
                self._at_start = kept.at_start
            asked = self._at_start
            self._defaults = _with(kept, self._defaults)
            if kept is None or kept.at_start != asked:
                self._defaults = replace(self._defaults, clock=asked)
                if store.durable:
                    store.put(self._record())
        return kept is not None and kept.at_start != asked and store.durable

    def _change_defaults(self, change: Callable[[Defaults], Defaults]) -> None:
        if self._store is None or not self._store.durable:
            self._defaults = change(self._defaults)
            return
        with self._store.transaction(EVERYBODY):
            self._defaults = change(self.defaults)
            self._store.put(self._record())

    def _record(self) -> Running:
        """What new tenants begin with, as a record."""
        chosen = self._defaults.chosen
        return Running(
            EVERYBODY,
            clock=self._defaults.clock,
            chosen=chosen.source if chosen else "",
            file=chosen.file if chosen else "",
            at_start=self._at_start,
        )


def _with(kept: Running | None, defaults: Defaults) -> Defaults:
    """The defaults as a record has them."""
    if kept is None:
        return defaults
    chosen = defaults.chosen
    if kept.chosen != (chosen.source if chosen else ""):
        chosen = read_text(kept.chosen, kept.file or "<scenario>") if kept.chosen else None
        chosen = chosen and replace(chosen, file=kept.file)
    return replace(defaults, clock=kept.clock, chosen=chosen)
