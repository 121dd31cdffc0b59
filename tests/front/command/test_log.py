"""The log: the content of its lines, and that a reader who does not read delays no call."""

import json
import logging
import os
from asyncio import CancelledError
from collections.abc import Callable, Iterator
from dataclasses import replace
from threading import Event
from typing import Any

import pytest

from mock_nicepay.contract.refusal import Cause
from mock_nicepay.core.journal.entries import Entry
from mock_nicepay.front.command.log import (
    CallLog,
    Form,
    human_form,
    json_form,
    logged,
    stderr_writer,
)
from mock_nicepay.front.terminal import plain
from mock_nicepay.sandbox import Sandbox

LIVE_KEY = "LIVE KEY SENT TO A MOCK"
RULE = {"scenario": "lost", "line": 4, "rule": "token.issue -> hang", "fate": "hang"}
CAUSE = Cause("there is no such path", "없는 경로입니다")

Call = Callable[..., Any]


@pytest.fixture
def entry(sandbox: Sandbox, call: Call, published: Any) -> Entry:
    """The entry of a successful call."""
    call("POST", "/v1/access-token", auth=published.server)
    return replace(sandbox.journal()[0], ms=0.26)


def tags(text: str, style: str) -> str:
    """A `Paint` whose result is readable."""
    return f"<{style}>{text}</>"


# Lines


@pytest.mark.parametrize(
    ("expected", "changes"),
    [
        ("", {}),
        (" | rule lost:4 token.issue -> hang", RULE),
        (" | there is no such path / 없는 경로입니다", {"cause": CAUSE}),
        (" | rule lost:4 token.issue -> hang | there is no such path / 없는 경로입니다", {**RULE, "cause": CAUSE}),
        (" | a\\nb / \\x1b[2J", {"cause": Cause("a\nb", "\x1b[2J")}),
    ],
)  # fmt: skip
def test_a_line_for_people(entry: Entry, expected: str, changes: dict[str, Any]) -> None:
    """Time, method, path, status, code, milliseconds, call; then the rule and the cause, if any."""
    line = human_form(plain).call(replace(entry, **changes))

    assert f"12:53:17.657  POST /v1/access-token  200 0000  0.3 ms  token.issue{expected}" == line


@pytest.mark.parametrize(
    ("expected", "changes"),
    [
        ("  GET /v1/\\n\\x1b[31m  ", {"method": "GET", "path": "/v1/\n\x1b[31m"}),
        (f"  POST /{'a' * 199}…  ", {"path": f"/{'a' * 900}"}),
        ("  502 -  ", {"status": 502, "code": ""}),
        ("  (no such call)", {"call": ""}),
    ],
)
def test_a_line_stays_one_line(entry: Entry, expected: str, changes: dict[str, Any]) -> None:
    """A client's data can neither forge a line nor control a terminal."""
    line = human_form(plain).call(replace(entry, **changes))

    assert expected in line
    assert line.isprintable()


@pytest.mark.parametrize(
    ("style", "changes"),
    [
        ("green", {}),
        ("red", {"status": 401, "code": "U104"}),
        ("red", {"code": "U105"}),
        ("red", {"status": 502, "code": ""}),
    ],
)
def test_colour_tells_success(entry: Entry, style: str, changes: dict[str, Any]) -> None:
    """On a terminal success is green and everything else red."""
    changed = replace(entry, **changes)

    assert f"<{style}>{changed.status} {changed.code or '-'}</>" in human_form(tags).call(changed)


def test_a_live_key_is_loud(entry: Entry) -> None:
    """A live key gets an extra line, in both languages, red on a terminal."""
    lines = human_form(tags).call(replace(entry, warning=LIVE_KEY)).splitlines()

    assert 2 == len(lines)
    assert lines[1].startswith(f"<bold red>!!! {LIVE_KEY} !!! POST /v1/access-token ")
    assert "운영 키" in lines[1]


@pytest.mark.parametrize(
    ("expected", "changes"),
    [
        ({"rule": None, "diagnosis": None, "wire": "ok"}, {}),
        ({"rule": {"scenario": "lost", "line": 4, "text": "token.issue -> hang"}, "wire": "hang"}, RULE),
        ({"diagnosis": {"en": CAUSE.en, "ko": CAUSE.ko}}, {"cause": CAUSE}),
        ({"path": "/v1/\n\x1b[31m"}, {"path": "/v1/\n\x1b[31m"}),
        ({"warning": LIVE_KEY}, {"warning": LIVE_KEY}),
    ],
)  # fmt: skip
def test_a_line_for_programs(
    entry: Entry, expected: dict[str, Any], changes: dict[str, Any]
) -> None:
    """One JSON object per line, with the journal's keys; Korean is not escaped."""
    line = json_form().call(replace(entry, **changes))
    row = json.loads(line)

    assert "\n" not in line
    assert expected == {key: row[key] for key in expected}
    assert {
        "id": entry.id,
        "at": "2023-02-28T12:53:17.657+0900",
        "merchant": entry.client_id,
        "call": "token.issue",
        "method": "POST",
        "status": 200,
        "code": "0000",
        "ms": 0.26,
        "effect": "commit",
    }.items() <= row.items()
    assert ("cause" not in changes) or CAUSE.ko in line


def test_keys_of_a_json_line(entry: Entry) -> None:
    """The keys and their order are stable, because programs read them."""
    expected = "id at merchant call method path status code ms rule effect wire diagnosis"

    assert expected.split() == list(json.loads(json_form().call(entry)))


# The queue


class Reader:
    """Receives lines, and can be blocked."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.came = Event()
        self.go_on = Event()

    def __call__(self, text: str) -> None:
        self.came.set()
        assert self.go_on.wait(timeout=10)
        self.lines += text.splitlines()


@pytest.fixture
def reader() -> Iterator[Reader]:
    """A reader that is blocked at first."""
    reader = Reader()
    yield reader
    reader.go_on.set()


FORM = Form(call=lambda entry: entry.path, notice=lambda text: f"# {text}")


def test_everything_is_written_at_the_end(reader: Reader, entry: Entry) -> None:
    """Many lines are written in order, and `close` waits for the last."""
    reader.go_on.set()
    log = CallLog(FORM, reader)
    for number in range(2000):
        log(replace(entry, path=f"/{number}"))
    log.notice("that was all")
    log.close()

    assert [*(f"/{number}" for number in range(2000)), "# that was all"] == reader.lines


@pytest.mark.parametrize(("expected", "surplus"), [([], 0), (["# ... 1 line dropped"], 1), (["# ... 7 lines dropped"], 7)])  # fmt: skip
def test_a_stuck_reader_costs_lines(reader: Reader, expected: list[str], surplus: int) -> None:
    """Calls never block: over the queue's limit lines are dropped, counted, and reported later."""
    log = CallLog(FORM, reader, room=3)
    log("first")
    assert reader.came.wait(timeout=10)
    for number in range(3 + surplus):
        log(f"waiting {number}")
    reader.go_on.set()
    log.close()

    assert ["first", "waiting 0", "waiting 1", "waiting 2", *expected] == reader.lines


def test_a_stuck_reader_does_not_hold_up_the_end(reader: Reader) -> None:
    """`close` does not wait for a reader that does not read."""
    log = CallLog(FORM, reader)
    log("first")
    assert reader.came.wait(timeout=10)
    log.close()

    assert [] == reader.lines


def test_a_broken_stream_ends_the_log_only() -> None:
    """When stderr is closed, calls go on and the queue does not grow."""

    def broken(text: str) -> None:
        raise BrokenPipeError(text)

    log = CallLog(FORM, broken)
    log("first")
    log.close()
    log("second")
    log.close()

    assert not log.running


# Around a sandbox


@pytest.mark.parametrize(
    ("starts", "mode"), [("12:53:17.657  POST ", "human"), ('{"id":1,"at":"2023', "json"), ("", "quiet")]
)  # fmt: skip
def test_logs_the_calls_of_a_sandbox(
    sandbox: Sandbox, call: Call, capsys: pytest.CaptureFixture[str], starts: str, mode: str
) -> None:
    """Inside the block each call is a line on stderr; afterwards there are none."""
    with logged(sandbox, mode):
        call("POST", "/v1/access-token")
    call("POST", "/v1/access-token")

    said = capsys.readouterr()
    assert "" == said.out
    assert said.err.startswith(starts)
    assert (0 if mode == "quiet" else 1) == len(said.err.splitlines())


@pytest.mark.parametrize(
    ("expected", "mode"),
    [
        ("mock-nicepay: Invalid HTTP request received.\n", "human"),
        ('{"notice":"mock-nicepay: Invalid HTTP request received."}\n', "json"),
        ("", "quiet"),
    ],
)
def test_libraries_speak_through_the_log(
    sandbox: Sandbox, capsys: pytest.CaptureFixture[str], expected: str, mode: str
) -> None:
    """Warnings of the HTTP server have the log's form; cancelled calls are not reported."""
    logger = logging.getLogger("uvicorn.error")
    with logged(sandbox, mode):
        logger.warning("Invalid HTTP request received.")
        logger.info("Shutting down")
        logger.error("Exception in ASGI application", exc_info=CancelledError())

    assert expected == capsys.readouterr().err


def test_writes_past_the_buffer(capfd: pytest.CaptureFixture[str]) -> None:
    """Lines go to stderr's file descriptor; unencodable characters are replaced, Korean is kept."""
    with open(os.dup(2), "w", encoding="utf-8") as stream, pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stderr", stream)
        stderr_writer()("한글 \udc80\n")

    assert "한글 ?\n" == capfd.readouterr().err


def test_writes_nowhere_without_stderr(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process may be started without stderr."""
    monkeypatch.setattr("sys.stderr", None)

    stderr_writer()("nobody reads this\n")
