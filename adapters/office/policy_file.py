"""The policy file: the law as rows, read strictly; and the policy it makes where no ledger is at hand."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

from adapters.office.strict_json import Fields, parse, read_bytes
from domain.errors import Malformed
from domain.money import AMOUNT_CAP, WHOLE_BP
from domain.organisation_kinds import UnitKind
from domain.policy import NO_POLICY, Policy, evolve, with_known
from domain.policy_activation import activate
from domain.policy_rows import (
    SURE,
    BaseKind,
    CapRow,
    Confidence,
    PolicyRow,
    PolicyRows,
    RateKind,
    RateRow,
    Regime,
    ReliefRow,
    RoundingRow,
    RoundingScope,
    SettingRow,
    ShareRow,
    WageRow,
    covers,
    has_known_value,
    is_stated_default,
    span,
)
from domain.policy_settings import SettingName, allowed_text, allows
from domain.policy_words import about

SHIPPED = Path(__file__).parent / "data" / "dues_policy.json"

_REGIONS = ("I", "II", "III", "IV")
_BASES_WITHOUT_INPUT = frozenset({BaseKind.REGIONAL_MINIMUM_WAGE, BaseKind.NONE})

Row = TypeVar("Row", RateRow, WageRow, CapRow, ReliefRow, RoundingRow, ShareRow, SettingRow)


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalDocument:
    """A text that rows name as their source."""

    number: str
    issued_on: date
    issuer: str
    title: str
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyFile:
    """A policy file as read: its rows, the documents they name, and the SHA-256 of its bytes (hex)."""

    rows: PolicyRows
    documents: tuple[LegalDocument, ...]
    compiled_on: date
    digest: str


def load(path: Path | None = None) -> PolicyFile:
    """Read a policy file, by default the one shipped; ``Malformed`` says where it is wrong."""
    chosen = path or SHIPPED
    content = read_bytes(chosen)
    top = parse(content, chosen.name)
    if top.text("format") != "dangphi-policy":
        raise Malformed("phải là «dangphi-policy».", where=top.at("format"))
    top.whole("version", 1, 1)
    compiled_on = top.day("compiled_on")
    top.optional_text("note")
    documents = tuple(_document(fields) for fields in top.objects("documents"))
    rows = read_rows(top, optional=frozenset({"settings"}))
    top.done()
    _require_consistent(rows, {document.number for document in documents}, chosen.name)
    return PolicyFile(
        rows=rows, documents=documents, compiled_on=compiled_on, digest=hashlib.sha256(content).hexdigest()
    )


def read_rows(top: Fields, optional: frozenset[str]) -> PolicyRows:
    """The lists of rows of a file, each row fully used up; only a list named in ``optional`` may be absent."""

    def rows(name: str, read: Callable[[Fields], Row]) -> tuple[Row, ...]:
        return () if name in optional and not top.given(name) else _rows(top, name, read)

    return PolicyRows(
        rates=rows("rates", _rate),
        wages=rows("wages", _wage),
        caps=rows("caps", _cap),
        reliefs=rows("reliefs", _relief),
        roundings=rows("roundings", _rounding),
        shares=rows("shares", _share),
        settings=rows("settings", _setting),
    )


def counts_as_active(row: PolicyRow) -> bool:
    """Whether a row may be activated with the file alone: seen or derived with a value, or the stated default."""
    sure = row.confidence in SURE or is_stated_default(row)
    return sure and has_known_value(row)


def offline_policy(file: PolicyFile | None = None) -> Policy:
    """The policy for commands without a ledger: what the file alone may activate is active, the rest is known."""
    read = file or load()
    policy = with_known(NO_POLICY, read.rows)
    for row in read.rows.every():
        if not counts_as_active(row):
            continue
        for event in activate(
            policy,
            row,
            approver="tệp chính sách",
            document=row.document or "tệp chính sách",
            decided_on=read.compiled_on,
            allow_draft_with_document=False,
        ):
            policy = evolve(policy, event)
    return policy


def _rows(top: Fields, name: str, read: Callable[[Fields], Row]) -> tuple[Row, ...]:
    """All rows of one kind, each fully used up."""
    found = []
    for fields in top.objects(name):
        found.append(read(fields))
        fields.done()
    return tuple(found)


def _document(fields: Fields) -> LegalDocument:
    document = LegalDocument(
        number=fields.text("number"),
        issued_on=fields.day("date"),
        issuer=fields.text("issuer"),
        title=fields.text("title"),
        note=fields.optional_text("note"),
    )
    fields.done()
    return document


def _rate(fields: Fields) -> RateRow:
    start, end = fields.span("from_month", "to_month")
    row = RateRow(
        id=fields.text("id"),
        title=fields.text("title"),
        category=fields.text("category"),
        kind=fields.code("kind", RateKind),
        base_kind=fields.code("base_kind", BaseKind),
        value_bp=fields.optional_whole("value_bp", 0, WHOLE_BP),
        value_dong=fields.optional_whole("value_dong", 1, AMOUNT_CAP),
        low=fields.optional_whole("low", 0, AMOUNT_CAP),
        high=fields.optional_whole("high", 0, AMOUNT_CAP),
        currency=fields.optional_text("currency") or "VND",
        from_month=start,
        to_month=end,
        regime=fields.code("regime", Regime),
        document=fields.text("document"),
        article=fields.optional_text("article"),
        confidence=fields.code("confidence", Confidence),
        note=fields.optional_text("note"),
    )
    given = {
        name
        for name, value in (
            ("value_bp", row.value_bp),
            ("value_dong", row.value_dong),
            ("low", row.low),
            ("high", row.high),
        )
        if value is not None
    }
    wanted = {
        RateKind.PERCENT: {"value_bp"},
        RateKind.FIXED: {"value_dong"},
        RateKind.RANGE: {"low", "high"},
        RateKind.MINIMUM: {"low"},
    }[row.kind]
    if given != wanted:
        raise Malformed(f"loại {row.kind} phải có đúng {', '.join(sorted(wanted))}.", where=fields.where)
    if row.low is not None and row.high is not None and row.high < row.low:
        raise Malformed(f"cận trên {row.high} nhỏ hơn cận dưới {row.low}.", where=fields.at("high"))
    if (row.kind is RateKind.PERCENT) == (row.base_kind is BaseKind.NONE):
        raise Malformed(f"loại {row.kind} không đi với căn cứ {row.base_kind}.", where=fields.at("base_kind"))
    return row


def _wage(fields: Fields) -> WageRow:
    start, end = fields.span("from_month", "to_month")
    region = fields.text("region")
    if region not in _REGIONS:
        raise Malformed(f"vùng phải là I, II, III hoặc IV, nhận được {region!r}.", where=fields.at("region"))
    return WageRow(
        id=fields.text("id"),
        region=region,
        amount=fields.whole("amount", 1, AMOUNT_CAP),
        from_month=start,
        to_month=end,
        document=fields.text("document"),
        article=fields.optional_text("article"),
        confidence=fields.code("confidence", Confidence),
        note=fields.optional_text("note"),
    )


def _cap(fields: Fields) -> CapRow:
    start, end = fields.span("from_month", "to_month")
    base_kind = fields.code("base_kind", BaseKind)
    if base_kind in _BASES_WITHOUT_INPUT:
        raise Malformed(f"căn cứ {base_kind} không có trần.", where=fields.at("base_kind"))
    return CapRow(
        id=fields.text("id"),
        base_kind=base_kind,
        amount=fields.whole("amount", 1, AMOUNT_CAP),
        from_month=start,
        to_month=end,
        document=fields.text("document"),
        article=fields.optional_text("article"),
        confidence=fields.code("confidence", Confidence),
        note=fields.optional_text("note"),
    )


def _relief(fields: Fields) -> ReliefRow:
    start, end = fields.span("from_month", "to_month")
    percents = []
    for n, value in enumerate(fields.items("percents")):
        if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= 100:
            raise Malformed(f"phải là số nguyên từ 1 đến 100, nhận được {value!r}.", where=fields.at(f"percents[{n}]"))
        percents.append(value)
    return ReliefRow(
        id=fields.text("id"),
        kind=fields.text("kind"),
        ground=fields.text("ground"),
        percents=tuple(percents),
        max_months=fields.optional_whole("max_months", 1, 1200),
        application_required=fields.flag("application_required"),
        from_month=start,
        to_month=end,
        document=fields.text("document"),
        article=fields.optional_text("article"),
        confidence=fields.code("confidence", Confidence),
        note=fields.optional_text("note"),
    )


def _rounding(fields: Fields) -> RoundingRow:
    start, end = fields.span("from_month", "to_month")
    return RoundingRow(
        id=fields.text("id"),
        scope=fields.code("scope", RoundingScope),
        unit=fields.whole("unit", 1, 1_000_000),
        is_default=fields.flag("is_default"),
        from_month=start,
        to_month=end,
        document=fields.optional_text("document"),
        article=fields.optional_text("article"),
        confidence=fields.code("confidence", Confidence),
        note=fields.optional_text("note"),
    )


def _share(fields: Fields) -> ShareRow:
    start, end = fields.span("from_period", "to_period")
    row = ShareRow(
        id=fields.text("id"),
        unit_kind=fields.code("unit_kind", UnitKind),
        retain_bp=fields.optional_whole("retain_bp", 0, WHOLE_BP),
        low_bp=fields.optional_whole("low_bp", 0, WHOLE_BP),
        high_bp=fields.optional_whole("high_bp", 0, WHOLE_BP),
        from_period=start,
        to_period=end,
        regime=fields.code("regime", Regime),
        document=fields.text("document"),
        article=fields.optional_text("article"),
        confidence=fields.code("confidence", Confidence),
        note=fields.optional_text("note"),
    )
    if (row.low_bp is None) != (row.high_bp is None) or (row.low_bp or 0) > (row.high_bp or 0):
        raise Malformed("khung tỷ lệ phải có cả cận dưới và cận trên, cận dưới không lớn hơn.", where=fields.where)
    if row.retain_bp is not None and row.low_bp is not None:
        raise Malformed("một dòng của luật có tỷ lệ hoặc có khung, không có cả hai.", where=fields.where)
    return row


def _setting(fields: Fields) -> SettingRow:
    start, end = fields.span("from_month", "to_month")
    row = SettingRow(
        id=fields.text("id"),
        name=fields.code("name", SettingName),
        value=fields.text("value"),
        unit_kind=fields.code("unit_kind", UnitKind) if fields.given("unit_kind") else None,
        is_default=fields.flag("is_default"),
        from_month=start,
        to_month=end,
        document=fields.optional_text("document"),
        article=fields.optional_text("article"),
        confidence=fields.code("confidence", Confidence),
        note=fields.optional_text("note"),
    )
    if not allows(row.name, row.value):
        raise Malformed(f"phải là {allowed_text(row.name)}, nhận được {row.value!r}.", where=fields.at("value"))
    return row


def _require_consistent(rows: PolicyRows, documents: set[str], where: str) -> None:
    """Refuse sources that are not listed, and whatever :func:`require_distinct` refuses."""
    require_distinct(rows, where)
    for row in rows.every():
        if row.document is not None and row.document not in documents:
            raise Malformed(f"văn bản {row.document} không có trong mục documents.", where=f"{where}: {row.id}")


def require_distinct(rows: PolicyRows, where: str) -> None:
    """Refuse doubled ids, and two rows of one file that would both govern a month."""
    seen: set[str] = set()
    for row in rows.every():
        if row.id in seen:
            raise Malformed(f"mã dòng {row.id} dùng hai lần.", where=where)
        seen.add(row.id)
    keyed: dict[tuple[str, str], list[PolicyRow]] = {}
    for row in rows.every():
        keyed.setdefault(about(row), []).append(row)
    for group in keyed.values():
        ordered = sorted(group, key=lambda row: span(row)[0])
        for earlier, later in pairwise(ordered):
            if covers(*span(earlier), span(later)[0]):
                raise Malformed(f"dòng {earlier.id} và {later.id} cùng có hiệu lực từ {span(later)[0]}.", where=where)
