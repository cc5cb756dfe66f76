"""The hardship team's queue on the server: what arrives is sealed, due, answered, and lifted by a person."""

import json
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from fieldsync.domain.codec import to_builtins
from fieldsync.domain.disclosure import Disclosure, HardshipCode, Need, SensitiveConsent
from fieldsync.domain.hardship_decision import Relief, ReviewState, Signpost
from fieldsync.domain.officer import Officer
from fieldsync.errors import ConflictError, InputError, NotFoundError, UnauthorisedError
from fieldsync.planner.problem import Budget
from fieldsync.sync.outcome import OutcomeKind
from server.context import ServerContext
from server.security.hardship_keys import KEY_NAME, PASSPHRASE_NAME
from server.store.cases import load_case
from server.store.engine import reading
from server.store.tables import agent_feed, disclosures
from server.workflow.decide_hardship import Answer, decide, withdraw
from server.workflow.hardship_key import ensure_hardship_key, replace_hardship_key
from server.workflow.hardship_reviews import list_reviews, view_review
from server.workflow.lift_hold import lift
from server.workflow.open_disclosure import open_disclosure, team_keys
from server.workflow.open_review import answer_by
from server.workflow.plan_visits import plan_visits
from server.workflow.publish_itineraries import publish_plan
from server.workflow.review_operations import decide as decide_record
from server.workflow.review_operations import get_operation
from tests.server.branch_day import BRANCH, TOMORROW, add_cases, add_pairs, nearby_case, pair_of
from tests.server.conftest import CaseGiver, DeviceMaker
from tests.server.field_device import FieldDevice

QUICK = Budget(iterations=60, seconds=30.0)
WORDS = "leukaemia-zqx"


def older_payload(device: FieldDevice, **changes: Any) -> dict[str, Any]:
    """What a program of before the team's key sent: everything in plain words, consent given."""
    now = device.clock.now()
    told = Disclosure(
        device.new_id(),
        "C-1",
        None,
        now,
        "debtor",
        (Need.TIME, Need.LOWER_PAYMENTS),
        category=HardshipCode.ILLNESS_SELF,
        words=WORDS,
        effect=f"no wage: {WORDS}",
        evidence_seen=(WORDS,),
        consent=SensitiveConsent("2026-11", now, "hardship support"),
    )
    payload = dict(to_builtins(told))
    for name in ("review_on", "evidence_copied", "sealed", "effect_talking"):
        del payload[name]
    return {**payload, **changes}


def passphrase_of(ctx: ServerContext) -> str:
    """The passphrase that set-up made."""
    return (ctx.config.keys / PASSPHRASE_NAME).read_text(encoding="utf-8").strip()


def test_plain_words_of_an_older_program_are_sealed_on_arrival(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer
) -> None:
    """The store's projection holds the need; the team opens the words, and nobody else's feed has them."""
    give(ana)
    device.record("hardship.disclose", "C-1", older_payload(device))
    (result,) = device.sync().results
    assert result.outcome.kind is OutcomeKind.ACCEPTED
    with reading(staffed.engine) as conn:
        (body,) = conn.execute(select(disclosures.c.body)).scalars()
        feed = conn.execute(select(agent_feed.c.body)).scalars().all()
    assert WORDS not in body
    assert "ILLNESS_SELF" not in body
    assert not [row for row in feed if row and WORDS in row]
    keys = team_keys(staffed, passphrase_of(staffed))
    opened = open_disclosure(staffed, "C-1", keys, "Lin")
    assert opened.part is not None
    assert (opened.part.words, opened.part.category) == (WORDS, HardshipCode.ILLNESS_SELF)


def test_serving_needs_neither_key_nor_passphrase(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer
) -> None:
    """With both files moved away disclosures arrive, are sealed, held, listed and answered."""
    for name in (KEY_NAME, PASSPHRASE_NAME):
        (staffed.config.keys / name).unlink()
    give(ana)
    device.record("hardship.disclose", "C-1", older_payload(device))
    assert device.sync().results[0].outcome.kind is OutcomeKind.ACCEPTED
    assert view_review(staffed, "C-1").disclosure is not None
    decide(staffed, "C-1", Answer([Relief.PAUSE]), reason="ill", by="Lin")


def test_an_answer_is_owed_within_three_working_days(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer
) -> None:
    """Told on a Tuesday, due on Friday; overdue on Saturday, and first in the list."""
    give(ana)
    device.record("hardship.disclose", "C-1", older_payload(device))
    device.sync()
    (view,) = list_reviews(staffed)
    assert (view.review.due, view.is_overdue, view.borrower) == (
        date(2026, 11, 27),
        False,
        "李梅",
    )
    device.clock.go_on(days=4)
    (late,) = list_reviews(staffed, due_by=device.clock.now().date())
    assert late.is_overdue


def test_holidays_are_no_working_days() -> None:
    """Before the national holiday of 2026 three working days end after it; no figure means three."""
    assert answer_by(date(2026, 9, 30), ()) > date(2026, 10, 8)
    assert answer_by(date(2026, 11, 20), ()) == date(2026, 11, 25)
    assert answer_by(date(2099, 11, 20), ()) == date(2099, 11, 25)


def test_the_answer_holds_until_its_day_and_reaches_the_officer(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer
) -> None:
    """One feed row without reason or telling signpost; answered anew, its version grows."""
    give(ana)
    device.record("hardship.disclose", "C-1", older_payload(device))
    device.sync()
    until = date(2027, 3, 1)
    answer = Answer([Relief.PAUSE], [Signpost.DEBT_ADVICE, Signpost.MENTAL_HEALTH], until)
    decide(staffed, "C-1", answer, reason=f"because of {WORDS}", by="Lin")
    (row,) = [r for r in device.sync().changes if r.key.startswith("decision:")]
    assert row.body is not None
    assert (row.body["reliefs"], row.body["hold_until"]) == (["pause"], "2027-03-01")
    assert row.body["signposts"] == ["debt_advice"]
    assert WORDS not in json.dumps(row.body)
    with reading(staffed.engine) as conn:
        case = load_case(conn, "C-1")
    assert case is not None
    assert [hold.until and hold.until.date() for hold in case.holds] == [until]
    assert list_reviews(staffed) == []
    decide(staffed, "C-1", Answer([Relief.NONE]), reason="works again", by="Lin")
    (row,) = [r for r in device.sync().changes if r.key.startswith("decision:")]
    assert (row.version, row.body and row.body["hold_until"]) == (2, None)


def test_an_answer_says_what_it_must(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer
) -> None:
    """A relief, a reason, a name, a day ahead, a review there is: each is asked for by its number."""
    give(ana)
    device.record("hardship.disclose", "C-1", older_payload(device))
    device.sync()
    today = device.clock.now().date()
    for answer, reason, by, code in (
        (Answer([]), "r", "b", "422.527"),
        (Answer([Relief.PAUSE], (), today), "r", "b", "422.528"),
        (Answer([Relief.PAUSE]), " ", "b", "400.45"),
        (Answer([Relief.PAUSE]), "r", "", "400.49"),
    ):
        with pytest.raises(InputError) as caught:
            decide(staffed, "C-1", answer, reason=reason, by=by)
        assert caught.value.code == code
    with pytest.raises(NotFoundError):
        decide(staffed, "C-9", Answer([Relief.PAUSE]), reason="r", by="b")


def test_only_a_person_with_a_reason_lifts_and_nothing_is_owed_after(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer
) -> None:
    """The existing lift ends the hold and closes the review; a late answer is refused."""
    give(ana)
    device.record("hardship.disclose", "C-1", older_payload(device))
    device.sync()
    with pytest.raises(InputError):
        lift(staffed, "C-1", reason="", by="Lin")
    lift(staffed, "C-1", reason="well again", by="Lin")
    assert view_review(staffed, "C-1").review.state is ReviewState.CLOSED
    with pytest.raises(ConflictError) as caught:
        decide(staffed, "C-1", Answer([Relief.PAUSE]), reason="r", by="b")
    assert caught.value.code == "409.83"


def test_a_wrong_passphrase_opens_nothing(staffed: ServerContext) -> None:
    """It is refused with a number, before anything is read."""
    with pytest.raises(UnauthorisedError) as caught:
        team_keys(staffed, "not the one")
    assert caught.value.code == "403.80"


def test_a_new_key_leaves_the_old_one_to_open_what_was_sealed_before(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer
) -> None:
    """Devices are told the new public key; both passphrases go on opening their own."""
    give(ana)
    device.record("hardship.disclose", "C-1", older_payload(device))
    device.sync()
    before = passphrase_of(staffed)
    public = replace_hardship_key(staffed, "correct horse battery", "Lin")
    (row,) = [r for r in device.sync().changes if r.key == "server:hardship_seal"]
    assert row.body is not None
    assert row.body["key"] == public
    assert not ensure_hardship_key(staffed)
    assert open_disclosure(staffed, "C-1", team_keys(staffed, before), "Lin").part is not None
    with pytest.raises(InputError) as caught:
        open_disclosure(staffed, "C-1", team_keys(staffed, "correct horse battery"), "Lin")
    assert caught.value.code == "422.521"


def test_consent_taken_back_before_the_record_is_accepted_counts_too(
    staffed: ServerContext, enrolled: DeviceMaker, give: CaseGiver, ana: Officer, ben: Officer
) -> None:
    """Ben's record of another's case waits for a person; Ana records the withdrawal meanwhile."""
    give(ana)
    his, hers = enrolled(ben, "ben"), enrolled(ana, "ana")
    told = his.record("hardship.disclose", "C-1", older_payload(his))
    his.sync()
    assert get_operation(staffed, told.op_id).outcome.kind is OutcomeKind.IN_REVIEW
    payload = {"case_id": "C-1", "at": hers.clock.now().isoformat(), "disclosure_id": None}
    hers.record("hardship.withdraw", "C-1", payload)
    assert hers.sync().results[0].outcome.kind is OutcomeKind.ACCEPTED
    decide_record(staffed, told.op_id, accept=True, reason="he knows her", by="Lin")
    kept = view_review(staffed, "C-1").disclosure
    assert kept is not None
    assert (kept.needs, kept.sealed, kept.consent) == (
        (Need.TIME, Need.LOWER_PAYMENTS),
        "",
        None,
    )


def test_the_office_can_take_the_consent_back(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer
) -> None:
    """The person rang the bank: the need stays, the sealed part does not."""
    give(ana)
    device.record("hardship.disclose", "C-1", older_payload(device))
    device.sync()
    withdraw(staffed, "C-1", reason="rang us", by="Lin")
    kept = view_review(staffed, "C-1").disclosure
    assert kept is not None
    assert (kept.sealed, kept.consent) == ("", None)


def test_the_stop_of_tomorrow_is_struck_and_a_plan_reads_no_disclosure(
    staffed: ServerContext, enrolled: DeviceMaker, ana: Officer, ben: Officer
) -> None:
    """A published day loses the stop at once; lifted, the case ranks exactly as before it was told."""
    add_pairs(staffed, [pair_of("P-1", ana, ben)])
    add_cases(staffed, [nearby_case(number) for number in (1, 2, 3)])
    first = plan_visits(staffed, BRANCH, TOMORROW, budget=QUICK)
    publish_plan(staffed, first.plan_id)
    hers, his = enrolled(ana, "ana"), enrolled(ben, "ben")
    hers.sync()
    his.sync()
    told = older_payload(hers, case_id="C-02")
    hers.record("hardship.disclose", "C-02", told)
    hers.sync()
    (row,) = [r for r in his.sync().changes if r.key.startswith("itinerary:")]
    assert row.body is not None
    assert (row.version, row.body["struck"]) == (2, ["C-02"])
    assert "C-02" not in [stop["case_id"] for stop in row.body["stops"]]
    lift(staffed, "C-02", reason="well again", by="Lin")
    hers.clock.go_on(minutes=1)
    again = plan_visits(staffed, BRANCH, TOMORROW, budget=QUICK)
    ranks = [
        {c.case_id: c.priority for i in plan.plan.itineraries for c in i.candidates}
        for plan in (first, again)
    ]
    assert ranks[0] == ranks[1]
