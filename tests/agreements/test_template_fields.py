"""A bank's own template must state what the shipped one states; what it leaves out is named."""

import pytest

from fieldsync.adapters.typst_document import render_agreement, shipped
from fieldsync.agreements.document import document_data
from fieldsync.agreements.schedule import quote
from fieldsync.agreements.template_fields import REQUIRED, missing_fields, require_fields
from fieldsync.errors import InputError
from fieldsync.locale import render
from tests.agreements.paper import SIGNED_AT, SVG_DRAWING, debt, facts, terms

SHIPPED = shipped("agreement.typ").decode()


def test_the_shipped_template_leaves_nothing_out() -> None:
    """Every field of the list is in the data, and read."""
    data = document_data(facts(quote(debt(), terms())), render)
    assert missing_fields(SHIPPED) == ()
    assert set(REQUIRED) <= set(data)


@pytest.mark.parametrize("field", ["debt", "clauses", "witnesses", "verification"])
def test_what_is_left_out_is_named(field: str) -> None:
    """Taken out, or only in a comment: refused with the field's name."""
    without = SHIPPED.replace(f"data.{field}", "data.other") + f"\n// data.{field}\n"
    assert field in missing_fields(without)
    with pytest.raises(InputError, match=field):
        require_fields(without, "ours.typ")


def test_a_banks_own_template_is_set() -> None:
    """Another look, the same facts; a fault in it is told in its own words."""
    data = document_data(facts(quote(debt(), terms())), render)
    ours = SHIPPED.replace('rgb("#17535b")', 'rgb("#551133")')
    pdf = render_agreement(data, SVG_DRAWING, "image/svg+xml", SIGNED_AT, ours)
    assert pdf.startswith(b"%PDF-1.7")
    assert pdf != render_agreement(data, SVG_DRAWING, "image/svg+xml", SIGNED_AT)
    with pytest.raises(InputError) as caught:
        render_agreement(data, SVG_DRAWING, "image/svg+xml", SIGNED_AT, ours + "\n#nothing()")
    assert caught.value.code == "422.614"
