"""`import-cases` and `import-staff` as a person runs them: real processes, both languages, exit codes."""

import json
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

from fixtures.generate_branch import CASE_COLUMNS, case_rows, write
from tests.conftest import ROOT

FORMATS = ROOT / "fixtures" / "formats"
BAD = ROOT / "fixtures" / "bad"
PROGRAM = (sys.executable, "-c", "from server.cli import main; main()")


def run(home: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run the program on a server's folder."""
    return subprocess.run(
        [*PROGRAM, "--home", str(home), *map(str, arguments)],
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )


def test_a_book_comes_in_and_says_so(server_home: Path) -> None:
    """Counts on stdout, nothing on stderr, exit 0."""
    done = run(server_home, "import-cases", FORMATS / "semicolons_with_mark.csv")
    assert (done.returncode, done.stderr) == (0, "")
    assert "12 new" in done.stdout


def test_rejects_are_said_on_stderr_in_chinese(server_home: Path, tmp_path: Path) -> None:
    """A book with one wrong row is imported; the row and its remedy are told in the asked language."""
    rejects = tmp_path / "back.csv"
    done = run(
        server_home, "import-cases", BAD / "coordinates_swapped.csv", "--rejects", rejects,
        "--lang", "zh",
    )  # fmt: skip
    assert done.returncode == 0
    assert "退回 1" in done.stdout
    assert "纬度和经度填反了" in done.stderr
    assert "422.108" in done.stderr
    assert "纬度和经度填反了" in rejects.read_text(encoding="utf-8-sig")


def test_a_book_of_wrong_rows_only_exits_1(server_home: Path, tmp_path: Path) -> None:
    """Where nothing at all came in a script must not go on as if it had."""
    head, *rows = (BAD / "coordinates_swapped.csv").read_text(encoding="utf-8").splitlines()
    book = tmp_path / "wrong.csv"
    book.write_text(f"{head}\n{rows[1]}\n", encoding="utf-8")
    for language, told in (("en", "every row is wrong"), ("zh", "没有导入任何数据")):
        done = run(server_home, "import-cases", book, "--lang", language)
        assert done.returncode == 1
        assert told in done.stderr


def test_json_has_its_documented_keys(server_home: Path) -> None:
    """--json prints one document, the problems with every key, and strict mode exits 1."""
    book = BAD / "id_number_checksum.csv"
    done = run(server_home, "import-cases", book, "--strict", "--json")
    assert done.returncode == 1
    report = json.loads(done.stdout)
    assert (report["imported"], report["cases_rejected"], report["rejects"]) == (False, 1, [])
    (problem,) = report["problems"]
    assert set(problem) == {
        "file", "sheet", "row", "column", "value", "code", "message", "hint",
    }  # fmt: skip
    documented = (ROOT / "docs" / "how-to" / "import-a-case-book.md").read_text(encoding="utf-8")
    assert [key for key in (*report, *problem) if f"`{key}`" not in documented] == []


def test_a_wrong_file_has_an_exit_status_and_no_traceback(server_home: Path) -> None:
    """A refused file is a usage error with code and hint."""
    done = run(server_home, "import-cases", BAD / "not_a_table.csv")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Error 400.10: ")


def test_staff_with_a_wrong_row_exits_1(server_home: Path, tmp_path: Path) -> None:
    """The staff command tells every problem and changes nothing."""
    text = (ROOT / "fixtures" / "shenzhen" / "staff.csv").read_text(encoding="utf-8")
    staff = tmp_path / "staff.csv"
    staff.write_text(text.replace("08:30,18:00", "18:00,08:30", 1), encoding="utf-8")
    done = run(server_home, "import-staff", staff)
    assert (done.returncode, done.stdout) == (1, "")
    assert "422.201" in done.stderr
    assert (
        run(server_home, "import-staff", ROOT / "fixtures" / "shenzhen" / "staff.csv").returncode
        == 0
    )


def test_an_interrupted_import_changes_nothing(server_home: Path, tmp_path: Path) -> None:
    """Ctrl-C in the middle leaves the store as it was, with exit status 130 and no traceback."""
    book = tmp_path / "cases.csv"
    write(book, CASE_COLUMNS, case_rows(20_000))
    command = [*PROGRAM, "--home", str(server_home), "import-cases", str(book)]
    # A suite started in the background ignores Ctrl-C, and what it starts would do so too.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with subprocess.Popen(command, stderr=subprocess.PIPE, encoding="utf-8") as process:
        wait_for_a_write(server_home)
        process.send_signal(signal.SIGINT)
        _nothing, said = process.communicate(timeout=60)
    assert (process.returncode, "Traceback" in said) == (130, False), said
    preview = run(server_home, "import-cases", book, "--dry-run", "--json")
    assert json.loads(preview.stdout)["cases_new"] == 20_000


def wait_for_a_write(home: Path) -> None:
    """Until the import holds the write lock: another writer is then turned away."""
    database = home / "fieldsync.db"
    until = time.monotonic() + 60
    # One connection throughout: closing the last one syncs the file, which a busy disk may put off
    # until the import is over.
    with closing(sqlite3.connect(database, timeout=0, isolation_level=None)) as other:
        while time.monotonic() < until:
            try:
                other.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                return
            other.execute("ROLLBACK")
    raise AssertionError("the import never began to write")
