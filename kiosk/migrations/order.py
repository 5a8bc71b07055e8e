"""The one list of migrations: in the order in which the files of this room are imported."""

from sqlite_utils import Migrations

migrations = Migrations("kiosk")
