"""What Alembic runs: the migrations, on the connection that it was given."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    transactional_ddl=False,  # the transaction is that of whoever opens the store
)
context.run_migrations()
