"""The logins to the console in the store: their signing key, and those that have ended."""

from datetime import timedelta

from mock_nicepay.core.clock import wall
from mock_nicepay.core.login.signing_keys import CONSOLE_KEY, secret_in
from mock_nicepay.core.records import Ended
from mock_nicepay.core.store import Store


class ConsoleLogins:
    """The logins to one sandbox's console, in real time: no merchant's clock ends a login."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.secret = secret_in(store, CONSOLE_KEY)

    def end(self, login: str, lifetime: timedelta) -> None:
        """End a login, also for a copy of its cookie.

        It is remembered for `lifetime`, as long as the cookie would be valid.
        """
        now = wall()
        for each in self._store.find(Ended):
            if now - each.at > lifetime:
                self._store.delete(each)
        self._store.put(Ended(login, now))

    def is_over(self, login: str) -> bool:
        """Whether that login has been ended."""
        return self._store.get(Ended, login) is not None
