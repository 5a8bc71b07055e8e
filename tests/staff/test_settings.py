"""The settings page: what holds where, who may change it, and how a change reaches the screen."""

from __future__ import annotations

import json

import pytest
from bs4 import Tag
from werkzeug.test import TestResponse

from kiosk import branches, languages, settings
from kiosk.join import notice
from kiosk.settings import Settings
from tests.staff.conftest import Browser, Library
from tests.staff.test_pages import RUBBISH
from tests.visitor import Visitor

pytestmark = pytest.mark.patient

LIBRARY = "/staff/settings"


def of_branch(branch_id: str) -> str:
    return f"/staff/settings/branch/{branch_id}"


def of_screen(kiosk_id: str) -> str:
    return f"/staff/settings/kiosk/{kiosk_id}"


def effective(library: Library, branch_id: str = "", kiosk_id: str = "") -> Settings:
    with library.store.read() as db:
        return settings.effective(db, branch_id, kiosk_id)


def card(browser: Browser, name: str) -> Tag:
    """The row of one setting on the page that is open."""
    found = browser.page.find(id=f"of-{name}")
    assert isinstance(found, Tag), name
    return found


def words(tag: Tag) -> str:
    return " ".join(tag.get_text(" ").split())


def save(browser: Browser, path: str, group: str, **fields: str) -> TestResponse:
    browser.get(path)
    return browser.post(path, group=group, **fields)


def step(browser: Browser, path: str, group: str, button: str) -> TestResponse:
    """Press a button of a list that is really on the page."""
    browser.get(path)
    assert browser.page.find("button", attrs={"name": "step", "value": button}), button
    return browser.post(path, group=group, step=button)


# -- three levels -----------------------------------------------------------------------------------------


def test_a_setting_says_where_its_value_comes_from_at_each_level(library: Library) -> None:
    browser = library.browser("manager")
    seen = []
    for path, seconds in (
        (LIBRARY, "100"), (of_branch(library.central), "90"), (of_screen(library.screen), "80"),
    ):  # fmt: skip
        browser.get(path)
        seen.append(words(card(browser, "idle_seconds")))
        assert save(browser, path, "idle", idle_seconds=seconds).status_code == 303
        browser.get(path)
        seen.append(words(card(browser, "idle_seconds")))
    for text, source in zip(
        seen,
        ["As delivered", "From the library", "From the library", "From this branch", "From this branch",
         "From this screen"],
        strict=True,
    ):  # fmt: skip
        assert source in text
    assert "As delivered: 120" in seen[1]
    assert "As above: 100" in seen[3]
    assert "As above: 90" in seen[5]
    assert effective(library).idle_seconds == 100
    assert effective(library, library.central).idle_seconds == 90
    assert effective(library, library.central, library.screen).idle_seconds == 80
    assert effective(library, library.north).idle_seconds == 100


def test_a_choice_is_taken_back_and_what_is_above_holds_again(library: Library) -> None:
    browser = library.browser("manager")
    path = of_branch(library.central)
    save(browser, path, "idle", idle_seconds="90", countdown_seconds="45")
    assert save(browser, path, "idle", idle_seconds="90", countdown_seconds="50", above="idle_seconds")
    now = effective(library, library.central)
    assert (now.idle_seconds, now.countdown_seconds) == (120, 50), "the other box was saved too"
    browser.get(path)
    assert "As delivered" in words(card(browser, "idle_seconds"))
    assert not card(browser, "idle_seconds").find("button")


def test_saving_a_group_makes_choices_only_of_what_is_different(library: Library) -> None:
    browser = library.browser("manager")
    path = of_branch(library.central)
    browser.get(path)
    sent = {
        str(box["name"]): str(box["value"])
        for box in browser.page.select("#idle input[id]")
    }  # fmt: skip
    assert set(sent) == {
        "idle_seconds", "countdown_seconds", "receipt_seconds", "receipt_countdown_seconds"
    }  # fmt: skip
    save(browser, path, "idle", **{**sent, "receipt_seconds": "30"})
    with library.store.read() as db:
        assert settings.chosen_at(db, "branch", library.central) == {"receipt_seconds": 30}


def test_each_level_leads_to_the_next_and_says_who_has_own_choices(library: Library) -> None:
    browser = library.browser("manager")
    save(browser, of_branch(library.north), "idle", idle_seconds="90")
    browser.get(LIBRARY)
    rows = {words(row) for row in browser.page.select("#beneath ~ table tbody tr")}
    assert rows == {"Central Library None", "North Library 1"}
    browser.get(of_branch(library.central))
    assert browser.page.find("a", href=of_screen(library.screen))
    browser.get(of_screen(library.screen))
    assert browser.page.find("a", href=of_branch(library.central))
    assert browser.page.find("a", href=LIBRARY)


def test_what_the_desk_goes_by_cannot_be_chosen_for_one_screen(library: Library) -> None:
    browser = library.browser("manager")
    browser.get(of_screen(library.screen))
    assert browser.page.find(id="of-join_kept_days") is None
    assert browser.page.find(id="of-responsible") is None
    assert browser.page.find(id="of-own_age")
    assert save(browser, of_screen(library.screen), "joining", join_kept_days="3").status_code == 303
    assert effective(library, library.central, library.screen).join_kept_days == 60


def test_every_setting_is_on_the_page_and_every_default_can_be_sent_as_it_stands(library: Library) -> None:
    browser = library.browser("manager")
    browser.get(LIBRARY)
    for name in settings.FIELDS:
        assert browser.page.find(id=f"of-{name}"), name
    for form in browser.page.select("main form"):
        browser.get(LIBRARY)
        sent = {
            str(box["name"]): str(box.get("value", ""))
            for box in form.select("input")
            if box.get("type") != "checkbox" or box.has_attr("checked")
        }
        sent |= {str(box["name"]): box.get_text() for box in form.select("textarea")}
        for box in form.select("select"):
            chosen = box.select_one("option[selected]")
            assert chosen is not None
            sent[str(box["name"])] = str(chosen["value"])
        sent.pop("csrf_token")
        assert browser.post(LIBRARY, **sent).status_code == 303
    with library.store.read() as db:
        assert settings.chosen_at(db, "library") == {}


# -- who may ----------------------------------------------------------------------------------------------


def test_branch_staff_look_at_their_own_branch_and_screens_and_change_nothing(library: Library) -> None:
    with library.store.write() as db:
        elsewhere = branches.add_kiosk(db, library.north, "Far away")
    anna = library.browser("anna")
    assert anna.get(LIBRARY).location == of_branch(library.central)
    for path in (of_branch(library.central), of_screen(library.screen)):
        assert anna.get(path).status_code == 200
        assert "Without a touch, ask if the person is still there" in anna.words
        assert "As delivered" in anna.words
        assert not anna.page.select("main form, main input, main button")
        anna.get("/staff/password")
        assert anna.post(path, group="idle", idle_seconds="90").status_code == 403
    for path in (of_branch(library.north), of_screen(elsewhere), of_branch("nothing"), of_screen("nothing")):
        assert anna.get(path).status_code == 404
    assert effective(library, library.central, library.screen) == Settings()


def test_the_log_says_who_changed_which_setting_where_and_what_it_was_before(library: Library) -> None:
    browser = library.browser("it")
    path = of_branch(library.central)
    save(browser, path, "screen", keyboard_order="abc", slow_hands="no", screen_inches="0")
    save(browser, path, "screen", above="keyboard_order")
    with library.store.read() as db:
        rows = db.all(
            "SELECT who, action, subject, subject_id, reason FROM audit WHERE action LIKE 'setting %'"
        )
    assert [tuple(row.values()) for row in rows] == [
        ("it", "setting changed", "branch", library.central,
         "keyboard_order: What suits the screen and the language → In the order of the alphabet (ABC)"),
        ("it", "setting as above", "branch", library.central,
         "keyboard_order: In the order of the alphabet (ABC) → What suits the screen and the language"),
    ]  # fmt: skip


# -- errors -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("group", "name", "typed", "says"),
    [
        ("idle", "idle_seconds", "59", "Write a number from 60 to 300."),
        ("idle", "idle_seconds", "301", "Write a number from 60 to 300."),
        ("idle", "idle_seconds", "two minutes", "Write a number from 60 to 300."),
        ("idle", "idle_seconds", "1e2", "Write a number from 60 to 300."),
        ("idle", "idle_seconds", "", "Write a number from 60 to 300."),
        ("screen", "screen_inches", "nan", "Write a number from 0 to 100."),
        ("screen", "screen_inches", "100.5", "Write a number from 0 to 100."),
        ("screen", "keyboard_order", "azerty", "Choose one of these."),
        ("screen", "slow_hands", "maybe", "Choose one of these."),
        ("name", "library_name", " \u202e ", "Write 1 to 100 letters."),
        ("name", "library_name", "x" * 101, "Write 1 to 100 letters."),
        ("joining", "responsible-pl", "Biblioteka", "Write it in English too."),
        ("joining", "responsible-en", "x" * 301, "Write 0 to 300 letters."),
    ],
)
def test_a_value_that_cannot_be_taken_says_what_is_allowed_and_stays_in_its_box(
    library: Library, group: str, name: str, typed: str, says: str
) -> None:
    browser = library.browser("manager")
    browser.get(LIBRARY)
    other = {"idle": {"countdown_seconds": "77"}, "joining": {"own_age": "15"}}.get(group, {})
    assert save(browser, LIBRARY, group, **{name: typed}, **other).status_code == 422
    assert browser.page.title is not None
    assert browser.page.title.get_text().startswith("Error: ")
    wrong = card(browser, name.split("-")[0])
    assert says in words(wrong)
    assert wrong.select("[aria-invalid=true]")
    for box, value in {name: typed, **other}.items():
        tag = browser.page.find(id=box)
        assert tag is not None
        if tag.name == "textarea":
            assert tag.get_text() == value
        elif tag.name == "input":
            assert tag["value"] == value, "what was typed is still there"
    assert effective(library) == Settings(), "nothing was saved"


def test_a_comma_and_other_digits_are_numbers_too(library: Library) -> None:
    browser = library.browser("manager")
    assert save(browser, LIBRARY, "screen", screen_inches="21,5").status_code == 303
    assert save(browser, LIBRARY, "idle", idle_seconds="٩٠").status_code == 303
    now = effective(library)
    assert (now.screen_inches, now.idle_seconds) == (21.5, 90)
    browser.get(LIBRARY)
    box = browser.page.find(id="screen_inches")
    assert box is not None
    assert box["value"] == "21.5"


@pytest.mark.parametrize("typed", [each for each in RUBBISH if each.isprintable()])
def test_whatever_is_typed_the_settings_do_not_break(library: Library, typed: str) -> None:
    browser = library.browser("manager")
    for group in ("name", "journeys", "idle", "joining", "policies", "cards", "screen", ""):
        browser.get(LIBRARY)
        boxes = dict.fromkeys(settings.FIELDS, typed) | {
            "responsible-en": typed,
            "membership_items-full": typed,
            "membership_unlocked_by-home": typed,
            "membership_ebooks-child": typed,
            "step": typed,
            "above": typed,
        }
        assert browser.post(LIBRARY, group=group, **boxes).status_code in (303, 413, 422)
    assert library.browser("manager").get(LIBRARY).status_code == 200
    assert Visitor(library.app.test_client()).get("/").status_code == 200


# -- memberships ------------------------------------------------------------------------------------------


def test_what_memberships_allow_stands_in_one_table_and_each_column_says_where_it_comes_from(
    library: Library,
) -> None:
    browser = library.browser("manager")
    browser.get(of_branch(library.central))
    table = browser.page.select_one("#policies table")
    assert table is not None
    assert len(table.select("tbody tr")) == len(settings.MEMBERSHIPS)
    columns = [name for name, each in settings.FIELDS.items() if each.metadata["about"] == "policies"]
    assert [th["id"] for th in table.select("thead th[id]")] == [f"of-{name}" for name in columns]
    assert all("As delivered" in words(cell) for cell in table.select("tfoot td"))
    save(browser, LIBRARY, "policies", **{"membership_items-full": "12"})
    save(browser, of_branch(library.central), "policies", **{"membership_days-child": "100"})
    browser.get(of_branch(library.central))
    items, days, *others = browser.page.select("#policies tfoot td")
    assert "From the library" in words(items)
    assert "From this branch" in words(days)
    assert all("As delivered" in words(cell) for cell in others)
    now = effective(library, library.central)
    assert now.membership_items == {**Settings().membership_items, "full": 12}
    assert now.membership_days["child"] == 100
    save(browser, of_branch(library.central), "policies", above="membership_days")
    assert effective(library, library.central).membership_days == Settings().membership_days


def test_a_tick_that_is_taken_away_is_taken_away_and_the_others_stay(library: Library) -> None:
    browser = library.browser("manager")
    ticks = {f"membership_ebooks-{code}": "yes" for code in ("full", "digital")}
    save(browser, LIBRARY, "policies", membership_ebooks="sent", **ticks)
    now = effective(library)
    assert now.membership_ebooks == ("full", "digital")
    assert now.membership_computers == Settings().membership_computers, "what was not sent stays"
    save(browser, LIBRARY, "policies", membership_ebooks="sent")
    assert effective(library).membership_ebooks == ()
    browser.get(LIBRARY)
    assert not browser.page.select("input[name^=membership_ebooks-][checked]")


@pytest.mark.parametrize(
    ("box", "typed", "says"),
    [
        ("membership_items-child", "-1", "Child: Write a number from 0 to 999."),
        ("membership_days-home", "0", "Home Library Service: Write a number from 1 to 3660."),
        ("membership_unlocked_by-full", "magic", "Full: Choose one of these."),
    ],
)
def test_a_wrong_number_in_the_table_is_marked_in_its_own_box_and_ticks_are_not_lost(
    library: Library, box: str, typed: str, says: str
) -> None:
    browser = library.browser("manager")
    sent = {box: typed, "membership_ebooks": "sent", "membership_ebooks-good-neighbour": "yes"}
    assert save(browser, LIBRARY, "policies", **sent).status_code == 422
    assert says in browser.words
    assert [tag["id"] for tag in browser.page.select("[aria-invalid=true]")] == [box]
    ticked = browser.page.select("input[name^=membership_ebooks-][checked]")
    assert [tag["id"] for tag in ticked] == ["membership_ebooks-good-neighbour"]
    assert effective(library) == Settings()


def test_branch_staff_read_the_table_without_boxes(library: Library) -> None:
    anna = library.browser("anna")
    anna.get(of_branch(library.central))
    table = anna.page.select_one("#policies table")
    assert table is not None
    assert not table.select("input, select, button")
    assert words(table.select("tbody tr")[1]).startswith(
        "Introductory (no proof yet) 2 1095 Yes Yes Yes Yes No A proof of address"
    )


def test_the_way_to_the_numbers_of_cards_is_on_the_page(library: Library) -> None:
    browser = library.browser("it")
    browser.get(LIBRARY)
    assert browser.page.select_one('#cards a[href="/staff/joins/cards"]')


# -- lists ------------------------------------------------------------------------------------------------


def test_languages_are_put_in_order_and_switched_off_and_on_without_javascript(library: Library) -> None:
    browser = library.browser("manager")
    tags = [each.tag for each in languages.offered()]
    assert step(browser, LIBRARY, "name", f"languages down {tags[0]}").status_code == 303
    assert list(effective(library).languages) == [tags[1], tags[0], *tags[2:]]
    assert step(browser, LIBRARY, "name", f"languages up {tags[0]}").status_code == 303
    assert list(effective(library).languages) == tags
    assert step(browser, LIBRARY, "name", f"languages off {tags[1]}").status_code == 303
    assert list(effective(library).languages) == [tags[0], *tags[2:]]
    browser.get(LIBRARY)
    row = next(row for row in card(browser, "languages").select("li") if row.select(f"[lang={tags[1]}]"))
    assert "Off" in words(row)
    assert "Draft" in words(row)
    assert step(browser, LIBRARY, "name", f"languages on {tags[1]}").status_code == 303
    assert list(effective(library).languages) == [tags[0], *tags[2:], tags[1]]
    save(browser, LIBRARY, "name", above="languages")
    assert effective(library).languages == ()


def test_the_last_language_cannot_be_switched_off(library: Library) -> None:
    with library.store.write() as db:
        settings.change(db, "library", "", "languages", ["en"])
    browser = library.browser("manager")
    assert step(browser, LIBRARY, "name", "languages off en").status_code == 422
    assert "One must stay on." in words(card(browser, "languages"))
    assert effective(library).languages == ("en",)


def test_a_language_with_sentences_missing_says_so_and_cannot_be_offered(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = languages.missing
    monkeypatch.setattr(languages, "missing", lambda tag: 7 if tag == "uk" else missing(tag))
    with library.store.write() as db:
        settings.change(db, "library", "", "languages", ["en", "uk"])
    browser = library.browser("manager")
    assert step(browser, LIBRARY, "name", "languages off uk").status_code == 303
    browser.get(LIBRARY)
    assert not browser.page.find("button", value="languages on uk")
    assert f"Missing: 7 of {languages.total()}." in words(card(browser, "languages"))
    assert save(browser, LIBRARY, "name", step="languages on uk").status_code == 422
    assert "Not every sentence is translated." in words(card(browser, "languages"))
    assert effective(library).languages == ("en",)


def test_a_button_of_a_list_keeps_what_was_typed_beside_it(library: Library) -> None:
    browser = library.browser("manager")
    save(browser, LIBRARY, "name", library_name="Suffolk Libraries", step="languages off en")
    now = effective(library)
    assert now.library_name == "Suffolk Libraries"
    assert "en" not in now.languages


# -- on the screen ----------------------------------------------------------------------------------------


def test_a_change_is_on_the_screen_with_its_next_page(library: Library) -> None:
    visitor, browser = Visitor(library.app.test_client()), library.browser("manager")
    visitor.get("/")
    assert visitor.page.find("a", href="/pl/")
    step(browser, of_screen(library.screen), "name", "languages off pl")
    visitor.get("/")
    assert not visitor.page.find("a", href="/pl/")
    visitor.get("/ar/")
    body = visitor.page.find("body")
    assert body is not None
    assert body["data-idle"] == "120"
    assert visitor.page.select(".eng")
    save(browser, of_branch(library.central), "idle", idle_seconds="90")
    save(browser, LIBRARY, "journeys", english_line="hide")
    visitor.get("/ar/")
    body = visitor.page.find("body")
    assert body is not None
    assert body["data-idle"] == "90"
    assert not visitor.page.select(".eng")


def test_journeys_that_do_not_exist_yet_are_not_shown_and_not_lost(library: Library) -> None:
    browser = library.browser("manager")
    browser.get(LIBRARY)
    rows = card(browser, "journeys").select("li")
    assert "Join the library" in words(rows[0])
    first = effective(library).journeys
    save(browser, LIBRARY, "journeys", step="journeys up join")
    assert effective(library).journeys == first


# -- the library's own sentence of the privacy notice ----------------------------------------------------


def test_who_is_responsible_is_said_in_each_language_and_honestly_in_english_where_it_is_missing(
    library: Library,
) -> None:
    visitor, browser = Visitor(library.app.test_client()), library.browser("manager")
    visitor.get("/en/join/privacy")
    before = len(visitor.page.select(".pairs li"))
    english, polish = "Suffolk Council is responsible. dpo@suffolk.example", "Odpowiada Rada Suffolk <b>."
    save(browser, LIBRARY, "joining", **{"responsible-en": english, "responsible-pl": polish})
    for tag, own, marked in (("en", english, False), ("pl", polish, False), ("ar", english, True)):
        visitor.get(f"/{tag}/join/privacy")
        rows = visitor.page.select(".pairs li")
        assert len(rows) == before + 1
        last = rows[-1]
        line = last.select_one(".own")
        assert line is not None
        assert line.get_text() == own
        assert (languages.catalogue(tag).gettext("This is in English.") in words(last)) is marked
        assert (line.get("lang") == "en") is marked
        assert bool(last.select(".eng")) is (tag == "pl")


def test_a_join_keeps_the_version_of_the_notice_that_was_shown(library: Library) -> None:
    browser = library.browser("manager")
    Visitor(library.app.test_client()).join()
    save(browser, LIBRARY, "joining", **{"responsible-en": "Suffolk Council is responsible."})
    Visitor(library.app.test_client()).join()
    with library.store.read() as db:
        rows = db.all("SELECT notice_version FROM joins ORDER BY created_at, rowid")
    versions = [row["notice_version"] for row in rows]
    assert versions[0] == notice.version(Settings())
    assert versions[1] == notice.version(effective(library))
    assert versions[0] != versions[1]


def test_the_command_line_sets_texts_by_language_as_json(library: Library) -> None:
    run = library.app.test_cli_runner().invoke
    texts = json.dumps({"en": "Ask Anna.", "pl": ""})
    assert run(args=["settings", "set", "responsible", texts]).exit_code == 0
    assert effective(library).responsible == {"en": "Ask Anna."}
    for wrong in ('"Ask Anna."', json.dumps({"en": "x" * 301})):
        assert run(args=["settings", "set", "responsible", wrong]).exit_code == 1
    assert run(args=["settings", "set", "responsible", texts, "--branch", library.north]).exit_code == 1


def test_a_page_that_has_stood_open_undoes_nothing_that_a_colleague_has_changed(library: Library) -> None:
    """Only what somebody touched is hers; the rest stays as it is now, and is not pinned at a branch."""
    slow, quick = library.browser("manager"), library.browser("it")
    slow.get(of_branch(library.central))
    form = card(slow, "idle_seconds").find_parent("form")
    assert isinstance(form, Tag)
    boxes = {str(box["name"]): str(box["value"]) for box in form.select("input[name]")}
    del boxes["csrf_token"], boxes["group"]
    quick.get(LIBRARY)
    assert save(quick, LIBRARY, "idle", **{**boxes, "idle_seconds": "200"}).status_code == 303
    boxes["countdown_seconds"] = "90"
    assert save(slow, of_branch(library.central), "idle", **boxes).status_code == 303
    found = effective(library, library.central)
    assert (found.idle_seconds, found.countdown_seconds) == (200, 90)
    with library.store.read() as db:
        assert "idle_seconds" not in settings.chosen_at(db, "branch", library.central)
