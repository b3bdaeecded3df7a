"""SM3 and SM4 by their standard vectors; a sealed value opens only where it belongs."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from hypothesis import given
from hypothesis import strategies as st

from chengxin.standards.hashing import hmac_sm3, person_key, sha256_file, sm3, sm3_hex
from chengxin.standards.sealing import Sealer, SealError, sealed_key_id

KEY = bytes(range(16))
OTHER_KEY = bytes(range(16, 32))
PERSON = ("王小明", "01", "11010519491231002X")


def test_sm3_by_the_two_examples_of_its_standard() -> None:
    assert sm3_hex(b"abc") == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert sm3_hex(b"abcd" * 16) == "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_hmac_sm3_is_rfc_2104_over_sm3(key: bytes, data: bytes) -> None:
    block = (key if len(key) <= 64 else sm3(key)).ljust(64, b"\0")
    inner = sm3(bytes(b ^ 0x36 for b in block) + data)
    assert hmac_sm3(key, data) == sm3(bytes(b ^ 0x5C for b in block) + inner)


def test_a_file_is_hashed_whole(tmp_path: Path) -> None:
    file = tmp_path / "large"
    file.write_bytes(b"x" * 1_000_003)
    assert sha256_file(file) == hashlib.sha256(b"x" * 1_000_003).hexdigest()


def test_one_person_has_one_key_however_written() -> None:
    key = person_key(KEY, *PERSON)
    assert len(key) == 64
    assert person_key(KEY, " 王 小明\u3000", " ０１", "11010519491231002x ") == key
    assert person_key(KEY, "王小明", "01", "110105491231002") == key, "the first-generation number of the same person"


@pytest.mark.parametrize(
    "other", [("王小朋", "01", PERSON[2]), ("王小明", "02", PERSON[2]), ("王小明", "01", "110105194912310038")]
)
def test_another_name_type_or_number_is_another_person(other: tuple[str, str, str]) -> None:
    assert person_key(KEY, *other) != person_key(KEY, *PERSON)


def test_the_parts_of_a_person_cannot_run_into_each_other() -> None:
    assert person_key(KEY, "王", "1", "23") != person_key(KEY, "王", "12", "3")
    assert person_key(KEY, "王1", "2", "3") != person_key(KEY, "王", "12", "3")


def test_a_person_is_never_identified_by_name_alone_or_without_a_secret() -> None:
    with pytest.raises(ValueError, match="missing: id type, id number"):
        person_key(KEY, "王小明", "", " ")
    with pytest.raises(ValueError, match="4 bytes; expected 16"):
        person_key(b"weak", *PERSON)
    assert person_key(OTHER_KEY, *PERSON) != person_key(KEY, *PERSON)


def test_sm4_by_the_examples_of_its_standard_and_of_rfc_8998() -> None:
    key = bytes.fromhex("0123456789abcdeffedcba9876543210")
    block = Cipher(SM4(key), modes.ECB()).encryptor()
    assert block.update(key).hex() == "681edf34d206965e86b3e94f536e4246"
    gcm = Cipher(SM4(key), modes.GCM(bytes.fromhex("00001234567800000000abcd"))).encryptor()
    gcm.authenticate_additional_data(bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2"))
    plain = bytes.fromhex("".join(digit * 16 for digit in "abcdefea"))
    assert gcm.update(plain).hex() == (
        "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735"
        "d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d"
    )
    gcm.finalize()
    assert gcm.tag.hex() == "83de3541e4c2b58177e065a9bf7b62ec"


@given(st.binary(max_size=200), st.binary(max_size=50))
def test_what_is_sealed_opens_again_and_never_looks_the_same_twice(data: bytes, context: bytes) -> None:
    sealer = Sealer({"k1": KEY}, "k1")
    sealed = sealer.seal(data, context)
    assert sealer.unseal(sealed, context) == data
    assert sealer.seal(data, context) != sealed
    assert len(data) < 8 or data not in sealed


def test_the_sealed_form_is_plain_sm4_gcm_that_others_can_open() -> None:
    sealed = Sealer({"k1": KEY}, "k1").seal(b"11010519491231002X", b"subject 7")
    assert sealed[:4] == b"\x01\x02k1"
    decryptor = Cipher(SM4(KEY), modes.GCM(sealed[4:16], sealed[-16:])).decryptor()
    decryptor.authenticate_additional_data(b"\x01\x02k1subject 7")
    assert decryptor.update(sealed[16:-16]) + decryptor.finalize() == b"11010519491231002X"


def test_every_altered_bit_is_noticed() -> None:
    sealer = Sealer({"k1": KEY, "k0": KEY}, "k1")
    sealed = sealer.seal(b"secret", b"row 1")
    for place in range(len(sealed)):
        for bit in range(8):
            altered = sealed[:place] + bytes([sealed[place] ^ 1 << bit]) + sealed[place + 1 :]
            with pytest.raises(SealError):
                sealer.unseal(altered, b"row 1")
    for length in range(len(sealed)):
        with pytest.raises(SealError):
            sealer.unseal(sealed[:length], b"row 1")


def test_a_sealed_value_moved_to_another_row_does_not_open() -> None:
    sealer = Sealer({"k1": KEY}, "k1")
    with pytest.raises(SealError, match="another context"):
        sealer.unseal(sealer.seal(b"secret", b"row 1"), b"row 2")


def test_keys_are_rotated_without_losing_old_values() -> None:
    old = Sealer({"2025": KEY}, "2025")
    sealed = old.seal(b"secret", b"row 1")
    new = Sealer({"2025": KEY, "2026": OTHER_KEY}, "2026")
    assert new.unseal(sealed, b"row 1") == b"secret"
    assert not new.is_current(sealed)
    again = new.seal(b"secret", b"row 1")
    assert new.is_current(again) and sealed_key_id(again) == "2026"
    with pytest.raises(SealError, match="'2026', which is not among the keys"):
        old.unseal(again, b"row 1")


def test_bad_keys_are_refused_and_keys_are_never_printed() -> None:
    with pytest.raises(SealError, match="3 bytes; expected 16"):
        Sealer({"k1": b"abc"}, "k1")
    with pytest.raises(SealError, match="not among"):
        Sealer({"k1": KEY}, "k2")
    for key_id in ("", "钥" * 86):
        with pytest.raises(SealError, match="1 to 255"):
            Sealer({key_id: KEY}, key_id)
    for key_id in ("k", "钥" * 85):
        sealer = Sealer({key_id: KEY}, key_id)
        assert sealer.unseal(sealer.seal(b"secret", b""), b"") == b"secret"
    assert repr(Sealer({"k1": KEY}, "k1")) == "Sealer(keys=['k1'], current='k1')"
