"""Starts scenarios for one merchant, or resumes them from the store."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from mock_nicepay.core.clock import Clock
from mock_nicepay.core.records import Play
from mock_nicepay.core.scenarios.language import Scenario
from mock_nicepay.core.scenarios.player import Player, Stage
from mock_nicepay.core.store import Store
from mock_nicepay.core.tenants.keeping import Keeping, fingerprint, heard_in, record_of


class Casting:
    """Makes the players of one merchant. A `slot` identifies a player across all processes."""

    def __init__(
        self,
        store: Store | None,
        stage: Stage,
        client_id: str,
        clock: Clock,
        changing: Callable[[], AbstractContextManager[object]],
    ) -> None:
        self._store = store
        self._stage = stage
        self._client_id = client_id
        self._clock = clock
        self._keeping = Keeping(store, changing) if store is not None and store.durable else None

    def begun(self, scenario: Scenario, slot: str) -> Player:
        """Start or resume a scenario for every call, with the rest of its timeline."""
        player = self.player(scenario, slot)
        if not self.has(scenario, slot):
            self._stage.begin(player)
            if self._store is not None and self._keeping is not None:
                self._store.put(record_of(player))
        player.begin_timeline()
        return player

    def player(self, scenario: Scenario, slot: str) -> Player:
        """A scenario's player in its stored state; its timeline is not started."""
        player = Player(
            scenario,
            self._stage,
            self._client_id,
            self._clock,
            begun=self._clock.now(),
            key=self._key(slot),
            keeper=self._keeping,
        )
        kept = self._play(scenario, slot)
        if kept is not None and self._store is not None:
            player.follow(kept)
            if player.keeper is None:
                player.ledger.extend(heard_in(self._store, player))
        return player

    def has(self, scenario: Scenario, slot: str) -> bool:
        """Whether the store has the scenario as started in this slot."""
        return self._play(scenario, slot) is not None

    def _play(self, scenario: Scenario, slot: str) -> Play | None:
        """The stored state of a scenario in this slot, None when there is none."""
        play = self._store.get(Play, self._key(slot)) if self._store is not None else None
        return play if play and play.scenario == fingerprint(scenario) else None

    def _key(self, slot: str) -> str:
        return f"{self._client_id}/{slot}"
