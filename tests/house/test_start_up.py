"""What is imported when: help is quick, and a device never needs what only a server has.

Guarded by what is imported rather than by a stopwatch; `bench/cli.py` prints the times.
"""

import json
import subprocess
import sys

import pytest

from tests.house.tree import ROOT, modules

# Import names of the extras [server], [planner], [postgres]: none is in the base install.
SERVER_ONLY = {
    "alembic", "babel", "hatchling", "apispec", "flask", "gunicorn", "numpy", "obstore", "openpyxl", "phonenumbers", "psycopg",
    "python_calamine", "pyvrp", "sqlalchemy", "stdnum", "werkzeug",
}  # fmt: skip
# Slow to import; an officer who asks for help or for today's stops does not wait for them.
HEAVY = SERVER_ONLY | {
    "babel", "chinese_calendar", "cryptography", "geopy", "hatchling", "holidays", "http_message_signatures", "marshmallow",
    "requests", "rich", "sqlite_utils", "typst",
}  # fmt: skip

_RUN = """
import json, sys
from {module} import main
sys.argv = {argv!r}
try:
    main()
except SystemExit as stop:
    code = stop.code
sys.stdout.write("\\n" + json.dumps([code, sorted(m.partition(".")[0] for m in sys.modules)]))
"""

_IMPORT_ALL = """
import importlib, sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {absent!r}:
            raise ModuleNotFoundError("not in the base install: " + name, name=name)
sys.meta_path.insert(0, Absent())
for name in {names!r}:
    try:
        importlib.import_module(name)
    except ModuleNotFoundError as error:
        print(name, error.name)
"""
# Modules of the core that only a server calls, and what they need beyond the base install.
NEED_AN_EXTRA = (
    "agent_cli.page.",
    "fieldsync.adapters.object_blobs",
    "fieldsync.adapters.route_pool",
    "fieldsync.adapters.search_",
    "fieldsync.adapters.set_packing",
    "fieldsync.adapters.solver_pyvrp",
    "fieldsync.adapters.solver_recombined",
    "fieldsync.locale.build_catalogues",
    "fieldsync.schemas.book_",
    "fieldsync.schemas.case_",
    "fieldsync.schemas.identity",
    "fieldsync.schemas.notice_answers",
    "fieldsync.schemas.staff_import",
)


def _python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


@pytest.mark.parametrize(
    ("module", "program"), [("agent_cli.main", "fieldsync"), ("server.cli", "fieldsync-server")]
)
@pytest.mark.parametrize("flag", ["--help", "--version"])
def test_help_imports_nothing_heavy(module: str, program: str, flag: str) -> None:
    """Help and version of both programs come from the command table alone."""
    result = _python(_RUN.format(module=module, argv=[program, flag]))
    assert result.stderr == ""
    code, loaded = json.loads(result.stdout.splitlines()[-1])
    assert code == 0
    assert HEAVY & set(loaded) == set()


def test_the_base_install_is_enough_for_the_field() -> None:
    """Every module of the field program and of the core it uses imports without any extra."""
    names = sorted(
        ".".join(path.with_suffix("").parts).removesuffix(".__init__")
        for path in modules("agent_cli", "fieldsync")
    )
    result = _python(_IMPORT_ALL.format(absent=SERVER_ONLY, names=names))
    assert result.stderr == ""
    failing = [line for line in result.stdout.splitlines() if not line.startswith(NEED_AN_EXTRA)]
    assert failing == []
