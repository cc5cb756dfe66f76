"""What the codes are called: every code people meet, as words in both languages.

`docs/reference/codes.md` shows the same names; a test keeps the two and the enums together.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from fieldsync.agreements.affordability import Every, Income, Outgoing
from fieldsync.agreements.ledger import InstalmentState, PlanStanding
from fieldsync.conduct.facts import Action, Manner, Situation
from fieldsync.domain.agreement import Component, Grace, HolidayShift, PlanKind, PlanState, Standing
from fieldsync.domain.case import AgreementState, Channel, Flag, HoldKind, Reached
from fieldsync.domain.complaint import ComplaintTopic, Complexity
from fieldsync.domain.correction import CorrectionKind
from fieldsync.domain.disclosure import HardshipCode, Need
from fieldsync.domain.duty import DutyKind
from fieldsync.domain.evidence import EvidenceKind
from fieldsync.domain.hardship_decision import Relief, ReviewState, Signpost
from fieldsync.domain.notice import NoticeAnswer, NoticeState
from fieldsync.domain.place import AddressKind
from fieldsync.domain.verdict import Effect, Strength
from fieldsync.domain.visit import OutcomeCode, StopCause, VisitState, VisitStep
from fieldsync.locale import agreement_names, day_names, hardship_names
from fieldsync.words import Words, words

FLAGS = {
    Flag.DISPUTE: words("debt disputed"),
    Flag.REPRESENTED: words("represented by a lawyer or agent"),
    Flag.CEASE_CONTACT: words("asked for no more contact"),
    Flag.EMPLOYER_PROHIBITS: words("employer forbids visits"),
    Flag.BANKRUPT: words("bankrupt"),
    Flag.INSOLVENT: words("insolvency proceedings"),
    Flag.VULNERABLE: words("vulnerable person"),
    Flag.BEREAVEMENT: words("bereavement in the family"),
    Flag.CALAMITY: words("struck by a calamity"),
    Flag.CELEBRATION: words("family celebration"),
    Flag.GRIEVANCE_OPEN: words("complaint open"),
    Flag.BREATHING_SPACE: words("breathing space granted"),
    Flag.CRISIS_MORATORIUM: words("mental-health crisis moratorium"),
    Flag.DECEASED: words("borrower deceased"),
    Flag.DETAINED: words("borrower detained"),
    Flag.MILITARY: words("on military service"),
    Flag.FRAUD_VICTIM: words("victim of fraud"),
    Flag.MINOR_AT_DOOR: words("minor alone at the door"),
    Flag.THIRD_PARTY_REFUSED: words("third party asked for no more contact"),
}

OUTCOMES = {OutcomeCode(code): text for code, text in day_names.OUTCOMES.items()}

HARDSHIPS = {
    HardshipCode.ILLNESS_SELF: words("own illness"),
    HardshipCode.ILLNESS_FAMILY: words("illness in the family"),
    HardshipCode.DISABILITY: words("disability"),
    HardshipCode.MENTAL_HEALTH: words("mental health"),
    HardshipCode.UNEMPLOYMENT: words("lost work"),
    HardshipCode.INCOME_DROP: words("income fell"),
    HardshipCode.BUSINESS_FAILURE: words("business failed"),
    HardshipCode.DISASTER: words("disaster"),
    HardshipCode.BEREAVEMENT: words("bereavement"),
    HardshipCode.DEBTOR_DECEASED: words("the borrower died"),
    HardshipCode.DIVORCE: words("separation or divorce"),
    HardshipCode.DOMESTIC_ABUSE: words("domestic abuse"),
    HardshipCode.CARER: words("caring for somebody"),
    HardshipCode.ELDERLY_ALONE: words("elderly and alone"),
    HardshipCode.MINOR_AT_DOOR: words("minor alone at home"),
    HardshipCode.ADDICTION: words("addiction"),
    HardshipCode.DETAINED: words("detained"),
    HardshipCode.MILITARY: words("military service"),
    HardshipCode.FRAUD_VICTIM: words("defrauded"),
    HardshipCode.LITERACY_LANGUAGE: words("difficulty reading or with the language"),
    HardshipCode.INSOLVENCY: words("insolvency"),
    HardshipCode.OTHER: words("another hardship"),
}

NEEDS = {
    Need.TIME: words("time to recover"),
    Need.WRITING_ONLY: words("in writing only"),
    Need.NO_VISITS: words("no visits"),
    Need.LOWER_PAYMENTS: words("lower payments"),
    Need.THIRD_PARTY_HELP: words("help by a person of trust"),
    Need.INTERPRETER: words("an interpreter"),
    Need.CALL_BACK: words("a call back"),
}

CHANNELS = {
    Channel.CALL: words("call"),
    Channel.SMS: words("text message"),
    Channel.LETTER: words("letter"),
    Channel.EMAIL: words("e-mail"),
    Channel.WECHAT: words("WeChat"),
    Channel.MESSENGER: words("messenger"),
    Channel.VISIT: words("visit"),
}

REACHED = {
    Reached.DEBTOR: words("borrower reached"),
    Reached.THIRD_PARTY: words("somebody else answered"),
    Reached.NONE: words("no answer"),
}

AGREEMENT_STATES = {
    AgreementState.NONE: words("no agreement"),
    AgreementState.PROPOSED: words("proposed"),
    AgreementState.PERFORMING: words("signed and kept"),
    AgreementState.BROKEN: words("broken"),
    AgreementState.SETTLED: words("settled"),
}

HOLD_KINDS = {HoldKind(code): text for code, text in day_names.HOLD_KINDS.items()}

ADDRESS_KINDS = {AddressKind(code): text for code, text in day_names.ADDRESS_KINDS.items()}

VISIT_STATES = {
    VisitState.STARTED: words("visit under way"),
    VisitState.FINISHED: words("visit finished"),
}

VISIT_STEPS = {
    VisitStep.IDENTITY_SHOWN: words("identity shown"),
    VisitStep.ENTRY_AGREED: words("agreed that we come in"),
    VisitStep.ENTERED: words("went in"),
    VisitStep.PAPERS_HANDED_OVER: words("papers handed over"),
}

STOP_CAUSES = {
    StopCause.ASKED_TO_LEAVE: words("they asked us to leave"),
    StopCause.DISTRESS: words("somebody was in distress"),
    StopCause.LACKS_CAPACITY: words("may not understand what is decided"),
    StopCause.MINOR_ALONE: words("only a minor was there"),
    StopCause.UNSAFE: words("it was not safe"),
}

EVIDENCE_KINDS = {
    EvidenceKind.PHOTO: words("photo"),
    EvidenceKind.AUDIO: words("recording"),
    EvidenceKind.PAPER: words("paper"),
}

NOTICE_STATES = {
    NoticeState.WRITTEN: words("written, waits"),
    NoticeState.REFUSED: words("kept back by a rule"),
    NoticeState.SENDING: words("being sent"),
    NoticeState.GIVEN: words("given"),
    NoticeState.ANSWERED: words("answered"),
    NoticeState.WITHDRAWN: words("withdrawn"),
}

NOTICE_ANSWERS = {
    NoticeAnswer.ANOTHER_TIME: words("another time"),
    NoticeAnswer.IN_DIFFICULTY: words("in difficulty"),
    NoticeAnswer.OBJECTS: words("objects"),
}

DUTY_KINDS = {
    DutyKind.COMPLAINT: words("answer to a complaint"),
    DutyKind.HARDSHIP_ANSWER: words("answer to hardship"),
    DutyKind.HARDSHIP_REVIEW: words("hardship to be looked at again"),
    DutyKind.HOLD_ENDS: words("hold ends"),
    DutyKind.MORATORIUM_ENDS: words("moratorium ends"),
    DutyKind.PROMISE: words("promise to pay"),
    DutyKind.CHECK_OUT: words("officers out of a visit"),
}

STRENGTHS = {
    Strength.LAW: words("law"),
    Strength.PRESUMPTION: words("legal presumption"),
    Strength.STANDARD: words("industry standard"),
    Strength.DRAFT: words("draft rule"),
    Strength.HOUSE: words("house rule"),
}

EFFECTS = {
    Effect.BLOCK: words("blocked"),
    Effect.END: words("visit must end"),
    Effect.FLAG: words("marked for review"),
    Effect.HOLD: words("collection on hold"),
    Effect.TIMER: words("duty with a due date"),
    Effect.REQUIRE: words("must be recorded"),
}

COMPLAINT_TOPICS = {
    ComplaintTopic.CONDUCT: words("how officers behaved"),
    ComplaintTopic.PRIVACY: words("personal data"),
    ComplaintTopic.THIRD_PARTY: words("others were told or bothered"),
    ComplaintTopic.AMOUNT: words("the amount"),
    ComplaintTopic.NOT_MY_DEBT: words("not their debt"),
    ComplaintTopic.FREQUENCY: words("contacted too often"),
    ComplaintTopic.OTHER: words("something else"),
}

COMPLEXITIES = {
    Complexity.SIMPLE: words("simple"),
    Complexity.COMPLEX: words("complex"),
    Complexity.SPECIALLY_COMPLEX: words("specially complex"),
}

CORRECTION_KINDS = {
    CorrectionKind.ADDRESS: words("address wrong"),
    CorrectionKind.TELEPHONE: words("telephone number wrong"),
    CorrectionKind.WRONG_PERSON: words("wrong person"),
}

ACTIONS = {
    Action.VISIT_START: words("starting a visit"),
    Action.VISIT_ENTER: words("entering"),
    Action.VISIT_CONTINUE: words("going on with a visit"),
    Action.CALL_PLACE: words("calling the borrower"),
    Action.MESSAGE_SEND: words("sending a message"),
    Action.THIRD_PARTY_CONTACT: words("contacting a third party"),
    Action.RECORD_PURGE: words("deleting a record"),
    Action.CASH_TAKE: words("taking money"),
    Action.SENSITIVE_RECORD: words("recording sensitive data"),
}

SITUATIONS = {
    Situation.ASKED_TO_LEAVE: words("asked to leave"),
    Situation.DISTRESS: words("somebody is in distress"),
    Situation.LACKS_CAPACITY: words("may be unable to decide"),
    Situation.MINOR_ALONE: words("a child is alone"),
    Situation.UNSAFE: words("it is not safe"),
    Situation.AGREED_AT_DOOR: words("agreed to the visit at the door"),
    Situation.FORBEARANCE_OFFERED: words("relief was offered before"),
    Situation.RESIDENCE_TRIED: words("the home was tried before"),
    Situation.CHOSEN_PLACE: words("the borrower chose this place"),
    Situation.OTHER_PLACE_CHOSEN: words("the borrower chose another place"),
    Situation.BY_AGENCY: words("an agency acts for the bank"),
    Situation.CONTACT_UNRECORDED: words("the contact is not recorded"),
}

MANNERS = {
    Manner.PUBLIC_NOTICE: words("notice in a public place"),
    Manner.EXTRA_FEE: words("extra fee asked"),
    Manner.NEW_LOAN: words("new loan pushed"),
    Manner.IMPERSONATION: words("posed as an authority"),
    Manner.PRIVATE_CHANNEL: words("private phone or account used"),
}

RELIEFS = {Relief(code): text for code, text in hardship_names.RELIEFS.items()}

SIGNPOSTS = {Signpost(code): text for code, text in hardship_names.SIGNPOSTS.items()}

REVIEW_STATES = {
    ReviewState.OPEN: words("waits for an answer"),
    ReviewState.DECIDED: words("answered"),
    ReviewState.CLOSED: words("over"),
}

# By enum, because codes of different enums may be spelt alike ("dispute" is a flag and a hold).
NAMES: Mapping[type[StrEnum], Mapping[Any, Words]] = {
    Flag: FLAGS,
    OutcomeCode: OUTCOMES,
    HardshipCode: HARDSHIPS,
    Need: NEEDS,
    Channel: CHANNELS,
    Reached: REACHED,
    PlanKind: agreement_names.PLAN_KINDS,
    Component: agreement_names.COMPONENTS,
    Grace: agreement_names.GRACES,
    HolidayShift: agreement_names.HOLIDAY_SHIFTS,
    Standing: agreement_names.STANDINGS,
    PlanState: agreement_names.PLAN_STATES,
    PlanStanding: agreement_names.PLAN_STANDINGS,
    InstalmentState: agreement_names.INSTALMENT_STATES,
    Income: agreement_names.INCOMES,
    Outgoing: agreement_names.OUTGOINGS,
    Every: agreement_names.EVERY,
    AgreementState: AGREEMENT_STATES,
    HoldKind: HOLD_KINDS,
    AddressKind: ADDRESS_KINDS,
    VisitState: VISIT_STATES,
    VisitStep: VISIT_STEPS,
    StopCause: STOP_CAUSES,
    EvidenceKind: EVIDENCE_KINDS,
    NoticeState: NOTICE_STATES,
    NoticeAnswer: NOTICE_ANSWERS,
    DutyKind: DUTY_KINDS,
    Strength: STRENGTHS,
    Effect: EFFECTS,
    Action: ACTIONS,
    Situation: SITUATIONS,
    Manner: MANNERS,
    ComplaintTopic: COMPLAINT_TOPICS,
    Complexity: COMPLEXITIES,
    CorrectionKind: CORRECTION_KINDS,
    Relief: RELIEFS,
    Signpost: SIGNPOSTS,
    ReviewState: REVIEW_STATES,
}


def name_of(code: StrEnum) -> Words:
    """What people call a code: `_` and `render` turn it into their language."""
    return NAMES[type(code)][code]
