"""Quoting and signing at the table, with no network: one record, two files, collection stopped."""

import dataclasses
import json
import os
import pty
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from agent_cli.actions import agree
from agent_cli.context import DeviceContext, open_device
from agent_cli.store import cases, journal
from agent_cli.store.database import writing
from agent_cli.store.journal import Entry
from fieldsync.agreements.verify import recomputed
from fieldsync.domain.agreement import Agreement
from fieldsync.domain.calendar import Window
from fieldsync.domain.case import AgreementState, Appointment, HoldKind
from fieldsync.domain.codec import from_builtins
from fieldsync.errors import ConflictError, InputError, RefusedError
from fieldsync.schemas.agreement import AgreementPayloadSchema
from tests.agent_cli.made_up import Device

CASE = "C-000001"
TERMS = ("--kind", "interest_free", "--months", "12", "--first-due", "2026-12-25")
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
def at_the_table(device: Device) -> Device:
    """Ana and Ben are at the door of the first case, and were let in."""
    started = device.run("visit", "start", CASE, "--with", "O-0002")
    assert started.exit_code == 0, started.exception
    return device


def signed(device: Device, drawing: str, *more: str) -> Result:
    """`fieldsync agree` with everything said."""
    return device.run("agree", CASE, *TERMS, "--signature", drawing, "--yes", *more)


def records(device: Device) -> list[Entry]:
    """The agreements in the device's log."""
    with open_device(device.options) as ctx:
        found = journal.entries(ctx.conn, case_id=CASE)
        return [entry for entry in found if entry.kind == "agreement.sign"]


def test_an_agreement_is_one_record_with_its_files(at_the_table: Device, drawing: str) -> None:
    """The payload is the whole agreement, adds up, names both witnesses, and its files are kept."""
    result = signed(at_the_table, drawing)
    assert result.exit_code == 0, result.exception
    (entry,) = records(at_the_table)
    operation = entry.operation
    assert operation is not None
    AgreementPayloadSchema().load(operation.payload)
    agreement = from_builtins(operation.payload, Agreement)
    assert recomputed(agreement) == ()
    assert [who.name for who in agreement.witnesses] == ["Ana", "Ben"]
    assert len(operation.depends_on) == 1
    pdf, picture = operation.attachments
    assert (agreement.document_sha256, agreement.signature.sha256) == (pdf.sha256, picture.sha256)
    with open_device(at_the_table.options) as ctx:
        assert ctx.blobs.get(pdf.sha256).startswith(b"%PDF")
        assert ctx.blobs.get(picture.sha256) == DRAWING.encode()


def test_signing_stops_collection_on_the_device(at_the_table: Device, drawing: str) -> None:
    """The case is performing and on hold at once, and the next visit is refused by the rule."""
    signed(at_the_table, drawing)
    with open_device(at_the_table.options) as ctx:
        case = cases.load_case(ctx.conn, CASE)
    assert case.agreement_state is AgreementState.PERFORMING
    assert [hold.kind for hold in case.holds] == [HoldKind.AGREEMENT]
    again = signed(at_the_table, drawing)
    assert isinstance(again.exception, ConflictError)
    assert again.exception.code == "409.48"


def test_the_founding_story(at_the_table: Device, drawing: str) -> None:
    """A borrower who fell ill, and said so, signs a plan he can keep; his illness is not in it."""
    told = at_the_table.run(
        "disclose", CASE, "--told-by", "debtor", "--need", "lower_payments", "--need", "time"
    )
    assert told.exit_code == 0, told.exception
    assert signed(at_the_table, drawing).exit_code == 0
    with open_device(at_the_table.options) as ctx:
        case = cases.load_case(ctx.conn, CASE)
    assert {hold.kind for hold in case.holds} == {HoldKind.HARDSHIP, HoldKind.AGREEMENT}


def test_the_copy_is_the_signed_document(
    at_the_table: Device, drawing: str, tmp_path: Path
) -> None:
    """--output writes the very bytes whose hash is recorded; --json tells where."""
    copy = tmp_path / "copy.pdf"
    told: dict[str, Any] = json.loads(
        signed(at_the_table, drawing, "--output", str(copy), "--json").stdout
    )
    assert told["output"] == str(copy)
    assert set(told) == {
        "agreement_id", "case_id", "op_id", "document_sha256", "signature_sha256", "language",
        "output", "standing",
    }  # fmt: skip
    with open_device(at_the_table.options) as ctx:
        assert ctx.blobs.get(told["document_sha256"]) == copy.read_bytes()


def test_a_copy_with_nowhere_to_go_is_refused_first(at_the_table: Device, drawing: str) -> None:
    """Nothing is signed when the folder of the copy is not there."""
    assert signed(at_the_table, drawing, "--output", "/nowhere/at/all.pdf").exit_code == 2
    assert records(at_the_table) == []


def test_nothing_is_signed_away_from_the_table(device: Device, drawing: str) -> None:
    """Without a visit or an open appointment, the rule says no."""
    result = signed(device, drawing)
    assert isinstance(result.exception, RefusedError)
    assert result.exception.code == "451.41"
    assert records(device) == []


def test_another_visit_is_not_this_one(at_the_table: Device, drawing: str) -> None:
    """--visit must name the visit under way."""
    result = signed(at_the_table, drawing, "--visit", "V-none")
    assert isinstance(result.exception, ConflictError)
    assert result.exception.code == "409.49"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (("--months", "61"), "422.40"),
        (("--first-due", "2026-11-01"), "422.40"),
        (("--rate", "0.05"), "422.40"),
    ],
)
def test_wrong_terms_change_nothing(
    at_the_table: Device, drawing: str, wrong: tuple[str, ...], code: str
) -> None:
    """The later option wins, is refused with its code, and nothing is recorded."""
    result = signed(at_the_table, drawing, *wrong)
    assert isinstance(result.exception, InputError)
    assert result.exception.code == code
    assert records(at_the_table) == []


def test_a_wrong_signature_changes_nothing(at_the_table: Device, tmp_path: Path) -> None:
    """A file that is no drawing is refused before anything is recorded."""
    path = tmp_path / "photo.svg"
    path.write_text("<svg/>", encoding="utf-8")
    result = signed(at_the_table, str(path))
    assert isinstance(result.exception, InputError)
    assert result.exception.code == "422.47"
    assert records(at_the_table) == []


@pytest.mark.parametrize("left_out", ["--kind", "--months", "--first-due", "--signature", "--yes"])
def test_what_is_missing_is_named_where_nobody_can_be_asked(
    at_the_table: Device, drawing: str, left_out: str
) -> None:
    """Exit 2 with the option's name, and nothing recorded."""
    pairs = {"--kind": "annuity", "--months": "6", "--first-due": "2026-12-25"}
    pairs["--signature"] = drawing
    args = [part for name, value in pairs.items() if name != left_out for part in (name, value)]
    result = at_the_table.run("agree", CASE, *args, *([] if left_out == "--yes" else ["--yes"]))
    assert result.exit_code == 2
    assert left_out in result.output
    assert records(at_the_table) == []


def test_a_failing_write_leaves_nothing_half_done(
    at_the_table: Device, drawing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the hold cannot be written, the record and the agreement are not there either."""

    def no_hold(*_args: object) -> None:
        raise RuntimeError("the disk went away")

    monkeypatch.setattr(cases, "add_hold", no_hold)
    assert isinstance(signed(at_the_table, drawing).exception, RuntimeError)
    monkeypatch.undo()
    assert records(at_the_table) == []
    with open_device(at_the_table.options) as ctx:
        assert cases.load_case(ctx.conn, CASE).agreement_state is AgreementState.NONE


def test_an_open_appointment_is_a_table_too(ctx: DeviceContext) -> None:
    """At the agreed time the day's pair may sign without a visit on record."""
    now = ctx.clock.now()
    case = cases.load_case(ctx.conn, "C-000004")
    window = Window(now - timedelta(minutes=5), now + timedelta(minutes=30))
    meeting = Appointment(case.addresses[0].address_id, window)
    table = agree.sit_down(ctx, dataclasses.replace(case, appointment=meeting), None)
    assert table.visit is None
    assert len(table.witnesses) == 2


def test_quote_shows_the_schedule(device: Device) -> None:
    """Every instalment, the total, and the annualised rate with its method; nothing recorded."""
    result = device.run("quote", CASE, "--months", "3", "--first-due", "2026-12-31")
    assert result.exit_code == 0, result.exception
    for part in ("2026-12-31", "2027-01-31", "2027-02-28", "12,345.67", "6.17 %", "by months"):
        assert part in result.stdout
    assert records(device) == []


def test_quotes_stand_side_by_side(device: Device) -> None:
    """Several lengths, one a line, the longer the dearer."""
    result = device.run("quote", CASE, "--months", "6,12,24", "--first-due", "2026-12-25")
    lines = [line.split() for line in result.stdout.splitlines()[2:5]]
    assert [line[0] for line in lines] == ["6", "12", "24"]
    interest = [float(line[3].replace(",", "")) for line in lines]
    assert interest == sorted(interest)


def test_quotes_as_json_are_whole_quotes(device: Device) -> None:
    """Money in minor units, rates as text."""
    result = device.run("quote", CASE, "--months", "2", "--first-due", "2026-12-25", "--json")
    (quote,) = json.loads(result.stdout)["quotes"]
    assert quote["financed"] == {"amount_minor": 1234567, "currency": "CNY"}
    assert isinstance(quote["effective_rate"], str)
    assert len(quote["instalments"]) == 2


@pytest.mark.parametrize(
    "wrong",
    [
        ("--months", "a", "--first-due", "2026-12-25"),
        ("--months", "3", "--first-due", "Christmas"),
        ("--months", "3", "--first-due", "2026-12-25", "--rate", "cheap"),
        ("--months", "3"),
    ],
)
def test_what_cannot_be_read_is_a_usage_error(device: Device, wrong: tuple[str, ...]) -> None:
    """Exit 2, and a sentence about the option."""
    result = device.run("quote", CASE, *wrong)
    assert result.exit_code == 2
    assert "Error" in result.output


def test_signing_works_in_a_real_process_in_chinese(
    at_the_table: Device, drawing: str, tmp_path: Path
) -> None:
    """The program as an officer runs it: Chinese words, exit 0, a PDF on the disk."""
    copy = tmp_path / "副本.pdf"
    program = [sys.executable, "-c", "from agent_cli.main import main; main()"]
    args = ["--lang", "zh", "--home", str(at_the_table.home), "agree", CASE, *TERMS]
    done = subprocess.run(
        [*program, *args, "--signature", drawing, "--yes", "--output", str(copy)],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "免息分期" in done.stdout
    assert "本案催收随即停止" in done.stdout
    assert "不收利息" in done.stderr
    assert copy.read_bytes().startswith(b"%PDF")


def _typed_on_a_terminal(device: Device, answers: str) -> tuple[int, str, str]:
    """`fieldsync agree` on a pseudo-terminal, with everything typed ahead."""
    keyboard, terminal = pty.openpty()
    with subprocess.Popen(
        [
            sys.executable,
            "-c",
            "from agent_cli.main import main; main()",
            "--home",
            str(device.home),
            "agree",
            CASE,
        ],
        stdin=terminal,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        os.write(keyboard, answers.encode())
        out, err = process.communicate(timeout=60)
    os.close(keyboard)
    os.close(terminal)
    return process.returncode, out, err


def test_on_a_terminal_only_what_was_wrong_is_asked_again(
    at_the_table: Device, drawing: str
) -> None:
    """Ninety months are refused with the way out; kind and day stay as typed."""
    answers = f"annuity\n90\n2026-12-25\n12\n{drawing}\ny\n"
    code, out, err = _typed_on_a_terminal(at_the_table, answers)
    assert code == 0, err
    assert "Choose 1 to 60 months." in err
    assert err.count("How the debt is spread") == 1
    assert "is signed" in out
    assert len(records(at_the_table)) == 1


def test_a_borrower_who_says_no_signs_nothing(at_the_table: Device, drawing: str) -> None:
    """The last question is whether they agree; no means that nothing was recorded."""
    answers = f"interest_free\n12\n2026-12-25\n{drawing}\nn\n"
    code, _out, err = _typed_on_a_terminal(at_the_table, answers)
    assert (code, "nothing was changed" in err) == (130, True)
    assert records(at_the_table) == []


def test_an_unprintable_name_is_refused_and_nothing_kept(
    at_the_table: Device, drawing: str
) -> None:
    """A character without a glyph is named; a name is never printed with a hole in it."""
    with open_device(at_the_table.options) as ctx, writing(ctx.conn) as conn:
        conn.execute(
            "UPDATE mirror SET body = replace(body, '陈明', '陈𠮷') WHERE key = ?",
            (f"case:{CASE}",),
        )
    result = signed(at_the_table, drawing)
    assert isinstance(result.exception, InputError)
    assert result.exception.code == "422.48"
    assert records(at_the_table) == []
