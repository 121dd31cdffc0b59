"""The three stores of records: memory, a SQLite file, PostgreSQL; chosen by `--store`."""

from pathlib import Path

from mock_nicepay.core.store import Store, StoreError
from mock_nicepay.core.stores.memory import MemoryStore

MEMORY, SQLITE = "memory", "sqlite"  # schemes; the third one is PostgreSQL's
_EXTRA = "stores"


def open_store(url: str) -> Store:
    """Open the store at an address: memory://, sqlite:///FILE or postgresql://...

    Raises `StoreError` when it cannot be opened or the libraries it needs are not installed.
    """
    scheme = url.partition(":")[0]
    if scheme == MEMORY:
        return MemoryStore()
    try:
        return _sqlite(url) if scheme == SQLITE else _postgres(url)
    except ModuleNotFoundError as missing:
        if (missing.name or "").split(".")[0] not in {"sqlalchemy", "alembic", "psycopg"}:
            raise
        raise StoreError(
            f"--store {scheme}:// needs {missing.name}, which is not installed: "
            f"pip install 'mock-nicepay[{_EXTRA}]'"
        ) from None


def _sqlite(url: str) -> Store:
    from mock_nicepay.core.stores.sqlite import SqliteStore

    return SqliteStore(Path(url.removeprefix(f"{SQLITE}:///")))


def _postgres(url: str) -> Store:
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    from mock_nicepay.core.stores.postgres import PostgresStore

    try:
        address = make_url(url)
    except (ArgumentError, ValueError):  # their messages would repeat the password
        raise StoreError(
            "--store: what follows postgresql:// is not an address; write USER:PASSWORD@HOST:PORT/DATABASE"
        ) from None
    return PostgresStore(address)
