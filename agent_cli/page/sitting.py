"""One sitting at the page: what is offered to whom, how it ended, and who may look."""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from hmac import compare_digest

from agent_cli.actions.agree import Signed, Table, document_facts, sign
from agent_cli.actions.quote import Offer
from agent_cli.context import DeviceContext
from agent_cli.page.strokes import Drawn
from fieldsync.agreements.facts import DocumentFacts
from fieldsync.domain.case import Case
from fieldsync.errors import InputError
from fieldsync.words import words

_TOKEN_BYTES = 24


class Ending(StrEnum):
    """How a sitting ends; none of them is the wrong one."""

    SIGNED = "signed"
    THINKING = "thinking"
    DECLINED = "declined"


@dataclass(slots=True)
class Sitting:
    """A page for one table. `link` opens it once; the browser that did so then holds `cookie`."""

    ctx: DeviceContext
    case: Case
    offer: Offer
    table: Table
    link: str = field(init=False)
    cookie: str = field(init=False)
    is_open: bool = False
    ending: Ending | None = None
    signed: Signed | None = None

    def __post_init__(self) -> None:
        """Fresh secrets of this device's own randomness."""
        self.link = self.ctx.randomness.token(_TOKEN_BYTES).hex()
        self.cookie = self.ctx.randomness.token(_TOKEN_BYTES).hex()

    def opens(self, link: str) -> bool:
        """Whether this is the link, for the first time; it is used up by that."""
        if self.is_open or not compare_digest(link, self.link):
            return False
        self.is_open = True
        return True

    def knows(self, cookie: str | None) -> bool:
        """Whether this browser opened the link."""
        return self.is_open and compare_digest(cookie or "", self.cookie)

    def facts(self, language: str) -> DocumentFacts:
        """What the document will say, in one language, before it is signed."""
        now = self.ctx.clock.now()
        made = document_facts(self.ctx, self.case, self.offer, self.table, "", now)
        return replace(made, language=language, bank_language=language, verification_code="")

    def sign(self, drawn: Drawn, *, read: bool, officers: tuple[bool, ...]) -> Signed:
        """Sign as `fieldsync agree` does; InputError 422.623 to 422.625 where something is still missing."""
        if self.ending is not None:
            raise InputError(
                "422.625",
                words("This page has done its work already."),
                words("Give the tablet back to the officers."),
            )
        if not read:
            raise InputError(
                "422.623",
                words("Please say first that you have read this, or heard it read out."),
                words("Tick the first box."),
            )
        if len(officers) != len(self.table.witnesses) or not all(officers):
            raise InputError(
                "422.624",
                words("Both officers confirm that they were here."),
                words("Each officer ticks their own box."),
            )
        self.signed = sign(
            self.ctx, self.case, self.offer, self.table, drawn.svg, strokes=drawn.strokes
        )
        self.ending = Ending.SIGNED
        return self.signed
