"""Opening a store: new, existing, foreign, newer, older, in use, unreachable, without its libraries."""

import os
import pwd
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread

import pytest
from postgres import Postgres
from sqlalchemy import create_engine, text

from mock_nicepay.core.records import Merchant
from mock_nicepay.core.store import StoreError
from mock_nicepay.core.stores import open_store
from mock_nicepay.core.stores.schema import VERSIONS, migrate

KNOWN = f"this mock-nicepay knows the schema versions {VERSIONS[0]} to {VERSIONS[-1]}"


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a store that has not been opened yet."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/a b.db"
    address: str = request.getfixturevalue("postgres").database()
    return address


def change(url: str, *statements: str) -> None:
    """Do something to a store behind its back."""
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        if "postgresql" in url:
            connection.execute(text("CREATE SCHEMA IF NOT EXISTS mock_nicepay"))
            connection.execute(text("SET search_path TO mock_nicepay"))
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def opened(url: str) -> None:
    """Open and close."""
    open_store(url).close()


def test_records_are_there_the_next_time(url: str) -> None:
    """After closing and opening it again, the store has the same records."""
    store = open_store(url)
    store.put(Merchant("A", "secret", name="상점"))
    store.close()
    store = open_store(url)
    assert [Merchant("A", "secret", name="상점")] == store.find(Merchant)
    store.close()


def test_a_foreign_database_is_refused(url: str) -> None:
    """The message names the foreign tables, and they stay as they are."""
    change(url, "CREATE TABLE orders (id int)", "CREATE TABLE records (id int)")
    with pytest.raises(
        StoreError,
        match="is not a store of mock-nicepay: it has the tables orders, records and no",
    ) as no:
        opened(url)
    assert KNOWN in str(no.value)


@pytest.mark.parametrize(("version", "kind"), [("9999", "a newer"), ("00", "a foreign")])
def test_another_version_is_refused(version: str, kind: str, url: str) -> None:
    """The message names both versions, and nothing is changed."""
    opened(url)
    change(url, f"UPDATE alembic_version SET version_num = '{version}'")
    with pytest.raises(StoreError, match=f"has the schema version {version}, {kind} one; {KNOWN}"):
        opened(url)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    """A text file is not overwritten."""
    file = tmp_path / "notes.txt"
    file.write_text("not a database, but long enough to be taken for one" * 30)
    with pytest.raises(StoreError, match=r"notes\.txt is not a SQLite database"):
        opened(f"sqlite:///{file}")
    assert file.read_text().startswith("not a database")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("gone/b/a.db", "gone does not exist; make {folder}/gone/b, or name a file elsewhere"),
        (".", "cannot be opened: it is a folder; name a file in it"),
        ("notes.txt/a.db", "notes.txt is not a folder; name a file elsewhere"),
    ],
)
def test_a_place_where_no_file_can_be_is_told(name: str, told: str, tmp_path: Path) -> None:
    """The message says what is in the way, and what would be right."""
    (tmp_path / "notes.txt").touch()
    with pytest.raises(StoreError) as no:
        opened(f"sqlite:///{tmp_path}/{name}")
    assert told.format(folder=tmp_path) in str(no.value)


@pytest.fixture
def room() -> Iterator[Path]:
    """A folder with a store in it, for an ordinary user; the test does not run as root from here on."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o777)
    opened(f"sqlite:///{folder}/a.db")
    (folder / "a.db").chmod(0o666)
    root = os.geteuid() == 0
    if root:
        os.seteuid(pwd.getpwnam("nobody").pw_uid)
    yield folder
    if root:
        os.seteuid(0)
    folder.chmod(0o777)
    shutil.rmtree(folder)


def forbid(path: Path, mode: int) -> None:
    """Change the permissions of a file or folder, whoever owns it."""
    me = os.geteuid()
    os.seteuid(os.getuid())
    path.chmod(mode)
    os.seteuid(me)


@pytest.mark.parametrize(
    ("what", "mode", "name", "told"),
    [
        ("a.db", 0o444, "a.db", "a.db cannot be written: the file or its folder is read-only"),
        ("a.db", 0o000, "a.db", "this user may not read and write it; allow that, or name"),
        ("", 0o555, "a.db", "a.db-wal is beside it). Make them writable, or name another"),
        ("", 0o555, "b.db", "this user may not write in the folder {folder}; allow that, or name"),
    ],
)
def test_what_may_not_be_written_is_told(
    what: str, mode: int, name: str, told: str, room: Path
) -> None:
    """The file or its folder."""
    forbid(room / what, mode)
    with pytest.raises(StoreError) as no:
        opened(f"sqlite:///{room}/{name}")
    assert told.format(folder=room) in str(no.value)


def test_a_file_serves_one_at_a_time(tmp_path: Path) -> None:
    """The second process gets an error, and can open the file after the first has closed it."""
    url = f"sqlite:///{tmp_path}/a.db"
    first = open_store(url)
    with pytest.raises(StoreError, match=r"a\.db is open in another process"):
        opened(url)
    first.close()
    opened(url)


def test_a_file_of_a_plain_reader_is_readable_afterwards(tmp_path: Path) -> None:
    """It is an ordinary SQLite database."""
    store = open_store(f"sqlite:///{tmp_path}/a.db")
    store.put(Merchant("A", "secret"))
    store.close()
    with sqlite3.connect(tmp_path / "a.db") as plain:
        rows = plain.execute("SELECT kind, key FROM records").fetchall()
    plain.close()
    assert [("Merchant", "A")] == rows


def test_a_server_out_of_reach_is_told_without_the_password(tmp_path: Path) -> None:
    """The message names the server, and no secret."""
    with pytest.raises(StoreError, match="cannot be opened: connection ") as no:
        opened(f"postgresql://me:hush@/x?host={tmp_path}")
    assert "hush" not in str(no.value)


@pytest.mark.parametrize("option", ["password=hush", "sslpassword=hush", "bogus=1&password=hush"])
def test_a_password_among_the_options_is_kept(option: str, tmp_path: Path) -> None:
    """The password may be an option, too; an unknown option is an ordinary error."""
    with pytest.raises(StoreError, match="cannot be opened: ") as no:
        opened(f"postgresql://me@/x?host={tmp_path}&{option}")
    assert "hush" not in str(no.value)


def test_tables_without_a_version_are_no_store(url: str) -> None:
    """Those of a process killed while making them, or foreign tables with the same names."""
    change(url, "CREATE TABLE alembic_version (version_num text)", "CREATE TABLE records (id int)")
    with pytest.raises(StoreError, match="is not a store of mock-nicepay: "):
        opened(url)


def test_a_schema_that_somebody_else_made_will_do(postgres: Postgres) -> None:
    """A user without the right to make schemas gets an error, and can use one made by somebody else."""
    url = postgres.database()
    lodger = url.replace("postgres@", "lodger@")
    change(url, "DROP SCHEMA mock_nicepay", "CREATE ROLE lodger LOGIN")
    try:
        with pytest.raises(StoreError, match="cannot be opened: permission denied for database"):
            opened(lodger)
        change(url, "GRANT ALL ON SCHEMA mock_nicepay TO lodger")
        opened(lodger)
    finally:
        change(url, "DROP OWNED BY lodger", "DROP ROLE lodger")


def test_an_address_that_is_none_is_told() -> None:
    """An address that SQLAlchemy cannot parse."""
    with pytest.raises(StoreError, match="--store: what follows postgresql:// is not an address"):
        opened("postgresql://a:b:c@:x/y")


@pytest.mark.parametrize(
    ("library", "url"),
    [
        ("sqlalchemy", "sqlite:///a.db"),
        ("sqlalchemy", "postgresql://x"),
        ("psycopg", "postgresql://x"),
    ],
)
def test_a_missing_library_is_told_with_its_extra(
    library: str, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message says what to install."""
    for module in [name for name in sys.modules if name.startswith("mock_nicepay.core.stores.")]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(StoreError, match=rf"needs {library}.*pip install 'mock-nicepay\[stores\]'"):
        open_store(url)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_store_of_every_older_version_is_brought_up(
    version: str, url: str, older: Callable[[str, str], None]
) -> None:
    """Its records are still there, and it has the present version afterwards."""
    older(url, version)
    store = open_store(url)
    assert [Merchant("A", "secret")] == store.find(Merchant)
    store.put(Merchant("B", "secret"))
    store.close()
    opened(url)


@pytest.fixture
def older() -> Callable[[str, str], None]:
    """Makes a store of an older version with a merchant in it, as that version would have."""

    def make(url: str, version: str) -> None:
        engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
        with engine.begin() as connection:
            if "postgresql" in url:
                connection.execute(text("CREATE SCHEMA mock_nicepay"))
                connection.execute(text("SET search_path TO mock_nicepay"))
            migrate(connection, version)
            connection.execute(
                text(
                    "INSERT INTO records (kind, key, owner, body) VALUES ('Merchant', 'A', '', :body)"
                ),
                {"body": '{"client_id":"A","secret_key":"secret"}'},
            )
        engine.dispose()

    return make


def test_two_may_open_an_empty_database_at_once(postgres: Postgres) -> None:
    """Only one process makes the tables; the other one waits, and finds them."""
    url = postgres.database()
    threads = [Thread(target=opened, args=(url,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    versions = postgres.ask(url, "SELECT version_num FROM mock_nicepay.alembic_version")
    assert [(VERSIONS[-1],)] == versions
