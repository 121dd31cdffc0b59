"""What the tests of durable stores share."""

from pathlib import Path

import pytest


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty durable store."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/a.db"
    address: str = request.getfixturevalue("postgres").database()
    return address
