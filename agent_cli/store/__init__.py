"""The local SQLite copy: rows from the server as they came, the journal, and what the day adds."""
