"""The control plane's actions on the gateway as a whole: health, reset, journal, snapshot, OpenAPI."""

from typing import Any

from mock_nicepay.core.records import Merchant
from mock_nicepay.front.control.asked import Asked
from mock_nicepay.sandbox import Sandbox


def health(sandbox: Sandbox, asked: Asked) -> Any:
    """Report that the server is up, its edition, its scenarios and its number of merchants."""
    return {
        "status": "ok",
        "edition": sandbox.settings.edition,
        "scenarios": list(sandbox.settings.scenario),
        "merchants": sandbox.store.number(Merchant),
    }


def reset(sandbox: Sandbox, asked: Asked) -> Any:
    """Forget what one merchant, or all merchants, did; the keys stay."""
    sandbox.reset(asked.merchant)
    return {"reset": asked.merchant or "all"}


def get_journal(sandbox: Sandbox, asked: Asked) -> Any:
    """Show the calls, newest first; ?call= and ?code= narrow them, ?limit= and ?from= page."""
    entries = sandbox.journal(asked.merchant)
    call, code = asked.arguments.get("call"), asked.arguments.get("code")
    wanted = [
        entry
        for entry in entries
        if (not call or entry.call == call) and (not code or entry.code == code)
    ]
    return {"total": len(wanted), "entries": [entry.to_json() for entry in asked.page(wanted)]}


def get_openapi(sandbox: Sandbox, asked: Asked) -> Any:
    """Describe every call of a merchant's edition as OpenAPI 3.1; without one, that of a new merchant."""
    from mock_nicepay.front.openapi.document import document  # most runs do not need it

    if asked.merchant:
        return document(sandbox.tenants(asked.merchant)[0].edition)
    return document(sandbox.settings.switches())


def get_snapshot(sandbox: Sandbox, asked: Asked) -> Any:
    """Show the whole state, including the secret keys, as a snapshot that PUT accepts."""
    return sandbox.take_snapshot()


def put_snapshot(sandbox: Sandbox, asked: Asked) -> Any:
    """Replace the whole state by a snapshot."""
    sandbox.load_snapshot(asked.json())
    return {"merchants": sandbox.store.number(Merchant)}
