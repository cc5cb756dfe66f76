"""One device and one server beside it for each module; every test begins by putting both back."""

import os
from collections.abc import Iterator

import pytest

from agent_cli.unlock import PASSPHRASE_VARIABLE
from tests.agent_cli.made_up import at
from tests.lines.worksite import Worksite, open_worksite


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worksite]:
    """A day's work in hand, at ten in the morning of the test day."""
    with pytest.MonkeyPatch.context() as patched:
        for name in [name for name in os.environ if name.startswith("FIELDSYNC_")]:
            if name not in {"FIELDSYNC_RELIABILITY", PASSPHRASE_VARIABLE}:
                patched.delenv(name)
        patched.setenv("FIELDSYNC_TRAINING_CLOCK", at(10).isoformat())
        with open_worksite(tmp_path_factory.mktemp("lines") / "site") as opened:
            yield opened
