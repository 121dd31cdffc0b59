"""The image and the compose file: linted, held to what we promise, and played without Docker.

There need be no Docker here. So the image's own commands run in a folder that has what it copies,
as its user, with its environment, its health check and its stop signal; only the base image, the
layers and the network between containers are not looked at.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from playing import (
    PATIENCE,
    ROOT,
    ask,
    copied,
    environment,
    free_port,
    install,
    instructions,
    line_with,
    others_may_use,
    python,
    running,
    stages,
    surroundings,
    user_of,
)
from postgres import Postgres

IMAGE, SHOP = ROOT / "Dockerfile", ROOT / "examples" / "shop" / "Dockerfile"
both = pytest.mark.parametrize("path", [IMAGE, SHOP], ids=["mock", "shop"])


@both
def test_the_linter_has_no_complaint(path: Path) -> None:
    """hadolint, with all its rules."""
    linter = Path(sys.executable).parent / "hadolint"
    done = subprocess.run([linter, path], capture_output=True, text=True, check=False)
    assert (0, "") == (done.returncode, done.stdout)


@both
def test_the_base_is_pinned(path: Path) -> None:
    """To a release of Python and of Debian, and to the same ones in every stage."""
    bases = {line.rest.split()[0] for line in instructions(path) if line.word == "FROM"}
    assert 1 == len(bases)
    assert re.fullmatch(r"python:3\.\d+-slim-[a-z]+(@sha256:[0-9a-f]{64})?", bases.pop())


@both
def test_nobody_is_root(path: Path) -> None:
    """The last user is a number that is not 0: orchestrators can check that."""
    users = [line.rest for line in stages(path)[-1] if line.word == "USER"]
    assert int(users[-1]) > 0


@both
def test_it_stops_at_a_signal(path: Path) -> None:
    """No shell stands between the signal and the program."""
    last = stages(path)[-1]
    assert "SIGTERM" in [line.rest for line in last if line.word == "STOPSIGNAL"]
    for word in ("ENTRYPOINT", "HEALTHCHECK"):
        (line,) = [each for each in last if each.word == word]
        assert line.array, line


def test_nothing_that_builds_is_left() -> None:
    """pip is gone from both environments, and nothing is installed in the last stage."""
    first, last = stages(IMAGE)
    for stage in (first, last):
        assert any("pip uninstall --yes" in line.rest for line in stage if line.word == "RUN")
    assert not [line for line in last if re.search(r"apt|pip install|COPY \.", line.rest)]


def test_what_is_copied_is_there_and_not_ignored() -> None:
    """.dockerignore lets in exactly what the image copies."""
    ignored = (ROOT / ".dockerignore").read_text().split()
    let_in = {line[1:] for line in ignored if line.startswith("!")}
    wanted = {
        source
        for line in stages(IMAGE)[0]
        if line.word == "COPY"
        for source in line.rest.split()[:-1]
    }
    assert wanted == let_in
    assert [] == [source for source in wanted if not (ROOT / source).exists()]


# The compose file


def compose() -> dict[str, Any]:
    """The services."""
    given: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
    services: dict[str, Any] = given["services"]
    return services


def test_the_compose_file_is_careful() -> None:
    """Ports on the loopback alone, images of one release, nothing written, no rights, each with a health check."""
    services = compose()
    assert {"database", "mock", "shop"} == set(services)
    for service in services.values():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))
    for name in ("mock", "shop"):
        assert services[name]["read_only"]
        assert ["ALL"] == services[name]["cap_drop"]
        conditions = {each["condition"] for each in services[name]["depends_on"].values()}
        assert {"service_healthy"} == conditions
    assert re.fullmatch(r"postgres:\d+-alpine", services["database"]["image"])
    assert services["database"]["healthcheck"]["test"][0] == "CMD"
    assert "ADMIN_KEY" in services["mock"]["environment"]["MOCK_NICEPAY_ADMIN_KEY"]


def test_the_compose_file_names_settings_that_there_are() -> None:
    """A mistyped variable would be of no account, silently."""
    from mock_nicepay.settings import PREFIX, Settings

    known = {f"{PREFIX}{name.upper()}" for name in Settings.__dataclass_fields__}
    assert set(compose()["mock"]["environment"]) <= known
    shop = (ROOT / "examples" / "shop" / "shop.py").read_text("utf-8")
    assert [] == [name for name in compose()["shop"]["environment"] if f'"{name}"' not in shop]


# Played


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """A folder that other users may enter, which those of pytest are not."""
    folder = Path(tempfile.mkdtemp(prefix="mock-nicepay-image-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def bin_(place: Path) -> Path:
    """Where the image's first stage has put the programs."""
    source = place / "src"
    source.mkdir()
    copied(stages(IMAGE)[0], ROOT, source)
    built = install(source, place / "opt")
    shutil.rmtree(source)
    return built


def array(path: Path, word: str) -> list[str]:
    """What an instruction of the last stage runs."""
    (line,) = [each for each in stages(path)[-1] if each.word == word]
    assert line.array
    return line.array


@pytest.mark.slow
def test_without_a_key_it_does_not_start(bin_: Path, place: Path) -> None:
    """It listens on every address: the message says what to give."""
    last = stages(IMAGE)[-1]
    variables = surroundings(bin_, environment(last))
    command = [*array(IMAGE, "ENTRYPOINT"), *array(IMAGE, "CMD")]
    with running(command, variables, user_of(last), place) as process:
        said, _ = process.communicate(timeout=PATIENCE)
    assert 2 == process.returncode
    assert "give an --admin-key KEY as well" in said


@pytest.mark.slow
def test_compose_as_far_as_it_goes_without_docker(
    bin_: Path, place: Path, postgres: Postgres
) -> None:
    """The mock and the shop with the environments of the compose file: a book is paid for.

    The database is the tests' own, and the names of the services become this machine's address.
    """
    ports = {"mock": free_port(), "shop": free_port()}
    shop_files = place / "shop"
    shop_files.mkdir()
    copied(stages(SHOP)[-1], SHOP.parent, shop_files)
    mock_variables = {
        **environment(stages(IMAGE)[-1]),
        **_here(compose()["mock"]["environment"], ports),
        "MOCK_NICEPAY_PORT": str(ports["mock"]),
        "MOCK_NICEPAY_STORE": postgres.database(),
    }
    postgres.let_in()
    mock_command = [*array(IMAGE, "ENTRYPOINT"), *array(IMAGE, "CMD")]
    mock_user, shop_user = (user_of(stages(path)[-1]) for path in (IMAGE, SHOP))
    there = surroundings(bin_, mock_variables)
    with running(mock_command, there, mock_user, place) as mock:
        line_with(mock, "mock-nicepay ready")
        assert 0 == _status(array(IMAGE, "HEALTHCHECK"), there)
        shop_variables = {
            **environment(stages(SHOP)[-1]),
            **_here(compose()["shop"]["environment"], ports),
            "SHOP_PORT": str(ports["shop"]),
        }
        shop_there = surroundings(bin_, shop_variables)
        command = ["python", str(shop_files / "shop.py")]  # the image has it in /shop
        with running(command, shop_there, shop_user, place) as shop:
            assert line_with(shop, "webhook:").startswith("webhook: 정상")
            assert 0 == _status([*command, "--health"], shop_there)
            _buy(f"http://127.0.0.1:{ports['shop']}", f"http://127.0.0.1:{ports['mock']}")
            shop.send_signal(signal.SIGTERM)
            assert 0 == shop.wait(PATIENCE)
        mock.send_signal(signal.SIGTERM)
        assert 0 == mock.wait(PATIENCE)
    assert 1 == _status(array(IMAGE, "HEALTHCHECK"), there)


def _here(variables: dict[str, str], ports: dict[str, int]) -> dict[str, str]:
    """A service's environment with defaults filled in and the services on this machine."""
    found = {}
    for name, value in variables.items():
        value = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", value)
        value = re.sub(r"(127\.0\.0\.1|mock):8090", f"127.0.0.1:{ports['mock']}", value)
        found[name] = re.sub(r"(127\.0\.0\.1|shop):3000", f"127.0.0.1:{ports['shop']}", value)
    return found


def _status(command: list[str], variables: dict[str, str]) -> int:
    program = shutil.which(command[0], path=variables["PATH"])
    assert program
    done = subprocess.run(
        [program, *command[1:]], env=variables, capture_output=True, timeout=PATIENCE, check=False
    )
    return done.returncode


def _buy(shop: str, mock: str) -> None:
    """The payer goes through the window; the shop approves, and its webhook hears of it."""
    key = {"x_mock_nicepay_admin_key": "only-for-tests"}
    _, page = ask("GET", f"{shop}/")
    order = page.split('orderId: "')[1].split('"')[0]
    assert f'<script src="{mock}/v1/js/">' in page
    wish = {
        "clientId": page.split('clientId: "')[1].split('"')[0],
        "method": "card",
        "orderId": order,
        "amount": 1004,
        "goodsName": "책",
        "returnUrl": f"{shop}/return",
    }
    _, told = ask("POST", f"{mock}/_mock/window/pay", wish, **key)
    assert {"status": 200, "body": f"주문 {order}: paid"} == json.loads(told)["response"]
    ask("POST", f"{mock}/_mock/webhooks/settle", **key)
    _, orders = ask("GET", f"{shop}/orders")
    assert ("paid", "paid") == (
        json.loads(orders)[order]["state"],
        json.loads(orders)[order]["webhook"],
    )
    assert "mock_nicepay_payments" in ask("GET", f"{mock}/_mock/metrics", **key)[1]


def test_who_plays() -> None:
    """Root plays the image's own user, where that one may use a Python; anybody else plays himself."""
    may = os.geteuid() == 0 and others_may_use(python())
    assert (10001 if may else None) == user_of(stages(IMAGE)[-1])
