"""Writes the letter that announces a visit, in the borrower's language: nothing in it tells why."""

import html
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from fieldsync.domain.case import Case
from fieldsync.domain.notice import Letter, Notice
from fieldsync.locale import normalise, render
from fieldsync.locale.long_dates import long_date
from fieldsync.words import LANGUAGES, Words, words
from server.config import Lender

_TAIL = 8
_BETWEEN = "\n\n- - -\n\n"


@dataclass(frozen=True, slots=True)
class Wording:
    """A letter's words: the subject stands outside, the text inside; `language` "" is both."""

    language: str
    subject: str
    text: str


def write_letter(case: Case, notice: Notice, lender: Lender) -> Wording:
    """The letter for this notice, of which only id, address, zone and window are looked at."""
    tag = normalise(case.borrower.language)
    parts = [_part(case, notice, lender, one) for one in ((tag,) if tag else LANGUAGES)]
    return Wording(
        tag or "", " / ".join(p.subject for p in parts), _BETWEEN.join(p.text for p in parts)
    )


def bare_words(case: Case, language: str) -> str:
    """The letter with everything left out that we fill in, but the name: what its wording tells."""
    tags = (language,) if language else LANGUAGES
    name = case.borrower.name
    return "\n".join(
        render(part, tag) for tag in tags for part in (_subject(name), *_text(name, *[""] * 7))
    )


def letter_of(case: Case, notice: Notice) -> Letter:
    """What the channel is given."""
    address = case.address(notice.address_id)
    return Letter(
        notice_id=notice.notice_id,
        recipient=case.borrower.name,
        address=address.text if address else "",
        phones=case.borrower.phones,
        subject=notice.subject,
        text=notice.text,
        html=_page(notice),
    )


def _part(case: Case, notice: Notice, lender: Lender, tag: str) -> Wording:
    zone = ZoneInfo(notice.zone)
    address = case.address(notice.address_id)
    start, end = notice.window.start.astimezone(zone), notice.window.end.astimezone(zone)
    name = case.borrower.name
    paragraphs = _text(
        name,
        lender.name,
        lender.phone,
        address.text if address else "",
        long_date(start.date(), tag),
        _clock(start),
        _clock(end),
        notice.notice_id[-_TAIL:],
    )
    text = "\n\n".join(render(paragraph, tag) for paragraph in paragraphs)
    return Wording(tag, render(_subject(name), tag), text)


def _clock(instant: datetime) -> str:
    return f"{instant:%H:%M}"


def _subject(name: str) -> Words:
    return words("Personal, for {name} only", name=name)


def _text(  # noqa: PLR0913, PLR0917 - each is one blank of the letter
    name: str, bank: str, phone: str, place: str, day: str, start: str, end: str, notice: str
) -> tuple[Words, ...]:
    return (
        words("Dear {name},", name=name),
        words("{bank} would like to visit you at {place}:", bank=bank, place=place),
        words("    {day}, between {start} and {end}", day=day, start=start, end=end),
        words(
            "Two people will come. They show you who they are, and come in only if you ask them in."
            " They tell nobody else what it is about."
        ),
        words("You decide. Please call {phone} if", phone=phone),
        words("  * you would like another time or another place;"),
        words(
            "  * you are in difficulty, through illness, loss of work or care for somebody: tell us,"
            " and we stop and look for a way together;"
        ),
        words("  * you object, or think that this is not meant for you."),
        words("Please name this number when you call: {notice}", notice=notice),
    )


def _page(notice: Notice) -> str:
    """The letter as a page that any browser prints."""
    blocks = "\n".join(
        f"<p>{html.escape(part).replace(chr(10), '<br>')}</p>" for part in notice.text.split("\n\n")
    )
    language = notice.language or "zh-CN"
    return (
        f'<!doctype html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{html.escape(notice.subject)}</title>\n</head>\n<body>\n{blocks}\n</body>\n</html>\n"
    )
