"""The tables of events: what is on, bookings, wishes, calendars."""

from __future__ import annotations

from sqlite_utils import Database

from kiosk.migrations.order import migrations


@migrations()
def m009_events(db: Database) -> None:
    db.execute(
        "CREATE TABLE events ("
        " id TEXT PRIMARY KEY,"
        " serial INTEGER NOT NULL UNIQUE,"  # tells two events of the same minute apart, in keys of lists
        " source TEXT NOT NULL DEFAULT '',"  # which calendar it came from; '' when made by hand
        " identity TEXT NOT NULL,"  # which event of that calendar
        " status TEXT NOT NULL CHECK (status IN ('draft', 'confirmed', 'tentative', 'cancelled')),"
        " place_kind TEXT NOT NULL CHECK (place_kind IN ('branch', 'elsewhere', 'online', 'mobile')),"
        " branch_id TEXT REFERENCES branches, place TEXT NOT NULL, room TEXT NOT NULL,"
        " booking TEXT NOT NULL CHECK (booking IN ('drop-in', 'book', 'ask')),"
        " capacity INTEGER,"  # NULL: no limit
        " pence INTEGER,"  # for each person; 0: free; NULL: nobody said
        " codes TEXT NOT NULL, spoken TEXT NOT NULL,"  # both sorted, with a space before and after each
        " needs_age INTEGER NOT NULL, link TEXT NOT NULL,"
        " gone_at TEXT, kept INTEGER NOT NULL DEFAULT 0,"  # left its calendar; staff keep it nevertheless
        " created_at TEXT NOT NULL, changed_at TEXT NOT NULL, changed_by TEXT NOT NULL,"
        # what follows is made from the rest, see kiosk/events/upcoming.py
        " place_in_lists INTEGER, moves_at INTEGER, listed TEXT NOT NULL DEFAULT '[]',"
        " UNIQUE (source, identity)) STRICT"
    )
    db.execute("CREATE INDEX events_of_a_branch ON events (branch_id, changed_at)")
    db.execute("CREATE INDEX events_to_move_on ON events (moves_at) WHERE moves_at IS NOT NULL")
    db.execute("CREATE INDEX events_gone ON events (gone_at) WHERE gone_at IS NOT NULL")
    db.execute(
        "CREATE TABLE event_texts ("
        " event_id TEXT NOT NULL REFERENCES events ON DELETE CASCADE, language TEXT NOT NULL,"
        " title TEXT NOT NULL, text TEXT NOT NULL, bring TEXT NOT NULL,"
        " state TEXT NOT NULL CHECK (state IN ('draft', 'read', 'out-of-date')),"
        " made_from TEXT NOT NULL,"  # a hash of the English that it was made from
        " changed_at TEXT NOT NULL, PRIMARY KEY (event_id, language)) STRICT"
    )
    db.execute(
        "CREATE TABLE occurrences ("
        " id TEXT PRIMARY KEY, event_id TEXT NOT NULL REFERENCES events ON DELETE CASCADE,"
        " key TEXT NOT NULL,"  # which date of its series, also after it was moved
        " starts INTEGER NOT NULL, ends INTEGER NOT NULL,"  # minutes since 1970, UTC
        " has_end INTEGER NOT NULL, all_day INTEGER NOT NULL, zone TEXT NOT NULL,"
        " status TEXT NOT NULL CHECK (status IN ('confirmed', 'tentative', 'cancelled')),"
        " moved_from INTEGER,"  # minutes since 1970, UTC
        " title TEXT NOT NULL, text TEXT NOT NULL,"  # only where this date has its own; in English
        " branch_id TEXT REFERENCES branches, place TEXT NOT NULL, room TEXT NOT NULL,"
        " capacity INTEGER,"  # NULL: that of the event
        " taken INTEGER NOT NULL DEFAULT 0 CHECK (taken >= 0),"  # places booked, to be paid, or offered
        " walk_ins INTEGER NOT NULL DEFAULT 0 CHECK (walk_ins >= 0),"  # came without having booked
        " gone_at TEXT, kept INTEGER NOT NULL DEFAULT 0, UNIQUE (event_id, key)) STRICT"
    )
    db.execute("CREATE INDEX occurrences_of_an_event ON occurrences (event_id, ends, id)")
    db.execute("CREATE INDEX occurrences_at_a_branch ON occurrences (branch_id, starts, id)")
    db.execute("CREATE INDEX occurrences_gone ON occurrences (gone_at) WHERE gone_at IS NOT NULL")
    db.execute(
        "CREATE TABLE upcoming ("  # for each list the events that are in it, by their next date
        " list TEXT NOT NULL, place INTEGER NOT NULL, traits INTEGER NOT NULL,"
        " PRIMARY KEY (list, place)) STRICT, WITHOUT ROWID"
    )
    db.execute(
        "CREATE VIRTUAL TABLE event_search USING fts5 (words, lists, columnsize = 0, prefix = '2 3',"
        " tokenize = \"unicode61 remove_diacritics 0 categories 'L* M* N* Co'\")"
    )
    db.execute("CREATE TABLE event_words (word TEXT PRIMARY KEY) STRICT, WITHOUT ROWID")
    db.execute(
        "CREATE TABLE bookings ("
        " id TEXT PRIMARY KEY,"
        " one_time_key TEXT NOT NULL UNIQUE,"  # the same send twice gives the same booking
        " reference TEXT NOT NULL UNIQUE,"
        " pin_seed BLOB,"  # gives the PIN together with a key that is not in the database
        " occurrence_id TEXT NOT NULL REFERENCES occurrences,"
        " branch_id TEXT REFERENCES branches, kiosk_id TEXT REFERENCES kiosks,"  # where it was booked
        " places INTEGER NOT NULL CHECK (places BETWEEN 1 AND 6),"
        " state TEXT NOT NULL CHECK (state IN ('booked', 'to-pay', 'waiting', 'offered', 'cancelled')),"
        " why TEXT NOT NULL DEFAULT '',"  # how it came to be cancelled: a code
        " arrived INTEGER NOT NULL,"  # its turn on the waiting list
        " deadline_at TEXT,"  # of an offer, or of a payment
        " pence INTEGER NOT NULL DEFAULT 0, paid_pence INTEGER NOT NULL DEFAULT 0,"
        " paid_at TEXT, paid_to TEXT REFERENCES people,"
        " came INTEGER,"  # how many people; NULL: nobody has said yet
        " language TEXT NOT NULL,"
        " sealed BLOB,"  # who it is, for the service; NULL once it has been wiped
        " created_at TEXT NOT NULL, changed_at TEXT NOT NULL,"
        " purge_after TEXT NOT NULL, purged_at TEXT,"
        " UNIQUE (occurrence_id, arrived)) STRICT"
    )
    db.execute("CREATE INDEX bookings_of_a_screen ON bookings (kiosk_id, created_at)")
    db.execute(
        "CREATE INDEX bookings_with_a_deadline ON bookings (deadline_at) WHERE deadline_at IS NOT NULL"
    )
    db.execute("CREATE INDEX bookings_to_purge ON bookings (purge_after) WHERE purged_at IS NULL")
    db.execute(
        "CREATE TABLE booking_tries ("  # wrong PINs and unknown codes
        " reference BLOB NOT NULL, kiosk_id TEXT NOT NULL, at TEXT NOT NULL) STRICT"  # a mark of the code
    )
    db.execute("CREATE INDEX booking_tries_of_a_code ON booking_tries (reference, at)")
    db.execute("CREATE INDEX booking_tries_of_a_screen ON booking_tries (kiosk_id, at)")
    db.execute(
        "CREATE TABLE wishes ("  # counted, and nothing of who wished
        " branch_id TEXT NOT NULL REFERENCES branches ON DELETE CASCADE, month TEXT NOT NULL,"
        " topic TEXT NOT NULL, part_of_day TEXT NOT NULL, language TEXT NOT NULL, number INTEGER NOT NULL,"
        " PRIMARY KEY (branch_id, month, topic, part_of_day, language)) STRICT"
    )
    db.execute(
        "CREATE TABLE subscriptions ("
        " id TEXT PRIMARY KEY, name TEXT NOT NULL,"
        # whoever knows the address of some calendars can read them: it is sealed for the service
        " url_mark BLOB NOT NULL UNIQUE, sealed BLOB NOT NULL,"
        " branch_id TEXT REFERENCES branches,"  # where its events are, if they do not say
        " etag TEXT NOT NULL DEFAULT '', modified TEXT NOT NULL DEFAULT '',"  # as the other server wrote them
        " tried_at TEXT, read_at TEXT, result TEXT NOT NULL DEFAULT '', failures INTEGER NOT NULL DEFAULT 0,"
        " stopped_at TEXT, created_at TEXT NOT NULL, created_by TEXT NOT NULL) STRICT"
    )
    db.execute("CREATE INDEX subscriptions_by_turn ON subscriptions (tried_at) WHERE stopped_at IS NULL")
    db.execute(
        "CREATE TABLE imports ("
        " id TEXT PRIMARY KEY, source TEXT NOT NULL, at TEXT NOT NULL, who TEXT NOT NULL,"
        " added INTEGER NOT NULL, changed INTEGER NOT NULL, gone INTEGER NOT NULL, refused INTEGER NOT NULL,"
        " report TEXT NOT NULL) STRICT"  # JSON: what was refused or strange, where and why
    )
    db.execute("CREATE INDEX imports_of_a_source ON imports (source, at)")
    db.execute(
        "CREATE TABLE place_names ("  # what calendars call a branch, as staff have confirmed it
        " spelling TEXT PRIMARY KEY, branch_id TEXT NOT NULL REFERENCES branches ON DELETE CASCADE) STRICT"
    )


@migrations()
def m013_events_desk(db: Database) -> None:
    db.execute("CREATE INDEX occurrences_by_date ON occurrences (starts, id)")


@migrations()
def m014_event_imports(db: Database) -> None:
    # hashes of what its calendar last said of an event: what staff wrote instead stays until that changes
    db.execute("ALTER TABLE events ADD COLUMN said TEXT NOT NULL DEFAULT '{}'")
    db.execute("ALTER TABLE events ADD COLUMN dates_said TEXT NOT NULL DEFAULT '{}'")  # and of its dates
    # a subscription takes nothing before somebody has looked at it
    db.execute("ALTER TABLE subscriptions ADD COLUMN looked_at TEXT")
    db.execute("ALTER TABLE subscriptions ADD COLUMN full_at TEXT")  # last read as a whole, changed or not
    db.execute(
        "CREATE TABLE import_files ("  # files that wait until somebody has looked at what they would change
        " id TEXT PRIMARY KEY, name TEXT NOT NULL, source TEXT NOT NULL,"
        " subscription_id TEXT UNIQUE REFERENCES subscriptions,"  # where it was fetched from; NULL: handed in
        " branch_id TEXT REFERENCES branches,"  # where its events are, if they do not say
        " owner_id TEXT REFERENCES branches,"  # the branch whose staff may see it; NULL: managers
        " sealed BLOB NOT NULL, columns TEXT NOT NULL DEFAULT '', day_first INTEGER,"
        " created_at TEXT NOT NULL, created_by TEXT NOT NULL, purge_after TEXT NOT NULL) STRICT"
    )
    db.execute("CREATE INDEX import_files_to_purge ON import_files (purge_after)")
    db.execute(
        "CREATE TABLE import_columns ("  # which column is what, as staff last said for a table
        " source TEXT PRIMARY KEY, columns TEXT NOT NULL, day_first INTEGER) STRICT"
    )
