"""The recipes: each is executed as far as this machine has what it needs.

CI: the steps' commands run in a shell, in a folder that looks like a project; `pip install` is
played, for what it would install is under test here. Node, Java, PHP: run where there is one; where
there is none, the calls that the recipe makes are made one by one. The Testcontainers recipe needs
Docker: it is compiled and run with stubs of that library, which lead to a server without a container.
"""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from base64 import b64encode
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml
from playing import ROOT, ask, free_port

from mock_nicepay.api import ENDPOINTS
from mock_nicepay.contract.endpoint import Routes
from mock_nicepay.front.command.cli import commands
from mock_nicepay.front.control.plane import ACTIONS
from mock_nicepay.front.paths import places_of
from mock_nicepay.front.server.server import BackgroundServer
from mock_nicepay.sandbox import Sandbox
from mock_nicepay.settings import Settings

pytestmark = pytest.mark.slow

EXAMPLES = ROOT / "examples"
PATIENCE = 120.0  # seconds until a recipe counts as hanging
PROGRAMS = Path(sys.executable).parent


def variables(place: Path, **more: str) -> dict[str, str]:
    """The environment of a job: our command, and a pip that notes what it is to install."""
    tools = place / "tools"
    tools.mkdir(exist_ok=True)
    pip = tools / "pip"
    pip.write_text(f'#!/bin/sh\necho "$@" >> "{place}/pip.log"\n')
    pip.chmod(0o755)
    own = tools / "mock-nicepay"
    own.unlink(missing_ok=True)
    own.symlink_to(PROGRAMS / "mock-nicepay")
    kept = {name: os.environ[name] for name in ("HOME", "JAVA_HOME") if name in os.environ}
    return {**kept, "PATH": f"{tools}:{os.environ['PATH']}", **more}


def played(steps: list[str], place: Path, environment: dict[str, str]) -> str:
    """Run a job's commands one after another, each in a shell of its own; what they leave behind ends."""
    script = "\n".join(f"bash -eo pipefail -c {_quoted(command)} || exit 1" for command in steps)
    with (place / "said").open("w") as out:
        job = subprocess.Popen(
            ["bash", "-c", script],
            cwd=place,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            status = job.wait(PATIENCE)
        finally:
            _end_group(job.pid)
            job.wait()
    said = (place / "said").read_text()
    assert 0 == status, said
    return said


def _quoted(command: str) -> str:
    return "'" + command.replace("'", "'\\''") + "'"


def _end_group(group: int) -> None:
    with suppress(ProcessLookupError):  # nothing is left
        os.killpg(group, signal.SIGTERM)


def project(place: Path) -> None:
    """A folder as the CI recipes expect it."""
    shutil.copy(EXAMPLES / "ci" / "payment-test.sh", place)
    (place / "scenarios").mkdir()
    shutil.copy(EXAMPLES / "ci" / "careful.yaml", place / "scenarios")


def here(text: str, port: int) -> str:
    """An address on a port of this test's own."""
    return text.replace("127.0.0.1:8090", f"127.0.0.1:{port}")


# CI


def workflow() -> dict[str, Any]:
    """The GitHub recipe's jobs."""
    given = yaml.safe_load((EXAMPLES / "ci" / "github-actions.yml").read_text("utf-8"))
    jobs: dict[str, Any] = given["jobs"]
    return jobs


@pytest.mark.parametrize("name", list(workflow()))
def test_github_actions(name: str, tmp_path: Path) -> None:
    """The commands of each job pass; the gateway is installed first."""
    project(tmp_path)
    job, port = workflow()[name], free_port()
    given = {key: here(value, port) for key, value in job.get("env", {}).items()}
    environment = variables(tmp_path, MOCK_NICEPAY_PORT=str(port), **given)
    steps = [here(step["run"], port) for step in job["steps"] if "run" in step]
    said = played(steps, tmp_path, environment)
    assert "paid UT" in said
    assert "install mock-nicepay\n" == (tmp_path / "pip.log").read_text()
    if name == "test-with-journal":
        journal = json.loads((tmp_path / "journal.json").read_text())
        assert "payments.approve" in {entry["call"] for entry in journal["entries"]}
        assert (tmp_path / "calls.jsonl").read_text().startswith("{")


def test_github_actions_are_pinned_and_narrow() -> None:
    """Other people's actions have a version, and the job may only read."""
    text = (EXAMPLES / "ci" / "github-actions.yml").read_text("utf-8")
    given = yaml.safe_load(text)
    uses = [
        step["uses"] for job in given["jobs"].values() for step in job["steps"] if "uses" in step
    ]
    assert all(re.fullmatch(r"actions/[a-z-]+@v\d+", each) for each in uses)
    assert {"contents": "read"} == given["permissions"]


def test_gitlab_ci(tmp_path: Path) -> None:
    """Its commands pass, and the calls are kept as an artifact."""
    project(tmp_path)
    job = yaml.safe_load((EXAMPLES / "ci" / "gitlab-ci.yml").read_text("utf-8"))["payments"]
    steps = [*job["before_script"], *job["script"]]
    assert "paid UT" in played(steps, tmp_path, variables(tmp_path))
    assert "install mock-nicepay\n" == (tmp_path / "pip.log").read_text()
    (kept,) = job["artifacts"]["paths"]
    assert "payments.approve" in (tmp_path / kept).read_text()


# Languages


def known(method: str, path: str) -> bool:
    """Whether the gateway or its control plane has such a call."""
    if path.startswith("/_mock"):
        rows = [row for row in ACTIONS if row.method == method]
        return any(places_of(row.path, path.removeprefix("/_mock")) is not None for row in rows)
    return Routes(ENDPOINTS).find(method, path).endpoint is not None


CALL = re.compile(r"""(?:call|mock)\(\s*["']([A-Z]+)["'],\s*([`"'])(.+?)\2""")


@pytest.mark.parametrize(
    "path",
    [
        *("node/nicepay.js", "node/nicepay.test.js", "php/payment_test.php", "shop/shop.py"),
        *("junit/src/test/java/Nicepay.java", "junit/src/container/java/ContainerTest.java"),
    ],
)
def test_every_call_of_a_recipe_is_one(path: str) -> None:
    """Whatever is called there, the gateway or its control plane has it."""
    text = (EXAMPLES / path).read_text("utf-8")
    found = [(method, name) for method, _, name in CALL.findall(text)]
    assert found
    for method, name in found:
        plain = re.sub(r"\$?\{[^}]*\}", "x", name)
        candidates = (plain, f"/_mock{plain}")
        assert any(known(method, each) for each in candidates), (method, name)


def test_node(tmp_path: Path) -> None:
    """Its own test runner, against a server of its own."""
    if not shutil.which("node"):
        replay("php/payment_test.php")  # the same calls
        return
    place = tmp_path / "node"
    shutil.copytree(EXAMPLES / "node", place)
    said = played(["mock-nicepay run -- node --test"], place, variables(place))
    assert re.search(r"^(#|ℹ) pass 3$", said, re.MULTILINE), said
    assert re.search(r"^(#|ℹ) skipped 0$", said, re.MULTILINE), said


def test_php(tmp_path: Path) -> None:
    """The interpreter, or else the same calls one by one."""
    if not shutil.which("php"):
        replay("php/payment_test.php")
        return
    place = tmp_path / "php"
    shutil.copytree(EXAMPLES / "php", place)
    said = played(["mock-nicepay run -- php payment_test.php"], place, variables(place))
    assert "paid and cancelled UT" in said


def test_junit(tmp_path: Path) -> None:
    """Maven runs both tests; without it their calls have been looked at above.

    Without leave to go out Maven takes what it has fetched before.
    """
    if not shutil.which("mvn"):
        assert known("POST", "/v1/payments/x")
        return
    place = tmp_path / "junit"
    shutil.copytree(EXAMPLES / "junit", place)
    fetched = Path.home() / ".m2" / "repository" / "org" / "junit" / "jupiter" / "junit-jupiter-engine" / "5.11.3"  # fmt: skip
    offline = "-o" if fetched.is_dir() else ""
    played([f"mock-nicepay run -- mvn -q -B {offline} test"], place, variables(place))
    report = (place / "target" / "surefire-reports" / "TEST-PaymentTest.xml").read_text("utf-8")
    assert re.search(r'<testsuite [^>]*tests="2"[^>]*errors="0"[^>]*skipped="0"[^>]*failures="0"', report)  # fmt: skip


def test_testcontainers(tmp_path: Path) -> None:
    """The class compiles against the library's names and runs; a server stands for the container.

    Without a compiler its calls have been looked at above, and the line it waits for is looked at here.
    """
    recipe = EXAMPLES / "junit" / "src" / "container" / "java" / "ContainerTest.java"
    port = free_port()
    ready = f"mock-nicepay ready http://0.0.0.0:{port}"
    waited_for = re.search(r'forLogMessage\("(.+?)", 1\)', recipe.read_text("utf-8"))
    assert waited_for
    assert re.fullmatch(waited_for[1].replace(r"\\n", r"\n"), f"{ready}\n")
    if not shutil.which("javac"):
        return
    sources = [
        *(EXAMPLES / "junit" / "src" / "test" / "java").glob("Nicepay.java"),
        *(Path(__file__).parent / "stubs").rglob("*.java"),
        recipe,
    ]
    compiled = [
        "javac",
        "-Xlint:all,-processing",
        "-Werror",
        "-encoding",
        "UTF-8",
        "-d",
        "out",
        *map(str, sources),
    ]
    around = variables(tmp_path, MOCK_NICEPAY_PORT=str(port), MOCK_PORT=str(port), MOCK_SAID=ready)
    said = played(
        [shlex.join(compiled), "mock-nicepay run -- java -cp out Play ContainerTest"],
        tmp_path,
        around,
    )
    expected = "image mock-nicepay, env MOCK_NICEPAY_ADMIN_KEY, port 8090, ready true, passed aTokenIsIssued"
    assert expected.split(", ") == said.splitlines()


STEP = re.compile(r"call\('([A-Z]+)', '([^']+)'(?:, '([^']*)')?")


def replay(path: str) -> None:
    """Make the calls of a recipe one by one, with what the answers before have told."""
    text = (EXAMPLES / path).read_text("utf-8")
    with BackgroundServer(Sandbox(Settings.read({"log": "quiet"}, {}))) as server:
        merchant = server._server._sandbox.add_merchant()
        pair = f"{merchant.client_id}:{merchant.secret_key}".encode()
        sent = {"Authorization": f"Basic {b64encode(pair).decode()}"}
        places = {"{clientId}": merchant.client_id}
        answers = []
        for method, target, body in STEP.findall(text):
            for name, value in places.items():
                target, body = target.replace(name, value), body.replace(name, value)
            answer = json.loads(
                ask(method, f"{server.url}{target}", body.encode() or None, **sent)[1]
            )
            answers.append(answer)
            places["{tid}"] = answer.get("tid") or places.get("{tid}", "")
    codes = [answer["resultCode"] for answer in answers if "resultCode" in answer]
    assert ["0000"] * len(codes) == codes
    assert "cancelled" == answers[-1]["status"]
    assert 0 == answers[-1]["balanceAmt"]


# The page


def test_the_page_names_what_there_is() -> None:
    """Every file that it links is there, every recipe is linked, every command is one."""
    text = (ROOT / "docs" / "recipes.md").read_text("utf-8")
    links: list[str] = re.findall(r"\]\((\.\./[^)#]+)\)", text)
    assert [] == [link for link in links if not (ROOT / "docs" / link).exists()]
    linked = " ".join(links)
    assert [] == [
        folder.name for folder in EXAMPLES.iterdir() if f"examples/{folder.name}" not in linked
    ]
    used = set(
        re.findall(r"mock-nicepay ([a-z]+)\b", "\n".join(re.findall(r"```.*?```", text, re.DOTALL)))
    )
    assert used <= set(commands.commands)
