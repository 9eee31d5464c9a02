"""What officers type and read: cards and codes instead of ids, refusals in time, histories as far as one may see."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from adapters.sandbox.statements import write_camt053
from api import wiring
from api.cli.main import run
from api.demo.settings import played_settings
from api.naming import dotted
from domain.errors import Malformed
from domain.notice import BankLine, BankStatement, Direction
from ledger.ports import Person
from tests.acceptance.story import START, Cell, Story, member, settings
from tests.conftest import ShardMaker

Shell = Callable[..., tuple[int, str, str]]


@pytest.fixture
def shell(new_shard: ShardMaker, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    """Two cells; A1 paid cash on slip P1 for July. Commands run as from a shell and answer in words."""
    shard = new_shard()
    chosen = replace(settings(schema=shard.schema), database_url=shard.dsn)
    with wiring.on_postgres(chosen) as installation:
        story = Story(installation)
        story.set_up([Cell(id="A", bank=1_000_000), Cell(id="B", bank=1_000_000)])
        story.enrol(
            "A",
            member("A1", "SI_COMPULSORY", ("si-salary", 10_000_000)),
            member("A2", "SI_COMPULSORY", ("si-salary", 5_000_000)),
        )
        installation.vault.put([Person(member_id="A1", name="Trần Thị Mẫu", card_number="99.000001")])
        story.assess("VH", "2026-07", START)
        story.cash("A", "P1", "A1", 100_000, date(2026, 7, 6))
    environment = {
        "DANGPHI_DATABASE_URL": shard.dsn,
        "DANGPHI_SCHEMA": shard.schema,
        "DANGPHI_REFERENCE_KEY": chosen.reference_key.hex(),
        "DANGPHI_VAULT_KEY": chosen.vault_key.hex(),
        "DANGPHI_PORTAL_PARTNER": "P",
        "DANGPHI_PORTAL_SECRET": "secret",
        "DANGPHI_TOP_UNIT": "HP",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    def call(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            run(arguments)
        printed = capsys.readouterr()
        return int(ended.value.code or 0), printed.out, printed.err

    return call


JULY = ("--at", "2026-07-20T09:00")


def test_a_member_may_be_named_by_card_wherever_a_member_is_asked_for(shell: Shell) -> None:
    applied = shell(
        "relief", "apply", "D-1", "--as", "A-TP", "--unit", "A", "--member", "99.000001", "--relief", "X4",
        "--percent", "50", "--from", "2026-08", "--months", "2", "--document", "Đơn", *JULY,
    )  # fmt: skip
    assert applied[0] == 0, applied
    assert shell("dues", "dossier", "--as", "VH-KT", "--unit", "VH", "--member", "99.000001", *JULY)[0] == 0
    code, told, _ = shell("audit", "member", "99.000001", "--as", "VH-KT")
    assert code == 0
    assert "đơn" in told.lower()
    code, _, wrong = shell("audit", "member", "99.000009", "--as", "VH-KT")
    assert (code, "đảng viên «99.000009»" in wrong) == (1, True)


def test_the_roll_shows_names_and_cards_to_who_keeps_it_and_to_nobody_else(shell: Shell) -> None:
    bare = shell("member", "roll", "--unit", "A", "--as", "A-BT", *JULY)[1]
    assert "Trần Thị Mẫu" not in bare
    code, told, _ = shell("member", "roll", "--unit", "A", "--as", "A-BT", "--names", *JULY)
    assert code == 0
    (line,) = (line for line in told.splitlines() if "99.000001" in line)
    assert "A1" in line
    assert "Trần Thị Mẫu" in line
    assert shell("member", "roll", "--unit", "A", "--as", "B-BT", "--names", *JULY)[0] == 1
    assert shell("member", "roll", "--unit", "A", "--names", *JULY)[0] == 1


def test_a_history_shows_what_its_reader_may_see_and_says_what_is_left_out(shell: Shell) -> None:
    letter = ("--unit", "A", "--member", "A1", "--letter", "GT-1", "--paid-through", "2026-07", "--to", "B")
    assert shell("member", "letter", "--as", "A-BT", *letter, *JULY)[0] == 0
    receive = ("--unit", "B", "--member", "A1", "--letter", "GT-1")
    assert shell("member", "receive", "--as", "B-BT", *receive, *JULY)[0] == 0
    code, whole, _ = shell("audit", "member", "A1", "--as", "VH-KT")
    assert (code, "không có quyền xem" in whole) == (0, False)
    code, part, _ = shell("audit", "member", "A1", "--as", "B-BT")
    lines = part.splitlines()
    assert code == 0
    assert lines[-1].endswith("dòng ở đơn vị mà B-BT không có quyền xem.")
    assert 0 < len(lines) - 1 < len(whole.splitlines())
    # The cell was registered and its officers were appointed from above; that is the cell's own history all the same.
    code, told, _ = shell("audit", "unit", "A", "--as", "A-BT")
    assert (code, "không có quyền xem" in told) == (0, False)
    assert shell("audit", "unit", "A", "--as", "B-BT")[0] == 1


def _admit(shell: Shell, name: str, *given: str) -> tuple[int, str, str]:
    who = ("--as", "A-BT", "--unit", "A", "--name", name, "--card", "99.000077", "--decision", "QĐ 1", *JULY)
    return shell("member", "admit", *who, *given)


def test_an_unknown_category_is_refused_at_admission_and_a_refused_name_may_be_put_right(shell: Shell) -> None:
    day = ("--decided-on", "2026-07-10", "--on", "2026-07-12")
    code, _, wrong = _admit(shell, "Sai Tên", *day, "--category", "NOBODY")
    assert (code, "NOBODY" in wrong) == (1, True)
    code, told, wrong = _admit(shell, "Đúng Tên", *day, "--category", "STUDENT")
    assert code == 0, wrong
    assert "member_id" in told
    assert _admit(shell, "Tên Khác", *day, "--category", "STUDENT")[0] == 1
    names = shell("member", "roll", "--unit", "A", "--as", "A-BT", "--names", *JULY)[1]
    assert "Đúng Tên" in names
    assert "Sai Tên" not in names


def test_a_correction_that_could_never_be_approved_is_refused_when_it_is_proposed(shell: Shell) -> None:
    given = ("correct", "cash", "cash:A/P1", "--as", "A-TP", "--unit", "A", "--reason", "nhầm", "--decision", "BB 1")
    code, _, wrong = shell(*given, "--number", "DC-1", "--slip", "P2", *JULY)
    assert (code, "số phiếu, đảng viên và tháng" in wrong) == (1, True)
    # An amount alone would have turned the entry round and put nothing in its place.
    assert shell(*given, "--number", "DC-1", "--amount", "90000", *JULY)[0] == 1
    told = shell(*given, "--number", "DC-1", "--slip", "P2", "--to-month", "2026-07", "--amount", "90000", *JULY)
    assert told[0] == 0, told
    assert shell("correct", "approve", "DC-1", "--as", "A-BT", "--unit", "A", *JULY)[0] == 0


def test_a_demo_that_was_not_played_is_named_by_its_act(tmp_path: Path) -> None:
    with pytest.raises(Malformed, match="dangphi demo --act 2"):
        played_settings(tmp_path, act="2")
    with pytest.raises(Malformed, match="DANGPHI_DEMO_ACT=3"):
        played_settings(tmp_path, act="3")
    assert not list(tmp_path.iterdir())


def _july() -> BankStatement:
    """The cell's account in July: one credit that nobody has explained yet."""
    line = BankLine(
        key="",
        booked_on=date(2026, 7, 8),
        value_on=date(2026, 7, 8),
        direction=Direction.IN,
        amount=7_000,
        bank_reference="FT1",
        content="nop tien",
        balance_after=None,
        counterparty_account=None,
        counterparty_name=None,
        is_reversal=False,
        bank_code=None,
        where="",
    )
    return BankStatement(
        account_number="00A",
        bin="970436",
        from_date=date(2026, 7, 1),
        to_date=date(2026, 7, 31),
        opening=1_000_000,
        closing=1_007_000,
        lines=(line,),
        format="",
        file_digest="",
    )


def test_the_same_statement_again_says_that_it_was_imported_before(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "sao-ke.xml"
    file.write_bytes(write_camt053([_july()]))
    given = ("collect", "statement", str(file), "--as", "VH-KT", "--at", "2026-08-01T09:00")
    code, told, wrong = shell(*given)
    assert (code, "replayed" in told) == (0, False), wrong
    code, told, _ = shell(*given)
    assert code == 0
    assert "Tệp này đã nhập trước đây" in told


def test_amounts_in_a_refusal_have_their_thousands_apart() -> None:
    assert dotted("chỉ có 9460 đồng, mã 0011001234 và 970436:0011001234 đồng") == (
        "chỉ có 9.460 đồng, mã 0011001234 và 970436:0011001234 đồng"
    )
