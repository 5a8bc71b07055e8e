"""The privacy notice of joining: one picture and one sentence at a time, with a version that is kept."""

from __future__ import annotations

import hashlib

from kiosk.languages import _l, in_english
from kiosk.settings import Settings

NOTICE = (
    ("user-check", _l("Staff of this library see your answers. Nobody else does.")),
    ("truck-delivery", _l("The volunteer who visits you sees your name, address and times.")),
    ("id", _l("We use them to make your library card, and to reach you about it.")),
    ("lock", _l("We lock your answers. Only staff who sign in can open them.")),
    ("trash", _l("We delete them %(days)s days after your card is ready.")),
    ("calendar-off", _l("If you do not come, we delete them after %(longest)s days.")),
    ("message-question", _l("You can ask staff to show, change or delete your answers.")),
)


def version(settings: Settings) -> str:
    """Changes with every change of the words, the days in them, and the library's own; a join keeps it."""
    said = [in_english(sentence) for _icon, sentence in NOTICE]
    said.append(f"{settings.join_kept_after_days} {settings.join_kept_days}")
    said += [f"{tag}: {text}" for tag, text in sorted(settings.responsible.items())]
    return "1." + hashlib.blake2s("\n".join(said).encode(), digest_size=4).hexdigest()
