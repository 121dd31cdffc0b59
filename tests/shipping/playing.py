"""Plays what a Dockerfile says, where there is no Docker: its files, commands, user, health check, stop."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import NamedTuple
from urllib.request import ProxyHandler, Request, build_opener

ROOT = Path(__file__).parent.parent.parent
PATIENCE = 30.0  # seconds until something that should end counts as hanging
_OPENER = build_opener(ProxyHandler({}))


class Line(NamedTuple):
    """One instruction, its continued lines put together."""

    word: str
    rest: str

    @property
    def array(self) -> list[str] | None:
        """The exec form; None when it is a shell's."""
        text = self.rest[self.rest.find("[") :] if "[" in self.rest else ""
        return json.loads(text) if text else None


def instructions(path: Path) -> list[Line]:
    """A Dockerfile's instructions."""
    text = path.read_text("utf-8").replace("\\\n", "")
    lines = [line.strip() for line in text.splitlines()]
    return [Line(*line.split(None, 1)) for line in lines if line and not line.startswith("#")]


def stages(path: Path) -> list[list[Line]]:
    """The instructions stage by stage."""
    found: list[list[Line]] = []
    for line in instructions(path):
        if line.word == "FROM":
            found.append([])
        found[-1].append(line)
    return found


def environment(lines: list[Line]) -> dict[str, str]:
    """What the ENV instructions set, PATH left out."""
    pairs = [pair for line in lines if line.word == "ENV" for pair in line.rest.split()]
    return {
        name: value for name, _, value in (pair.partition("=") for pair in pairs) if name != "PATH"
    }


def copied(lines: list[Line], context: Path, target: Path) -> None:
    """Copy what the COPY instructions of a stage name, from the context alone."""
    for line in lines:
        if line.word != "COPY" or line.rest.startswith("--from"):
            continue
        *sources, place = line.rest.split()
        for source in sources:
            found = context / source
            if found.is_dir():
                into = target / (source if place == "./" else place)
                shutil.copytree(found, into, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(found, target)


def install(source: Path, place: Path) -> Path:
    """The two commands of the image: an environment of its own, the package in it, pip gone."""
    run(python(), "-m", "venv", str(place))
    pip = [str(place / "bin" / "pip"), "--quiet", "--disable-pip-version-check"]
    run(*pip, "install", "--no-cache-dir", f"{source}[stores]")
    run(*pip, "uninstall", "--yes", "pip")
    return place / "bin"


def run(*command: str) -> None:
    """Run a command that must succeed."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert 0 == done.returncode, done.stdout + done.stderr


def surroundings(bin_: Path, variables: Mapping[str, str]) -> dict[str, str]:
    """The environment of a container: what was said, and where the programs are."""
    return {"PATH": f"{bin_}:/usr/bin:/bin", "PYTHONUNBUFFERED": "1", **variables}


def user_of(lines: list[Line]) -> int | None:
    """The image's user, where this process may become it."""
    wanted = int(next(line.rest for line in lines if line.word == "USER"))
    return wanted if os.geteuid() == 0 and others_may_use(python()) else None


@cache
def python() -> str:
    """A Python that any user of this machine may run; this one's when there is none."""
    elsewhere = [f"{folder}/python3" for folder in ("/usr/local/bin", "/usr/bin")]
    for each in (sys.executable, *elsewhere):
        if others_may_use(each) and _is_new_enough(each):
            return each
    return sys.executable


def others_may_use(program: str) -> bool:
    """Whether every user of this machine may enter the folders above a program."""
    path = Path(program).resolve()
    return path.exists() and all(folder.stat().st_mode & 0o001 for folder in path.parents)


def _is_new_enough(program: str) -> bool:
    code = "import ensurepip, venv, sys; sys.exit(sys.version_info < (3, 11))"
    return subprocess.run([program, "-c", code], capture_output=True, check=False).returncode == 0


@contextmanager
def running(
    command: list[str], variables: Mapping[str, str], user: int | None, place: Path
) -> Iterator["subprocess.Popen[str]"]:
    """A program as a container's only process; when it is left running, it is stopped as Docker does."""
    program = shutil.which(command[0], path=variables["PATH"])
    assert program, command
    with subprocess.Popen(
        [program, *command[1:]],
        env=dict(variables),
        cwd=place,
        user=user,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(PATIENCE)
                finally:
                    process.kill()


def line_with(process: "subprocess.Popen[str]", words: str) -> str:
    """The first line that begins so; the rest of what was said when there is none."""
    said = ""
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith(words):
            return line.strip()
        said += line
    raise AssertionError(f"it ended and never said {words!r}: {said}")


def free_port() -> int:
    """A port nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def ask(method: str, url: str, body: object = None, **headers: str) -> tuple[int, str]:
    """A call over HTTP."""
    data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    with _OPENER.open(Request(url, data, sent, method=method), timeout=PATIENCE) as answer:
        return answer.status, answer.read().decode()
