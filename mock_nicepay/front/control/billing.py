"""The control plane's actions on billing keys: show, delete, suspend and resume them."""

from typing import Any

from mock_nicepay.front.control.asked import Asked
from mock_nicepay.sandbox import Sandbox


def list_keys(sandbox: Sandbox, asked: Asked) -> Any:
    """List the billing keys in any state, newest first; ?limit= and ?from= page."""
    found = sandbox.billing.registered(asked.owner(sandbox))
    shown = [sandbox.billing.to_json(key) for key in asked.page(found)]
    return {"total": len(found), "billingKeys": shown}


def get_key(sandbox: Sandbox, asked: Asked) -> Any:
    """Show one billing key with its charges."""
    key = sandbox.billing.key(asked.places["bid"], asked.owner(sandbox))
    return sandbox.billing.to_json(key)


def expire_key(sandbox: Sandbox, asked: Asked) -> Any:
    """Delete a billing key, as its merchant's own call does."""
    owner = asked.owner(sandbox)
    asked.nothing()
    return sandbox.billing.to_json(sandbox.billing.delete(asked.places["bid"], owner))


def suspend_key(sandbox: Sandbox, asked: Asked) -> Any:
    """Suspend a billing key as its card company does: charges are declined with F118."""
    return _suspended(sandbox, asked, on=True)


def resume_key(sandbox: Sandbox, asked: Asked) -> Any:
    """Resume a suspended billing key, so that it can be charged again."""
    return _suspended(sandbox, asked, on=False)


def _suspended(sandbox: Sandbox, asked: Asked, *, on: bool) -> Any:
    owner = asked.owner(sandbox)
    asked.nothing()
    changed = sandbox.billing.suspend(asked.places["bid"], on=on, client_id=owner)
    return sandbox.billing.to_json(changed)
