"""What the words of the office's accounts are called when a person reads them, by their codes."""

from collections.abc import Mapping

from fieldsync.words import Words, words

ROLES: Mapping[str, Words] = {
    "branch_manager": words("branch manager"),
    "reviewer": words("reviewer"),
    "hardship": words("hardship team"),
    "compliance": words("compliance"),
    "auditor": words("auditor"),
    "operator": words("operator"),
}
STATES: Mapping[str, Words] = {
    "invited": words("invited"),
    "active": words("active"),
    "disabled": words("disabled"),
}
APPROVALS: Mapping[str, Words] = {
    "waiver": words("give a part of a debt up"),
    "lift": words("lift a hold"),
    "device": words("shut a device out"),
}
APPROVAL_STATES: Mapping[str, Words] = {
    "asked": words("waits for a second person"),
    "taken": words("granted, not known to be carried out"),
    "done": words("granted and carried out"),
    "failed": words("granted, and could not be carried out"),
    "refused": words("refused"),
    "withdrawn": words("taken back"),
}
MEANS: Mapping[str, Words] = {
    "password": words("password and one-time code"),
    "recovery": words("password and recovery code"),
    "invitation": words("invitation"),
    "passkey": words("passkey"),
    "bank": words("the bank's own sign-in"),
}
