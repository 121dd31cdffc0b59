"""Records: one table for all kinds, found by key, owner and up to four look-up fields."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """From nothing."""
    op.create_table(
        "records",
        sa.Column("age", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        *(sa.Column(f"look{number}", sa.Text) for number in range(4)),
        sa.Column("body", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("records_by_key", "records", ["kind", "key"], unique=True)
    op.create_index("records_by_owner", "records", ["owner", "kind", "age"])
    for number in range(4):
        look = f"look{number}"
        some = sa.text(f"{look} IS NOT NULL")
        op.create_index(
            f"records_by_{look}",
            "records",
            ["kind", look, "owner", "age"],
            postgresql_where=some,
            sqlite_where=some,
        )
