"""The commands that README and docs show: each is played against a server, and answers what is shown.

Not played is what serves, tests or builds until somebody ends it (`make`, `mock-nicepay serve`, `run`,
`docker`, `pip`): other tests start those.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from playing import PATIENCE, ROOT

from mock_nicepay.front.handle import gateway_at
from mock_nicepay.front.server.server import BackgroundServer
from mock_nicepay.sandbox import Sandbox
from mock_nicepay.settings import Settings

pytestmark = pytest.mark.slow

PAGES = [ROOT / "README.md", ROOT / "README.ko.md", *sorted((ROOT / "docs").glob("*.md"))]
ELSEWHERE = ("make ", "mock-nicepay serve", "mock-nicepay run", "docker ", "pip ", "cd ")
KEYS = {
    "NICEPAY_CLIENT_ID": "S2_af4543a0be4d49a98122e01ec2059a56",
    "NICEPAY_SECRET_KEY": "9eb85607103646da9f9c02b128f2e5ee",
}
ACCOUNT = "UT0000104m03012302281253170001"  # the payment by virtual account that pages speak of
CUT_OFF = 28  # curl's status when its own patience is over


class Shown(NamedTuple):
    """A command, and the answer under it, if any."""

    command: str
    answer: str


def shown(page: Path) -> list[list[Shown]]:
    """The commands of a page, block by block."""
    text = page.read_text("utf-8")
    return [
        [Shown(*each) for each in commands(block)]
        for block in re.findall(r"^```console\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    ]


def commands(block: str) -> Iterator[tuple[str, str]]:
    """What stands after each prompt: the command with its further lines, the answer's line."""
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, brace, answer = part.partition("\n{")
        yield command.strip(), f"{brace}{answer}".strip()


@pytest.fixture
def server() -> Iterator[BackgroundServer]:
    """A server as `make serve` starts it, with a payment by virtual account."""
    with BackgroundServer(Sandbox(Settings.read({"log": "quiet"}, {}))) as running:
        yield running


def account(server: BackgroundServer) -> str:
    """The tid of an account that waits for 1004 won."""
    ask = gateway_at(server.url).control.ask
    wish = {
        "clientId": KEYS["NICEPAY_CLIENT_ID"],
        "method": "vbank",
        "orderId": "account",
        "amount": 1004,
        "goodsName": "책",
        "vbankHolder": "홍길동",
        "returnUrl": "http://127.0.0.1:9/",
        "post": False,
    }
    tid = ask("POST", "/window/pay", json.dumps(wish).encode())["tid"]
    command = f"curl -s {server.url}/v1/payments/{tid} -u {':'.join(KEYS.values())} -d '{{\"amount\": 1004}}'"
    assert '"status":"ready"' in played(f"{command} -H 'Content-Type: application/json'", ROOT)[1]
    return str(tid)


def played(script: str, place: Path) -> tuple[int, str]:
    """Run commands in one shell: status and output of the last."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=place,
        env={"PATH": path, "PYTHONUTF8": "1", "MOCK_NICEPAY_LOG": "quiet", **KEYS},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=PATIENCE,
        check=False,
    )
    return done.returncode, done.stdout


@pytest.mark.parametrize(
    "page", [each for each in PAGES if shown(each)], ids=lambda page: page.name
)
def test_the_commands_of_a_page(page: Path, server: BackgroundServer, tmp_path: Path) -> None:
    """From the first to the last against one server; a block's commands share a shell."""
    scenarios = re.findall(
        r"^```yaml\n(version:.*?)^```$", page.read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    for scenario in scenarios:
        (tmp_path / f"{re.findall(r'name: (.+)', scenario)[0]}.yaml").write_text(scenario, "utf-8")
    tid = account(server) if ACCOUNT in page.read_text("utf-8") else ""
    for block in shown(page):
        before = ""
        for command, answer in block:
            if command.startswith(ELSEWHERE):
                continue
            here = command.replace("http://127.0.0.1:8090", server.url).replace(ACCOUNT, tid)
            here = here.replace("127.0.0.1:3000", "127.0.0.1:9")  # no shop is open
            status, said = played(f"{before}{here}", tmp_path)
            assert (CUT_OFF if " -m 2" in here else 0) == status, command
            assert looks_like(answer, said), (command, said)
            if re.match(r"export |[A-Z]+=", here):
                before += f"{here}\n"


def looks_like(answer: str, said: str) -> bool:
    """Whether an answer is the one shown, times aside and `...` standing for anything; else that it went well."""
    if not answer:
        return not re.search(r'^\{"error"|"resultCode":"(?!0000)', said)
    pattern = re.escape(re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+", "TIME", answer)).replace(
        r"\.\.\.", '[^"]*'
    )
    return bool(re.fullmatch(pattern.replace("TIME", r"[\dT:.-]+"), said.strip()))
