"""A notice board for processes that serve together: memory that all of them can read.

It needs no file, which a read-only container could not write, and leaves nothing behind.
"""

from mmap import mmap
from struct import Struct
from zlib import crc32

_HEAD = Struct("<IIQ")  # checksum of number and text; length of the text; number of the write
_HALF = 2**20  # bytes; the system provides a page only once it is written to


class Board:
    """Made before the processes are forked. Each place has one writer.

    A place has two halves, written in turns: a process that is killed while it writes spoils only the
    older text.
    """

    def __init__(self, places: int) -> None:
        self._memory = mmap(-1, places * 2 * _HALF)

    def write(self, place: int, text: bytes) -> bool:
        """Put up a text in the stead of the last one; False when it is too long for its place."""
        if len(text) > _HALF - _HEAD.size:
            return False
        number = self._latest(place)[0] + 1
        begin = self._begin(place, number)
        _HEAD.pack_into(self._memory, begin, _checksum(number, text), len(text), number)
        self._memory[begin + _HEAD.size : begin + _HEAD.size + len(text)] = text
        return True

    def read(self, place: int) -> bytes:
        """The text that was last written there; empty when there is none."""
        return self._latest(place)[1]

    def _latest(self, place: int) -> tuple[int, bytes]:
        return max(self._half(self._begin(place, number)) for number in (0, 1))

    def _half(self, begin: int) -> tuple[int, bytes]:
        """The number of the write and its text; 0 and nothing for an empty or half-written half."""
        checksum, length, number = _HEAD.unpack_from(self._memory, begin)
        text = self._memory[begin + _HEAD.size : begin + _HEAD.size + length]
        return (number, text) if checksum == _checksum(number, text) else (0, b"")

    @staticmethod
    def _begin(place: int, number: int) -> int:
        return (2 * place + number % 2) * _HALF


def _checksum(number: int, text: bytes) -> int:
    return crc32(text, number & 0xFFFFFFFF)
