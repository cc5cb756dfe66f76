"""The device's SQLite: SQLCipher, under the name and with the types of the standard library's module.

Its exceptions are its own (`sqlite3.Error` of this module, not of the standard library). sqlite-utils
catches those of the driver that it finds as pysqlite3, so this module has to be imported before it.
"""

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
else:
    import sqlcipher3
    from sqlcipher3 import dbapi2 as sqlite3

    sys.modules["pysqlite3"] = sqlcipher3
    sys.modules["pysqlite3.dbapi2"] = sqlite3

__all__ = ["sqlite3"]
