"""Sets up a server in a folder: settings, keys, store and the epoch of its feed."""

from pathlib import Path

from sqlalchemy import insert

from fieldsync.adapters.clock import SystemClock, SystemRandomness
from fieldsync.domain.ids import new_id
from fieldsync.errors import ConflictError
from fieldsync.words import words
from server.config import CONFIG_NAME, load_config
from server.security.keys import create_keys
from server.store.engine import open_engine, writing
from server.store.migrate import migrate
from server.store.tables import meta

_CONFIG = """\
# Settings of this Fieldsync server; docs/reference/settings.md explains each.
# Empty: the embedded store in this folder.
database_url = ""
# A training server obeys FIELDSYNC_TRAINING_CLOCK. Never put real cases on it.
training = {training}
"""


def initialise(home: Path, *, training: bool) -> str:
    """Make the folder and everything in it; the new epoch. ConflictError 409.1 if it is one already."""
    path = home / CONFIG_NAME
    if path.exists():
        raise ConflictError(
            "409.1",
            words("{home} already holds a Fieldsync server.", home=str(home)),
            words("Choose another folder with --home."),
        )
    home.mkdir(parents=True, exist_ok=True)
    randomness = SystemRandomness()
    create_keys(home / "keys", randomness.token(64))
    path.write_text(_CONFIG.format(training=str(training).lower()), encoding="utf-8")
    engine = open_engine(load_config(str(home)).database_url)
    migrate(engine)
    epoch = new_id(int(SystemClock().now().timestamp() * 1000), randomness.token(10))
    with writing(engine) as conn:
        conn.execute(insert(meta), [{"name": "epoch", "value": epoch}])
    engine.dispose()
    return epoch
