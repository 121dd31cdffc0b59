"""Adds up the counts of the worker processes of one server.

Each worker writes its counts to the board regularly, and whenever it answers the metrics. So any of
them can answer with the sum, which never goes down; it lacks only what the other workers have counted
since they last wrote.
"""

import json
from threading import Lock

from mock_nicepay.core.board import Board
from mock_nicepay.core.meter import Meter


class Meters:
    """The counts of all workers, as one of them sees them."""

    def __init__(self, own: Meter, board: Board, place: int, places: int) -> None:
        """`own` is this worker's meter; it continues the counts of the previous worker in its place."""
        self._own = own
        self._board = board
        self._place = place
        self._places = places
        self._lock = Lock()
        self._add(own, place)

    def tell(self) -> None:
        """Write this worker's counts to the board."""
        with self._lock:
            self._board.write(self._place, json.dumps(self._own.told()).encode())

    def total(self) -> Meter:
        """The sum of all counts."""
        self.tell()
        total = Meter()
        for place in range(self._places):
            self._add(total, place)
        return total

    def _add(self, meter: Meter, place: int) -> None:
        told = self._board.read(place)
        if told:
            meter.add_told(json.loads(told))
