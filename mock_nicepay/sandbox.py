"""One complete gateway. A process may hold many; nothing is shared between them."""

import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from threading import Lock
from typing import Any

from mock_nicepay.api import ENDPOINTS
from mock_nicepay.contract.endpoint import Deferred, Reply, Request, Routes, settled
from mock_nicepay.contract.times import ClockSetting
from mock_nicepay.core.alarm import Alarm, Sweep
from mock_nicepay.core.billing.book import BillingBook
from mock_nicepay.core.checkout.page import Checkout
from mock_nicepay.core.clock import advance_all, wall
from mock_nicepay.core.desk import Desk
from mock_nicepay.core.gateway_stage import GatewayStage
from mock_nicepay.core.identity import Identity
from mock_nicepay.core.journal.entries import Entry
from mock_nicepay.core.journal.recorder import Recorder
from mock_nicepay.core.login.console_logins import ConsoleLogins
from mock_nicepay.core.login.signing_keys import TOKEN_KEY, secret_in
from mock_nicepay.core.login.tokens import Tokens
from mock_nicepay.core.login.wrong_keys import WrongKeys
from mock_nicepay.core.magic import Magic
from mock_nicepay.core.merchants import traits as merchants
from mock_nicepay.core.merchants.keys import Keys
from mock_nicepay.core.meter import Meter
from mock_nicepay.core.meters import Meters
from mock_nicepay.core.misuse import Misuse
from mock_nicepay.core.outgoing.courier import Courier
from mock_nicepay.core.outgoing.reach import Reach
from mock_nicepay.core.payments.ledger import Ledger
from mock_nicepay.core.pipeline import Pipeline
from mock_nicepay.core.receipts.book import ReceiptBook
from mock_nicepay.core.records import STRANGER, Merchant
from mock_nicepay.core.scenarios.language import Scenario
from mock_nicepay.core.scenarios.library import Library
from mock_nicepay.core.seeds import seed_merchants, seed_offers
from mock_nicepay.core.store import Store, StoreError
from mock_nicepay.core.stores import open_store, snapshots
from mock_nicepay.core.tenants.tenant import Defaults, Tenant
from mock_nicepay.core.tenants.tenants import Tenants
from mock_nicepay.core.webhooks.outbox import Webhooks
from mock_nicepay.core.window.browser import Browser
from mock_nicepay.core.window.openings import Openings
from mock_nicepay.core.window.window import Window
from mock_nicepay.settings import SettingError, Settings


class Sandbox:
    """A gateway with its merchants, state, scenarios, clocks and journals.

    `Sandbox()` takes the settings of `mock_nicepay.settings.Settings` as keywords, and what is not
    given from the environment. Raises `SettingError` or `ScenarioError` for what cannot be played.
    """

    def __init__(
        self, settings: Settings | None = None, *, asleep: bool = False, **options: Any
    ) -> None:
        self.settings = settings if settings is not None else Settings.read(options)
        self.library = _library(self.settings)
        self.store: Store = _opened(self.settings.store)
        weakref.finalize(self, self.store.close)  # also of one that cannot begin
        given = self.settings.token_key
        self.tokens = Tokens(self.store, lambda: given or secret_in(self.store, TOKEN_KEY))
        self.console_logins = ConsoleLogins(self.store)
        self.wrong_keys = WrongKeys()
        self.routes = Routes(ENDPOINTS)
        self.recorder = Recorder()
        self.meter = Meter()
        self.meters: Meters | None = None  # where several processes serve on one address
        self.recorder.listeners.append(self.meter)
        self.courier = Courier(Reach(self.settings.allow_targets))
        self._identity = _identity(self.settings, self.store)
        self._making = Lock()
        self._alarm = Alarm()
        weakref.finalize(self, _end, self.courier, self._alarm)
        defaults = Defaults(self.settings, self.settings.clock, self.library.given)
        self._tenants = Tenants(defaults, self._alarm, self.store, looks_only=asleep)
        self._make_services()
        self._tenants.begin(
            GatewayStage(self.store, self.tokens, self.desk, self.receipts, self.recorder)
        )
        self._seed()
        self._sweep = Sweep(self.take_up) if self.store.commons else None
        if self._sweep is not None:
            weakref.finalize(self, self._sweep.close)  # the youngest comes first: before the store
        if not asleep:
            self.wake()

    def _make_services(self) -> None:
        """Make what serves the merchants: one object for each part of the gateway."""
        store, tenants = self.store, self._tenants
        self.keys = Keys(store, self.tokens, tenants, self.settings.seed)
        self.magic = Magic(store, on=self.settings.magic_values)
        self.webhooks = Webhooks(self.settings, store, self.recorder, self.courier, self.magic)
        self.desk = Desk(self.settings, store, self.tokens, tenants, self.webhooks)
        self.ledger = Ledger(store, self.desk)
        self.billing = BillingBook(store, self.desk)
        self.receipts = ReceiptBook(store, tenants, self.desk)
        self.window = Window(store, tenants, self.desk, self.recorder, self.magic)
        self.openings = Openings(store, tenants, self.window)
        self.checkout = Checkout(store, self.tokens, tenants, self.desk, self.window)
        self.browser = Browser(self.courier, store)
        self._pipeline = Pipeline(
            self.settings,
            self.routes,
            store,
            self.tokens,
            tenants,
            self.desk,
            self.recorder,
            self.library.find,
            self.magic,
        )

    def _seed(self) -> None:
        """Put in place what every sandbox begins with. Raises `SettingError`."""
        with _said_by("--merchants"):
            for merchant in seed_merchants(self.store, self.settings.merchants, self._identity):
                self._tenants.of(merchant)
        with _said_by("--plans"):
            seed_offers(self.store, self.settings.plans)

    # Life

    def wake(self) -> None:
        """Go on with what a durable store has waiting; from now on also with what others leave behind.

        A sandbox on memory has nothing waiting. `Sandbox` calls it unless it is made `asleep`.
        """
        if self.store.durable:
            for merchant in self.store.find(Merchant):
                self._tenants.of(merchant)
            self.take_up()
        if self._sweep is not None:
            self._sweep.start()

    def take_up(self) -> None:
        """Plan every webhook that waits in the store and that nobody here knows of."""
        for delivery in self.webhooks.waiting():
            merchant = self.store.get(Merchant, delivery.client_id)
            if merchant is not None:
                self.webhooks.take_up(self._tenants.here(merchant), delivery)

    def handle(self, request: Request) -> Reply:
        """Take one call of the gateway's API to its answer."""
        return settled(self._pipeline.handle(request))

    def take(self, request: Request) -> Reply | Deferred:
        """The same for a door that serves others while an answer has to be waited for."""
        return self._pipeline.handle(request)

    def close(self) -> None:
        """Give up what is under way to receivers, and end the threads; calls are served as before."""
        if self._sweep is not None:
            self._sweep.close()
        _end(self.courier, self._alarm)

    def end(self) -> None:
        """Close, and let go of the store: no call can be served any more."""
        self.close()
        self.store.close()

    def listens_at(self, address: str, public_port: int | None = None) -> None:
        """Know where a server of ours listens, so that links in answers can lead there.

        `public_port` is given when others than this machine's programs can reach it; our own calls
        then go less far.
        """
        self.courier.reach = replace(self.courier.reach, public_port=public_port)
        self._change("", lambda tenant: tenant.listens_at(address), address=address)

    # Merchants

    def add_merchant(self, /, **traits: Any) -> Merchant:
        """A new merchant; keywords are those of POST /_mock/merchants, all optional.

        Raises `Misuse` for an impossible trait or a client id that is taken.
        """
        with self._making:
            self._check_room()
            merchant = merchants.merchant_of(traits, self._identity)
            with self.store.transaction(merchant.client_id):
                if self.keys.is_taken(merchant.client_id):
                    raise Misuse(
                        f"there is already a merchant with the client id {merchant.client_id}", 409
                    )
                self.store.put(merchant)
            self._tenants.of(merchant)  # its time and scenarios begin now, not at its first call
        return merchant

    def _check_room(self) -> None:
        """Raise `Misuse` when there are as many merchants as there may be."""
        limit = self.settings.merchant_limit
        if len(self._tenants) >= limit:
            raise Misuse(
                f"there are {limit} merchants already, and no more are added (--merchant-limit): "
                "use one of them, or restart the server",
                409,
            )

    def merchants(self) -> list[Merchant]:
        """Every merchant, the oldest first."""
        return self.store.find(Merchant)

    def shop_name(self, merchant: Merchant) -> str:
        """The merchant's name, an invented Korean one when none was given."""
        return merchant.name or self._identity.company(merchant.client_id)

    def merchant(self, client_id: str) -> Merchant:
        """The merchant that the client id of one of its key pairs names, deleted ones included.

        Raises `Misuse` naming the nearest when there is none.
        """
        return self.keys.owner(client_id)

    def set_allow(self, client_id: str, rules: object) -> Merchant:
        """Change whose calls a merchant's key is good for. Raises `Misuse`."""
        with self.keys.changing(client_id):
            merchant = merchants.with_allow(self.merchant(client_id), rules)
            self.store.put(merchant)
        return merchant

    def tenants(self, client_id: str = "") -> list[Tenant]:
        """The running parts of one merchant, or of all that have been called, and the stranger's."""
        if client_id == STRANGER:
            return [self._tenants.stranger]
        return [self._tenants.of(self.merchant(client_id))] if client_id else list(self._tenants)

    def reset(self, client_id: str = "") -> None:
        """Forget what one merchant did, or what all did: records, journal, scenario, clock.

        The keys stay. Nothing else is touched.
        """

        def forget(tenant: Tenant) -> None:
            with tenant.clock.alone(), self.store.transaction(tenant.client_id):
                self.store.clear(tenant.client_id)
                self._tenants.reset(tenant)

        self._change(client_id, forget, clock=self.settings.clock, chosen=None)

    # Time

    def advance(self, span: timedelta, client_id: str = "") -> None:
        """Move the time of one merchant, or of all that are and will be; what falls due happens.

        Receivers of webhooks are waited for, so this must not be called where they are served.
        Raises `OverflowError` when there is no such time; then nobody's has moved.
        """
        for tenant in self.tenants(client_id):
            tenant.clock.check(span)
        tenants = self._with_clock(client_id, lambda clock: clock.moved_on(span))
        if self.store.commons:
            self.take_up()  # what others have planned is on the way of this advance, too
        advance_all([tenant.clock for tenant in tenants], span)

    def set_clock(self, setting: ClockSetting, client_id: str = "") -> None:
        """Set the time of one merchant, or of all that are and will be."""
        tenants = self._with_clock(client_id, lambda _: setting)
        if self.store.commons:
            self.take_up()
        for tenant in tenants:
            tenant.clock.set(setting)
        for tenant in tenants:
            tenant.under_way.wait()

    def settle(self, client_id: str = "") -> None:
        """Wait until every webhook that has left, of one merchant or of all, is answered."""
        for tenant in self.tenants(client_id):
            tenant.under_way.wait()

    def _with_clock(
        self, client_id: str, change: Callable[[ClockSetting], ClockSetting]
    ) -> list[Tenant]:
        """Whose time is to be changed; when all is meant, that of those to come is changed here."""
        if client_id:
            return self.tenants(client_id)
        return self._tenants.change_defaults(
            lambda before: replace(before, clock=change(before.clock))
        )

    def default_clock(self) -> ClockSetting:
        """How the clock of a new merchant is set."""
        return self._tenants.defaults.clock

    def _change(self, client_id: str, change: Callable[[Tenant], None], **defaults: Any) -> None:
        """Change one merchant's tenant; or all there are, and what those to come begin with."""
        if client_id:
            change(self.tenants(client_id)[0])
        else:
            self._tenants.change_all(lambda before: replace(before, **defaults), change)

    # Scenarios

    def choose_scenario(self, source: object, client_id: str = "") -> Scenario:
        """Play a scenario from now on: for one merchant, or for all its `select` fits.

        Those to come are meant, too.
        """
        scenario = self.library.read(source)
        if client_id:
            self.tenants(client_id)[0].choose(scenario)
        else:
            self._change("", lambda tenant: tenant.choose_if_fitting(scenario), chosen=scenario)
        return scenario

    def drop_scenario(self, client_id: str = "") -> None:
        """Play only what was given at start."""
        self._change(client_id, lambda tenant: tenant.choose(None), chosen=None)

    # What has been

    def journal(self, client_id: str = "") -> list[Entry]:
        """The calls of one merchant, of `unknown` keys, or of all; the newest first."""
        entries = [
            entry for tenant in self.tenants(client_id) for entry in tenant.journal.entries()
        ]
        return sorted(entries, key=lambda entry: -entry.id)

    def journals_hold(self) -> tuple[int, int]:
        """How many entries all journals have, and the bytes of their large bodies."""
        return self._tenants.journals_hold()

    def latest_call(self, client_id: str = "") -> int:
        """The number of the newest entry of one merchant's journal or of all, 0 when there is none."""
        return (
            self.tenants(client_id)[0].journal.latest if client_id else self._tenants.latest_call()
        )

    def calls_kept(self, client_id: str = "") -> int:
        """How many entries one merchant's journal has, or all have."""
        return len(self.tenants(client_id)[0].journal) if client_id else self.journals_hold()[0]

    def report(self, client_id: str = "") -> list[dict[str, Any]]:
        """What came of each scenario in play, merchant by merchant.

        Without a merchant only those count that called at least once, and calls that name no
        merchant are nobody's.
        """
        return [
            {"merchant": tenant.client_id, **player.report()}
            for tenant in self.tenants(client_id)
            for player in tenant.players()
            if client_id or (player.calls and tenant.merchant)
        ]

    def take_snapshot(self) -> dict[str, Any]:
        """The whole state as JSON, keys and all: see `core/stores/snapshots.py`."""
        return snapshots.taken(self.store, self._tenants, wall())

    def load_snapshot(self, snapshot: Any) -> None:
        """Go on from a snapshot; what was before is gone. Raises `Misuse` for what is none."""
        snapshots.restored(self.store, snapshot)
        self._tenants.forget()
        self.tokens.renew_key()
        for merchant in self.store.find(Merchant):
            self._tenants.of(merchant)
        self.take_up()


@contextmanager
def _said_by(option: str) -> Iterator[None]:
    """Report an error in the file that an option names as a `SettingError` of that option."""
    try:
        yield
    except Misuse as misuse:
        raise SettingError(f"{option}: {misuse.message}") from None


def _library(settings: Settings) -> Library:
    with _said_by("--scenario"):
        return Library(settings.scenario)


def _identity(settings: Settings, store: Store) -> Identity:
    """The chance that invents what belongs to no merchant."""
    chapters = partial(store.count_up, "sandbox", "") if store.durable else None
    return Identity(settings.seed, "sandbox", chapters)


def _opened(url: str) -> Store:
    try:
        return open_store(url)
    except StoreError as error:
        raise SettingError(str(error)) from None


def _end(courier: Courier, alarm: Alarm) -> None:
    alarm.close()
    courier.close()
