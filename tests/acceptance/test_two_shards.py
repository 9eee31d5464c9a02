"""A remittance between two shards: the province keeps its books in one, the centre in the other."""

from dataclasses import replace
from datetime import date
from itertools import permutations

import pytest

from api import wiring
from domain.access import Role
from domain.errors import Refusal, RefusalCode
from domain.identifiers import RemittanceId, UnitId
from domain.organisation import Channel, HolderAssigned, UnitRegistered
from domain.organisation_kinds import UnitKind
from domain.period import Period
from ledger.handlers import ask, declare, handshake, setup
from tests.acceptance.story import BIN, CENTRE, PROVINCE, Story, account, grant, into, out, settings
from tests.acceptance.tables import ABOVE, hold_together
from tests.acceptance.test_story_1 import play_july, play_to_20_august
from tests.conftest import ShardMaker

DAY = date(2026, 10, 10)
PERIOD = Period("2026-Q3")
OWED = 147_191


def _centre() -> setup.RegisterOrganisation:
    """The centre's own shard: it has books, the province is a counterparty."""
    units = tuple(
        UnitRegistered(
            unit_id=unit,
            code=unit,
            name=unit,
            kind=kind,
            parent_id=parent,
            effective_from=date(2025, 7, 1),
            has_books=parent is None,
        )
        for unit, kind, parent in ((CENTRE, UnitKind.CENTRAL, None), (PROVINCE, UnitKind.PROVINCE, CENTRE))
    )
    holder = HolderAssigned(
        unit_id=CENTRE,
        channel=Channel.BANK,
        holder_id=CENTRE,
        account_id=account(CENTRE),
        effective_from=date(2025, 7, 1),
    )
    own = setup.AccountToRegister(
        unit_id=CENTRE, bin=BIN, number=f"00{CENTRE}", holder_name="TW", effective_from=date(2025, 7, 1)
    )
    return setup.RegisterOrganisation(units=units, accounts=(own,), holders=(holder,))


class Pair:
    """Both shards and the messages that pass between them."""

    def __init__(self, below: Story, above: Story) -> None:
        self.below, self.above = below, above
        above.do("service:setup", DAY, _centre())
        above.do("service:setup", DAY, setup.GrantRoles(grants=(grant("VH-KT", Role.ACCOUNTANT, CENTRE),)))
        made = below.prepare(PROVINCE, PERIOD, DAY)
        self.case = RemittanceId(made["remittance_id"])
        attempt = ask.OpenRemittanceAttempt(unit_id=PROVINCE, remittance_id=self.case)
        self.reference = below.do("HP-KT", DAY, attempt)["reference"]
        self.line = into("tw", DAY, OWED, self.reference)
        self.statement = above.statement(CENTRE, DAY, self.line)

    def announce(self) -> None:
        told = declare.AnnounceDeclaration(superior_id=CENTRE, unit_id=PROVINCE, period=PERIOD, payable=OWED)
        self.above.do("VH-KT", DAY, told)

    def portal(self) -> None:
        self.below.tell(self.below.notice(self.reference, OWED, DAY, number="GD-TW"))

    def credit(self) -> None:
        self.above.do("VH-KT", DAY, self.statement)

    def acknowledge(self) -> None:
        received = handshake.ReceiveFromElsewhere(
            superior_id=CENTRE,
            unit_id=PROVINCE,
            remittance_id=self.case,
            period=PERIOD,
            amount=OWED,
            received_on=DAY,
            bank_line=self.line.line.key,
        )
        self.above.do("VH-KT", DAY, received)

    def confirm(self) -> None:
        """The acknowledgement arrives below; it is sent only once the superior's shard has booked the credit."""
        if not self.above.installation.ledger.work().incoming(self.case):
            raise Refusal(RefusalCode.REMITTANCE_STATE, "chưa có xác nhận")
        back = handshake.ReceivedElsewhere(
            unit_id=PROVINCE,
            remittance_id=self.case,
            amount=OWED,
            received_on=DAY,
            acknowledgement=self.line.line.key,
        )
        self.below.do("HP-KT", DAY, back)

    def open(self) -> list[tuple[str, str, int]]:
        sides = (
            *handshake.open_sides(self.below.installation.ledger.work(), PROVINCE),
            *handshake.open_sides(self.above.installation.ledger.work(), CENTRE),
        )
        return [(side.what, side.subject, side.amount) for side in sides]


def _province_declares(story: Story) -> None:
    play_july(story)
    play_to_20_august(story)
    assert story.declare(PROVINCE, PERIOD, date(2026, 9, 30))["payable"] == OWED


def test_each_side_books_its_own_and_the_open_side_is_listed_until_acknowledged(new_shard: ShardMaker) -> None:
    with_books, counterparty = new_shard(), new_shard()
    one = replace(settings(1, with_books.schema), database_url=with_books.dsn)
    two = replace(settings(2, counterparty.schema), database_url=counterparty.dsn)
    with wiring.on_postgres(one) as below, wiring.on_postgres(two) as above:
        first, second = Story(below), Story(above)
        _province_declares(first)
        pair = Pair(first, second)
        pair.announce()
        assert pair.open() == [("not-received", f"HP:{PERIOD}", OWED)]
        pair.portal()
        first.bank(PROVINCE, DAY, out("tw", DAY, OWED, pair.reference))
        assert pair.open() == [("under-way", pair.case, OWED), ("not-received", f"HP:{PERIOD}", OWED)]
        pair.credit()
        assert second.balances(CENTRE) == {"1360": OWED, "3350": OWED}
        pair.acknowledge()
        assert pair.open() == [("under-way", pair.case, OWED)]
        assert second.balances(CENTRE) == {"1120": OWED, "3310": OWED}
        pair.confirm()
        assert pair.open() == []
        assert first.balances(PROVINCE) == {"1120": 147_192, "4310": 147_192}
        hold_together(first, ABOVE)
        hold_together(second, {CENTRE: ""})


def test_any_order_and_repetition_of_the_messages_ends_in_the_same_books() -> None:
    steps = ("announce", "portal", "credit", "acknowledge", "confirm")
    for order in list(permutations(steps))[::7]:
        first, second = Story(wiring.in_memory(settings(1))), Story(wiring.in_memory(settings(2)))
        _province_declares(first)
        pair = Pair(first, second)
        waiting = list(order)
        for _ in steps:
            # What comes too early is refused and delivered again; what was delivered is delivered twice.
            still = []
            for step in waiting:
                try:
                    getattr(pair, step)()
                    getattr(pair, step)()
                except Refusal:
                    still.append(step)
            waiting = still
        assert waiting == []
        assert pair.open() == []
        assert first.balances(PROVINCE) == {"1120": 147_192, "4310": 147_192}
        assert second.balances(CENTRE) == {"1120": OWED, "3310": OWED}


def test_an_acknowledgement_without_a_credit_or_beyond_what_is_owed_is_refused() -> None:
    first, second = Story(wiring.in_memory(settings(1))), Story(wiring.in_memory(settings(2)))
    _province_declares(first)
    pair = Pair(first, second)
    with pytest.raises(Refusal) as caught:
        pair.acknowledge()
    assert caught.value.code is RefusalCode.UNKNOWN_PAYMENT
    pair.credit()
    with pytest.raises(Refusal) as caught:
        pair.acknowledge()
    assert caught.value.code is RefusalCode.REMITTANCE_TOO_LARGE
    again = declare.AnnounceDeclaration(superior_id=CENTRE, unit_id=PROVINCE, period=PERIOD, payable=OWED)
    second.do("VH-KT", DAY, again)
    with pytest.raises(Refusal) as caught:
        second.do("VH-KT", DAY, replace(again, payable=OWED + 1))
    assert caught.value.code is RefusalCode.AMOUNT_DIFFERS
    assert UnitId(CENTRE) == handshake.open_sides(second.installation.ledger.work(), CENTRE)[0].unit_id
