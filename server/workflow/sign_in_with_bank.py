"""Signs somebody in whom the bank's own sign-in vouches for; the operator has tied its id to an account."""

from collections.abc import Mapping

from fieldsync.errors import UnauthorisedError
from fieldsync.words import words
from server.context import ServerContext
from server.security.account_secrets import digest, fresh_token
from server.security.bank_sign_in import Asked, address_to_ask, subject_of_answer
from server.store.accounts import AccountState, account_of_bank, set_state
from server.store.audit import record
from server.store.engine import writing
from server.store.office_sessions import add_step, use_step
from server.store.retrying import retried
from server.workflow.first_sign_in import step_over
from server.workflow.office_sessions import IDLE, Visitor, begin
from server.workflow.sign_in import Welcome
from server.workflow.sign_in_limits import new_mark

_KIND = "bank"


def ask_bank(ctx: ServerContext, back_to: str) -> tuple[str, str]:
    """Where the browser goes, and the id of this step; errors as in `address_to_ask`."""
    random = ctx.randomness
    asked = Asked(fresh_token(random), fresh_token(random), fresh_token(random))
    address = address_to_ask(ctx.config.office, back_to, asked)
    return address, _keep(ctx, asked)


def answered(
    ctx: ServerContext, back_to: str, step: str, answer: Mapping[str, str], visitor: Visitor
) -> Welcome:
    """Sign in; UnauthorisedError 403.905 where the step is over, 403.909 where nobody has that id here."""
    asked = _taken(ctx, step)
    subject = subject_of_answer(ctx.config.office, back_to, asked, answer, ctx.clock.now())
    return _settle(ctx, subject, visitor)


@retried
def _keep(ctx: ServerContext, asked: Asked) -> str:
    token = fresh_token(ctx.randomness)
    body = {"state": asked.state, "nonce": asked.nonce, "verifier": asked.verifier}
    with writing(ctx.engine) as conn:
        add_step(conn, digest(token), _KIND, body, at=ctx.clock.now(), lasts=IDLE)
    return token


@retried
def _taken(ctx: ServerContext, step: str) -> Asked:
    with writing(ctx.engine) as conn:
        body = use_step(conn, digest(step), _KIND, ctx.clock.now())
    if body is None:
        raise step_over()
    return Asked(**body)


@retried
def _settle(ctx: ServerContext, subject: str, visitor: Visitor) -> Welcome:
    now = ctx.clock.now()
    with writing(ctx.engine) as conn:
        account = account_of_bank(conn, subject)
        if account is not None and account.state is not AccountState.DISABLED:
            set_state(conn, account.account_id, AccountState.ACTIVE)
            token = begin(ctx, conn, account.account_id, "bank", visitor)
            return Welcome(token, new_mark(ctx, account.login), account.account_id)
        known = account.account_id if account else "-"
        record(conn, at=now, actor=visitor.remote, action="office.sign_in_failed", subject=known)
    raise UnauthorisedError(
        "403.909",
        words("The bank knows you, but no account here is tied to you."),
        words("Ask the operator: `fieldsync-server accounts add --bank-id ID`."),
    )
