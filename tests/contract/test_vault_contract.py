"""What the identity vault promises, in memory and in PostgreSQL."""

from datetime import UTC, datetime

import pytest

from adapters.memory.vault import MemoryVault
from adapters.postgres.vault import PostgresVault
from domain.errors import Refusal, RefusalCode
from ledger.ports import Person

NOON = datetime(2026, 7, 1, 5, tzinfo=UTC)
AN = Person(member_id="m-1", name="Nguyễn Thị An", card_number="12.345678")
BINH = Person(member_id="m-2", name="Trần Văn Bình", card_number=None)


@pytest.fixture(params=["memory", "postgres"])
def vault(request):
    if request.param == "memory":
        return MemoryVault()
    return PostgresVault(request.getfixturevalue("datastore"), b"k" * 32)


def test_a_person_comes_back_by_member_and_is_found_by_card(vault):
    vault.put([AN, BINH])
    assert vault.name("m-1") == "Nguyễn Thị An"
    assert vault.name("m-3") is None
    assert vault.persons(["m-2", "m-1", "m-3"]) == {"m-1": AN, "m-2": BINH}
    assert vault.persons([]) == {}
    assert vault.find_by_card("12 345 678") == "m-1"
    assert vault.find_by_card("12.345679") is None


def test_putting_again_replaces_name_and_card(vault):
    vault.put([AN])
    married = Person(member_id="m-1", name="Nguyễn Thị Bảo An", card_number="99.000001")
    vault.put([AN, married])
    assert vault.persons(["m-1"]) == {"m-1": married}
    assert vault.find_by_card("99.000001") == "m-1"
    assert vault.find_by_card("12.345678") is None
    vault.put([Person(member_id="m-9", name="Lê C", card_number="12.345678")])
    assert vault.find_by_card("12.345678") == "m-9"


def test_a_card_of_another_member_is_refused_and_nothing_of_the_list_is_kept(vault):
    vault.put([AN])
    thief = Person(member_id="m-2", name="Trần Văn Bình", card_number="12345678")
    with pytest.raises(Refusal) as refused:
        vault.put([Person(member_id="m-3", name="Lê C", card_number=None), thief])
    assert refused.value.code is RefusalCode.CARD_TAKEN
    assert "12345678" not in refused.value.message
    assert vault.name("m-2") is None
    assert vault.name("m-3") is None


def test_an_erased_person_is_gone_and_an_old_list_does_not_bring_it_back(vault):
    vault.put([AN, BINH])
    assert vault.erase("m-1", NOON) is True
    assert vault.erase("m-1", NOON) is False
    assert vault.erase("unknown", NOON) is False
    assert vault.name("m-1") is None
    assert vault.find_by_card("12.345678") is None
    with pytest.raises(Refusal) as refused:
        vault.put([BINH, AN])
    assert refused.value.code is RefusalCode.IDENTITY_ERASED
    assert vault.persons(["m-1", "m-2"]) == {"m-2": BINH}
