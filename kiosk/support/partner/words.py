"""The words in which partners read where a referral stands and what happened to it."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk import languages
from kiosk.languages import Language, _l, _lp
from kiosk.support.referrals.partner_side import Step
from kiosk.support.referrals.records import Handover
from kiosk.support.referrals.steps import NO_ANSWER, OUTCOMES, QUESTIONS, REASONS, TIME_OVER
from kiosk.support.referrals.story import FILLED_BY, ITEM, Story, english, original

TABS = {
    "new": _lp("referrals", "New"),
    "doing": _lp("referrals", "Taken on"),
    "over": _lp("referrals", "Over"),
}
LABELS = {
    "about": _lp("referral", "What it is about"),
    "urgent": _lp("referral", "How soon"),
    "wants": _lp("referral", "What the person wants"),
    "tried": _lp("referral", "What the person tried"),
    "own-words": _lp("referral", "Own words"),
    "name": _lp("referral", "Name"),
    "reach": _lp("referral", "How to reach the person"),
    "safety": _lp("referral", "What is safe"),
    "interpreter": _lp("referral", "Interpreter"),
    "helper": _lp("referral", "Helper"),
    "age": _lp("referral", "Age"),
    "district": _lp("referral", "Where the person lives"),
    "children": _lp("referral", "Children"),
    "work": _lp("referral", "Work"),
    "stay": _lp("referral", "Time in the UK"),
    "access": _lp("referral", "What helps the person"),
}
"""The items of a story as partners and staff read them; the person reads `story.ITEM`."""
STATES = {
    "new": _lp("referral", "New"),
    "seen": _lp("referral", "Opened, not answered"),
    "accepted": _lp("referral", "Taken on"),
    "asking": _lp("referral", "Waits for an answer of the person"),
    "declined": _lp("referral", "Declined"),
    "passing": _lp("referral", "Waits for a yes to pass it on"),
    "passed": _lp("referral", "Passed on"),
    "contacted": _lp("referral", "In contact"),
    "closed": _lp("referral", "Closed"),
    "withdrawn": _lp("referral", "Taken back by the person"),
    "ended": _lp("referral", "Ended"),
}
STEPS = {
    "new": _l("It was sent."),
    "seen": _l("It was opened."),
    "accepted": _l("It was taken on."),
    "asking": _l("The person was asked something."),
    "declined": _l("It was declined."),
    "passing": _l("It shall be passed on."),
    "passing-yes": _l("The person said yes to passing it on."),
    "passed": _l("It was passed on."),
    "contacted": _l("Somebody spoke with the person."),
    "closed": _l("It was closed."),
    "withdrawn": _l("The person took it back."),
    "ended": _l("It has ended."),
    "reach-added": _l("The person said how to be reached."),
    "answer-added": _l("The person answered."),
    "nobody-called": _l("The person says that nobody has called."),
    "reminded": _l("The partner was reminded."),
    "chased": _l("Library staff asked the partner."),
    "staff-read": _l("Library staff read it, as the person agreed."),
}
NOBODYS = {"person": _l("the person"), "clock": _l("the clock")}
"""Who did a step, where it was nobody who signs in."""
SAID = {
    "accepted": _l("You have taken it on. The person can see that."),
    "asking": _l("The person can see your question at any library screen."),
    "declined": _l("It is declined. The person can see that."),
    "passing": _l("Now it needs the yes of the person."),
    "kept": _l("It stays with you."),
    "no": _l("The person said no. It stays with you."),
    "yes": _l("The person said yes. You can pass it on now."),
    "passed": _l("It is passed on. The other organisation has it now."),
    "contacted": _l("It is written down that you are in contact."),
    "closed": _l("It is closed."),
    "services": _l("Your services are as you said."),
    "about": _l("What you say of yourselves is kept."),
    "key": _l("The key of your organisation is new."),
    "key-stays": _l("Nothing that you have can be opened. The key stays. Tell the library."),
}
_ENDED = (NO_ANSWER, TIME_OVER)
"""What the clock has ended, and nobody has declined."""
_WHY = {each.code: each.label for each in (*QUESTIONS, *REASONS, *OUTCOMES, *_ENDED)}
_FILLED_BY = {each.code: each.label for each in FILLED_BY}


@dataclass(frozen=True)
class Told:
    """One item of a story: its lines in English, each with what stands beside it in the person's language."""

    item: str
    label: str
    icon: str
    lines: tuple[tuple[str, str], ...]


def told(story: Story, language: Language) -> list[Told]:
    """A story as a partner reads it; own words and what is safe stand apart from it, see `safety`."""
    return [
        Told(item, str(LABELS[item]), ITEM[item].icon, both(item, value, language))
        for item, value in story.items()
        if item not in {"own-words", "reach", "safety"}
    ]


def reach(story: Story, language: Language) -> Told:
    """The ways to reach the person that are safe."""
    return Told("reach", str(LABELS["reach"]), ITEM["reach"].icon, both("reach", story["reach"], language))


def safe_times(story: Story, language: Language) -> tuple[tuple[str, str], ...]:
    """When it is safe to reach the person; nothing is any time."""
    return both("safety", {"times": story["safety"].get("times", ())}, language)


def both(item: str, value: object, language: Language) -> tuple[tuple[str, str], ...]:
    """Each line in English, and in the language of the person where that differs."""
    theirs = original(item, value, language), original(item, value, language, drawn=True)
    return tuple(
        (ours, drawn if plain != ours else "")
        for ours, plain, drawn in zip(english(item, value), *theirs, strict=True)
    )


def state(one: Handover) -> str:
    """Where a handover stands, with the code of why in words."""
    words = str(STATES[_as_it_ended(one.state, one.why)])
    return f"{words}: {why(one.why)}" if one.why else words


def why(code: str) -> str:
    """A question, a reason or an outcome, as the person reads it."""
    return languages.in_english(_WHY[code]) if code in _WHY else code


def filled_by(one: Handover) -> str:
    """Who filled it in, where that was not the person."""
    found = _FILLED_BY.get(one.filled_by)
    return languages.in_english(found) if found is not None and one.filled_by != "self" else ""


def who(step: Step) -> str:
    """Who did a step."""
    return str(NOBODYS.get(step.who, step.who))


def language_of(tag: str) -> Language:
    """The language that the person reads; English for one that is not known any more."""
    known = languages.known()
    return known.get(tag, known["en"])


def happened(steps: list[Step]) -> list[tuple[Step, str]]:
    """What happened, in words; a state that a handover only came back to is said as that."""
    found, been = [], set()
    for each in steps:
        back = each.what in been and each.what in {"seen", "accepted", "contacted"}
        words = str(_BACK if back else STEPS[_as_it_ended(each.what, each.why)])
        been.add(each.what)
        says_why = each.why in _WHY and each.what != "chased"  # its codes are others
        found.append((each, f"{words} {why(each.why)}" if says_why else words))
    return found


_BACK = _l("It goes on as before.")


def _as_it_ended(state: str, why: str) -> str:
    """The key of its words: what the clock has ended was declined by nobody."""
    return "ended" if state == "declined" and why in {each.code for each in _ENDED} else state
