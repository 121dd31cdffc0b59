"""Who the tests of the console are about: a merchant, and somebody who looks."""

import pytest
from till import Till
from visitor import KEY, Visitor

from mock_nicepay.sandbox import Sandbox
from mock_nicepay.settings import Settings


@pytest.fixture
def till() -> Till:
    """A merchant of its own."""
    return Till()


@pytest.fixture
def visitor(till: Till) -> Visitor:
    """Somebody who looks at its sandbox."""
    return Visitor(till.sandbox)


@pytest.fixture
def locked() -> Visitor:
    """Somebody at the door of a sandbox with an admin key."""
    options = {"log": "quiet", "admin_key": KEY}
    return Visitor(Sandbox(Settings.read(options, environment={})))
