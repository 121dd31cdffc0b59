"""Memory that all worker processes of a server can read.

It needs no file, so that it works in a read-only container, and leaves nothing behind.
"""

from mmap import mmap
from struct import Struct
from zlib import crc32

_HEAD = Struct("<IIQ")  # checksum of number and text; length of the text; number of the write
_HALF = 2**20  # bytes; the system provides a page only once it is written to


class Board:
    """Shared memory, made before the workers are forked. Each place has one writer.

    A place has two halves, which are written alternately: a process that is killed while writing
    damages only the older text.
    """

    def __init__(self, places: int) -> None:
        self._memory = mmap(-1, places * 2 * _HALF)

    def write(self, place: int, text: bytes) -> bool:
        """Replace the text of a place; False when the text is too long."""
        if len(text) > _HALF - _HEAD.size:
            return False
        number = self._latest(place)[0] + 1
        begin = self._begin(place, number)
        _HEAD.pack_into(self._memory, begin, _checksum(number, text), len(text), number)
        self._memory[begin + _HEAD.size : begin + _HEAD.size + len(text)] = text
        return True

    def read(self, place: int) -> bytes:
        """The text last written to that place; empty when there is none."""
        return self._latest(place)[1]

    def _latest(self, place: int) -> tuple[int, bytes]:
        return max(self._half(self._begin(place, number)) for number in (0, 1))

    def _half(self, begin: int) -> tuple[int, bytes]:
        """The number of the write and its text; 0 and empty for an empty or half-written half."""
        checksum, length, number = _HEAD.unpack_from(self._memory, begin)
        text = self._memory[begin + _HEAD.size : begin + _HEAD.size + length]
        return (number, text) if checksum == _checksum(number, text) else (0, b"")

    @staticmethod
    def _begin(place: int, number: int) -> int:
        return (2 * place + number % 2) * _HALF


def _checksum(number: int, text: bytes) -> int:
    return crc32(text, number & 0xFFFFFFFF)
