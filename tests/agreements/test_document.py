"""The document says everything it must, in the borrower's language and the bank's, as a real PDF."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from fieldsync.adapters.typst_document import render_agreement
from fieldsync.agreements.document import document_data
from fieldsync.agreements.schedule import quote
from fieldsync.agreements.summary import summary
from fieldsync.domain.agreement import PlanKind
from fieldsync.errors import InputError
from fieldsync.locale import render
from tests.agreements.paper import SIGNED_AT, SVG_DRAWING, debt, facts, png, terms


def pdf_of(language: str, months: int = 12, name: str = "王喆㛃") -> bytes:
    """A rendered agreement with a drawn signature."""
    made = quote(debt(), terms(months=months))
    data = document_data(facts(made, language, name), render)
    return render_agreement(data, SVG_DRAWING, "image/svg+xml", SIGNED_AT)


def text_of(pdf: bytes, folder: Path) -> str:
    """What poppler's pdftotext reads in the PDF, blanks taken out."""
    path = folder / "agreement.pdf"
    path.write_bytes(pdf)
    told = subprocess.run(["pdftotext", str(path), "-"], capture_output=True, check=True)
    return "".join(told.stdout.decode("utf-8").split())


def pages_of(pdf: bytes, folder: Path) -> int:
    """How many pages poppler counts."""
    path = folder / "agreement.pdf"
    path.write_bytes(pdf)
    told = subprocess.run(["pdfinfo", str(path)], capture_output=True, check=True, text=True)
    (line,) = [line for line in told.stdout.splitlines() if line.startswith("Pages:")]
    return int(line.split()[1])


CHINESE = (
    "个性化分期还款协议",
    "简单地说",
    "每月25日",
    "共12期",
    "王喆㛃",
    "440***********1237",
    "截至2026-11-20的欠款",
    "46,334.56元",
    "等额本息",
    "年化利率6.17%(按实际占用本金计算的内部收益率,按月",
    "切勿把现金交给催收人员",
    "提前还款",
    "连续2期",
    "停止对本笔欠款的催收",
    "不向任何银行申请信用卡",
    "编号D-7",
    "签字后7天内",
    "12378",
    "李明O-0001",
    "陈静O-0002",
    "2026-11-2410:30+0800",
    "第1版",
)
ENGLISH = (
    "Instalmentagreement",
    "Inplainwords",
    "onday25ofeachmonth,12times",
    "Nevergivecash",
    "Nocollectionwhileyoupay",
    "个性化分期还款协议",
    "kindertotheborrower",
)


def _plain(text: str) -> str:
    return text.translate(str.maketrans("（）；，：", "();,:"))


def test_the_chinese_document_holds_what_the_law_asks(tmp_path: Path) -> None:
    """Everything of art. 70 and of house policy is there to be read, and no full identity number."""
    said = _plain(text_of(pdf_of("zh-CN"), tmp_path))
    assert [part for part in CHINESE if _plain(part) not in said] == []
    assert "440305199001011237" not in said


def test_a_borrower_who_reads_english_gets_both(tmp_path: Path) -> None:
    """English first, the bank's Chinese beside it."""
    said = _plain(text_of(pdf_of("en"), tmp_path))
    assert [part for part in ENGLISH if part not in said] == []


def test_twelve_months_fit_on_a_page_and_sixty_run_on(tmp_path: Path) -> None:
    """One page in one language; a long table goes on with its head, and every row is there."""
    assert pages_of(pdf_of("zh-CN"), tmp_path) == 1
    long = pdf_of("zh-CN", 60)
    assert pages_of(long, tmp_path) > 1
    assert "2031-11-25" in text_of(long, tmp_path)


def test_the_same_input_is_the_same_file() -> None:
    """Byte for byte, so that its hash can be signed."""
    assert pdf_of("zh-CN") == pdf_of("zh-CN")


def test_it_is_made_as_an_archive_file() -> None:
    """PDF/A-2b is declared in its metadata."""
    pdf = pdf_of("zh-CN")
    assert pdf.startswith(b"%PDF-1.7")
    assert b"<pdfaid:part>2</pdfaid:part>" in pdf
    assert b"<pdfaid:conformance>B</pdfaid:conformance>" in pdf


@pytest.mark.parametrize(
    ("drawing", "media_type"),
    [(None, "image/svg+xml"), (png(), "image/png"), (SVG_DRAWING, "image/svg+xml")],
)
def test_signatures_of_either_kind_are_drawn(drawing: bytes | None, media_type: str) -> None:
    """SVG, PNG, and the empty line of a draft."""
    data = document_data(facts(quote(debt(), terms())), render)
    assert render_agreement(data, drawing, media_type, SIGNED_AT).startswith(b"%PDF")


def test_a_signature_under_a_wrong_label_is_refused() -> None:
    """What is signed is what it says it is."""
    data = document_data(facts(quote(debt(), terms())), render)
    with pytest.raises(InputError, match="cannot be drawn"):
        render_agreement(data, png(), "image/svg+xml", SIGNED_AT)


BLANK = {
    "no such path": b'<svg xmlns="http://www.w3.org/2000/svg"><path d="hello"/></svg>',
    "white on white": SVG_DRAWING.replace(b"#102030", b"#ffffff"),
    "nested too deep": SVG_DRAWING.replace(b"<path", b"<g>" * 9000 + b"<path").replace(
        b"</svg>", b"</g>" * 9000 + b"</svg>"
    ),
    "no width": b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 0 0"><path d="M0 0"/></svg>',
}


@pytest.mark.parametrize("name", BLANK)
def test_a_signature_nobody_can_see_is_none(name: str) -> None:
    """A blank picture is refused, so that no agreement looks signed that is not, or the reverse."""
    data = document_data(facts(quote(debt(), terms())), render)
    with pytest.raises(InputError) as caught:
        render_agreement(data, BLANK[name], "image/svg+xml", SIGNED_AT)
    assert caught.value.code == "422.47"


def test_a_name_that_cannot_be_printed_is_never_dropped() -> None:
    """The character is named, in an error with its way out."""
    with pytest.raises(InputError) as caught:
        pdf_of("zh-CN", name="王𠮷")
    assert caught.value.code == "422.48"
    assert "𠮷" in str(caught.value)


def test_names_are_text_and_never_code() -> None:
    """What typst would read as markup or code is printed as it stands."""
    assert pdf_of("zh-CN", name='#panic("x") $a$ *b* \\ "').startswith(b"%PDF")


@pytest.mark.parametrize(
    ("kind", "first_due_day", "expected"),
    [
        (PlanKind.ANNUITY, 25, "on day 25 of each month, 12 times"),
        (PlanKind.EQUAL_PRINCIPAL, 25, "a little less each time"),
        (PlanKind.INTEREST_FREE, 31, "last day"),
    ],
)
def test_the_summary_is_plain(kind: PlanKind, first_due_day: int, expected: str) -> None:
    """A person hears what to pay, when, what it costs, and whom to call."""
    day = terms().first_due.replace(day=first_due_day)
    said = " ".join(
        render(s, "en") for s in summary(facts(quote(debt(), terms(kind, 12, day)), "en"))
    )
    assert expected in said
    assert "If you cannot pay" in said


def test_one_instalment_is_said_as_one() -> None:
    """No "each month" where there is one payment."""
    first = summary(facts(quote(debt(), terms(months=1)), "en"))[0]
    assert render(first, "en").startswith("You pay CNY")
    assert "once" in render(first, "en")


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_borrower_reads_no_codes(language: str) -> None:
    """No rule's code stands in the paper, and a reference is as short as one that is read out."""
    reference = "operation:0192f6a4-0000-7000-8000-00004f2a91c0"
    long = replace(facts(quote(debt(), terms()), language), hardship_ref=reference)
    data = str(document_data(long, render))
    assert "CN-" not in data.replace("zh-CN", "")
    assert "4f2a91c0" in data
    assert "0192f6a4" not in data
