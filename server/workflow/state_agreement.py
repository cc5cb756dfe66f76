"""Makes the statement of a plan for its borrower, as a PDF in the agreement's language."""

from datetime import date

from fieldsync.adapters.typst_document import render_statement
from fieldsync.agreements.facts import CONTRACT_LENDER
from fieldsync.agreements.statement import statement_data
from fieldsync.locale import render
from server.context import ServerContext
from server.store.cases import load_case
from server.store.engine import reading
from server.workflow.agreements_kept import find


def statement_of(ctx: ServerContext, said: str, day: date | None) -> bytes:
    """The PDF; errors as in `find`."""
    one = find(ctx, said, day)
    agreement, now = one.stored.agreement, ctx.clock.now()
    tag = agreement.language
    with reading(ctx.engine) as conn:
        case = load_case(conn, agreement.case_id)
    name = case.borrower.name if case else ""
    phone = ctx.config.lender.phone or render(CONTRACT_LENDER.phone, tag)
    data = statement_data(
        agreement, one.kept, name, day or now.date(), phone, lambda text: render(text, tag)
    )
    return render_statement(data, now)
