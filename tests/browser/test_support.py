"""A story told once in Arabic, and what becomes of it in three browsers: hers, and those of partners."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from playwright.sync_api import Page, expect

from kiosk import references
from kiosk.demo import PASSWORD
from kiosk.store import Store
from kiosk.support.directory.demo import service_id
from tests.browser.conftest import Library, Screens, _kiosk, back, tap
from tests.browser.resident import assert_sound

WORDS = "المالك يريد أن نخرج من البيت"
NAME = "أمينة"
PHONE = "07700 900982"
CHOSEN = ("advice", "wellbeing", "refugees")
"""Services of three partners; she says no to the last."""

QUESTIONS: dict[str, tuple[str, ...] | str] = {
    "filled-by": ("button[value=self]",),
    "age": ("button[value='25-59']",),
    "about": ("label:has([value=housing])", "label:has([value=health])", "main .primary"),
    "special-1": ("button[value=yes]",),
    "special-2": ("button[value=yes]",),
    "special-3": ("button[value=yes]",),
    "urgent": ("button[value='this-week']",),
    "wants": ("label:has([value=advice])", "main .primary"),
    "tried": ("label:has([value=nothing])", "main .primary"),
    "words": WORDS,
    "reach": ("label:has([value=phone])", "main .primary"),
    "phone": PHONE,
    "safe": ("label:has([value=silent])", "main .primary"),
    "helps": ("label:has([value=mine])", "main .primary"),
    "helper": ("button[value=none]",),
    "name": NAME,
}
"""What she touches or writes, by the question."""


def touch(page: Page, what: str) -> None:
    tap(page.locator(what).first)


def goes_on(page: Page, what: str) -> None:
    """Touch something that leads to another page."""
    before = page.url
    touch(page, what)
    page.wait_for_url(lambda address: address != before)


def at(page: Page, path: str) -> None:
    page.wait_for_url(re.compile(rf"/ar/{path}$"))


def finds(page: Page) -> None:
    """From home to the first question of her story, with nothing but a finger."""
    page.goto("/ar/")
    touch(page, "[data-hue=support]")
    at(page, "support/")
    touch(page, "a[href$='/support/before']")
    touch(page, "main .primary")
    at(page, "support/needs")
    assert_sound(page)
    for need in ("housing", "health"):
        touch(page, f"label:has([value={need}])")
    goes_on(page, "main .primary")
    while not page.url.endswith("/found"):
        goes_on(page, "button[name=instead][value=skip]")
    left = set(CHOSEN)
    while left:
        page.wait_for_load_state()
        for name in sorted(left):
            chosen = page.locator(f"label:has([name=service][value='{service_id(name)}'])")
            if chosen.count():
                tap(chosen)
                left.remove(name)
        if left:
            goes_on(page, "button[name=page] >> nth=-1")
    touch(page, "button[name=tell]")
    at(page, "support/tell/filled-by")


def answers(page: Page) -> None:
    """All questions of her story, up to the first partner."""
    for _question in range(25):
        name = page.url.rsplit("/", 1)[1]
        if name.isdecimal():
            return
        assert_sound(page)
        said = QUESTIONS[name]
        if isinstance(said, str):
            page.locator(".box").fill(said)
            goes_on(page, "main .primary")
        else:
            for what in said[:-1]:
                touch(page, what)
            goes_on(page, said[-1])
    raise AssertionError("the questions never end")


def decides(page: Page, number: int, *, yes: bool, without: str = "") -> None:
    """Her yes or no to a partner, after all that it would get."""
    assert_sound(page)
    if yes:
        touch(page, "button[value=more]")
        at(page, f"support/tell/partner/{number}/part")
        assert_sound(page)
        if without:
            touch(page, f"label:has([value='{without}'])")
            expect(page.locator(f"[value='{without}']")).not_to_be_checked()
    touch(page, f"button[name=answer][value={'yes' if yes else 'no'}]")


def tells(page: Page) -> tuple[str, str]:
    """The whole way; the code and the PIN."""
    finds(page)
    answers(page)
    for number in range(1, len(CHOSEN) + 1):
        at(page, f"support/tell/partner/{number}")
        asks = page.locator("h1:visible").inner_text()
        decides(page, number, yes="Open Door" not in asks, without="name" if "Advice" in asks else "")
    touch(page, "button[name=answer][value=no]")  # staff of the library
    at(page, "support/tell/check")
    assert_sound(page)
    touch(page, "main form .primary")
    at(page, "support/tell/receipt")
    assert_sound(page)
    return page.locator(".code strong").inner_text(), page.locator(".pin b").inner_text()


def signs_in(page: Page, username: str) -> None:
    page.goto("/partner/")
    page.locator("[name=username]").fill(username)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("main button:not([type=button])").first.click()
    expect(page.locator("#inbox")).to_be_visible()


def a_week_passes(library: Library, handover: str) -> None:
    """All that is planned for a handover comes a week sooner; then the clock does what it always does."""
    store = Store(library.data / "kiosk.db")
    try:
        with store.write() as db:
            row = db.one(
                "SELECT due_at, reminded_at, chase_at FROM referral_handovers WHERE id = :id", id=handover
            )
            sooner = {
                name: at and (datetime.fromisoformat(at) - timedelta(days=7)).isoformat()
                for name, at in row.items()
            }
            db.run(
                "UPDATE referral_handovers SET due_at = :due_at, reminded_at = :reminded_at,"
                " chase_at = :chase_at WHERE id = :id",
                id=handover,
                **sooner,
            )
    finally:
        store.close()
    _kiosk(library.data, "rounds")


def handover_of(library: Library, code: str, partner: str) -> str:
    """The id of what a partner has under a code."""
    store = Store(library.data / "kiosk.db")
    try:
        with store.read() as db:
            found: str = db.value(
                "SELECT h.id FROM referral_handovers h JOIN referrals r ON r.id = h.referral_id"
                " JOIN partners p ON p.id = h.partner_id WHERE r.reference = :code AND p.name LIKE :name",
                code=references.read(code),
                name=f"%{partner}%",
            )
    finally:
        store.close()
    return found


def is_chased(staff: Page, handover: str) -> bool:
    """Whether staff are to ask after a handover: the board says so, and the list of referrals."""
    link = f"a[href$='/staff/support/referrals/{handover}']"
    staff.goto("/staff/board")
    on_board = staff.locator(link).count() == 1
    staff.goto("/staff/support/referrals")
    assert (staff.locator(f"section[aria-labelledby=chase] {link}").count() == 1) is on_board
    return on_board


def test_a_story_in_arabic_reaches_two_partners_and_no_third_and_is_taken_back(
    screen: Screens, library: Library
) -> None:
    anna = screen()
    code, pin = tells(anna)
    touch(anna, ".top form:not(.leave) button")
    anna.wait_for_url("**/")
    for _step in range(3):
        back(anna)
        for told in (code, NAME):
            expect(anna.locator("body")).not_to_contain_text(told)

    advice, wellbeing, welcome = (screen("landscape") for _browser in range(3))
    signs_in(advice, "advice")
    advice.get_by_role("link", name=code).click()
    expect(advice.locator("main")).to_contain_text("A place to live")
    expect(advice.locator("main")).not_to_contain_text("My health")
    expect(advice.locator("main")).to_contain_text(WORDS)
    expect(advice.locator("main")).to_contain_text(PHONE)
    expect(advice.locator("main")).not_to_contain_text(NAME)
    advice.locator("form[action$='/accept'] button").click()

    signs_in(wellbeing, "wellbeing")
    wellbeing.get_by_role("link", name=code).click()
    expect(wellbeing.locator("main")).to_contain_text("My health")
    expect(wellbeing.locator("main")).not_to_contain_text("A place to live")
    expect(wellbeing.locator("main")).to_contain_text(NAME)

    signs_in(welcome, "welcome")
    expect(welcome.locator("#inbox")).not_to_contain_text(code)

    staff = screen("landscape")
    staff.goto("/staff/")
    staff.locator("[name=username]").fill("amina")
    staff.locator("[name=password]").fill(PASSWORD)
    staff.locator("main button:not([type=button])").first.click()
    idle, busy = (handover_of(library, code, name) for name in ("Wellbeing", "Citizens Advice"))
    assert not is_chased(staff, idle), "it has days to answer"
    a_week_passes(library, idle)
    assert is_chased(staff, idle), "no mail server reminds it here"
    a_week_passes(library, busy)
    a_week_passes(library, busy)
    assert not is_chased(staff, busy), "it took her on"
    staff.goto("/staff/support/referrals")
    expect(staff.locator("main")).to_contain_text(code)
    expect(staff.locator("main")).not_to_contain_text(WORDS)

    later = screen("tablet")
    later.goto("/ar/status/")
    touch(later, "main form .primary")
    at(later, "status/code")
    later.locator(".box").fill(code)
    touch(later, "main .primary")
    at(later, "status/pin")
    later.locator(".box").fill(pin)
    touch(later, "main .primary")
    at(later, "status/all")
    assert_sound(later)
    touch(later, ".happened a:has-text('Citizens Advice')")
    at(later, r"status/\d")
    touch(later, "a[href$='/back']")
    at(later, r"status/\d/back")
    assert_sound(later)
    touch(later, "main form button")
    at(later, r"status/\d")

    advice.reload()
    expect(advice.locator("main")).to_contain_text("The person took it back")
    expect(advice.locator("main")).not_to_contain_text(WORDS)
    wellbeing.reload()
    expect(wellbeing.locator("main")).to_contain_text(WORDS)


def test_every_step_works_without_scripts(screen: Screens) -> None:
    page = screen(java_script_enabled=False)
    page.goto("/en/support/all")
    page.locator("button[value=housing]").click()
    page.locator(f"label:has([name=service][value='{service_id('advice')}'])").click()
    page.locator("button[name=tell]").click()
    for _question in range(25):
        name = page.url.rsplit("/", 1)[1]
        if name.isdecimal():
            break
        said = QUESTIONS.get(name, ())
        if isinstance(said, str):
            page.locator(".box").fill(said)
            page.locator("main .primary").click()
        elif name == "helps":
            page.locator("button[value=nothing]").click()
        elif name == "about":
            page.locator("label:has([value=housing])").click()
            page.locator("main .primary").click()
        else:
            for what in said:
                page.locator(what).first.click()
    page.locator("button[value=more]").click()
    page.locator("label:has([name=item][value=name])").click()
    page.locator("button[name=answer][value=yes]").click()
    page.locator("button[name=answer][value=no]").click()
    page.locator("main form .primary").click()
    expect(page.locator(".code strong")).to_be_visible()
    page.locator("button.leave-now").click()
    page.wait_for_url("**/en/events/")
