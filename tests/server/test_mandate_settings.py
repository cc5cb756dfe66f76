"""The section [mandate]: what it says is what officers may offer, and what cannot be read is named."""

from decimal import Decimal
from pathlib import Path

import pytest

from fieldsync.agreements.mandate import HOUSE_MANDATE
from fieldsync.domain.agreement import Component, PlanKind
from fieldsync.errors import InputError
from server.config import load_config
from server.mandate_settings import read_mandate_settings
from server.workflow.initialise import initialise

PATH = Path("config.toml")


def test_what_is_not_said_is_the_houses() -> None:
    """An empty section changes nothing; each setting changes only itself."""
    assert read_mandate_settings({}, PATH) == HOUSE_MANDATE
    said = read_mandate_settings(
        {
            "name": "2026-2",
            "kinds": ["annuity", "settlement"],
            "max_months": 36,
            "min_instalment": "100",
            "max_waiver": {"fees": "0.5"},
            "grace_days": 15,
            "waiver_returns": True,
        },
        PATH,
    )
    assert said.kinds == {PlanKind.ANNUITY, PlanKind.SETTLEMENT}
    assert (said.name, said.max_months, said.law_months) == ("2026-2", 36, 60)
    assert said.min_instalment == Decimal(100)
    assert said.max_waiver == {Component.FEES: Decimal("0.5")}
    assert (said.rules.grace_days, said.rules.missed_in_a_row) == (15, 2)
    assert said.rules.waiver_returns


@pytest.mark.parametrize(
    ("section", "named"),
    [
        ([], "mandate"),
        ({"max_month": 36}, "mandate.max_month"),
        ({"max_months": 61}, "mandate.max_months"),
        ({"max_months": True}, "mandate.max_months"),
        ({"kinds": ["lottery"]}, "mandate.kinds"),
        ({"kinds": []}, "mandate.kinds"),
        ({"max_waiver": {"fees": "1.5"}}, "mandate.max_waiver.fees"),
        ({"max_waiver": {"tips": "1"}}, "mandate.max_waiver"),
        ({"max_yearly_rate": 0.18}, "mandate.max_yearly_rate"),
        ({"max_yearly_rate": "much"}, "mandate.max_yearly_rate"),
        ({"allocation": ["fees"]}, "mandate.allocation"),
        ({"name": " "}, "mandate.name"),
        ({"waiver_returns": "no"}, "mandate.waiver_returns"),
    ],
)
def test_a_wrong_setting_is_named(section: object, named: str) -> None:
    """422.650 with the setting's name; a binary fraction is none."""
    with pytest.raises(InputError) as caught:
        read_mandate_settings(section, PATH)
    assert caught.value.code == "422.650"
    assert caught.value.message.facts["name"] == named


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ('tsa_url = "ftp://x"', "422.612"),
        ("tsa_url = 3", "422.612"),
        ('agreement_template = "none.typ"', "422.615"),
        ('agreement_template = "bare.typ"', "422.613"),
        ("reminder_days = 0", "422.646"),
        ('reminder_days = "3"', "422.646"),
        ("[mandate]\nmax_months = 0", "422.650"),
    ],
)
def test_the_other_settings_of_agreements_are_checked_too(
    tmp_path: Path, line: str, code: str
) -> None:
    """A server with such a setting does not start, and says which."""
    initialise(tmp_path / "bank", training=True)
    config = tmp_path / "bank" / "config.toml"
    (tmp_path / "bank" / "bare.typ").write_text("= Nothing", encoding="utf-8")
    config.write_text(f"{line}\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_config(str(tmp_path / "bank"))
    assert caught.value.code == code
