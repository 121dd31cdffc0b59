"""The control plane's actions on the gateway as a whole: health, reset, journal, snapshot, OpenAPI."""

from typing import Any

from mock_nicepay.core.records import Merchant
from mock_nicepay.front.control.asked import Asked
from mock_nicepay.sandbox import Sandbox


def health(sandbox: Sandbox, asked: Asked) -> Any:
    """Tell that the server answers, and what it plays."""
    return {
        "status": "ok",
        "edition": sandbox.settings.edition,
        "scenarios": list(sandbox.settings.scenario),
        "merchants": sandbox.store.number(Merchant),
    }


def reset(sandbox: Sandbox, asked: Asked) -> Any:
    """Forget what a merchant did, or what all did; the keys stay."""
    sandbox.reset(asked.merchant)
    return {"reset": asked.merchant or "all"}


def get_journal(sandbox: Sandbox, asked: Asked) -> Any:
    """Show the calls, the newest first; ?call= and ?code= narrow them, ?limit= and ?from= page."""
    entries = sandbox.journal(asked.merchant)
    call, code = asked.arguments.get("call"), asked.arguments.get("code")
    wanted = [
        entry
        for entry in entries
        if (not call or entry.call == call) and (not code or entry.code == code)
    ]
    return {"total": len(wanted), "entries": [entry.to_json() for entry in asked.page(wanted)]}


def get_openapi(sandbox: Sandbox, asked: Asked) -> Any:
    """Describe every call of a merchant's edition, or of a new one's: OpenAPI 3.1."""
    from mock_nicepay.front.openapi.document import document  # most runs never ask for it

    if asked.merchant:
        return document(sandbox.tenants(asked.merchant)[0].edition)
    return document(sandbox.settings.switches())


def get_snapshot(sandbox: Sandbox, asked: Asked) -> Any:
    """Give the whole state, keys and all, as PUT takes it."""
    return sandbox.take_snapshot()


def put_snapshot(sandbox: Sandbox, asked: Asked) -> Any:
    """Hold what a snapshot holds, and nothing else."""
    sandbox.load_snapshot(asked.json())
    return {"merchants": sandbox.store.number(Merchant)}
