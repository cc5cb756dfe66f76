"""Asks the rules whether a notice may go out at an instant: sending one is a contact like others."""

from collections.abc import Sequence
from datetime import datetime

from fieldsync.conduct.case_facts import facts_of
from fieldsync.conduct.evaluate import evaluate
from fieldsync.conduct.facts import Action
from fieldsync.conduct.ruleset import Ruleset
from fieldsync.domain.case import Case
from fieldsync.domain.notice import Notice
from fieldsync.domain.verdict import Verdict
from server.workflow.notice_letter import bare_words


def judge_notice(case: Case, notice: Notice, at: datetime, rulesets: Sequence[Ruleset]) -> Verdict:
    """The verdict on sending it then; its wording is held against CN-THIRD-CONTENT, envelope and all."""
    address = case.address(notice.address_id)
    told = "\n".join((notice.subject, bare_words(case, notice.language)))
    facts = facts_of(case, address, at, action=Action.MESSAGE_SEND, words_for_others=told)
    return evaluate(facts, rulesets)
