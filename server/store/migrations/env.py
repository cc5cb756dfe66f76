"""Alembic's environment: runs migrations on the connection that `server.store.migrate` hands over."""

from alembic import context

from server.store.account_tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
context.run_migrations()
