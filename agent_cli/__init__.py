"""The field program `fieldsync`, over a local SQLite copy; imports the core, never the server."""
