"""The tables of the SQL stores, and how a new, older, newer or foreign database is handled.

Alembic runs the migrations (`migrations/`); it is imported only when there is something to migrate.
"""

from pathlib import Path

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    DateTime,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    column,
    inspect,
    select,
    table,
    text,
)

from mock_nicepay.core.store import StoreError

# The migrations of this version, oldest first; the last one results in the tables below.
VERSIONS = ("0001", "0002")
VERSION_TABLE = "alembic_version"
PLACES = 4  # the most look-up fields that a kind of record may have
_MIGRATIONS = Path(__file__).with_name("migrations")

_VERSION = select(column("version_num", Text)).select_from(table(VERSION_TABLE))

metadata = MetaData()
records = Table(
    "records",
    metadata,
    # The place of a record in the order; it stays when the record is replaced.
    Column("age", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("owner", Text, nullable=False),
    *(Column(f"look{number}", Text) for number in range(PLACES)),
    Column("body", Text, nullable=False),
    Index("records_by_key", "kind", "key", unique=True),
    Index("records_by_owner", "owner", "kind", "age"),
    *(
        Index(
            f"records_by_look{number}",
            "kind",
            f"look{number}",
            "owner",
            "age",
            postgresql_where=text(f"look{number} IS NOT NULL"),
            sqlite_where=text(f"look{number} IS NOT NULL"),
        )
        for number in range(PLACES)
    ),
    sqlite_autoincrement=True,
)
counters = Table(
    "counters",
    metadata,
    Column("name", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("value", BigInteger, nullable=False),
)
leases = Table(
    "leases",
    metadata,
    Column("name", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("holder", Integer, nullable=False),
    Column("until", DateTime(timezone=True), nullable=False),
    Index("leases_by_owner", "owner"),
)
log = Table(
    "log",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("owner", Text, nullable=False),
    Column("entry", Text, nullable=False),
    Column("weight", BigInteger, nullable=False),
    Index("log_by_owner", "owner", "id"),
)


def prepare(connection: Connection, where: str) -> None:
    """Migrate a database to the current version. Raises `StoreError` for a newer or foreign one.

    The caller holds a lock against other processes that do the same, and commits.
    """
    held = version_of(connection, where)
    if held != VERSIONS[-1]:
        migrate(connection, VERSIONS[-1])


def version_of(connection: Connection, where: str) -> str:
    """The schema version of a database; empty when it has no tables.

    Raises `StoreError` for a newer or foreign one.
    """
    found = sorted(inspect(connection).get_table_names())
    ours = f"this mock-nicepay knows the schema versions {VERSIONS[0]} to {VERSIONS[-1]}"
    if not found:
        return ""
    held = connection.execute(_VERSION).scalar() if VERSION_TABLE in found else None
    if held is None or records.name not in found:
        listed = ", ".join(found[:5])
        raise StoreError(
            f"{where} is not a store of mock-nicepay: it has the tables {listed} and no schema "
            f"version; {ours}. Name another file or database"
        )
    if held not in VERSIONS:
        kind = "a newer" if str(held) > VERSIONS[-1] else "a foreign"
        raise StoreError(
            f"{where} has the schema version {held}, {kind} one; {ours}. "
            "Use the mock-nicepay that wrote it, or name another file or database"
        )
    return str(held)


def migrate(connection: Connection, version: str) -> None:
    """Migrate a database to that version, within the caller's transaction."""
    from alembic.command import upgrade
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    upgrade(config, version)
