"""Every question the program asks, on a real terminal: guided, asked again, and left at any point."""

from pathlib import Path

import pytest

from tests.agent_cli.keyboard import CTRL_C, CTRL_D, Step, converse, rows
from tests.agent_cli.made_up import SECRETS_FILE, Device

CASE = "C-000001"
DRAWING = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 100">'
    '<path d="M20 70 C40 10 60 10 65 60" fill="none" stroke="#102030"/></svg>'
)
DISCLOSE = (
    Step("Who told you?", ""),
    Step("What does the person need?", "time"),
    Step("[y/N]", "y"),
    Step("What happened? (Enter", "ILLNESS_SELF"),
    Step("for paying?", "half the wage"),
    Step("for talking to us?", ""),
    Step("How long may it last?", "2027-03-01"),
    Step("Which paper was shown", "diagnosis"),
)
FINISH = (
    Step("Outcome", "PTP"),
    Step("identity cards shown?", "y"),
    Step("When do they promise", "2026-12-01"),
    Step("How much", "800"),
)
AGREE = (
    Step("How the debt is spread", "annuity"),
    Step("Number of instalments", "12"),
    Step("First due day", "2026-12-25"),
    Step("File of the drawn signature", "signature.svg"),
    Step("and agreed?", "y"),
)
QUOTE = (Step("Number of instalments", "6"), Step("First due day", "2026-12-25"))
CONVERSATIONS = {
    "disclose": (("disclose", CASE), DISCLOSE),
    "visit start": (("visit", "start", CASE), (Step("Second officer", ""),)),
    "visit finish": (("visit", "finish", CASE), FINISH),
    "agree": (("agree", CASE), AGREE),
    "quote": (("quote", CASE), QUOTE),
    "replan": (("replan", "--from-stop", "C-000003"), (Step("Take the new order?", "y"),)),
}
DURING_A_VISIT = {"visit finish", "agree"}


def ready_for(name: str, device: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bring the device to where the command's questions begin."""
    monkeypatch.setenv("FIELDSYNC_SECRETS", str(SECRETS_FILE))
    monkeypatch.chdir(device.home)
    Path("signature.svg").write_text(DRAWING, encoding="utf-8")
    if name in DURING_A_VISIT:
        assert device.run("visit", "start", CASE, "--with", "O-0002").exit_code == 0


@pytest.mark.parametrize("name", CONVERSATIONS)
def test_answers_are_taken(name: str, device: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each command asks for all that is missing and then does what it is for."""
    ready_for(name, device, monkeypatch)
    before = rows(device.home)
    args, steps = CONVERSATIONS[name]
    said = converse(device.home, args, steps)
    assert said.code == 0, said.screen
    assert (rows(device.home) == before) == (name == "quote")


@pytest.mark.parametrize("name", CONVERSATIONS)
@pytest.mark.parametrize("key", [CTRL_C, CTRL_D], ids=["Ctrl-C", "Ctrl-D"])
def test_a_question_that_is_left_changes_nothing(
    name: str, key: str, device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At every question of every command: exit 130, a sentence, and not a row is another."""
    ready_for(name, device, monkeypatch)
    before = rows(device.home)
    args, steps = CONVERSATIONS[name]
    for place, left in enumerate(steps):
        said = converse(device.home, args, [*steps[:place], Step(left.question, key)])
        assert said.code == 130, said.screen
        assert "nothing was changed" in said.screen
        assert "Traceback" not in said.screen
        assert ("nothing was recorded" in said.screen) == (name == "disclose")
        assert rows(device.home) == before


@pytest.mark.parametrize("key", [CTRL_C, CTRL_D], ids=["Ctrl-C", "Ctrl-D"])
def test_enrolment_that_is_left_makes_nothing(key: str, tmp_path: Path) -> None:
    """The code is not echoed, and leaving its question leaves no folder behind."""
    home = tmp_path / "new"
    said = converse(home, ("enroll", "http://127.0.0.1:9"), [Step("Code from the office", key)])
    assert said.code == 130, said.screen
    assert not home.exists()


def test_a_code_is_not_shown_as_it_is_typed(tmp_path: Path) -> None:
    """Nobody reads the code over a shoulder; without a server the device stays as it was."""
    steps = [Step("Code from the office", "K7QF-9TBW")]
    said = converse(tmp_path / "new", ("enroll", "http://127.0.0.1:9"), steps)
    assert said.code == 7, said.screen
    assert "K7QF" not in said.screen


@pytest.mark.parametrize(
    ("lang", "teller", "shown"),
    [
        ("en", "debtor", ("Thank them:", "Impact:", "Duration:", "Assistance:")),
        ("en", "spouse", ("Check whether this person may speak", "Avoid any detail")),
        ("zh", "debtor", ("先道谢", "影响：", "经历：")),
        ("zh", "spouse", ("配偶", "先确认此人是否有权", "连有无案件也不说")),
    ],
)
def test_the_conversation_is_guided(
    lang: str, teller: str, shown: tuple[str, ...], device: Device
) -> None:
    """TEXAS and IDEA with the borrower, CARERS with somebody else, whom nobody asks for consent."""
    who, need, what = {
        "en": ("Who told you?", "What does the person need?", "What happened? (Enter"),
        "zh": ("是谁告诉您的", "对方需要什么", "发生了什么？"),
    }[lang]
    steps = [Step(who, teller), Step(need, "time")]
    if teller == "debtor":
        steps.append(Step("[y/N]", "n"))
    steps += [Step(what, ""), Step("YYYY-MM-DD", "")]
    said = converse(device.home, ("--lang", lang, "disclose", CASE), steps)
    assert said.code == 0, said.screen
    for line in shown:
        assert line in said.screen
    assert ("[y/N]" in said.screen) == (teller == "debtor")


@pytest.mark.parametrize(
    ("name", "place", "wrong", "told"),
    [
        ("disclose", 0, "neighbour", "is not one of"),
        ("disclose", 1, "money", "Unknown need: money."),
        ("disclose", 3, "ILL", "is not one of"),
        ("disclose", 6, "spring", "is not a date"),
        ("visit start", 0, "Bem", "There is no officer Bem"),
        ("visit finish", 0, "FINE", "is none of these"),
        ("visit finish", 2, "soon", "is not a date"),
        ("visit finish", 3, "-5", "is not an amount of money"),
        ("agree", 0, "cheap", "is not one of"),
        ("agree", 1, "a dozen", "is not a number of months"),
        ("agree", 2, "Christmas", "is not a day"),
        ("agree", 3, "photo.svg", "does not exist"),
    ],
)
def test_a_wrong_answer_is_asked_again(
    name: str,
    place: int,
    wrong: str,
    told: str,
    device: Device,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The question says what was wrong and comes again; what was answered before is kept."""
    ready_for(name, device, monkeypatch)
    args, steps = CONVERSATIONS[name]
    mistyped = [*steps[:place], Step(steps[place].question, wrong), *steps[place:]]
    said = converse(device.home, args, mistyped)
    assert said.code == 0, said.screen
    assert told in said.screen
