"""Made-up officers, cases and a day, as a server would have sent them, and a device to run them on."""

from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from nacl.public import PrivateKey

from agent_cli.config import Options
from agent_cli.identity import Identity
from agent_cli.main import build_group
from fieldsync.adapters.builtin_rulesets import builtin_rulesets, pack_text
from fieldsync.adapters.check_in_secrets import SALT_BYTES, make_key, signer_of
from fieldsync.domain import base64url
from fieldsync.domain.calendar import Window
from fieldsync.domain.case import Borrower, Case, Channel, ContactAttempt, Loan, Reached
from fieldsync.domain.codec import to_builtins
from fieldsync.domain.itinerary import Candidate, Itinerary, Stop
from fieldsync.domain.money import Money
from fieldsync.domain.officer import Officer
from fieldsync.domain.place import Address, AddressKind, Point
from fieldsync.sync.feed import FeedOp, FeedRow
from fieldsync.sync.sealing import HARDSHIP_SEAL_TAG
from tests.device_files import database_of

SHANGHAI = timezone(timedelta(hours=8))
DAY = date(2026, 11, 24)
ANA = Officer("O-0001", "Ana", "SZ-NANSHAN")
BEN = Officer("O-0002", "Ben", "SZ-NANSHAN")
# The server's receipt key, and the hardship team's: made up, so that a test can open what was sealed.
RECEIPT_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
TEAM_KEY = PrivateKey(bytes(range(1, 33)))
ANAS_DEVICE = Identity(
    device_id="0193a000-0000-7000-8000-000000000001",
    officer_id=ANA.officer_id,
    officer_name=ANA.name,
    branch=ANA.branch,
    server_url="http://127.0.0.1:9",
    server_key=base64url.encode(RECEIPT_KEY.public_key().public_bytes_raw()),
    epoch="epoch-1",
    training=True,
)
# What Ana and Ben type at a door. The limits of their keys are the lowest: tests check in all day.
SECRETS_FILE = Path(__file__).with_name("secrets.txt")
SECRETS = dict(line.split(" ", 1) for line in SECRETS_FILE.read_text("utf-8").splitlines())
KEYS = {
    officer: make_key(officer, secret, officer.ljust(SALT_BYTES, "0").encode(), 1, 8 << 10)
    for officer, secret in SECRETS.items()
}
SIGNERS = {
    officer: signer
    for officer, key in KEYS.items()
    if (signer := signer_of(key, SECRETS[officer])) is not None
}
NAMES = ("陈明", "李桂芳", "欧阳娜娜", "Wang Wei")


def at(hour: int, minute: int = 0) -> datetime:
    """An instant of the test day in Shenzhen."""
    return datetime(DAY.year, DAY.month, DAY.day, hour, minute, tzinfo=SHANGHAI)


def make_case(number: int) -> Case:
    """A made-up case, long overdue and hard to reach."""
    case_id = f"C-00000{number}"
    home = Address(
        f"{case_id}-H",
        AddressKind.HOME,
        f"深圳市南山区科苑路{number}号",
        Point(22.53 + number / 100, 113.94),
    )
    work = Address(
        f"{case_id}-W", AddressKind.WORK, f"深圳市福田区福华路{number}号", Point(22.54, 114.05)
    )
    attempts = tuple(
        ContactAttempt(
            datetime(2026, 11, 5 + day, 10, tzinfo=UTC),
            channel,
            Reached.NONE,
            f"1380000000{number}",
        )
        for day, channel in enumerate(
            (Channel.CALL, Channel.SMS, Channel.LETTER, Channel.CALL, Channel.SMS)
        )
    )
    return Case(
        case_id=case_id,
        branch="SZ-NANSHAN",
        borrower=Borrower(NAMES[number - 1], "4403**********1234", (f"1380000000{number}",)),
        loan=Loan(
            f"6222-000{number}",
            "card",
            Money(1200000),
            Money(34567),
            Money(0),
            95,
            date(2026, 11, 20),
        ),
        addresses=(home, work),
        contacts=attempts,
    )


def make_itinerary() -> Itinerary:
    """A day of three stops, with a fourth case to spare."""
    cases = [make_case(number) for number in (1, 2, 3, 4)]
    why = {"en": "95 days overdue", "zh-CN": "逾期95天"}
    shift = Window(at(9), at(18))
    stops = tuple(
        Stop(
            case_id=case.case_id,
            address_id=case.addresses[0].address_id,
            point=case.addresses[0].point or Point(0, 0),
            arrive=at(9 + i, 30),
            start=at(9 + i, 30),
            leave=at(10 + i),
            windows=(shift,),
            service_s=1800,
            travel_s=1800,
            distance_m=4000,
            priority=10,
            why=why,
        )
        for i, case in enumerate(cases[:3])
    )
    candidates = tuple(
        Candidate(
            case.case_id,
            case.addresses[0].address_id,
            case.addresses[0].point or Point(0, 0),
            (shift,),
            1800,
            10,
            why=why,
        )
        for case in cases
    )
    size = len(candidates) + 2
    legs = tuple(tuple(0 if i == j else 1800 for j in range(size)) for i in range(size))
    metres = tuple(tuple(0 if i == j else 4000 for j in range(size)) for i in range(size))
    office = Point(22.54, 113.95)
    return Itinerary(
        itinerary_id="I-1",
        version=1,
        day=DAY,
        branch="SZ-NANSHAN",
        pair_id="P-1",
        officers=(ANA, BEN),
        start=office,
        end=office,
        shift=shift,
        max_stops=14,
        stops=stops,
        return_at=at(12, 30),
        candidates=candidates,
        travel_s=legs,
        distance_m=metres,
    )


def feed_rows() -> list[FeedRow]:
    """What the server would have sent."""
    rows = [
        FeedRow(f"case:{c.case_id}", FeedOp.PUT, 1, to_builtins(c))
        for c in map(make_case, (1, 2, 3, 4))
    ]
    rows.append(FeedRow("itinerary:I-1", FeedOp.PUT, 1, to_builtins(make_itinerary())))
    officers = [
        {**to_builtins(officer), "check_in_key": to_builtins(KEYS[officer.officer_id])}
        for officer in (ANA, BEN)
    ]
    roster: dict[str, Any] = {"branch": "SZ-NANSHAN", "officers": officers}
    rows.append(FeedRow("roster:SZ-NANSHAN", FeedOp.PUT, 1, roster))
    for pack in builtin_rulesets():
        body = {"name": pack.name, "version": pack.version, "toml": pack_text(pack.name), "sig": ""}
        rows.append(FeedRow(f"ruleset:{pack.name}", FeedOp.PUT, 1, body))
    rows.append(FeedRow("server:hardship_seal", FeedOp.PUT, 1, hardship_seal()))
    return rows


def hardship_seal() -> dict[str, str]:
    """The team's public key as the server signs it."""
    key = base64url.encode(bytes(TEAM_KEY.public_key))
    return {
        "key": key,
        "sig": base64url.encode(RECEIPT_KEY.sign(HARDSHIP_SEAL_TAG + key.encode())),
    }


@dataclass(frozen=True, slots=True)
class Device:
    """A device's folder and a way to run the program on it."""

    home: Path

    def run(self, *args: str, stdin: str | None = None) -> Result:
        """The program in this process; the result's exception is the product's own error.

        Both officers' secrets lie in a file that the program is told of.
        """
        given = {"FIELDSYNC_SECRETS": str(SECRETS_FILE)}
        args = ("--home", str(self.home), *args)
        return CliRunner().invoke(build_group(), args, input=stdin, env=given)

    def turn_to(self, url: str) -> None:
        """Find the server at another address from now on, as if the network led there."""
        with closing(database_of(self.home)) as conn, conn:
            conn.execute(
                "UPDATE meta SET value = json_set(value, '$.server_url', ?)"
                " WHERE name = 'identity'",
                (url,),
            )

    @property
    def options(self) -> Options:
        """As a command gets them."""
        return Options(home=str(self.home))
