"""Enrolment: a single-use code ties one device to one officer; every wrong code is told why."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from fieldsync.domain.officer import Officer
from fieldsync.errors import NotFoundError
from fieldsync.schemas.enrolment import normal_code
from server.context import ServerContext
from server.store.engine import reading
from server.store.tables import audit, enrolment_codes
from server.workflow.enrol_device import make_code
from tests.fakes import FixedClock
from tests.server.field_device import FieldDevice


@pytest.fixture
def fresh(client: FlaskClient, clock: FixedClock) -> FieldDevice:
    """A device that nobody knows yet."""
    return FieldDevice(client, clock, "fresh")


@pytest.fixture
def code(staffed: ServerContext, ana: Officer) -> str:
    """A code for Ana, good for an hour."""
    return make_code(staffed, ana.officer_id, timedelta(hours=1))[0]


def test_a_code_enrols_a_device(fresh: FieldDevice, code: str, ana: Officer) -> None:
    """The device learns whose it is and which key receipts are signed with."""
    answer = fresh.enrol(code.lower().replace("-", " "))
    told = answer.get_json()
    assert answer.status_code == 200
    assert told["officer"] == {"officer_id": "E1001", "name": "Ana Lin", "branch": ana.branch}
    assert (told["training"], len(told["server_key"])) == (False, 43)
    assert fresh.push().status_code == 200


def test_a_lost_answer_is_given_again(fresh: FieldDevice, code: str) -> None:
    """The same device asking again with its code gets the same answer."""
    assert fresh.enrol(code).get_json() == fresh.enrol(code).get_json()


def test_a_used_code_is_refused(fresh: FieldDevice, code: str) -> None:
    """A second device gets nothing for a used code."""
    fresh.enrol(code)
    other = FieldDevice(fresh.client, fresh.clock, "other")
    answer = other.enrol(code)
    assert (answer.status_code, answer.get_json()["code"]) == (409, "409.44")


def test_an_enrolled_device_takes_no_second_code(
    staffed: ServerContext, fresh: FieldDevice, code: str, ana: Officer
) -> None:
    """A device belongs to the officer it was enrolled for; another code does not change that."""
    fresh.enrol(code)
    second, _until = make_code(staffed, ana.officer_id, timedelta(hours=1))
    assert fresh.enrol(second).get_json()["code"] == "409.45"


def test_an_expired_code_is_refused(fresh: FieldDevice, code: str) -> None:
    """After its hour the code is worth nothing."""
    fresh.clock.go_on(hours=1)
    answer = fresh.enrol(code)
    assert (answer.status_code, answer.get_json()["code"]) == (403, "403.42")


def test_a_wrong_code_is_refused_and_noted(staffed: ServerContext, fresh: FieldDevice) -> None:
    """A guess is refused, and the audit log shows it without the code."""
    answer = fresh.enrol("AAAA-BBBB-CCCC")
    assert (answer.status_code, answer.get_json()["code"]) == (403, "403.41")
    with reading(staffed.engine) as conn:
        row = conn.execute(select(audit).order_by(audit.c.n.desc())).first()
    assert row is not None
    assert (row.action, row.detail) == ("enrol.failed", '{"code":"403.41"}')


def test_guessing_is_slowed_down(fresh: FieldDevice, code: str) -> None:
    """After twenty wrong codes an address waits ten minutes, even with the right one."""
    for _guess in range(20):
        fresh.enrol("AAAA-BBBB-CCCC")
    assert fresh.enrol(code).status_code == 429
    fresh.clock.go_on(minutes=11)
    assert fresh.enrol(code).status_code == 200


def test_a_key_that_is_not_held_enrols_nothing(fresh: FieldDevice, code: str) -> None:
    """The request must be signed by the very key it brings."""
    asked = fresh.enrolment(code)
    fresh.request_key = fresh.operation_key
    assert fresh.post("/api/v1/enrol", asked).get_json()["code"] == "401.1"


def test_the_code_itself_is_never_stored(staffed: ServerContext, code: str) -> None:
    """The store knows only a hash of 60 random bits, which hyphens and look-alikes do not change."""
    assert len(code) == 14
    assert normal_code("o1il-0000-0000") == "011100000000"
    with reading(staffed.engine) as conn:
        (stored,) = conn.execute(select(enrolment_codes.c.code_hash)).scalars()
    assert len(stored) == 64
    assert normal_code(code) not in stored


def test_codes_are_for_known_officers(server: ServerContext) -> None:
    """A code for nobody is refused at once."""
    with pytest.raises(NotFoundError, match="E9999"):
        make_code(server, "E9999", timedelta(hours=1))
