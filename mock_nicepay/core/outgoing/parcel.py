"""What goes out in one call, and what came of it: the values between courier and posting."""

from collections.abc import Mapping
from dataclasses import dataclass

from mock_nicepay.contract.target import Target
from mock_nicepay.core.outgoing.reach import Reach

KEPT = 65_536  # bytes of an answer that are read


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of one call."""

    status: int | None  # None: no answer came
    body: bytes = b""  # the beginning of the answer, at most `KEPT` bytes
    problem: str = ""  # why no answer came
    ms: float = 0.0
    location: str = ""  # where a redirect would have led
    media: str = ""  # what the answer said it is: text/html


# What a call ends with that the gateway itself gave up, because it is being stopped.
STOPPED = Sent(None, problem="the gateway was stopped before an answer came")


@dataclass(frozen=True, slots=True)
class Parcel:
    """One POST request on its way."""

    target: Target
    body: bytes
    headers: Mapping[str, str]
    connect: float  # most seconds until the connection stands
    answer: float  # and from there until the answer is complete
    reach: Reach  # how far it may go,
    registered: bool  # and whether a merchant has a webhook at this host
