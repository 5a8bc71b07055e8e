"""The directory of the demo library has something for every need, in words that anybody can read."""

from __future__ import annotations

import re

from kiosk.languages import known
from kiosk.store import Store
from kiosk.support import codes
from kiosk.support.directory import demo
from kiosk.support.directory.demo_words import WORDS
from kiosk.support.directory.records import STATES, WAYS, cards, shown


def test_it_covers_every_need_and_every_state(directory: Store) -> None:
    with directory.write() as db:
        demo.load(db)
    with directory.read() as db:
        found = shown(db)
        words = cards(db, "en")
    assert len(found) == len(demo.SERVICES)
    assert set().union(*(each.needs for each in found)) == codes.codes(codes.NEEDS)
    assert {each.state for each in found} == set(STATES)
    assert set().union(*(each.ways or () for each in found)) == set(WAYS)
    assert any(each.free is False for each in found)
    assert any(each.min_age is None for each in found), "something is not known"
    assert {each.state for each in words.values()} == {"read"}


def test_its_words_are_plain_and_its_numbers_ring_nowhere(directory: Store) -> None:
    for told in demo.SERVICES.values():
        assert re.fullmatch(r"01632 960\d{3}", told.phone)
        assert told.email.endswith(".example.org")
        for sentence in re.split(r"(?<=[.!?])\s", " ".join(told.card)):
            assert len(sentence.split()) <= 15, sentence
            assert "n't" not in sentence
        known = {"work": codes.WORK, "stay": codes.STAY}
        for fact, choices in known.items():
            assert set(told.facts.get(fact) or ()) <= codes.codes(choices)


def test_its_words_in_other_languages_are_drafts_with_as_many_paragraphs(directory: Store) -> None:
    with directory.write() as db:
        demo.load(db)
    tags = {tag for tag in known() if tag != "en"}
    for name, words in WORDS.items():
        assert words.keys() == tags, name
    with directory.read() as db:
        for tag in tags:
            found = cards(db, tag)
            for name in WORDS:
                mine = found[demo.service_id(name)]
                assert (mine.language, mine.state) == (tag, "draft")
                assert len(mine.text.split("\n")) == len(demo.SERVICES[name].card)
