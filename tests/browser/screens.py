"""Every screen that residents see: its address, and which of the people of `people` stands before it."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Page

from tests.browser.geometry import SHAPES

LANGUAGES = ("en", "pl", "ar", "uk", "ti", "zh-Hant-HK")
TEXT_SIZES = ("100", "140", "200")
THEMES = ("paper", "strong", "night")

RHYMES, CLUB, CRAFTS, TALK, WEIGHING = (
    "Rhyme time", "Coding club", "Holiday crafts", "An author reads", "Baby weighing",
)  # fmt: skip
"""Events of the demo library, by their titles: one of tonight; full; to be paid; moved, online; and one of
which the second date is cancelled. In an address a title stands for the id of the event in this library."""
CANCELLED = f"{WEIGHING}/CANCELLED"
"""The date of it that is cancelled."""


@dataclass(frozen=True)
class Screen:
    """A screen, and how it is reached: by whom, at which address, and what she then does there."""

    name: str
    path: str
    """Below the language. The first screen has no language yet, and no path."""
    who: str = "nobody"
    sends: str | None = None
    """What she writes into the box, if there is one, before she sends the form of the page: a mistake."""
    dialog: str = ""
    """The id of what opens over the page."""
    fits: bool = False
    """Whether nothing may lie below an edge when letters have their usual size."""


SCREENS = {
    screen.name: screen
    for screen in (
        Screen("first", ""),
        Screen("home", "", fits=True),
        Screen("language", "language?from=/en/"),
        Screen("start", "join/"),
        Screen("privacy", "join/privacy"),
        Screen("who", "join/who", "adult", fits=True),
        Screen("filled-by", "join/filled-by", "adult", fits=True),
        Screen("ages", "join/ages", "family", fits=True),
        Screen("child", "join/child-1", "family", fits=True),
        Screen("child-wrong", "join/child-1", "family", sends=""),
        Screen("child-family", "join/child-family-2", "family", fits=True),
        Screen("check-family", "join/check", "family"),
        Screen("agree-family", "join/agree", "family"),
        Screen("receipt-family", "join/receipt", "arrived", fits=True),
        Screen("card", "join/card", "finished", fits=True),
        Screen("allows", "join/allows", "finished"),
        Screen("allows-family", "join/allows", "arrived"),
        Screen("brings", "join/brings", "home", fits=True),
        Screen("times", "join/times", "home", fits=True),
        Screen("door", "join/door", "home", fits=True),
        Screen("likes", "join/likes", "home", fits=True),
        Screen("contact-home", "join/contact", "home", fits=True),
        Screen("address", "join/address", "home", fits=True),
        Screen("check-home", "join/check", "home"),
        Screen("code", "join/code", "helps", fits=True),
        Screen("code-wrong", "join/code", "helps", sends="K7M 2QX 9PDA"),
        Screen("neighbour", "join/neighbour", "helps", fits=True),
        Screen("until", "join/until", "helps", fits=True),
        Screen("agree-neighbours", "join/agree", "helps"),
        Screen("year", "join/year", "adult", fits=True),
        Screen("year-wrong", "join/year", "adult", sends="1850"),
        Screen("month", "join/month", "adult", fits=True),
        Screen("day", "join/day", "adult", fits=True),
        Screen("age", "join/age", "long", fits=True),
        Screen("needs", "join/needs", "adult", fits=True),
        Screen("needs-wrong", "join/needs", "adult", sends=""),
        Screen("contact", "join/contact", "adult", fits=True),
        Screen("phone", "join/phone", "adult", fits=True),
        Screen("phone-wrong", "join/phone", "adult", sends="07"),
        Screen("email", "join/email", "long", fits=True),
        Screen("email-wrong", "join/email", "long", sends="anna at home"),
        Screen("postcode", "join/postcode", "adult", fits=True),
        Screen("postcode-wrong", "join/postcode", "adult", sends="XX"),
        Screen("first-name", "join/first-name", "adult", fits=True),
        Screen("first-name-wrong", "join/first-name", "adult", sends=""),
        Screen("family-name", "join/family-name", "adult", fits=True),
        Screen("family-name-wrong", "join/family-name", "adult", sends=""),
        Screen("check", "join/check", "adult"),
        Screen("check-long", "join/check", "long"),
        Screen("too-young", "join/together", "adult"),
        Screen("receipt", "join/receipt", "finished", fits=True),
        Screen("how", "how/", "asked", fits=True),
        Screen("how-why", "how/why", "answered", fits=True),
        Screen("events", "events/", fits=True),
        Screen("events-today", "events/list/today"),
        Screen("events-near", "events/list/near"),
        Screen("events-narrowed", "events/list/near?with=free&with=step-free&spoken=ar"),
        Screen("events-none", "events/list/bereavement?with=level-2&wide=yes"),
        Screen("topics", "events/topics"),
        Screen("filters", "events/filters/today"),
        Screen("spoken", "events/spoken/today"),
        Screen("levels", "events/levels/today", fits=True),
        Screen("search", "events/search", fits=True),
        Screen("search-wrong", "events/search", sends=""),
        Screen("event", f"events/event/{RHYMES}"),
        Screen("wish", "events/wish"),
        Screen("wish-time", "events/wish/health", fits=True),
        Screen("wished", "events/wished", fits=True),
        Screen("places", "events/book/places", "booker", fits=True),
        Screen("booker-name", "events/book/first-name", "booker", fits=True),
        Screen("booker-name-wrong", "events/book/first-name", "booker", sends=""),
        Screen("check-booking", "events/book/check", "booker"),
        Screen("receipt-booking", "events/book/receipt", "booked", fits=True),
        Screen("mine", "events/mine/", fits=True),
        Screen("booking-code", "events/mine/code", "looks-up", fits=True),
        Screen("booking-code-wrong", "events/mine/code", "looks-up", sends="K7M"),
        Screen("booking-pin", "events/mine/pin", "looks-up", fits=True),
        Screen("booking-pin-wrong", "events/mine/pin", "looks-up", sends="12"),
        Screen("booking", "events/mine/booking", "owner", fits=True),
        Screen("booking-places", "events/mine/places", "owner", fits=True),
        Screen("booking-cancel", "events/mine/cancel", "owner", fits=True),
        Screen("support", "support/", fits=True),
        Screen("support-before", "support/before", fits=True),
        Screen("support-needs", "support/needs", "needs", fits=True),
        Screen("support-needs-more", "support/needs", "needs-more", fits=True),
        Screen("support-needs-wrong", "support/needs", "needs", sends=""),
        Screen("support-age", "support/age", "says-age", fits=True),
        Screen("support-district", "support/district", "says-district", fits=True),
        Screen("support-district-wrong", "support/district", "says-district", sends="XX"),
        Screen("support-children", "support/children", "says-children", fits=True),
        Screen("support-work", "support/work", "says-work", fits=True),
        Screen("support-stay", "support/stay", "says-stay", fits=True),
        Screen("support-young", "support/young", "young"),
        Screen("support-found", "support/found", "finds"),
        Screen("support-none", "support/found", "finds-none"),
        Screen("support-all", "support/all", fits=True),
        Screen("support-listed", "support/listed", "looks"),
        Screen("support-service", "support/service", "reads"),
        Screen("help", "help/"),
        Screen("help-how", "help/how/letter"),
        Screen("help-urgent", "help/urgent"),
        Screen("help-time", "help/time/english"),
        Screen("help-number", "help/number", fits=True),
        Screen("help-number-wrong", "help/number", sends="seven"),
        Screen("help-found", "help/number/state", "let-go"),
        Screen("help-kept", "help/kept", "let-go", fits=True),
        Screen("help-private", "help/private", "in-private"),
        Screen("help-waits-in-private", "help/waiting", "waits-in-private"),
        Screen("help-waiting", "help/waiting", "waits"),
        Screen("help-wants", "help/wants", "waits"),
        Screen("help-interpreter", "help/interpreter", "waits"),
        Screen("help-name", "help/name", "waits", fits=True),
        Screen("help-name-wrong", "help/name", "waits", sends=""),
        Screen("help-card", "help/card", "waits"),
        Screen("help-phone", "help/call/phone", "calls", fits=True),
        Screen("help-phone-wrong", "help/call/phone", "calls", sends="07"),
        Screen("help-check", "help/call/check", "calls"),
        Screen("tell-who", "support/tell/filled-by", "tells", fits=True),
        Screen("tell-agrees", "support/tell/agrees", "tells", fits=True),
        Screen("tell-age", "support/tell/age", "tells", fits=True),
        Screen("tell-about", "support/tell/about", "tells", fits=True),
        Screen("tell-special", "support/tell/special-1", "tells", fits=True),
        Screen("tell-urgent", "support/tell/urgent", "tells", fits=True),
        Screen("tell-wants", "support/tell/wants", "tells", fits=True),
        Screen("tell-tried", "support/tell/tried", "tells", fits=True),
        Screen("tell-words", "support/tell/words", "tells", fits=True),
        Screen("tell-words-wrong", "support/tell/words", "tells", sends=""),
        Screen("tell-reach", "support/tell/reach", "tells", fits=True),
        Screen("tell-reach-wrong", "support/tell/reach", "tells", sends=""),
        Screen("tell-phone", "support/tell/phone", "tells", fits=True),
        Screen("tell-phone-wrong", "support/tell/phone", "tells", sends="07"),
        Screen("tell-email", "support/tell/email", "tells", fits=True),
        Screen("tell-letter", "support/tell/letter", "tells", fits=True),
        Screen("tell-safe", "support/tell/safe", "tells", fits=True),
        Screen("tell-helps", "support/tell/helps", "tells", fits=True),
        Screen("tell-spoken", "support/tell/spoken", "tells", fits=True),
        Screen("tell-helper", "support/tell/helper", "tells", fits=True),
        Screen("tell-name", "support/tell/name", "tells", fits=True),
        Screen("tell-name-wrong", "support/tell/name", "tells", sends=""),
        Screen("tell-young", "support/tell/young", "tells-young"),
        Screen("tell-stop", "support/tell/stop", "disagrees"),
        Screen("tell-partner", "support/tell/partner/1", "tells"),
        Screen("tell-part", "support/tell/partner/1/part", "tells"),
        Screen("tell-part-wrong", "support/tell/partner/1/part", "tells", sends=""),
        Screen("tell-library", "support/tell/partner/3", "decides"),
        Screen("tell-check", "support/tell/check", "decided"),
        Screen("tell-receipt", "support/tell/receipt", "told"),
        Screen("status", "status/", fits=True),
        Screen("status-code", "status/code", "asks-after", fits=True),
        Screen("status-code-wrong", "status/code", "asks-after", sends="K7M"),
        Screen("status-pin", "status/pin", "asks-after", fits=True),
        Screen("status-pin-wrong", "status/pin", "asks-after", sends="12"),
        Screen("status-all", "status/all", "sees", fits=True),
        Screen("status-one", "status/1", "sees", fits=True),
        Screen("status-back", "status/1/back", "sees"),
        Screen("status-reach", "status/reach/reach", "sees", fits=True),
        Screen("status-reach-check", "status/reach/check", "rewrites"),
        Screen("still-here", "join/needs", "adult", dialog="still-here"),
        Screen("no-connection", "join/needs", "adult", dialog="no-connection"),
        Screen("not-found", "no-such-page"),
        Screen("ended", "join/year"),
        Screen("too-many", "join/check", "long", sends=""),
        Screen("events-found", "events/list/found", "searches"),
        Screen("event-full", f"events/event/{CLUB}"),
        Screen("event-moved", f"events/event/{TALK}"),
        Screen("event-cancelled", f"events/event/{CANCELLED}"),
        Screen("booking-ages", "events/book/ages", "parent"),
        Screen("booking-ages-wrong", "events/book/ages", "parent", sends=""),
        Screen("booking-contact", "events/book/contact", "booker", fits=True),
        Screen("booking-email", "events/book/email", "writes-email", fits=True),
        Screen("booking-email-wrong", "events/book/email", "writes-email", sends="selam"),
        Screen("booking-phone", "events/book/phone", "writes-phone", fits=True),
        Screen("booking-full", "events/book/full", "late", fits=True),
        Screen("booking-sorry", f"events/event/{RHYMES}"),
        Screen("receipt-waiting", "events/book/receipt", "waits-for-place", fits=True),
        Screen("booking-to-pay", "events/mine/booking", "owes", fits=True),
        Screen("tell-news", "support/tell/news", "tells", fits=True),
        Screen("booking-offered", "events/mine/booking", "offered", fits=True),
    )
}


def show(page: Page, *, shape: str = "", text: str = "", theme: str = "") -> None:
    """Show the open page on a screen of another shape, in another size of letters, in other colours."""
    if shape:
        page.set_viewport_size({"width": SHAPES[shape].width, "height": SHAPES[shape].height})
    # Everything is laid out again, the keyboard too, and what does not fit is offered by "More".
    page.evaluate(
        """async ([text, theme]) => {
          const {dataset} = document.documentElement;
          if (text) dataset.text = text;
          if (theme) dataset.theme = theme;
          const drawn = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
          await drawn();
          await document.fonts.ready;
          // as a page that opens: "More" stays away until it is needed
          const more = document.querySelector('.more');
          if (more) more.hidden = true;
          window.dispatchEvent(new Event('resize'));
          await drawn();
        }""",
        [text, theme],
    )
