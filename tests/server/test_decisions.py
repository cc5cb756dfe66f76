"""What a person of the office decides by name and reason: a hold is lifted, a device is shut out."""

import hashlib
import json

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from fieldsync.adapters.builtin_rulesets import builtin_rulesets
from fieldsync.conduct.eligibility import assess
from fieldsync.domain.case import AgreementState, Case
from fieldsync.domain.codec import from_builtins
from fieldsync.domain.officer import Officer
from fieldsync.errors import ConflictError, InputError, NotFoundError
from server.cli import build_group
from server.context import ServerContext
from server.store.cases import load_case
from server.store.engine import reading
from server.store.tables import audit
from server.workflow.lift_hold import lift
from server.workflow.revoke_device import revoke
from tests.server.case_files import agreement, disclosure, visit_finish, visit_start
from tests.server.conftest import CaseGiver, DeviceMaker
from tests.server.field_device import FieldDevice


def held(device: FieldDevice, give: CaseGiver, ana: Officer) -> str:
    """A case whose borrower told of an illness; the id of the hold."""
    give(ana)
    told = disclosure(device.new_id(), "C-1", device.clock.now())
    operation = device.record("hardship.disclose", "C-1", told)
    device.sync()
    return operation.op_id


def case_of(ctx: ServerContext) -> Case:
    """The case as the server has it."""
    with reading(ctx.engine) as conn:
        case = load_case(conn, "C-1")
    assert case is not None
    return case


def logged(ctx: ServerContext, action: str) -> list[tuple[str, str]]:
    """Who did it to what, by the audit log."""
    with reading(ctx.engine) as conn:
        rows = conn.execute(select(audit).where(audit.c.action == action)).all()
    return [(row.actor, row.subject) for row in rows]


def test_a_lifted_hold_opens_the_case_everywhere(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer
) -> None:
    """The device gets the case without the hold, the rules plan it again, the log has the name."""
    hold_id = held(device, give, ana)
    day = device.clock.now().date()
    assert not assess(case_of(staffed), day, builtin_rulesets()).eligible
    lifted, left = lift(staffed, "C-1", reason="well again", by="Chief", hold_id=hold_id[-8:])
    assert (lifted.hold_id, left) == (hold_id, ())
    assert assess(case_of(staffed), day, builtin_rulesets()).eligible
    rows = {row.key: row.body for row in device.sync().changes}
    assert from_builtins(rows["case:C-1"], Case).holds == ()
    assert logged(staffed, "hold.lifted") == [("Chief", "C-1")]


def test_the_holds_are_listed_where_there_are_several(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer
) -> None:
    """Lifting one of two says which there are, and the other one still stops collection."""
    hold_id = held(device, give, ana)
    start = device.record("visit.start", "C-1", visit_start("V-1", "E1001", "E1002"))
    finish = visit_finish("V-1", "DISPUTE")
    device.record("visit.finish", "C-1", finish, depends_on=(start.op_id,))
    device.sync()
    with pytest.raises(ConflictError) as caught:
        lift(staffed, "C-1", reason="well again", by="Chief")
    assert caught.value.code == "409.53"
    assert hold_id[-8:] in str(caught.value.hint)
    _lifted, left = lift(staffed, "C-1", reason="well again", by="Chief", hold_id=hold_id)
    assert [hold.kind.value for hold in left] == ["dispute"]
    assert [hold.kind.value for hold in case_of(staffed).holds] == ["dispute"]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (("C-1", None, " ", "Chief"), "400.45"),
        (("C-1", None, "well", ""), "400.49"),
        (("C-9", None, "well", "Chief"), "404.44"),
        (("C-1", "no-such", "well", "Chief"), "404.47"),
    ],
)
def test_nothing_is_lifted_by_a_slip(
    staffed: ServerContext,
    device: FieldDevice,
    give: CaseGiver,
    ana: Officer,
    asked: tuple[str, str | None, str, str],
    code: str,
) -> None:
    """A case, a hold, a reason and a name: where one is missing the hold stays."""
    held(device, give, ana)
    case_id, hold, reason, by = asked
    with pytest.raises((InputError, NotFoundError)) as caught:
        lift(staffed, case_id, reason=reason, by=by, hold_id=hold)
    assert caught.value.code == code
    assert len(case_of(staffed).holds) == 1


def test_a_record_in_review_is_decided_before_its_hold_is_lifted(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver
) -> None:
    """While the record waits for a person, its device stops too: the record is decided first."""
    give()
    told = disclosure(device.new_id(), "C-1", device.clock.now())
    device.record("hardship.disclose", "C-1", told)
    device.sync()
    with pytest.raises(ConflictError) as caught:
        lift(staffed, "C-1", reason="well again", by="Chief")
    assert caught.value.code == "409.54"
    assert len(case_of(staffed).holds) == 1


def test_the_commands_say_what_was_decided(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer
) -> None:
    """`review lift`, `show case` and `revoke` on the command line, in words and as JSON."""
    op_id = held(device, give, ana)
    home = str(staffed.config.home)

    def run(*args: str) -> str:
        result = CliRunner().invoke(build_group(), ["--home", home, *args])
        assert result.exit_code == 0, result.output + repr(result.exception)
        return result.stdout

    assert "Ana Lin (E1001)" in run("review", "show", op_id)
    assert "李梅" in run("show", "operation", op_id)
    told = json.loads(run("review", "show", op_id, "--json"))
    assert (told["borrower"], told["officer"]) == ("李梅", "Ana Lin")
    decided = ("--reason", "well again", "--by", "Chief")
    assert "lifted" in run("review", "lift", "C-1", *decided)
    assert "by Chief: well again" in run("show", "case", "C-1")
    (lifted,) = json.loads(run("show", "case", "C-1", "--json"))["lifted_holds"]
    assert (lifted["kind"], lifted["lifted_by"]) == ("hardship", "Chief")
    assert device.device_id in run("revoke", device.device_id, *decided)
    assert "revoked" in run("show", "device", device.device_id)
    assert json.loads(run("show", "device", device.device_id, "--json"))["revoked"] is True


def test_a_revoked_device_gets_and_brings_nothing(
    staffed: ServerContext,
    device: FieldDevice,
    give: CaseGiver,
    enrolled: DeviceMaker,
    ana: Officer,
) -> None:
    """From the record after the last one stored; what came before stays, other devices go on."""
    held(device, give, ana)
    revoked = revoke(staffed, device.device_id[-8:], reason="lost", by="Chief")
    assert revoked.head.seq == 1
    device.record("visit.start", "C-1", visit_start("V-1", "E1001", "E1002"))
    answer = device.push(*device.journal)
    assert (answer.status_code, answer.get_json()["code"]) == (403, "403.46")
    assert len(case_of(staffed).holds) == 1
    assert logged(staffed, "device.revoked") == [("Chief", device.device_id)]
    enrolled(ana, "the new tablet").sync()
    with pytest.raises(ConflictError) as again:
        revoke(staffed, device.device_id, reason="lost", by="Chief")
    assert again.value.code == "409.55"


def test_an_unknown_device_is_not_revoked(staffed: ServerContext, device: FieldDevice) -> None:
    """The newest devices are named with their officers."""
    with pytest.raises(NotFoundError) as caught:
        revoke(staffed, "0192f6a4", reason="lost", by="Chief")
    assert caught.value.code == "404.45"
    assert device.device_id in str(caught.value.hint)


def test_the_hold_of_a_plan_that_is_kept_stays(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer, ben: Officer
) -> None:
    """The stop of an instalment plan ends only after the plan."""
    case = give(ana)
    files = (b"the document", b"the signature")
    names = [hashlib.sha256(content).hexdigest() for content in files]
    payload = agreement(device.new_id(), case, device.clock.now(), (ana, ben), names)
    device.record("agreement.sign", "C-1", payload, files=files)
    device.sync()
    for name, content in zip(names, files, strict=True):
        device.send("PUT", f"/api/v1/blobs/{name}", content)
    assert case_of(staffed).agreement_state is AgreementState.PERFORMING
    with pytest.raises(ConflictError) as caught:
        lift(staffed, "C-1", reason="two instalments missed", by="Chief")
    assert caught.value.code == "409.645"
    assert case_of(staffed).agreement_state is AgreementState.PERFORMING
