"""Complaints and corrections: taken down on the device, decided at the office, and back again."""

import json
from typing import Any

import pytest

from fieldsync.domain.complaint import ComplaintTopic
from fieldsync.domain.correction import CorrectionKind
from tests.agent_cli.bank import Bank, enrolled, states, synced
from tests.agent_cli.made_up import ANA, BEN, Device
from tests.agent_cli.office import office
from tests.agent_cli.test_at_the_door import code_of

CASE = "C-000001"


@pytest.fixture
def hers(bank: Bank, device: Device) -> Device:
    """Ana's device, synced with the bank."""
    own = enrolled(bank, device.home.with_name("hers"), ANA)
    synced(own)
    return own


def shown(device: Device) -> dict[str, Any]:
    """`show CASE --json`."""
    facts: dict[str, Any] = json.loads(device.run("show", CASE, "--json").stdout)
    return facts


def of_office(bank: Bank, *args: str) -> Any:
    """The JSON that the office's program answers."""
    result = office(bank, *args, "--json")
    assert result.exit_code == 0, repr(result.exception)
    return json.loads(result.stdout)


def decided(bank: Bank, *args: str) -> None:
    """The office decides, under a name and with a reason."""
    result = office(bank, *args, "--reason", "looked into it", "--by", "Li")
    assert result.exit_code == 0, repr(result.exception)


@pytest.mark.parametrize("topic", list(ComplaintTopic))
def test_each_kind_of_complaint_keeps_everybody_away(device: Device, topic: str) -> None:
    """Whatever it is about: from now on no visit starts on this device."""
    result = device.run("complaint", CASE, "--topic", topic, "--text", "You came at dinner")
    assert result.exit_code == 0, result.stderr + repr(result.exception)
    assert "12378" in result.stderr
    begun = device.run("visit", "start", CASE, "--with", BEN.officer_id)
    assert code_of(begun) == "451.61"
    assert "HOUSE-GRIEVANCE" in begun.stderr


def test_a_complaint_that_says_nothing_is_asked_for_again(device: Device) -> None:
    """No topic, no words, an unknown topic, officer or case: refused, and nothing recorded."""
    for args, code in (
        ((CASE, "--text", "x"), "600.36"),
        ((CASE, "--topic", "conduct"), "600.36"),
        ((CASE, "--topic", "conduct", "--text", "  "), "600.38"),
        (("C-999999", "--topic", "conduct", "--text", "x"), "404.61"),
    ):
        assert code_of(device.run("complaint", *args)) == code
    assert device.run("complaint", CASE, "--topic", "nonsense", "--text", "x").exit_code == 2
    stranger = ("--topic", "conduct", "--text", "x", "--about", "O-9999")
    assert device.run("complaint", CASE, *stranger).exit_code != 0
    assert states(device) == []


def test_a_complaint_stands_until_the_office_has_answered(bank: Bank, hers: Device) -> None:
    """The office sees whom it is about and by when; its answer opens the case again on the device."""
    said = ("--topic", "conduct", "--text", "He shouted", "--about", BEN.officer_id)
    assert hers.run("complaint", CASE, *said, "--in-writing").exit_code == 0
    synced(hers)
    assert shown(hers)["case"]["flags"] == ["grievance_open"]
    (stored,) = of_office(bank, "complaints", "list")
    told = stored["complaint"]
    assert (told["text"], told["about_officers"]) == ("He shouted", [BEN.officer_id])
    assert told["in_writing"] is True
    (open_one,) = of_office(bank, "show", "case", CASE)["open_complaints"]
    assert open_one["due"] == stored["due"]
    assert told["complaint_id"][-8:] in office(bank, "show", "case", CASE).stdout
    decided(bank, "complaints", "answer", told["complaint_id"])
    synced(hers)
    assert shown(hers)["case"]["flags"] == []
    assert of_office(bank, "show", "case", CASE)["open_complaints"] == []
    assert hers.run("visit", "start", CASE, "--with", BEN.officer_id).exit_code == 0


_KINDS = {
    CorrectionKind.ADDRESS: ("address", "--wrong", "home", "--right", "12 Haiyue Road"),
    CorrectionKind.TELEPHONE: ("telephone", "--wrong", "13800000001"),
    CorrectionKind.WRONG_PERSON: ("wrong-person", "--told-by", "other"),
}


@pytest.mark.parametrize("accept", ["accept", "refuse"])
@pytest.mark.parametrize("kind", list(_KINDS))
def test_a_correction_is_proposed_decided_and_told(
    bank: Bank, hers: Device, kind: CorrectionKind, accept: str
) -> None:
    """Nothing changes before the decision; then the device has the file as it is, and who said so."""
    before = shown(hers)["case"]
    assert hers.run("correct", CASE, *_KINDS[kind]).exit_code == 0
    stops = kind is CorrectionKind.WRONG_PERSON
    assert shown(hers)["on_hold"] is stops
    synced(hers)
    facts = shown(hers)
    assert [one["correction"]["kind"] for one in facts["corrections"]] == [kind]
    assert facts["case"]["addresses"] == before["addresses"]
    assert facts["case"]["borrower"] == before["borrower"]
    assert facts["on_hold"] is stops
    assert "Proposed to the office" in hers.run("show", CASE).stdout
    (stored,) = of_office(bank, "show", "case", CASE)["proposed_corrections"]
    correction_id = stored["correction"]["correction_id"]
    assert correction_id[-8:] in office(bank, "show", "case", CASE).stdout
    decided(bank, "corrections", accept, correction_id)
    synced(hers)
    case, done = shown(hers)["case"], accept == "accept"
    wrong_address, wrong_phone = kind is CorrectionKind.ADDRESS, kind is CorrectionKind.TELEPHONE
    assert case["addresses"][0]["invalid"] is (done and wrong_address)
    assert ("13800000001" in case["borrower"]["phones"]) is not (done and wrong_phone)
    assert shown(hers)["on_hold"] is (done and stops)
    assert "looked into it" in hers.run("status").stdout
    told = hers.run("show", CASE).stdout
    assert "looked into it" in told
    assert "Proposed to the office" not in told


def test_what_the_file_does_not_have_cannot_be_wrong(device: Device) -> None:
    """An address or number it never had, or none named: refused with those it has, nothing recorded."""
    for args in (
        ("address", "--wrong", "castle"),
        ("telephone", "--wrong", "1"),
        ("telephone",),
    ):
        result = device.run("correct", CASE, *args)
        assert code_of(result) == "404.68"
    assert device.run("correct", CASE, "hat-size").exit_code == 2
    assert states(device) == []
