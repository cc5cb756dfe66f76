"""Names of what the hardship team decides, by plain code: `names` gives the same by enum.

Apart from `names`, so that `fieldsync today` need not import the whole domain to print a line.
"""

from fieldsync.words import words

RELIEFS = {
    "pause": words("a pause in payments"),
    "lower_instalments": words("lower instalments"),
    "longer_term": words("a longer term"),
    "interest_stopped": words("no further interest"),
    "fees_waived": words("fees waived"),
    "writing_only": words("contact in writing only"),
    "written_off": words("a part of the debt written off"),
    "none": words("no relief for now"),
}

SIGNPOSTS = {
    "debt_advice": words("debt advice"),
    "legal_aid": words("legal aid"),
    "social_relief": words("social relief"),
    "employment": words("employment service"),
    "medical_relief": words("medical relief"),
    "mental_health": words("mental-health helpline"),
    "abuse_shelter": words("help against domestic violence"),
    "addiction_help": words("help with addiction"),
}
