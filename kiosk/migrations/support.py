"""The tables of support: the directory of services, partners, referrals."""

from __future__ import annotations

from sqlite_utils import Database

from kiosk.migrations.order import migrations


@migrations()
def m017_directory(db: Database) -> None:
    db.execute(
        "CREATE TABLE organisations ("
        " id TEXT PRIMARY KEY,"  # a UUID: that of its directory, if it has one
        " source TEXT NOT NULL,"  # which directory it came from; '' when written here
        " name TEXT NOT NULL, text TEXT NOT NULL,"  # safe HTML
        " url TEXT NOT NULL, email TEXT NOT NULL,"
        " created_at TEXT NOT NULL, changed_at TEXT NOT NULL) STRICT"
    )
    db.execute(
        "CREATE TABLE services ("
        " id TEXT PRIMARY KEY, source TEXT NOT NULL,"  # as for organisations
        " organisation_id TEXT REFERENCES organisations,"
        " raw TEXT NOT NULL,"  # what came, as JSON; '' when written here
        " name TEXT NOT NULL, text TEXT NOT NULL,"  # safe HTML
        " url TEXT NOT NULL, email TEXT NOT NULL, phone TEXT NOT NULL, address TEXT NOT NULL,"
        " status TEXT NOT NULL,"  # as Open Referral has it: active, temporarily closed, inactive, defunct
        # facts; NULL: nobody knows
        " free INTEGER, fee TEXT NOT NULL, languages TEXT, ways TEXT,"
        " min_age INTEGER, max_age INTEGER, districts TEXT, children INTEGER, work TEXT, stay TEXT,"
        " facts_came TEXT NOT NULL DEFAULT '{}',"  # JSON: the facts as its directory says them
        " staff_facts TEXT NOT NULL DEFAULT '[]',"  # the facts that staff have set: no import changes them
        # what the library decides
        " state TEXT NOT NULL CHECK (state IN ('open', 'paused', 'full')), places_left INTEGER,"
        " partner_id TEXT, shown INTEGER NOT NULL DEFAULT 0,"
        " news TEXT NOT NULL DEFAULT '',"  # what nobody has looked at yet: 'new', or what has changed
        " gone_at TEXT, kept INTEGER NOT NULL DEFAULT 0,"  # left its directory; staff keep it nevertheless
        " created_at TEXT NOT NULL, changed_at TEXT NOT NULL, changed_by TEXT NOT NULL) STRICT"
    )
    db.execute("CREATE INDEX services_of_a_directory ON services (source)")
    db.execute("CREATE INDEX services_of_an_organisation ON services (organisation_id)")
    db.execute("CREATE INDEX services_of_a_partner ON services (partner_id)")
    db.execute(
        "CREATE TABLE service_cards ("  # what a service is in plain words; the English one first
        " service_id TEXT NOT NULL REFERENCES services ON DELETE CASCADE, language TEXT NOT NULL,"
        " name TEXT NOT NULL, text TEXT NOT NULL,"
        " state TEXT NOT NULL CHECK (state IN ('draft', 'read', 'outdated')),"
        " made_from TEXT NOT NULL,"  # a hash of what it was written from
        " changed_at TEXT NOT NULL, changed_by TEXT NOT NULL, PRIMARY KEY (service_id, language)) STRICT"
    )
    db.execute(
        "CREATE TABLE service_words ("  # what its directory files a service under, in small letters
        " service_id TEXT NOT NULL REFERENCES services ON DELETE CASCADE, word TEXT NOT NULL,"
        " PRIMARY KEY (service_id, word)) STRICT"
    )
    db.execute("CREATE INDEX service_words_by_word ON service_words (word)")
    db.execute(
        "CREATE TABLE directory_words ("  # which words stand for which need, as staff say
        " word TEXT NOT NULL, need TEXT NOT NULL,"  # '' for none
        " PRIMARY KEY (word, need)) STRICT"
    )
    db.execute(
        "CREATE TABLE service_needs ("  # what staff say; what words say is looked up
        " service_id TEXT NOT NULL REFERENCES services ON DELETE CASCADE, need TEXT NOT NULL,"
        " meets INTEGER NOT NULL,"  # 0: not this one, though a word says so
        " PRIMARY KEY (service_id, need)) STRICT"
    )
    db.execute(
        "CREATE TABLE directory_imports ("
        " id TEXT PRIMARY KEY, source TEXT NOT NULL, at TEXT NOT NULL, who TEXT NOT NULL,"
        " added INTEGER NOT NULL, changed INTEGER NOT NULL, gone INTEGER NOT NULL, refused INTEGER NOT NULL,"
        " report TEXT NOT NULL) STRICT"  # JSON: what was refused or strange, where and why
    )
    db.execute("CREATE INDEX directory_imports_by_time ON directory_imports (at)")
    db.execute(
        "CREATE TABLE directory_files ("  # files that wait until somebody has looked at what they change
        " id TEXT PRIMARY KEY, name TEXT NOT NULL, source TEXT NOT NULL, sealed BLOB NOT NULL,"
        " columns TEXT NOT NULL DEFAULT '',"  # of a table: what is where, as JSON
        " created_at TEXT NOT NULL, created_by TEXT NOT NULL, purge_after TEXT NOT NULL) STRICT"
    )


@migrations()
def m018_referrals(db: Database) -> None:
    db.execute(
        "CREATE TABLE partners ("  # organisations that take referrals; the key is in teams, 'partner:<id>'
        " id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE,"  # its legal name, as a consent names it
        " email TEXT NOT NULL DEFAULT '',"  # where reminders go: a reference, never content
        " who_reads TEXT NOT NULL DEFAULT '', kept_months INTEGER,"  # what it says of itself; NULL: not said
        " pick_up_days INTEGER,"  # agreed working days until it answers; NULL: those of the library
        " ready_at TEXT,"  # its first member has chosen a password: from now on its key is its own
        " key_due INTEGER NOT NULL DEFAULT 0,"  # somebody left since its key was made
        " created_at TEXT NOT NULL, ended_at TEXT) STRICT"
    )
    db.execute("ALTER TABLE people ADD COLUMN partner_id TEXT REFERENCES partners")  # NULL: staff
    db.execute("CREATE INDEX people_of_a_partner ON people (partner_id) WHERE partner_id IS NOT NULL")
    db.execute(
        "CREATE TABLE referrals ("  # what a person told once; her story itself stands in no row of this table
        " id TEXT PRIMARY KEY,"
        " one_time_key TEXT NOT NULL UNIQUE,"  # the same send twice gives the same receipt
        " reference TEXT NOT NULL UNIQUE,"
        " pin_seed BLOB NOT NULL,"  # gives the PIN together with a key that is not in the database
        " branch_id TEXT NOT NULL REFERENCES branches, kiosk_id TEXT REFERENCES kiosks,"
        " from_partner_id TEXT REFERENCES partners,"  # who referred her in; NULL: she came by herself
        " language TEXT NOT NULL, filled_by TEXT NOT NULL, agreed_by TEXT NOT NULL,"
        " news_way TEXT NOT NULL DEFAULT '' CHECK (news_way IN ('', 'email', 'text')),"
        " sealed_to BLOB,"  # her address or number for neutral news, for the service; NULL once all is over
        " via_library INTEGER NOT NULL DEFAULT 0,"  # she chose to hear of news from staff of her branch
        " to_tell_at TEXT,"  # since when there is news that staff have not told her yet
        " created_at TEXT NOT NULL, changed_at TEXT NOT NULL, over_at TEXT) STRICT"
    )
    db.execute("CREATE INDEX referrals_of_a_screen ON referrals (kiosk_id, created_at)")
    db.execute("CREATE INDEX referrals_by_change ON referrals (changed_at)")
    db.execute("CREATE INDEX referrals_with_contact ON referrals (created_at) WHERE sealed_to IS NOT NULL")
    db.execute(
        "CREATE TABLE consents ("  # her yes or no to one reader: the proof, without what she told
        " id TEXT PRIMARY KEY, referral_id TEXT NOT NULL REFERENCES referrals ON DELETE CASCADE,"
        " partner_id TEXT REFERENCES partners,"  # NULL: the staff of the library
        " controller TEXT NOT NULL,"  # the legal name of who asks her and sends it: the library
        " recipient TEXT NOT NULL, service_id TEXT NOT NULL, service TEXT NOT NULL,"  # names as shown
        " purpose TEXT NOT NULL CHECK (purpose IN ('referral', 'passing-on', 'staff-may-read', 'news')),"
        " yes INTEGER NOT NULL, items TEXT NOT NULL,"  # JSON: the codes of what is shared
        " special TEXT NOT NULL,"  # JSON: topics with an express yes of their own
        " wording TEXT NOT NULL, wording_hash TEXT NOT NULL, version TEXT NOT NULL, language TEXT NOT NULL,"
        " method TEXT NOT NULL, filled_by TEXT NOT NULL, agreed_by TEXT NOT NULL,"
        " witness TEXT NOT NULL DEFAULT '',"  # the user name of who was with her; '': nobody of us
        " branch_id TEXT NOT NULL, kiosk_id TEXT NOT NULL, at TEXT NOT NULL,"
        " withdrawn_at TEXT, withdrawn_how TEXT NOT NULL DEFAULT '') STRICT"
    )
    db.execute("CREATE INDEX consents_of_a_referral ON consents (referral_id, at)")
    db.execute(
        "CREATE TABLE referral_handovers ("  # the part that one partner gets
        " id TEXT PRIMARY KEY, referral_id TEXT NOT NULL REFERENCES referrals ON DELETE CASCADE,"
        " consent_id TEXT NOT NULL REFERENCES consents,"
        " partner_id TEXT REFERENCES partners,"  # NULL: the library itself, to which a partner refers her
        " service_id TEXT NOT NULL, service TEXT NOT NULL,"  # '' where it is the library
        " state TEXT NOT NULL CHECK (state IN ('new', 'seen', 'accepted', 'asking', 'declined', 'passing',"
        " 'passed', 'contacted', 'closed', 'withdrawn')),"
        " why TEXT NOT NULL DEFAULT '',"  # a code: what is asked, why declined, the outcome
        " handler_id TEXT REFERENCES people,"  # who of the partner did the last step
        " passing_to TEXT REFERENCES partners, passing_service_id TEXT NOT NULL DEFAULT '',"
        " passing_service TEXT NOT NULL DEFAULT '',"
        " passing_consent TEXT REFERENCES consents,"  # her yes to that partner
        " passed_from TEXT REFERENCES referral_handovers,"
        " sealed BLOB,"  # for the partner and the paper, never for the service; NULL once it has been wiped
        " desk_reads INTEGER NOT NULL DEFAULT 0,"  # she let staff of the library read it, too
        " created_at TEXT NOT NULL, due_at TEXT NOT NULL,"  # it should be answered by then
        " in_time INTEGER,"  # whether the first answer came by then; NULL: there is none yet
        " seen_at TEXT, answered_at TEXT, accepted_at TEXT, contacted_at TEXT, over_at TEXT,"
        " reminded_at TEXT,"  # the clock has seen that it is late, whether anything could be sent or not
        " chase_at TEXT,"  # from when the branch chases it
        " nobody_called_at TEXT, changed_at TEXT NOT NULL, version INTEGER NOT NULL DEFAULT 1,"
        " wipe_after TEXT NOT NULL, wiped_at TEXT) STRICT"
    )
    db.execute("CREATE INDEX handovers_of_a_referral ON referral_handovers (referral_id, created_at)")
    db.execute("CREATE INDEX handovers_of_a_partner ON referral_handovers (partner_id, state, created_at)")
    db.execute("CREATE INDEX handovers_to_wipe ON referral_handovers (wipe_after) WHERE wiped_at IS NULL")
    db.execute("CREATE INDEX handovers_to_chase ON referral_handovers (chase_at) WHERE chase_at IS NOT NULL")
    db.execute("CREATE INDEX handovers_of_the_library ON referral_handovers (state) WHERE partner_id IS NULL")
    db.execute("CREATE INDEX referrals_to_tell ON referrals (branch_id) WHERE to_tell_at IS NOT NULL")
    db.execute("CREATE INDEX handovers_due ON referral_handovers (due_at) WHERE reminded_at IS NULL")
    db.execute(
        "CREATE TABLE referral_steps ("  # what happened when: codes, never words
        " handover_id TEXT NOT NULL REFERENCES referral_handovers ON DELETE CASCADE, at TEXT NOT NULL,"
        " what TEXT NOT NULL, why TEXT NOT NULL DEFAULT '',"
        " who TEXT NOT NULL) STRICT"  # 'person', 'clock', or a user name
    )
    db.execute("CREATE INDEX referral_steps_of_a_handover ON referral_steps (handover_id, at)")
    db.execute(
        "CREATE TABLE referral_notes ("  # what she added afterwards
        " id TEXT PRIMARY KEY, handover_id TEXT NOT NULL REFERENCES referral_handovers ON DELETE CASCADE,"
        " kind TEXT NOT NULL CHECK (kind IN ('reach', 'answer', 'nobody-called')),"
        " sealed BLOB NOT NULL, at TEXT NOT NULL) STRICT"  # for the readers of the handover
    )
    db.execute("CREATE INDEX referral_notes_of_a_handover ON referral_notes (handover_id, at)")
    db.execute(
        "CREATE TABLE referral_tries ("  # wrong PINs and unknown codes
        " reference BLOB NOT NULL, kiosk_id TEXT NOT NULL, at TEXT NOT NULL) STRICT"  # a mark of the code
    )
    db.execute("CREATE INDEX referral_tries_of_a_code ON referral_tries (reference, at)")


@migrations()
def m019_support_gaps(db: Database) -> None:
    db.execute(
        "CREATE TABLE support_gaps ("  # needs that no service met, counted; nothing of who had them
        " branch_id TEXT NOT NULL REFERENCES branches ON DELETE CASCADE, month TEXT NOT NULL,"
        " need TEXT NOT NULL, language TEXT NOT NULL, number INTEGER NOT NULL,"
        " PRIMARY KEY (branch_id, month, need, language)) STRICT"
    )


@migrations()
def m020_service_pauses(db: Database) -> None:
    db.execute(
        "CREATE TABLE service_pauses ("  # until when a service takes a break: then it opens by itself
        " service_id TEXT PRIMARY KEY REFERENCES services ON DELETE CASCADE,"
        " until TEXT NOT NULL) STRICT"  # a day, the first on which it takes people again
    )


@migrations()
def m021_followed(db: Database) -> None:
    db.execute(
        "CREATE TABLE followed ("  # what stands on a screen that staff fill in and follow on their own
        " mark BLOB PRIMARY KEY,"  # of the code on that screen
        " visit_id TEXT NOT NULL REFERENCES visits ON DELETE CASCADE,"  # with the visit it is gone
        " branch_id TEXT NOT NULL,"
        " sealed BLOB NOT NULL) STRICT"  # under a key that the code is a part of
    )
    db.execute("CREATE INDEX followed_by_visit ON followed (visit_id)")
    db.execute(
        "CREATE TABLE followers ("  # who of staff follows which screen, by sign-in: each is in the log once
        " mark BLOB NOT NULL REFERENCES followed ON DELETE CASCADE, session_id TEXT NOT NULL,"
        " username TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (mark, session_id)) STRICT"
    )
