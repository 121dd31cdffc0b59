"""The fixed tables a scenario file chooses from: replies, effects, and actions of the timeline.

A new fault needs a row here and a few lines where it acts: for an answer of the API
`core/answers.py` or `front/server/edge.py`, for the payer's window `core/window/attempt.py` or
`core/window/outcome.py`, for a webhook `core/webhooks/notices.py` (what is sent, and when first) or
`core/webhooks/deliveries.py` (how often). An action of the timeline acts in
`core/gateway_stage.py`. The file format, the command line's help and the test of the reference page
read these tables.
"""

from dataclasses import dataclass

from mock_nicepay.contract.calls import CALL, WEBHOOK, WINDOW

_PAGES = (CALL, WINDOW)
_EVERYWHERE = (CALL, WINDOW, WEBHOOK)


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of reply."""

    effect: str  # what happens at the gateway when the rule names no effect: commit or none
    help: str
    argument: str = ""  # what the mapping form takes; empty: there is no such form
    sides: tuple[str, ...] = (CALL,)  # where it can happen


FAULTS = {
    "ok": Fault("commit", "the true answer, or the true answer patched", sides=_EVERYWHERE),
    "code": Fault(
        "none", "any result code, as a full answer of the right shape", "a result code", _PAGES
    ),
    "http": Fault("none", "a gateway's HTML page with that status, 502 for one", "an HTTP status"),
    "hang": Fault("commit", "no byte until the caller gives up", sides=_PAGES),
    "reset": Fault("commit", "the connection is cut before the first byte"),
    "empty": Fault("commit", "HTTP 200 with a body of no bytes"),
    "truncate": Fault("commit", "half the body, then the connection ends"),
    "drip": Fault("commit", "one byte at a time", "the pause between two bytes"),
    "garbage": Fault("commit", "HTTP 200 and JSON's Content-Type, but no JSON", "the text"),
    "bom": Fault("commit", "the true answer behind a UTF-8 byte order mark"),
    "duplicate-keys": Fault("commit", "the true answer with each key twice, the true value last"),
    "close": Fault("none", "the payer closes the window: nothing is posted", sides=(WINDOW,)),
    "timeout": Fault("none", "the payer leaves until the window's time is over", sides=(WINDOW,)),
    "duplicate": Fault("commit", "the form, or the event, is sent twice", sides=(WINDOW, WEBHOOK)),
    "drop": Fault(
        "commit", "the first tries never leave", "how many tries, 1 when not given", (WEBHOOK,)
    ),
    "never": Fault("commit", "the event is never sent", sides=(WEBHOOK,)),
    "duplicate-after-ok": Fault(
        "commit", "sent again a minute after it was accepted", sides=(WEBHOOK,)
    ),
    "reorder": Fault(
        "commit",
        "held back until the merchant's next event was delivered, ten minutes at most",
        sides=(WEBHOOK,),
    ),
    "before-answer": Fault(
        "commit", "delivered before the answer or the form that belongs to it", sides=(WEBHOOK,)
    ),
    "wrong-signature": Fault(
        "commit", "with a signature that no key of the merchant's makes", sides=(WEBHOOK,)
    ),
    "reordered-keys": Fault(
        "commit", "the same JSON with its keys in another order", sides=(WEBHOOK,)
    ),
    "other-key": Fault(
        "commit", "signed with the key of the merchant's other key pair", sides=(WEBHOOK,)
    ),
}

# The reply to suggest where another one cannot happen.
INSTEAD = {
    ("close", CALL): "hang",
    ("timeout", CALL): "hang",
    ("drop", CALL): "hang",
    ("never", CALL): "hang",
    ("http", WINDOW): "code",
    ("reset", WINDOW): "hang",
    ("empty", WINDOW): "hang",
    ("truncate", WINDOW): "hang",
    ("drop", WINDOW): "hang",
    ("never", WINDOW): "hang",
    ("hang", WEBHOOK): "drop",
    ("reset", WEBHOOK): "drop",
    ("empty", WEBHOOK): "drop",
    ("timeout", WEBHOOK): "drop",
    ("close", WEBHOOK): "never",
}

EFFECTS = {
    "commit": "it happens",
    "none": "nothing of it stays",
    "decline": "the issuer says no, and that is recorded: a failed payment, a failed cancel",
    "late": "the money moves only after `delay`; until then the approval is being processed",
}


@dataclass(frozen=True, slots=True)
class Action:
    """Something a timeline can do."""

    help: str
    arguments: tuple[str, ...] = ()  # keys that are allowed besides `at` and `do`


ACTIONS = {
    "token.expire": Action("the merchant's access token reaches the end of its life"),
    "token.revoke": Action("the merchant's access token is withdrawn"),
    "maintenance.begin": Action("every call is answered by an HTTP 503 page, and nothing happens"),
    "maintenance.end": Action("calls are answered again"),
    "payment.deposit": Action(
        "somebody transfers money to the virtual accounts of these orders", ("orderId", "amount")
    ),
    "payment.cancel": Action(
        "NICEPAY cancels what is left of these orders, as it does with test payments each night",
        ("orderId",),
    ),
    "key.delete": Action(
        "the card company or wallet deletes the billing keys registered under these orders",
        ("orderId",),
    ),
    "key.suspend": Action(
        "the card company or wallet suspends the billing keys registered under these orders",
        ("orderId",),
    ),
    "receipt.confirm": Action(
        "the tax office agrees to what it was asked for cash receipts of these orders",
        ("orderId",),
    ),
    "receipt.reject": Action(
        "the tax office turns down what it was asked for cash receipts of these orders",
        ("orderId",),
    ),
}
