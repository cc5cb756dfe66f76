"""What must hold of all copies after every step, and what more when nobody has anything left to say."""

import json
from collections import Counter
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, select

from fieldsync.domain.codec import to_builtins, to_json
from fieldsync.domain.masking import masked
from fieldsync.sync.feed import FeedOp
from fieldsync.sync.operation import chain_hash, decode_body, genesis_hash
from server.store import tables
from server.store.assignments import officers_of
from server.store.cases import load_cases
from server.store.engine import reading
from tests.device_files import database_of
from tests.properties.branch import CASES, Branch, marker
from tests.properties.tablet import Tablet

DECIDED = frozenset({"accepted", "held", "in_review", "rejected"})


def check_journal(home: Path) -> None:
    """A device's log has no gap, and every record links to the one before it."""
    with closing(database_of(home)) as conn:
        facts = conn.execute("SELECT value FROM meta WHERE name = 'identity'").fetchone()[0]
        last = (0, genesis_hash(json.loads(facts)["device_id"]))
        for seq, own, body in conn.execute("SELECT seq, hash, body FROM journal ORDER BY seq"):
            assert seq == last[0] + 1
            if body:
                assert decode_body(body).prev_hash == last[1]
                assert chain_hash(last[1], body) == own
            last = (seq, own)


def check_logs(branch: Branch) -> dict[str, dict[int, str]]:
    """The server's logs have no gap and end at the head it tells; hash by device id and seq."""
    stored: dict[str, dict[int, str]] = {}
    with reading(branch.ctx.engine) as conn:
        heads = {row.device_id: row for row in conn.execute(select(tables.devices))}
        for device_id in heads:
            stored[device_id] = _log(conn, device_id)
    for device_id, head in heads.items():
        assert len(stored[device_id]) == head.head_seq
        if head.head_seq:
            assert stored[device_id][head.head_seq] == head.head_hash
    return stored


def _log(conn: Connection, device_id: str) -> dict[int, str]:
    # What was adopted from quarantine stands outside the log, below 1.
    own = (tables.operations.c.device_id == device_id, tables.operations.c.seq > 0)
    rows = conn.execute(select(tables.operations).where(*own).order_by(tables.operations.c.seq))
    log: dict[int, str] = {}
    last = genesis_hash(device_id)
    for row in rows:
        assert row.seq == len(log) + 1
        assert decode_body(row.body).prev_hash == last
        assert chain_hash(last, row.body) == row.hash
        log[row.seq] = last = row.hash
    return log


def missing(stored: dict[str, dict[int, str]], tablets: list[Tablet]) -> set[tuple[str, int]]:
    """What was acknowledged to a device and is not at the server, or is another record there."""
    return {
        (device_id, seq)
        for tablet in tablets
        for device_id, known in tablet.acknowledged.items()
        for seq, own in known.items()
        if stored.get(device_id, {}).get(seq) != own
    }


def check_kept_apart(branch: Branch, tablets: list[Tablet]) -> None:
    """What a device of a parted log counts as handed over is in the server's quarantine, or was decided."""
    with reading(branch.ctx.engine) as conn:
        known = set(conn.execute(select(tables.quarantine.c.hash)).scalars())
        known |= set(conn.execute(select(tables.operations.c.hash)).scalars())
    for home in (home for tablet in tablets for home in tablet.left_behind):
        with closing(database_of(home)) as conn_:
            query = "SELECT hash FROM journal WHERE state = 'quarantined'"
            assert {row[0] for row in conn_.execute(query)} <= known


def check_nothing_twice(branch: Branch) -> None:
    """What was accepted took effect once; what stops collection did so wherever it stands."""
    with reading(branch.ctx.engine) as conn:
        rows = conn.execute(select(tables.operations)).all()
        visits = conn.execute(select(tables.visits.c.visit_id)).all()
        told = conn.execute(select(tables.disclosures.c.op_id)).scalars().all()
        signed = conn.execute(select(tables.agreements.c.op_id)).scalars().all()
        holds = set(conn.execute(select(tables.holds.c.hold_id)).scalars())
    accepted = Counter(row.kind for row in rows if row.outcome == "accepted")
    assert len(visits) == accepted["visit.start"]
    for kind, found in (("hardship.disclose", told), ("agreement.sign", signed)):
        assert sorted(found) == sorted(
            row.op_id for row in rows if (row.kind, row.outcome) == (kind, "accepted")
        )
    hardships = {row.op_id for row in rows if row.kind == "hardship.disclose"}
    assert hardships <= holds
    assert {row.outcome for row in rows} <= DECIDED


def check_agreement(branch: Branch, tablet: Tablet) -> None:
    """A device that has nothing left to say holds what its officer's cases are now, and nothing else."""
    agent = tablet.officer.officer_id
    with reading(branch.ctx.engine) as conn:
        owners = officers_of(conn, CASES)
        scope = [case_id for case_id in CASES if agent in owners.get(case_id, ())]
        files = {
            f"case:{i}": to_json(to_builtins(masked(c))) for i, c in load_cases(conn, scope).items()
        }
        live = (tables.agent_feed.c.agent == agent, tables.agent_feed.c.op == FeedOp.PUT.value)
        feed = {row.key: row.body for row in conn.execute(select(tables.agent_feed).where(*live))}
        outcomes = dict(
            conn.execute(select(tables.operations.c.op_id, tables.operations.c.outcome)).all()
        )
    with closing(database_of(tablet.home)) as conn_:
        rows = dict(conn_.execute("SELECT key, body FROM mirror"))
        journal = conn_.execute("SELECT op_id, state FROM journal").fetchall()
        hashes = dict(conn_.execute("SELECT seq, hash FROM journal"))
        facts = conn_.execute("SELECT value FROM meta WHERE name = 'identity'").fetchone()[0]
    assert hashes == check_logs(branch)[json.loads(facts)["device_id"]]
    assert {key: _same(body) for key, body in rows.items()} == {
        k: _same(b) for k, b in feed.items()
    }
    cases = {key: _same(body) for key, body in rows.items() if key.startswith("case:")}
    assert cases == {key: _same(body) for key, body in files.items()}
    for op_id, state in journal:
        assert outcomes[op_id] == state
    check_no_trace(tablet, [case_id for case_id in CASES if case_id not in scope])


def _same(body: str) -> str:
    """The text of a body whatever the order in which its fields were written."""
    return json.dumps(json.loads(body), sort_keys=True, ensure_ascii=False)


def check_no_trace(tablet: Tablet, gone: list[str]) -> None:
    """No file of the device holds anything of a case that is not the officer's (G5)."""
    for path in tablet.home.rglob("*"):
        content = path.read_bytes() if path.is_file() else b""
        for case_id in gone:
            assert marker(case_id).encode() not in content, path.name
