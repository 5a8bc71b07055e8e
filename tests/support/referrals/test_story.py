"""What a story says, as the person and as a partner reads it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk import languages
from kiosk.languages import in_english
from kiosk.support import codes
from kiosk.support.referrals import story as stories
from kiosk.support.referrals.story import ITEM, ITEMS, REQUIRED, NotAStory, Story
from tests.support.town import STORY

ENGLISH = {
    "about": ["Money, benefits or debt", "A place to live"],
    "urgent": ["This week"],
    "wants": ["Tell me what to do", "Somebody rings me"],
    "tried": ["I asked family or friends"],
    "own-words": ["كتبت رسالة ZZMARKEDWORDS"],
    "name": ["ZZMARKEDNAME"],
    "reach": ["Ring me: 07700 900982", "I come to you"],
    "safety": ["Do not leave a voicemail.", "Do not say who is calling.", "Weekday mornings"],
    "interpreter": ["Arabic"],
    "helper": ["ZZMARKEDHELPER", "You may speak to my helper."],
    "age": ["25 to 59"],
    "district": ["IP1"],
    "children": ["Yes, I have children"],
    "work": ["I look for work"],
    "stay": ["1 to 5 years"],
    "access": ["No stairs"],
}


@pytest.mark.parametrize("item", list(ITEM))
def test_a_partner_reads_each_item_in_english(item: str) -> None:
    assert stories.english(item, STORY[item]) == ENGLISH[item]


def test_every_item_has_words_and_the_test_story_has_every_item() -> None:
    assert list(STORY) == list(ITEM)
    for item in ITEMS:
        assert in_english(item.label)
    assert REQUIRED == ("about", "reach", "safety")


def test_beside_the_english_stands_what_she_saw_and_wrote() -> None:
    arabic = languages.known()["ar"]
    assert stories.original("name", "أمينة", arabic) == ["أمينة"]
    assert stories.original("interpreter", "ar", arabic) == ["العربية"]
    for item in ITEM:
        assert len(stories.original(item, STORY[item], arabic)) == len(ENGLISH[item])


def test_who_says_little_is_read_in_full() -> None:
    assert stories.english("reach", []) == ["I look at a library screen."]
    assert stories.english("safety", {}) == []
    assert stories.english("safety", {"voicemail": True}) == ["You may leave a voicemail."]
    assert stories.english("interpreter", stories.BSL) == ["British Sign Language"]
    assert stories.english("district", codes.NO_FIXED) == ["I have no fixed address"]
    assert stories.english("helper", {"name": "Sam", "may_talk": False})[1] == "Do not speak to my helper."
    with pytest.raises(NotAStory):
        stories.lines("religion", "none")


def test_a_part_has_what_is_always_sent_and_what_was_left_in() -> None:
    assert list(stories.part(STORY, ())) == ["about", "reach", "safety"]
    assert list(stories.part(STORY, ("name", "urgent"))) == ["about", "urgent", "name", "reach", "safety"]
    assert stories.part(STORY, ("unknown",)).keys() == set(REQUIRED)
    assert stories.part(STORY, (), ("housing",))["about"] == ["housing"]
    assert stories.special(STORY) == ("money",)


@given(st.sets(st.sampled_from(sorted(ITEM))), st.sets(st.sampled_from(sorted(ITEM))))
def test_a_part_never_holds_more_than_was_agreed(told: set[str], items: set[str]) -> None:
    story: Story = stories.checked({item: STORY[item] for item in told | set(REQUIRED)})
    assert stories.part(story, items).keys() == (items & told) | set(REQUIRED)


def test_empty_answers_say_nothing_and_are_left_out() -> None:
    empty: Story = {
        "about": ["money"],
        "reach": [],
        "safety": {},
        "wants": [],
        "name": "",
        "tried": (),
        "age": None,
    }
    assert stories.checked(empty) == {"about": ["money"], "reach": [], "safety": {}}
    assert stories.checked({**empty, "tried": ("family",)})["tried"] == ["family"]
