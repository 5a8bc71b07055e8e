"""The tables of the ground: branches, screens, visits, people, joins, settings, messages."""

from __future__ import annotations

from sqlite_utils import Database

from kiosk.migrations.order import migrations


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
def m022_outbox_by_subject(db: Database) -> None:
    db.execute("CREATE INDEX outbox_by_subject ON outbox (subject_id)")  # what waits about somebody
