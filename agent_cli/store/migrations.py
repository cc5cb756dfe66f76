"""The local schema, step by step, by sqlite-utils; imported only when a file is older than the program."""

from sqlite_utils import Database, Migrations

from agent_cli.cipher import sqlite3
from fieldsync.terminal.database_errors import explain

STEPS = Migrations("fieldsync-device")

# mirror: rows exactly as the feed gave them. staged: a pull that is not complete yet.
# journal: the device's log, append-only; `state` is unsent, sent, or the server's outcome.
# visits, local_holds, agreements, revisions: the overlay of what the day added.
_TABLES = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE mirror (
  key TEXT PRIMARY KEY, kind TEXT NOT NULL, version INTEGER NOT NULL, body TEXT NOT NULL);
CREATE INDEX mirror_kind ON mirror (kind);
CREATE TABLE staged (
  place INTEGER PRIMARY KEY, key TEXT NOT NULL, op TEXT NOT NULL,
  version INTEGER NOT NULL, body TEXT);
CREATE TABLE journal (
  seq INTEGER PRIMARY KEY, op_id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, case_id TEXT,
  body TEXT NOT NULL, hash TEXT NOT NULL, sig TEXT NOT NULL, recorded_at TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'unsent'
    CHECK (state IN ('unsent', 'sent', 'accepted', 'held', 'in_review', 'rejected')),
  reason TEXT);
CREATE INDEX journal_case ON journal (case_id);
CREATE INDEX journal_state ON journal (state);
CREATE TABLE journal_files (
  sha256 TEXT NOT NULL, op_id TEXT NOT NULL REFERENCES journal (op_id),
  size INTEGER NOT NULL, type TEXT NOT NULL, uploaded INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (sha256, op_id));
CREATE TABLE visits (
  visit_id TEXT PRIMARY KEY, case_id TEXT NOT NULL, body TEXT NOT NULL,
  started_at TEXT NOT NULL, state TEXT NOT NULL, op_id TEXT NOT NULL);
CREATE INDEX visits_case ON visits (case_id);
CREATE TABLE local_holds (
  hold_id TEXT PRIMARY KEY, case_id TEXT NOT NULL, body TEXT NOT NULL, op_id TEXT NOT NULL);
CREATE INDEX local_holds_case ON local_holds (case_id);
CREATE TABLE agreements (
  agreement_id TEXT PRIMARY KEY, case_id TEXT NOT NULL, body TEXT NOT NULL, op_id TEXT NOT NULL);
CREATE INDEX agreements_case ON agreements (case_id);
CREATE TABLE revisions (
  itinerary_id TEXT PRIMARY KEY, base_version INTEGER NOT NULL, body TEXT NOT NULL,
  op_id TEXT NOT NULL);
"""


@STEPS(name="0001_first_store")
def first_store(db: Database) -> None:
    """Every table, and the search index over the cases' names, places and ids."""
    for statement in _TABLES.split(";"):
        if statement.strip():
            db.execute(statement)
    search = db.table("search")
    search.create({"case_id": str, "text": str}, pk="case_id")
    search.enable_fts(["text"], fts_version="FTS5", create_triggers=True)
    db.execute("PRAGMA user_version = 1")


# What a CHECK allows is changed by copying the table; the indexes go with the old one.
_QUARANTINED = """
CREATE TABLE journal_new (
  seq INTEGER PRIMARY KEY, op_id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, case_id TEXT,
  body TEXT NOT NULL, hash TEXT NOT NULL, sig TEXT NOT NULL, recorded_at TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'unsent' CHECK (state IN
    ('unsent', 'sent', 'accepted', 'held', 'in_review', 'rejected', 'quarantined')),
  reason TEXT);
INSERT INTO journal_new SELECT * FROM journal;
DROP TABLE journal;
ALTER TABLE journal_new RENAME TO journal;
CREATE INDEX journal_case ON journal (case_id);
CREATE INDEX journal_state ON journal (state);
PRAGMA user_version = 2
"""


@STEPS(name="0002_quarantined_records")
def quarantined_records(db: Database) -> None:
    """A record may stand as quarantined."""
    for statement in _QUARANTINED.split(";"):
        db.execute(statement)


# What has left the device with its case, sealed to the server, and since when (UTC, to the second).
_SEALED = """
ALTER TABLE journal ADD COLUMN sealed TEXT;
ALTER TABLE journal ADD COLUMN sealed_at TEXT;
PRAGMA user_version = 3
"""


@STEPS(name="0003_sealed_records")
def sealed_records(db: Database) -> None:
    """A record whose body has left may stand sealed to the server."""
    for statement in _SEALED.split(";"):
        db.execute(statement)


# Wrong tries at a check-in in a row, with both clocks of the last one; and what of a case waits for the
# office: complaints and proposed corrections (`body` is a domain Complaint or Correction).
_AT_THE_DOOR = """
CREATE TABLE check_in_tries (
  officer_id TEXT PRIMARY KEY, tries INTEGER NOT NULL, tried_at TEXT NOT NULL,
  monotonic_ms INTEGER NOT NULL, boot_id TEXT NOT NULL);
CREATE TABLE complaints (
  complaint_id TEXT PRIMARY KEY, case_id TEXT NOT NULL, body TEXT NOT NULL, op_id TEXT NOT NULL);
CREATE INDEX complaints_case ON complaints (case_id);
CREATE TABLE corrections (
  correction_id TEXT PRIMARY KEY, case_id TEXT NOT NULL, body TEXT NOT NULL, op_id TEXT NOT NULL);
CREATE INDEX corrections_case ON corrections (case_id);
PRAGMA user_version = 4
"""


@STEPS(name="0004_at_the_door")
def at_the_door(db: Database) -> None:
    """Wrong secrets are counted; complaints and corrections wait for the office."""
    for statement in _AT_THE_DOOR.split(";"):
        db.execute(statement)


# Every order of a day that was kept, the officer's own (`author` is empty) or the partner's; `undone_by` is
# the record that took it back, `undoes` what a record took back. `revisions` holds the one in force.
_ORDERS = """
CREATE TABLE orders (
  number INTEGER PRIMARY KEY, itinerary_id TEXT NOT NULL, base_version INTEGER NOT NULL,
  body TEXT NOT NULL, op_id TEXT NOT NULL UNIQUE, author TEXT NOT NULL, at TEXT NOT NULL,
  reason TEXT NOT NULL, undoes TEXT, undone_by TEXT);
CREATE INDEX orders_itinerary ON orders (itinerary_id);
ALTER TABLE revisions ADD COLUMN author TEXT NOT NULL DEFAULT '';
ALTER TABLE revisions ADD COLUMN at TEXT NOT NULL DEFAULT '';
INSERT INTO orders (itinerary_id, base_version, body, op_id, author, at, reason)
  SELECT itinerary_id, base_version, body, op_id, '', '', '' FROM revisions;
PRAGMA user_version = 5
"""


@STEPS(name="0005_orders_of_a_day")
def orders_of_a_day(db: Database) -> None:
    """Each order that was kept can be shown and brought back."""
    for statement in _ORDERS.split(";"):
        db.execute(statement)


def migrate(conn: sqlite3.Connection) -> None:
    """Apply what is missing, each step in one transaction that also raises `user_version`.

    Foreign keys are off meanwhile: a table that others refer to can only be copied so (SQLite's own
    advice), and the pragma does nothing inside a transaction.
    """
    try:
        conn.execute("PRAGMA foreign_keys = OFF")
        try:
            STEPS.apply(Database(conn))
        finally:
            conn.execute("PRAGMA foreign_keys = ON")
    except sqlite3.Error as error:
        raise explain(error) from error
