"""Claims about secrets: sealed they say nothing, altered or moved they do not open, and the same key finds them."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sealed import MASTERS, Masters
from wireroom.records.vault import Vault, VaultError

VAULT = Vault(b"a" * 32)
OTHER = Vault(b"b" * 32)
SOC = "900112222"


@given(st.text(max_size=60))
def test_what_is_sealed_opens_again_and_only_with_its_key(value: str) -> None:
    try:
        value.encode()
    except UnicodeEncodeError:
        return
    sealed = VAULT.seal("wanted", "SOC", value)
    assert VAULT.open("wanted", "SOC", sealed) == value
    with pytest.raises(VaultError):
        OTHER.open("wanted", "SOC", sealed)


def test_the_same_value_is_sealed_otherwise_each_time() -> None:
    assert len({VAULT.seal("wanted", "SOC", SOC) for _ in range(50)}) == 50


def test_a_sealed_value_that_was_moved_does_not_open() -> None:
    sealed = VAULT.seal("wanted", "SOC", SOC)
    for file, code in (("vehicle", "SOC"), ("wanted", "OLN"), ("wante", "dSOC")):
        with pytest.raises(VaultError, match="does not open"):
            VAULT.open(file, code, sealed)


def test_no_bit_of_a_sealed_value_can_be_changed() -> None:
    raw = base64.b64decode(VAULT.seal("wanted", "SOC", SOC))
    for place in range(len(raw) * 8):
        changed = bytearray(raw)
        changed[place // 8] ^= 1 << place % 8
        with pytest.raises(VaultError):
            VAULT.open("wanted", "SOC", base64.b64encode(changed).decode())


@given(st.text(max_size=80))
def test_whatever_stands_there_opens_or_raises_vault_error(text: str) -> None:
    with pytest.raises(VaultError):
        VAULT.open("wanted", "SOC", text)


def test_characters_put_in_between_are_not_passed_over() -> None:
    sealed = VAULT.seal("wanted", "SOC", SOC)
    with pytest.raises(VaultError):
        VAULT.open("wanted", "SOC", sealed[:5] + "!" + sealed[5:])


def test_a_hash_is_the_same_for_a_key_and_index_and_says_nothing() -> None:
    assert VAULT.blind("SOC", SOC) == VAULT.blind("SOC", SOC)
    assert len({vault.blind(kind, SOC) for vault in (VAULT, OTHER) for kind in ("SOC", "OLN")}) == 4
    assert SOC not in VAULT.blind("SOC", SOC)
    assert VAULT.blind("A", "BC") != VAULT.blind("AB", "C")


def test_what_the_second_key_sealed_says_so_and_the_first_still_opens() -> None:
    masters = Masters()
    old = Vault(masters).seal("wanted", "SOC", SOC)
    masters.rotate()
    vault = Vault(masters)
    sealed = vault.seal("wanted", "SOC", SOC)
    assert sealed.startswith("2:")
    assert ":" not in old
    assert [vault.open("wanted", "SOC", one) for one in (old, sealed)] == [SOC, SOC]
    with pytest.raises(VaultError, match="does not open"):
        vault.open("wanted", "SOC", sealed.removeprefix("2:"))
    assert vault.blind("SOC", SOC) == Vault(MASTERS[0]).blind("SOC", SOC)


def test_a_vault_prints_no_key() -> None:
    assert repr(VAULT) == "Vault(…)"
