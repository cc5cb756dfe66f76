"""What would tell a neighbour of the debt is found in every usual spelling; harmless words pass."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldsync.adapters.builtin_rulesets import builtin_rulesets
from fieldsync.conduct.case_facts import facts_of
from fieldsync.conduct.evaluate import evaluate
from fieldsync.conduct.facts import Action
from fieldsync.conduct.third_party import debt_facts_in
from tests.conduct.conduct_cases import CHEN, HOME, at


@pytest.mark.parametrize(
    "text",
    [
        "请转告他欠款的事",
        "他的信用卡逾期了",
        "我们是银行的",
        "还差12345.60",
        "还差 12,345.60 没付",
        "还差12,345",
        "一共１２３４５．６０",
        "一共￥500",
        "大约1.2万",
        "三万二千元",
        "叁仟块",
        "已经103天了",
        "8月12日到期",
        "since 12 August",
        "since 2026/8/12",
        "尾号7890",
        "6222000000007890",
        "案件 SZ-0001",
        "He owes us money",
        "It is about his OVERDUE loan.",
        "about 300 dollars",
        "RMB 12000",
        "He is 103 days late",
        "his credit-card",
        "他 逾 期 了",
        "他逾\u200b期了",
        "还差12 345.60",
        "你的貸款",
        "他的loan到期",
        "已经104天没还",
    ],
)
def test_words_that_tell_the_debt_are_found(text: str) -> None:
    """Amounts, debt and bank words, dates, account and case numbers."""
    assert debt_facts_in(text, CHEN)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "请陈先生周五前回电 0755-86001234，谢谢。",
        "我们上午十点来过，明天再联系。",
        "Please ask Mr Chen to call us back on Friday.",
        "We were here at 10:00 on 24 November.",
        "Nobody was home; the neighbour says he comes back at 6 pm.",
    ],
)
def test_harmless_words_pass(text: str) -> None:
    """A request to call back tells nothing."""
    assert debt_facts_in(text, CHEN) == ()


def test_what_was_found_is_named_in_order_and_once() -> None:
    """So that the officer sees what to take out."""
    found = debt_facts_in("逾期103天，欠12,345.60元，逾期！", CHEN)
    assert found == ("逾期", "103天", "12,345.60元")


@given(st.text(max_size=80), st.sampled_from(["他欠款", "¥12,345.60", " overdue "]))
def test_nothing_around_it_hides_a_debt(text: str, told: str) -> None:
    """Whatever stands before and after, the telling words are found."""
    assert debt_facts_in(f"{text} {told} {text}", CHEN)


def test_the_rule_counts_but_does_not_repeat_the_words() -> None:
    """CN-THIRD-CONTENT blocks; its facts and message hold nothing personal."""
    facts = facts_of(
        CHEN,
        HOME,
        at("2026-11-24 10:00"),
        action=Action.THIRD_PARTY_CONTACT,
        words_for_others="他欠12,345.60元",
    )
    findings = evaluate(facts, builtin_rulesets()).findings
    told = next(finding for finding in findings if finding.rule == "CN-THIRD-CONTENT")
    assert "12,345" not in str(told)
