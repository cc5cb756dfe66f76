"""The reference pages say what the code says: commands, options, settings, rules."""

import ast
import subprocess
import sys
from pathlib import Path

from agent_cli.config import DEFAULTS
from fieldsync.adapters.pack_files import rulesets_named, shipped_names
from fieldsync.conduct.floor import FLOOR
from tests.house.tree import ROOMS, ROOT, called_name, calls, modules, parsed

REFERENCE = ROOT / "docs" / "reference"


def test_the_written_pages_are_current() -> None:
    """Each program's page is its own help, word for word, and the rules' page is the packs' own text."""
    result = subprocess.run(
        [sys.executable, "docs/generate_reference.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert (result.returncode, result.stderr) == (0, "")


def test_every_rule_is_documented_with_its_source() -> None:
    """A lawyer finds each shipped rule, and those built in, with both messages, source, day and place read."""
    page = (REFERENCE / "rules.md").read_text(encoding="utf-8")
    sections = {
        section.partition("\n")[0]: section
        for section in page.replace("\n(pack", "\n### ").split("\n### ")
    }
    for pack in (*rulesets_named(shipped_names()), FLOOR):
        for rule in pack.rules:
            cited = rule.citation
            said = sections[rule.rule_id]
            told = {*rule.message.values(), *rule.actions, cited.article, cited.read_at}
            assert {text for text in told if text not in said} == set()
            assert said.count(f"({cited.dated.isoformat()})") == len(rule.message)


def test_variables_are_documented() -> None:
    """Every environment variable that is read stands on the settings page."""
    page = (REFERENCE / "settings.md").read_text(encoding="utf-8")
    read = {
        node.value
        for path in modules(*ROOMS)
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node.value.startswith("FIELDSYNC_")
        and node.value.replace("_", "").isalpha()
        and not node.value.endswith("_")
    }
    read |= {f"FIELDSYNC_{name.upper()}" for name in DEFAULTS}
    assert {name for name in read if f"`{name}`" not in page} == set()


def test_settings_are_documented() -> None:
    """Every key of both settings files stands on the settings page."""
    page = (REFERENCE / "settings.md").read_text(encoding="utf-8")
    keys = {
        str(call.args[0].value)
        for call in calls(Path("server/config.py"))
        if called_name(call) == "get"
        and isinstance(call.func, ast.Attribute)
        and getattr(call.func.value, "id", "") == "data"
        and isinstance(call.args[0], ast.Constant)
    }
    assert keys, "server/config.py reads its settings in another way now; mend this test"
    assert {key for key in keys | set(DEFAULTS) if f"| `{key}` |" not in page} == set()
