"""Breathing space: collection stands still for its time, on the server, in plans and on devices."""

from datetime import date, datetime

import pytest

from fieldsync.adapters.builtin_rulesets import builtin_rulesets
from fieldsync.conduct.case_facts import facts_of
from fieldsync.conduct.eligibility import assess
from fieldsync.conduct.moratorium import MoratoriumKind, ends, is_frozen
from fieldsync.domain.case import Case, Flag
from fieldsync.domain.officer import Officer
from fieldsync.errors import ConflictError, InputError, NotFoundError
from server.context import ServerContext
from server.store.cases import load_case
from server.store.engine import reading
from server.workflow.moratoria import end_moratorium, start_moratorium, treatment_ended
from tests.server.conftest import CaseGiver
from tests.server.test_publish_itineraries import on_device

FIRST = date(2026, 11, 24)
WHY, WHO = "notice received", "Li"


def stored(server: ServerContext) -> Case:
    """The case as it stands."""
    with reading(server.engine) as conn:
        case = load_case(conn, "C-1")
    assert case is not None
    return case


@pytest.mark.parametrize(
    ("kind", "treatment", "until"),
    [
        (MoratoriumKind.BREATHING_SPACE, None, "2027-01-23T00:00:00+08:00"),
        (MoratoriumKind.CRISIS, date(2026, 12, 1), "2026-12-31T00:00:00+08:00"),
    ],
)
def test_it_lasts_sixty_days_or_thirty_after_the_treatment(
    kind: MoratoriumKind, treatment: date | None, until: str
) -> None:
    """The first day counts; the end is midnight at the borrower's place."""
    assert ends(kind, FIRST, treatment, "Asia/Shanghai") == datetime.fromisoformat(until)


def test_a_crisis_without_an_end_of_treatment_has_none() -> None:
    """Nobody guesses how long somebody is ill."""
    assert ends(MoratoriumKind.CRISIS, FIRST, None, "Europe/London") is None


def test_it_ends_by_the_clocks_of_the_borrower() -> None:
    """Sixty days over the change of clocks are sixty local days."""
    until = ends(MoratoriumKind.BREATHING_SPACE, date(2027, 3, 1), None, "Europe/London")
    assert until is not None
    assert until.isoformat() == "2027-04-30T00:00:00+01:00"


def test_while_it_runs_nobody_visits_and_then_they_may(
    staffed: ServerContext, give: CaseGiver, ana: Officer
) -> None:
    """The plan leaves the case out up to its last day; the flag is in force while it runs."""
    give(ana)
    start_moratorium(staffed, "C-1", MoratoriumKind.BREATHING_SPACE, FIRST, reason=WHY, by=WHO)
    case, packs = stored(staffed), builtin_rulesets()
    assert not assess(case, date(2027, 1, 22), packs).eligible
    then = datetime.fromisoformat("2027-01-22T23:59:59+08:00")
    assert Flag.BREATHING_SPACE in facts_of(case, case.addresses[0], then).flags
    assert is_frozen(case, then)
    after = datetime.fromisoformat("2027-01-23T00:00:00+08:00")
    assert Flag.BREATHING_SPACE not in facts_of(case, case.addresses[0], after).flags
    assert not is_frozen(case, after)


def test_the_devices_learn_it(staffed: ServerContext, give: CaseGiver, ana: Officer) -> None:
    """The hold travels in the case's row."""
    give(ana)
    hold = start_moratorium(
        staffed, "C-1", MoratoriumKind.BREATHING_SPACE, FIRST, reason=WHY, by=WHO
    )
    assert hold.hold_id in on_device(staffed, ana.officer_id)["case:C-1"]


def test_a_second_one_waits_for_the_first(
    staffed: ServerContext, give: CaseGiver, ana: Officer
) -> None:
    """What runs is ended or changed, never doubled."""
    give(ana)
    start_moratorium(staffed, "C-1", MoratoriumKind.BREATHING_SPACE, FIRST, reason=WHY, by=WHO)
    with pytest.raises(ConflictError) as error:
        start_moratorium(staffed, "C-1", MoratoriumKind.CRISIS, FIRST, reason=WHY, by=WHO)
    assert error.value.code == "409.81"


def test_a_crisis_gets_its_end_when_the_treatment_has_one(
    staffed: ServerContext, give: CaseGiver, ana: Officer
) -> None:
    """Thirty days more, from the day that is told."""
    give(ana)
    start_moratorium(staffed, "C-1", MoratoriumKind.CRISIS, FIRST, reason=WHY, by=WHO)
    hold = treatment_ended(staffed, "C-1", date(2026, 12, 20), reason=WHY, by=WHO)
    assert hold.until == datetime.fromisoformat("2027-01-19T00:00:00+08:00")
    assert stored(staffed).holds[0].until == hold.until


def test_it_is_ended_by_a_person_with_a_reason(
    staffed: ServerContext, give: CaseGiver, ana: Officer
) -> None:
    """Afterwards there is none to end."""
    give(ana)
    start_moratorium(staffed, "C-1", MoratoriumKind.BREATHING_SPACE, FIRST, reason=WHY, by=WHO)
    end_moratorium(staffed, "C-1", reason=WHY, by=WHO)
    assert stored(staffed).holds == ()
    with pytest.raises(NotFoundError) as error:
        end_moratorium(staffed, "C-1", reason=WHY, by=WHO)
    assert error.value.code == "404.88"


@pytest.mark.parametrize(
    ("kind", "treatment"),
    [
        (MoratoriumKind.BREATHING_SPACE, date(2026, 12, 1)),
        (MoratoriumKind.CRISIS, date(2026, 11, 1)),
    ],
)
def test_days_that_do_not_fit_are_refused(
    staffed: ServerContext, give: CaseGiver, ana: Officer, kind: MoratoriumKind, treatment: date
) -> None:
    """No end of treatment without a crisis, none before the beginning."""
    give(ana)
    with pytest.raises(InputError) as error:
        start_moratorium(staffed, "C-1", kind, FIRST, treatment, reason=WHY, by=WHO)
    assert error.value.code == "422.536"
