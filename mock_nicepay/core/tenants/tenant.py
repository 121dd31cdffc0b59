"""A merchant's state beside its records: its clock, chance, journal and scenarios."""

from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from typing import Any

from mock_nicepay.contract.editions import Edition
from mock_nicepay.contract.times import ClockSetting
from mock_nicepay.core.alarm import Alarm
from mock_nicepay.core.clock import Clock, UnderWay
from mock_nicepay.core.identity import Identity
from mock_nicepay.core.journal.entries import journal_for
from mock_nicepay.core.merchants.pairs import secrets_of
from mock_nicepay.core.records import (
    STRANGER,
    Merchant,
    Record,
    Running,
)
from mock_nicepay.core.scenarios.language import Scenario
from mock_nicepay.core.scenarios.player import Player, Stage
from mock_nicepay.core.scenarios.reader import read_text
from mock_nicepay.core.store import Store
from mock_nicepay.core.tenants.casting import Casting
from mock_nicepay.core.tenants.chance import Chance
from mock_nicepay.core.tenants.keeping import heard_by, record_of
from mock_nicepay.core.tenants.sharing import Sharing
from mock_nicepay.settings import Settings


@dataclass(frozen=True, slots=True)
class Defaults:
    """What every merchant starts with."""

    settings: Settings
    clock: ClockSetting
    scenarios: tuple[Scenario, ...]  # those given at start
    chosen: Scenario | None = None  # the one chosen for all merchants, before those
    address: str = ""  # of our server, once it listens


class Tenant:
    """One merchant's state. The stranger's tenant serves calls that name no known merchant.

    A durable store keeps the state as records, from which a tenant resumes; with a shared store
    `catch_up` takes over what other processes have changed.
    """

    def __init__(
        self,
        merchant: Merchant | None,
        defaults: Defaults,
        stage: Stage,
        numbers: "count[int]",
        alarm: Alarm | None = None,
        store: Store | None = None,
    ) -> None:
        self.merchant = merchant
        # The secret keys of all its key pairs, to be masked wherever they appear.
        self.secrets: tuple[str, ...] = (merchant.secret_key,) if merchant else ()
        self.client_id = merchant.client_id if merchant else STRANGER
        self._defaults = defaults
        self._store = store
        self._sharing = Sharing(
            store, self.client_id, lambda: self.clock.alone(), self._present, self._take_over
        )
        self.under_way = UnderWay(  # outgoing calls that have not been answered yet
            partial(store.commons.has_leases, self.client_id) if store and store.commons else None
        )
        self.clock = Clock(outside=self.under_way, alarm=alarm, keep=self._sharing.changing)
        self.journal = journal_for(store, self.client_id, defaults.settings, numbers)
        self._chance = Chance(store, self.client_id, defaults.settings.seed)
        self._casting = Casting(store, stage, self.client_id, self.clock, self._sharing.changing)
        self.own: Player | None = None
        self.standing: list[Player] = []
        self._by_request: dict[str, Player] = {}
        self._know_merchant()
        self._begin_life(defaults)
        if self._sharing.begun:
            self._sharing.catch_up()
        else:
            self.begin(defaults)

    @property
    def identity(self) -> Identity:
        """This merchant's source of chance."""
        return self._chance.identity

    def catch_up(self, kept: Running | None = None) -> None:
        """Take over what other processes have changed: time, scenario, life.

        `kept` is its record, where that has just been read.
        """
        self._sharing.catch_up(kept)

    def merchant_changed(self) -> None:
        """Read the merchant and its key pairs anew, in all processes."""
        with self._sharing.changing():
            self._note(keys=self._sharing.running.keys + 1)
            self._know_merchant()
        self._settle_edition()

    def begin(self, defaults: Defaults) -> None:
        """Start afresh: an empty journal, the sandbox's clock and scenarios, the same chance."""
        with self._sharing.changing():
            self._note(life=self._sharing.running.life + 1, chapter=0)
            self._begin_life(defaults)
            self.journal.clear()
            self.clock.set(defaults.clock)
            self._play_standing()
            self.choose_if_fitting(defaults.chosen)

    def listens_at(self, address: str) -> None:
        """Take note of the address at which our server listens."""
        self._defaults = replace(self._defaults, address=address)
        self._settle_edition()

    def to_records(self) -> list[Record]:
        """The records that are needed to resume from here."""
        present = self._sharing.present()
        players = [*self.players(), *self._by_request.values()]
        return [
            replace(present, chapter=self._chance.next_chapter(present)),
            *map(record_of, players),
            *(record for player in players for record in heard_by(player)),
        ]

    # Scenarios

    def choose(self, scenario: Scenario | None) -> None:
        """Play `scenario` before those given at start; None ends the one that was chosen."""
        with self._sharing.changing():
            self._end_own()
            source, file = (scenario.source, scenario.file) if scenario else ("", "")
            choice = self._sharing.running.choice + 1
            self._note(choice=choice, chosen=source, file=file)
            if scenario is not None:
                self._prepare([scenario])
                self.own = self._casting.begun(scenario, f"own/{choice}")
        self._settle_edition()

    def choose_if_fitting(self, scenario: Scenario | None) -> None:
        """Choose a scenario that was chosen for all merchants, if its `select` fits this one."""
        self.choose(scenario if scenario is not None and _is_for(scenario, self.merchant) else None)

    def asked_for(self, scenario: Scenario) -> Player:
        """The player of a scenario that a request names; its counts are kept between requests."""
        player = self._by_request.get(scenario.name)
        if player is None:  # of two threads both use the player of the first
            made = self._casting.player(scenario, f"asked/{scenario.name}")
            player = self._by_request.setdefault(scenario.name, made)
        return player

    def players(self) -> list[Player]:
        """The scenarios that play for every call, the merchant's own first."""
        return ([self.own] if self.own is not None else []) + self.standing

    @property
    def maintenance(self) -> bool:
        """Whether a scenario has put the gateway into maintenance."""
        players = self.players()
        return bool(players) and any(player.maintenance for player in players)

    def _play_standing(self) -> None:
        given = {
            f"standing/{each.name}": each
            for each in self._defaults.scenarios
            if _is_for(each, self.merchant)
        }
        self._prepare([each for slot, each in given.items() if not self._casting.has(each, slot)])
        self.standing = []
        for slot, scenario in given.items():  # a timeline's action may need the ones before
            self.standing.append(self._casting.begun(scenario, slot))

    def _prepare(self, scenarios: list[Scenario]) -> None:
        """Set clock and chance as the scenarios say; the first one that says something wins."""
        clock = next((each.clock for each in scenarios if each.clock is not None), None)
        seed = next((each.seed for each in scenarios if each.seed is not None), None)
        if clock is not None:
            self.clock.set(clock)
        if seed is not None:
            self._chance.begin(self._sharing.running, seed)

    def _end_own(self) -> None:
        if self.own is not None:
            self.own.end()
            self.own = None

    # As a record

    def _note(self, **values: Any) -> None:
        """Change values of the record; only inside `Sharing.changing`."""
        self._sharing.running = replace(self._sharing.running, **values)

    def _present(self, running: Running) -> Running:
        """The record, with the current values of clock, chance and players."""
        return replace(
            running,
            clock=self.clock.setting(),
            sets=self.clock.sets,
            seed=self._chance.seed,
            down=tuple(player.key for player in self.players() if player.maintenance),
        )

    def _take_over(self, before: Running | None, kept: Running) -> None:
        """Take over the state that another process, or an earlier one, has stored."""
        anew = before is None or before.life != kept.life
        if before is None or anew or before.keys != kept.keys:
            self._know_merchant()
        if anew:
            self._begin_life(self._defaults)
        self.clock.follow(kept.clock, kept.sets)
        if anew or self._chance.seed != kept.seed:
            self._chance.begin(kept, kept.seed)
        if anew:
            self._play_standing()
        if before is None or anew or before.choice != kept.choice:
            self._follow_choice(kept)
        for player in self.players():
            player.maintenance = player.key in kept.down
        self._settle_edition()

    def _follow_choice(self, kept: Running) -> None:
        self._end_own()
        if kept.chosen:
            scenario = read_text(kept.chosen, kept.file or "<scenario>")
            self.own = self._casting.begun(replace(scenario, file=kept.file), f"own/{kept.choice}")

    def _begin_life(self, defaults: Defaults) -> None:
        self._defaults = defaults
        self.life = object()  # what was begun in another one is of no account any more
        self.clock.forget()
        self._chance.begin(self._sharing.running, None)
        self.own = None
        self.standing = []
        self._by_request = {}

    def _know_merchant(self) -> None:
        if self.merchant is not None and self._store is not None:
            # Never as seen through one of its pairs, as a caller sees it.
            self.merchant = self._store.get(Merchant, self.client_id) or self.merchant
            self.secrets = secrets_of(self._store, self.client_id)

    def _settle_edition(self) -> None:
        chosen = next((p.scenario.edition for p in self.players() if p.scenario.edition), "")
        self.edition: Edition = self._defaults.settings.switches(
            chosen or (self.merchant.edition if self.merchant else ""), self._defaults.address
        )


def _is_for(scenario: Scenario, merchant: Merchant | None) -> bool:
    if not scenario.select:
        return True
    if merchant is None:
        return False
    traits = {
        "client": merchant.client_id,
        "window": merchant.window,
        "authType": merchant.auth_type,
    }
    return all(condition.holds(traits[name]) for name, condition in scenario.select)
