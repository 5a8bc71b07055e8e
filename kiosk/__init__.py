"""The welcome desk. `create_app` is its table of contents."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Flask

from kiosk import (
    audit,
    branches,
    catalogues,
    configuration,
    demo,
    devices,
    home,
    languages,
    outbox,
    pages,
    people,
    rounds,
    settings,
    sounds,
    staff,
    visits,
)
from kiosk.events import clock as events_clock
from kiosk.events import feeds
from kiosk.events import screens as events_screens
from kiosk.events.bookings import own_screens
from kiosk.events.bookings import screens as booking_screens
from kiosk.events.desk import programme as events_desk
from kiosk.events.incoming import commands as events_commands
from kiosk.events.incoming import desk as desk_import
from kiosk.feedback import desk as feedback_desk
from kiosk.feedback import screens as feedback_screens
from kiosk.help import away_screens, waiting_screens
from kiosk.help import clock as help_clock
from kiosk.help import desk as help_desk
from kiosk.help import screens as help_screens
from kiosk.join import desk as join_desk
from kiosk.join import desk_cards
from kiosk.join import screens as join_screens
from kiosk.join.handover import desk as join_handover
from kiosk.support import desk as support_desk
from kiosk.support import desk_rules
from kiosk.support import partner as partner_pages
from kiosk.support import screens as support_screens
from kiosk.support.directory import commands as support_commands
from kiosk.support.directory import desk as directory_desk
from kiosk.support.directory import feed as directory_feed
from kiosk.support.referrals import clock as referrals_clock
from kiosk.support.referrals import commands as partner_commands
from kiosk.support.status import screens as status_screens
from kiosk.support.telling import desk_follow as follow_desk
from kiosk.support.telling import screens as telling_screens


def create_app(data: Path | None = None, **config: Any) -> Flask:
    """The whole app over one data folder; `data` and `config` win over the environment."""
    app = Flask("kiosk", root_path=str(configuration.ROOT), static_url_path="/static")
    configuration.init_app(app, data)
    app.config.update(config)

    pages.init_app(app)  # what every answer has: headers, icons, error pages
    devices.init_app(app)  # before all rooms that ask where the screen stands
    languages.init_app(app)
    visits.init_app(app)
    sounds.init_app(app)
    people.init_app(app)

    home.init_app(app)
    join_screens.init_app(app)
    join_desk.init_app(app)
    desk_cards.init_app(app)
    join_handover.init_app(app)
    events_screens.init_app(app)
    booking_screens.init_app(app)
    own_screens.init_app(app)
    events_desk.init_app(app)
    desk_import.init_app(app)
    feeds.init_app(app)
    events_clock.init_app(app)
    help_screens.init_app(app)
    waiting_screens.init_app(app)
    away_screens.init_app(app)
    support_screens.init_app(app)
    telling_screens.init_app(app)
    status_screens.init_app(app)
    follow_desk.init_app(app)
    directory_desk.init_app(app)
    desk_rules.init_app(app)
    support_desk.init_app(app)
    directory_feed.init_app(app)
    referrals_clock.init_app(app)
    feedback_screens.init_app(app)
    feedback_desk.init_app(app)
    help_desk.init_app(app)
    help_clock.init_app(app)
    partner_pages.init_app(app)
    staff.init_app(app)

    settings.init_app(app)  # commands of the rooms that have no pages
    branches.init_app(app)
    events_commands.init_app(app)
    support_commands.init_app(app)
    partner_commands.init_app(app)
    audit.init_app(app)
    rounds.init_app(app)
    outbox.init_app(app)
    catalogues.init_app(app)
    demo.init_app(app)
    return app
