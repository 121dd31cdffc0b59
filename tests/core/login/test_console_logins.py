"""Logins to the console: one signing key for a store, and what is over stays over."""

from datetime import datetime, timedelta

import pytest

from mock_nicepay.contract.times import KST
from mock_nicepay.core.login import console_logins
from mock_nicepay.core.login.console_logins import ConsoleLogins
from mock_nicepay.core.records import Ended
from mock_nicepay.core.stores.memory import MemoryStore

NOON = datetime(2023, 2, 28, 12, tzinfo=KST)
HOUR = timedelta(hours=1)


def test_all_on_one_store_sign_alike() -> None:
    """And no two stores do."""
    store = MemoryStore()

    assert ConsoleLogins(store).secret == ConsoleLogins(store).secret
    assert ConsoleLogins(store).secret != ConsoleLogins(MemoryStore()).secret


def test_an_ended_login_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """For as long as its cookie would be valid; after that it is forgotten."""
    store = MemoryStore()
    logins = ConsoleLogins(store)
    monkeypatch.setattr(console_logins, "wall", lambda: NOON)
    logins.end("one", HOUR)
    assert [True, False] == [logins.is_over("one"), logins.is_over("two")]
    monkeypatch.setattr(console_logins, "wall", lambda: NOON + 2 * HOUR)
    logins.end("two", HOUR)
    assert ["two"] == [each.session for each in store.find(Ended)]
