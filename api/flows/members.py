"""People behind members who are admitted or arrive: the name and card go to the vault, an id to the ledger."""

from collections.abc import Callable

from api.wiring import Installation
from domain.errors import Refusal, RefusalCode
from domain.identifiers import MemberId
from domain.member import Member
from ledger.ports import Person


def member_of(inst: Installation, text: str) -> MemberId:
    """A member by Party card number, or by the ledger's own id."""
    return MemberId(inst.vault.find_by_card(text) or text)


def person_for(inst: Installation, *, name: str, card: str, new_id: Callable[[], str]) -> Person:
    """The person with this card, or a new one; a card under another name is not believed (card-taken).

    An identity whose admission was refused stands for nobody yet: its name may still be put right.
    """
    known = inst.vault.find_by_card(card)
    if known is None:
        return Person(member_id=new_id(), name=name, card_number=card)
    if not isinstance(inst.ledger.work().member_state(MemberId(known)), Member):
        return Person(member_id=known, name=name, card_number=card)
    kept = inst.vault.name(known) or ""
    if spelling(kept) != spelling(name):
        raise Refusal(
            RefusalCode.CARD_TAKEN,
            "Số thẻ này đã có trong kho danh tính dưới một tên khác. Kiểm tra số thẻ và họ tên; đổi tên thì làm riêng "
            "bằng quyết định.",
        )
    return Person(member_id=known, name=kept, card_number=card)


def keep(inst: Installation, person: Person) -> MemberId:
    """Put the person into the vault unless it is there as it is."""
    if inst.vault.name(person.member_id) != person.name:
        inst.vault.put([person])
    return MemberId(person.member_id)


def spelling(name: str) -> str:
    """A name however it was spaced or capitalised."""
    return " ".join(name.split()).casefold()
