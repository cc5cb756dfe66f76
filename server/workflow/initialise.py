"""Sets up a server: a folder with settings and keys, a store with the epoch of its feed."""

import json
from pathlib import Path

from sqlalchemy import select

from fieldsync.adapters.clock import SystemClock, SystemRandomness
from fieldsync.domain.ids import new_id
from fieldsync.errors import ConflictError
from fieldsync.words import words
from server.config import CONFIG_NAME, Lender, database_url, said_url
from server.security.keys import create_keys, load_keys
from server.store.dialect import one_at_a_time, upsert
from server.store.engine import open_engine, without_password, writing
from server.store.migrate import migrate
from server.store.postgresql import check_postgresql
from server.store.retrying import retried
from server.store.tables import audit, meta, officers
from server.workflow.hardship_key import establish

_CONFIG = """\
# Settings of this Fieldsync server; docs/reference/settings.md explains each.
# Empty: the embedded store in this folder. A password never stands here.
database_url = {database_url}
# Empty: received files lie in this folder. s3://BUCKET/PREFIX keeps them in an S3-compatible store.
blobs_url = ""
# A training server obeys FIELDSYNC_TRAINING_CLOCK. Never put real cases on it.
training = {training}
# The rules this server judges by: packs that ship (`fieldsync-server rules list`), or files in this folder.
rulesets = ["cn", "house"]

# The bank as agreements name it, and the number a borrower may call.
[lender]
name = {name}
phone = {phone}
"""


def initialise(
    home: Path,
    *,
    training: bool,
    lender: Lender | None = None,
    database: str = "",
    passphrase: str | None = None,
) -> str:
    """Make the folder and everything in it; the new epoch.

    `database` is the store's URL, empty for the environment's or else the file in the folder;
    `passphrase` locks the hardship team's key, None makes one and writes it to a file.
    ConflictError 409.1 if the folder holds a server already, 409.52 if the store does. The settings file is written last: where it stands, everything else does, and an interrupted
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
    create_keys(home / "keys", randomness.token(96))
    named = said_url(database)
    epoch = new_id(int(SystemClock().now().timestamp() * 1000), randomness.token(10))
    _prepare(named or database_url(home, {}), epoch, home / "keys", passphrase)
    settings = _settings(named, training=training, lender=lender or Lender())
    path.write_text(settings, encoding="utf-8")
    return epoch


@retried
def _prepare(url: str, epoch: str, keys: Path, passphrase: str | None) -> None:
    """Make the tables and begin a feed in a store that nobody has used."""
    engine = open_engine(url)
    try:
        check_postgresql(engine)
        migrate(engine)
        with writing(engine) as conn:
            one_at_a_time(conn, "office")
            if any(conn.execute(select(table).limit(1)).first() for table in (officers, audit)):
                raise ConflictError(
                    "409.52",
                    words("The database already holds the store of a Fieldsync server."),
                    words("Name an empty database, or restore that server's folder."),
                )
            upsert(conn, meta, [{"name": "epoch", "value": epoch}], keys=("name",))
            randomness = SystemRandomness()
            establish(conn, keys, load_keys(keys, randomness).receipt, randomness, passphrase)
    finally:
        engine.dispose()


def _settings(named: str, *, training: bool, lender: Lender) -> str:
    """The text of config.toml; a JSON string is a TOML string too."""
    return _CONFIG.format(
        database_url=json.dumps(without_password(named), ensure_ascii=False),
        training=str(training).lower(),
        name=json.dumps(lender.name, ensure_ascii=False),
        phone=json.dumps(lender.phone, ensure_ascii=False),
    )
