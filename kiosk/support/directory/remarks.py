"""What is refused or strange in a directory that is loaded, in words for staff."""

from __future__ import annotations

from dataclasses import dataclass

REASONS = {
    "not-a-service": "This is no service: %(text)s",
    "another-thing": "This is an organisation, a place or a term of a taxonomy, and no service.",
    "no-id": "The service has no id.",
    "long-id": "The id is longer than 200 letters.",
    "no-name": "The service has no name.",
    "too-deep": "The service is nested more than %(most)s levels deep.",
    "too-long": "The service is longer than %(most)s letters.",
    "bad-email": "This is no e-mail address, and was left out: %(text)s",
    "bad-address": "This is no web address, and was left out: %(text)s",
    "bad-status": "This status is not known. The service was read as active: %(text)s",
    "no-status": "The service has no status. It was read as active.",
    "bad-age": "This is no age, and was left out: %(text)s",
    "ages-turned": "The lowest age is above the highest. Both were left out.",
    "no-organisation": "The service names no organisation.",
    "bad-language": "This language is not known, and was left out: %(text)s",
    "text-cut": "The text is longer than %(most)s letters. The rest was left out.",
}


@dataclass(frozen=True)
class Remark:
    """What was refused or is strange: where in the file, and why, for staff to read."""

    where: str
    reason: str


class Refused(ValueError):
    """Why a service cannot be taken: a code of `REASONS` and its values."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code, self.values = code, values

    def __str__(self) -> str:
        return REASONS[self.code] % self.values
