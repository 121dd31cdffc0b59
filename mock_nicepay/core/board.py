"""What each of several processes last told the others, in memory that they have in common.

No file is needed, which a container may have no room for, and nothing is left behind.
"""

from mmap import mmap
from struct import Struct
from zlib import crc32

_HEAD = Struct("<IIQ")  # checksum of what follows; length; which writing it was
_HALF = 2**20  # bytes; those that nobody has written to are no memory yet


class Board:
    """Made before the processes are forked. Each place is written by one of them.

    It has two halves that are written by turns: whoever is killed while it writes spoils the older one.
    """

    def __init__(self, places: int) -> None:
        self._memory = mmap(-1, places * 2 * _HALF)

    def write(self, place: int, text: bytes) -> bool:
        """Have others read this from now on; False when it is too long for its place."""
        if len(text) > _HALF - _HEAD.size:
            return False
        number = self._latest(place)[0] + 1
        begin = self._begin(place, number)
        _HEAD.pack_into(self._memory, begin, _checksum(number, text), len(text), number)
        self._memory[begin + _HEAD.size : begin + _HEAD.size + len(text)] = text
        return True

    def read(self, place: int) -> bytes:
        """What was last written there; empty when nothing was."""
        return self._latest(place)[1]

    def _latest(self, place: int) -> tuple[int, bytes]:
        return max(self._half(self._begin(place, number)) for number in (0, 1))

    def _half(self, begin: int) -> tuple[int, bytes]:
        """Which writing a half has, and its text; of one that is half written the 0th, of none."""
        checksum, length, number = _HEAD.unpack_from(self._memory, begin)
        text = self._memory[begin + _HEAD.size : begin + _HEAD.size + length]
        return (number, text) if checksum == _checksum(number, text) else (0, b"")

    @staticmethod
    def _begin(place: int, number: int) -> int:
        return (2 * place + number % 2) * _HALF


def _checksum(number: int, text: bytes) -> int:
    return crc32(text, number & 0xFFFFFFFF)
