"""One file a schema version. A new one is also named in `schema.VERSIONS`, and tested."""
