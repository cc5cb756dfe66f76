"""What in a text would tell somebody else of the debt (CN-THIRD-CONTENT): amounts, words, dates, numbers.

Errs on the side of silence: a harmless sentence may be caught, and is then written another way.
"""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, timedelta

from fieldsync.domain.case import Case
from fieldsync.domain.money import Money

_WORDS_ZH = (
    "欠款|欠债|欠钱|欠费|欠了|债务|债权|逾期|催收|催款|催缴|贷款|借款|借贷|还款|还钱|还清|没还|未还|不还|信用卡|"
    "本金|利息|罚息|违约金|滞纳金|分期|透支|清收|账单|账户|拖欠|失信|征信|老赖|起诉|银行|"
    "債|貸款|還款|還錢|銀行|帳單|賬單|帳戶|賬戶|違約金|罰息"
)
_WORDS_EN = (
    r"debts?|debtors?|ow(?:e|es|ed|ing)|overdue|past[ -]due|arrears|loans?|borrow(?:er|ed|ing|s)?|"
    r"credit[ -]?cards?|repay(?:ment|ments|s|ing)?|instal+ments?|outstanding|defaulted|delinquen\w*|"
    r"collections?|collectors?|creditors?|banks?|account|lawsuit"
)
_NUMERALS = "零〇一二两三四五六七八九十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟萬億"
_GENERAL = re.compile(
    rf"""
      {_WORDS_ZH}
    | \b(?:{_WORDS_EN})\b
    | (?:[¥$€£]|\b(?:CNY|RMB|USD|HKD)\b)\s*\d[\d,.]*        # a currency, then a number
    | \d[\d,.]*\s*(?:万|千|百)?\s*(?:元|块|圆|人民币|yuan\b|dollars?\b|CNY\b|RMB\b|USD\b|HKD\b)
    | \d[\d,.]*\s*万
    | [{_NUMERALS}]+\s*(?:元|块|圆)                          # an amount in Chinese numerals
    """,
    # ASCII, so that a word's edge is seen where English stands inside Chinese.
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
_GAP = re.compile(r"(?<=[\u4e00-\u9fff])[ \t]+(?=[\u4e00-\u9fff])")
_TAIL = 4
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


def debt_facts_in(text: str, case: Case) -> tuple[str, ...]:
    """The parts of the text that would tell of the debt, as written, in order, each once.

    Full-width characters are read as plain ones, invisible ones and gaps between Chinese ones not at all.
    """
    return debt_words_in(text, _spellings(case))


def debt_words_in(text: str, spellings: Iterable[str]) -> tuple[str, ...]:
    """The same, where what would betray this debt is known as written amounts, dates and numbers."""
    plain = _plain(text)
    found = [match.span() for match in _GENERAL.finditer(plain)]
    for known in spellings:
        pattern = rf"(?<![0-9A-Za-z.]){re.escape(known)}(?!\d)"
        found += [match.span() for match in re.finditer(pattern, plain, re.IGNORECASE)]
    return tuple(dict.fromkeys(plain[start:end].strip() for start, end in _joined(found)))


def _plain(text: str) -> str:
    visible = (c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf")
    return _GAP.sub("", "".join(visible))


def _joined(spans: Iterable[tuple[int, int]]) -> Iterable[tuple[int, int]]:
    """Spans in order, those that overlap made one."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _spellings(case: Case) -> Iterable[str]:
    """What this case alone would betray, in every usual spelling."""
    loan = case.loan
    for amount in {loan.outstanding, loan.principal, loan.interest, loan.fees}:
        yield from amount_spellings(amount)
    for reference in {loan.account_ref, case.case_id}:
        if reference:
            yield reference
            if reference[-_TAIL:].isdigit():
                yield reference[-_TAIL:]
    if loan.days_past_due > 0:
        yield from (f"{loan.days_past_due}天", f"{loan.days_past_due} 天")
        yield from (f"{loan.days_past_due}日", f"{loan.days_past_due} days")
        yield from date_spellings(loan.as_of - timedelta(days=loan.days_past_due))


def amount_spellings(amount: Money) -> Iterable[str]:
    """Plain, grouped, and without the small change; amounts below ten say nothing."""
    whole = int(amount.decimal)
    if whole < 10:  # noqa: PLR2004 - see above
        return
    for number in (amount.decimal, whole):
        yield from (f"{number}", f"{number:,}", f"{number:,}".replace(",", " "))


def date_spellings(day: date) -> Iterable[str]:
    """The day the debt fell due, as people write it."""
    month = _MONTHS[day.month - 1]
    yield day.isoformat()
    yield from (f"{day.year}/{day.month}/{day.day}", f"{day.year}.{day.month}.{day.day}")
    yield from (f"{day.month}月{day.day}日", f"{day.month}月{day.day}号")
    yield from (f"{day.day} {month}", f"{month} {day.day}", f"{day.day} {month[:3]}")
