"""Stores the counts of a merchant's players, and the calls that their expectations look at.

These records are only changed in transactions of their merchant, so that a rule with `times: 1` fires
once, and an entry of a timeline happens once, across all processes.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import lru_cache
from hashlib import sha256

from mock_nicepay.core.records import Heard, Play
from mock_nicepay.core.scenarios.expectations import LedgerCall
from mock_nicepay.core.scenarios.language import Scenario
from mock_nicepay.core.scenarios.player import LEDGER_SIZE, Player
from mock_nicepay.core.store import Store


class Keeping:
    """Stores the players of one merchant. Its `Running` record is changed inside `changing`."""

    def __init__(
        self, store: Store, changing: Callable[[], AbstractContextManager[object]]
    ) -> None:
        self._store = store
        self._changing = changing

    @contextmanager
    def hold(self, player: Player) -> Iterator[None]:
        """Inside, the player has the latest counts and nobody else changes them; then they are stored."""
        with self._store.transaction(player.client_id):
            self._look(player)
            before = record_of(player)
            yield
            after = record_of(player)
            if after != before:
                self._store.put(after)

    def _look(self, player: Player) -> None:
        play = self._store.get(Play, player.key)
        if play is not None and play.scenario == fingerprint(player.scenario):
            player.follow(play)

    def hear(self, player: Player, call: LedgerCall) -> None:
        """Store a call for the expectations, under its number; beyond the limit the oldest is deleted."""
        number = player.heard
        self._store.put(heard_of(player, number, call))
        if number > LEDGER_SIZE:
            self._store.delete(heard_of(player, number - LEDGER_SIZE, call))

    def heard(self, player: Player) -> Sequence[LedgerCall]:
        """The stored calls, oldest first."""
        return heard_in(self._store, player)

    def set_maintenance(self, player: Player, on: bool) -> None:
        """Begin or end a player's maintenance, for all processes."""
        with self._changing():
            player.maintenance = on


def heard_of(player: Player, number: int, call: LedgerCall) -> Heard:
    """The record of a call for a player's expectations; `number` is its place among them."""
    key = f"{player.key}/{number}"
    return Heard(key, player.client_id, player.key, call.name, call.at, call.code)


def heard_in(store: Store, player: Player) -> list[LedgerCall]:
    """The stored calls for a player's expectations, oldest first."""
    found = store.find(Heard, player.client_id, play=player.key)
    return [LedgerCall(each.name, each.at, each.code) for each in found]


def heard_by(player: Player) -> list[Heard]:
    """Records of the calls that only the player has in memory; none when they are stored already."""
    if player.keeper is not None:
        return []
    return [
        heard_of(player, number, call)
        for number, call in enumerate(player.ledger, player.heard - len(player.ledger) + 1)
    ]


def record_of(player: Player) -> Play:
    """A player's state as a record."""
    return player.to_record(fingerprint(player.scenario))


@lru_cache(maxsize=256)
def _fingerprint(name: str, source: str) -> str:
    return sha256(f"{name}\n{source}".encode("utf-8", "replace")).hexdigest()[:16]


def fingerprint(scenario: Scenario) -> str:
    """Identifies a scenario by its name and text: a changed text is another scenario."""
    return _fingerprint(scenario.name, scenario.source)
