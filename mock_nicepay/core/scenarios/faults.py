"""The two closed tables a scenario file chooses from: what a caller sees, and what happens in time.

A new fault is a row here, and its few lines in `core/answers.py` or `front/edge.py`; file format, command
line help and the reference page's check read this table.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of reply."""

    effect: str  # what happens at the gateway when the rule does not say: commit or none
    help: str
    argument: str = ""  # the mapping form's key takes this, when there is one


FAULTS = {
    "ok": Fault("commit", "the true answer, or the true answer patched"),
    "code": Fault("none", "any result code, as a full answer of the right shape", "a result code"),
    "http": Fault("none", "a gateway's HTML page with that status, 502 for one", "an HTTP status"),
    "hang": Fault("commit", "no byte until the caller gives up"),
    "reset": Fault("commit", "the connection is cut before the first byte"),
    "empty": Fault("commit", "HTTP 200 with a body of no bytes"),
    "truncate": Fault("commit", "half the body, then the connection ends"),
    "drip": Fault("commit", "one byte at a time", "the pause between two bytes"),
    "garbage": Fault("commit", "HTTP 200 and JSON's Content-Type, but no JSON", "the text"),
    "bom": Fault("commit", "the true answer behind a UTF-8 byte order mark"),
    "duplicate-keys": Fault("commit", "the true answer with each key twice, the true value last"),
}


@dataclass(frozen=True, slots=True)
class Action:
    """Something a timeline can do."""

    help: str


ACTIONS = {
    "token.expire": Action("the merchant's access token reaches the end of its life"),
    "token.revoke": Action("the merchant's access token is withdrawn"),
    "maintenance.begin": Action("every call is answered by an HTTP 503 page, and nothing happens"),
    "maintenance.end": Action("calls are answered again"),
}
