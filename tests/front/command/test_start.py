"""The modules imported at the server's start: none that most runs never use."""

import os
import subprocess
import sys

import pytest

# Each is imported where it is used: pages and console, other stores, metrics, receipts, scenarios with
# patterns, terminals, webhooks, the WSGI application, the in-process transports.
LATER = frozenset(
    {"alembic", "faker", "flask", "holidays", "httpcore", "httpx", "jinja2", "prometheus_client"}
    | {"psycopg", "regex", "requests", "responses", "rich", "sqlalchemy", "werkzeug"}
    | {"mock_nicepay.front.console", "mock_nicepay.front.openapi", "mock_nicepay.front.pages"}
)
START = """
import sys
from mock_nicepay.front.command import cli, serve

def announce(url, sandbox, log):
    print(*sys.modules)
    raise SystemExit

serve._announce = announce
cli.main(["serve", "--port", "0", "--log", sys.argv[1]])
"""


@pytest.mark.slow
@pytest.mark.parametrize("log", ["human", "quiet"])
def test_a_start_loads_nothing_that_can_wait(log: str) -> None:
    """From the start of the command until it is ready."""
    own = {name: value for name, value in os.environ.items() if "MOCK_NICEPAY" not in name}
    done = subprocess.run(
        [sys.executable, "-c", START, log], env=own, capture_output=True, text=True
    )
    loaded = done.stdout.split()

    assert "mock_nicepay.front.server.edge" in loaded, done.stderr
    assert set() == LATER.intersection(loaded)
