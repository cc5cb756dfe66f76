"""A month of the shipped branch: 20 pairs, a real server, every evening a book, a plan, notices and a publication."""

import csv
import dataclasses
import random
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import select

from fieldsync.adapters.builtin_rulesets import builtin_rulesets
from fieldsync.errors import ConflictError
from fieldsync.planner.problem import Budget
from server.app import create_app
from server.config import Lender
from server.context import ServerContext, open_server
from server.store.conduct_duties import officer_ids
from server.store.engine import reading
from server.store.tables import holds
from server.workflow.enrol_device import make_code
from server.workflow.import_cases import ImportOptions, import_cases
from server.workflow.import_staff import import_staff
from server.workflow.initialise import initialise
from server.workflow.lift_hold import lift
from server.workflow.open_outbox import open_outbox
from server.workflow.plan_visits import plan_visits
from server.workflow.publish_itineraries import publish_plan
from server.workflow.send_notices import send_notices
from server.workflow.write_notices import write_notices
from tests.fakes import FixedClock
from tests.journeys.month_device import MonthDevice
from tests.journeys.month_visits import Doors
from tests.server.field_device import FieldDevice

BRANCH, ZONE = "SZ-NANSHAN", ZoneInfo("Asia/Shanghai")
BOOK = Path(__file__).parents[2] / "fixtures" / "shenzhen"
FIRST_DAY = date(2026, 11, 24)
# Three pairs walk until ten at night; whoever calls or writes after them is lawful until then.
EVENING, MORNING, MIDDAY, HOME = time(21, 58), time(7, 30), time(13), time(21, 56)
# The plan's quality is not what is tried here.
QUICK = Budget(seed=1, iterations=60, seconds=15.0)
CALLS_A_DAY = 700


@dataclass(slots=True)
class Month:
    """The branch, its clock, its devices by officer, and the doors they go to."""

    ctx: ServerContext
    clock: FixedClock
    rng: random.Random
    folder: Path
    doors: Doors
    devices: dict[str, MonthDevice] = field(default_factory=dict)

    def at(self, day: date, clock: time) -> datetime:
        """Let time pass until then."""
        then = datetime.combine(day, clock, ZONE)
        self.clock.go_on(seconds=(then - self.clock.now()).total_seconds())
        return then

    def enrol_everybody(self) -> None:
        """Forty officers, each with a device."""
        client = create_app(self.ctx).test_client()
        with reading(self.ctx.engine) as conn:
            staff = officer_ids(conn, BRANCH)[BRANCH]
        for officer_id in staff:
            code, _until = make_code(self.ctx, officer_id, timedelta(hours=1))
            device = FieldDevice(client, self.clock, officer_id)
            assert device.enrol(code).status_code == 200
            self.devices[officer_id] = MonthDevice(officer_id, device)

    def prepare(self, day: date) -> None:
        """The evening before: the day's book, a plan, its notices, its publication."""
        plan = plan_visits(self.ctx, BRANCH, day, budget=QUICK)
        write_notices(self.ctx, BRANCH, day)
        send_notices(self.ctx, open_outbox(self.ctx), builtin_rulesets(), branch=BRANCH, day=day)
        publish_plan(self.ctx, plan.plan_id)

    def live(self, day: date) -> None:
        """A working day, from the first exchange in the morning to the last in the evening."""
        self._exchange(day, MORNING, 100)
        self._walk(time(0), MIDDAY)
        self._exchange(day, MIDDAY, 70)
        self._walk(MIDDAY, time(23))
        self._exchange(day, HOME, 90)
        self._exchange(day, time(21, 57), 60)
        self.at(day, EVENING)
        self._lift_some()
        self._import_of_the_day(day)

    def _exchange(self, day: date, clock: time, of_100: int) -> None:
        """Some have no line just then; whoever records in the evening tries until it is through."""
        self.at(day, clock)
        for device in self.devices.values():
            if self.rng.randrange(100) < of_100:
                # No two exchanges at one instant: which came first decides.
                self.clock.go_on(seconds=1)
                device.exchange()

    def _walk(self, since: time, until: time) -> None:
        """The stops of each pair that begin in these hours; the first officer of a pair records."""
        now = self.clock.now()
        for officer_id, device in self.devices.items():
            itinerary = device.today(now)
            if itinerary is None or itinerary.officers[0].officer_id != officer_id:
                continue
            if since == time(0) and itinerary.stops and self.rng.randrange(100) < 5:
                self.doors.try_too_early(device, itinerary)
            for stop in itinerary.stops:
                if since <= stop.start.astimezone(ZONE).time() < until:
                    self.doors.visit(device, itinerary, stop)

    def _lift_some(self) -> None:
        """The office answers a few holds, with a reason."""
        with reading(self.ctx.engine) as conn:
            query = select(holds.c.case_id, holds.c.hold_id).where(holds.c.lifted_at.is_(None))
            waiting = conn.execute(query.order_by(holds.c.hold_id)).all()
        for case_id, hold_id in self.rng.sample(waiting, min(3, len(waiting))):
            # One whose record waits for a person is decided elsewhere.
            with suppress(ConflictError):
                lift(self.ctx, case_id, reason="spoken to", by="office", hold_id=hold_id)

    def _import_of_the_day(self, day: date) -> None:
        """The bank's calls and letters, all after the last visit: nobody at a door could know of them."""
        calls = self.folder / f"contacts-{day}.csv"
        with calls.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(
                ("case_id", "at", "channel", "reached", "number", "by", "promise_until")
            )
            for number in sorted(self.rng.sample(range(1, 1201), CALLS_A_DAY)):
                at = f"{day} 21:{self.rng.randrange(35, 56):02}"
                channel = self.rng.choice(("call", "sms", "letter", "email", "wechat"))
                reached = "debtor" if channel == "call" and self.rng.random() < 0.2 else "none"
                writer.writerow((f"NS-{number:04}", at, channel, reached, "", "bank", ""))
        report = import_cases(self.ctx, [calls], {}, ImportOptions())
        assert not report.problems


@contextmanager
def simulated_month(folder: Path, days: int, seed: int = 7) -> Iterator[Month]:
    """The branch after that many working days, Monday to Friday."""
    home = folder / "bank"
    initialise(home, training=True, lender=Lender("Example Bank", "0755-00000000"), database="")
    clock = FixedClock(datetime.combine(FIRST_DAY - timedelta(days=1), time(20, 30), ZONE))
    ctx = dataclasses.replace(open_server(str(home)), clock=clock)
    rng = random.Random(seed)  # noqa: S311 - a world that comes out the same again, no secret
    try:
        month = Month(ctx, clock, rng, folder, Doors(rng))
        import_staff(ctx, BOOK / "staff.csv")
        files = [BOOK / name for name in ("cases.csv", "contacts.csv", "payments.csv")]
        import_cases(ctx, files, {}, ImportOptions())
        month.enrol_everybody()
        for day in _working_days(days):
            month.prepare(day)
            month.live(day)
        yield month
    finally:
        ctx.engine.dispose()


def _working_days(count: int) -> list[date]:
    days = (FIRST_DAY + timedelta(days=n) for n in range(3 * count))
    return [day for day in days if day.weekday() < 5][:count]
