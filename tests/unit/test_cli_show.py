"""How an answer is printed for people: tables under each other, figures apart, units by their codes."""

from dataclasses import replace

import pytest

from api import wiring
from api.cli import session
from api.naming import unit_codes, with_unit_codes
from domain.errors import Refusal, RefusalCode
from domain.identifiers import UnitId
from domain.organisation import UnitRegistered
from domain.organisation_kinds import UnitKind
from ledger.handlers.setup import RegisterOrganisation
from tests.acceptance.story import START, Cell, Story, settings

CELL = "u-0123456789ab"
NEW = UnitRegistered(
    unit_id=UnitId(CELL),
    code="31.777",
    name="Chi bộ mới",
    kind=UnitKind.CELL,
    parent_id=UnitId("VH"),
    effective_from=START,
    has_books=True,
)


@pytest.fixture
def story():
    made = Story(wiring.in_memory(settings()))
    made.set_up([Cell(id="A", bank=1_000)])
    made.do("service:setup", START, RegisterOrganisation(units=(NEW,)))
    return made


def test_ids_become_codes_but_not_inside_what_people_type(story):
    ledger = story.installation.ledger
    assert with_unit_codes(ledger, f"Quỹ của {CELL} chỉ có 5 đồng.") == "Quỹ của 31.777 chỉ có 5 đồng."
    typed = f"Lệnh nộp {CELL}/2026-07/1"
    assert with_unit_codes(ledger, typed) == typed
    assert unit_codes(ledger)("u-ffffffffffff") == "u-ffffffffffff", "an unknown id stays as it is"


def test_a_list_is_a_table_and_figures_have_their_thousands_apart(story, capsys):
    session._in_words.set(unit_codes(story.installation.ledger))
    rows = [{"unit": CELL, "amount": 1_234_567, "to": None}, {"unit": "A", "amount": 5, "to": "2026-07"}]
    session.show({"year": 2026, "total": 1_234_572, "done": True, "rows": rows}, as_json=False)
    assert capsys.readouterr().out.splitlines() == [
        "year: 2026",
        "total: 1.234.572",
        "done: có",
        "rows: 2",
        "  unit    amount     to",
        "  31.777  1.234.567",
        "  A       5          2026-07",
    ]


def test_json_keeps_ids_and_plain_numbers(story, capsys):
    session._in_words.set(unit_codes(story.installation.ledger))
    session.show({"unit": CELL, "total": 1_234_567}, as_json=True)
    assert capsys.readouterr().out.strip() == f'{{"unit": "{CELL}", "total": 1234567}}'


def test_a_refusal_at_the_command_line_names_the_code(new_shard, monkeypatch):
    shard = new_shard()
    chosen = replace(settings(schema=shard.schema), database_url=shard.dsn)
    monkeypatch.setattr(session, "settings_of", lambda **_: chosen)
    with wiring.on_postgres(chosen) as inst:
        made = Story(inst)
        made.set_up([Cell(id="A", bank=1_000)])
        made.do("service:setup", START, RegisterOrganisation(units=(NEW,)))
    with pytest.raises(Refusal) as caught, session.opened(demo=False, data=None):
        raise Refusal(RefusalCode.UNIT_ENDED, f"{CELL} đã kết thúc.")
    assert (caught.value.code, caught.value.message) == (RefusalCode.UNIT_ENDED, "31.777 đã kết thúc.")
