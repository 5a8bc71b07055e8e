"""What is sealed opens for its readers, in its place, and for nobody and nowhere else."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk import sealing
from kiosk.sealing import CannotOpen, NotARecoveryKey, PasswordCost, TooBusy

PLACE = "joins|1|sealed|1"
DESK, RECOVERY, STRANGER = (sealing.new_key_pair() for _ in range(3))
READERS = {"desk": DESK.public, "recovery": RECOVERY.public}


@given(st.binary(max_size=2000))
def test_every_reader_opens_what_was_sealed(plain: bytes) -> None:
    sealed = sealing.seal(plain, READERS, PLACE)
    assert sealing.open_sealed(sealed, "desk", DESK.private, PLACE) == plain
    assert sealing.open_sealed(sealed, "recovery", RECOVERY.private, PLACE) == plain


def test_a_stranger_opens_nothing() -> None:
    sealed = sealing.seal(b"Amina", READERS, PLACE)
    for reader, key in [("desk", STRANGER), ("recovery", DESK), ("stranger", STRANGER)]:
        with pytest.raises(CannotOpen):
            sealing.open_sealed(sealed, reader, key.private, PLACE)


def test_what_was_sealed_for_one_row_does_not_open_in_another() -> None:
    sealed = sealing.seal(b"Amina", READERS, PLACE)
    for elsewhere in ("joins|2|sealed|1", "joins|1|note|1", "joins|1|sealed|2", "people|1|sealed|1", ""):
        with pytest.raises(CannotOpen):
            sealing.open_sealed(sealed, "desk", DESK.private, elsewhere)


def test_the_key_of_one_row_does_not_open_the_body_of_another() -> None:
    mine, hers = (sealing.seal(text, READERS, PLACE) for text in (b"mine", b"hers"))
    body = len(sealing.encrypt(bytes(sealing.PADDING_STEP), bytes(32), PLACE))
    with pytest.raises(CannotOpen):
        sealing.open_sealed(mine[:-body] + hers[-body:], "desk", DESK.private, PLACE)


@given(st.data())
def test_a_single_flipped_bit_is_noticed(data: st.DataObject) -> None:
    sealed = bytearray(sealing.seal(b"Amina", {"desk": DESK.public}, PLACE))
    bit = data.draw(st.integers(0, 8 * len(sealed) - 1))
    sealed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(CannotOpen):
        sealing.open_sealed(bytes(sealed), "desk", DESK.private, PLACE)


@given(st.binary(max_size=300))
def test_rubbish_is_refused_and_breaks_nothing(rubbish: bytes) -> None:
    for blob in (rubbish, b"\x01\x01\x04desk" + rubbish):
        with pytest.raises(CannotOpen):
            sealing.open_sealed(blob, "desk", DESK.private, PLACE)
    with pytest.raises(CannotOpen):
        sealing.decrypt(rubbish, bytes(32), PLACE)
    with pytest.raises(CannotOpen):
        sealing.unwrap(rubbish[:20], "password", PLACE)


@given(st.binary(max_size=508))
def test_the_length_of_a_sealed_answer_says_nothing(plain: bytes) -> None:
    assert len(sealing.seal(plain, READERS, PLACE)) == len(sealing.seal(b"", READERS, PLACE))


def test_a_longer_answer_takes_the_next_step() -> None:
    short, long = (len(sealing.seal(bytes(size), READERS, PLACE)) for size in (508, 509))
    assert long - short == sealing.PADDING_STEP


def test_an_envelope_that_nobody_could_open_is_not_made() -> None:
    with pytest.raises(ValueError, match="lost"):
        sealing.seal(b"Amina", {}, PLACE)
    with pytest.raises(ValueError, match="lost"):
        sealing.reseal(sealing.seal(b"Amina", READERS, PLACE), "desk", DESK.private, {}, PLACE)


def test_who_gets_a_new_key_reads_on_and_the_old_key_opens_nothing() -> None:
    sealed = sealing.seal(b"Amina", READERS, PLACE)
    fresh = sealing.new_key_pair()
    again = sealing.reseal(sealed, "recovery", RECOVERY.private, {"desk": fresh.public}, PLACE)
    assert sealing.open_sealed(again, "desk", fresh.private, PLACE) == b"Amina"
    assert again[-100:] == sealed[-100:], "the body is not touched"
    for reader, key in [("desk", DESK), ("recovery", RECOVERY)]:
        with pytest.raises(CannotOpen):
            sealing.open_sealed(again, reader, key.private, PLACE)


def test_a_password_gives_back_what_it_wraps_and_another_does_not() -> None:
    wrapped = sealing.wrap(DESK.private, "correct horse", "people|1|private_key|1")
    assert sealing.unwrap(wrapped, "correct horse", "people|1|private_key|1") == DESK.private
    for password, place in [
        ("Correct horse", "people|1|private_key|1"),
        ("", "people|1|private_key|1"),
        ("correct horse", "people|2|private_key|1"),
    ]:
        with pytest.raises(CannotOpen):
            sealing.unwrap(wrapped, password, place)


def test_the_same_password_typed_on_another_keyboard_is_the_same() -> None:
    wrapped = sealing.wrap(b"key", "cafe\u0301 au lait", PLACE)
    assert sealing.unwrap(wrapped, "caf\u00e9 au lait", PLACE) == b"key"


def test_half_a_letter_is_a_wrong_password_and_no_crash() -> None:
    with pytest.raises(CannotOpen):
        sealing.unwrap(sealing.wrap(b"key", "password", PLACE), "\ud800", PLACE)


def test_a_blob_cannot_be_made_cheaper_to_guess_or_ask_for_the_whole_machine() -> None:
    wrapped = sealing.wrap(b"key", "password", PLACE)
    for memory, passes, lanes in [(32, 1, 1), (2**30, 1, 1), (64, 255, 1), (64, 1, 200), (0, 0, 0)]:
        head = b"\x01" + memory.to_bytes(4, "big") + bytes([passes, lanes])
        with pytest.raises(CannotOpen):
            sealing.unwrap(head + wrapped[len(head) :], "password", PLACE)


def test_the_wrap_of_nobody_looks_like_any_other() -> None:
    assert len(sealing.nobodys_wrap()) == len(sealing.wrap(DESK.private, "password", PLACE))
    with pytest.raises(CannotOpen):
        sealing.unwrap(sealing.nobodys_wrap(), "password", PLACE)


def test_a_flood_of_sign_ins_is_turned_away_and_not_queued(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "PASSWORD_COST", PasswordCost(memory_kib=16 * 1024, passes=8, lanes=1))
    at_once = threading.Barrier(12)
    outcomes: list[str] = []

    def try_it() -> None:
        at_once.wait()
        try:
            sealing.wrap(b"key", "password", PLACE)
            outcomes.append("done")
        except TooBusy:
            outcomes.append("turned away")

    threads = [threading.Thread(target=try_it) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("turned away") >= 1
    assert outcomes.count("done") >= 4
    assert sealing.unwrap(sealing.wrap(b"key", "password", PLACE), "password", PLACE) == b"key"


@given(st.binary(min_size=32, max_size=32))
def test_a_key_comes_back_from_paper(key: bytes) -> None:
    printed = sealing.print_key(key)
    assert sealing.read_printed_key(printed) == key
    assert sealing.read_printed_key(printed.lower().replace("-", " ")) == key
    assert sealing.read_printed_key(printed.replace("0", "O").replace("1", "l")) == key


@given(st.data())
def test_a_slip_in_copying_the_key_is_noticed(data: st.DataObject) -> None:
    printed = list(sealing.print_key(DESK.private))
    places = [place for place, digit in enumerate(printed) if digit != "-"]
    place = data.draw(st.sampled_from(places))
    printed[place] = data.draw(st.sampled_from([d for d in "23456789ABCDEFGH" if d != printed[place]]))
    with pytest.raises(NotARecoveryKey):
        sealing.read_printed_key("".join(printed))


@given(st.text(max_size=80))
def test_anything_else_is_no_recovery_key(typed: str) -> None:
    with pytest.raises(NotARecoveryKey):
        sealing.read_printed_key(typed)


def test_equal_values_have_equal_marks_only_under_the_same_key() -> None:
    one, two = sealing.derive(bytes(32), "one"), sealing.derive(bytes(32), "two")
    assert one != two
    assert sealing.mark("amina hassan", one) == sealing.mark("amina hassan", one)
    assert sealing.mark("amina hassan", one) != sealing.mark("amina hassan", two)
    assert sealing.mark("amina hassan", one) != sealing.mark("amina hasan", one)
