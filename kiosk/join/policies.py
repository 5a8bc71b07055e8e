"""What each kind of membership allows here, and the plain sentences that tell a person so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from babel.support import LazyProxy

from kiosk.languages import _l, _lp
from kiosk.settings import Settings, Unlock

LABELS = {
    "full": _lp("membership", "Full member"),
    "introductory": _lp("membership", "New member"),
    "no-address": _lp("membership", "Member without an address"),
    "child": _lp("membership", "Child member"),
    "good-neighbour": _lp("membership", "Good Neighbour"),
    "home": _lp("membership", "Books to your home"),
    "digital": _lp("membership", "Only e-books"),
}
"""The memberships by their stable codes. *Introductory*: she gave an address, and showed no proof yet."""


class Line(NamedTuple):
    """A sentence for the person, with its pictogram and the values that fill it."""

    icon: str
    sentence: LazyProxy
    values: dict[str, Any]


@dataclass(frozen=True)
class Policy:
    """What one membership allows at one place.

    `items` is how many things can be borrowed at one time, `days` how long the membership holds; `card` says
    whether the screen gives a temporary card, `fines` whether anything costs money when it comes back late.
    """

    code: str
    label: LazyProxy
    items: int
    days: int
    card: bool
    computers: bool
    ebooks: bool
    fines: bool
    free_requests: bool
    unlocked_by: Unlock


def policy(settings: Settings, code: str) -> Policy:
    """What the membership of this code allows where these settings hold. `KeyError` for an unknown code."""
    return Policy(
        code=code,
        label=LABELS[code],
        items=settings.membership_items[code],
        days=settings.membership_days[code],
        card=code in settings.membership_cards,
        computers=code in settings.membership_computers,
        ebooks=code in settings.membership_ebooks,
        fines=code in settings.membership_fines,
        free_requests=code in settings.membership_free_requests,
        unlocked_by=settings.membership_unlocked_by[code],
    )


def today(policy: Policy) -> tuple[Line, ...]:
    """What the person can do with this membership, the most important first; nothing that she cannot.

    A number always stands without the noun it counts, so that no language has to bend the noun.
    """
    items = {"items": policy.items}
    lines = (
        (policy.items, "books", _l("You can take home books and films, up to %(items)s at one time.")),
        (policy.ebooks, "device-mobile", _l("You can read e-books on your phone.")),
        (policy.computers, "device-desktop", _l("You can use the computers here.")),
        (policy.free_requests, "bookmark", _l("You can ask for a book. It costs nothing.")),
        (not policy.fines and policy.items, "coin-off", _l("You do not pay when a book comes back late.")),
    )
    return tuple(
        Line(icon, sentence, items if icon == "books" else {}) for holds, icon, sentence in lines if holds
    )


def more(settings: Settings, policy: Policy) -> tuple[Line, ...] | None:
    """How the person comes to a full membership, and what she can take then; `None` when it gives no more."""
    items = settings.membership_items["full"]
    if not policy.unlocked_by or items <= policy.items:
        return None
    if policy.unlocked_by == "desk":
        return (Line("message-circle", _l("Do you want more? Talk to staff."), {}),)
    shown = {
        "address": Line("mail-opened", _l("Show staff a letter with your name and address."), {}),
        "id": Line("id", _l("Show staff a card with your name and photo."), {}),
    }
    then = Line("books", _l("Then you can take home up to %(items)s at one time."), {"items": items})
    return shown[policy.unlocked_by], then
