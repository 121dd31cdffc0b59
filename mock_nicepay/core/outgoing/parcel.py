"""One outgoing request and its result: the values between courier and posting."""

from collections.abc import Mapping
from dataclasses import dataclass

from mock_nicepay.contract.target import Target
from mock_nicepay.core.outgoing.reach import Reach

KEPT = 65_536  # bytes of an answer that are read


@dataclass(frozen=True, slots=True)
class Sent:
    """The result of one call."""

    status: int | None  # None: no answer came
    body: bytes = b""  # the beginning of the answer, at most `KEPT` bytes
    problem: str = ""  # why no answer came
    ms: float = 0.0
    location: str = ""  # the target of a redirect
    media: str = ""  # the answer's media type, such as text/html


# The result of a call that the gateway gave up because it is being stopped.
STOPPED = Sent(None, problem="the gateway was stopped before an answer came")


@dataclass(frozen=True, slots=True)
class Parcel:
    """One POST request."""

    target: Target
    body: bytes
    headers: Mapping[str, str]
    connect: float  # timeout of the connection, in seconds
    answer: float  # and from then on of the complete answer
    reach: Reach  # the rules for where it may go
    registered: bool  # whether a merchant has a webhook at this host
