"""An address can be found again and opened under the secret, and by nobody else."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.errors import UnreadableAddress
from knowledge.protection import MIN_SECRET, Vault

SECRET = "a secret of sixteen or more"
VAULT, OTHER = Vault(SECRET), Vault(SECRET + "!")


def test_a_resident_has_one_key_and_another_has_another() -> None:
    key = VAULT.key_of("telegram", "1001")
    assert key == Vault(SECRET).key_of("telegram", "1001")
    assert len(key) == 64
    assert int(key, 16) > 0
    others = [VAULT.key_of("web", "1001"), VAULT.key_of("telegram", "1002"), OTHER.key_of("telegram", "1001")]
    assert len({key, *others}) == 4


def test_channel_and_address_cannot_run_into_each_other() -> None:
    assert VAULT.key_of("tele", "gram1") != VAULT.key_of("telegram", "1")


def test_the_same_address_is_sealed_differently_each_time() -> None:
    one, two = VAULT.seal("1001"), VAULT.seal("1001")
    assert one != two
    assert (VAULT.open(one), VAULT.open(two)) == ("1001", "1001")
    assert b"1001" not in one


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters(exclude_categories=()), max_size=50))
def test_any_address_can_be_sealed_and_opened(address: str) -> None:
    assert VAULT.open(VAULT.seal(address)) == address
    assert len(VAULT.key_of("web", address)) == 64


def test_another_secret_opens_nothing_and_says_which_setting_is_wrong() -> None:
    with pytest.raises(UnreadableAddress, match="QIUZHEN_SECRET"):
        OTHER.open(VAULT.seal("1001"))
    for damaged in (b"", b"nothing", VAULT.seal("1001")[:-1], VAULT.key_of("a", "b").encode()):
        with pytest.raises(UnreadableAddress):
            VAULT.open(damaged)


def test_a_short_secret_is_refused_without_being_repeated() -> None:
    Vault("x" * MIN_SECRET)
    with pytest.raises(ValueError, match="has 7 characters, fewer than 16") as refused:
        Vault("hunter2")
    assert "hunter2" not in str(refused.value)
