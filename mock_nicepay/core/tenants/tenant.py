"""What runs for one merchant beside its records: its clock, its chance, its journal, its scenarios."""

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
    """What every merchant begins with."""

    settings: Settings
    clock: ClockSetting
    scenarios: tuple[Scenario, ...]  # those given at start
    chosen: Scenario | None = None  # the one put in front of them for all merchants
    address: str = ""  # where a server of ours listens, once one does


class Tenant:
    """One merchant's running parts. The stranger's tenant serves calls that name no merchant.

    In a durable store they are kept as records, and a tenant goes on where those say; in a shared
    one `catch_up` takes over what others have made of them.
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
        # Those of all its key pairs: what is to be masked wherever it turns up.
        self.secrets: tuple[str, ...] = (merchant.secret_key,) if merchant else ()
        self.client_id = merchant.client_id if merchant else STRANGER
        self._defaults = defaults
        self._store = store
        self._sharing = Sharing(
            store, self.client_id, lambda: self.clock.alone(), self._present, self._take_over
        )
        self.under_way = UnderWay(  # what receivers outside have not answered yet
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
        """What invents for this merchant."""
        return self._chance.identity

    def catch_up(self, kept: Running | None = None) -> None:
        """Take over what other processes have made of this merchant's time, scenario and life.

        `kept` is its record, where that has just been read.
        """
        self._sharing.catch_up(kept)

    def merchant_changed(self) -> None:
        """Know from now on, in all processes, what the store has of the merchant and its key pairs."""
        with self._sharing.changing():
            self._note(keys=self._sharing.running.keys + 1)
            self._know_merchant()
        self._settle_edition()

    def begin(self, defaults: Defaults) -> None:
        """Start as on the first day: no journal, the sandbox's clock and scenarios, the same chance."""
        with self._sharing.changing():
            self._note(life=self._sharing.running.life + 1, chapter=0)
            self._begin_life(defaults)
            self.journal.clear()
            self.clock.set(defaults.clock)
            self._play_standing()
            self.choose_if_fitting(defaults.chosen)

    def listens_at(self, address: str) -> None:
        """Know from now on where a server of ours listens."""
        self._defaults = replace(self._defaults, address=address)
        self._settle_edition()

    def to_records(self) -> list[Record]:
        """What would have to be kept to go on from here."""
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
        """The same for a scenario that was chosen for all merchants its `select` fits."""
        self.choose(scenario if scenario is not None and _is_for(scenario, self.merchant) else None)

    def asked_for(self, scenario: Scenario) -> Player:
        """The player of a scenario that a single request named; its counters go on between requests."""
        player = self._by_request.get(scenario.name)
        if player is None:  # of two threads the first one's player plays for both
            made = self._casting.player(scenario, f"asked/{scenario.name}")
            player = self._by_request.setdefault(scenario.name, made)
        return player

    def players(self) -> list[Player]:
        """The scenarios that play for every call, the merchant's own first."""
        return ([self.own] if self.own is not None else []) + self.standing

    @property
    def maintenance(self) -> bool:
        """Whether a scenario in play has the gateway down."""
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
        for slot, scenario in given.items():  # those before are known to what a timeline does
            self.standing.append(self._casting.begun(scenario, slot))

    def _prepare(self, scenarios: list[Scenario]) -> None:
        """Set clock and chance as the scenarios say; of several the first that says so counts."""
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

    # What is kept of it

    def _note(self, **values: Any) -> None:
        """Have the record say something else, inside of a change."""
        self._sharing.running = replace(self._sharing.running, **values)

    def _present(self, running: Running) -> Running:
        """What runs, as a record: with what lives in clock, chance and players."""
        return replace(
            running,
            clock=self.clock.setting(),
            sets=self.clock.sets,
            seed=self._chance.seed,
            down=tuple(player.key for player in self.players() if player.maintenance),
        )

    def _take_over(self, before: Running | None, kept: Running) -> None:
        """Go on where another process, or an earlier one, has come to."""
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
