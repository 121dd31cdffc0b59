"""The only source of chance: ids, keys, tokens and invented people, all from one seed.

The same seed and the same calls give the same answers. Each merchant has a stream of its own, so
that parallel tests do not disturb each other's order.
"""

import secrets
from functools import cached_property
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from faker import Faker


def fresh_secret() -> str:
    """A signing key nobody can know: the one thing here that no seed gives."""
    return secrets.token_hex(32)


class Identity:
    """One stream of invented things. `name` keeps the streams of one seed apart."""

    def __init__(self, seed: int, name: str) -> None:
        self.seed = seed
        self._random = Random(f"{seed}/{name}")  # noqa: S311 - repeatable on purpose

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

    def company(self, of: str) -> str:
        """The invented Korean name of the shop `of`; the same however often it is asked for.

        Without Faker (the extra `people`) a plain one.
        """
        if self._faker is None:
            return f"상점 {of[-4:]}"
        self._faker.seed_instance(f"{self.seed}/{of}")
        return str(self._faker.company())

    @cached_property
    def _faker(self) -> "Faker | None":
        # Faker takes long to import, and few runs ask for a name.
        try:
            from faker import Faker
        except ImportError:
            return None
        return Faker("ko_KR")
