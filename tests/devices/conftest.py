"""The library of the staff tests, so that screens can be paired by somebody who works there."""

from __future__ import annotations

from tests.staff.conftest import cheap_passwords, clock, library

__all__ = ["cheap_passwords", "clock", "library"]
