"""Typed uses of the public names: type-checked by `make check`, run by tests/test_public.py."""

from datetime import timedelta

from flask import Flask

from mock_nicepay import Sandbox, create_app
from mock_nicepay.contract.endpoint import Reply, Request
from mock_nicepay.core.records import Merchant


def embed() -> Flask:
    """A Flask app around a gateway with settings of its own."""
    return create_app(edition="gateway", token_lifetime="10m", log="quiet")


def drive() -> Reply:
    """A gateway without any server."""
    sandbox = Sandbox(clock="2026-01-31T09:00:00+0900", seed="7")
    merchant: Merchant = sandbox.add_merchant(window="client", authType="basic")
    sandbox.choose_scenario({"version": 1, "name": "none"}, merchant.client_id)
    sandbox.advance(timedelta(minutes=31), merchant.client_id)
    return sandbox.handle(Request("POST", "/v1/access-token"))
