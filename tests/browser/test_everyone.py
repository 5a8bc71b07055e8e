"""Everyone who comes can join: each path from the first screen to the card, by touch, and staff finish it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Library, Screens
from tests.browser.resident import PRIMARY, Resident, assert_sound, kept_joins
from tests.browser.test_staff_join import signs_in

LANGUAGES = ("en", "uk", "ar", "zh-Hant-HK")


class Counted(Resident):
    """A resident whose touches are counted: those beside the keys she writes with."""

    touches = 0

    def touch(self, what: object) -> None:
        type(self).touches += 1
        super().touch(what)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def desk(chromium: object, library: Library) -> Page:
    """The desk of the branch, where somebody has signed in."""
    page = Screens(chromium, library.url)()  # type: ignore[arg-type]
    signs_in(page)
    return page


def comes(resident: Resident, who: str) -> None:
    resident.come()
    resident.touch("[data-hue=join]")
    resident.at("join/")
    resident.touch(PRIMARY)
    resident.at("join/who")
    assert_sound(resident.page)
    resident.touch(f"main [name=who][value={who}]")


def chooses(resident: Resident, step: str, value: str) -> None:
    """One touch answers."""
    resident.at(f"join/{step}")
    resident.touch(f"main button[value='{value}']")


def writes(resident: Resident, step: str, text: str) -> None:
    resident.at(f"join/{step}")
    resident.write(text)
    resident.touch(PRIMARY)


def sends(resident: Resident, *, agrees: bool) -> str:
    """From the answers to the code; with the yes that some paths ask for."""
    resident.at("join/check")
    assert_sound(resident.page)
    resident.touch(PRIMARY)
    if agrees:
        resident.at("join/agree")
        assert_sound(resident.page)
        resident.touch(PRIMARY)
    resident.at("join/receipt")
    assert_sound(resident.page)
    return resident.shown_code


def finishes(desk: Page, code: str, card: str, *, children: int = 0, says: str = "") -> None:
    """Staff open what a code belongs to, and finish it and all who came together."""
    opens(desk, code)
    if says:
        expect(desk.locator("main")).to_contain_text(says)
    others = [each.get_attribute("href") for each in desk.locator(".family a.reference").all()]
    for number, address in enumerate(["", *others] if children else [""]):
        if address:
            desk.goto(address)
        desk.get_by_label("Number of the library card").fill(f"CARD{card}{number}")
        guardian = desk.get_by_label("The parent or guardian is here and agrees")
        if guardian.count():
            guardian.check()
        desk.get_by_role("button", name="Finish").click()
        expect(desk.locator(".done")).to_contain_text("The join is finished.")


def opens(desk: Page, code: str) -> None:
    desk.goto("/staff/joins/")
    desk.get_by_label("Code of the person").fill(code)
    desk.get_by_role("button", name="Open").click()
    expect(desk.locator("h1")).to_have_text(code)


@pytest.mark.parametrize("tag", LANGUAGES)
def test_a_family_of_four_joins_in_under_twenty_touches(
    screen: Screens, library: Library, desk: Page, tag: str
) -> None:
    """Beside the keys that write the names, every touch is counted, from her language to the code."""
    Counted.touches = 0
    mother = Counted(screen("portrait"), tag)
    comes(mother, "family")
    for age in (5, 3, 0):
        mother.at("join/ages")
        mother.touch(f"main button[name=add][value='{age}']")
        expect(mother.page.locator(".chip").filter(has_text=str(age)).first).to_be_visible()
    mother.touch(PRIMARY)
    chooses(mother, "age", "25-59")
    chooses(mother, "contact", "none")
    chooses(mother, "postcode", "unknown")
    for step, name in (
        ("first-name", "Ana"), ("family-name", "Ali"),
        ("child-1", "Bo"), ("child-2", "Cy"), ("child-3", "Di"),
    ):  # fmt: skip
        writes(mother, step, name)
    code = sends(mother, agrees=True)
    assert Counted.touches < 20, Counted.touches
    party = [join for join in kept_joins(library.data) if join["language"] == tag][-4:]
    assert [join["kind"] for join in party] == ["me", "child", "child", "child"]
    mother.touch(".beside .primary")
    mother.at("join/card")
    assert_sound(mother.page)
    finishes(desk, code, f"F{LANGUAGES.index(tag)}", children=3)
    states = [join["state"] for join in kept_joins(library.data)][-4:]
    assert states == ["finished"] * 4


@pytest.mark.parametrize(("tag", "first"), list(zip(LANGUAGES, ("helps", "home") * 2, strict=True)))
def test_two_good_neighbours_join_from_two_screens_in_either_order(
    screen: Screens, desk: Page, tag: str, first: str
) -> None:
    """Each in a language of her own: who comes second has another one."""
    other = LANGUAGES[(LANGUAGES.index(tag) + 1) % 4]
    begins = Resident(screen("tablet"), tag)
    code = neighbour(begins, first, "")
    follows = Resident(screen("landscape"), other)
    second = neighbour(follows, "home" if first == "helps" else "helps", code)
    opens(desk, code)
    expect(desk.locator("main")).to_contain_text("At a screen, with the code")
    expect(desk.locator(".family")).to_contain_text(second)
    for number, each in enumerate((code, second)):
        finishes(desk, each, f"G{LANGUAGES.index(tag)}{first[1]}{number}", says="Good Neighbour")


def neighbour(resident: Resident, side: str, code: str) -> str:
    """One of two Good Neighbours joins, with the code of the other if there is one already."""
    comes(resident, side)
    if side == "home":
        chooses(resident, "brings", "known")
    else:
        chooses(resident, "age", "60-up")
    if code:
        writes(resident, "code", code.replace(" ", ""))
    else:
        chooses(resident, "code", "none")
        writes(resident, "neighbour", "Jo")
        chooses(resident, "until", "6")
    if side == "home":
        chooses(resident, "contact", "letter")
        chooses(resident, "postcode", "unknown")
        writes(resident, "address", "Elm")
    else:
        chooses(resident, "contact", "none")
    writes(resident, "first-name", "Ann")
    writes(resident, "family-name", "Lee")
    return sends(resident, agrees=True)


@pytest.mark.parametrize("tag", LANGUAGES)
def test_a_daughter_asks_for_a_visit_to_her_mother_at_home(screen: Screens, desk: Page, tag: str) -> None:
    """She fills it in for another, which staff see."""
    daughter = Resident(screen("tablet_portrait"), tag)
    daughter.come()
    daughter.touch("[data-hue=join]")
    daughter.at("join/")
    daughter.touch(PRIMARY)
    daughter.at("join/who")
    daughter.touch("a[href$='/filled-by']")
    chooses(daughter, "filled-by", "family")
    chooses(daughter, "who", "home")
    chooses(daughter, "brings", "volunteer")
    daughter.at("join/times")
    daughter.touch("label:has([value=mornings])")
    daughter.touch(PRIMARY)
    chooses(daughter, "door", "ring")
    daughter.at("join/likes")
    daughter.touch("label:has([value=crime])")
    daughter.touch(PRIMARY)
    chooses(daughter, "contact", "letter")
    chooses(daughter, "postcode", "unknown")
    writes(daughter, "address", "Elm")
    writes(daughter, "first-name", "Ann")
    chooses(daughter, "family-name", "one-name")
    code = sends(daughter, agrees=False)
    finishes(desk, code, f"H{LANGUAGES.index(tag)}0", says="Weekday mornings")


@pytest.mark.parametrize("tag", LANGUAGES)
def test_who_wants_ebooks_only_has_a_number_at_once(screen: Screens, desk: Page, tag: str) -> None:
    reader = Resident(screen("tablet"), tag)
    comes(reader, "ebooks")
    chooses(reader, "age", "25-59")
    chooses(reader, "email", "none")
    chooses(reader, "postcode", "no-fixed")
    writes(reader, "first-name", "Ann")
    writes(reader, "family-name", "Lee")
    code = sends(reader, agrees=False)
    reader.touch(".beside .primary")
    reader.at("join/card")
    number = reader.page.locator(".card-today strong").inner_text()
    assert number.isdecimal()
    reader.touch(".idea a.button")
    reader.at("join/allows")
    assert_sound(reader.page)
    opens(desk, code)
    expect(desk.locator(".facts").first).to_contain_text(number)
    finishes(desk, code, f"E{LANGUAGES.index(tag)}0")
