"""Check on bank accounts (I13): per account and day, the bank's balance = the book's 1120 + open breaks, each named.

Three figures are built apart: the bank's from its statements, the book's from the postings, and the breaks from events
that name a reason: a line nobody has placed, a sending or pay-out that the bank has not booked or booked otherwise,
money that a webhook told of and no statement shows yet, a difference of days. What these do not explain is a finding.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from itertools import accumulate

from domain.bank_account import LinesPlaced, MovementNamed, StatementImported, StatementLine, StatementTakenBack
from domain.cash import BagCredited
from domain.held_passed import HeldMoneyPassed
from domain.money import Dong
from domain.notice import Direction
from domain.opening import OpeningSigned
from domain.payment import PaymentCredited, PaymentReceived, WitnessAdded, WitnessTakenBack
from domain.payment_channels import SuspenseToLump
from domain.refund import PayoutFailed, PayoutSeen, RefundPaidOut
from domain.refund_cases import ClawBackReceived, ClawBackSent
from domain.remittance import RemittanceReceived, RemittanceSent, SendingCorrected, SendingSeen
from domain.remittance_cases import InterimReceived, RemittanceMisrouted, RemittancePassedOn, RemittanceReturned
from domain.settlement import SettlementLumpCredited
from domain.settlement_failed import SettlementLumpReturned
from domain.spending import VoucherPaidByBank, VoucherVoided
from ledger.checks.base import Finding, Findings, World, dong
from ledger.posting import RULES, Line, occurred_on
from ledger.store import Recorded

#: Placements that name a reason and book nothing: a person has to decide.
_OPEN = frozenset({"conflict", "known", "settlement-waits"})


@dataclass(slots=True)
class _Side:
    """One thing as bank and book each saw it: amount by day, signed, đồng."""

    what: str
    bank: dict[date, Dong] = field(default_factory=dict)
    book: dict[date, Dong] = field(default_factory=dict)


@dataclass(slots=True)
class _Account:
    """What is known of one bank account."""

    unit: str
    lines: dict[str, StatementLine] = field(default_factory=dict)
    statements: list[tuple[StatementImported, Recorded]] = field(default_factory=list)
    book: dict[date, Dong] = field(default_factory=lambda: defaultdict(int))
    cited: dict[str, tuple[Dong, date]] = field(default_factory=dict)  #: line → what the book made of it
    evidence: set[str] = field(default_factory=set)
    placed: dict[str, str] = field(default_factory=dict)
    cases: dict[str, _Side] = field(default_factory=dict)
    opening_day: date = date.min
    returned: list[tuple[date, date, Dong]] = field(default_factory=list)  #: booked, taken back, what had been booked


class BankChecker:
    """I13."""

    events = frozenset(
        {
            *RULES,
            StatementImported,
            StatementTakenBack,
            LinesPlaced,
            MovementNamed,
            WitnessAdded,
            WitnessTakenBack,
            SendingSeen,
            PayoutSeen,
            OpeningSigned,
        }
    )

    def __init__(self, world: World) -> None:
        self._world = world
        self._found = Findings()
        self._notes: list[Finding] = []
        self._accounts: dict[str, _Account] = {}
        self._line_account: dict[str, str] = {}
        self._seen: list[tuple[Recorded, str, str, Dong]] = []  #: line, case and signed amount that the bank booked

    def see(self, recorded: Recorded, lines: tuple[Line, ...]) -> None:
        """Take the book's side from the postings and the links from the events."""
        for line in lines:
            if line.account == "1120":
                on = occurred_on(recorded.event, self._world.on)
                account = self._account(line.key, line.unit)
                account.book[on] += line.amount
                self._link(recorded, account, line.amount, on)
        event = recorded.event
        match event:
            case StatementImported():
                account = self._account(event.account_id, event.unit_id)
                account.unit = event.unit_id
                account.statements.append((event, recorded))
                for item in event.lines:
                    account.lines[item.key] = item
                    self._line_account[item.key] = event.account_id
            case LinesPlaced():
                account = self._account(event.account_id, "")
                for placement in event.placements:
                    account.placed[placement.key] = placement.outcome
            case StatementTakenBack():
                self._take_back(event)
            case WitnessTakenBack():
                self._unsay(event)
            case OpeningSigned() if event.account_id is not None:
                self._account(event.account_id, event.unit_id).opening_day = event.as_of
            case WitnessAdded() if event.bank_line is not None:
                self._seen.append((recorded, event.bank_line, f"khoản {event.payment_id}", event.amount))
            case SendingSeen():
                self._seen.append((recorded, event.bank_line, f"lệnh nộp {event.remittance_id}", -event.amount))
            case PayoutSeen():
                self._seen.append((recorded, event.bank_line, f"hoàn trả {event.refund_id}", -event.amount))
            case _:
                pass

    def _unsay(self, event: WitnessTakenBack) -> None:
        """The line's word for a payment is gone, the payment stays: from now on it is a case the bank has to book."""
        self._seen = [seen for seen in self._seen if seen[1] != event.bank_line]
        account = self._accounts.get(self._line_account.get(event.bank_line, ""))
        cited = None if account is None else account.cited.pop(event.bank_line, None)
        if account is not None and cited is not None:
            case = f"khoản {event.payment_id}"
            side = account.cases.setdefault(case, _Side(case))
            side.book[cited[1]] = side.book.get(cited[1], 0) + cited[0]

    def _take_back(self, event: StatementTakenBack) -> None:
        """The statement and its lines count no more; what they had booked explains itself until it is taken back."""
        account = self._account(event.account_id, event.unit_id)
        own = (event.file_digest, event.from_date, event.to_date)
        account.statements = [(s, r) for s, r in account.statements if (s.file_digest, s.from_date, s.to_date) != own]
        for key in event.bank_lines:
            account.lines.pop(key, None)
            account.placed.pop(key, None)
            self._line_account.pop(key, None)
            cited = account.cited.pop(key, None)
            if cited is not None:
                account.returned.append((cited[1], event.taken_back_on, cited[0]))

    def _account(self, account_id: str, unit: str) -> _Account:
        known = self._accounts.get(account_id)
        if known is None:
            known = self._accounts[account_id] = _Account(unit=unit)
        return known

    def _link(self, recorded: Recorded, account: _Account, amount: Dong, on: date) -> None:
        """Say what stands behind a movement of 1120: a line of the statement, or a case that the bank will book."""
        e = recorded.event
        line: str | None = None
        case = ""
        match e:
            case OpeningSigned():
                return
            case PaymentReceived():
                line, case = e.bank_line, f"khoản {e.payment_id}"
            case PaymentCredited() | SettlementLumpCredited() | SettlementLumpReturned() | SuspenseToLump():
                line = e.bank_line
            case BagCredited() | MovementNamed():
                line = e.bank_line
            case VoucherPaidByBank() | VoucherVoided():
                line = e.bank_line
            case RemittanceReceived() | InterimReceived() | RemittanceReturned() | RemittanceMisrouted():
                line = e.bank_line
            case RemittancePassedOn():
                line, case = e.bank_line, f"lệnh nộp {e.remittance_id}"
            case ClawBackReceived() | HeldMoneyPassed():
                line = e.bank_line
            case ClawBackSent():
                case = f"hoàn trả {e.refund_id}"
            case RemittanceSent() | SendingCorrected():
                case = f"lệnh nộp {e.remittance_id}"
            case PayoutFailed() if e.bank_line is not None:
                line = e.bank_line
            case RefundPaidOut() | PayoutFailed():
                case = f"hoàn trả {e.refund_id}"
            case _:
                pass
        if line is not None:
            # One line may pay many: a channel's lump, credited payment by payment.
            account.cited[line] = (account.cited.get(line, (0, on))[0] + amount, on)
        elif case:
            side = account.cases.setdefault(case, _Side(case))
            side.book[on] = side.book.get(on, 0) + amount
        # Anything else stands in the book alone and will show as unexplained.

    def _bank_saw(self, recorded: Recorded, line: str, what: str, amount: Dong) -> None:
        """Put what the bank booked to its case; a line that is not there, or says otherwise, is a fault."""
        account = self._accounts.get(self._line_account.get(line, ""))
        known = None if account is None else account.lines[line]
        if account is None or known is None or signed(known) != amount:
            said = "không có trên sao kê nào" if known is None else f"trên sao kê là {dong(signed(known))}"
            self._found.add(
                "I13",
                f"Với {what}, sổ nói ngân hàng ghi {dong(amount)} ở dòng {line[:12]}… nhưng dòng đó {said}. "
                "Đối chiếu sao kê gốc.",
                recorded,
                unit=None if account is None else account.unit,
                account="1120",
            )
            return
        account.evidence.add(line)
        side = account.cases.setdefault(what, _Side(what))
        side.bank[known.booked_on] = side.bank.get(known.booked_on, 0) + amount

    def finish(self) -> tuple[Finding, ...]:
        """Compare day by day, account by account."""
        for recorded, line, what, amount in self._seen:
            self._bank_saw(recorded, line, what, amount)
        self._seen.clear()
        for account_id, account in sorted(self._accounts.items()):
            if account.statements:
                self._compare(account_id, account)
        return self._found.all()

    def _compare(self, account_id: str, account: _Account) -> None:
        statements = sorted(account.statements, key=lambda pair: (pair[0].from_date, pair[0].to_date))
        bank: dict[date, Dong] = defaultdict(int)
        for line in account.lines.values():
            bank[line.booked_on] += signed(line)
        first = statements[0][0]
        start = first.opening - sum(amount for day, amount in bank.items() if day < first.from_date)
        balance = _Balance(start, bank)
        self._statements_join(account_id, account, statements, balance)
        breaks = self._breaks(account_id, account)
        covered = _Covered([(s.from_date, s.to_date) for s, _ in statements])
        in_book, explained, reported = 0, 0, 0
        for day in sorted({*bank, *account.book, *breaks, *(s.to_date for s, _ in statements)}):
            in_book += account.book.get(day, 0)
            explained += breaks.get(day, 0)
            if day < account.opening_day or day not in covered:
                continue
            at_bank = balance.after(day)
            unexplained = at_bank - in_book - explained
            if unexplained != reported:
                reported = unexplained
                self._found.add(
                    "I13",
                    f"Tài khoản {account_id} ngày {day:%d/%m/%Y}: ngân hàng {dong(at_bank)}, sổ 1120 {dong(in_book)}, "
                    f"chênh lệch có tên {dong(explained)}, còn {dong(unexplained)} không giải thích được. "
                    "Đối chiếu từng dòng của ngày này và số dư đầu kỳ.",
                    unit=account.unit,
                    account="1120",
                )

    def _statements_join(
        self,
        account_id: str,
        account: _Account,
        statements: list[tuple[StatementImported, Recorded]],
        balance: "_Balance",
    ) -> None:
        """Each statement adds up by itself and begins and ends where the lines known so far say."""
        for s, recorded in statements:
            own = s.opening + s.credits - s.debits
            before, after = balance.before(s.from_date), balance.after(s.to_date)
            if own != s.closing or before != s.opening or after != s.closing:
                self._found.add(
                    "I13",
                    f"Sao kê {account_id} từ {s.from_date:%d/%m/%Y} đến {s.to_date:%d/%m/%Y}: đầu {dong(s.opening)}, "
                    f"có {dong(s.credits)}, nợ {dong(s.debits)}, cuối {dong(s.closing)}; các dòng đã biết cho đầu "
                    f"{dong(before)}, cuối {dong(after)}. Có dòng thiếu hoặc sai; xin lại sao kê và nhập bổ sung.",
                    recorded,
                    unit=account.unit,
                    account="1120",
                )

    def _breaks(self, account_id: str, account: _Account) -> dict[date, Dong]:
        """Bank less book by day, for everything that has a name; what is still open at the end becomes a note."""
        breaks: dict[date, Dong] = defaultdict(int)
        for key, line in account.lines.items():
            amount = signed(line)
            cited = account.cited.get(key)
            if cited is not None and cited[0] == amount:
                # The same money, perhaps on different days.
                breaks[line.booked_on] += amount
                breaks[cited[1]] -= amount
            elif cited is None and key not in account.evidence:
                outcome = account.placed.get(key)
                if outcome is None or outcome in _OPEN:
                    breaks[line.booked_on] += amount
                    self._note(
                        account_id, account, f"dòng {key[:12]}… ngày {line.booked_on:%d/%m/%Y} chưa ghi sổ", amount
                    )
                else:
                    self._lost(account_id, account, key, outcome, amount)
        for booked, back, amount in account.returned:
            breaks[booked] -= amount
            breaks[back] += amount
        for side in account.cases.values():
            for day, amount in side.bank.items():
                breaks[day] += amount
            for day, amount in side.book.items():
                breaks[day] -= amount
            open_amount = sum(side.bank.values()) - sum(side.book.values())
            if open_amount:
                what = f"{side.what}: sổ ghi {dong(sum(side.book.values()))}, ngân hàng {dong(sum(side.bank.values()))}"
                self._note(account_id, account, what, open_amount)
        return breaks

    def _lost(self, account_id: str, account: _Account, key: str, outcome: str, amount: Dong) -> None:
        self._found.add(
            "I13",
            f"Tài khoản {account_id}: dòng {key[:12]}… {dong(amount)} ghi là đã xếp «{outcome}» nhưng không sự kiện "
            "nào dẫn dòng này. Xếp lại dòng này.",
            unit=account.unit,
            account="1120",
        )

    def _note(self, account_id: str, account: _Account, what: str, amount: Dong) -> None:
        sentence = f"Tài khoản {account_id}: {what}, chênh {dong(amount)}. Theo dõi đến khi khớp."
        self._notes.append(Finding(check="I13", sentence=sentence, unit=account.unit, account="1120"))

    def notes(self) -> tuple[Finding, ...]:
        """Open breaks, each by name."""
        return tuple(self._notes)


class _Balance:
    """The bank's balance at the turn of any day, from a start and the movements of each day."""

    def __init__(self, start: Dong, moved: dict[date, Dong]) -> None:
        self._days = sorted(moved)
        self._sums = list(accumulate((moved[day] for day in self._days), initial=start))

    def before(self, day: date) -> Dong:
        """At the day's beginning."""
        return self._sums[bisect_left(self._days, day)]

    def after(self, day: date) -> Dong:
        """At the day's end."""
        return self._sums[bisect_right(self._days, day)]


class _Covered:
    """The days of which some statement tells."""

    def __init__(self, spans: list[tuple[date, date]]) -> None:
        """``spans`` are sorted by their first day; those that meet or overlap are joined."""
        self._starts: list[date] = []
        self._ends: list[date] = []
        for start, end in spans:
            if self._ends and start <= self._ends[-1]:
                self._ends[-1] = max(self._ends[-1], end)
            else:
                self._starts.append(start)
                self._ends.append(end)

    def __contains__(self, day: date) -> bool:
        place = bisect_right(self._starts, day) - 1
        return place >= 0 and day <= self._ends[place]


def signed(line: StatementLine) -> Dong:
    """A line's amount as the account sees it: in is positive."""
    return line.amount if line.direction is Direction.IN else -line.amount
