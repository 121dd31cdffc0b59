"""The counts of processes that serve together on one address, added up.

Each tells its own once in a while, and when it is asked. So whoever is asked tells the sum, which
never goes down; what another has counted since it last told is in the next one.
"""

import json
from threading import Lock

from mock_nicepay.core.board import Board
from mock_nicepay.core.meter import Meter


class Meters:
    """The counts of all of them, seen from one."""

    def __init__(self, own: Meter, board: Board, place: int, places: int) -> None:
        """`own` is what the process counts with. It goes on from what the last one in its place told."""
        self._own = own
        self._board = board
        self._place = place
        self._places = places
        self._lock = Lock()
        self._add(own, place)

    def tell(self) -> None:
        """Have the others know what this process has counted."""
        with self._lock:
            self._board.write(self._place, json.dumps(self._own.told()).encode())

    def total(self) -> Meter:
        """What all have counted."""
        self.tell()
        total = Meter()
        for place in range(self._places):
            self._add(total, place)
        return total

    def _add(self, meter: Meter, place: int) -> None:
        told = self._board.read(place)
        if told:
            meter.add_told(json.loads(told))
