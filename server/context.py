"""What a server command or the app works with: settings, store, clock, files and keys, opened together."""

from contextlib import suppress
from dataclasses import dataclass

import click
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from fieldsync.adapters.clock import SystemRandomness, clock_of_environment
from fieldsync.adapters.local_blobs import LocalBlobs
from fieldsync.adapters.pack_files import Pack, packs_in_force
from fieldsync.conduct.ruleset import Ruleset
from fieldsync.domain.ids import new_id
from fieldsync.errors import InputError, LocalCopyError
from fieldsync.ports import BlobStore, Clock, Randomness
from fieldsync.words import words
from server.config import ServerConfig, load_config
from server.security.keys import ServerKeys, load_keys
from server.security.tree_heads import publish_head
from server.store.engine import open_engine
from server.store.migrate import migrate, newest_revision, stored_revision
from server.store.postgresql import check_postgresql


@dataclass(frozen=True, slots=True)
class ServerContext:
    """Everything a workflow step may need from outside."""

    config: ServerConfig
    engine: Engine
    clock: Clock
    blobs: BlobStore
    keys: ServerKeys
    randomness: Randomness

    @property
    def packs(self) -> tuple[Pack, ...]:
        """The rule packs of the settings, read once; InputError where one of them cannot be."""
        return packs_in_force(self.config.rulesets, self.config.home)

    @property
    def rulesets(self) -> tuple[Ruleset, ...]:
        """The same, to judge by."""
        return tuple(pack.ruleset for pack in self.packs)

    def publish_head(self) -> None:
        """Add the audit log's present head to its file; where that cannot be, `doctor` says so."""
        with suppress(OSError, SQLAlchemyError, ValueError):
            publish_head(self.engine, self.keys.audits[0], self.config.heads, self.clock.now())

    def new_id(self) -> str:
        """A fresh UUIDv7."""
        return new_id(int(self.clock.now().timestamp() * 1000), self.randomness.token(10))


def open_server(home: str | None) -> ServerContext:
    """Open an initialised server; its store is upgraded first where it is older than this program.

    Called by a command, its connections are closed when the command ends.
    """
    ctx = context_of(load_config(home))
    command = click.get_current_context(silent=True)
    if command is not None:
        command.call_on_close(ctx.engine.dispose)
        command.call_on_close(ctx.publish_head)
    return ctx


def context_of(config: ServerConfig) -> ServerContext:
    """The context for settings already read."""
    engine, randomness = open_engine(config.database_url), SystemRandomness()
    try:
        check_postgresql(engine)
        _bring_up_to_date(engine)
    except BaseException:
        engine.dispose()
        raise
    return ServerContext(
        config=config,
        engine=engine,
        clock=clock_of_environment(training=config.training),
        blobs=_blobs_of(config),
        keys=load_keys(config.keys, randomness),
        randomness=randomness,
    )


def _blobs_of(config: ServerConfig) -> BlobStore:
    """The folder, or the bucket that the settings name; InputError 400.9 where its library is absent."""
    if not config.blobs_url:
        return LocalBlobs(config.blobs)
    try:
        from fieldsync.adapters.object_blobs import ObjectBlobs
    except ModuleNotFoundError as error:
        raise InputError(
            "400.9",
            words("Files in a bucket need a package that is not installed."),
            words("Run `pip install 'fieldsync[s3]'`, or leave `blobs_url` empty."),
        ) from error

    return ObjectBlobs(config.blobs_url)


def _bring_up_to_date(engine: Engine) -> None:
    """LocalCopyError 602.26 for a store that nobody set up: a wrong address must not make a new one."""
    stored = stored_revision(engine)
    if stored is None:
        raise LocalCopyError(
            "602.26",
            words("The database is empty: no Fieldsync server was set up in it."),
            words("Check FIELDSYNC_DATABASE_URL and `database_url` in the settings."),
        )
    if stored != newest_revision():
        migrate(engine)
