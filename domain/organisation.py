"""The tree of Party organisations: kinds, parents, bank accounts, and who holds whose receiving account.

One stream per shard ("organisation"), so that what must hold over the whole tree (a parent exists, a holder stands
above) is decided in one place. ``Organisation.units`` is the tree as recorded so far; as it stood on a day is asked
with ``on``.
"""

from collections.abc import Iterator
from datetime import date

from domain.errors import Refusal, RefusalCode
from domain.identifiers import AccountId, UnitId, account_id
from domain.organisation_history import on
from domain.organisation_kinds import CELL_KINDS
from domain.organisation_state import (
    EMPTY,
    STREAM,
    AccountRegistered,
    Builder,
    Channel,
    HolderAssigned,
    Organisation,
    OrganisationEvent,
    UnitRegistered,
    WageRegionAssigned,
    changed,
    evolve,
    fold,
)

__all__ = [
    "EMPTY",
    "STREAM",
    "AccountRegistered",
    "Builder",
    "Channel",
    "HolderAssigned",
    "Organisation",
    "OrganisationEvent",
    "UnitRegistered",
    "WageRegionAssigned",
    "account",
    "account_by_number",
    "assign_holder",
    "assign_region",
    "by_code",
    "changed",
    "children",
    "code_taken",
    "evolve",
    "fold",
    "is_within",
    "on",
    "outside",
    "owner",
    "path_up",
    "receiving_place",
    "region_of",
    "register_account",
    "register_unit",
    "require_living",
    "subtree",
    "superior",
    "unit",
]


# --- Questions --------------------------------------------------------------------------------------------------


def unit(state: Organisation, unit_id: UnitId) -> UnitRegistered:
    """The unit, or a refusal that names what is unknown."""
    found = state.units.get(unit_id)
    if found is None:
        raise Refusal(
            RefusalCode.UNKNOWN_UNIT,
            f"Không có đơn vị {unit_id!r} trong cây tổ chức. Kiểm tra mã đơn vị hoặc nhập danh sách tổ chức trước.",
        )
    return found


def by_code(state: Organisation, code: str) -> UnitRegistered:
    """The unit with this code, or a refusal."""
    found = state.codes.get(code)
    if found is not None:
        return state.units[found]
    raise Refusal(RefusalCode.UNKNOWN_UNIT, f"Không có đơn vị mang mã {code!r}. Kiểm tra cột mã đơn vị.")


def superior(state: Organisation, unit_id: UnitId) -> UnitRegistered | None:
    """The direct superior, or None at the top."""
    parent = unit(state, unit_id).parent_id
    return None if parent is None else unit(state, parent)


def path_up(state: Organisation, unit_id: UnitId) -> Iterator[UnitRegistered]:
    """The unit and all above it, from the bottom up; above a unit that ended stands whoever keeps its books."""
    current: UnitRegistered | None = unit(state, unit_id)
    while current is not None:
        yield current
        ended = state.ended.get(current.unit_id)
        above = current.parent_id if ended is None else ended.successor_id
        current = None if above is None else unit(state, above)


def owner(state: Organisation, unit_id: UnitId) -> UnitId:
    """The unit itself, or the living unit that took its balances over."""
    found = unit_id
    while (ended := state.ended.get(found)) is not None:
        found = ended.successor_id
    return found


def require_living(state: Organisation, unit_id: UnitId) -> UnitRegistered:
    """The unit, or a refusal that names its successor if it has ended."""
    found = unit(state, unit_id)
    ended = state.ended.get(unit_id)
    if ended is not None:
        after = unit(state, owner(state, unit_id))
        raise Refusal(
            RefusalCode.UNIT_ENDED,
            f"{found.name} đã kết thúc từ {ended.effective_from:%d/%m/%Y} theo {ended.decision}; sổ cũ chỉ để xem. "
            f"Việc này làm tại {after.name} ({after.code}).",
        )
    return found


def require_own_members(state: Organisation, unit_id: UnitId) -> UnitRegistered:
    """The living unit, or a refusal if members belong to the cells beneath it and not to itself.

    A member belongs to a cell: a unit of such a kind, or one that is not divided further.
    """
    found = require_living(state, unit_id)
    below = children(state, unit_id)
    if found.kind in CELL_KINDS or not below:
        return found
    named = ", ".join(f"{one.name} ({one.code})" for one in below[:5]) + ("…" if len(below) > 5 else "")
    raise Refusal(
        RefusalCode.UNIT_HAS_NO_MEMBERS,
        f"{found.name} ({found.code}) có đơn vị trực thuộc, không có đảng viên sinh hoạt trực tiếp. Chọn chi bộ bên "
        f"dưới: {named}.",
    )


def is_within(state: Organisation, unit_id: UnitId, root: UnitId) -> bool:
    """Whether the unit is ``root`` or lies beneath it."""
    return any(found.unit_id == root for found in path_up(state, unit_id))


def children(state: Organisation, unit_id: UnitId) -> tuple[UnitRegistered, ...]:
    """Direct subordinates that have not ended, in order of their codes."""
    return tuple(sorted((state.units[u] for u in state.below.get(unit_id, ())), key=lambda u: u.code))


def subtree(state: Organisation, root: UnitId) -> tuple[UnitRegistered, ...]:
    """The unit and everything beneath it, superiors before subordinates."""
    found = [unit(state, root)]
    for parent in found:
        found.extend(children(state, parent.unit_id))
    return tuple(found)


def account(state: Organisation, account: AccountId) -> AccountRegistered:
    """The bank account, or a refusal."""
    found = state.accounts.get(account)
    if found is None:
        raise Refusal(
            RefusalCode.UNKNOWN_ACCOUNT,
            f"Không có tài khoản {account!r} trong sổ. Đăng ký tài khoản của đơn vị trước.",
        )
    return found


def account_by_number(state: Organisation, number: str) -> AccountRegistered | None:
    """The registered account with this number, if there is exactly one."""
    found = [a for a in state.accounts.values() if a.number == number]
    return found[0] if len(found) == 1 else None


def receiving_place(state: Organisation, unit_id: UnitId, channel: Channel, on: date) -> HolderAssigned:
    """Who receives the unit's money over a channel on a day, or a refusal if nobody was named."""
    rows = [row for row in state.holders.get((unit_id, channel), ()) if row.effective_from <= on]
    if not rows:
        raise Refusal(
            RefusalCode.NO_RECEIVING_ACCOUNT,
            f"Đơn vị {unit(state, unit_id).name} chưa có nơi nhận tiền qua kênh {channel} ngày {on:%d/%m/%Y}. "
            "Khai báo tài khoản của đơn vị hoặc đơn vị cấp trên giữ hộ.",
        )
    # Of two from one day the later recorded one counts: two acts may happen on a day.
    return max(reversed(rows), key=lambda row: row.effective_from)


def region_of(state: Organisation, unit_id: UnitId) -> str | None:
    """The wage region of the unit or of the nearest unit above that has one."""
    for found in path_up(state, unit_id):
        if found.unit_id in state.regions:
            return state.regions[found.unit_id].region
    return None


# --- Decisions --------------------------------------------------------------------------------------------------


def register_unit(state: Organisation, asked: UnitRegistered) -> tuple[UnitRegistered, ...]:
    """Register a unit; the same again adds nothing, the same id or code with other content is refused."""
    if asked.parent_id is not None:
        # What was registered before its superior ended is known; only a new unit needs a living one.
        (unit if asked.unit_id in state.first else require_living)(state, asked.parent_id)
    known = state.first.get(asked.unit_id)
    if known == asked:
        return ()
    if known is not None or code_taken(state, asked.code):
        raise Refusal(
            RefusalCode.UNIT_EXISTS_OTHERWISE,
            f"Đơn vị mã {asked.code} đã có với nội dung khác. Đổi tên, đổi cấp phải bằng quyết định riêng.",
        )
    return (asked,)


def code_taken(state: Organisation, code: str) -> bool:
    """Whether a living unit has this code now."""
    holder = state.codes.get(code)
    return holder is not None and holder not in state.ended and state.units[holder].code == code


def register_account(
    state: Organisation, *, unit_id: UnitId, bin_: str, number: str, holder_name: str, effective_from: date
) -> tuple[AccountRegistered, ...]:
    """Register a unit's bank account; the same again adds nothing."""
    unit(state, unit_id)
    asked = AccountRegistered(
        account_id=account_id(bin_, number),
        unit_id=unit_id,
        bin=bin_,
        number=number,
        holder_name=holder_name,
        effective_from=effective_from,
    )
    known = state.accounts.get(asked.account_id)
    if known == asked:
        return ()
    if known is not None:
        raise Refusal(RefusalCode.UNIT_EXISTS_OTHERWISE, f"Tài khoản {asked.account_id} đã đăng ký với nội dung khác.")
    return (asked,)


def assign_holder(state: Organisation, asked: HolderAssigned) -> tuple[HolderAssigned, ...]:
    """Name who receives a unit's money over a channel: itself or a unit above it, with that unit's own account."""
    if not is_within(state, asked.unit_id, asked.holder_id):
        raise Refusal(
            RefusalCode.HOLDER_NOT_ABOVE,
            f"Đơn vị giữ hộ {asked.holder_id} phải là chính đơn vị {asked.unit_id} hoặc cấp trên của đơn vị đó.",
        )
    if asked.account_id is not None and account(state, asked.account_id).unit_id != asked.holder_id:
        raise Refusal(
            RefusalCode.UNKNOWN_ACCOUNT,
            f"Tài khoản {asked.account_id} không phải của đơn vị giữ hộ {asked.holder_id}.",
        )
    if (asked.channel is Channel.CASH) != (asked.account_id is None):
        raise Refusal(
            RefusalCode.UNKNOWN_ACCOUNT,
            f"Kênh {asked.channel} của {asked.unit_id}: kênh ngân hàng và Cổng cần tài khoản, tiền mặt thì không.",
        )
    return () if asked in state.holders.get((asked.unit_id, asked.channel), ()) else (asked,)


def assign_region(state: Organisation, asked: WageRegionAssigned) -> tuple[WageRegionAssigned, ...]:
    """Name the wage region of a unit; the same again adds nothing."""
    unit(state, asked.unit_id)
    return () if state.regions.get(asked.unit_id) == asked else (asked,)


def outside(unit_id: UnitId, root: UnitId) -> Refusal:
    """The refusal for a unit that does not lie beneath the one whose officer acts."""
    return Refusal(
        RefusalCode.NOT_ALLOWED,
        f"Đơn vị {unit_id} không thuộc phạm vi của {root}; chỉ làm được với đơn vị trong phạm vi quản lý.",
    )
