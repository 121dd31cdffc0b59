"""What runs for one merchant beside its records: its clock, its chance, its journal, its scenarios."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import count

from mock_nicepay.contract.editions import Edition
from mock_nicepay.contract.times import ClockSetting
from mock_nicepay.core.clock import Alarm, Clock, UnderWay
from mock_nicepay.core.identity import Identity
from mock_nicepay.core.journal.entries import journal_for
from mock_nicepay.core.merchants.pairs import secrets_of
from mock_nicepay.core.records import (
    STRANGER,
    Heard,
    Merchant,
    Play,
    Record,
    Running,
)
from mock_nicepay.core.scenarios.language import Scenario
from mock_nicepay.core.scenarios.player import Player, Stage
from mock_nicepay.core.scenarios.reader import read_text
from mock_nicepay.core.store import Store
from mock_nicepay.core.tenants.keeping import Keeping, fingerprint, heard_in, record_of
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

    In a durable store they are kept as records, and a tenant goes on where those say. In a shared
    one each change is written under the merchant's lock, and `catch_up` takes over the others'.
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
        self._stage = stage
        self._store = store
        self._durable = store is not None and store.durable
        self._state = Running(self.client_id)  # what runs; clock, seed and `down` live elsewhere
        self._kept: Running | None = None  # as the store had it when we last looked
        self._writing = 0  # how deep we are in changes that are written at their end
        self.under_way = UnderWay(  # what receivers outside have not answered yet
            partial(store.commons.has_leases, self.client_id) if store and store.commons else None
        )
        self.clock = Clock(outside=self.under_way, alarm=alarm, keep=self._changing)
        self.journal = journal_for(store, self.client_id, defaults.settings, numbers)
        self._keeping = Keeping(store, self._changing) if store and self._durable else None
        self.own: Player | None = None
        self.standing: list[Player] = []
        self._by_request: dict[str, Player] = {}
        self._know_merchant()
        self._begin_life(defaults)
        kept = store.get(Running, self.client_id) if store is not None else None
        if kept is None:
            self.begin(defaults)
        else:
            self._follow(kept)

    def merchant_changed(self) -> None:
        """Know from now on, in all processes, what the store has of the merchant and its key pairs."""
        with self._changing():
            self._state = replace(self._state, keys=self._state.keys + 1)
            self._know_merchant()
        self._settle_edition()

    def _know_merchant(self) -> None:
        if self.merchant is not None and self._store is not None:
            # Never as seen through one of its pairs, as a caller sees it.
            self.merchant = self._store.get(Merchant, self.client_id) or self.merchant
            self.secrets = secrets_of(self._store, self.client_id)

    def begin(self, defaults: Defaults) -> None:
        """Start as on the first day: no journal, the sandbox's clock and scenarios, the same chance."""
        with self._changing():
            self._state = replace(self._state, life=self._state.life + 1, chapter=0)
            self._begin_life(defaults)
            self.journal.clear()
            self.clock.set(defaults.clock)
            self._play_standing()
            self.choose_if_fitting(defaults.chosen)

    def _begin_life(self, defaults: Defaults) -> None:
        self._defaults = defaults
        self.life = object()  # what was begun in another one is of no account any more
        self.clock.forget()
        self._reseed(None)
        self.own = None
        self.standing = []
        self._by_request = {}

    def _play_standing(self) -> None:
        given = [each for each in self._defaults.scenarios if _is_for(each, self.merchant)]
        self._prepare(
            [each for each in given if self._play_of(each, f"standing/{each.name}") is None]
        )
        self.standing = []
        for scenario in given:  # one by one: those before are known to what a timeline does
            self.standing.append(self._player(scenario, f"standing/{scenario.name}"))

    def choose(self, scenario: Scenario | None) -> None:
        """Play `scenario` before those given at start; None ends the one that was chosen."""
        with self._changing():
            if self.own is not None:
                self.own.end()
                self.own = None
            source, file = (scenario.source, scenario.file) if scenario else ("", "")
            choice = self._state.choice + 1
            self._state = replace(self._state, choice=choice, chosen=source, file=file)
            if scenario is not None:
                self._prepare([scenario])
                self.own = self._player(scenario, f"own/{choice}")
        self._settle_edition()

    def choose_if_fitting(self, scenario: Scenario | None) -> None:
        """The same for a scenario that was chosen for all merchants its `select` fits."""
        self.choose(scenario if scenario is not None and _is_for(scenario, self.merchant) else None)

    def asked_for(self, scenario: Scenario) -> Player:
        """The player of a scenario that a single request named; its counters go on between requests."""
        player = self._by_request.get(scenario.name)
        if player is None:  # of two threads the first one's player plays for both
            made = self._player_of(scenario, f"asked/{scenario.name}")
            player = self._by_request.setdefault(scenario.name, made)
        return player

    @property
    def maintenance(self) -> bool:
        """Whether a scenario in play has the gateway down."""
        return any(player.maintenance for player in self.players())

    def players(self) -> list[Player]:
        """The scenarios that play for every call, the merchant's own first."""
        return ([self.own] if self.own is not None else []) + self.standing

    def listens_at(self, address: str) -> None:
        """Know from now on where a server of ours listens."""
        self._defaults = replace(self._defaults, address=address)
        self._settle_edition()

    # With other processes, and after a restart

    def catch_up(self) -> None:
        """Take over what other processes have made of this merchant's time, scenario and life."""
        assert self._store is not None
        if self._writing or self._is_up_to_date(self._store.get(Running, self.client_id)):
            return
        with self._store.transaction(self.client_id):  # one thread follows, the others wait for it
            if not self._writing:
                self._follow(self._store.get(Running, self.client_id))

    def _is_up_to_date(self, kept: Running | None) -> bool:
        return kept is None or (self._kept is not None and self._kept.version == kept.version)

    def to_records(self) -> list[Record]:
        """What would have to be kept to go on from here."""
        players = [*self.players(), *self._by_request.values()]
        heard = [
            Heard(f"{p.key}/{n}", p.client_id, p.key, call.name, call.at, call.code)
            for p in players
            if p.keeper is None
            for n, call in enumerate(p.ledger)
        ]
        return [
            replace(self._present(), chapter=self._next_chapter()),
            *map(record_of, players),
            *heard,
        ]

    def _follow(self, kept: Running | None) -> None:
        """Go on where another process, or an earlier one, has come to."""
        if kept is None or self._is_up_to_date(kept):
            return
        before, self._state = self._kept, kept
        anew = before is None or before.life != kept.life
        if anew or before is None or before.keys != kept.keys:
            self._know_merchant()
        if anew:
            self._begin_life(self._defaults)
        self.clock.follow(kept.clock, kept.sets)
        if anew or self._seed != kept.seed:
            self._reseed(kept.seed)
        if anew:
            self._play_standing()
        if anew or before is None or before.choice != kept.choice:
            self._follow_choice(kept)
        for player in self.players():
            player.maintenance = player.key in kept.down
        self._settle_edition()
        self._kept = kept  # the last: who finds it here finds everything

    def _follow_choice(self, kept: Running) -> None:
        if self.own is not None:
            self.own.end()
            self.own = None
        if kept.chosen:
            scenario = read_text(kept.chosen, kept.file or "<scenario>")
            self.own = self._player(replace(scenario, file=kept.file), f"own/{kept.choice}")

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Change what runs: for all processes, on top of what they have made of it by now."""
        if not self._durable or self._store is None:
            yield
            return
        try:
            with self._store.transaction(self.client_id):
                if not self._writing:
                    self._follow(self._store.get(Running, self.client_id))
                self._writing += 1
                try:
                    yield
                    if self._writing == 1:
                        self._write(self._store)
                finally:
                    self._writing -= 1
        except BaseException:
            self._kept = None  # whatever was undone is read again
            raise

    def _write(self, store: Store) -> None:
        version = self._kept.version if self._kept else self._state.version
        present = replace(self._present(), version=version)
        if present != self._kept:
            self._kept = self._state = replace(present, version=version + 1)
            store.put(self._kept)

    def _present(self) -> Running:
        """What runs, as a record."""
        return replace(
            self._state,
            clock=self.clock.setting(),
            sets=self.clock.sets,
            seed=self._seed,
            down=tuple(player.key for player in self.players() if player.maintenance),
        )

    def _prepare(self, scenarios: list[Scenario]) -> None:
        """Set clock and chance as the scenarios say; of several the first that says so counts."""
        clock = next((each.clock for each in scenarios if each.clock is not None), None)
        seed = next((each.seed for each in scenarios if each.seed is not None), None)
        if clock is not None:
            self.clock.set(clock)
        if seed is not None:
            self._reseed(seed)

    def _reseed(self, seed: int | None) -> None:
        self._seed = seed
        begins_with = self._defaults.settings.seed if seed is None else seed
        self.identity = Identity(begins_with, self.client_id, self._chapters())

    def _chapters(self) -> Callable[[], int] | None:
        """What numbers the chapters of its chance: the store, where others may go on with it."""
        first = self._state.chapter
        if self._durable and self._store is not None:
            count_up = partial(self._store.count_up, self._stream(), self.client_id)
            return lambda: first + count_up()
        return count(first).__next__ if first else None

    def _next_chapter(self) -> int:
        if self._durable and self._store is not None:
            return self._state.chapter + self._store.counted(self._stream())
        return self.identity.next_chapter

    def _stream(self) -> str:
        return f"{self.client_id}#{self._state.life}#{self._seed}"

    def _player(self, scenario: Scenario, slot: str) -> Player:
        """A scenario in play from now on; or on from where it had come to."""
        player = self._player_of(scenario, slot)
        if self._play_of(scenario, slot) is None:
            self._stage.begin(player)
            if self._durable and self._store is not None:
                self._store.put(record_of(player))
        player.begin_timeline()
        return player

    def _player_of(self, scenario: Scenario, slot: str) -> Player:
        player = Player(
            scenario,
            self._stage,
            self.client_id,
            self.clock,
            begun=self.clock.now(),
            key=f"{self.client_id}/{slot}",
            keeper=self._keeping,
        )
        kept = self._play_of(scenario, slot)
        if kept is not None and self._store is not None:
            player.follow(kept)
            player.ledger.extend(heard_in(self._store, player))
        return player

    def _play_of(self, scenario: Scenario, slot: str) -> Play | None:
        """How far the store has it that a scenario has come; None when it does not."""
        if self._store is None:
            return None
        play = self._store.get(Play, f"{self.client_id}/{slot}")
        return play if play and play.scenario == fingerprint(scenario) else None

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
