"""Check on citations (I34): every line, payment, refund, declaration, receipt or original that an event names exists.

What is named must stand in the log by the end of the command that names it, since a command's events lie in several
streams. Kept documents are compared where the evidence store is handed in: their hash must be the one that was cited.
"""

from collections.abc import Callable

from domain.receipt_book import CashSheetSigned
from ledger.checks.base import Finding, Findings, World
from ledger.citations import CITED, EVIDENCE, MADE, Thing
from ledger.posting import Line
from ledger.store import Recorded

_NAMES = {
    "line": "dòng sao kê",
    "file": "tệp sao kê",
    "payment": "khoản thu",
    "bag": "túi tiền",
    "declaration": "kỳ đã chốt",
    "remittance": "lệnh nộp",
    "refund": "hồ sơ hoàn trả",
    "receipt": "biên lai",
    "correction": "điều chỉnh",
    "request": "mã thanh toán",
    "voucher": "phiếu",
    "count": "lần kiểm quỹ",
    "case": "hồ sơ thiếu quỹ",
    "custody": "bàn giao quỹ",
    "restructure": "phương án tổ chức",
    "close": "lần khoá sổ",
    "import": "lần nhập sổ cũ",
    "application": "đơn xin miễn giảm",
    "surplus": "khoản đóng thêm",
    "decision": "quyết định",
    "channel-case": "vụ kênh lấy lại tiền",
    "letter": "giấy giới thiệu",
}

#: Says the sha256 (hex) of what is kept under an evidence id; None when nothing is.
EvidenceHash = Callable[[str], str | None]


class CitationsChecker:
    """I34."""

    events = frozenset({*MADE, *CITED})

    def __init__(self, world: World) -> None:
        self._found = Findings()
        self._made: set[Thing] = set()
        self._asked: list[tuple[Recorded, Thing]] = []
        self._scans: list[tuple[Recorded, CashSheetSigned]] = []
        self._named: dict[str, Recorded] = {}  #: id of a kept document → the first event that names it
        self._evidence: EvidenceHash | None = None

    def compare_with(self, evidence: EvidenceHash) -> None:
        """Compare scans with the evidence store as well."""
        self._evidence = evidence

    def see(self, recorded: Recorded, lines: tuple[Line, ...]) -> None:
        """Remember what the event makes and what it names."""
        event = recorded.event
        cls = type(event)
        if cls in MADE:
            self._made.update(MADE[cls](event))
        if cls in CITED:
            self._asked += ((recorded, thing) for thing in CITED[cls](event))
        if cls in EVIDENCE:
            for kept in EVIDENCE[cls](event):
                self._named.setdefault(kept, recorded)
        if isinstance(event, CashSheetSigned):
            self._scans.append((recorded, event))

    def settle(self) -> None:
        """After each command, what it named is there."""
        for recorded, thing in self._asked:
            if thing not in self._made:
                kind, name = thing
                self._found.add(
                    "I34",
                    f"Sự kiện «{recorded.name}» dẫn {_NAMES[kind]} {name[:60]} không có trong nhật ký. Tìm chứng từ "
                    "gốc; nếu dẫn sai, sửa bằng bút toán điều chỉnh.",
                    recorded,
                    unit=recorded.meta.unit,
                )
        self._asked.clear()

    def finish(self) -> tuple[Finding, ...]:
        """Also: each document that was named is kept, and a scan has the hash that was cited."""
        if self._evidence is not None:
            for evidence_id, recorded in self._named.items():
                if self._evidence(evidence_id) is None:
                    self._found.add(
                        "I34",
                        f"Sự kiện «{recorded.name}» dẫn chứng từ {evidence_id} không có trong kho lưu. Tìm bản gốc "
                        "(thông báo, sao kê) và lưu lại; kiểm tra bản sao lưu của kho.",
                        recorded,
                        unit=recorded.meta.unit,
                    )
            for recorded, event in self._scans:
                kept = self._evidence(event.evidence_id)
                if kept != event.sha256:
                    said = "không còn lưu" if kept is None else f"mang dấu {kept[:16]}…"
                    self._found.add(
                        "I34",
                        f"Danh sách ký nộp {event.sheet}: bản quét {event.evidence_id} {said}, sổ ghi "
                        f"{event.sha256[:16]}…. Quét lại bản giấy và lưu thay.",
                        recorded,
                        unit=event.unit_id,
                    )
        return self._found.all()
