"""The migrations of the SQL stores, in Alembic's form: one file a version in `versions/`."""
