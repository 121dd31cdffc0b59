"""The names of the calls, as scenario files, the journal and the console use them.

The vocabulary is NICEPAY's whole API, so that a scenario file stays valid whichever
part of it this version serves. A test holds every served endpoint against this list.
"""

CALL_NAMES = (
    "token.issue",
    "payments.approve",
    "payments.get",
    "payments.find",
    "payments.check_amount",
    "payments.cancel",
    "payments.netcancel",
    "subscribe.regist",
    "subscribe.pay",
    "subscribe.expire",
    "subscribe.status",
    "receipt.issue",
    "receipt.cancel",
    "receipt.get",
    "terms.get",
    "card.event",
    "card.interest_free",
    "epay.pay",
    "keyin.pay",
    "checkout.create",
    "checkout.get",
    "checkout.expire",
    "checkout.payment_get",
    "checkout.payment_cancel",
    "webhook.create",
    "webhook.get",
    "webhook.update",
    "webhook.delete",
    "transactions.list",
    "settlements.list",
    "window.open",
    "window.pay",
    "webhook.deliver",
)

# The places in the paths of those calls that have any.
CALL_PLACES = {
    **dict.fromkeys(
        ("payments.approve", "payments.get", "payments.check_amount", "payments.cancel"), ("tid",)
    ),
    "payments.find": ("orderId",),
    **dict.fromkeys(("subscribe.pay", "subscribe.expire", "subscribe.status"), ("bid",)),
    **dict.fromkeys(("receipt.cancel", "receipt.get"), ("tid",)),
    **dict.fromkeys(
        ("checkout.get", "checkout.expire", "checkout.payment_get", "checkout.payment_cancel"),
        ("sessionId",),
    ),
    **dict.fromkeys(("webhook.update", "webhook.delete"), ("method",)),
}

# The sides a scenario's rule can be on: answers of our API, the payer's window, our own webhooks.
CALL, WINDOW, WEBHOOK = "call", "window", "webhook"

# Calls at which the issuer has the last word: its no is recorded, and is not a refusal.
PAYING = ("payments.approve", "subscribe.pay", "epay.pay", "keyin.pay")
_CANCELLING = ("payments.cancel", "checkout.payment_cancel")
_FILING = ("receipt.issue", "receipt.cancel")  # here it is the tax office's
_REGISTERING = ("subscribe.regist", "subscribe.expire")  # a card, or the end of it
DECIDED_BY_ISSUER = (*PAYING, *_CANCELLING, *_FILING, *_REGISTERING)

# Calls whose money may move later than the call was made.
MAY_BE_LATE = PAYING
# Where a scenario may say so; of the window when it approves itself.
CAN_BE_LATE = (*MAY_BE_LATE, "window.pay")

# The calls that a part of a magic value names: `mock:cancel:2032` is for payments.cancel.
MAGIC_PARTS = {
    "approve": (*PAYING, "subscribe.regist"),
    "cancel": _CANCELLING,
    "netcancel": ("payments.netcancel",),
    "get": ("payments.get", "payments.find", "checkout.payment_get"),
    "check": ("payments.check_amount",),
    "receipt": _FILING,
    "key": ("subscribe.expire", "subscribe.status"),
    "checkout": ("checkout.create", "checkout.get", "checkout.expire"),
    "window": ("window.pay",),
    "webhook": ("webhook.deliver",),
}


def side_of(name: str) -> str:
    """Which side the call of that name is on."""
    if name == "webhook.deliver":
        return WEBHOOK
    return WINDOW if name.startswith("window.") else CALL
