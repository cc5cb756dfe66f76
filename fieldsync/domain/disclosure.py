"""A hardship disclosure: the need before the diagnosis, and consent before anything sensitive."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class HardshipCode(StrEnum):
    """What happened to the person (docs/reference/codes.md)."""

    ILLNESS_SELF = "ILLNESS_SELF"
    ILLNESS_FAMILY = "ILLNESS_FAMILY"
    DISABILITY = "DISABILITY"
    MENTAL_HEALTH = "MENTAL_HEALTH"
    UNEMPLOYMENT = "UNEMPLOYMENT"
    INCOME_DROP = "INCOME_DROP"
    BUSINESS_FAILURE = "BUSINESS_FAILURE"
    DISASTER = "DISASTER"
    BEREAVEMENT = "BEREAVEMENT"
    DEBTOR_DECEASED = "DEBTOR_DECEASED"
    DIVORCE = "DIVORCE"
    DOMESTIC_ABUSE = "DOMESTIC_ABUSE"
    CARER = "CARER"
    ELDERLY_ALONE = "ELDERLY_ALONE"
    MINOR_AT_DOOR = "MINOR_AT_DOOR"
    ADDICTION = "ADDICTION"
    DETAINED = "DETAINED"
    MILITARY = "MILITARY"
    FRAUD_VICTIM = "FRAUD_VICTIM"
    LITERACY_LANGUAGE = "LITERACY_LANGUAGE"
    INSOLVENCY = "INSOLVENCY"
    OTHER = "OTHER"


# Categories that tell health or another sensitive fact (PIPL art. 28): recorded only with consent.
SENSITIVE = frozenset(
    {
        HardshipCode.ILLNESS_SELF,
        HardshipCode.ILLNESS_FAMILY,
        HardshipCode.DISABILITY,
        HardshipCode.MENTAL_HEALTH,
        HardshipCode.DOMESTIC_ABUSE,
        HardshipCode.ADDICTION,
        HardshipCode.DETAINED,
    }
)


class Need(StrEnum):
    """What the person needs from us: always recorded, never sensitive."""

    TIME = "time"
    WRITING_ONLY = "writing_only"
    NO_VISITS = "no_visits"
    LOWER_PAYMENTS = "lower_payments"
    THIRD_PARTY_HELP = "third_party_help"
    INTERPRETER = "interpreter"
    CALL_BACK = "call_back"


@dataclass(frozen=True, slots=True)
class SensitiveConsent:
    """Separate consent to keep a sensitive fact (PIPL art. 29): which text, when, for what.

    `language` is the one in which the text was read to the person ("en", "zh-CN"); empty where an
    older program did not say.
    """

    text_version: str
    given_at: datetime
    purpose: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class CopiedPaper:
    """A copy of a paper: `sha256` names the sealed file, `name` and `type` tell what was sealed."""

    sha256: str
    name: str
    type: str


@dataclass(frozen=True, slots=True)
class SensitivePart:
    """What only the hardship team reads of a disclosure; `disclosure_id` ties it to its record."""

    disclosure_id: str
    category: HardshipCode | None = None
    words: str = ""
    effect: str = ""
    effect_talking: str = ""
    evidence_seen: tuple[str, ...] = ()
    papers: tuple[CopiedPaper, ...] = ()


@dataclass(frozen=True, slots=True)
class ConsentWithdrawal:
    """The person takes back the consent: of one disclosure, or of all on the case where it is None."""

    case_id: str
    at: datetime
    disclosure_id: str | None = None


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What was told, as little as serves. `category` and `words` stay empty without consent.

    `sealed` (base64url) is a SensitivePart that only the hardship team can open: a sensitive category,
    the words, the effects (on paying, on talking) and the papers, which are then empty here.
    `evidence_copied` names the sealed files by their SHA-256.
    """

    disclosure_id: str
    case_id: str
    visit_id: str | None
    at: datetime
    told_by: str
    needs: tuple[Need, ...]
    category: HardshipCode | None = None
    words: str = ""
    effect: str = ""
    expected_until: date | None = None
    evidence_seen: tuple[str, ...] = ()
    consent: SensitiveConsent | None = None
    review_on: date | None = None
    evidence_copied: tuple[str, ...] = ()
    sealed: str = ""
    effect_talking: str = ""
