"""Every change to the schema, in order. A migration that has landed is never edited, only followed."""

from __future__ import annotations

from sqlite_utils import Database, Migrations

migrations = Migrations("kiosk")


@migrations()
def m001_the_library_its_branches_and_screens(db: Database) -> None:
    db.execute(
        "CREATE TABLE settings ("
        " level TEXT NOT NULL CHECK (level IN ('library', 'branch', 'kiosk')),"
        " place TEXT NOT NULL,"  # '' for the library, else the id of the branch or kiosk
        " name TEXT NOT NULL, value TEXT NOT NULL, changed_at TEXT NOT NULL,"
        " PRIMARY KEY (level, place, name)) STRICT"
    )
    db.execute(
        "CREATE TABLE branches ("
        " id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, address TEXT NOT NULL DEFAULT '',"
        " postcode TEXT NOT NULL DEFAULT '', phone TEXT NOT NULL DEFAULT '',"
        " time_zone TEXT NOT NULL DEFAULT 'Europe/London', created_at TEXT NOT NULL) STRICT"
    )
    db.execute(
        "CREATE TABLE opening_hours ("
        " branch_id TEXT NOT NULL REFERENCES branches ON DELETE CASCADE,"
        " weekday INTEGER NOT NULL CHECK (weekday BETWEEN 1 AND 7),"  # ISO: Monday is 1
        " opens TEXT NOT NULL, closes TEXT NOT NULL,"  # HH:MM in the branch's time zone
        " staffed INTEGER NOT NULL DEFAULT 1,"
        " PRIMARY KEY (branch_id, weekday, opens)) STRICT"
    )
    db.execute(
        "CREATE TABLE closures ("
        " branch_id TEXT NOT NULL REFERENCES branches ON DELETE CASCADE,"
        " day TEXT NOT NULL, reason TEXT NOT NULL DEFAULT '',"
        " PRIMARY KEY (branch_id, day)) STRICT"
    )
    db.execute(
        "CREATE TABLE neighbours ("
        " branch_id TEXT NOT NULL REFERENCES branches ON DELETE CASCADE,"
        " neighbour_id TEXT NOT NULL REFERENCES branches ON DELETE CASCADE,"
        " place INTEGER NOT NULL, PRIMARY KEY (branch_id, neighbour_id)) STRICT"
    )
    db.execute(
        "CREATE TABLE kiosks ("
        " id TEXT PRIMARY KEY, branch_id TEXT NOT NULL REFERENCES branches,"
        " name TEXT NOT NULL, created_at TEXT NOT NULL, UNIQUE (branch_id, name)) STRICT"
    )


@migrations()
def m002_visits(db: Database) -> None:
    db.execute(
        "CREATE TABLE visits ("
        " id TEXT PRIMARY KEY,"  # a hash: the cookie alone holds what opens the answers
        " sealed BLOB NOT NULL, seen_at TEXT NOT NULL, dies_at TEXT NOT NULL) STRICT"
    )
    db.execute("CREATE INDEX visits_dies_at ON visits (dies_at)")


@migrations()
def m003_people_and_their_keys(db: Database) -> None:
    db.execute(
        "CREATE TABLE teams (id TEXT PRIMARY KEY, public_key BLOB NOT NULL, created_at TEXT NOT NULL) STRICT"
    )  # 'desk', later each partner; 'recovery' is on paper
    db.execute(
        "CREATE TABLE people ("
        " id TEXT PRIMARY KEY, username TEXT NOT NULL UNIQUE, name TEXT NOT NULL,"
        " role TEXT NOT NULL, branch_id TEXT REFERENCES branches,"
        " public_key BLOB NOT NULL,"
        " private_key BLOB NOT NULL,"  # wrapped under the password: to sign in is to unwrap it
        " must_change INTEGER NOT NULL DEFAULT 0, disabled_at TEXT, created_at TEXT NOT NULL) STRICT"
    )
    db.execute(
        "CREATE TABLE team_keys ("  # a team's private key, sealed to one member or to 'recovery'
        " team_id TEXT NOT NULL REFERENCES teams, holder TEXT NOT NULL, sealed BLOB NOT NULL,"
        " PRIMARY KEY (team_id, holder)) STRICT"
    )
    db.execute(
        "CREATE TABLE staff_sessions ("
        " id TEXT PRIMARY KEY,"  # a hash, as for visits
        " person_id TEXT NOT NULL REFERENCES people ON DELETE CASCADE,"
        " unlocked BLOB NOT NULL, began_at TEXT NOT NULL, touched_at TEXT NOT NULL) STRICT"
    )
    db.execute("CREATE INDEX staff_sessions_of_a_person ON staff_sessions (person_id)")
    db.execute(
        "CREATE TABLE sign_in_tries ("
        " account BLOB PRIMARY KEY,"  # a mark of the name as typed: a password typed there is not kept
        " failures INTEGER NOT NULL, wait_until TEXT NOT NULL) STRICT"
    )
    db.execute(
        "CREATE TABLE audit ("
        " number INTEGER PRIMARY KEY, at TEXT NOT NULL, who TEXT NOT NULL, role TEXT NOT NULL,"
        " action TEXT NOT NULL, subject TEXT NOT NULL, subject_id TEXT NOT NULL,"
        " reason TEXT NOT NULL, link BLOB NOT NULL) STRICT"
    )
    db.execute("CREATE INDEX audit_by_person ON audit (who, number)")
    db.execute(
        "CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit"
        " BEGIN SELECT RAISE(ABORT, 'the audit log is never changed'); END"
    )
    db.execute(
        "CREATE TRIGGER audit_is_never_deleted BEFORE DELETE ON audit"
        " BEGIN SELECT RAISE(ABORT, 'the audit log is never deleted'); END"
    )


@migrations()
def m004_joins(db: Database) -> None:
    db.execute(
        "CREATE TABLE joins ("
        " id TEXT PRIMARY KEY,"
        " one_time_key TEXT NOT NULL UNIQUE,"  # the same send twice gives the same receipt
        " reference TEXT NOT NULL UNIQUE,"
        " branch_id TEXT NOT NULL REFERENCES branches, kiosk_id TEXT REFERENCES kiosks,"
        " language TEXT NOT NULL, notice_version TEXT NOT NULL,"
        " state TEXT NOT NULL CHECK (state IN ('new', 'waiting', 'finished', 'refused')),"
        " reason TEXT NOT NULL DEFAULT '',"  # a code, never words
        " handled_by TEXT REFERENCES people,"
        " sealed BLOB,"  # the answers, for the desk; NULL once they have been wiped
        " name_mark BLOB, contact_mark BLOB,"  # blind indexes that find possible duplicates
        " created_at TEXT NOT NULL, changed_at TEXT NOT NULL,"
        " finished_at TEXT, purge_after TEXT NOT NULL, purged_at TEXT) STRICT"
    )
    db.execute("CREATE INDEX joins_of_a_branch ON joins (branch_id, state, created_at)")
    db.execute("CREATE INDEX joins_by_change ON joins (changed_at)")
    db.execute("CREATE INDEX joins_by_change_of_a_branch ON joins (branch_id, changed_at)")
    db.execute("CREATE INDEX joins_to_purge ON joins (purge_after)")
    db.execute("CREATE INDEX joins_by_name ON joins (name_mark)")
    db.execute("CREATE INDEX joins_by_contact ON joins (contact_mark)")


@migrations()
def m005_branches_as_councils_list_them(db: Database) -> None:
    db.execute("ALTER TABLE branches ADD COLUMN closed_year INTEGER")  # shut for good in this year
    db.execute(
        "ALTER TABLE closures ADD COLUMN origin TEXT NOT NULL DEFAULT 'staff'"
        " CHECK (origin IN ('staff', 'holidays'))"
    )
    # a day that staff opened again stays, so that no file closes it once more
    db.execute("ALTER TABLE closures ADD COLUMN lifted INTEGER NOT NULL DEFAULT 0")
    # times with and without staff may begin at the same minute
    db.execute(
        "CREATE TABLE opening_hours_of_both_kinds ("
        " branch_id TEXT NOT NULL REFERENCES branches ON DELETE CASCADE,"
        " weekday INTEGER NOT NULL CHECK (weekday BETWEEN 1 AND 7),"
        " opens TEXT NOT NULL, closes TEXT NOT NULL, staffed INTEGER NOT NULL DEFAULT 1,"
        " PRIMARY KEY (branch_id, weekday, opens, staffed)) STRICT"
    )
    db.execute(
        "INSERT INTO opening_hours_of_both_kinds (branch_id, weekday, opens, closes, staffed)"
        " SELECT branch_id, weekday, opens, closes, staffed FROM opening_hours"
    )
    db.execute("DROP TABLE opening_hours")
    db.execute("ALTER TABLE opening_hours_of_both_kinds RENAME TO opening_hours")


@migrations()
def m006_joins_handed_over(db: Database) -> None:
    db.execute(
        "CREATE TABLE handovers ("  # which finished joins went to which system of the library; no names
        " join_id TEXT NOT NULL REFERENCES joins, target TEXT NOT NULL, at TEXT NOT NULL,"
        " PRIMARY KEY (join_id, target)) STRICT"
    )
    db.execute("CREATE INDEX joins_by_end ON joins (finished_at)")


@migrations()
def m007_paired_screens(db: Database) -> None:
    db.execute(
        "CREATE TABLE pairings ("  # browsers that show a code and wait
        " id TEXT PRIMARY KEY,"  # a hash: the cookie of the browser alone holds what asks for the answer
        " code BLOB NOT NULL UNIQUE,"  # a mark of the code
        " kiosk_id TEXT REFERENCES kiosks,"  # which screen it is, once staff have said so
        " approved_by TEXT REFERENCES people, dies_at TEXT NOT NULL) STRICT"
    )
    db.execute(
        "CREATE TABLE pairing_tries ("  # codes that nobody shows, by who typed them
        " person_id TEXT NOT NULL REFERENCES people ON DELETE CASCADE, at TEXT NOT NULL) STRICT"
    )
    db.execute("CREATE INDEX pairing_tries_of_a_person ON pairing_tries (person_id, at)")
    db.execute(
        "CREATE TABLE devices ("
        " id TEXT PRIMARY KEY,"  # a hash of the token
        " kiosk_id TEXT NOT NULL REFERENCES kiosks,"
        " paired_at TEXT NOT NULL, paired_by TEXT REFERENCES people,"
        " seen_at TEXT NOT NULL, revoked_at TEXT) STRICT"
    )
    db.execute("CREATE INDEX devices_of_a_screen ON devices (kiosk_id)")


@migrations()
def m010_everyone_joins(db: Database) -> None:
    # what somebody joins as, and the join that a family came with; both say nothing of who it is
    db.execute("ALTER TABLE joins ADD COLUMN kind TEXT NOT NULL DEFAULT 'me'")
    db.execute("ALTER TABLE joins ADD COLUMN party TEXT REFERENCES joins")
    db.execute("CREATE INDEX joins_of_a_party ON joins (party)")
    db.execute(
        "CREATE TABLE good_neighbours ("
        " id TEXT PRIMARY KEY,"
        " helper_join TEXT REFERENCES joins, helped_join TEXT REFERENCES joins,"  # who came second is missing
        " ends_on TEXT NOT NULL, started_at TEXT NOT NULL,"
        " agreed_at TEXT, agreed_how TEXT, ended_at TEXT,"
        " CHECK (helper_join IS NOT NULL OR helped_join IS NOT NULL)) STRICT"
    )
    db.execute("CREATE UNIQUE INDEX good_neighbours_by_helper ON good_neighbours (helper_join)")
    db.execute("CREATE UNIQUE INDEX good_neighbours_by_helped ON good_neighbours (helped_join)")


@migrations()
def m008_temporary_cards(db: Database) -> None:
    db.execute(
        "CREATE TABLE card_blocks ("  # numbers that the library set aside for cards given by the screens
        " id TEXT PRIMARY KEY, branch_id TEXT REFERENCES branches,"  # NULL: for every branch
        " prefix TEXT NOT NULL, width INTEGER NOT NULL,"  # a number is its prefix and so many digits
        " first INTEGER NOT NULL, last INTEGER NOT NULL,"
        " next INTEGER NOT NULL,"  # only ever moved on: no number is given twice
        " loaded_by TEXT REFERENCES people, loaded_at TEXT NOT NULL) STRICT"
    )
    db.execute(
        "CREATE TABLE cards ("
        " number TEXT PRIMARY KEY, join_id TEXT NOT NULL UNIQUE REFERENCES joins,"
        " block_id TEXT NOT NULL REFERENCES card_blocks, kiosk_id TEXT REFERENCES kiosks,"
        " given_at TEXT NOT NULL, valid_until TEXT NOT NULL) STRICT"  # the last day, where it was given
    )


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
        " id TEXT PRIMARY KEY, url TEXT NOT NULL UNIQUE, name TEXT NOT NULL,"
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
def m011_how_it_was(db: Database) -> None:
    db.execute(
        "CREATE TABLE how_it_was ("  # faces touched at the end of a visit; no person, no moment, no language
        " day TEXT NOT NULL, branch_id TEXT NOT NULL REFERENCES branches ON DELETE CASCADE,"
        " kiosk_id TEXT NOT NULL,"  # '' while no screen is set up
        " face INTEGER NOT NULL CHECK (face BETWEEN 1 AND 5),"
        " why TEXT NOT NULL,"  # '' counts the face itself; a code counts one of its reasons
        " number INTEGER NOT NULL, PRIMARY KEY (day, branch_id, kiosk_id, face, why)) STRICT"
    )


@migrations()
def m012_outbox(db: Database) -> None:
    db.execute(
        "CREATE TABLE outbox ("
        " id TEXT PRIMARY KEY,"
        " one_time_key TEXT NOT NULL UNIQUE,"  # the same thing is said to a person once
        " room TEXT NOT NULL, subject_id TEXT NOT NULL,"  # what it is about
        " kind TEXT NOT NULL, way TEXT NOT NULL CHECK (way IN ('email', 'text')), language TEXT NOT NULL,"
        " sealed BLOB,"  # to whom and what, for the service; NULL once it has been sent
        " state TEXT NOT NULL CHECK (state IN ('waiting', 'failed', 'sent', 'given-up')),"
        " attempts INTEGER NOT NULL DEFAULT 0, last_error TEXT NOT NULL DEFAULT '',"  # a code
        " next_at TEXT NOT NULL, expires_at TEXT,"  # what nobody needs any more is not sent
        " created_at TEXT NOT NULL, sent_at TEXT, purge_after TEXT NOT NULL) STRICT"
    )
    db.execute("CREATE INDEX outbox_by_turn ON outbox (next_at, id) WHERE state IN ('waiting', 'failed')")
    db.execute("CREATE INDEX outbox_to_purge ON outbox (purge_after)")


@migrations()
def m013_events_desk(db: Database) -> None:
    db.execute("CREATE INDEX occurrences_by_date ON occurrences (starts, id)")


@migrations()
def m014_event_imports(db: Database) -> None:
    # hashes of what its calendar last said of an event: what staff wrote instead stays until that changes
    db.execute("ALTER TABLE events ADD COLUMN said TEXT NOT NULL DEFAULT '{}'")
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
