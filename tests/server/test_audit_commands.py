"""`fieldsync-server audit` as a person runs it, and the lines that reading commands leave behind."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import create_engine, select, update

from fieldsync.domain.officer import Officer
from fieldsync.terminal.run import run
from server.cli import build_group
from server.context import ServerContext
from server.store.engine import reading
from server.store.tables import audit, officers
from tests.server.conftest import CaseGiver


def ended(*words: str) -> tuple[int, str]:
    """The exit code of the program, and what it prints on stdout."""
    result = CliRunner().invoke(build_group(), list(words), standalone_mode=False)
    return result.return_value or result.exit_code, result.stdout


def said(ctx: ServerContext, *words: str, code: int = 0) -> str:
    """What the program prints on stdout, told where the server is."""
    found, stdout = ended("--home", str(ctx.config.home), *words)
    assert found == code, stdout
    return stdout


@pytest.fixture
def used(staffed: ServerContext, give: CaseGiver, ana: Officer) -> ServerContext:
    """A server with a case."""
    give(ana)
    return staffed


def test_a_store_that_agrees_says_so(used: ServerContext) -> None:
    """Lines, rows and heads are counted; the command's own end publishes the next head."""
    assert "agree" in said(used, "audit", "verify")
    assert used.config.heads.is_file()
    told = json.loads(said(used, "audit", "verify", "--json"))
    assert told["ok"] is True
    assert (told["findings"], told["heads"]) == ([], 1)
    assert told["rows"] > 0
    assert len(bytes.fromhex(told["root"])) == 32


def test_a_rewritten_row_ends_with_failure(used: ServerContext) -> None:
    """The exit code is 1, and table, key and line are told."""
    engine = create_engine(used.engine.url)
    with engine.begin() as conn:
        conn.execute(update(officers).where(officers.c.officer_id == "E1001").values(name="Eve"))
    engine.dispose()
    assert "officers E1001" in said(used, "audit", "verify", code=1)
    told = json.loads(said(used, "audit", "verify", "--json", code=1))
    assert [(f["what"], f["table"], f["key"]) for f in told["findings"]] == [
        ("row_changed", "officers", ["E1001"])
    ]


def test_a_proof_is_checked_without_a_server(used: ServerContext, tmp_path: Path) -> None:
    """What `prove` writes `check` finds true for the heads that `head` added to a file."""
    heads, proof, growth = (tmp_path / name for name in ("heads", "proof", "growth"))
    head = json.loads(said(used, "audit", "head", "--output", str(heads), "--json"))
    said(used, "show", "case", "C-1")
    said(used, "audit", "head", "--output", str(heads))
    proof.write_text(said(used, "audit", "prove", "--subject", "C-1"), encoding="utf-8")
    growth.write_text(said(used, "audit", "prove", "--from", str(head["size"])), encoding="utf-8")
    for one in (proof, growth):
        check = ["audit", "check", str(one), "--head", str(heads)]
        for more in ([], ["--key", head["key"]], ["--json"]):
            assert ended(*check, *more)[0] == 0
        assert ended(*check, "--key", "other")[0] == 1
    facts = json.loads(proof.read_text(encoding="utf-8"))
    assert facts["line"][3:5] == ["case.shown", "C-1"]
    facts["line"][2] = "somebody else"
    proof.write_text(json.dumps(facts), encoding="utf-8")
    assert ended("audit", "check", str(proof), "--head", str(heads))[0] == 1


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (("verify", "--heads", "nowhere"), "404.95"),
        (("prove", "999999"), "404.96"),
        (("prove", "--subject", "X-9"), "404.97"),
        (("head", "--output", "/proc/none/heads"), "409.95"),
        (("prove", "1", "--size", "999999"), "422.691"),
        (("prove", "--from", "0"), "422.691"),
        (("prove",), "422.692"),
        (("check", "config.toml", "--head", "config.toml"), "422.693"),
    ],
)
def test_what_cannot_be_is_refused_by_number(
    used: ServerContext,
    asked: tuple[str, ...],
    code: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each refusal has its number."""
    monkeypatch.chdir(used.config.home)
    words = ["--home", str(used.config.home), "audit", *asked]
    assert run(build_group, words, language="en", program="fieldsync-server") != 0
    assert code in capsys.readouterr().err


def test_a_case_that_is_shown_is_a_line(used: ServerContext) -> None:
    """Who looked at which case, by its id alone; a list that shows no case leaves none."""
    said(used, "show", "case", "C-1")
    said(used, "hardship", "list")
    query = select(audit.c.subject, audit.c.detail).where(audit.c.action.like("%.shown"))
    with reading(used.engine) as conn:
        assert conn.execute(query).all() == [("C-1", '{"cases":["C-1"]}')]


def test_heads_go_where_the_settings_say(used: ServerContext, tmp_path: Path) -> None:
    """`audit_heads` names the file for every head that is published by itself."""
    elsewhere = tmp_path / "elsewhere" / "heads.jsonl"
    path = used.config.home / "config.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(f"audit_heads = {json.dumps(str(elsewhere))}\n{text}", encoding="utf-8")
    said(used, "show", "case", "C-1")
    assert json.loads(elsewhere.read_text(encoding="utf-8"))["size"] > 0
    path.write_text(f"audit_heads = 3\n{text}", encoding="utf-8")
    words = ["--home", str(used.config.home), "doctor"]
    assert run(build_group, words, language="en", program="fieldsync-server") != 0
