"""The migrations make exactly the tables that the program reads and writes."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from fieldsync.errors import LocalCopyError
from server.context import ServerContext
from server.store.account_tables import metadata
from server.store.engine import reading, writing
from server.store.migrate import migrate, newest_revision, stored_revision


def test_migrated_and_described_tables_are_the_same(server: ServerContext) -> None:
    """Nothing is missing from the migrated store, nothing is too much, types and indexes included."""
    with reading(server.engine) as conn:
        context = MigrationContext.configure(
            conn, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, metadata) == []


def test_a_store_is_migrated_once(server: ServerContext) -> None:
    """Migrating the newest store again changes nothing."""
    migrate(server.engine)
    assert stored_revision(server.engine) == newest_revision()


def test_a_store_of_a_newer_program_is_left_alone(server: ServerContext) -> None:
    """An older program does not touch what a newer one wrote."""
    with writing(server.engine) as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(LocalCopyError) as newer:
        migrate(server.engine)
    assert newer.value.code == "602.2"
