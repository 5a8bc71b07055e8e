"""The tables of asking for help, and of the boards that show it."""

from __future__ import annotations

from sqlite_utils import Database

from kiosk.migrations.order import migrations


@migrations()
def m015_help(db: Database) -> None:
    db.execute(
        "CREATE TABLE help_requests ("
        " id TEXT PRIMARY KEY,"
        " one_time_key TEXT NOT NULL UNIQUE,"  # the same send twice is one request
        " asker BLOB UNIQUE,"  # a mark of the visit: one open request each; NULL once it is closed
        " number INTEGER NOT NULL, day TEXT NOT NULL,"  # 1, 2, 3 … of a branch on a day of its own calendar
        " branch_id TEXT NOT NULL REFERENCES branches,"  # whose staff it waits for
        " from_branch_id TEXT NOT NULL REFERENCES branches, kiosk_id TEXT REFERENCES kiosks,"
        " language TEXT NOT NULL, topic TEXT NOT NULL, way TEXT NOT NULL,"
        " wants TEXT NOT NULL DEFAULT '', interpreter TEXT NOT NULL DEFAULT '',"
        " state TEXT NOT NULL CHECK (state IN"
        " ('waiting', 'taken', 'coming', 'held', 'done', 'cancelled')),"
        " handler_id TEXT REFERENCES people,"  # who has it; of one that waits, who was asked to take it
        " minutes INTEGER, taken_at TEXT,"  # how soon she said, and when
        " expected_at TEXT,"  # till when, after all that was said, nobody need wonder where she is
        " limit_minutes INTEGER NOT NULL,"  # when nobody has answered for so long it is late
        " created_at TEXT NOT NULL, waiting_since TEXT NOT NULL,"  # the second begins anew when put back
        " answered_at TEXT, coming_at TEXT,"
        " hold_reason TEXT NOT NULL DEFAULT '', held_until TEXT,"
        " outcome TEXT NOT NULL DEFAULT '', closed_at TEXT,"
        " slot_starts TEXT, slot_ends TEXT,"  # of a booked time
        " kept INTEGER NOT NULL DEFAULT 0,"  # she lets others use the screen meanwhile
        " seen_at TEXT NOT NULL,"  # when her screen last looked after it
        " escalated_at TEXT,"
        " version INTEGER NOT NULL DEFAULT 1,"  # one more with every change
        " sealed_name BLOB, sealed_phone BLOB,"  # for the desk; NULL once they have been wiped
        " purge_after TEXT, purged_at TEXT,"
        " UNIQUE (from_branch_id, day, number)) STRICT"
    )
    db.execute("CREATE INDEX help_open ON help_requests (branch_id, created_at) WHERE closed_at IS NULL")
    db.execute("CREATE INDEX help_of_a_screen ON help_requests (kiosk_id) WHERE state = 'waiting'")
    db.execute("CREATE INDEX help_answered ON help_requests (branch_id, answered_at)")
    db.execute("CREATE INDEX help_to_purge ON help_requests (purge_after) WHERE purged_at IS NULL")
    db.execute(
        "CREATE TABLE help_steps ("  # what happened when, for reports; never words
        " request_id TEXT NOT NULL REFERENCES help_requests ON DELETE CASCADE, at TEXT NOT NULL,"
        " what TEXT NOT NULL, who TEXT REFERENCES people) STRICT"  # NULL: she herself, or the clock
    )
    db.execute("CREATE INDEX help_steps_of_a_request ON help_steps (request_id, at)")
    db.execute(
        "CREATE TABLE help_phrases ("  # what a branch says besides the phrases of everybody
        " id TEXT PRIMARY KEY, branch_id TEXT NOT NULL REFERENCES branches ON DELETE CASCADE,"
        " english TEXT NOT NULL, translations TEXT NOT NULL DEFAULT '{}',"  # JSON: tag, text
        " gone_at TEXT, created_at TEXT NOT NULL) STRICT"  # what was said once can be read again
    )
    db.execute("CREATE INDEX help_phrases_of_a_branch ON help_phrases (branch_id, created_at)")
    db.execute(
        "CREATE TABLE help_talk ("
        " id TEXT PRIMARY KEY, request_id TEXT NOT NULL REFERENCES help_requests ON DELETE CASCADE,"
        " at TEXT NOT NULL, who TEXT REFERENCES people,"
        " code TEXT NOT NULL DEFAULT '',"  # a phrase of everybody, or else one of a branch:
        " phrase_id TEXT REFERENCES help_phrases, gaps TEXT NOT NULL DEFAULT '{}',"  # JSON: name, value
        " answer TEXT NOT NULL DEFAULT '', answered_at TEXT) STRICT"
    )
    db.execute("CREATE INDEX help_talk_of_a_request ON help_talk (request_id, at)")
    db.execute(
        "CREATE TABLE help_slots ("  # times that staff keep free for whoever books them
        " id TEXT PRIMARY KEY, branch_id TEXT NOT NULL REFERENCES branches ON DELETE CASCADE,"
        " starts TEXT NOT NULL, ends TEXT NOT NULL,"
        " request_id TEXT UNIQUE REFERENCES help_requests,"  # NULL: still free
        " UNIQUE (branch_id, starts)) STRICT"
    )


@migrations()
def m016_boards(db: Database) -> None:
    db.execute(
        "CREATE TABLE boards ("  # open in a browser of staff; each stays live after the sign-in has ended
        " id TEXT PRIMARY KEY,"  # a hash: the cookie of the browser alone opens it
        " branch_id TEXT NOT NULL,"  # what it shows; '' shows all branches
        " opened_by TEXT NOT NULL REFERENCES people ON DELETE CASCADE,"
        " opened_at TEXT NOT NULL, seen_at TEXT NOT NULL, ends_at TEXT NOT NULL) STRICT"
    )
    db.execute("CREATE INDEX boards_of_a_branch ON boards (branch_id, seen_at)")
