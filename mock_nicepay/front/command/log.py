"""The log on stderr: a line for each call. An stderr that nobody reads never holds the server up.

A call only puts its entry into a bounded queue; a thread makes the lines and writes them. Lines
that find no room are dropped, and their number is logged later.
"""

import json
import logging
import os
import sys
from asyncio import CancelledError
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Thread

import click

from mock_nicepay.contract.tables import SUCCESS
from mock_nicepay.core.clock import pause
from mock_nicepay.core.journal.entries import Entry
from mock_nicepay.front.terminal import COMMAND, Paint, one_line, painter
from mock_nicepay.sandbox import Sandbox

_ROOM = 4096  # entries that may wait to be written
_BATCH = 256  # lines of one write
_GATHERING = 0.02  # seconds in which a batch comes together; a wake-up a line would cost calls
_LAST_WORDS = 0.5  # seconds that writing the rest may take at the end
_LONGEST_PATH = 200
_JSON_KEYS = (
    "id", "at", "merchant", "call", "method", "path", "status", "code", "ms", "rule", "effect", "wire", "diagnosis"
)  # fmt: skip
Write = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Form:
    """How lines look: the one of a call, and one about anything else."""

    call: Callable[[Entry], str]
    notice: Callable[[str], str]


def human_form(paint: Paint) -> Form:
    """Lines for people."""
    return Form(
        call=lambda entry: _call_line(entry, paint),
        notice=lambda text: paint(text, "yellow"),
    )


def json_form() -> Form:
    """Lines for programs: one JSON object each."""
    return Form(call=_call_json, notice=lambda text: _json({"notice": text}))


def _call_line(entry: Entry, paint: Paint) -> str:
    style = "green" if entry.status < 400 and entry.code == SUCCESS else "red"
    parts = [
        f"{entry.at:%H:%M:%S}.{entry.at.microsecond // 1000:03d}",
        _place(entry),
        paint(f"{entry.status} {entry.code or '-'}", style),
        f"{entry.ms:.1f} ms",
        entry.call or "(no such call)",
    ]
    line = "  ".join(parts)
    if entry.rule:
        line += f" | rule {one_line(f'{entry.scenario}:{entry.line} {entry.rule}')}"
    if entry.cause:
        line += f" | {one_line(entry.cause.en)} / {one_line(entry.cause.ko)}"
    return f"{line}\n{paint(_loud(entry), 'bold red')}" if entry.warning else line


def _loud(entry: Entry) -> str:
    return (
        f"!!! {entry.warning} !!! {_place(entry)} carried what looks like a live key / "
        "운영 키로 보이는 값이 모의 서버로 전송되었습니다"
    )


def _place(entry: Entry) -> str:
    return f"{one_line(entry.method)} {one_line(entry.path, _LONGEST_PATH)}"


def _call_json(entry: Entry) -> str:
    row = entry.to_json()
    loud = {"warning": entry.warning} if entry.warning else {}
    return _json({**{key: row[key] for key in _JSON_KEYS}, **loud})


def _json(row: dict[str, object]) -> str:
    return json.dumps(row, ensure_ascii=False, separators=(",", ":"))


class CallLog:
    """Writes a line for each entry it is called with; a listener of `Recorder.listeners`."""

    def __init__(self, form: Form, write: Write, room: int = _ROOM) -> None:
        self._form = form
        self._write = write
        self._room = room
        self._queue: SimpleQueue[Entry | str | None] = SimpleQueue()
        self._dropped = 0  # grows only; the thread remembers how much of it has been told
        self._ending = False
        self._thread = Thread(target=self._work, name="mock-nicepay log", daemon=True)
        self._thread.start()

    def __call__(self, item: Entry | str) -> None:
        """Have an entry (or a finished text) written soon. Never waits."""
        if self._queue.qsize() < self._room:
            self._queue.put(item)
        else:
            self._dropped += 1

    def notice(self, text: str) -> None:
        """Have a line about something else written. Never waits."""
        self(self._form.notice(text))

    @property
    def running(self) -> bool:
        """Whether lines are still written: a broken stream, and `close`, end that."""
        return self._thread.is_alive()

    def close(self) -> None:
        """Write what is waiting. A reader who does not read is waited for half a second at most."""
        self._ending = True
        self._queue.put(None)
        self._thread.join(_LAST_WORDS)

    def _work(self) -> None:
        told = 0
        going = True
        # A stream that is closed or broken ends the log and nothing else.
        with suppress(OSError, ValueError):
            while going:
                batch = self._batch()
                going = batch[-1] is not None
                lines = [self._line(item) for item in batch if item is not None]
                missing = self._dropped - told
                if missing and self._queue.empty():
                    told += missing
                    lines.append(
                        self._form.notice(f"... {missing} line{'s' * (missing > 1)} dropped")
                    )
                if lines:
                    self._write("".join(f"{line}\n" for line in lines))
        self._room = 0

    def _batch(self) -> list[Entry | str | None]:
        """What has come in, at least one item; None, the last one, ends a batch."""
        batch = [self._queue.get()]
        if not self._ending and self._queue.qsize() < _BATCH:
            pause(_GATHERING)
        with suppress(Empty):
            while batch[-1] is not None and len(batch) < _BATCH:
                batch.append(self._queue.get_nowait())
        return batch

    def _line(self, item: Entry | str) -> str:
        return item if isinstance(item, str) else self._form.call(item)


class _Notices(logging.Handler):
    """What libraries have to say goes the same way as the calls: it must not block either."""

    def __init__(self, log: CallLog | None) -> None:
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        # Calls that still hang when the server ends are cut: that is not a failure, and no stack trace.
        cut = record.exc_info is not None and isinstance(record.exc_info[1], CancelledError)
        if self._log is not None and not cut:
            self._log.notice(f"{COMMAND}: {self.format(record)}")


@contextmanager
def logged(sandbox: Sandbox, mode: str) -> Iterator[CallLog | None]:
    """Have every call of a sandbox written to stderr, as `human` or `json`; None with `quiet`."""
    log = None
    if mode != "quiet":
        form = json_form() if mode == "json" else human_form(painter(sys.stderr))
        log = CallLog(form, stderr_writer())
        sandbox.recorder.listeners.append(log)
    notices = _Notices(log)
    logging.getLogger().addHandler(notices)
    try:
        yield log
    finally:
        logging.getLogger().removeHandler(notices)
        if log is not None:
            sandbox.recorder.listeners.remove(log)
            log.close()


def stderr_writer() -> Write:
    """Writes to stderr, past Python's buffer.

    A thread that is stuck in a write must not hold that buffer's lock: the process could not end.
    """
    stream = sys.stderr
    try:
        descriptor = stream.fileno()
    except (AttributeError, OSError, ValueError):  # closed, or replaced by a test
        return lambda text: click.echo(text, nl=False, err=True)
    encoding = stream.encoding or "utf-8"
    return lambda text: _write_all(descriptor, text.encode(encoding, "replace"))


def _write_all(descriptor: int, data: bytes) -> None:
    while data:
        try:
            data = data[os.write(descriptor, data) :]
        except BlockingIOError:  # whoever shares this terminal has made it non-blocking
            pause(_GATHERING)
