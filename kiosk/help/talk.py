"""What staff say to a waiting person by choosing a phrase, and what she answers by touch."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from kiosk.help import records
from kiosk.help.codes import codes
from kiosk.help.phrases import ANSWERS, PHRASES, check
from kiosk.help.requests import Request, first_name, iso, still_open
from kiosk.languages import known
from kiosk.people.accounts import Person
from kiosk.spelling import clean
from kiosk.store import NotThere, Reading, Row, Writing

LONGEST = 160
"""Letters of a phrase of a branch."""


@dataclass(frozen=True)
class OwnPhrase:
    """What a branch says besides. `translations` are by language tag, without English."""

    id: str
    branch_id: str
    english: str
    translations: Mapping[str, str]

    def in_language(self, tag: str) -> tuple[str, bool]:
        """The text for a person, and whether it is in her language; else it is the English."""
        text = self.translations.get(tag, "") if tag != "en" else self.english
        return (text, True) if text else (self.english, False)


@dataclass(frozen=True)
class Said:
    """One phrase as it was said. Either `code` names one of `phrases.PHRASES`, or `own` is one of the branch.

    `gaps` fill the phrase, as `phrases.filled` reads them. `who` is the name of who said it. `answer` is a
    code of `phrases.ANSWERS`, empty while she has not answered. The moments are UTC in ISO 8601.
    """

    id: str
    at: str
    who: str
    code: str
    own: OwnPhrase | None
    gaps: Mapping[str, str]
    answer: str
    answered_at: str


def say(db: Writing, request_id: str, code: str, gaps: Mapping[str, str], by: Person, now: datetime) -> Said:
    """Say a phrase of everybody; `gaps` has what its phrase needs: `time` as HH:MM, `minutes`, `name`, …

    Raises `records.Closed`, `NotThere`; `ValueError` for a phrase that is none and for gaps that do not fit.
    """
    if code not in PHRASES:
        raise ValueError(f"{code} is no phrase")
    return _keep(db, request_id, by, now, code=code, gaps=json.dumps(check(PHRASES[code], gaps)))


def say_own(db: Writing, request_id: str, phrase_id: str, by: Person, now: datetime) -> Said:
    """Say a phrase of the branch the request waits at. Raises `records.Closed`, `NotThere`."""
    request = still_open(db, request_id)
    phrase = db.one(
        "SELECT id FROM help_phrases WHERE id = :id AND branch_id = :branch AND gone_at IS NULL",
        id=phrase_id,
        branch=request.branch_id,
    )
    return _keep(db, request_id, by, now, phrase_id=phrase["id"])


def _keep(db: Writing, request_id: str, by: Person, now: datetime, **values: str) -> Said:
    """Whoever speaks first has the request: from then on somebody has answered."""
    if still_open(db, request_id).is_unanswered(now):
        records.take(db, request_id, by, 0, now)
    said_id = secrets.token_hex(10)
    db.insert("help_talk", id=said_id, request_id=request_id, at=iso(now), who=by.id, **values)
    records.spoken(db, request_id, json.loads(values.get("gaps", "{}")), now)
    return _one(db, request_id, said_id)


def answer(db: Writing, request_id: str, said_id: str, code: str, now: datetime) -> None:
    """She answers what was said; another answer later replaces it.

    Raises `records.Closed`; `NotThere`; `ValueError` for an answer that does not fit the phrase, and for what
    was said before it was put back: who said it is not there to read it.
    """
    request, said = still_open(db, request_id), _one(db, request_id, said_id)
    if code not in answers_to(said) or not stands(said, request):
        raise ValueError(f"{code} does not answer this")
    db.run(
        "UPDATE help_talk SET answer = :code, answered_at = :now WHERE id = :id",
        code=code,
        now=iso(now),
        id=said_id,
    )
    records.change(db, request_id)


def of(db: Reading, request_id: str) -> list[Said]:
    """All that was said, the last first."""
    rows = db.all(
        "SELECT t.*, w.name AS name, p.branch_id, p.english, p.translations FROM help_talk t"
        " LEFT JOIN people w ON w.id = t.who LEFT JOIN help_phrases p ON p.id = t.phrase_id"
        " WHERE t.request_id = :id ORDER BY t.at DESC",
        id=request_id,
    )
    return [_said(row) for row in rows]


def _one(db: Reading, request_id: str, said_id: str) -> Said:
    for said in of(db, request_id):
        if said.id == said_id:
            return said
    raise NotThere


def _said(row: Row) -> Said:
    own = None
    if row["phrase_id"]:
        own = OwnPhrase(row["phrase_id"], row["branch_id"], row["english"], json.loads(row["translations"]))
    return Said(
        id=row["id"],
        at=row["at"],
        who=first_name(row["name"] or ""),
        code=row["code"],
        own=own,
        gaps=json.loads(row["gaps"]),
        answer=row["answer"],
        answered_at=row["answered_at"] or "",
    )


def stands(said: Said, request: Request) -> bool:
    """Whether a phrase still holds: not when the request was put back, or passed on, after it was said."""
    return said.at >= request.waiting_since


def answers_to(said: Said) -> tuple[str, ...]:
    """The codes of the answers that fit, in the order of the tiles."""
    fit = PHRASES[said.code].answers if said.code in PHRASES else codes(ANSWERS)
    return tuple(each.code for each in ANSWERS if each.code in fit)


# Phrases of a branch ----------------------------------------------------------------------------------------


def own_phrases(db: Reading, branch_id: str) -> list[OwnPhrase]:
    """The phrases of a branch, the oldest first."""
    rows = db.all(
        "SELECT id, branch_id, english, translations FROM help_phrases"
        " WHERE branch_id = :branch AND gone_at IS NULL ORDER BY created_at, id",
        branch=branch_id,
    )
    return [OwnPhrase(**{**row, "translations": json.loads(row["translations"])}) for row in rows]


def add_own(db: Writing, branch_id: str, english: str, translations: Mapping[str, str], now: datetime) -> str:
    """Add a phrase of a branch; its id. `ValueError` for no text, one too long, or an unknown language."""
    english, written = _checked(english, translations)
    phrase_id = secrets.token_hex(10)
    db.insert(
        "help_phrases",
        id=phrase_id,
        branch_id=branch_id,
        english=english,
        translations=written,
        created_at=iso(now),
    )
    return phrase_id


def change_own(db: Writing, phrase_id: str, english: str, translations: Mapping[str, str]) -> None:
    """What was said with it before reads differently from now on. Raises `NotThere`, `ValueError`."""
    english, written = _checked(english, translations)
    if not db.run(
        "UPDATE help_phrases SET english = :english, translations = :written"
        " WHERE id = :id AND gone_at IS NULL",
        english=english,
        written=written,
        id=phrase_id,
    ):
        raise NotThere


def remove_own(db: Writing, phrase_id: str, now: datetime) -> None:
    """It is not offered any more; where it was said it stays. Raises `NotThere`."""
    if not db.run(
        "UPDATE help_phrases SET gone_at = :now WHERE id = :id AND gone_at IS NULL",
        now=iso(now),
        id=phrase_id,
    ):
        raise NotThere


def _checked(english: str, translations: Mapping[str, str]) -> tuple[str, str]:
    """What is kept of a phrase: its English, and its translations as JSON. `ValueError`."""
    texts = {tag: clean(text) for tag, text in {**translations, "en": english}.items()}
    if not texts["en"] or any(len(text) > LONGEST for text in texts.values()) or set(texts) - set(known()):
        raise ValueError("a phrase has 1 to 160 letters, in languages that are known")
    english = texts.pop("en")
    return english, json.dumps({tag: text for tag, text in texts.items() if text}, ensure_ascii=False)
