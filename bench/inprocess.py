"""In-process calls compared with the stub libraries of requests and httpx; and the cost for a test."""

import subprocess
import sys

import httpx
import requests
import responses
import respx
from bare import BODY, app
from common import (
    CLIENT_ID,
    ENVIRONMENT,
    LOGIN,
    SECRET_KEY,
    Rows,
    keep,
    microseconds,
    ratio,
    say,
    table,
)

from mock_nicepay import Sandbox
from mock_nicepay.contract.endpoint import Request
from mock_nicepay.front.transports import httpx_transport, requests_session

URL = "https://api.nicepay.co.kr/v1/access-token"
CALLS = 200  # of one subject in a round
AUTH = (CLIENT_ID, SECRET_KEY)
# Our transports, and the stub libraries for the same client.
STUBS = {
    "requests, our adapter": "requests, `responses`",
    "httpx, our transport": "httpx, `respx`",
}
_IMPORT = (
    "import time, pytest; begun = time.perf_counter(); import mock_nicepay.front.pytest_plugin; "
    "print((time.perf_counter() - begun) * 1000)"
)


def in_process(rounds: int) -> Rows:
    """Microseconds of one token call, or of making one fresh merchant."""
    rows: Rows = {}
    sandbox = Sandbox(log="quiet")
    session = requests_session(sandbox)
    client = httpx.Client(transport=httpx_transport(sandbox))
    plain_session, plain_client, flask = requests.Session(), httpx.Client(), app.test_client()
    call = Request("POST", "/v1/access-token", headers={"authorization": LOGIN})
    for number in range(rounds * 4):
        say(f"in process, round {number + 1} of {rounds * 4}")
        subjects = {
            "Sandbox.handle": lambda: sandbox.handle(call),
            "requests, our adapter": lambda: session.post(URL, auth=AUTH),
            "httpx, our transport": lambda: client.post(URL, auth=AUTH),
            "Flask's test client": lambda: flask.post(
                "/v1/access-token", headers={"Authorization": LOGIN}
            ),
            "a fresh merchant": sandbox.add_merchant,
        }
        for name, subject in subjects.items():
            keep(rows, name, "µs", microseconds(subject, CALLS))
        with responses.RequestsMock() as stub:
            stub.post(URL, json=BODY)
            spent = microseconds(lambda: plain_session.post(URL, auth=AUTH), CALLS)
        keep(rows, "requests, `responses`", "µs", spent)
        with respx.mock:
            respx.post(URL).respond(json=BODY)
            spent = microseconds(lambda: plain_client.post(URL, auth=AUTH), CALLS)
        keep(rows, "httpx, `respx`", "µs", spent)
    return rows


def plugin_import(rounds: int) -> Rows:
    """Milliseconds that importing the plugin adds to a run of pytest."""
    rows: Rows = {}
    line = [sys.executable, "-c", _IMPORT]
    for number in range(rounds * 2 + 1):
        done = subprocess.run(line, env=ENVIRONMENT, capture_output=True, text=True, check=True)
        if number:  # the first run may include compiling to bytecode
            keep(rows, "importing the pytest plugin", "ms", float(done.stdout))
    return rows


def show_in_process(rows: Rows) -> None:
    """Print the tables of `in_process`."""
    table(rows, "In process, one call")
    for ours, theirs in STUBS.items():
        print(f"\n{ours} costs {ratio(rows, ours, theirs, 'µs'):.2f} of {theirs}")
