"""`rules check` of both programs and `fieldsync-server rules`: what people and programs read, and wrong input."""

import json
from pathlib import Path
from typing import Any

import pytest

from agent_cli.main import build_group as build_device
from fieldsync.adapters.builtin_rulesets import builtin_ruleset, pack_text
from fieldsync.adapters.pack_files import shipped_names
from fieldsync.errors import EXIT_FAILED, EXIT_REFUSED, EXIT_USAGE
from fieldsync.terminal.run import run
from server.cli import build_group as build_server

Captured = pytest.CaptureFixture[str]
NIGHT = {"rulesets": ["cn"], "action": "visit.start", "at": "2026-11-24T22:00:00+08:00"}


def ask(*args: str, language: str = "en") -> int:
    """Run `fieldsync-server rules` in this process; no server is there."""
    return run(build_server, ["rules", *args], language=language, program="fieldsync-server")


def check(tmp_path: Path, asked: object, *args: str, language: str = "en") -> int:
    """Run `fieldsync rules check` on these facts, or this text; no device is there."""
    path = tmp_path / "facts.json"
    path.write_text(asked if isinstance(asked, str) else json.dumps(asked), encoding="utf-8")
    words = ["--home", str(tmp_path / "nobody"), "rules", "check", str(path), *args]
    return run(build_device, words, language=language, program="fieldsync")


def test_both_programs_give_one_answer(tmp_path: Path, capsys: Captured) -> None:
    """Refused is exit code 5, with a source in every language for programs."""
    assert check(tmp_path, NIGHT, "--json") == EXIT_REFUSED
    device = capsys.readouterr().out
    assert ask("check", str(tmp_path / "facts.json"), "--json") == EXIT_REFUSED
    assert capsys.readouterr().out == device
    told = json.loads(device)
    assert told["allowed"] is False
    hours = next(one for one in told["findings"] if one["rule"] == "CN-HOURS")
    assert hours["citation"] == str(builtin_ruleset("cn").rules[0].citation)
    assert set(hours["message"]) == {"en", "zh-CN"}


def test_what_is_allowed_is_exit_code_0(tmp_path: Path, capsys: Captured) -> None:
    """A call at ten in the morning, where nobody has called before."""
    asked = {**NIGHT, "action": "call.place", "at": "2026-11-24T10:00:00+08:00"}
    assert check(tmp_path, asked) == 0
    out = capsys.readouterr().out
    assert "Allowed." in out
    assert "08:00–22:00" in out


@pytest.mark.parametrize(
    ("language", "theirs", "others"),
    [("en", "China Banking Association", "中国银行业协会"), ("zh-CN", "中国银行业协会", "China")],
)
def test_a_person_reads_the_source_in_one_language(
    tmp_path: Path, capsys: Captured, language: str, theirs: str, others: str
) -> None:
    """The page of `check` and the one of `show` name the source as its reader does."""
    assert check(tmp_path, NIGHT, language=language) == EXIT_REFUSED
    page = capsys.readouterr().out
    assert ask("show", "CN-HOURS", language=language) == 0
    shown = capsys.readouterr().out
    for text in (page, shown):
        assert theirs in text
        assert others not in text


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"colour": "red"}, "colour"),
    ({"place": {"zone": "Mars/Olympus"}}, "place.zone"),
    ({"place": {"street": "x"}}, "place.street"),
    ({"action": "visit.fly"}, "action"),
    ({"at": "2026-11-24T21:55:00"}, "at"),
    ({"at": None}, "at"),
    (
        {"history": [{"at": NIGHT["at"], "channel": "pigeon", "reached": "none"}]},
        "history[0].channel",
    ),
    ({"allowance": {"CN-EFFECTIVE-3": -1}}, "allowance.CN-EFFECTIVE-3"),
    ({"flags": ["grumpy"]}, "flags[0]"),
    ({"rulesets": "cn"}, "rulesets"),
]


@pytest.mark.parametrize(("field", "path"), WRONG)
def test_a_wrong_field_is_named_by_its_path(
    tmp_path: Path, capsys: Captured, field: dict[str, Any], path: str
) -> None:
    """Unknown fields, unknown codes and instants without offset are mistakes, and nothing is answered."""
    assert check(tmp_path, NIGHT | field) == EXIT_USAGE
    out, err = capsys.readouterr()
    assert out == ""
    assert "422.502" in err
    assert f"\n  {path}: " in err


def test_everything_wrong_is_told_at_once(tmp_path: Path, capsys: Captured) -> None:
    """In the reader's language, so that a file is mended in one go; what is missing too."""
    assert check(tmp_path, {"action": "fly", "colour": "red"}, language="zh-CN") == EXIT_USAGE
    err = capsys.readouterr().err
    for path in ("action", "colour", "at", "rulesets"):
        assert f"\n  {path}: " in err
    assert "Mend them" not in err


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"at": NaN}', '{"at": 1, "at": 2}', "[" * 100_000]
)
def test_what_is_no_json_object_is_said(tmp_path: Path, capsys: Captured, text: str) -> None:
    """Empty, broken, a list, no number, a field given twice, or nested beyond reason."""
    assert check(tmp_path, text) == EXIT_USAGE
    out, err = capsys.readouterr()
    assert out == ""
    assert "422.502" in err
    assert "$" in err
    assert "Traceback" not in err


def test_facts_that_are_no_text_are_said(tmp_path: Path, capsys: Captured) -> None:
    """A file in another encoding than UTF-8."""
    path = tmp_path / "facts.json"
    path.write_bytes('{"person": "陈"}'.encode("gb18030"))
    assert ask("check", str(path)) == EXIT_USAGE
    assert "422.501" in capsys.readouterr().err


def test_a_file_that_is_not_there_is_said(tmp_path: Path, capsys: Captured) -> None:
    """By its name, without a traceback, before anything is printed."""
    assert ask("check", str(tmp_path / "nothing.json")) != 0
    out, err = capsys.readouterr()
    assert out == ""
    assert "nothing.json" in err
    assert "Traceback" not in err


def test_a_pack_that_is_not_there_is_said(tmp_path: Path, capsys: Captured) -> None:
    """With the names of those that are."""
    assert check(tmp_path, {**NIGHT, "rulesets": ["atlantis"]}) == EXIT_USAGE
    err = capsys.readouterr().err
    assert "422.504" in err
    assert "us-ma" in err


def test_the_list_holds_every_rule(capsys: Captured) -> None:
    """For programs by pack, with the floor that no pack can leave out; for people in a table."""
    assert ask("list", "--json") == 0
    packs = {pack["pack"]: pack for pack in json.loads(capsys.readouterr().out)}
    assert set(packs) == {*shipped_names(), "floor"}
    assert packs["us-ma"]["jurisdiction"] == "US-MA"
    ids = [rule["rule"] for pack in packs.values() for rule in pack["rules"]]
    assert len(set(ids)) == len(ids)
    for language, head in (("en", "Strength"), ("zh-CN", "约束力")):
        assert ask("list", language=language) == 0
        page = capsys.readouterr().out
        assert head in page
        assert {rule for rule in ids if rule not in page} == set()


@pytest.mark.parametrize("name", ["US-7IN7", "HOUSE-CLOCK"])
def test_a_rule_is_shown_with_its_fields(capsys: Captured, name: str) -> None:
    """One rule by its id, built in or of a pack."""
    assert ask("show", name, "--json") == 0
    (rule,) = json.loads(capsys.readouterr().out)
    assert rule["rule"] == name
    assert set(rule["message"]) == {"en", "zh-CN"}
    assert rule["fields"]["citation.read_at"]


def test_a_pack_is_shown_whole(capsys: Captured) -> None:
    """Every rule of it."""
    assert ask("show", "uk", "--json") == 0
    shown = [rule["rule"] for rule in json.loads(capsys.readouterr().out)]
    assert shown == [rule.rule_id for rule in builtin_ruleset("uk").rules]


def test_a_rule_nobody_knows_is_said(capsys: Captured) -> None:
    """In both languages, with the command that lists them."""
    for language in ("en", "zh-CN"):
        assert ask("show", "CN-NOTHING", language=language) == EXIT_FAILED
        out, err = capsys.readouterr()
        assert out == ""
        assert "404.501" in err
        assert "fieldsync-server rules list" in err


def test_lint_tells_doubts_and_fails(tmp_path: Path, capsys: Captured) -> None:
    """A law nobody has read, without article, is a doubt: exit code 1; no doubt is 0."""
    path = tmp_path / "ours.toml"
    text = pack_text("house-notice").replace('strength = "house"', 'strength = "law"')
    path.write_text(text.replace("verified = true", "verified = false"), encoding="utf-8")
    assert ask("lint", str(path), "--json") == EXIT_FAILED
    found = json.loads(capsys.readouterr().out)
    assert {"unverified-law", "law-in-house"} <= {one["code"] for one in found}
    assert all(set(one["message"]) == {"en", "zh-CN"} for one in found)
    for language in ("en", "zh-CN"):
        assert ask("lint", str(path), language=language) == EXIT_FAILED
        assert "(unverified-law)" in capsys.readouterr().out
    assert ask("lint", "house-notice") == 0
    assert capsys.readouterr().out == "0 doubts.\n"


def test_diff_tells_each_change(tmp_path: Path, capsys: Captured) -> None:
    """Rule by rule and field by field; of two alike, that nothing differs."""
    path = tmp_path / "ours.toml"
    path.write_text(
        pack_text("cn").replace('closes = "22:00"', 'closes = "20:00"'), encoding="utf-8"
    )
    assert ask("diff", "cn", str(path), "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert {"when.local_time_outside"} <= {one["field"] for one in found}
    assert all(one["change"] == "changed" for one in found)
    for language, named in (("en", "Rule CN-HOURS"), ("zh-CN", "规则 CN-HOURS")):
        assert ask("diff", "cn", str(path), language=language) == 0
        assert named in capsys.readouterr().out
    assert ask("diff", "cn", "cn") == 0
    assert capsys.readouterr().out == "Nothing differs.\n"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("this is no pack", "422.51"),
        ("magic = 1\n" + pack_text("cn"), "422.53"),
        (pack_text("cn").replace("local_time_outside", "moon_full"), "422.53"),
        (pack_text("house-notice") + pack_text("house-notice").partition("[[rules]]")[1], "422.52"),
    ],
)
def test_a_pack_that_cannot_be_read_is_refused(
    tmp_path: Path, capsys: Captured, text: str, code: str
) -> None:
    """By lint, diff and check alike: the pack counts whole or not at all."""
    path = tmp_path / "ours.toml"
    path.write_text(text, encoding="utf-8")
    assert ask("lint", str(path)) == EXIT_USAGE
    assert code in capsys.readouterr().err
    assert ask("diff", "cn", str(path)) == EXIT_USAGE
    assert code in capsys.readouterr().err
    assert check(tmp_path, {**NIGHT, "rulesets": [str(path)]}) == EXIT_USAGE
    assert code in capsys.readouterr().err


def test_a_missing_argument_is_a_mistake_of_use(capsys: Captured) -> None:
    """Exit code 2, as everywhere."""
    assert ask("show") == EXIT_USAGE
    assert ask("diff", "cn") == EXIT_USAGE
    assert capsys.readouterr().out == ""
