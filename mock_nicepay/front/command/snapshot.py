"""The command `snapshot`: saves the state of a running server or a store to a file, and loads it."""

import json
import os
import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import click

from mock_nicepay.core.misuse import Misuse
from mock_nicepay.front.testing.control_client import ControlPlane, NicepayError, over_http
from mock_nicepay.sandbox import Sandbox
from mock_nicepay.settings import SettingError, Settings

_KEYS = "it contains secret keys, so that only you may read it (mode 0600)"


def save(file: Path, url: str, settings: Settings) -> int:
    """Save the state of the server at `url` to a file; without a URL, that of the settings' store."""
    snapshot = _of_server(url, settings.admin_key) if url else _of_store(settings)
    _write(file, json.dumps(snapshot, ensure_ascii=False, indent=1))
    click.echo(f"{file}: {_counted(snapshot)}; {_KEYS}")
    return 0


def load(file: Path, url: str, settings: Settings) -> int:
    """Replace the state of the server at `url`, or of the settings' store, by that in a file."""
    snapshot = _read(file)
    if url:
        body = json.dumps(snapshot, ensure_ascii=False).encode("utf-8", "surrogatepass")
        _asked(url, settings.admin_key, "PUT", body)
    else:
        sandbox = _asleep(settings)
        try:
            sandbox.load_snapshot(snapshot)
        finally:
            sandbox.end()
    where = url or settings.store.partition(":")[0]
    click.echo(f"{file}: {_counted(snapshot)} loaded into {where}")
    return 0


def _of_server(url: str, admin_key: str) -> Mapping[str, Any]:
    answer: Mapping[str, Any] = _asked(url, admin_key, "GET")
    return answer


def _of_store(settings: Settings) -> Mapping[str, Any]:
    sandbox = _asleep(settings)
    try:
        return sandbox.take_snapshot()
    finally:
        sandbox.end()


def _asleep(settings: Settings) -> Sandbox:
    """A sandbox on the store, in which nothing happens by itself (timers, webhooks)."""
    if settings.store.startswith("memory:"):
        raise SettingError(
            "a store in memory exists only inside its process: give a running server with --url, "
            "or a durable store with --store"
        )
    return Sandbox(settings, asleep=True)


def _asked(url: str, admin_key: str, method: str, body: bytes = b"") -> Any:
    plane = ControlPlane(partial(over_http, url.rstrip("/")), admin_key)
    try:
        return plane.ask(method, "/snapshot", body)
    except NicepayError as no:
        raise Misuse(str(no)) from None


def _read(file: Path) -> Any:
    try:
        return json.loads(file.read_text("utf-8"))
    except OSError as error:
        raise Misuse(f"{file} cannot be read: {error.strerror or error}") from None
    except (ValueError, RecursionError) as error:
        raise Misuse(f"{file} is not a snapshot: it is not JSON: {str(error)[:100]}") from None


def _write(file: Path, text: str) -> None:
    """Write the file completely or not at all, readable by its owner only."""
    try:
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")  # mode 0600
        with os.fdopen(handle, "w", encoding="utf-8", errors="surrogatepass") as out:
            out.write(text)
        Path(name).replace(file)
    except OSError as error:
        raise Misuse(f"{file} cannot be written: {error.strerror or error}") from None


def _counted(snapshot: Mapping[str, Any]) -> str:
    kinds = snapshot.get("records", {})
    merchants, payments = (len(kinds.get(name, ())) for name in ("Merchant", "Payment"))
    return f"{merchants} merchants, {payments} payments"
