"""Settings of the server: flags > environment > config.toml in the server's folder > defaults.

The folder (`--home`, FIELDSYNC_SERVER_HOME, default ./fieldsync-server) holds config.toml, the
embedded store, the blobs and the secret keys; `fieldsync-server init` makes it.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from fieldsync.adapters.builtin_rulesets import DEFAULT_PACKS
from fieldsync.agreements.mandate import HOUSE_MANDATE, Mandate
from fieldsync.agreements.template_fields import require_fields
from fieldsync.domain.toml_text import read_toml
from fieldsync.errors import InputError, LocalCopyError
from fieldsync.sync.lease import DAYS_MAX, HOUSE_DAYS, lease_days
from fieldsync.words import words
from server.limit_settings import LimitSettings, read_limits
from server.mandate_settings import read_mandate_settings
from server.office_settings import OfficeSettings, read_office
from server.outbox_settings import OutboxSettings, read_outbox
from server.planning_settings import PlanningSettings, read_planning
from server.roads_settings import RoadSettings, read_roads

HOME_VARIABLE = "FIELDSYNC_SERVER_HOME"
DATABASE_VARIABLE = "FIELDSYNC_DATABASE_URL"
BLOBS_VARIABLE = "FIELDSYNC_BLOBS_URL"
DEFAULT_HOME = "fieldsync-server"
CONFIG_NAME = "config.toml"
_MOST_DAYS = 30


@dataclass(frozen=True, slots=True)
class Lender:
    """The bank as agreements name it, and the number a borrower may call; empty where not set."""

    name: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class ServerConfig:
    """Where everything of this server lives, and whether it is a training server."""

    home: Path
    database_url: str
    training: bool
    lender: Lender = Lender()
    # Where received files lie: `s3://bucket/prefix`, or empty for the folder.
    blobs_url: str = ""
    # The rule packs this server judges by: names of shipped ones, or files that may lie in `home`.
    rulesets: tuple[str, ...] = DEFAULT_PACKS
    outbox: OutboxSettings = field(default_factory=OutboxSettings)
    roads: RoadSettings = field(default_factory=RoadSettings)
    planning: PlanningSettings = field(default_factory=PlanningSettings)
    mandate: Mandate = HOUSE_MANDATE
    office: OfficeSettings = field(default_factory=OfficeSettings)
    limits: LimitSettings = field(default_factory=LimitSettings)
    # An outside time-stamping authority (RFC 3161); empty for the server's own stamps.
    tsa_url: str = ""
    # The bank's own template of the agreement, whole; empty for the shipped one.
    agreement_template: str = ""
    # The file to which signed heads of the audit log's tree are added; empty for the one in `home`.
    heads_file: str = ""
    # How many days before a due day borrowers who asked for it are reminded.
    reminder_days: int = 3
    # After so many days without an exchange a device lets its cases go.
    lease_days: int = HOUSE_DAYS

    @property
    def blobs(self) -> Path:
        """The folder of received files, where they lie in no bucket."""
        return self.home / "blobs"

    @property
    def uploads(self) -> Path:
        """The folder of files that are not whole yet."""
        return self.home / "uploads"

    @property
    def heads(self) -> Path:
        """The file of the audit log's published heads."""
        return self.home / (self.heads_file or Path("audit", "heads.jsonl"))

    @property
    def keys(self) -> Path:
        """The folder of the server's secret keys."""
        return self.home / "keys"


def home_of(flag: str | None) -> Path:
    """The server's folder by flag, environment or default."""
    return Path(flag or os.environ.get(HOME_VARIABLE) or DEFAULT_HOME)


def load_config(flag: str | None) -> ServerConfig:
    """The settings of an initialised server; LocalCopyError 602.1 where there is none."""
    home = home_of(flag)
    path = home / CONFIG_NAME
    if not path.is_file():
        raise LocalCopyError(
            "602.1",
            words("There is no Fieldsync server in {home}.", home=str(home)),
            words("Run `fieldsync-server init`, or name its folder with --home."),
        )
    try:
        data = read_toml(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InputError(
            "400.1",
            words("{path} is not a valid TOML file: {error}", path=str(path), error=str(error)),
        ) from error
    return ServerConfig(
        home=home,
        database_url=database_url(home, data),
        training=bool(data.get("training", False)),
        lender=_lender(data.get("lender", {}), path),
        blobs_url=os.environ.get(BLOBS_VARIABLE) or str(data.get("blobs_url", "")),
        rulesets=_rulesets(data.get("rulesets", list(DEFAULT_PACKS)), path),
        outbox=read_outbox(data.get("notices", {}), path),
        roads=read_roads(data.get("roads", {}), path),
        planning=read_planning(data.get("planning", {}), path),
        tsa_url=_web_address(data.get("tsa_url", ""), path),
        agreement_template=_template(data.get("agreement_template", ""), path),
        lease_days=_lease(data.get("lease_days", HOUSE_DAYS), path),
        reminder_days=_days(data.get("reminder_days", 3), path),
        heads_file=_text(data.get("audit_heads", ""), path),
        mandate=read_mandate_settings(data.get("mandate", {}), path),
        office=read_office(data.get("office", {}), path),
        limits=read_limits(data.get("limits", {}), path),
    )


def said_url(flag: str = "") -> str:
    """Where a person says that the store is, by flag or environment; empty where nobody says."""
    return flag or os.environ.get(DATABASE_VARIABLE, "")


def database_url(home: Path, data: Mapping[str, object]) -> str:
    """Where the store is: the environment's word, the settings', or the file in the folder."""
    said = said_url() or str(data.get("database_url", ""))
    return said or f"sqlite:///{home / 'fieldsync.db'}"


def _rulesets(names: object, path: Path) -> tuple[str, ...]:
    """The names in `rulesets`; InputError 422.507 where it is no list of texts."""
    if not isinstance(names, list) or not all(isinstance(name, str) and name for name in names):
        raise InputError(
            "422.507",
            words("`rulesets` in {path} must be a list of names.", path=str(path)),
            words('Write it like this: rulesets = ["cn", "house"]'),
        )
    return tuple(names)


def _template(name: object, path: Path) -> str:
    """The template's text from a file beside the settings; InputError 422.613 or 422.615."""
    if name == "":
        return ""
    file = path.parent / str(name)
    if not isinstance(name, str) or not file.is_file():
        raise InputError(
            "422.615",
            words("`agreement_template` in {path} names no file.", path=str(path)),
            words("Put the template beside the settings, or leave it out for the shipped one."),
        )
    text = file.read_text(encoding="utf-8")
    require_fields(text, name)
    return text


def _text(value: object, path: Path) -> str:
    """The path in `audit_heads`; InputError 422.690 where it is no text."""
    if not isinstance(value, str):
        raise InputError(
            "422.690",
            words("`audit_heads` in {path} must be the path of a file.", path=str(path)),
            words("Leave it out for audit/heads.jsonl in the server's folder."),
        )
    return value


def _lease(said: object, path: Path) -> int:
    days = lease_days(str(said))
    if days is None:
        raise InputError(
            "400.1",
            words(
                "`lease_days` in {path} must be a number from 1 to {most}.",
                path=str(path),
                most=DAYS_MAX,
            ),
            words("Leave it out for seven days."),
        )
    return days


def _days(value: object, path: Path) -> int:
    """One to thirty days; InputError 422.646 where it is something else."""
    if type(value) is not int or not 1 <= value <= _MOST_DAYS:
        raise InputError(
            "422.646",
            words("`reminder_days` in {path} must be a number from 1 to 30.", path=str(path)),
            words("Leave it out for three days."),
        )
    return value


def _web_address(value: object, path: Path) -> str:
    """An address that begins with http; InputError 422.612 where it does not."""
    if not isinstance(value, str) or (value and not value.startswith(("https://", "http://"))):
        raise InputError(
            "422.612",
            words(
                "`tsa_url` in {path} must be an address that begins with https://.", path=str(path)
            ),
            words("Leave it out for the server's own time stamps."),
        )
    return value


def _lender(section: object, path: Path) -> Lender:
    """The section [lender]; InputError 400.3 where it is something else than names."""
    if not isinstance(section, dict) or not all(isinstance(v, str) for v in section.values()):
        raise InputError(
            "400.3",
            words("[lender] in {path} needs `name` and `phone` as text.", path=str(path)),
        )
    return Lender(section.get("name", ""), section.get("phone", ""))
