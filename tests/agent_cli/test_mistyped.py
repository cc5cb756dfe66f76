"""What an officer mistypes at the door: refused before anything is recorded, in words that help."""

import pytest

from fieldsync.errors import FieldsyncError
from fieldsync.locale import set_language
from tests.agent_cli.keyboard import Step, converse
from tests.agent_cli.made_up import Device
from tests.agent_cli.test_at_the_door import START, code_of, recorded

FINISH = ("visit", "finish", "C-000001", "--identity-shown", "--outcome")


@pytest.mark.parametrize("language", ["en", "zh-CN"])
@pytest.mark.parametrize(
    ("day", "amount", "code"),
    [
        ("2026-11-23", "50", "600.20"),
        ("2025-12-01", "50", "600.20"),
        ("2026-12-01", "99999999999999999999", "600.21"),
        ("2026-12-01", "12345.68", "600.21"),
        ("2026-12-01", "9" * 200, "600.21"),
        ("2026-12-01", "-5", "600.15"),
    ],
)
def test_a_promise_that_cannot_be_meant_is_not_recorded(
    device: Device, language: str, day: str, amount: str, code: str
) -> None:
    """A day that is over or a sum beyond the debt: nothing is recorded, the visit goes on."""
    device.run(*START)
    set_language(language)
    promise = ("--promise-date", day, "--promise-amount", amount)
    assert code_of(device.run(*FINISH, "PTP", *promise)) == code
    assert recorded(device) == ["visit.start"]


def test_a_promise_of_all_that_is_owed_today_is_recorded(device: Device) -> None:
    """Today and the whole debt are the ends of what a promise may be."""
    device.run(*START)
    promise = ("--promise-date", "2026-11-24", "--promise-amount", "12345.67")
    assert device.run(*FINISH, "PTP", *promise).exit_code == 0
    assert recorded(device) == ["visit.start", "visit.finish"]


def test_a_promise_is_asked_again_until_it_can_be_meant(device: Device) -> None:
    """At a terminal the day and the sum are asked again, each with the reason."""
    device.run(*START)
    steps = (
        Step("When do they promise", "2025-12-01"),
        Step("was over on 2026-11-24", "2026-12-01"),
        Step("How much", "99999999"),
        Step("more than is owed", "800"),
    )
    said = converse(device.home, (*FINISH, "PTP"), steps)
    assert said.code == 0, said.screen


@pytest.mark.parametrize(
    "args", [("visit", "start", "C-000001"), ("--no-input", "visit", "start", "C-000001")]
)
def test_a_forgotten_partner_is_a_usage_error(device: Device, args: tuple[str, ...]) -> None:
    """Where nobody can be asked and no partner is set, the visit does not begin and nothing is kept."""
    result = device.run(*args)
    assert result.exit_code == 2
    assert "--with" in result.stderr
    assert recorded(device) == []


def test_the_partner_of_the_settings_is_taken(device: Device) -> None:
    """A partner set once need not be named at every door."""
    device.run("config", "set", "partner", "O-0002")
    assert device.run("visit", "start", "C-000001").exit_code == 0


@pytest.mark.parametrize(
    ("args", "english", "chinese"),
    [
        (("visit", "finish", "C-000001", "--outcome"), "nobody there", "无人"),
        (("disclose", "C-000001", "--category"), "own illness", "本人患病"),
        (("disclose", "C-000001", "--need"), "time to recover", "时间"),
    ],
)
def test_codes_are_listed_with_their_names(
    device: Device, args: tuple[str, ...], english: str, chinese: str
) -> None:
    """`list` and a wrong code both show every code with what it means, in the reader's language."""
    for language, name in (("en", english), ("zh-CN", chinese)):
        set_language(language)
        shown = device.run(*args, "list")
        assert shown.exit_code == 0
        assert name in shown.stdout
        wrong = device.run(*args, "SUNSHINE")
        assert wrong.exit_code == 2
        assert name in wrong.stderr
    assert recorded(device) == []


@pytest.mark.parametrize(
    ("place", "code", "hint"),
    [
        ("0,0", "422.39", "--from-stop"),
        ("114.05,22.54", "600.17", "22.54,114.05"),
        ("1000,1000", "600.17", "such as"),
    ],
)
def test_no_day_is_replanned_from_another_ocean(
    device: Device, place: str, code: str, hint: str
) -> None:
    """A point that cannot be meant is refused, with the axes the right way round where that helps."""
    before = device.run("today", "--json").stdout
    result = device.run("replan", "--from", place, "--yes")
    assert code_of(result) == code
    assert isinstance(result.exception, FieldsyncError)
    assert hint in str(result.exception.hint)
    assert device.run("today", "--json").stdout == before
    assert recorded(device) == []
