"""How what happened is told to her: a picture and a sentence for every state, and what she can do now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from babel.support import LazyProxy

from kiosk.forms import Choice
from kiosk.languages import InBoth, _l, day_of_week
from kiosk.support.codes import chosen
from kiosk.support.referrals.own_side import may_say_nobody_called
from kiosk.support.referrals.records import Handover
from kiosk.support.referrals.steps import NO_ANSWER, OUTCOMES, QUESTIONS, REASONS, TIME_OVER

SAYS: MappingProxyType[str, tuple[str, LazyProxy]] = MappingProxyType(
    {
        "new": ("send", _l("They have it. Nobody has read it yet.")),
        "seen": ("eye", _l("They have read it.")),
        "accepted": ("circle-check", _l("They said yes. They will help you.")),
        "asking": ("message-question", _l("They ask you something.")),
        "declined": ("circle-x", _l("They said no.")),
        "passing": ("arrow-right", _l("They ask if somebody else may help you.")),
        "passed": ("arrow-right", _l("Somebody else has your story now.")),
        "contacted": ("message-circle", _l("They have spoken with you.")),
        "closed": ("circle-check", _l("This is finished.")),
        "withdrawn": ("arrow-back-up", _l("You took it back. They cannot read it any more.")),
    }
)
"""The picture and the sentence of each state of a handover."""
_WHY = {"asking": QUESTIONS, "declined": REASONS, "closed": OUTCOMES}
_ENDED = MappingProxyType({each.code: (each.icon, each.label) for each in (NO_ANSWER, TIME_OVER)})
"""What the clock has ended nobody has said no to: it has a picture and a sentence of its own."""


@dataclass(frozen=True)
class Look:
    """A handover as she sees it. `number` is its place among hers, from 1; `why` the reason, or None.

    `since` is the day of the last change, `due` the day until which they should do something, None where it
    is not their turn. `complained`: she has just said that nobody called.
    """

    number: int
    handover: Handover
    icon: str
    says: LazyProxy | str
    why: Choice | None
    since: InBoth
    due: InBoth | None
    late: bool
    complained: bool

    @property
    def is_good(self) -> bool:
        """What is neither a no nor an end without help may be drawn as done well."""
        bad = self.handover.state in ("declined", "withdrawn") or self.late
        return not bad and (self.why is None or self.why.code not in ("not-reached", "not-wanted"))

    @property
    def can_answer(self) -> bool:
        return self.handover.state == "asking" and self.handover.sealed is not None

    @property
    def can_decide(self) -> bool:
        """Somebody else was named, she has not said yes or no to that, and there is something to pass on."""
        asked = self.handover.state == "passing" and not self.handover.passing_consent
        return asked and self.handover.sealed is not None

    @property
    def can_stop_passing(self) -> bool:
        """She said yes to somebody else, and nothing was sent on yet."""
        return self.handover.state == "passing" and bool(self.handover.passing_consent)

    @property
    def can_take_back(self) -> bool:
        return self.handover.state != "withdrawn"

    @property
    def can_add(self) -> bool:
        return self.handover.is_open and self.handover.sealed is not None

    @property
    def can_complain(self) -> bool:
        """Nobody called, and she has not said so yet."""
        return self.handover.is_open and not self.complained


def looks(handovers: list[Handover], now: datetime) -> list[Look]:
    """All of hers, in order; `now` is the moment at the branch, with its time zone."""
    return [_look(number, each, now) for number, each in enumerate(handovers, 1)]


def _look(number: int, handover: Handover, now: datetime) -> Look:
    icon, says = _ENDED.get(handover.why, SAYS[handover.state])
    waits = handover.waits
    return Look(
        number=number,
        handover=handover,
        icon=icon,
        says=says,
        why=next(iter(chosen(_WHY.get(handover.state, ()), [handover.why])), None),
        since=_day(handover.changed_at, now),
        due=_day(handover.due_at, now) if waits else None,
        late=waits and datetime.fromisoformat(handover.due_at) <= now,
        complained=not may_say_nobody_called(handover, now),
    )


def _day(moment: str, now: datetime) -> InBoth:
    zone = now.tzinfo or ZoneInfo("UTC")
    return day_of_week(datetime.fromisoformat(moment).astimezone(zone).date())
