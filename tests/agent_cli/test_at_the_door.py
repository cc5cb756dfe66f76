"""The officer's commands, on a real local store: what works, what is asked for, what is refused."""

import ast
import json
import subprocess
import sys

import pytest
from click.testing import Result

from agent_cli.actions.day import view_day
from agent_cli.context import DeviceContext
from agent_cli.store import cases, itineraries
from agent_cli.store.database import SCHEMA_VERSION
from agent_cli.unlock import PASSPHRASE_VARIABLE
from agent_cli.vault import held_keys, keeper_client
from fieldsync.errors import FieldsyncError
from fieldsync.locale import set_language
from tests.agent_cli.made_up import DAY, Device

START = ("visit", "start", "C-000001", "--with", "O-0002")


def code_of(result: Result) -> str:
    """The product's error code of a failed run."""
    assert isinstance(result.exception, FieldsyncError), repr(result.exception)
    return result.exception.code


def recorded(device: Device) -> list[str]:
    """The kinds of all records."""
    found = json.loads(device.run("status", "--json").stdout)["operations"]
    return [operation["kind"] for operation in found]


def test_today_has_documented_keys(device: Device) -> None:
    """The JSON of `today` has the same keys with and without a plan."""
    planned = json.loads(device.run("today", "--json").stdout)
    empty = json.loads(device.run("today", "--json", "--date", "2026-01-01").stdout)
    assert planned.keys() == empty.keys()
    assert [stop["case_id"] for stop in planned["stops"]] == ["C-000001", "C-000002", "C-000003"]
    assert empty["stops"] == []


def test_today_reads_what_the_domain_reads(device: Device, ctx: DeviceContext) -> None:
    """The plain rows that `today` shows agree with the cases and the itinerary of the domain."""
    device.run("disclose", "C-000002", "--need", "time")
    view = view_day(ctx, DAY)
    itinerary = itineraries.of_day(ctx.conn, DAY)
    assert view is not None
    assert itinerary is not None
    assert [s.stop["case_id"] for s in view.stops] == [s.case_id for s in itinerary.stops]
    for stop in view.stops:
        case = cases.load_case(ctx.conn, stop.stop["case_id"])
        assert stop.case is not None
        assert stop.case["borrower"]["name"] == case.borrower.name
        assert bool(stop.hold) == bool(case.holds)


def test_a_visit_goes_its_way(device: Device) -> None:
    """Start, note and finish are three records, and the stop is done."""
    for args in (
        START,
        ("visit", "note", "C-000001", "back door"),
        ("visit", "finish", "C-000001", "--outcome", "NOBODY"),
    ):
        result = device.run(*args)
        assert result.exit_code == 0, result.stderr + repr(result.exception)
    assert recorded(device) == ["visit.start", "visit.note", "visit.finish"]
    stop = json.loads(device.run("today", "--json").stdout)["stops"][0]
    assert (stop["state"], stop["outcome"]) == ("done", "NOBODY")


def test_one_officer_is_refused_and_recorded(device: Device) -> None:
    """Alone at the door: CN-TWO-PERSONS, its citation shown, the asking recorded, no visit begun."""
    result = device.run("visit", "start", "C-000001", "--with", "O-0001")
    assert code_of(result) == "451.61"
    assert "CN-TWO-PERSONS" in result.stderr
    assert recorded(device) == ["visit.refused"]
    assert json.loads(device.run("visit", "list", "--json").stdout)["visits"] == []


def test_at_ten_in_the_evening_nobody_is_called_on(
    device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    """22:00:00 is closed (CN-HOURS), told in Chinese to who reads Chinese."""
    monkeypatch.setenv("FIELDSYNC_TRAINING_CLOCK", "2026-11-24T22:00:00+08:00")
    set_language("zh-CN")
    result = device.run(*START)
    assert code_of(result) == "451.61"
    assert "CN-HOURS" in result.stderr
    assert "行业标准" in result.stderr


def test_a_clock_before_the_server_opens_no_door(
    device: Device, ctx: DeviceContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A clock set back behind the last server time blocks the start, whatever hour it shows."""
    facts = {
        "last_server_time": "2026-11-24T21:30:00+08:00",
        "last_server_boot": "another",
        "last_server_monotonic_ms": "0",
    }
    ctx.conn.executemany("INSERT INTO meta (name, value) VALUES (?, ?)", list(facts.items()))
    monkeypatch.setenv("FIELDSYNC_TRAINING_CLOCK", "2026-11-24T10:00:00+08:00")
    result = device.run(*START)
    assert code_of(result) == "451.61"
    assert "HOUSE-CLOCK" in result.stderr


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (("show", "C-00001"), "404.61"),
        (("visit", "start", "C-000001", "--with", "Bem"), "404.62"),
        (("visit", "note", "C-000001", "x"), "404.64"),
        ((*START, "--address", "other"), "404.65"),
        (("today", "--date", "tomorrow"), "600.9"),
        (("disclose", "C-000001"), "600.16"),
        (("replan", "--from", "here"), "600.17"),
        (("replan", "--from-stop", "C-9"), "404.66"),
        (("config", "set", "colour", "red"), "600.2"),
        (("config", "set", "timeout_s", "never"), "600.3"),
        (("enroll", "http://bank.example", "--code-file", "-"), "600.8"),
    ],
)
def test_bad_input_changes_nothing(device: Device, args: tuple[str, ...], code: str) -> None:
    """Each wrong input has its own number, a hint, and leaves no record."""
    result = device.run(*args)
    assert code_of(result) == code
    assert isinstance(result.exception, FieldsyncError)
    assert result.exception.hint is not None
    assert recorded(device) == []


def test_who_was_met_saw_the_identity_or_not(device: Device) -> None:
    """CN-ID: a visit that met somebody cannot be closed in silence about the identity."""
    device.run(*START)
    finish = ("visit", "finish", "C-000001", "--outcome", "MET_DEBTOR")
    assert code_of(device.run(*finish)) == "600.12"
    assert device.run(*finish, "--identity-shown").exit_code == 0


def test_words_for_others_do_not_tell_the_debt(device: Device) -> None:
    """CN-THIRD-CONTENT: a message that names the amount is refused, a plain one is kept."""
    device.run(*START)
    note = ("visit", "note", "C-000001")
    refused = device.run(*note, "请转告他欠款12345.67元", "--left-behind")
    assert code_of(refused) == "451.61"
    assert device.run(*note, "请回电。林", "--left-behind").exit_code == 0


def test_illness_needs_consent(device: Device) -> None:
    """Without consent nothing sensitive is kept; the need alone is enough to stop collection."""
    ill = ("disclose", "C-000001", "--need", "time", "--category", "ILLNESS_SELF")
    assert code_of(device.run(*ill)) == "451.62"
    assert recorded(device) == []
    kept = device.run("disclose", "C-000001", "--need", "time", "--words", "he has cancer")
    assert kept.exit_code == 0
    raw = (
        (device.home / "field.db-wal").read_bytes()
        if (device.home / "field.db-wal").exists()
        else (device.home / "field.db").read_bytes()
    )
    assert b"cancer" not in raw


def test_a_hardship_stops_collection_at_once(device: Device) -> None:
    """The case is on hold in `today`, in `show` and at the door, before any exchange."""
    ill = ("disclose", "C-000001", "--need", "time", "--category", "ILLNESS_SELF", "--consent")
    assert device.run(*ill).exit_code == 0
    stop = json.loads(device.run("today", "--json").stdout)["stops"][0]
    assert (stop["state"], stop["hold"]) == ("on_hold", "hardship")
    assert code_of(device.run(*START)) == "451.61"
    assert recorded(device) == ["hardship.disclose", "visit.refused"]


def test_the_day_is_replanned_offline(device: Device) -> None:
    """A case on hold leaves the day; the officer's order is shown from then on and recorded."""
    device.run("disclose", "C-000001", "--need", "time")
    proposal = json.loads(device.run("replan", "--json").stdout)
    assert not proposal["kept"]
    assert "C-000001" in proposal["dropped"]
    assert device.run("replan", "--yes").exit_code == 0
    today = json.loads(device.run("today", "--json").stdout)
    assert today["revised"]
    assert "C-000001" not in [stop["case_id"] for stop in today["stops"]]
    assert recorded(device) == ["hardship.disclose", "itinerary.replan"]


def test_search_finds_two_characters(device: Device) -> None:
    """A Chinese name of two characters, a street and part of a Latin name are all found."""
    for words, case_id in (("陈明", "C-000001"), ("科苑路2", "C-000002"), ("wang", "C-000004")):
        found = json.loads(device.run("search", words, "--json").stdout)["cases"]
        assert [case["case_id"] for case in found] == [case_id]


def test_an_export_is_safe_in_a_spreadsheet(device: Device) -> None:
    """No cell begins like a formula, and a file that is there is not written over."""
    device.run(*START)
    device.run("visit", "note", "C-000001", "=HYPERLINK(1)")
    path = device.home / "records.csv"
    assert device.run("export", str(path)).exit_code == 0
    assert code_of(device.run("export", str(path))) == "600.18"
    text = path.read_text(encoding="utf-8-sig")
    assert len(text.splitlines()) == 3
    assert not any(cell.startswith("=") for cell in text.split(","))


def test_doctor_says_what_is_wrong(device: Device, ctx: DeviceContext) -> None:
    """A whole device is ok; a record altered behind the journal's back is found, exit 1."""
    device.run(*START)
    assert device.run("doctor", "--json").exit_code == 0
    ctx.conn.execute("UPDATE journal SET body = replace(body, 'O-0002', 'O-0003')")
    program = [sys.executable, "-c", "from agent_cli.main import main; main()"]
    broken = subprocess.run(
        [*program, "--home", str(device.home), "doctor", "--json"],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    levels = {c["check"]: c["level"] for c in json.loads(broken.stdout)["checks"]}
    assert levels["journal"] == "fail"
    assert (levels["database"], levels["schema"]) == ("ok", "ok")
    assert broken.returncode == 1


def test_a_newer_database_is_left_alone(device: Device, ctx: DeviceContext) -> None:
    """A file of a newer program is refused, not touched."""
    ctx.conn.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    assert code_of(device.run("today")) == "602.8"


def test_a_damaged_database_is_said(device: Device) -> None:
    """A file that is no database is a sentence, not a traceback."""
    (device.home / "field.db").write_bytes(b"this is no database" * 100)
    assert code_of(device.run("today")) == "602.5"


def test_settings_say_where_they_came_from(device: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment outranks the file, the file the default."""
    assert device.run("config", "set", "language", "zh").exit_code == 0
    monkeypatch.setenv("FIELDSYNC_TIMEOUT_S", "60")
    rows = json.loads(device.run("config", "--json").stdout)["settings"]
    origins = {row["name"]: row["origin"] for row in rows}
    assert origins == {
        "language": "config.toml",
        "partner": "default",
        "timeout_s": "FIELDSYNC_TIMEOUT_S",
        "ca_file": "default",
        "chunk_kib": "default",
        "sealed_days": "default",
        "lock_after_minutes": "default",
    }


def test_today_waits_for_nothing_heavy(device: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    """The list of stops of an open device is printed without a library that takes long to import."""
    monkeypatch.delenv(PASSPHRASE_VARIABLE)
    keys = held_keys.held(device.home)
    assert keys is not None
    assert keeper_client.keep(device.home, keys, 1)
    heavy = {
        "cryptography", "flask", "geopy", "marshmallow", "msgspec", "nacl", "numpy", "requests",
        "sqlalchemy", "sqlite_utils",
    }  # fmt: skip
    code = (
        "import sys; from agent_cli.main import main\n"
        f"sys.argv = ['fieldsync', '--home', {str(device.home)!r}, 'today', '--json']\n"
        "try: main()\nexcept SystemExit as stop: assert not stop.code\n"
        "print(sorted({m.partition('.')[0] for m in sys.modules}), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True
    )
    assert keeper_client.forget(device.home)
    loaded = set(ast.literal_eval(done.stderr.splitlines()[-1]))
    assert loaded & heavy == set()
