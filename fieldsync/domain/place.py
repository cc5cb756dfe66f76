"""Where people live: points in WGS-84, the datum they came in, and addresses."""

from dataclasses import dataclass
from enum import StrEnum


class Datum(StrEnum):
    """The datum a coordinate was given in; everything is stored as WGS-84 after import."""

    WGS84 = "WGS-84"
    GCJ02 = "GCJ-02"
    BD09 = "BD-09"


@dataclass(frozen=True, slots=True)
class Point:
    """A WGS-84 position in degrees."""

    lat: float
    lon: float


class AddressKind(StrEnum):
    """What kind of place an address is; a workplace is protected more than a home."""

    HOME = "home"
    WORK = "work"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Address:
    """One place of a borrower, with the time zone its hours are judged in.

    `given_in` is the datum the bank's file used (the point itself is WGS-84 already);
    `invalid` means that a visit or a letter found the address wrong.
    """

    address_id: str
    kind: AddressKind
    text: str
    point: Point | None
    zone: str = "Asia/Shanghai"
    country: str = "CN"
    subdivision: str = ""
    given_in: Datum = Datum.WGS84
    invalid: bool = False
