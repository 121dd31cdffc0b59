"""The signing keys of a store, which all processes on it share."""

from mock_nicepay.core.identity import fresh_secret
from mock_nicepay.core.records import Secret
from mock_nicepay.core.store import Store

TOKEN_KEY, CONSOLE_KEY = "tokens", "console"  # names of signing keys


def secret_in(store: Store, name: str) -> str:
    """The store's signing key of that name; made when there is none."""
    found = store.get(Secret, name)
    if found is None:
        with store.transaction(name):
            found = store.get(Secret, name) or Secret(name, fresh_secret())
            store.put(found)
    return found.value
