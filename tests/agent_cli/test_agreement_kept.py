"""An agreement signed with the network off, sealed by device and office, and followed to its end."""

import dataclasses
import json
import subprocess
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from agent_cli.context import open_device
from agent_cli.store.cases import load_case as load_local
from fieldsync.adapters.clock import clock_of_environment
from fieldsync.agreements.ledger import PlanStanding
from fieldsync.agreements.mandate import HOUSE_MANDATE
from fieldsync.domain.agreement import PlanState
from fieldsync.domain.case import AgreementState, Case, HoldKind, Payment
from fieldsync.errors import ConflictError, RefusedError
from fieldsync.sync.outcome import OutcomeKind
from server.config import ServerConfig
from server.store.cases import load_case, save_bank_parts
from server.store.engine import reading, writing
from server.store.purging import files_without_record, purge_records
from server.workflow.agreements_kept import end_plan, find, follow, review_plans, withdraw_plan
from server.workflow.lift_hold import lift
from server.workflow.open_outbox import open_outbox
from server.workflow.remind import remind
from server.workflow.review_operations import decide, list_operations
from server.workflow.state_agreement import statement_of
from tests.agent_cli.bank import Bank, enrolled, states, synced
from tests.agent_cli.made_up import ANA, Device, at

CASE = "C-000001"
DRAWING = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 100">'
    '<path d="M20 70 C40 10 60 10 65 60" fill="none" stroke="#102030"/></svg>'
)


@pytest.fixture
def drawing(tmp_path: Path) -> str:
    """A drawn signature in a file."""
    path = tmp_path / "signature.svg"
    path.write_text(DRAWING, encoding="utf-8")
    return str(path)


@pytest.fixture
def ana(bank: Bank, tmp_path: Path) -> Device:
    """Ana's device at the door of the first case, the network gone."""
    device = enrolled(bank, tmp_path / "ana", ANA)
    synced(device)
    bank.stop()
    assert device.run("visit", "start", CASE, "--with", "O-0002").exit_code == 0
    return device


def agreed(device: Device, drawing: str, *more: str) -> dict[str, str]:
    """What `fieldsync agree --json` says of twelve free instalments."""
    done = device.run(
        "agree", CASE, "--kind", "interest_free", "--months", "12", "--first-due", "2026-12-25",
        "--signature", drawing, "--yes", "--json", *more,
    )  # fmt: skip
    assert done.exit_code == 0, done.exception
    told: dict[str, str] = json.loads(done.stdout)
    return told


def delivered(bank: Bank, device: Device) -> None:
    """The network is back, and everything has arrived."""
    bank.start()
    synced(device)
    synced(device)


def pay(bank: Bank, payments: list[Payment]) -> None:
    """The bank's book tells of payments."""
    with writing(bank.ctx.engine) as conn:
        case = load_case(conn, CASE)
        assert case is not None
        told = dataclasses.replace(case, payments=(*case.payments, *payments))
        save_bank_parts(conn, [told], bank.ctx.clock.now())


def case_of(bank: Bank) -> Case:
    """The case as the server has it."""
    with reading(bank.ctx.engine) as conn:
        case = load_case(conn, CASE)
    assert case is not None
    return case


def test_the_document_is_sealed_twice_and_anybody_can_check(
    bank: Bank, ana: Device, drawing: str, tmp_path: Path
) -> None:
    """Offline by the device, on receipt by the office; `pdfsig` and both `verify` agree."""
    copy = tmp_path / "copy.pdf"
    told = agreed(ana, drawing, "--output", str(copy))
    checked = json.loads(ana.run("verify", str(copy), "--json").stdout)
    assert (checked["holds"], checked["not_after"]) == (True, None)
    assert checked["sha256"] == told["document_sha256"]
    assert checked["seals"][0]["facts"]["agreement_id"] == told["agreement_id"]
    delivered(bank, ana)
    one = find(bank.ctx, CASE).stored
    assert (one.state, one.seal_faults) == (PlanState.PERFORMING, ())
    assert one.office_sha256 is not None
    office = tmp_path / "office.pdf"
    office.write_bytes(bank.ctx.blobs.get(one.office_sha256))
    both = json.loads(ana.run("verify", str(office), "--json").stdout)
    assert (both["holds"], len(both["seals"])) == (True, 2)
    first, last = (datetime.fromisoformat(both[name]) for name in ("not_before", "not_after"))
    assert first < last
    pdfsig = subprocess.run(
        ["pdfsig", "-nocert", str(office)], capture_output=True, text=True, check=False
    )
    assert pdfsig.stdout.count("Signature is Valid") == 2
    changed = bytearray(office.read_bytes())
    changed[len(changed) // 2] ^= 1
    office.write_bytes(changed)
    refused = ana.run("verify", str(office))
    assert refused.exit_code == 5
    assert "Do not rely" in refused.stdout


def test_a_year_of_payments_settles_the_plan(
    bank: Bank, ana: Device, drawing: str, tmp_path: Path
) -> None:
    """Paid in time each month: performing for a year, then settled by the review alone."""
    agreed(ana, drawing)
    delivered(bank, ana)
    plan = find(bank.ctx, CASE).stored.agreement.quote
    pay(bank, [Payment(f"P-{r.number}", r.due, r.amount) for r in plan.instalments])
    last = plan.instalments[-1].due
    for row in plan.instalments[:-1]:
        assert find(bank.ctx, CASE, row.due).kept.standing is PlanStanding.PERFORMING
    assert review_plans(bank.ctx, last - timedelta(days=1)) == (0, [])
    half = plan.instalments[5].due
    stated = tmp_path / "statement.pdf"
    stated.write_bytes(statement_of(bank.ctx, CASE, half))
    text = subprocess.run(
        ["pdftotext", "-layout", str(stated), "-"], capture_output=True, check=True
    )
    assert text.stdout.decode().count("已还") >= 6
    assert plan.instalments[6].due.isoformat() in text.stdout.decode()
    assert review_plans(bank.ctx, last) == (1, [])
    assert find(bank.ctx, CASE).stored.state is PlanState.SETTLED
    assert case_of(bank).agreement_state is AgreementState.SETTLED
    assert follow(bank.ctx, state=PlanState.PERFORMING) == []


def test_only_a_person_ends_a_plan_and_only_a_breached_one(
    bank: Bank, ana: Device, drawing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two months missed and ten days of grace over: listed for a person, ended by one, then broken."""
    agreed(ana, drawing)
    delivered(bank, ana)
    with pytest.raises(ConflictError, match="not breached"):
        end_plan(bank.ctx, CASE, reason="impatience", by="Chief")
    with pytest.raises(ConflictError, match="being kept"):
        lift(bank.ctx, CASE, reason="impatience", by="Chief")
    late = at(10, 0).replace(year=2027, month=2, day=5)
    settled, breached = review_plans(bank.ctx, late.date())
    assert (settled, len(breached)) == (0, 1)
    assert case_of(bank).agreement_state is AgreementState.PERFORMING
    monkeypatch.setenv("FIELDSYNC_TRAINING_CLOCK", late.isoformat())
    bank.ctx = dataclasses.replace(bank.ctx, clock=clock_of_environment(training=True))
    end_plan(bank.ctx, CASE, reason="two instalments missed", by="Chief")
    now = case_of(bank)
    assert (now.agreement_state, now.holds) == (AgreementState.BROKEN, ())
    with pytest.raises(ConflictError, match="over already"):
        end_plan(bank.ctx, CASE, reason="again", by="Chief")


def test_withdrawing_in_time_ends_the_plan_and_not_the_peace(
    bank: Bank, ana: Device, drawing: str
) -> None:
    """Within a week the borrower may change their mind; nobody comes because of it."""
    agreed(ana, drawing)
    delivered(bank, ana)
    withdraw_plan(bank.ctx, CASE, reason="called the office", by="Chief")
    now = case_of(bank)
    assert now.agreement_state is AgreementState.NONE
    assert [hold.kind for hold in now.holds] == [HoldKind.AGREEMENT]
    lift(bank.ctx, CASE, reason="a month has passed", by="Chief")
    assert case_of(bank).holds == ()


def test_what_lies_beyond_the_mandate_is_proposed_and_approved(
    bank: Bank, tmp_path: Path, drawing: str
) -> None:
    """Twelve months where six may be offered: said on its face, held meanwhile, in force once approved."""
    narrow = dataclasses.replace(HOUSE_MANDATE, name="narrow", max_months=6)
    bank.stop()
    bank.ctx = dataclasses.replace(
        bank.ctx, config=dataclasses.replace(bank.ctx.config, mandate=narrow)
    )
    bank.start()
    device = enrolled(bank, tmp_path / "ana", ANA)
    synced(device)
    bank.stop()
    assert device.run("visit", "start", CASE, "--with", "O-0002").exit_code == 0
    copy = tmp_path / "proposal.pdf"
    told = agreed(device, drawing, "--output", str(copy))
    assert told["standing"] == "proposed"
    text = subprocess.run(["pdftotext", str(copy), "-"], capture_output=True, check=True).stdout
    assert "待批准方案" in text.decode()
    with open_device(device.options) as ctx:
        local = load_local(ctx.conn, CASE)
    assert local.agreement_state is AgreementState.PROPOSED
    delivered(bank, device)
    (waiting,) = list_operations(bank.ctx, OutcomeKind.IN_REVIEW)
    assert waiting.outcome.reason is not None
    assert waiting.outcome.reason.code == "needs_approval"
    assert [hold.kind for hold in case_of(bank).holds] == [HoldKind.AGREEMENT]
    decide(bank.ctx, waiting.operation.op_id, accept=True, reason="agreed", by="Chief")
    assert case_of(bank).agreement_state is AgreementState.PERFORMING
    assert find(bank.ctx, CASE).stored.office_sha256 is not None


def test_a_document_whose_seal_does_not_hold_goes_to_a_person(
    bank: Bank, ana: Device, drawing: str
) -> None:
    """The server's authority is another one now: nobody vouches for the seal, and a person compares."""
    (bank.ctx.config.keys / "documents.pem").unlink()
    agreed(ana, drawing)
    delivered(bank, ana)
    (waiting,) = list_operations(bank.ctx, OutcomeKind.IN_REVIEW)
    reason = waiting.outcome.reason
    assert reason is not None
    assert reason.code == "seal_broken"
    assert "seal does not hold" in reason.message["en"]
    assert case_of(bank).agreement_state is AgreementState.NONE


def test_what_is_purged_takes_the_offices_copy_with_it(
    bank: Bank, ana: Device, drawing: str
) -> None:
    """While the agreement is kept its sealed copy is; with the record everything of it goes."""
    agreed(ana, drawing)
    delivered(bank, ana)
    stored = find(bank.ctx, CASE).stored
    later = bank.ctx.clock.now() + timedelta(days=1)
    with writing(bank.ctx.engine) as conn:
        assert files_without_record(conn, later) == []
        purge_records(conn, [stored.op_id])
        assert stored.office_sha256 in files_without_record(conn, later)
    assert follow(bank.ctx) == []


def test_a_borrower_who_asked_is_reminded_once(
    bank: Bank, ana: Device, drawing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three days before, by day, without an amount; not before, not twice, not once it is paid."""
    agreed(ana, drawing, "--remind")
    delivered(bank, ana)
    assert remind(bank.ctx, open_outbox(bank.ctx)) == []
    for hour, expected in ((3, 0), (10, 1), (11, 0)):
        moment = at(hour).replace(month=12, day=22)
        monkeypatch.setenv("FIELDSYNC_TRAINING_CLOCK", moment.isoformat())
        bank.ctx = dataclasses.replace(bank.ctx, clock=clock_of_environment(training=True))
        assert len(remind(bank.ctx, open_outbox(bank.ctx))) == expected, hour
    letters = [path for path in (bank.ctx.config.home / "outbox").rglob("*") if path.is_file()]
    text = "".join(path.read_text(encoding="utf-8") for path in letters)
    assert "12月25日" in text
    assert "元" not in text
    plan = find(bank.ctx, CASE).stored.agreement.quote
    pay(bank, [Payment("P-2", date(2026, 12, 23), plan.total_payable)])
    assert remind(bank.ctx, open_outbox(bank.ctx)) == []


def test_a_new_version_takes_the_place_of_the_old_one(
    bank: Bank, ana: Device, drawing: str
) -> None:
    """Renegotiated at the same table: version 2, linked, one stop on collection."""
    first = agreed(ana, drawing)
    refused = ana.run(
        "agree", CASE, "--kind", "interest_free", "--months", "24", "--first-due", "2026-12-25",
        "--signature", drawing, "--yes",
    )  # fmt: skip
    assert getattr(refused.exception, "code", None) == "409.48"
    second = agreed(ana, drawing, "--replace")
    delivered(bank, ana)
    assert [state for kind, state in states(ana) if kind == "agreement.sign"] == ["accepted"] * 2
    found = {one.stored.agreement.agreement_id: one.stored for one in follow(bank.ctx)}
    assert found[first["agreement_id"]].state is PlanState.REPLACED
    newer = found[second["agreement_id"]]
    assert (newer.state, newer.agreement.version) == (PlanState.PERFORMING, 2)
    assert newer.agreement.replaces == first["agreement_id"]
    assert len(case_of(bank).holds) == 1


def test_an_ended_certificate_and_a_wrong_clock_sign_nothing(
    bank: Bank, ana: Device, drawing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both are said before anything is recorded, with the way out."""
    with open_device(ana.options) as ctx:
        case = ctx.conn.execute("SELECT value FROM meta WHERE name = 'document_certificate'")
        assert case.fetchone() is not None
    assert isinstance(bank.ctx.config, ServerConfig)
    monkeypatch.setattr(
        "agent_cli.actions.agree.require_time", lambda *_: None
    )  # the visit itself would be over
    for moved, code in ((timedelta(days=91), "451.611"), (timedelta(days=-2), "451.612")):
        monkeypatch.setenv("FIELDSYNC_TRAINING_CLOCK", (at(10, 30) + moved).isoformat())
        first = (at(10, 30) + moved).date() + timedelta(days=20)
        done = ana.run(
            "agree", CASE, "--kind", "interest_free", "--months", "3", "--first-due",
            str(date(first.year, first.month, first.day)), "--signature", drawing, "--yes",
        )  # fmt: skip
        assert isinstance(done.exception, RefusedError), done.exception
        assert done.exception.code == code
    assert "agreement.sign" not in {kind for kind, _state in states(ana)}
