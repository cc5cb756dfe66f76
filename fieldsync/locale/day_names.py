"""Names of the codes that a day's list shows, by plain code: `names` gives the same by enum.

Apart from `names`, so that `fieldsync today` need not import the whole domain to print a line.
"""

from fieldsync.words import words

OUTCOMES = {
    "MET_DEBTOR": words("met the borrower"),
    "MET_SPOUSE": words("met the spouse"),
    "MET_FAMILY": words("met a family member"),
    "MET_COLLEAGUE": words("met a colleague"),
    "MET_OTHER": words("met somebody else"),
    "NOBODY": words("nobody there"),
    "VACANT": words("dwelling empty"),
    "MOVED": words("moved away"),
    "ADDR_NOT_EXIST": words("address does not exist"),
    "DEMOLISHED": words("building demolished"),
    "ADDR_WRONG": words("wrong address"),
    "REFUSED_TALK": words("did not wish to talk"),
    "REFUSED_PAY": words("does not wish to pay"),
    "PTP": words("promised to pay in full"),
    "PTP_PARTIAL": words("promised to pay a part"),
    "PLAN_SIGNED": words("instalment plan signed"),
    "PAID": words("says it is paid"),
    "DISPUTE": words("disputes the debt"),
    "HARDSHIP": words("told of hardship"),
    "DECEASED": words("borrower has died"),
    "DETAINED": words("borrower is detained"),
    "REPRESENTED": words("named a lawyer or agent"),
    "ASKED_TO_LEAVE": words("asked us to leave"),
    "CEASE_REQUEST": words("asked us not to contact again"),
    "UNSAFE": words("unsafe, visit broken off"),
    "ABORTED_RULE": words("broken off by a rule"),
    "NOTICE_LEFT_SEALED": words("sealed notice left"),
}

HOLD_KINDS = {
    "hardship": words("hold for hardship"),
    "dispute": words("hold for a dispute"),
    "agreement": words("hold for an agreement"),
    "office": words("hold by the office"),
}

ADDRESS_KINDS = {
    "home": words("home"),
    "work": words("workplace"),
    "other": words("other place"),
}
