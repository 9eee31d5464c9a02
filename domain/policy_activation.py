"""Putting a row of the law, of a local decision or of a setting in force: by whom, by which document, and when not."""

from datetime import date
from typing import assert_never

from domain.errors import Refusal, RefusalCode
from domain.organisation_kinds import KIND_TITLES
from domain.policy import (
    Activation,
    CapActivated,
    Policy,
    PolicyEvent,
    RateActivated,
    ReliefActivated,
    RoundingActivated,
    SettingActivated,
    ShareActivated,
    WageActivated,
    percent_text,
)
from domain.policy_rows import (
    CONFIDENCE_TITLES,
    SURE,
    CapRow,
    PolicyRow,
    RateRow,
    ReliefRow,
    RoundingRow,
    SettingRow,
    ShareRow,
    WageRow,
    has_known_value,
    is_stated_default,
)
from domain.policy_settings import allowed_text


def activate(
    policy: Policy,
    row: PolicyRow,
    *,
    approver: str,
    document: str,
    decided_on: date,
    allow_draft_with_document: bool,
) -> tuple[PolicyEvent, ...]:
    """Put a row in force, or say why not; the same activation again gives no event.

    Rows seen or derived, and the stated default rounding, may be activated with the file: ``document`` may
    then be empty and the row's own document stands for it. Every other row needs ``allow_draft_with_document`` and
    the number of the deciding document.
    """
    if isinstance(row, SettingRow) and not has_known_value(row):
        raise Refusal(
            RefusalCode.SETTING_NOT_ALLOWED,
            f"Thiết lập {row.name} không nhận giá trị {row.value!r}; cho phép: {allowed_text(row.name)}.",
            row=row.id,
        )
    if not has_known_value(row):
        raise Refusal(
            RefusalCode.POLICY_ROW_UNKNOWN_VALUE,
            f"Dòng {row.id} chưa có mức vì chưa thấy văn bản nào nêu; hãy nhập quyết định có con số.",
            row=row.id,
        )
    with_file = row.confidence in SURE or is_stated_default(row)
    if not with_file and not allow_draft_with_document:
        raise Refusal(
            RefusalCode.POLICY_ROW_IS_DRAFT,
            f"Dòng {row.id} là dự thảo ({CONFIDENCE_TITLES[row.confidence]}): cần người duyệt, số và ngày văn bản.",
            row=row.id,
            confidence=str(row.confidence),
        )
    number = document.strip() or (row.document or "" if with_file else "")
    if not approver.strip() or not number:
        raise Refusal(
            RefusalCode.POLICY_APPROVAL_INCOMPLETE,
            f"Kích hoạt dòng {row.id} phải ghi người duyệt và số văn bản.",
            row=row.id,
        )
    fact = Activation(row_id=row.id, approver=approver.strip(), document=number, decided_on=decided_on)
    existing = policy.activation(row.id)
    if existing is not None:
        if existing == fact and policy.active.find(row.id) == row:
            return ()
        raise Refusal(
            RefusalCode.POLICY_ALREADY_ACTIVE,
            f"Dòng {row.id} đã có hiệu lực theo {existing.document} ({existing.decided_on:%d/%m/%Y}); "
            "mức mới phải là một dòng mới với mã mới.",
            row=row.id,
        )
    if isinstance(row, ShareRow):
        _require_inside_law(policy, row)
    return (_activated(row, fact),)


def _activated(row: PolicyRow, fact: Activation) -> PolicyEvent:
    """The event that carries this kind of row."""
    approver, document, decided_on = fact.approver, fact.document, fact.decided_on
    match row:
        case RateRow():
            return RateActivated(row=row, approver=approver, document=document, decided_on=decided_on)
        case WageRow():
            return WageActivated(row=row, approver=approver, document=document, decided_on=decided_on)
        case CapRow():
            return CapActivated(row=row, approver=approver, document=document, decided_on=decided_on)
        case ReliefRow():
            return ReliefActivated(row=row, approver=approver, document=document, decided_on=decided_on)
        case RoundingRow():
            return RoundingActivated(row=row, approver=approver, document=document, decided_on=decided_on)
        case ShareRow():
            return ShareActivated(row=row, approver=approver, document=document, decided_on=decided_on)
        case SettingRow():
            return SettingActivated(row=row, approver=approver, document=document, decided_on=decided_on)
        case _:
            assert_never(row)


def _require_inside_law(policy: Policy, row: ShareRow) -> None:
    """Refuse a chosen share outside a legal range: its own, or that of the law for the same kind and time.

    A row of the law with one figure is a range of that figure. Drafts of the law bind nobody.
    """
    if row.retain_bp is None:
        return
    limits = [row]
    if row.decision is not None:
        sure_known = (law for law in policy.known.shares if law.confidence in SURE)
        limits += [
            law
            for law in (*policy.active.shares, *sure_known)
            if law.decision is None and law.unit_kind == row.unit_kind and _overlap(law, row)
        ]
    for law in limits:
        low = law.low_bp if law.low_bp is not None else law.retain_bp
        high = law.high_bp if law.high_bp is not None else law.retain_bp
        if low is not None and high is not None and not low <= row.retain_bp <= high:
            raise Refusal(
                RefusalCode.SHARE_OUTSIDE_RANGE,
                f"Tỷ lệ để lại {percent_text(row.retain_bp)} của {KIND_TITLES[row.unit_kind]} nằm ngoài "
                f"khung {percent_text(low)}–{percent_text(high)} của {law.document} (dòng {law.id}).",
                row=row.id,
                law=law.id,
            )


def _overlap(one: ShareRow, other: ShareRow) -> bool:
    """Whether two shares are in force in a common month."""
    return (one.to_period is None or other.from_period <= one.to_period) and (
        other.to_period is None or one.from_period <= other.to_period
    )
