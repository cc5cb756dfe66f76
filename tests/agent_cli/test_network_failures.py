"""What `sync`, `enroll` and `doctor` do when the network, or what answers in it, is not what it should be."""

import json
import ssl
import threading
import warnings
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from fieldsync.errors import FieldsyncError
from fieldsync.locale import render, set_language
from server.workflow.enrol_device import make_code
from tests.agent_cli.bank import Bank, enrol, enrolled, states, synced
from tests.agent_cli.keyboard import rows
from tests.agent_cli.made_up import ANA, Device
from tests.agent_cli.strangers import Stranger, self_made_certificate, standing_in

_HTML = "<html><h1>Welcome to the hotel. Please sign in.</h1></html>"
_SLOW = threading.Event()
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n"


def _slow(to: Stranger) -> None:
    _SLOW.wait(3)
    to.say(200, "{}", "application/json")


def _truncated(to: Stranger) -> None:
    to.wfile.write(_HEAD + b'{"receipt": {')
    to.close_connection = True


# name -> what it does, exit code, error code, English, Chinese
WRONG: dict[str, tuple[Callable[[Stranger], None], int, str, str, str]] = {
    "reset before a word": (lambda to: to.hang_up(b""), 7, "601.6", "broke off", "中途断开"),
    "reset in the middle": (
        lambda to: to.hang_up(_HEAD + b'{"receipt"'), 7, "601.6", "broke off", "中途断开"),
    "truncated": (_truncated, 7, "601.6", "broke off", "中途断开"),
    "slow": (_slow, 7, "601.3", "did not answer in 1 s", "1 秒内没有应答"),
    "captive portal": (lambda to: to.say(200, _HTML), 7, "601.4", "sign in first", "登录"),
    "captive portal elsewhere": (
        lambda to: to.say(302, _HTML, Location="http://127.0.0.1:9/login"),
        7, "601.4", "sign in first", "登录"),
    "proxy without a server": (
        lambda to: to.say(502, "<h1>Bad gateway</h1>"), 7, "601.5", "in trouble", "601.5"),
    "another JSON service": (
        lambda to: to.say(200, '{"hello": "world"}', "application/json"),
        7, "601.4", "not a Fieldsync server", "不是"),
    "a list": (
        lambda to: to.say(200, "[]", "application/json"), 7, "601.4", "not a Fieldsync", "不是"),
    "no JSON after all": (
        lambda to: to.say(200, "{", "application/json"), 7, "601.4", "not a Fieldsync", "不是"),
    "JSON by another name": (
        lambda to: to.say(200, "{}", "text/plain"), 7, "601.4", "not a Fieldsync", "不是"),
    "a page nobody has": (lambda to: to.say(404, _HTML), 7, "601.4", "not a Fieldsync", "不是"),
    "a fault of ours": (
        lambda to: to.problem(500, "500.1", "The server made a mistake."),
        7, "500.1", "made a mistake", "500.1"),
    "busy": (
        lambda to: to.problem(503, "503.1", "Busy.", Retry_After="120"),
        7, "503.1", "in 120 seconds", "120 秒"),
    "older server": (
        lambda to: to.problem(426, "426.1", "The device speaks 2, the server 1."),
        9, "426.1", "speaks 2, the server 1", "426.1"),
    "a problem without a code": (
        lambda to: to.say(400, '{"title": "x"}', "application/problem+json"),
        7, "601.4", "not a Fieldsync", "不是"),
}  # fmt: skip


def kept(device: Device) -> list[str]:
    """Rows of all that the officer recorded, and how far the device has read."""
    tables = ("journal", "visits", "local_holds", "agreements", "mirror", "revisions")
    marks = tuple(f'INSERT INTO "{name}"' for name in tables)
    return [row for row in rows(device.home) if row.startswith(marks) or "'cursor'" in row]


@pytest.fixture
def ana(bank: Bank, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Device:
    """Ana's device, synced once, with a hardship recorded since."""
    device = enrolled(bank, tmp_path / "ana", ANA)
    synced(device)
    assert device.run("disclose", "C-000001", "--need", "time").exit_code == 0
    # Only now: the honest bank may need longer on a machine with much to do.
    monkeypatch.setenv("FIELDSYNC_TIMEOUT_S", "1")
    return device


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize("lang", ["en", "zh-CN"])
def test_a_sync_that_fails_changes_nothing(
    name: str, lang: str, bank: Bank, ana: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The right exit and words in both languages; nothing is lost, and the next good sync delivers."""
    answer, exit_code, code, english, chinese = WRONG[name]
    before = kept(ana)
    set_language(lang)
    with standing_in(answer) as url:
        ana.turn_to(url)
        result = ana.run("sync")
    error = result.exception
    assert isinstance(error, FieldsyncError), repr(error)
    assert (error.exit_code, error.code) == (exit_code, code)
    assert (english if lang == "en" else chinese) in _told(error)
    assert kept(ana) == before
    monkeypatch.delenv("FIELDSYNC_TIMEOUT_S")
    ana.turn_to(bank.url)
    assert synced(ana)["sent"] == 1
    assert states(ana) == [("hardship.disclose", "accepted")]


def _told(error: FieldsyncError) -> str:
    hint = render(error.hint) if error.hint else ""
    return f"{error.code} {render(error.message)} {hint}"


def test_nobody_listens(bank: Bank, ana: Device) -> None:
    """Without a server everything stays, exit 7."""
    bank.stop()
    result = ana.run("sync")
    assert isinstance(result.exception, FieldsyncError)
    assert (result.exception.exit_code, result.exception.code) == (7, "601.1")
    assert states(ana) == [("hardship.disclose", "unsent")]


@pytest.mark.parametrize(
    "name",
    ["captive portal", "proxy without a server", "slow", "another JSON service", "truncated"],
)
def test_doctor_says_who_answers(name: str, ana: Device) -> None:
    """A sign-in page is not a server: doctor warns, and everything else it checks is fine."""
    with standing_in(WRONG[name][0]) as url:
        ana.turn_to(url)
        result = ana.run("doctor", "--json")
    checks = {check["check"]: check for check in json.loads(result.stdout)["checks"]}
    assert checks.pop("server")["level"] == "warn"
    assert {check["level"] for check in checks.values()} <= {"ok", "warn"}


@pytest.mark.parametrize("name", ["captive portal", "another JSON service", "reset in the middle"])
def test_enrolment_that_fails_can_be_done_again(name: str, bank: Bank, tmp_path: Path) -> None:
    """Whatever answered, the device is not enrolled, and the same code still works."""
    code, _until = make_code(bank.ctx, ANA.officer_id, timedelta(hours=1))
    device = Device(tmp_path / "new")
    with standing_in(WRONG[name][0]) as url:
        result = enrol(device, url, code)
    assert getattr(result.exception, "exit_code", None) == 7
    assert getattr(device.run("today").exception, "code", None) == "602.10"
    assert enrol(device, bank.url, code).exit_code == 0


@pytest.mark.parametrize(
    "url", ["http://bank.example", "http://192.0.2.7:8000", "ftp://bank.example"]
)
def test_an_unencrypted_address_is_refused(tmp_path: Path, url: str) -> None:
    """Plain http is for this very machine; nobody is asked anything before that is clear."""
    refused = enrol(Device(tmp_path / "new"), url, "K7QF9TBW")
    assert getattr(refused.exception, "code", None) in {"600.5", "600.6"}


def test_an_old_protocol_of_tls_is_not_spoken(tmp_path: Path) -> None:
    """A server that speaks nothing newer than TLS 1.1 is told nothing, though its certificate is trusted."""
    tls, certificate = self_made_certificate(tmp_path)
    tls.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        tls.minimum_version, tls.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    device = Device(tmp_path / "new")
    heard: list[Stranger] = []
    with standing_in(heard.append, tls) as url:
        assert device.run("config", "set", "ca_file", str(certificate)).exit_code == 0
        refused = enrol(device, url, "K7QF9TBW")
    assert getattr(refused.exception, "code", None) in {"601.1", "601.2", "601.6"}
    assert heard == []


def test_an_unknown_certificate_is_not_believed(tmp_path: Path) -> None:
    """Nothing is told to a server that cannot prove who it is, unless the bank's own file vouches."""
    tls, certificate = self_made_certificate(tmp_path)
    device = Device(tmp_path / "new")
    with standing_in(lambda to: to.say(200, "{}", "application/json"), tls) as url:
        doubted = enrol(device, url, "K7QF9TBW")
        assert getattr(doubted.exception, "code", None) == "601.2"
        assert device.run("config", "set", "ca_file", str(certificate)).exit_code == 0
        believed = enrol(device, url, "K7QF9TBW")
    assert getattr(believed.exception, "code", None) == "601.4"
    assert (
        getattr(device.run("config", "set", "ca_file", "no.pem").exception, "code", None)
        == "600.19"
    )
