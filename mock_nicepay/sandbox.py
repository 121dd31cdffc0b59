"""One complete gateway. A process may hold many; nothing is shared between them."""

import weakref
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any

from mock_nicepay.api import ENDPOINTS
from mock_nicepay.contract.endpoint import Deferred, Reply, Request, Routes, settled
from mock_nicepay.contract.tables import result_code
from mock_nicepay.contract.times import ClockSetting
from mock_nicepay.core.billing.book import BillingBook
from mock_nicepay.core.billing.timeline import delete_due, suspend_due
from mock_nicepay.core.call import Context
from mock_nicepay.core.cards.offers import offers_in
from mock_nicepay.core.checkout.page import Checkout
from mock_nicepay.core.clock import Alarm, Sweep, advance_all, wall
from mock_nicepay.core.desk import Desk
from mock_nicepay.core.identity import Identity
from mock_nicepay.core.journal.entries import Entry
from mock_nicepay.core.journal.recorder import Event as Entered
from mock_nicepay.core.journal.recorder import Recorder
from mock_nicepay.core.login.tokens import Tokens
from mock_nicepay.core.login.wrong_keys import WrongKeys
from mock_nicepay.core.magic import Magic
from mock_nicepay.core.merchants import traits as merchants
from mock_nicepay.core.merchants.keys import Keys
from mock_nicepay.core.meter import Meter
from mock_nicepay.core.misuse import Misuse
from mock_nicepay.core.outgoing.courier import Courier
from mock_nicepay.core.outgoing.reach import Reach
from mock_nicepay.core.payments.ledger import Ledger
from mock_nicepay.core.payments.orders import is_processing
from mock_nicepay.core.payments.timeline import Happened, cancel_due, deposit_due
from mock_nicepay.core.pipeline import Pipeline
from mock_nicepay.core.receipts.book import ReceiptBook
from mock_nicepay.core.receipts.tax_answers import confirm_due, reject_due
from mock_nicepay.core.records import (
    AUTHORISED,
    STRANGER,
    Ended,
    Merchant,
    Offers,
    Payment,
    Record,
    Token,
)
from mock_nicepay.core.scenarios.language import Event, Scenario, ScenarioError
from mock_nicepay.core.scenarios.player import Player
from mock_nicepay.core.scenarios.reader import read_file, read_text, read_value
from mock_nicepay.core.store import Store, StoreError
from mock_nicepay.core.stores import open_store, snapshots
from mock_nicepay.core.tenants.keeping import CONSOLE_KEY, TOKEN_KEY, secret_in
from mock_nicepay.core.tenants.tenants import Defaults, Tenant, Tenants
from mock_nicepay.core.webhooks.addresses import put_addresses
from mock_nicepay.core.webhooks.outbox import Webhooks
from mock_nicepay.core.window.browser import Browser
from mock_nicepay.core.window.openings import Openings
from mock_nicepay.core.window.window import Window
from mock_nicepay.resources import folder
from mock_nicepay.settings import SettingError, Settings

_InTime = Callable[[Context, Mapping[str, str | int]], list[Happened]]


class Sandbox:
    """A gateway with its merchants, state, scenarios, clocks and journals.

    `Sandbox()` takes the settings of `mock_nicepay.settings.Settings` as keywords, and what is not
    given from the environment. Raises `SettingError` or `ScenarioError` for what cannot be played.
    """

    def __init__(
        self, settings: Settings | None = None, *, asleep: bool = False, **options: Any
    ) -> None:
        self.settings = settings if settings is not None else Settings.read(options)
        self.store: Store = _opened(self.settings.store)
        given = self.settings.token_key
        self.tokens = Tokens(self.store, lambda: given or secret_in(self.store, TOKEN_KEY))
        self.console_secret = secret_in(self.store, CONSOLE_KEY)  # signs who is logged in there
        self.wrong_keys = WrongKeys()
        self.routes = Routes(ENDPOINTS)
        self.recorder = Recorder()
        self.meter = Meter()
        self.recorder.listeners.append(self.meter)
        chapters = partial(self.store.count_up, "sandbox", "")
        self._identity = Identity(
            self.settings.seed, "sandbox", chapters if self.store.durable else None
        )
        self._making = Lock()
        scenarios = tuple(self._read_scenario_at_start(source) for source in self.settings.scenario)
        self._library: dict[str, Scenario] = {scenario.name: scenario for scenario in scenarios}
        self.courier = Courier(Reach(self.settings.allow_targets))
        self._alarm = Alarm()
        weakref.finalize(self, _end, self.courier, self._alarm)
        self._tenants = Tenants(
            Defaults(self.settings, self.settings.clock, scenarios),
            self,
            self._alarm,
            self.store,
            looks_only=asleep,
        )
        self.keys = Keys(self.store, self.tokens, self._tenants, self.settings.seed)
        self.magic = Magic(self.store, on=self.settings.magic_values)
        self.webhooks = Webhooks(self.settings, self.store, self.recorder, self.courier, self.magic)
        self.desk = Desk(self.settings, self.store, self.tokens, self._tenants, self.webhooks)
        self.ledger = Ledger(self.store, self.desk)
        self.billing = BillingBook(self.store, self.desk)
        self.receipts = ReceiptBook(self.store, self._tenants, self.desk)
        self.window = Window(self.store, self._tenants, self.desk, self.recorder, self.magic)
        self.openings = Openings(self.store, self._tenants, self.window)
        self.checkout = Checkout(self.store, self.tokens, self._tenants, self.desk, self.window)
        self.browser = Browser(self.courier, self.store)
        self._pipeline = Pipeline(
            self.settings,
            self.routes,
            self.store,
            self.tokens,
            self._tenants,
            self.desk,
            self.recorder,
            self.ready_made,
            self.magic,
        )
        self._seed_merchants()
        self._seed_offers()
        self._sweep = Sweep(self.take_up) if self.store.commons else None
        weakref.finalize(self, _let_go, self.store, self._sweep)
        if not asleep:
            self.wake()

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
                "use one of them, or start the server anew",
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
        tenants = self._with_clock(client_id, lambda clock: _moved(clock, span))
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

    def read_scenario(self, source: object) -> Scenario:
        """A scenario from its name, its text, its Python form, or `{"name": ...}`.

        Raises `Misuse` for an unknown name and `ScenarioError` for a text with mistakes.
        """
        if isinstance(source, Scenario):
            return source
        if isinstance(source, Mapping):
            if set(source) == {"name"}:
                return self.ready_made(str(source["name"]))
            return read_value(source)
        if isinstance(source, Path):
            return read_file(source)
        text = str(source)
        return read_text(text) if "\n" in text or ":" in text else self.ready_made(text.strip())

    def ready_made(self, name: str) -> Scenario:
        """A scenario by name: one given at start, or one of the library. Raises `Misuse`."""
        if name not in self._library:
            known = library()
            if name not in known:
                near = get_close_matches(name[:100], [*self._library, *known], n=1)
                hint = f"; did you mean {near[0]!r}?" if near else ";"
                raise Misuse(
                    f"there is no scenario {name[:100]!r}{hint} `mock-nicepay scenarios` lists them",
                    404,
                )
            self._library[name] = read_file(known[name])
        return self._library[name]

    def choose_scenario(self, source: object, client_id: str = "") -> Scenario:
        """Play a scenario from now on: for one merchant, or for all its `select` fits.

        Those to come are meant, too.
        """
        scenario = self.read_scenario(source)
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

    def snapshot(self) -> dict[str, list[Record]]:
        """Every record, by the name of its kind."""
        return self.store.snapshot()

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

    # The stage of the scenarios

    def begin(self, player: Player) -> None:
        """Register the webhooks a scenario names, without trying them."""
        if player.client_id != STRANGER:
            for method, url in player.scenario.webhooks:
                put_addresses(self.store, player.client_id, method, url)

    def perform(self, event: Event, player: Player) -> None:
        """Do what a player's timeline says, at the merchant's present moment."""
        self._actions[event.action](event, player)

    def finals(self, player: Player) -> list[dict[str, Any]]:
        """The merchant's payments, cash receipts and token as `final` expectations see them."""
        now = player.clock.now()
        payments = [
            {
                "tid": p.tid,
                "orderId": p.order_id,
                "status": AUTHORISED if is_processing(p, now) else p.status,
                "amount": p.amount,
                "balanceAmt": p.balance,
                **_renewal_of(p),
            }
            for p in self.store.find(Payment, player.client_id)
        ]
        tokens = self.store.find(Token, player.client_id, client_id=player.client_id)
        state = self.tokens.state(tokens[-1], now) if tokens else "none"
        return [*payments, *self.receipts.finals(player.client_id), {"token": state}]

    def end_console_session(self, session: str, lifetime: timedelta) -> None:
        """A login to the console is over, also for who has copied its cookie.

        Remembered for `lifetime`: so long the cookie would be believed.
        """
        now = wall()
        for each in self.store.find(Ended):
            if now - each.at > lifetime:
                self.store.delete(each)
        self.store.put(Ended(session, now))

    def console_session_ended(self, session: str) -> bool:
        """Whether a login to the console is over."""
        return self.store.get(Ended, session) is not None

    @property
    def _actions(self) -> dict[str, Callable[[Event, Player], None]]:
        """What each row of `faults.ACTIONS` does."""
        return {
            "token.expire": self._expire_tokens,
            "token.revoke": self._revoke_tokens,
            "maintenance.begin": lambda _, player: player.put_down(True),
            "maintenance.end": lambda _, player: player.put_down(False),
            "payment.deposit": partial(self._change_payments, deposit_due),
            "payment.cancel": partial(self._change_payments, cancel_due),
            "key.delete": partial(self._change_payments, delete_due),
            "key.suspend": partial(self._change_payments, suspend_due),
            "receipt.confirm": partial(self._change_payments, confirm_due),
            "receipt.reject": partial(self._change_payments, reject_due),
        }

    def _expire_tokens(self, _: Event, player: Player) -> None:
        with self.store.transaction(player.client_id):
            self.tokens.expire(player.client_id, player.clock.now())

    def _revoke_tokens(self, _: Event, player: Player) -> None:
        with self.store.transaction(player.client_id):
            self.tokens.revoke(player.client_id, player.clock.now())

    def _change_payments(self, act: _InTime, event: Event, player: Player) -> None:
        """Let it happen to the merchant's payments; the journal shows what became of each."""
        merchant = self.store.get(Merchant, player.client_id)
        if merchant is None:
            return  # calls that name no merchant have no payments
        with self.desk.serve(merchant) as context:
            happened = act(context, event.arguments)
        for each in happened:
            entered = _entered(event, each, player, context.now)
            self.recorder.record_event(context.tenant, entered)

    def _read_scenario_at_start(self, source: str) -> Scenario:
        known = library()
        if source in known:
            return read_file(known[source])
        path = Path(source)
        if path.suffix or "/" in source or path.exists():
            return read_file(path)
        near = get_close_matches(source, known, n=1)
        hint = f"; did you mean {near[0]}?" if near else ";"
        raise SettingError(
            f"--scenario: there is no scenario {source!r}{hint} `mock-nicepay scenarios` lists them"
        )

    def _seed_merchants(self) -> None:
        files = [folder("fixtures") / "merchants.yaml", *map(Path, self.settings.merchants)]
        try:
            for path in files:
                for merchant in merchants.merchants_in(path, self._identity):
                    self._tenants.of(self._seeded(merchant))
        except Misuse as misuse:
            raise SettingError(f"--merchants: {misuse.message}") from None

    def _seed_offers(self) -> None:
        """What card companies offer: what was given at this start, else at an earlier one, else ours."""
        given = self.settings.plans
        if not given and self.store.get(Offers, "offers") is not None:
            return
        try:
            self.store.put(offers_in(Path(given or folder("fixtures") / "plans.yaml")))
        except Misuse as misuse:
            raise SettingError(f"--plans: {misuse.message}") from None

    def _seeded(self, merchant: Merchant) -> Merchant:
        """A merchant of a file, as the store has it: there it may have been changed since."""
        with self.store.transaction(merchant.client_id):
            known = self.store.get(Merchant, merchant.client_id) if self.store.durable else None
            if known is None:
                self.store.put(merchant)
        return known or merchant


def library() -> dict[str, Path]:
    """The ready-made scenarios by name."""
    return {path.stem: path for path in sorted(folder("scenarios").glob("*.yaml"))}


def _renewal_of(payment: Payment) -> dict[str, Any]:
    """What tells two charges of a billing key that they are for the same; empty of other payments."""
    if payment.bid is None or payment.session_id is not None:
        return {}
    return {"bid": payment.bid, "goodsName": payment.goods_name, "paidAt": payment.paid_at}


def _entered(event: Event, happened: Happened, player: Player, now: datetime) -> Entered:
    """What became of a payment in time, as the journal shows it; it is no call, and nobody counts it."""
    row = result_code(happened.code)
    return Entered(
        name="",
        at=now,
        method="TIMELINE",
        target=f"{event.action} {happened.tid} {happened.order_id}",
        sent=dict(event.arguments),
        code=row.code,
        message=row.message(),
        player=player,
        cause=happened.cause,
        text=event.action,
        line=event.line,
    )


def _opened(url: str) -> Store:
    try:
        return open_store(url)
    except StoreError as error:
        raise SettingError(str(error)) from None


def _end(courier: Courier, alarm: Alarm) -> None:
    alarm.close()
    courier.close()


def _let_go(store: Store, sweep: Sweep | None) -> None:
    if sweep is not None:
        sweep.close()
    store.close()


def _moved(setting: ClockSetting, span: timedelta) -> ClockSetting:
    if setting.moment is not None:
        return replace(setting, moment=setting.moment + span)
    offset = setting.offset + span
    return ClockSetting("moved" if offset else "real", offset)


__all__ = ["Sandbox", "ScenarioError", "library"]
