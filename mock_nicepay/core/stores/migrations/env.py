"""Alembic's entry: runs the migrations on the given connection."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    transactional_ddl=False,  # the code that opens the store has begun a transaction
)
context.run_migrations()
