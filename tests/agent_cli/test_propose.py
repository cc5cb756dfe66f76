"""`fieldsync propose`: plans that a household can carry, or a clear word that none is."""

import json

from tests.agent_cli.made_up import Device

CASE = "C-000001"


def test_up_to_three_plans_are_laid_side_by_side(device: Device) -> None:
    """Each with its instalment, months and the command that signs it; nothing is recorded."""
    done = device.run("propose", CASE, "--in", "wages=5200", "--out", "housing=900/week")
    assert done.exit_code == 0, done.exception
    assert "Instalment" in done.stdout
    assert done.stderr.count("fieldsync agree C-000001 --kind interest_free") == 3
    told = json.loads(
        device.run(
            "propose", CASE, "--in", "wages=5200", "--out", "housing=900/week", "--json"
        ).stdout
    )
    assert told["affordable"] is True
    assert told["outgoings"]["amount_minor"] == 390_000
    most = told["affordable_instalment"]["amount_minor"]
    for plan in told["proposals"]:
        assert all(
            row["principal"]["amount_minor"] + row["interest"]["amount_minor"] <= most
            for row in plan["instalments"]
        )


def test_where_nothing_is_left_collection_is_held(device: Device) -> None:
    """No plan, no blame: the way to help is named, and the exit code says so."""
    done = device.run("propose", CASE, "--in", "wages=3000", "--out", "housing=3500")
    assert done.exit_code == 5
    assert "No plan is affordable" in done.stdout
    assert "fieldsync disclose C-000001" in done.stderr


def test_what_cannot_be_read_is_named(device: Device) -> None:
    """An unknown category, an amount that is none, one below zero, an unknown span."""
    for typed in ("rent=5", "housing", "housing=five", "housing=-5", "housing=5/day"):
        done = device.run("propose", CASE, "--in", "wages=3000", "--out", typed)
        assert done.exit_code == 2, typed
