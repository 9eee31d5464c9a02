"""The portal's settlement file of the day after and our answer: one module, so that the real layout can replace it.

Assumed throughout (payments §3.3): the layout of the portal's own reconciliation is not public; this one is modelled
on the 22 columns that are known to exist. Day T closes at 24:00 Vietnamese time, or at an hour that was agreed upon
(22:00: the file of T tells of T-1 22:00 until T 22:00); the file comes on T+1, the answer by T+2.
Name ``yyyyMMdd_<MaDoiTac>_<seq>.txt`` (the last day), UTF-8, LF::

    H|1.0|MaDoiTac|from|to
    D|stt|MaThamChieu|MaGiaoDich|MaHoSo|SoTien|MaTienTe|MaNganHang|ThoiGianGD|ThoiGianHachToan|LoaiGD|TrangThaiGD|
      TKThuHuong|Phi|SoTienThanhToan|ThongTinGiaoDich|MaXacThuc
    T|count|sum|sha256 of all lines before

Ours to fix where §3.3 is silent: days are yyyyMMdd; amounts are unsigned digits; ``sum`` counts THU up and HOAN down;
SoTienThanhToan is SoTien less Phi for THU and with Phi for HOAN; MaXacThuc of a line is the SHA-256 of its own values
before it, joined by bars, with the secret last; the trailer's hash covers every byte before it, line feeds included.

Anything that deviates refuses the whole file with line and reason. A line that repeats an earlier one is a fact and is
kept, with the earlier line named in ``where``.
"""

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import PurePath

from adapters.inbound import VIETNAM, read_wall_clock
from domain.errors import Malformed
from domain.money import AMOUNT_CAP, CURRENCY
from domain.settlement import Settlement, SettlementAnswer, SettlementKind, SettlementLine

VERSION = "1.0"
RAIL = "portal"

#: The largest file, in bytes: some two hundred thousand payments of one day.
MAX_BYTES = 64 * 1024 * 1024

_FIELDS = 17
_NAME = re.compile(r"(\d{8})_([A-Za-z0-9]{1,50})_(\d{1,6})\.txt", re.ASCII)
_DIGITS = re.compile(r"0|[1-9]\d{0,15}", re.ASCII)
_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_WORD = re.compile(r"[A-Za-z0-9._:/-]{1,100}", re.ASCII)
_KINDS = {"THU": SettlementKind.COLLECTION, "HOAN": SettlementKind.REFUND}

#: Our word on a line as MaLoi would say it (assumed): 01 unknown to us, 04 told twice, 05 another amount.
_OUTCOMES = {
    "matched": "00",
    "missing-in-book": "01",
    "doubled": "04",
    "amount-differs": "05",
    "unknown": "99",
    "other-holder": "99",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Header:
    partner: str
    first: date
    last: date
    closes: int  #: hour at which a day ends

    def holds(self, at: datetime) -> bool:
        """Whether a moment on the wall clock belongs to the days of the file."""
        early = timedelta(hours=24 - self.closes)
        return self.first <= (at + early).date() <= self.last


def line_signature(values: Iterable[str], secret: str) -> str:
    """MaXacThuc of one line: lower-case hex SHA-256 of its values joined by bars with the secret last."""
    return hashlib.sha256("|".join([*values, secret]).encode()).hexdigest()


def read_settlement(raw: bytes, name: str, *, partner: str, secret: str, closes: int = 24) -> Settlement:
    """Read a settlement file whole, or raise ``Malformed`` with the line and the reason.

    ``settlement_id`` is the file's name without its ending, so the same file again is the same settlement. ``closes``
    is the hour at which a day ends, from 1 to 24, as agreed with the portal.
    """
    file = PurePath(name).name
    named = _NAME.fullmatch(file)
    if named is None or named[2] != partner:
        raise Malformed(f"tên tệp phải là yyyyMMdd_{partner}_<số>.txt; lấy lại tệp từ Cổng", where=file[:80])
    if len(raw) > MAX_BYTES:
        raise Malformed(f"tệp dài {len(raw)} byte, tối đa {MAX_BYTES}; xin Cổng chia tệp", where=file)
    lines = _lines(raw, file)
    header = _header(lines[0], f"{file}, dòng 1", partner, closes)
    if f"{header.last:%Y%m%d}" != named[1]:
        raise _wrong(f"{file}, dòng 1", "ngày cuối khác ngày trong tên tệp")
    found = _details(lines[1:-1], file, header, secret)
    _trailer(lines, raw, found, file)
    return Settlement(
        rail=RAIL,
        settlement_id=file.removesuffix(".txt"),
        from_date=header.first,
        to_date=header.last,
        lines=tuple(found),
        net=sum(line.net for line in found),
        bank_words=None,
        digest=hashlib.sha256(raw).hexdigest(),
    )


def _wrong(where: str, reason: str) -> Malformed:
    return Malformed(f"{reason}. Cả tệp đối soát bị từ chối; xin Cổng gửi lại", where=where)


def _lines(raw: bytes, file: str) -> list[str]:
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        number = raw.count(b"\n", 0, error.start) + 1
        raise _wrong(f"{file}, dòng {number}", "không phải UTF-8") from error
    if not text.endswith("\n"):
        raise _wrong(f"{file}, dòng {text.count(chr(10)) + 1}", "dòng cuối không xuống dòng: tệp bị cắt")
    lines = text.removesuffix("\n").split("\n")
    for number, line in enumerate(lines, start=1):
        if any(unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} for c in line):
            raise _wrong(f"{file}, dòng {number}", "có ký tự điều khiển (dòng chỉ kết thúc bằng LF)")
    if not lines[-1].startswith("T|"):
        raise _wrong(f"{file}, dòng {len(lines)}", "thiếu dòng tổng T: tệp bị cắt")
    if len(lines) < 2:
        raise _wrong(f"{file}, dòng 1", "thiếu dòng đầu H")
    return lines


def _day(text: str, where: str) -> date:
    found = _DAY.fullmatch(text)
    try:
        return date(*(int(part) for part in found.groups())) if found else date(0, 0, 0)
    except ValueError as error:
        raise _wrong(where, "ngày phải có dạng yyyyMMdd và có trong lịch") from error


def _header(line: str, where: str, partner: str, closes: int) -> _Header:
    parts = line.split("|")
    if len(parts) != 5 or parts[0] != "H":
        raise _wrong(where, "dòng đầu phải là H|1.0|MaDoiTac|từ ngày|đến ngày")
    if parts[1] != VERSION or parts[2] != partner:
        raise _wrong(where, f"phải là phiên bản {VERSION} của đối tác {partner}")
    header = _Header(partner=parts[2], first=_day(parts[3], where), last=_day(parts[4], where), closes=closes)
    if header.first > header.last:
        raise _wrong(where, "từ ngày sau đến ngày")
    return header


def _details(lines: list[str], file: str, header: _Header, secret: str) -> list[SettlementLine]:
    """The lines in order; ``number`` is their place, also where a repeated line repeats its number."""
    found: list[SettlementLine] = []
    copies: dict[str, int] = {}
    paid: dict[tuple[str, str], int] = {}
    expected = 1
    for place, line in enumerate(lines, start=1):
        where = f"{file}, dòng {place + 1}"
        first = copies.setdefault(line, place)
        parts = line.split("|")
        _require_line(parts, where, expected if first == place else expected - 1, secret, copied=first != place)
        expected += first == place
        doubled = paid.setdefault((parts[3], parts[10]), place)
        found.append(_line(parts, where if doubled == place else f"{where} (trùng dòng {doubled + 1})", place, header))
    return found


def _require_line(parts: list[str], where: str, expected: int, secret: str, *, copied: bool) -> None:
    if len(parts) != _FIELDS or parts[0] != "D":
        raise _wrong(where, f"phải là dòng D có {_FIELDS} trường, tệp có {len(parts)}")
    if not copied and parts[1] != str(expected):
        raise _wrong(where, f"số thứ tự {parts[1][:12]!r}, phải là {expected}: thiếu hoặc chèn dòng")
    signed = line_signature(parts[:-1], secret)
    if not secret or not hmac.compare_digest(signed.encode(), parts[-1].lower().encode()):
        raise _wrong(where, "MaXacThuc không khớp nội dung dòng")


def _amount(text: str, name: str, where: str, least: int) -> int:
    if not _DIGITS.fullmatch(text) or not least <= int(text) <= AMOUNT_CAP:
        raise _wrong(where, f"{name} {text[:20]!r} phải là số đồng nguyên từ {least} đến {AMOUNT_CAP}")
    return int(text)


def _line(parts: list[str], where: str, number: int, header: _Header) -> SettlementLine:
    reference, outside, currency, at, booked, kind, state = (parts[n] for n in (2, 3, 6, 8, 9, 10, 11))
    if currency != CURRENCY:
        raise _wrong(where, f"MaTienTe phải là {CURRENCY}")
    if kind not in _KINDS or state != "1":
        raise _wrong(where, "LoaiGD phải là THU hoặc HOAN và TrangThaiGD phải là 1")
    if not (_WORD.fullmatch(outside) and (not reference or _WORD.fullmatch(reference))):
        raise _wrong(where, "MaThamChieu hoặc MaGiaoDich trống, quá dài hoặc có ký tự lạ")
    gross = _amount(parts[5], "SoTien", where, 1)
    fee = _amount(parts[13], "Phi", where, 0)
    settled = _amount(parts[14], "SoTienThanhToan", where, 0)
    sign = 1 if kind == "THU" else -1
    if settled != gross - sign * fee:
        raise _wrong(where, f"SoTienThanhToan {settled} không bằng SoTien {gross} và Phi {fee}")
    try:
        paid_at = read_wall_clock(at)
        read_wall_clock(booked)
    except Malformed as error:
        raise _wrong(where, error.message) from error
    if not header.holds(paid_at):
        hours = "" if header.closes == 24 else f" (ngày chốt lúc {header.closes} giờ, DANGPHI_PORTAL_CLOSES)"
        raise _wrong(where, f"ThoiGianGD {at} nằm ngoài các ngày của tệp{hours}")
    return SettlementLine(
        number=number,
        kind=_KINDS[kind],
        reference=reference or None,
        outside_reference=outside,
        amount=sign * gross,
        fee=fee,
        net=sign * settled,
        at=paid_at,
        where=where,
        account_number=parts[12] or None,
    )


def _trailer(lines: list[str], raw: bytes, found: list[SettlementLine], file: str) -> None:
    where = f"{file}, dòng {len(lines)}"
    parts = lines[-1].split("|")
    if len(parts) != 4:
        raise _wrong(where, "dòng tổng phải là T|số dòng|tổng tiền|sha256")
    if parts[1] != str(len(found)):
        raise _wrong(where, f"dòng tổng ghi {parts[1][:12]!r} giao dịch, tệp có {len(found)}")
    total = sum(line.amount for line in found)
    if parts[2] != str(total):
        raise _wrong(where, f"dòng tổng ghi {parts[2][:20]!r} đồng, các dòng cộng lại {total}")
    before = raw[: len(raw) - len(lines[-1].encode()) - 1]
    if not hmac.compare_digest(hashlib.sha256(before).hexdigest().encode(), parts[3].encode()):
        raise _wrong(where, "mã kiểm sha256 khác nội dung: tệp bị sửa hoặc hỏng")


def sealed(lines: Iterable[str], total: int) -> bytes:
    """Lines with their trailer: count of all but the header, the sum given, and the hash of what stands before."""
    body = "".join(f"{line}\n" for line in lines).encode()
    count = body.count(b"\n") - 1
    return body + f"T|{count}|{total}|{hashlib.sha256(body).hexdigest()}\n".encode()


def write_answer(told: SettlementAnswer, *, partner: str, secret: str) -> bytes:
    """Our answer file (assumed): a line A for each line of the settlement, a line M for each it lacks, signed alike.

    ``A|stt|MaThamChieu|MaGiaoDich|result|our amount|MaXacThuc`` and ``M|MaThamChieu|our amount|MaXacThuc``; the trailer
    sums our amounts. Raises ``KeyError`` for an outcome that is none of ``AnsweredLine``'s.
    """
    settlement = told.settlement
    by_number = {line.number: line for line in settlement.lines}
    rows: list[list[str]] = []
    for answered in told.lines:
        line = by_number[answered.number]
        ours = "" if answered.ours is None else str(answered.ours)
        outcome = _OUTCOMES[answered.outcome]
        rows.append(["A", str(line.number), line.reference or "", line.outside_reference, outcome, ours])
    rows += [["M", reference, str(amount)] for reference, amount in told.missing]
    header = f"H|{VERSION}|{partner}|{settlement.from_date:%Y%m%d}|{settlement.to_date:%Y%m%d}"
    total = sum(a.ours or 0 for a in told.lines) + sum(amount for _, amount in told.missing)
    return sealed([header, *("|".join([*row, line_signature(row, secret)]) for row in rows)], total)


def answer_name(settlement: Settlement, at: datetime) -> str:
    """The name of the answer file: that of the settlement with the day of the answer."""
    return f"{settlement.settlement_id}_TL_{at.astimezone(VIETNAM):%Y%m%d}.txt"
