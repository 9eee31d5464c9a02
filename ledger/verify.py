"""The invariants, checked by going through the log once from its first event.

The ids are those of the design and are stable: I… hold in every ledger of this kind, A… are the accounting's own. Each
check is a pure function of the events handed in; who hands in stored commands and projection rows as well has those
compared too. The same checks serve the tests, the demo and ``dangphi verify``.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from ledger.checks.amounts import AmountsChecker
from ledger.checks.attempts import AttemptsChecker
from ledger.checks.bank import BankChecker
from ledger.checks.base import Checker, Finding, Noting, OpenItem, Settling, Start, World
from ledger.checks.books import EntriesChecker, MirrorsChecker
from ledger.checks.channels import ChannelsChecker
from ledger.checks.citations import CitationsChecker, EvidenceHash
from ledger.checks.closing import ClosingChecker
from ledger.checks.control import AccessChecker, TwoPeopleChecker
from ledger.checks.cover import ConservationChecker, CoverChecker, OpenItemsChecker
from ledger.checks.day_close import DayCloseChecker
from ledger.checks.dues import DuesChecker
from ledger.checks.handover import HandoverChecker
from ledger.checks.held import HeldChecker
from ledger.checks.history import CommandsChecker, LogChecker
from ledger.checks.lines import LinesChecker
from ledger.checks.matches import MatchesChecker
from ledger.checks.membership import MembershipChecker
from ledger.checks.money import PaymentsChecker
from ledger.checks.past import PastChecker
from ledger.checks.projections import Projected, ProjectionsChecker
from ledger.checks.receipts import ReceiptsChecker
from ledger.checks.reckoning import ReckoningChecker
from ledger.checks.refunds import RefundsChecker
from ledger.checks.remittances import RemittancesChecker
from ledger.checks.settlements import SettlementsChecker
from ledger.checks.signed import Remake, SignedBooksChecker
from ledger.checks.spending import SpendingChecker
from ledger.checks.upwards import DeclarationsChecker
from ledger.posting import entry
from ledger.store import Recorded, StoredCommand, Unreadable


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One invariant: its stable id, what it says in Vietnamese, and the checkers that look for its breaches."""

    id: str
    title: str
    starts: tuple[Start, ...]


def _check(id_: str, title: str, *starts: Start) -> Check:
    return Check(id=id_, title=title, starts=starts)


#: Every check, in the order in which it is shown.
CHECKS: tuple[Check, ...] = (
    _check("I1", "Mỗi sổ của mỗi đơn vị bằng 0 tại mọi vị trí của nhật ký", EntriesChecker),
    _check("I2", "Số tiền là số đồng nguyên, trong giới hạn", AmountsChecker),
    _check("I3", "Một giao dịch ngân hàng chỉ được ghi thu một lần", PaymentsChecker),
    _check("I4", "Cùng mã mà khác nội dung thì thành vụ việc, không làm đổi tiền", PaymentsChecker, AttemptsChecker),
    _check("I5", "Mỗi khoản thu: các phần cộng lại đúng bằng số đã nhận", PaymentsChecker),
    _check("I6", "Không tháng nào bị trừ quá số phải đóng; phần thừa có tên", DuesChecker, HeldChecker),
    _check("I7", "Mỗi lần trừ tiền chỉ một lần, gỡ nhiều nhất một lần", DuesChecker),
    _check("I8", "Không hoàn trả quá số đang có", RefundsChecker, DuesChecker),
    _check("I9", "Mỗi đảng viên, mỗi tháng: một nghĩa vụ, một đơn vị, qua mọi lần chuyển", MembershipChecker),
    _check("I10", "Mỗi nghĩa vụ tính lại từ văn bản ra đúng từng đồng", ReckoningChecker),
    _check("I11", "Phân bổ mỗi cấp: giữ lại + nộp lên = đã thu", DeclarationsChecker),
    _check("I12", "Không nộp quá phần phải nộp; đã gửi = đã nhận + đang chuyển", RemittancesChecker),
    _check("I13", "Mỗi tài khoản, mỗi ngày: sao kê = sổ 1120 + chênh lệch có tên", BankChecker),
    _check("I14", "Tiền chưa xác định = tổng các vụ việc đang mở; khớp ghi đủ", PaymentsChecker, MatchesChecker),
    _check("I15", "Tháng đã khoá chỉ nhận việc phát sinh muộn; số liệu lúc khoá làm lại được", ClosingChecker),
    _check("I16", "Vị trí và phiên bản liền nhau, dòng nào cũng đọc được", LogChecker),
    _check("I17", "Bảng tra cứu đúng bằng bản dựng lại từ nhật ký", ProjectionsChecker),
    _check(
        "I19", "Số biên lai, số phiếu liền nhau; mỗi biên lai ứng với một khoản thu", ReceiptsChecker, SpendingChecker
    ),
    _check("I20", "Ai làm việc gì cũng có quyền vào lúc đó, tại đơn vị đó", AccessChecker),
    _check(
        "I21",
        "Người duyệt không phải người lập",
        TwoPeopleChecker,
        PastChecker,
        HandoverChecker,
        SpendingChecker,
        ClosingChecker,
        DayCloseChecker,
    ),
    _check("I24", "Giờ ghi không lùi theo nhật ký", LogChecker),
    _check("I25", "Mỗi lệnh chỉ ghi một lần, khớp bảng lệnh", CommandsChecker),
    _check("I27", "Sự kiện của một lệnh đủ cả, đứng liền nhau", CommandsChecker),
    _check("I31", "Không nghĩa vụ cho tháng được miễn hoặc ngoài phạm vi", MembershipChecker),
    _check("I34", "Chứng từ, dòng sao kê, khoản được dẫn đều có thật", CitationsChecker, PastChecker),
    _check("I35", "Sổ đã ký lập lại tại đúng vị trí ra đúng số đã ký", SignedBooksChecker),
    _check("A1", "Mỗi bút toán cân trong từng đơn vị và từng sổ", EntriesChecker),
    _check("A2", "Số đối ứng giữa các đơn vị khớp nhau", MirrorsChecker),
    _check("A3", "1360 = 3350 ở mỗi đơn vị", MirrorsChecker),
    _check("A4", "Tiền hiện có đủ trả phần của người khác, cuối mỗi ngày", CoverChecker),
    _check("A5", "Hợp nhất mọi nhánh: tiền = phần có chủ + phần còn phải nộp", MirrorsChecker),
    _check("A6", "Thu của đảng viên − hoàn trả = để lại + chưa phân bổ + nộp lên", ConservationChecker),
    _check(
        "A7", "4310 chỉ đổi khi chốt kỳ, điều chỉnh chốt kỳ, đầu kỳ và kết chuyển năm", EntriesChecker, SpendingChecker
    ),
    _check("A8", "Số dư phải về 0 đều có tuổi, người chịu trách nhiệm, việc kế tiếp", OpenItemsChecker),
    _check("A9", "Mỗi khoản thu có đúng một biên lai", ReceiptsChecker),
    _check("A10", "Phiếu thu, phiếu chi và kiểm quỹ khớp sổ; không chi quá tiền của đơn vị", SpendingChecker),
    _check("A11", "Bàn giao: số cuối của bên giao = số đầu của bên nhận; đơn vị đã kết thúc bằng 0", HandoverChecker),
    _check("A12", "Ngày đã chốt của tài khoản: làm lại từ nhật ký ra đúng số lúc chốt", DayCloseChecker),
    _check(
        "A13",
        "Quyết toán của kênh: cộng đúng; một dòng ngân hàng trả đúng các khoản của nó, mỗi khoản một lần",
        SettlementsChecker,
        ChannelsChecker,
    ),
    _check("A14", "Mỗi dòng sao kê ở đúng một nơi; quyết định chuyển đúng số đã nói", LinesChecker),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """What became of one check."""

    id: str
    title: str
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Nothing was found."""
        return not self.findings


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of all checks over ``events`` events, the last at ``position``.

    ``notes`` name what is open and explained (handshakes, bank breaks); ``open_items`` is the list of A8.
    """

    ok: bool
    events: int
    position: int
    checks: tuple[CheckResult, ...]
    notes: tuple[Finding, ...]
    open_items: tuple[OpenItem, ...]

    def as_dict(self) -> dict[str, object]:
        """The answer that other programs rely on."""
        return {
            "ok": self.ok,
            "events": self.events,
            "position": self.position,
            "checks": [
                {
                    "id": check.id,
                    "title": check.title,
                    "ok": check.ok,
                    "findings": [finding.as_dict() for finding in check.findings],
                }
                for check in self.checks
            ],
        }


def verify(
    events: Iterable[Recorded | Unreadable],
    *,
    commands: Iterable[StoredCommand] | None = None,
    projections: Projected | None = None,
    evidence: EvidenceHash | None = None,
    books: Remake | None = None,
) -> Verdict:
    """Check the whole log, in the order of positions from the first event.

    ``commands`` are the stored commands in any order; without them I25 is checked within the log alone, without
    ``projections`` I17 has nothing to compare, without ``evidence`` I34 compares no scan, without
    ``books`` I35 makes no signed book again. Nothing raises on a damaged log: what is wrong becomes a finding.
    """
    run = _Run(projections)
    if evidence is not None:
        run.compare_evidence(evidence)
    if books is not None:
        run.remake_books(books)
    count = 0
    for item in events:
        count += 1
        run.see(item)
    return run.verdict(count, commands)


class _Run:
    """One pass over the log: which checkers want which events."""

    def __init__(self, projections: Projected | None) -> None:
        self._world = World()
        starts = dict.fromkeys(start for check in CHECKS for start in check.starts)
        self._checkers: list[Checker] = [start(self._world) for start in starts]
        self._settling = [checker for checker in self._checkers if isinstance(checker, Settling)]
        self._log = next(c for c in self._checkers if isinstance(c, LogChecker))
        self._wants: dict[type, tuple[Checker, ...]] = {}
        self._command: UUID | None = None
        if projections is not None:
            next(c for c in self._checkers if isinstance(c, ProjectionsChecker)).compare_with(projections)

    def compare_evidence(self, evidence: EvidenceHash) -> None:
        """Let the scans that are cited be compared with what is kept."""
        next(c for c in self._checkers if isinstance(c, CitationsChecker)).compare_with(evidence)

    def remake_books(self, books: Remake) -> None:
        """Let signed books be made again and compared."""
        next(c for c in self._checkers if isinstance(c, SignedBooksChecker)).remake_with(books)

    def see(self, item: Recorded | Unreadable) -> None:
        """Hand one event to the checkers that want it."""
        if isinstance(item, Unreadable):
            self._log.unreadable(item)
            return
        event = item.event
        cls = type(event)
        wants = self._wants.get(cls)
        if wants is None:
            wants = tuple(c for c in self._checkers if c.events is None or cls in c.events)
            self._wants[cls] = wants
        if item.meta.command_id != self._command:
            self._settle()
            self._command = item.meta.command_id
        lines = entry(event)
        self._world.take(item, lines)
        for checker in wants:
            checker.see(item, lines)

    def _settle(self) -> None:
        for checker in self._settling:
            checker.settle()

    def verdict(self, count: int, commands: Iterable[StoredCommand] | None) -> Verdict:
        """Close all checkers and sort what they found by check."""
        self._settle()
        if commands is not None:
            next(c for c in self._checkers if isinstance(c, CommandsChecker)).compare(commands)
        found: dict[str, list[Finding]] = {check.id: [] for check in CHECKS}
        notes: list[Finding] = []
        for checker in self._checkers:
            for finding in checker.finish():
                found[finding.check].append(finding)
            if isinstance(checker, Noting):
                notes += checker.notes()
        results = tuple(
            CheckResult(id=check.id, title=check.title, findings=tuple(found[check.id])) for check in CHECKS
        )
        return Verdict(
            ok=all(result.ok for result in results),
            events=count,
            position=self._log.position,
            checks=results,
            notes=tuple(notes),
            open_items=next(c for c in self._checkers if isinstance(c, OpenItemsChecker)).open_items(),
        )
