"""A local decision on shares: number, day, issuer, and what each kind of unit keeps from which period on.

The file is JSON (``format`` ``dangphi-share-decision``) or CSV with one line per kind of unit and Vietnamese
headings. ``is_example`` must be said in so many words: figures made up for a demonstration are marked on every
page that uses them.
"""

import csv
import hashlib
import io
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

from adapters.office.strict_json import Fields, decode, parse, read_bytes
from domain.errors import Malformed
from domain.money import WHOLE_BP
from domain.organisation_kinds import UnitKind
from domain.period import Month
from domain.policy_rows import Confidence, Regime, ShareRow

#: CSV headings, in order, and the fields they stand for.
COLUMNS = {
    "so_quyet_dinh": "number",
    "ngay": "date",
    "co_quan_ban_hanh": "issuer",
    "loai_to_chuc": "unit_kind",
    "ty_le_giu_lai": "retain_percent",
    "tu_ky": "from_period",
    "den_ky": "to_period",
    "la_vi_du": "is_example",
    "ghi_chu": "note",
}

_YES_NO = {"có": True, "không": False}

#: The first month under 01-QĐ/TW; a decision for earlier months belongs to 342-QĐ/TW.
_FIRST_OF_01 = Month("2026-02")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareDecision:
    """A decision as read; ``rows`` are ready to be activated and ``digest`` is the SHA-256 of the file (hex)."""

    number: str
    decided_on: date
    issuer: str
    is_example: bool
    note: str | None
    rows: tuple[ShareRow, ...]
    digest: str


def read(path: Path) -> ShareDecision:
    """Read a decision file, JSON or CSV by its ending; ``Malformed`` says where it is wrong."""
    content = read_bytes(path)
    if path.suffix.lower() == ".csv":
        decision = _from_csv(content, path.name)
    else:
        decision = _from_json(content, path.name)
    if not decision.rows:
        raise Malformed("quyết định không có dòng tỷ lệ nào.", where=path.name)
    seen: set[UnitKind] = set()
    for row in decision.rows:
        if row.unit_kind in seen:
            raise Malformed(f"loại tổ chức {row.unit_kind} có hai dòng trong một quyết định.", where=path.name)
        seen.add(row.unit_kind)
    return decision


def _from_json(content: bytes, where: str) -> ShareDecision:
    top = parse(content, where)
    if top.text("format") != "dangphi-share-decision":
        raise Malformed("phải là «dangphi-share-decision».", where=top.at("format"))
    top.whole("version", 1, 1)
    number, decided_on, issuer = top.text("number"), top.day("date"), top.text("issuer")
    is_example, note = top.flag("is_example"), top.optional_text("note")
    rows = []
    for fields in top.objects("rows"):
        rows.append(_row(fields, number=number, is_example=is_example))
        fields.done()
    top.done()
    return ShareDecision(
        number=number,
        decided_on=decided_on,
        issuer=issuer,
        is_example=is_example,
        note=note,
        rows=tuple(rows),
        digest=hashlib.sha256(content).hexdigest(),
    )


def _from_csv(content: bytes, where: str) -> ShareDecision:
    """One line per kind of unit; number, day, issuer and mark stand on every line and must agree."""
    lines = csv.reader(io.StringIO(decode(content, where), newline=""), strict=True)
    try:
        table = [line for line in lines if line]
    except csv.Error as error:
        raise Malformed(f"không phải CSV hợp lệ: {error}.", where=f"{where}:{lines.line_num}") from error
    if not table or [name.strip() for name in table[0]] != list(COLUMNS):
        raise Malformed(f"dòng đầu phải là: {','.join(COLUMNS)}.", where=f"{where}:1")
    heads: set[tuple[str, date, str, bool, str | None]] = set()
    rows = []
    for number, line in enumerate(table[1:], start=2):
        place = f"{where}:{number}"
        if len(line) != len(COLUMNS):
            raise Malformed(f"có {len(line)} cột, phải có {len(COLUMNS)}.", where=place)
        cells: dict[str, object] = {
            name: text.strip() or None for name, text in zip(COLUMNS.values(), line, strict=True)
        }
        cells["is_example"] = _YES_NO.get(str(cells["is_example"]).lower(), cells["is_example"])
        fields = Fields(cells, place)
        is_example = fields.flag("is_example")
        head = (
            fields.text("number"),
            fields.day("date"),
            fields.text("issuer"),
            is_example,
            fields.optional_text("note"),
        )
        heads.add(head)
        rows.append(_row(fields, number=head[0], is_example=is_example))
    if len(heads) > 1:
        raise Malformed("số, ngày, cơ quan, ghi chú và dấu ví dụ phải giống nhau ở mọi dòng.", where=where)
    if not heads:
        raise Malformed("quyết định không có dòng tỷ lệ nào.", where=where)
    document, decided_on, issuer, is_example, note = heads.pop()
    return ShareDecision(
        number=document,
        decided_on=decided_on,
        issuer=issuer,
        is_example=is_example,
        note=note,
        rows=tuple(rows),
        digest=hashlib.sha256(content).hexdigest(),
    )


def _row(fields: Fields, *, number: str, is_example: bool) -> ShareRow:
    """One kind of unit: percent kept with at most two decimals, first and (optionally) last report month."""
    unit_kind = fields.code("unit_kind", UnitKind)
    start, end = fields.span("from_period", "to_period")
    return ShareRow(
        id=f"{number}#{unit_kind}",
        unit_kind=unit_kind,
        retain_bp=_basis_points(fields.number_text("retain_percent"), fields.at("retain_percent")),
        from_period=start,
        to_period=end,
        regime=Regime.QD01 if start >= _FIRST_OF_01 else Regime.QD342,
        document=number,
        decision=number,
        is_example=is_example,
        # A decision that somebody signed was read; a made-up figure is a guess and is activated as a draft.
        confidence=Confidence.GUESS if is_example else Confidence.SEEN,
    )


def _basis_points(text: str, where: str) -> int:
    """``30`` or ``33.25`` (also ``33,25``) percent as basis points, without going through a float."""
    try:
        points = Decimal(text.replace(",", ".")) * 100
    except InvalidOperation:
        points = Decimal("NaN")
    if not points.is_finite() or points != points.to_integral_value() or not 0 <= points <= WHOLE_BP:
        raise Malformed(f"tỷ lệ phải từ 0 đến 100 phần trăm, tối đa hai số lẻ, nhận được {text!r}.", where=where)
    return int(points)
