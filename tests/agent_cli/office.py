"""Runs the office's program on a test's bank, in this process."""

from click.testing import CliRunner, Result

from server.cli import build_group
from tests.agent_cli.bank import Bank


def office(bank: Bank, *args: str) -> Result:
    """`fieldsync-server` on the bank's folder; the result's exception is the product's own error."""
    return CliRunner().invoke(build_group(), ["--home", str(bank.home), *args])
