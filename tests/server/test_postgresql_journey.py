"""Both real programs over PostgreSQL behind PgBouncer, and what the server's say when it cannot be used."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from fieldsync.errors import EXIT_CONFLICT, EXIT_LOCAL_COPY, EXIT_USAGE
from server.context import ServerContext, open_server
from server.demo.cast import BRANCH, DAY, at, cast_of
from server.demo.day import take_the_day_along, write_secrets
from server.demo.programs import Programs
from server.store import postgresql as store_postgresql
from server.store.engine import writing
from tests.conftest import ROOT
from tests.server.pooler import running_pooler
from tests.server.postgresql import Cluster, free_port
from tests.server.test_commands import call

BOOK = ROOT / "fixtures" / "shenzhen"
Captured = pytest.CaptureFixture[str]


@pytest.fixture
def pooled_url(cluster: Cluster) -> Iterator[str]:
    """The address of an empty database, through a pooler in transaction mode."""
    name = cluster.make_database(template="template0")
    with (
        tempfile.TemporaryDirectory(prefix="fieldsync-pgbouncer-") as folder,
        running_pooler(cluster, Path(folder)) as port,
    ):
        yield cluster.url(name, port=port)
    cluster.drop_database(name)


def test_a_morning_behind_a_pooler(pooled_url: str, tmp_path: Path) -> None:
    """From an empty database to a visit on the server: set up, import, plan, publish, enrol, sync."""
    programs = Programs(tmp_path, "en")
    office, evening = programs.server, at("18:00", DAY.replace(day=23))
    office("init", "--training", "--database-url", pooled_url, at=evening, show=False)
    office("import-staff", str(BOOK / "staff.csv"), at=evening, show=False)
    files = [str(BOOK / name) for name in ("cases.csv", "contacts.csv", "payments.csv")]
    office("import-cases", *files, at=evening, show=False)
    where = ("--branch", BRANCH, "--date", DAY.isoformat())
    office("plan", *where, "--seconds", "1", at=evening, show=False)
    office("publish", *where, at=evening, show=False)
    ctx = open_server(str(tmp_path / "server"))
    pair = cast_of(ctx.engine).finds_nobody
    ctx.engine.dispose()
    process = programs.start_server(at("07:30"))
    try:
        write_secrets(programs, (pair.partner, pair.lead))
        for officer in (pair.partner, pair.lead):
            take_the_day_along(programs, officer, show=False)
        visit = ("visit", "start", pair.first.case_id, "--with", pair.partner)
        programs.device(pair.lead, *visit, at=pair.first.start, show=False)
        programs.device(pair.lead, "sync", at=pair.first.start, show=False)
        shown = office("review", "list", "--state", "all", "--json", at=at("18:00"), show=False)
    finally:
        programs.stop_server(process)
    kinds = [line["kind"] for line in json.loads(shown.out)]
    assert sorted(kinds) == ["officer.check_in_key", "officer.check_in_key", "visit.start"]
    checked = office("doctor", "--json", at=at("18:00"), show=False)
    assert json.loads(checked.out)["ok"] is True


def _init(home: Path, url: str, capsys: Captured, *, language: str = "en") -> tuple[int, str]:
    code = call(home, "init", "--database-url", url, language=language)
    return code, capsys.readouterr().err


def test_a_server_that_is_away_is_told(cluster: Cluster, tmp_path: Path, capsys: Captured) -> None:
    """Nobody listens: the reason and what to check, in both languages, and no settings are left."""
    url = cluster.url("bank", port=free_port())
    code, told = _init(tmp_path / "bank", url, capsys)
    assert (code, "602.21" in told, "cannot be reached" in told) == (EXIT_LOCAL_COPY, True, True)
    code, told = _init(tmp_path / "bank", url, capsys, language="zh-CN")
    assert "连不上 PostgreSQL" in told
    assert not (tmp_path / "bank" / "config.toml").exists()


def test_a_missing_database_is_told(cluster: Cluster, tmp_path: Path, capsys: Captured) -> None:
    """The server is there, the database is not."""
    code, told = _init(tmp_path / "bank", cluster.url("nowhere"), capsys)
    assert (code, "602.23" in told) == (EXIT_LOCAL_COPY, True)


def test_an_unknown_user_is_told_without_the_password(
    postgresql_url: str, tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever is not let in reads so; the password of the environment is neither shown nor kept."""
    home = tmp_path / "bank"
    monkeypatch.setenv("FIELDSYNC_DATABASE_URL", postgresql_url.replace("keeper@", "ghost:s3cret@"))
    assert call(home, "init") == EXIT_LOCAL_COPY
    assert "s3cret" not in capsys.readouterr().err
    monkeypatch.setenv(
        "FIELDSYNC_DATABASE_URL", postgresql_url.replace("keeper@", "keeper:s3cret@")
    )
    assert call(home, "init") == 0
    settings = (home / "config.toml").read_text(encoding="utf-8")
    assert "keeper@" in settings
    assert "s3cret" not in settings


def test_a_wrong_password_is_told(cluster: Cluster, tmp_path: Path, capsys: Captured) -> None:
    """PostgreSQL asks for a password that does not fit."""
    name = cluster.make_database()
    cluster.run("CREATE ROLE teller LOGIN PASSWORD 'right'")
    url = cluster.url(name, user="teller")
    with cluster.asking_for_passwords("teller"), pytest.MonkeyPatch.context() as patch:
        patch.setenv("PGPASSWORD", "s3cret")
        code, told = _init(tmp_path / "bank", url, capsys)
    assert (code, "602.22" in told, "s3cret" in told) == (EXIT_LOCAL_COPY, True, False)


def test_a_password_on_the_command_line_is_refused(tmp_path: Path, capsys: Captured) -> None:
    """Every process of the machine could read it there."""
    code, told = _init(tmp_path / "bank", "postgresql+psycopg://a:s3cret@db/bank", capsys)
    assert (code, "400.6" in told, "s3cret" in told) == (EXIT_USAGE, True, False)


@pytest.mark.parametrize("url", ["oracle://db/x", "postgresql+asyncpg://db/x", "bank.db"])
def test_another_kind_of_store_is_refused(tmp_path: Path, capsys: Captured, url: str) -> None:
    """Only the two stores that are tested are taken."""
    code, told = _init(tmp_path / "bank", url, capsys)
    assert (code, "400.5" in told) == (EXIT_USAGE, True)


def test_an_old_postgresql_is_told(
    postgresql_url: str, tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A version below the oldest supported one is refused before anything is written."""
    monkeypatch.setattr(store_postgresql, "_OLDEST", (99,))
    code, told = _init(tmp_path / "bank", postgresql_url, capsys)
    assert (code, "602.24" in told) == (EXIT_LOCAL_COPY, True)


def test_another_encoding_is_told(cluster: Cluster, tmp_path: Path, capsys: Captured) -> None:
    """A database that cannot keep Chinese is refused before anything is written."""
    cluster.run(
        "CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE_PROVIDER libc LOCALE 'C'"
    )
    code, told = _init(tmp_path / "bank", cluster.url("latin"), capsys)
    assert (code, "602.25" in told) == (EXIT_LOCAL_COPY, True)


def test_a_store_in_use_is_not_set_up_again(
    server_on_postgresql: ServerContext, tmp_path: Path, capsys: Captured
) -> None:
    """A second folder over the first one's database would give its devices another server's keys."""
    code, told = _init(tmp_path / "second", server_on_postgresql.config.database_url, capsys)
    assert (code, "409.52" in told) == (EXIT_CONFLICT, True)


@pytest.fixture
def server_on_postgresql(postgresql_url: str, tmp_path: Path) -> Iterator[ServerContext]:
    """A server on PostgreSQL in which something happened."""
    from server.store.audit import record

    assert call(tmp_path / "first", "init", "--database-url", postgresql_url) == 0
    ctx = open_server(str(tmp_path / "first"))
    with writing(ctx.engine) as conn:
        record(conn, at=ctx.clock.now(), actor="office", action="test", subject="x")
    yield ctx
    ctx.engine.dispose()


def test_an_empty_database_is_not_taken_for_a_server(
    server_home: Path, cluster: Cluster, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mistyped name in the environment is told; no second store grows there."""
    name = cluster.make_database(template="template0")
    monkeypatch.setenv("FIELDSYNC_DATABASE_URL", cluster.url(name))
    assert call(server_home, "doctor") == EXIT_LOCAL_COPY
    assert "602.26" in capsys.readouterr().err
