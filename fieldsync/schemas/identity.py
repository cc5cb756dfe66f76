"""Checks numbers that name a person or a line: identity numbers, telephone numbers, currencies."""

import re
from functools import lru_cache

import phonenumbers
from stdnum import numdb
from stdnum.cn import ric
from stdnum.exceptions import ValidationError

from fieldsync.schemas.cells import parts
from fieldsync.schemas.fault import CellError, Fault
from fieldsync.words import words

_DEFAULT_REGION = "CN"
_IDENTITY = re.compile(r"\d{17}[\dX]", re.ASCII)
# ISO 4217, the currencies in use (funds and metals left out).
_CODES = (
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD"
    " CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP"
    " GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD"
    " KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN"
    " NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP"
    " SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND"
    " VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG"
)
CURRENCIES = frozenset(_CODES.split())


def identity_number(value: str) -> str:
    """A mainland identity number (GB 11643-1999): 18 characters, known area, real birthday, check digit.

    Whether the area had its code in the year of birth is not asked: numbers were first issued in
    1984, to people born long before.
    """
    number = ric.compact(value)
    if not _IDENTITY.fullmatch(number) or not _is_identity_number(number):
        raise CellError(
            Fault(
                "422.111",
                words("This is not a valid identity number: a digit is wrong or missing."),
                words(
                    "Compare it with the contract. Spreadsheets spoil long numbers: store it as "
                    "text. Leave it empty if it is unknown or a passport."
                ),
            )
        )
    return str(number)


def _is_identity_number(number: str) -> bool:
    try:
        ric.get_birth_date(number)
    except ValidationError:
        return False
    return _is_known_area(number[:6]) and bool(number[-1] == ric.calc_check_digit(number))


@lru_cache(maxsize=8192)
def _is_known_area(code: str) -> bool:
    return any("county" in part for _digits, part in numdb.get("cn/loc").info(code))


@lru_cache(maxsize=4096)
def telephone(value: str) -> str:
    """A telephone number in E.164 form (+8613800138000); without a prefix it is taken as Chinese."""
    try:
        number = phonenumbers.parse(value, _DEFAULT_REGION)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_valid_number(number):
        raise CellError(
            Fault(
                "422.112",
                words("This is not a telephone number that can exist."),
                words("Write it like 13800138000, 0755-26500000 or +44 20 7946 0000."),
            )
        )
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def telephones(value: str) -> tuple[str, ...]:
    """Several numbers in one cell, in order."""
    return tuple(dict.fromkeys(telephone(item) for item in parts(value)))


def currency(value: str) -> str:
    """An ISO 4217 code."""
    code = value.upper()
    if code not in CURRENCIES:
        raise CellError(
            Fault(
                "422.103",
                words("This is not a currency code of ISO 4217."),
                words("Write CNY for renminbi; or translate it in the mapping file."),
            )
        )
    return code
