"""Any list of bank lines, for the tests that write it in every format and read it back."""

from dataclasses import replace
from datetime import date

from hypothesis import strategies as st

from adapters.bank.lines import squeeze
from adapters.sandbox.statement_files import carries, statement_of
from domain.notice import BankLine, BankStatement, Direction

#: Text that every format carries, with blanks folded as the readers fold them.
CONTENT = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Co", "Zl", "Zp")), max_size=160
).map(squeeze)
PLAIN = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ 0123456789.-:=+@", max_size=160).map(squeeze)
REFERENCE = st.none() | st.text("ABCDEFGHJK0123456789.", min_size=1, max_size=16).filter(
    lambda text: text not in {"EREF", "KREF"}
)
DAY = st.dates(date(2026, 7, 1), date(2026, 7, 31))


@st.composite
def lines(draw: st.DrawFn) -> BankLine:
    return BankLine(
        key="",
        booked_on=draw(DAY),
        value_on=draw(DAY),
        direction=draw(st.sampled_from(Direction)),
        amount=draw(st.integers(1, 10**12)),
        bank_reference=draw(REFERENCE),
        content=draw(CONTENT | PLAIN),
        balance_after=None,
        counterparty_account=draw(st.none() | st.text("0123456789", min_size=6, max_size=15)),
        counterparty_name=draw(st.none() | st.text("ABCĐÔƯỄ", min_size=1, max_size=30)),
        is_reversal=draw(st.booleans()),
        bank_code=None,
        where="",
    )


@st.composite
def statements(draw: st.DrawFn, most: int = 8) -> BankStatement:
    """A statement of July 2026; some with lines that agree in everything."""
    drawn = draw(st.lists(lines(), max_size=most))
    if drawn and draw(st.booleans()):
        drawn.append(drawn[-1])
    return statement_of(
        draw(st.text("123456789", min_size=6, max_size=16)),
        sorted(drawn, key=lambda line: line.booked_on),
        opening=draw(st.integers(-(10**12), 10**12)),
        bin="970436",
        first=date(2026, 7, 1),
        last=date(2026, 7, 31),
    )


def as_carried(line: BankLine, format_name: str) -> BankLine:
    """What of a line can be read back from a format."""
    kept = carries(format_name)
    return replace(
        line,
        key="",
        where="",
        balance_after=None,
        bank_code=None,
        bank_reference=line.bank_reference if kept.reference else None,
        value_on=line.value_on if kept.value_day else None,
        counterparty_account=line.counterparty_account if kept.peer else None,
        counterparty_name=line.counterparty_name if kept.peer else None,
        is_reversal=line.is_reversal if kept.reversal else False,
    )
