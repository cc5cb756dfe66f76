"""One exchange with a device: its operations up, then a page of its officer's feed down."""

from fieldsync.sync.messages import SyncRequest, SyncResponse
from server.context import ServerContext
from server.store.devices import Device
from server.workflow.receive_operations import receive
from server.workflow.serve_changes import check_cursor, serve
from server.workflow.settle_operations import release_late


def exchange(ctx: ServerContext, device: Device, asked: SyncRequest) -> SyncResponse:
    """Everything pushed is stored before anything is read; errors as in `receive` and `serve`."""
    agent = device.officer.officer_id
    check_cursor(ctx, agent, asked.cursor)
    received = receive(ctx, device, asked.operations)
    if asked.operations:
        release_late(ctx)
    page = serve(ctx, agent, asked.cursor)
    return SyncResponse(
        receipt=received.receipt,
        results=received.results,
        changes=page.changes,
        cursor=page.cursor,
        complete=page.complete,
        digest=page.digest,
        server_time=ctx.clock.now(),
    )
