"""What staff say in phrases and she answers by touch: the same in every language, and nothing made up."""

from __future__ import annotations

import re
from datetime import time
from typing import Any

import pytest

from kiosk.configuration import ROOT
from kiosk.forms import Choice
from kiosk.help import codes, desk_codes, phrases, records, talk
from kiosk.help.phrases import ANSWERS, PHRASES
from kiosk.help.records import Closed, Request
from kiosk.languages import in_english, time_of_day
from kiosk.settings import Settings
from kiosk.store import NotThere
from tests.help.conftest import NINE, Town, at

pytestmark = pytest.mark.patient


def say(town: Town, request: Request, code: str = "desk", **gaps: str) -> talk.Said:
    said: talk.Said = town.do(talk.say, request, code, gaps, town.amina, NINE)
    return said


def talked(town: Town, request: Request) -> list[talk.Said]:
    with town.store.read() as db:
        return talk.of(db, request.id)


# Saying and answering ---------------------------------------------------------------------------------------


def test_a_phrase_is_said_and_answered_and_both_sides_are_told(town: Town) -> None:
    request = town.ask()
    said = say(town, request, "right")
    after = town.now(request)
    assert after.version > request.version
    assert (said.code, said.who, said.answer, said.own) == ("right", "Amina", "", None)
    town.do(talk.answer, request, said.id, "yes", at(9.1))
    (heard,) = talked(town, request)
    assert (heard.answer, heard.answered_at) == ("yes", at(9.1).isoformat())
    assert town.now(request).version > after.version
    town.do(talk.answer, request, said.id, "no", at(9.2))
    assert talked(town, request)[0].answer == "no"


def test_who_speaks_first_has_the_request(town: Town) -> None:
    request = town.ask()
    say(town, request)
    assert (town.now(request).state, town.now(request).handler) == ("taken", "Amina")
    town.do(talk.say, request, "look", {}, town.sam, at(9.05))
    assert town.now(request).handler == "Amina", "a colleague at the board may speak, too"
    assert [each.code for each in talked(town, request)] == ["look", "desk"]


def test_only_answers_that_fit_are_taken_and_only_for_her_own_phrase(town: Town) -> None:
    request, other = town.ask(), town.ask()
    said = say(town, request, "desk")
    assert talk.answers_to(said) == ("not-understood", "thanks")
    with pytest.raises(ValueError):
        town.do(talk.answer, request, said.id, "yes", NINE)
    with pytest.raises(NotThere):
        town.do(talk.answer, other, said.id, "thanks", NINE)


def test_what_was_said_before_it_was_put_back_needs_no_answer_any_more(town: Town) -> None:
    request = town.ask()
    said = say(town, request, "card")
    town.do(records.put_back, request, town.amina, at(9.1))
    assert not talk.stands(said, town.now(request))
    with pytest.raises(ValueError):
        town.do(talk.answer, request, said.id, "yes", at(9.2))
    assert talked(town, request)[0].answer == ""
    again = town.do(talk.say, request, "card", {}, town.sam, at(9.2))
    town.do(talk.answer, request, again.id, "yes", at(9.3))
    assert talked(town, request)[0].answer == "yes"


def test_nothing_is_said_when_it_is_over(town: Town) -> None:
    request = town.ask()
    said = say(town, request)
    town.do(records.done, request, "helped", town.amina, NINE)
    with pytest.raises(Closed):
        say(town, request)
    with pytest.raises(Closed):
        town.do(talk.answer, request, said.id, "thanks", NINE)


# Gaps -------------------------------------------------------------------------------------------------------


def test_a_time_is_written_as_each_language_writes_it(town: Town) -> None:
    said = say(town, town.ask(), "interpreter-rings", time="14:30", minutes="99")
    assert said.gaps == {"time": "14:30"}
    with town.app.app_context():
        assert phrases.filled(said.gaps) == {"time": time_of_day(time(14, 30))}
    assert phrases.english(PHRASES["interpreter-rings"], said.gaps) == "An interpreter will ring at 14:30."
    assert phrases.english(PHRASES["interpreter-rings"], {}) == "An interpreter will ring at …."


def test_a_name_is_set_apart_so_that_it_turns_no_sentence_round(town: Town) -> None:
    said = say(town, town.ask(), "colleague", name="  Sam \n Okafor ")
    assert said.gaps == {"name": "Sam Okafor"}
    assert phrases.filled(said.gaps) == {"name": "\u2068Sam Okafor\u2069"}
    assert phrases.filled({"minutes": "10"}) == {"minutes": "10"}


@pytest.mark.parametrize(
    ("code", "gaps"),
    [
        ("sing", {}),
        ("minutes", {}),
        ("minutes", {"minutes": "4"}),
        ("minutes", {"minutes": "five"}),
        ("interpreter-rings", {"time": "half two"}),
        ("interpreter-rings", {"time": ""}),
        ("colleague", {"name": " "}),
        ("colleague", {"name": "S" * 41}),
    ],
)
def test_a_phrase_with_a_gap_that_does_not_fit_is_not_said(
    town: Town, code: str, gaps: dict[str, str]
) -> None:
    request = town.ask()
    with pytest.raises(ValueError):
        town.do(talk.say, request, code, gaps, town.amina, NINE)
    assert talked(town, request) == []
    assert town.now(request).state == "waiting"


# The phrases of a branch ------------------------------------------------------------------------------------


def own(town: Town, english: str = "The lift is broken.", **translations: str) -> str:
    with town.store.write() as db:
        return talk.add_own(db, town.central, english, translations, NINE)


def test_a_branch_says_its_own_in_her_language_or_says_that_it_is_english(town: Town) -> None:
    phrase, request = own(town, ar="المصعد معطل."), town.ask()
    said = town.do(talk.say_own, request, phrase, town.amina, NINE)
    assert said.own is not None
    assert said.own.in_language("ar") == ("المصعد معطل.", True)
    assert said.own.in_language("ti") == ("The lift is broken.", False)
    assert said.own.in_language("en") == ("The lift is broken.", True)
    assert talk.answers_to(said) == tuple(each.code for each in ANSWERS)
    assert talked(town, request) == [said]


def test_a_branch_changes_its_phrases_and_takes_them_back(town: Town) -> None:
    lift, wifi, request = own(town), own(town, "The Wi-Fi is slow today."), town.ask()
    town.do(talk.say_own, request, lift, town.amina, NINE)
    with town.store.write() as db:
        talk.change_own(db, lift, " The lift  works again. ", {"pl": "Winda działa.", "ar": " "})
        talk.remove_own(db, wifi, NINE)
        (left,) = talk.own_phrases(db, town.central)
        assert (left.english, left.translations) == ("The lift works again.", {"pl": "Winda działa."})
        assert talk.own_phrases(db, town.north) == []
        talk.remove_own(db, lift, NINE)
        for act, given in (
            (talk.remove_own, (lift, NINE)),
            (talk.change_own, (lift, "Again", {})),
            (talk.say_own, (request.id, lift, town.amina, NINE)),
        ):
            with pytest.raises(NotThere):
                act(db, *given)
    heard = talked(town, request)[0].own
    assert heard is not None
    assert heard.english == "The lift works again.", "what was said stays to be read"


def test_another_branch_says_nothing_of_ours(town: Town) -> None:
    lift, request = own(town), town.ask()
    town.do(records.pass_to_branch, request, town.north, town.amina, settings=Settings(), now=NINE)
    with pytest.raises(NotThere):
        town.do(talk.say_own, request, lift, town.amina, NINE)


@pytest.mark.parametrize(
    ("english", "translations"),
    [("", {}), (" ", {}), ("x" * 161, {}), ("A", {"ar": "x" * 161}), ("A", {"tlh": "x"})],
)
def test_a_phrase_of_a_branch_has_words_in_known_languages(
    town: Town, english: str, translations: dict[str, str]
) -> None:
    with pytest.raises(ValueError), town.store.write() as db:
        talk.add_own(db, town.central, english, translations, NINE)


# The words themselves ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", PHRASES)
def test_a_phrase_is_short_whole_and_plain(code: str) -> None:
    english = in_english(PHRASES[code].words)
    for sentence in re.findall(r"[^.?]+[.?]", english):
        assert len(sentence.split()) <= 15
    assert english.endswith((".", "?"))
    assert not re.search(r"'|’|%(?!\(\w+\)s)", english)
    answers = set(PHRASES[code].answers)
    assert "not-understood" in answers
    assert ("yes" in answers) == ("no" in answers) == english.endswith("?"), (
        "a question is answered by yes or no"
    )


CHOICES: list[tuple[Choice, ...]] = [
    codes.TOPICS, codes.WAYS, (codes.MESSAGE,), codes.WANTS, codes.NUMBERS, ANSWERS,
]  # fmt: skip


def test_every_code_is_there_once_with_a_picture() -> None:
    for choices in CHOICES:
        assert len(codes.codes(choices)) == len(choices)
    icons = [each.icon for choices in CHOICES for each in choices] + [each.icon for each in PHRASES.values()]
    for icon in icons:
        assert (ROOT / "static" / "vendor" / "icons" / f"{icon}.svg").exists(), icon
    for staff in (desk_codes.HOLDS, desk_codes.OUTCOMES):
        assert len(codes.codes(staff)) == len(staff)
    assert not codes.codes(desk_codes.OUTCOMES) & desk_codes.NOT_BY_STAFF.keys()


def test_a_number_that_the_library_has_not_filled_in_is_not_shown() -> None:
    def numbers(**chosen: Any) -> dict[str, str]:
        return {each.code: number for each, number in codes.urgent_numbers(Settings(**chosen))}

    usual = numbers()
    assert (usual["emergency"], usual["abuse"]) == ("999", "0808 2000 247")
    assert "council" not in usual
    assert numbers(help_numbers=("council=01632 960000", "gossip=1", "nonsense")) == {
        "council": "01632 960000"
    }
