"""What an officer mistypes at the door: refused before anything is recorded, in words that help."""

import threading
from datetime import timedelta
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from fieldsync.errors import EXIT_SIGN_IN, FieldsyncError
from fieldsync.locale import render, set_language
from server.workflow.enrol_device import make_code
from tests.agent_cli.bank import Bank, enrol
from tests.agent_cli.keyboard import Step, converse
from tests.agent_cli.made_up import ANA, Device, at
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


def test_a_server_of_somebody_else_is_told_at_enrolment(tmp_path: Path) -> None:
    """A web server that is not ours is named as such, and no records are spoken of: there are none."""
    with ThreadingHTTPServer(("127.0.0.1", 0), SimpleHTTPRequestHandler) as stranger:
        threading.Thread(target=stranger.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{stranger.server_port}"
        for language in ("en", "zh-CN"):
            set_language(language)
            result = enrol(Device(tmp_path / "new"), url, "ABCD-EFGH")
            assert code_of(result) == "601.4"
            assert isinstance(result.exception, FieldsyncError)
            assert "records" not in str(result.exception.hint)
        stranger.shutdown()
    nobody = enrol(Device(tmp_path / "new"), url, "ABCD-EFGH")
    assert code_of(nobody) == "601.1"
    assert isinstance(nobody.exception, FieldsyncError)
    assert "records" not in str(nobody.exception.hint)


def test_a_used_code_ends_as_the_page_on_exit_codes_says(bank: Bank, tmp_path: Path) -> None:
    """Whoever brings a used code must get another one: exit code 4, sign in."""
    code, _until = make_code(bank.ctx, ANA.officer_id, timedelta(hours=1))
    assert enrol(Device(tmp_path / "one"), bank.url, code).exit_code == 0
    second = enrol(Device(tmp_path / "two"), bank.url, code)
    assert code_of(second) == "409.44"
    assert isinstance(second.exception, FieldsyncError)
    assert second.exception.exit_code == EXIT_SIGN_IN


def test_a_value_with_a_dash_is_a_value(device: Device) -> None:
    """`config set timeout_s -1` is told which values there are, not that -1 is no option."""
    result = device.run("config", "set", "timeout_s", "-1")
    assert code_of(result) == "600.3"


def test_help_of_a_group_shows_whole_lines(device: Device) -> None:
    """No line of a command is cut in the help of its group."""
    for group in ("visit", "config"):
        shown = device.run(group, "--help").stdout
        _usage, _line, commands = shown.partition("\n")
        assert "…" not in commands
        assert "..." not in commands


@pytest.mark.parametrize(
    ("language", "shown", "hidden"),
    [
        ("en", "China Banking Association", "中国银行业协会"),
        ("zh-CN", "中国银行业协会", "China Banking Association"),
    ],
)
def test_a_citation_speaks_the_language_of_its_reader(
    device: Device, monkeypatch: pytest.MonkeyPatch, language: str, shown: str, hidden: str
) -> None:
    """On the screen in one language and the minute; in JSON and in the record whole, as it was."""
    monkeypatch.setenv("FIELDSYNC_TRAINING_CLOCK", at(7, 30).isoformat())
    set_language(language)
    refused = device.run(*START)
    assert code_of(refused) == "451.61"
    assert shown in refused.stderr
    assert hidden not in refused.stderr
    assert "07:30" in refused.stderr
    assert "07:30:00" not in refused.stderr
    assert isinstance(refused.exception, FieldsyncError)
    findings = refused.exception.details["findings"]
    assert isinstance(findings, list)
    assert " / " in findings[0]["citation"]
    assert set(findings[0]["cited"]) == {"en", "zh-CN"}


def test_chinese_output_has_no_english_words(device: Device) -> None:
    """Words of the bank's book, of settings and of addresses are named in the reader's language."""
    set_language("zh-CN")
    file = device.run("show", "C-000001").stdout
    assert "信用卡" in file
    assert "(card)" not in file
    assert " bank" not in file
    assert "default" not in device.run("config").stdout
    wrong = device.run(*START, "--address", "other").exception
    assert isinstance(wrong, FieldsyncError)
    assert wrong.hint is not None
    assert "C-000001-H (住址)" in render(wrong.hint) or "(home)" not in render(wrong.hint)
