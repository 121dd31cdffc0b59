"""Keeps in a durable store what the players of a merchant have counted, and the calls they heard.

These records are only changed in transactions of their merchant, so that a rule with `times: 1` fires
once, and an entry of a timeline happens once, over all processes.
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
    """Keeps the players of one merchant. What runs for it is changed inside of `changing`."""

    def __init__(
        self, store: Store, changing: Callable[[], AbstractContextManager[object]]
    ) -> None:
        self._store = store
        self._changing = changing

    @contextmanager
    def hold(self, player: Player) -> Iterator[None]:
        """Inside, the player counts for all processes, alone; what it counted is kept after."""
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
        """Keep a call for the expectations, under its number; the oldest makes room."""
        number = player.heard
        self._store.put(heard_of(player, number, call))
        if number > LEDGER_SIZE:
            self._store.delete(heard_of(player, number - LEDGER_SIZE, call))

    def heard(self, player: Player) -> Sequence[LedgerCall]:
        """The calls that were kept, oldest first."""
        return heard_in(self._store, player)

    def set_maintenance(self, player: Player, on: bool) -> None:
        """Begin or end a player's maintenance, and keep that it is on or off."""
        with self._changing():
            player.maintenance = on


def heard_of(player: Player, number: int, call: LedgerCall) -> Heard:
    """A call as it is kept for a player's expectations; `number` is its place among them."""
    key = f"{player.key}/{number}"
    return Heard(key, player.client_id, player.key, call.name, call.at, call.code)


def heard_in(store: Store, player: Player) -> list[LedgerCall]:
    """The calls a store has for a player's expectations, oldest first."""
    found = store.find(Heard, player.client_id, play=player.key)
    return [LedgerCall(each.name, each.at, each.code) for each in found]


def heard_by(player: Player) -> list[Heard]:
    """The calls that a player alone has heard, as a store would keep them; none when it has them."""
    if player.keeper is not None:
        return []
    return [
        heard_of(player, number, call)
        for number, call in enumerate(player.ledger, player.heard - len(player.ledger) + 1)
    ]


def record_of(player: Player) -> Play:
    """How far a player has come."""
    return player.to_record(fingerprint(player.scenario))


@lru_cache(maxsize=256)
def _fingerprint(name: str, source: str) -> str:
    return sha256(f"{name}\n{source}".encode("utf-8", "replace")).hexdigest()[:16]


def fingerprint(scenario: Scenario) -> str:
    """What tells one scenario from another, also from its own text after a change."""
    return _fingerprint(scenario.name, scenario.source)
