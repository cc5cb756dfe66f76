"""What a server command or the app works with: settings, store, clock, files and keys, opened together."""

from dataclasses import dataclass

from sqlalchemy import Engine

from fieldsync.adapters.clock import SystemRandomness, clock_of_environment
from fieldsync.adapters.local_blobs import LocalBlobs
from fieldsync.domain.ids import new_id
from fieldsync.ports import BlobStore, Clock, Randomness
from server.config import ServerConfig, load_config
from server.security.keys import ServerKeys, load_keys
from server.store.engine import open_engine
from server.store.migrate import migrate, newest_revision, stored_revision


@dataclass(frozen=True, slots=True)
class ServerContext:
    """Everything a workflow step may need from outside."""

    config: ServerConfig
    engine: Engine
    clock: Clock
    blobs: BlobStore
    keys: ServerKeys
    randomness: Randomness

    def new_id(self) -> str:
        """A fresh UUIDv7."""
        return new_id(int(self.clock.now().timestamp() * 1000), self.randomness.token(10))


def open_server(home: str | None) -> ServerContext:
    """Open an initialised server; its store is upgraded first where it is older than this program."""
    return context_of(load_config(home))


def context_of(config: ServerConfig) -> ServerContext:
    """The context for settings already read."""
    engine = open_engine(config.database_url)
    if stored_revision(engine) != newest_revision():
        migrate(engine)
    return ServerContext(
        config=config,
        engine=engine,
        clock=clock_of_environment(training=config.training),
        blobs=LocalBlobs(config.blobs),
        keys=load_keys(config.keys),
        randomness=SystemRandomness(),
    )
