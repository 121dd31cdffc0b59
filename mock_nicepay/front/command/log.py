"""The log on stderr: a line for each call. A stderr that nobody reads never blocks the server.

A call only puts its entry into a bounded queue; a thread formats and writes the lines. When the queue
is full, entries are dropped, and their number is logged later.
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

_ROOM = 4096  # length of the queue, in entries
_BATCH = 256  # most lines of one write
_GATHERING = 0.02  # seconds to fill a batch; a thread wake-up per line would slow down calls
_LAST_WORDS = 0.5  # seconds that writing the rest may take at the end
_LONGEST_PATH = 200
_JSON_KEYS = (
    "id", "at", "merchant", "call", "method", "path", "status", "code", "ms", "rule", "effect", "wire", "diagnosis"
)  # fmt: skip
Write = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Form:
    """How to format the line of a call, and a line about anything else."""

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
    """Writes a line for each entry that it is called with; used in `Recorder.listeners`."""

    def __init__(self, form: Form, write: Write, room: int = _ROOM) -> None:
        self._form = form
        self._write = write
        self._room = room
        self._queue: SimpleQueue[Entry | str | None] = SimpleQueue()
        self._dropped = 0  # only grows; the thread remembers how many it has reported
        self._ending = False
        self._thread = Thread(target=self._work, name="mock-nicepay log", daemon=True)
        self._thread.start()

    def __call__(self, item: Entry | str) -> None:
        """Queue an entry (or a finished text) for writing. Never blocks."""
        if self._queue.qsize() < self._room:
            self._queue.put(item)
        else:
            self._dropped += 1

    def notice(self, text: str) -> None:
        """Queue a line about something else. Never blocks."""
        self(self._form.notice(text))

    @property
    def running(self) -> bool:
        """Whether lines are still written; False after `close`, and after the stream broke."""
        return self._thread.is_alive()

    def close(self) -> None:
        """Write what is queued, and stop. Takes half a second at most, even when nobody reads."""
        self._ending = True
        self._queue.put(None)
        self._thread.join(_LAST_WORDS)

    def _work(self) -> None:
        told = 0
        going = True
        # A stream that is closed or broken ends the log, and nothing else.
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
        """The next items, at least one. None, put by `close`, is always the last of its batch."""
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
    """Sends warnings of libraries through the same queue, so that they cannot block either."""

    def __init__(self, log: CallLog | None) -> None:
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        # Calls that still hang when the server stops are cancelled: that is not worth a stack trace.
        cut = record.exc_info is not None and isinstance(record.exc_info[1], CancelledError)
        if self._log is not None and not cut:
            self._log.notice(f"{COMMAND}: {self.format(record)}")


@contextmanager
def logged(sandbox: Sandbox, mode: str) -> Iterator[CallLog | None]:
    """Write every call of a sandbox to stderr, as `human` or `json`; yields None with `quiet`."""
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
    """A function that writes to stderr, bypassing Python's buffer.

    A thread blocked in a write would hold that buffer's lock, and the process could not end.
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
        except BlockingIOError:  # another program has made this terminal non-blocking
            pause(_GATHERING)
