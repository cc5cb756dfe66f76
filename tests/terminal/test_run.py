"""Running a program: every failure is a sentence and an exit code, in the reader's language."""

import errno
import json
import sqlite3
import tempfile
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from fieldsync import errors
from fieldsync.errors import (
    ConflictError,
    FieldsyncError,
    InputError,
    LocalCopyError,
    NotFoundError,
    ProtocolMismatchError,
    RefusedError,
    UnauthorisedError,
    UnreachableError,
)
from fieldsync.terminal.lazy_group import CommandEntry, LazyGroup, Section
from fieldsync.terminal.run import run, take_language
from fieldsync.words import words


def _group(action: Callable[[], None]) -> Callable[[], click.Group]:
    def build() -> click.Group:
        group = click.Group("program")
        group.add_command(
            click.Command(
                "act",
                callback=lambda **_: action(),
                params=[click.Option(["--json"], is_flag=True)],
            )
        )
        return group

    return build


def _raising(error: BaseException) -> Callable[[], None]:
    def action() -> None:
        raise error

    return action


@pytest.mark.parametrize(
    ("kind", "exit_code"),
    [
        (InputError, 2),
        (NotFoundError, 1),
        (UnauthorisedError, 4),
        (RefusedError, 5),
        (ConflictError, 6),
        (UnreachableError, 7),
        (LocalCopyError, 8),
        (ProtocolMismatchError, 9),
    ],
)
def test_each_kind_of_error_has_its_exit_code(
    kind: type[FieldsyncError], exit_code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """A script can tell a refusal from a missing network by the exit code alone."""
    error = kind("600.1", words("Wrong {what}.", what="door"), words("Try the next."))
    assert run(_group(_raising(error)), ["act"], language="en", program="program") == exit_code
    out, err = capsys.readouterr()
    assert (out, err) == ("", "Error 600.1: Wrong door.\nTry the next.\n")


def test_errors_are_data_with_json(capsys: pytest.CaptureFixture[str]) -> None:
    """With --json the error is a document on stdout, with code, message, hint and facts."""
    error = NotFoundError("404.1", words("No case."), case_id="C-1")
    assert run(_group(_raising(error)), ["act", "--json"], language="en", program="program") == 1
    assert json.loads(capsys.readouterr().out) == {
        "error": {"code": "404.1", "message": "No case.", "hint": None, "case_id": "C-1"}
    }


@pytest.mark.parametrize("stop", [KeyboardInterrupt(), click.Abort()], ids=type)
def test_an_interrupted_step_says_so(
    stop: BaseException, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ctrl-C ends with 130 and a sentence, in Chinese too."""
    code = run(_group(_raising(stop)), ["act", "--lang", "zh"], language="en", program="program")
    assert code == errors.EXIT_INTERRUPTED
    assert "已中断" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("database is locked", "602.3"),
        ("database or disk is full", "602.4"),
        ("database disk image is malformed", "602.5"),
        ("file is not a database", "602.5"),
        ("unable to open database file", "602.6"),
    ],
)
def test_sqlite_is_explained(text: str, code: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Locked, full, damaged: each has its number, and the exit code says `local copy`."""
    action = _raising(sqlite3.DatabaseError(text))
    assert run(_group(action), ["act"], language="en", program="program") == errors.EXIT_LOCAL_COPY
    assert f"Error {code}:" in capsys.readouterr().err


def test_a_full_disk_is_told_as_one(capsys: pytest.CaptureFixture[str]) -> None:
    """Where a log stands beside the database, SQLite calls a full disk an I/O error."""
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorname = "SQLITE_IOERR_SHMSIZE"
    code = run(_group(_raising(error)), ["act"], language="zh-CN", program="program")
    assert code == errors.EXIT_LOCAL_COPY
    assert capsys.readouterr().err.startswith("错误 602.4：磁盘已满。")


def test_sqlites_reason_is_translated(capsys: pytest.CaptureFixture[str]) -> None:
    """No English stands in a Chinese sentence for the reasons a device can meet."""
    action = _raising(sqlite3.OperationalError("unable to open database file"))
    run(_group(action), ["act"], language="zh-CN", program="program")
    assert "错误 602.6：本地数据库无法使用：您没有权限" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "language", "exit_code", "told"),
    [
        (
            FileNotFoundError(errno.ENOENT, "No such file or directory", "code.txt"),
            "en",
            errors.EXIT_USAGE,
            "Error 603.6: code.txt cannot be used: there is no such file or folder.",
        ),
        (
            PermissionError(errno.EACCES, "Permission denied", "code.txt"),
            "zh-CN",
            errors.EXIT_USAGE,
            "错误 603.6：无法使用 code.txt：您没有权限。",
        ),
        (
            OSError(errno.ENOSPC, "No space left on device", "signed.pdf"),
            "zh-CN",
            errors.EXIT_LOCAL_COPY,
            "错误 602.4：磁盘已满。",
        ),
        (
            OSError(errno.EBUSY, "Device or resource busy"),
            "en",
            errors.EXIT_FAILED,
            "Error 603.7: The system refused: Device or resource busy.",
        ),
    ],
    ids=["no file", "no permission", "disk full", "other"],
)
def test_the_systems_refusal_is_a_numbered_sentence(
    error: OSError,
    language: str,
    exit_code: int,
    told: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A file that is not handed out is named with the reason in the reader's language."""
    code = run(_group(_raising(error)), ["act"], language=language, program="program")
    said, hint = capsys.readouterr().err.splitlines()
    assert (code, said) == (exit_code, told)
    assert hint


class _WrappedError(Exception):
    """An error that carries a driver's error, as SQLAlchemy's do."""

    def __init__(self, orig: Exception) -> None:
        super().__init__("(wrapped)")
        self.orig = orig


def test_a_wrapped_driver_error_is_explained_too(capsys: pytest.CaptureFixture[str]) -> None:
    """The server's store speaks of a damaged file in the same words as the device's."""
    action = _raising(_WrappedError(sqlite3.DatabaseError("file is not a database")))
    assert run(_group(action), ["act"], language="en", program="program") == errors.EXIT_LOCAL_COPY
    assert "Error 602.5:" in capsys.readouterr().err


def test_an_unforeseen_error_leaves_a_report_and_no_traceback(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A fault of ours is a sentence for the officer and a file for the developers."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    action = _raising(ZeroDivisionError("division by zero"))
    assert run(_group(action), ["act"], language="en", program="program") == errors.EXIT_FAILED
    (report,) = tmp_path.glob("program-*.crash.txt")
    assert "ZeroDivisionError" in report.read_text(encoding="utf-8")
    err = capsys.readouterr().err
    assert "Traceback" not in err
    assert str(report) in err


@pytest.mark.parametrize(
    ("args", "language", "rest"),
    [
        (["today"], "en", ["today"]),
        (["--lang", "zh", "today"], "zh-CN", ["today"]),
        (["today", "--lang=zh_CN.UTF-8", "--json"], "zh-CN", ["today", "--json"]),
        (["note", "--", "--lang", "zh"], "en", ["note", "--", "--lang", "zh"]),
        (["--lang", "tlh", "today"], "en", ["today"]),
        (["today", "--lang"], "en", ["today"]),
    ],
)
def test_the_language_is_taken_anywhere(args: list[str], language: str, rest: list[str]) -> None:
    """`--lang` counts before and after the command, but not as somebody's words after `--`."""
    assert take_language(args, "en") == (language, rest)


def _lazy() -> click.Group:
    return LazyGroup(
        name="program",
        table={"today": CommandEntry("json", words("Examples"))},
        sections=(Section(words("Each day"), ("today",)),),
        examples=("program today",),
    )


def test_an_unknown_command_suggests_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    """A slip of the finger costs one look."""
    assert run(_lazy, ["tody"], language="en", program="program") == errors.EXIT_USAGE
    assert "There is no command 'tody'. Did you mean today?" in capsys.readouterr().err


def test_help_is_in_the_readers_language(capsys: pytest.CaptureFixture[str]) -> None:
    """Sections and examples are translated, and examples can be pasted."""
    assert run(_lazy, ["--help", "--lang", "zh"], language="en", program="program") == 0
    shown = capsys.readouterr().out
    assert "每天：" in shown
    assert "示例：\n  program today\n" in shown


def test_a_missing_part_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """A server's command on a device says what to install instead of failing in the dark."""
    action = _raising(ModuleNotFoundError("No module named 'flask.app'", name="flask.app"))
    assert run(_group(action), ["act"], language="en", program="program") == errors.EXIT_FAILED
    said = capsys.readouterr().err
    assert "Error 603.8: This command needs flask, which is not installed here." in said
    assert "fieldsync[server,planner]" in said
