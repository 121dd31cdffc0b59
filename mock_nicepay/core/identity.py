"""The only source of chance: ids, keys, tokens and invented people, all from one seed.

The same seed and the same calls give the same answers. Each merchant has a stream of its own, so
that parallel tests do not disturb each other's order.
"""

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cached_property
from random import Random
from string import ascii_uppercase, digits
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from faker import Faker

T = TypeVar("T")
CHAPTER = 1000  # serials that a process reserves at once
_PLAIN_SERIALS = 10_000  # four digits; the ids after them begin with a letter
_SERIAL_SIGNS = digits + ascii_uppercase


def fresh_secret() -> str:
    """A signing key that cannot be guessed: the only value here that does not come from the seed."""
    return secrets.token_hex(32)


class Identity:
    """One stream of invented values. `name` keeps the streams of one seed apart.

    When several processes invent values for the same merchant, together or one after another, each
    reserves whole chapters of the stream, so that nothing is invented twice.
    """

    def __init__(self, seed: int, name: str, chapters: Callable[[], int] | None = None) -> None:
        """`chapters` returns each number once over all processes; None: one endless chapter."""
        self.seed = seed
        self._name = name
        self._chapters = chapters
        self._naming = Lock()
        self._serials = 0
        self._last = (
            None if chapters is None else 0
        )  # the first serial after this chapter; None: it is endless

    @cached_property
    def _random(self) -> Random:
        """The random numbers of the stream; drawing the first begins its chapter."""
        return Random(self._begin_chapter())  # noqa: S311 - repeatable on purpose

    def _begin_chapter(self) -> str:
        """The name of a new chapter. The first one's equals that of a stream without chapters."""
        number = self._chapters() if self._chapters else 0
        if self._last is not None:
            self._serials = number * CHAPTER
            self._last = self._serials + CHAPTER
        return f"{self.seed}/{self._name}" + (f"/{number}" if number else "")

    @property
    def next_chapter(self) -> int:
        """The first chapter that an endless stream has not used, for another process to continue with."""
        return self._serials // CHAPTER + 1

    def hex(self, digits: int) -> str:
        """Lower-case hex of that many digits."""
        return f"{self._random.getrandbits(4 * digits):0{digits}x}"

    def access_token(self, digits: int) -> str:
        """Recorded (token.form): 40 lower-case hex digits; 64 in the record of 2021."""
        return self.hex(digits)

    def client_id(self, window: str) -> str:
        """Documented (keys.form): S1_ (Client approval) or S2_ (Server approval) and 32 hex."""
        return f"{'S1' if window == 'client' else 'S2'}_{self.hex(32)}"

    def secret_key(self) -> str:
        """Documented (keys.form): 32 lower-case hex digits."""
        return self.hex(32)

    def mid(self) -> str:
        """Recorded (mid.form): a sandbox merchant id is `UT`, seven digits and `m`."""
        return f"UT{self._random.randrange(10**7):07d}m"

    def digits(self, count: int) -> str:
        """That many decimal digits, the first of them not zero."""
        return str(self._random.randrange(10 ** (count - 1), 10**count))

    def pick(self, among: Sequence[T]) -> T:
        """One of several, all equally likely."""
        return self._random.choice(among)

    def tid(self, mid: str, service: str, moment: datetime, medium: str = "01") -> str:
        """A transaction id of 30 characters, a new one each time.

        Recorded (tid.form): merchant id, two digits of the service, two of the medium (01: general
        business), yyMMddHHmmss, four characters: mostly digits, once a letter and digits.
        """
        return f"{mid}{service}{medium}{moment:%y%m%d%H%M%S}{self._serial()}"

    def auth_token(self) -> str:
        """Recorded (auth-token.form): `NICEUNTT` and 32 upper-case hex digits."""
        return f"NICEUNTT{self.hex(32).upper()}"

    def billing_id(self, mid: str, moment: datetime) -> str:
        """A billing id, a new one each time.

        Documented (bid.form): `BIKY`, the merchant id, yyMMddHHmmss and four digits (K25).
        """
        return f"BIKY{mid}{moment:%y%m%d%H%M%S}{self._serial()}"

    def approval_number(self) -> str:
        """Recorded (approval-number.form): eight digits in the one record that is not a sandbox's."""
        return self.digits(8)

    def _serial(self) -> str:
        """Four characters that do not repeat within a million ids."""
        if self._serials == self._last:
            self._random = Random(self._begin_chapter())  # noqa: S311 - repeatable on purpose
        number = self._serials
        self._serials += 1
        if number < _PLAIN_SERIALS:
            return f"{(number + self.seed) % _PLAIN_SERIALS:04d}"
        rest, signs = number - _PLAIN_SERIALS, ""
        for _ in range(3):
            rest, sign = divmod(rest, len(_SERIAL_SIGNS))
            signs = _SERIAL_SIGNS[sign] + signs
        return ascii_uppercase[rest % len(ascii_uppercase)] + signs

    def company(self, of: str) -> str:
        """The invented Korean name of the shop `of`; always the same for one shop.

        Without Faker (the extra `people`) it is a plain one.
        """
        if self._faker is None:
            return f"상점 {of[-4:]}"
        with self._naming:  # pages call this from several threads
            self._faker.seed_instance(f"{self.seed}/{of}")
            return str(self._faker.company())

    @cached_property
    def _faker(self) -> "Faker | None":
        # Faker is slow to import, and few runs need a name.
        try:
            from faker import Faker
        except ImportError:
            return None
        return Faker("ko_KR")
