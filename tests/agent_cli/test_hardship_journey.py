"""A hardship told on one offline device: sealed to the team, seen by the other device, the office and the plan."""

import json
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from agent_cli.context import open_device
from agent_cli.store import itineraries, orders
from agent_cli.store.database import writing as on_device
from fieldsync.errors import FieldsyncError, InputError, RefusedError
from fieldsync.locale import set_language
from fieldsync.sync.outcome import OutcomeKind
from server.cli import build_group as server_group
from server.store import tables
from server.store.engine import reading, writing
from server.store.feed import publish
from server.store.itineraries import save_itinerary
from server.workflow.share_reference import news_for_all
from tests.agent_cli.bank import Bank, enrolled, states, synced
from tests.agent_cli.made_up import ANA, BEN, DAY, Device, at, make_itinerary
from tests.device_files import database_of

CASE = "C-000002"
# No other file or text holds these words.
MARKED = ("stomach-cancer-zqx", "cannot-speak-zqx", "hospital-paper-zqx", "%PDF-1.7 zqx-diagnosis")
TOLD = (
    "disclose", CASE, "--need", "time", "--category", "ILLNESS_SELF", "--consent",
    "--words", MARKED[0], "--effect-talking", MARKED[1], "--seen", MARKED[2],
)  # fmt: skip


@pytest.fixture
def pair(bank: Bank, tmp_path: Path) -> tuple[Device, Device]:
    """Ana's and Ben's devices after their first sync."""
    with writing(bank.ctx.engine) as conn:
        publish(conn, news_for_all(bank.ctx, conn), bank.ctx.clock.now())
        conn.execute(tables.pairs.insert().values(pair_id="P-1", branch=ANA.branch, first_officer=ANA.officer_id, second_officer=BEN.officer_id, body="{}"))  # fmt: skip
        conn.execute(tables.plans.insert().values(plan_id="PLAN", branch=ANA.branch, day=DAY, at=bank.ctx.clock.now(), facts="{}", body="{}"))  # fmt: skip
        save_itinerary(conn, make_itinerary(), "PLAN")
    hers, his = enrolled(bank, tmp_path / "ana", ANA), enrolled(bank, tmp_path / "ben", BEN)
    synced(hers)
    synced(his)
    return hers, his


def disclosed(device: Device, tmp_path: Path) -> Path:
    """Ana's borrower tells of his illness and lets a paper be copied."""
    paper = tmp_path / "paper.pdf"
    paper.write_bytes(MARKED[3].encode())
    result = device.run(*TOLD, "--copied", str(paper))
    assert result.exit_code == 0, result.stderr + repr(result.exception)
    return paper


def office(bank: Bank, *args: str) -> Result:
    """`fieldsync-server`, which must succeed."""
    result = CliRunner().invoke(server_group(), ["--home", str(bank.home), *args])
    assert result.exit_code == 0, result.stderr + repr(result.exception)
    return result


def everything_in(folder: Path) -> bytes:
    """Every byte that lies in a folder, the database's log included."""
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def stops(device: Device) -> list[str]:
    """The cases on the day's list."""
    return [s["case_id"] for s in json.loads(device.run("today", "--json").stdout)["stops"]]


def test_nothing_private_is_left_on_the_device_or_told_to_others(
    bank: Bank, pair: tuple[Device, Device], tmp_path: Path
) -> None:
    """Journal, database, files, lists, export, feed, store and office show the need, never the words."""
    hers, his = pair
    disclosed(hers, tmp_path)
    shown = [hers.run("show", CASE), hers.run("show", CASE, "--json"), hers.run("status", "--all")]
    assert hers.run("export", str(tmp_path / "out.json")).exit_code == 0
    synced(hers)
    synced(his)
    (disclosure,) = json.loads(office(bank, "hardship", "list", "--json").stdout)
    assert disclosure["needs"] == ["time"]
    assert disclosure["sealed"] is True
    assert disclosure["category"] is None
    with reading(bank.ctx.engine) as conn:
        op_id = conn.execute(
            select(tables.operations.c.op_id).where(tables.operations.c.case_id == CASE)
        ).scalar_one()
    shown += [
        office(bank, "hardship", "list"),
        office(bank, "hardship", "show", CASE),
        office(bank, "review", "show", op_id),
        office(bank, "review", "show", op_id, "--json"),
        office(bank, "show", "case", CASE, "--json"),
        his.run("show", CASE, "--json"),
    ]
    texts = "".join(result.stdout + result.stderr for result in shown).encode()
    texts += everything_in(hers.home) + everything_in(his.home) + everything_in(bank.home)
    texts += (tmp_path / "out.json").read_bytes()
    for word in (*MARKED, "ILLNESS_SELF"):
        assert word.encode() not in texts


def test_the_team_opens_it_and_that_is_written_down(
    bank: Bank, pair: tuple[Device, Device], tmp_path: Path
) -> None:
    """With the passphrase words, category and the copied paper are there; who looked is in the audit."""
    hers, _his = pair
    paper = disclosed(hers, tmp_path)
    synced(hers)
    passphrase = str(bank.home / "keys" / "hardship.passphrase")
    args = ("hardship", "show", CASE, "--by", "Lin", "--passphrase-file", passphrase)
    opened = json.loads(office(bank, *args, "--json").stdout)["opened"]
    assert opened["part"]["words"] == MARKED[0]
    assert opened["part"]["effect_talking"] == MARKED[1]
    assert opened["part"]["category"] == "ILLNESS_SELF"
    office(bank, *args, "--save-papers", str(tmp_path / "papers"))
    (saved,) = (tmp_path / "papers").iterdir()
    assert saved.read_bytes() == paper.read_bytes()
    with reading(bank.ctx.engine) as conn:
        found = conn.execute(
            select(tables.audit.c.actor).where(tables.audit.c.action == "hardship.opened")
        )
        assert found.scalars().all() == ["Lin", "Lin"]


def test_the_other_device_and_the_plan_see_it(
    bank: Bank, pair: tuple[Device, Device], tmp_path: Path
) -> None:
    """Offline the stop is on hold at once; after both synced it is struck on both, the rest keeps its times."""
    hers, his = pair
    before = stops(his)
    bank.stop()
    disclosed(hers, tmp_path)
    held = json.loads(hers.run("today", "--json").stdout)["stops"]
    assert [s["state"] for s in held if s["case_id"] == CASE] == ["on_hold"]
    bank.start()
    synced(hers)
    synced(his)
    for device in pair:
        assert stops(device) == [case_id for case_id in before if case_id != CASE]
        told = device.run("today").stdout
        assert f"Taken off the route, since collection has stopped: {CASE}" in told
    refused = his.run("visit", "start", CASE, "--with", ANA.officer_id).exception
    assert isinstance(refused, RefusedError)
    with open_device(his.options) as ctx:
        day = itineraries.of_day(ctx.conn, DAY)
    assert day is not None
    assert (day.version, day.struck) == (2, (CASE,))
    assert [s.start for s in day.stops] == [at(9, 30), at(11, 30)]


def test_an_officers_own_order_outlives_a_struck_stop(
    pair: tuple[Device, Device], tmp_path: Path
) -> None:
    """Ben re-planned his day; that one stop less comes does not undo his order."""
    hers, his = pair
    with open_device(his.options) as ctx:
        own = itineraries.of_day(ctx.conn, DAY)
        assert own is not None
        turned = replace(own, stops=(own.stops[2], own.stops[0], own.stops[1]))
        with on_device(ctx.conn) as conn:
            orders.keep(conn, orders.Order(turned, "op", "", at(9).isoformat(), "roadworks"))
    disclosed(hers, tmp_path)
    synced(hers)
    synced(his)
    assert stops(his) == ["C-000003", "C-000001"]


def test_the_answer_reaches_the_officer(
    bank: Bank, pair: tuple[Device, Device], tmp_path: Path
) -> None:
    """Relief and how long collection rests, in both languages; neither the reason nor telling help."""
    hers, his = pair
    disclosed(hers, tmp_path)
    synced(hers)
    office(
        bank, "hardship", "decide", CASE, "--relief", "pause", "--signpost", "debt_advice",
        "--signpost", "mental_health", "--hold-until", "2027-03-01",
        "--reason", "grave-illness-zqx", "--by", "Lin",
    )  # fmt: skip
    synced(hers)
    synced(his)
    for args in (("today",), ("status",), ("show", CASE)):
        result = hers.run(*args)
        told = result.stdout + result.stderr
        assert "a pause in payments" in told, args
        assert "2027-03-01" in told
        assert "mental" not in told
    set_language("zh-CN")
    assert "暂停还款" in hers.run("show", CASE).stdout
    set_language("en")
    assert json.loads(hers.run("status", "--json").stdout)["decisions"][0]["reliefs"] == ["pause"]
    assert json.loads(his.run("status", "--json").stdout)["decisions"] == []
    for folder in (hers.home, his.home, bank.home):
        assert b"grave-illness-zqx" not in everything_in(folder)
    passphrase = str(bank.home / "keys" / "hardship.passphrase")
    opened = office(bank, "hardship", "show", CASE, "--passphrase-file", passphrase).stdout
    assert "grave-illness-zqx" in opened
    assert "mental-health helpline" in opened


def test_consent_taken_back_deletes_what_was_sealed(
    bank: Bank, pair: tuple[Device, Device], tmp_path: Path
) -> None:
    """The need and the hold stay; the team's passphrase opens nothing any more."""
    hers, _his = pair
    disclosed(hers, tmp_path)
    synced(hers)
    assert hers.run("disclose", CASE, "--withdraw-consent").exit_code == 0
    both = hers.run("disclose", CASE, "--withdraw-consent", "--need", "time").exception
    assert isinstance(both, InputError)
    synced(hers)
    assert states(hers)[-1] == ("hardship.withdraw", OutcomeKind.ACCEPTED.value)
    passphrase = str(bank.home / "keys" / "hardship.passphrase")
    args = ("hardship", "show", CASE, "--passphrase-file", passphrase, "--json")
    shown = json.loads(office(bank, *args).stdout)
    assert (shown["needs"], shown["sealed"]) == (["time"], False)
    assert shown["opened"]["part"] is None
    assert shown["state"] == "open"


def test_a_device_without_the_teams_key_keeps_the_need_alone(device: Device) -> None:
    """It says so, and collection stops all the same."""
    with closing(database_of(device.home)) as conn, conn:
        conn.execute("DELETE FROM mirror WHERE key = 'server:hardship_seal'")
    result = device.run("disclose", "C-000001", *TOLD[2:])
    assert result.exit_code == 0
    assert "Only the need was kept" in result.stderr
    assert json.loads(device.run("show", "C-000001", "--json").stdout)["on_hold"]
    for word in (*MARKED, "ILLNESS_SELF"):
        assert word.encode() not in everything_in(device.home)


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (("--need", "time", "--consent", "--told-by", "spouse"), "422.522"),
        (("--need", "time", "--until", "2026-11-01"), "422.523"),
        (("--need", "time", "--review-on", "2026-11-01"), "422.523"),
        (("--need", "time", "--category", "ILLNESS_SELF"), "451.62"),
        (("--need", "time", "--copied", __file__), "422.524"),
        (("--consent",), "600.16"),
    ],
)
def test_what_may_not_be_recorded_changes_nothing(
    device: Device, args: tuple[str, ...], code: str
) -> None:
    """Consent by somebody else, days that are past, a diagnosis without consent, no need at all."""
    refused = device.run("disclose", "C-000001", *args).exception
    assert isinstance(refused, FieldsyncError)
    assert refused.code == code
    assert states(device) == []
    assert not json.loads(device.run("show", "C-000001", "--json").stdout)["on_hold"]


def test_the_text_is_read_in_the_borrowers_language(device: Device) -> None:
    """An English-speaking officer reads the Chinese text to a borrower who speaks Chinese."""
    result = device.run("disclose", "C-000001", "--need", "time", "--consent")
    assert "2026-11" in result.stderr
    assert "您" in result.stderr
