"""One module a command of `fieldsync-server`; none imports another."""
