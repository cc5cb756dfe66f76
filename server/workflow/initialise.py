"""Sets up a server in a folder: settings, keys, store and the epoch of its feed."""

import json
from pathlib import Path

from fieldsync.adapters.clock import SystemClock, SystemRandomness
from fieldsync.domain.ids import new_id
from fieldsync.errors import ConflictError
from fieldsync.words import words
from server.config import CONFIG_NAME, Lender, database_url
from server.security.keys import create_keys
from server.store.dialect import upsert
from server.store.engine import open_engine, writing
from server.store.migrate import migrate
from server.store.tables import meta

_CONFIG = """\
# Settings of this Fieldsync server; docs/reference/settings.md explains each.
# Empty: the embedded store in this folder.
database_url = ""
# A training server obeys FIELDSYNC_TRAINING_CLOCK. Never put real cases on it.
training = {training}

# The bank as agreements name it, and the number a borrower may call.
[lender]
name = {name}
phone = {phone}
"""


def initialise(home: Path, *, training: bool, lender: Lender | None = None) -> str:
    """Make the folder and everything in it; the new epoch. ConflictError 409.1 if it is one already.

    The settings file is written last: where it stands, everything else does, and an interrupted
    set-up is simply done again.
    """
    path = home / CONFIG_NAME
    if path.exists():
        raise ConflictError(
            "409.1",
            words("{home} already holds a Fieldsync server.", home=str(home)),
            words("Choose another folder with --home."),
        )
    # The case book will lie here: a folder that is made is its owner's alone.
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    randomness = SystemRandomness()
    create_keys(home / "keys", randomness.token(64))
    engine = open_engine(database_url(home, {}))
    migrate(engine)
    epoch = new_id(int(SystemClock().now().timestamp() * 1000), randomness.token(10))
    with writing(engine) as conn:
        upsert(conn, meta, [{"name": "epoch", "value": epoch}], keys=("name",))
    engine.dispose()
    path.write_text(_settings(training=training, lender=lender or Lender()), encoding="utf-8")
    return epoch


def _settings(*, training: bool, lender: Lender) -> str:
    """The text of config.toml; a JSON string is a TOML string too."""
    return _CONFIG.format(
        training=str(training).lower(),
        name=json.dumps(lender.name, ensure_ascii=False),
        phone=json.dumps(lender.phone, ensure_ascii=False),
    )
