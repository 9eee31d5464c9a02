"""What a reconciliation says to people, in Vietnamese, and how long each thing may stay open."""

from collections.abc import Set
from datetime import date, timedelta

from domain.deadlines import working_days_after
from domain.money import Dong, format_dong
from domain.open_item import KIND_NAMES, DecisionKind
from ledger.reports_reconciliation import LeftoverKind
from reconciliation.facts import CaseFact, DecisionFact, Item, ItemKind, LineFact, NoticeFact, PaymentFact

#: The rules that place a bank line, by the name under which the ledger records them.
RULES = {
    "reference": "mã tham chiếu hợp lệ trong nội dung chuyển khoản",
    "portal-credit": "báo có cho khoản Cổng đã báo, cùng mã tham chiếu và cùng số tiền",
    "witness": "cùng khoản tiền đã biết trước qua báo có tự động của ngân hàng",
    "cash-bag": "mã trên giấy nộp tiền mặt vào tài khoản",
    "remittance-debit": "báo nợ của lệnh nộp cấp trên",
    "remittance-credit": "báo có tiền đơn vị cấp dưới nộp",
    "refund-debit": "báo nợ của khoản hoàn trả",
    "suspense": "lúc nhập chưa rõ của ai, đã có người xác định",
    "settlement-lump": "khoản gộp của kênh, cộng đúng quyết toán",
    "settlement-returned": "ngân hàng thu lại khoản gộp của kênh",
    "settlement-waits": "khoản gộp của kênh, quyết toán đến sau",
    "settled-credit": "báo có trừ phí mà quyết toán của kênh đã nêu",
    "known": "khoản tiền đã có trong sổ",
    "conflict": "cùng mã giao dịch, số tiền khác",
}

#: What a line is that is not dues.
NOT_DUES = {
    "bank-fee": "Phí ngân hàng",
    "interest": "Lãi tiền gửi",
    "state-funding": "Kinh phí ngân sách cấp",
    "spending": "Chi của đơn vị",
}

_ITEMS = {
    ItemKind.OPENING: "số dư đầu kỳ",
    ItemKind.BANK_PAYMENT: "khoản thu qua tài khoản",
    ItemKind.PORTAL_PAYMENT: "khoản Cổng báo đã thu",
    ItemKind.CASH_BAG: "túi tiền mặt nộp ngân hàng",
    ItemKind.SENDING: "lượt nộp cấp trên",
    ItemKind.RECEIPT: "tiền cấp dưới nộp",
    ItemKind.REFUND: "khoản chi hoàn trả",
    ItemKind.FAILED_REFUND: "khoản hoàn trả bị trả lại",
    ItemKind.NAMED: "khoản đã đặt tên ngoài đảng phí",
    ItemKind.SETTLEMENT: "phần kênh thu trừ, cộng vào khoản gộp",
    ItemKind.LUMP_RETURNED: "khoản gộp ngân hàng thu lại",
    ItemKind.CHANNEL_CASE: "khoản kênh lấy lại hoặc trả lại theo vụ",
    ItemKind.OTHER: "bút toán khác",
}

#: Working days that the chart allows before the bank must show something (accounting §2).
_WORKING_DAYS = {
    ItemKind.PORTAL_PAYMENT: 2,
    ItemKind.CASH_BAG: 3,
    ItemKind.SENDING: 3,
    ItemKind.BANK_PAYMENT: 2,
    ItemKind.REFUND: 3,
}
#: Calendar days for money of unknown owner (accounting §2, account 3380).
SUSPENSE_DAYS = 30


def due_on(kind: LeftoverKind, on: date, item: Item | None, days_off: Set[date] = frozenset()) -> date | None:
    """The last day on which this may still be open, where the chart sets one; ``days_off`` are public holidays."""
    if kind is LeftoverKind.UNIDENTIFIED:
        return on + timedelta(days=SUSPENSE_DAYS)
    if kind is LeftoverKind.MISSING_AT_BANK and item is not None and item.kind in _WORKING_DAYS:
        return working_days_after(on, _WORKING_DAYS[item.kind], days_off)
    return None


def signed(amount: Dong) -> str:
    """An amount with its direction: «vào 50.000 đ» or «ra 35.000 đ»."""
    return f"{'vào' if amount >= 0 else 'ra'} {format_dong(abs(amount))} đ"


def rule_title(rule: str | None) -> str:
    """The rule in words; a rule that is not in the list is named as recorded."""
    if rule is None:
        return "chứng từ trong sổ nêu đúng dòng sao kê này"
    return RULES.get(rule) or NOT_DUES.get(rule) or f"quy tắc «{rule}»"


#: How many items of a lump are named in its sentence; the rest is counted.
_NAMED = 4


def why_matched(line: LineFact, items: tuple[Item, ...], book_on: date, payment: PaymentFact | None) -> str:
    """Rule, amounts, account and dates of a matched pair."""
    told = " + ".join(_told(item) for item in items[:_NAMED])
    if len(items) > _NAMED:
        told += f" và {len(items) - _NAMED} khoản khác"
    days = (line.booked_on - book_on).days
    when = (
        f"cùng ngày {line.booked_on:%d/%m/%Y}"
        if days == 0
        else f"sổ ngày {book_on:%d/%m/%Y}, ngân hàng ngày {line.booked_on:%d/%m/%Y} "
        f"({'chậm' if days > 0 else 'sớm'} {abs(days)} ngày)"
    )
    rule = rule_title(line.rule)
    parts = [f"{rule[0].upper()}{rule[1:]}: {told}", f"{signed(line.amount)} khớp từng đồng", when]
    if line.references:
        parts.append(f"mã {', '.join(line.references)}")
    if payment is not None:
        parts += _about(payment)
    parts.append(f"tài khoản {line.account_id}")
    return "; ".join(parts) + "."


def _told(item: Item) -> str:
    on = f" ngày {item.on:%d/%m/%Y}" if item.kind in _WORKING_DAYS else ""
    return f"{_ITEMS[item.kind]} {_short(item.subject)}{on}"


def _about(payment: PaymentFact) -> list[str]:
    told = []
    if payment.notified and payment.source != "portal":
        told.append("Cổng cũng báo khoản này")
    if payment.converted:
        told.append(f"trong đó {format_dong(payment.converted)} đ là tiền mặt đã thu, nay nộp qua Cổng")
    if payment.credit:
        told.append(f"trong đó {format_dong(payment.credit)} đ là đóng thừa")
    if payment.released:
        told.append("đã tách khỏi tiền chưa xác định để hoàn trả")
    return told


def _short(subject: str) -> str:
    """A payment by the channel's own number; everything else by its id."""
    channel, _, number = subject.partition("/")
    named = number if channel.startswith(("bank:", "cash:")) else f"{number} (Cổng)" if channel == "portal" else subject
    return named if len(named) <= 40 else f"{named[:37]}…"


def what_is_left(
    kind: LeftoverKind, line: LineFact | None, items: tuple[Item, ...], book: Dong | None, payment: PaymentFact | None
) -> str:
    """What is left over, in one sentence."""
    told = " + ".join(f"{_ITEMS[item.kind]} {_short(item.subject)}" for item in items)
    match kind:
        case LeftoverKind.MISSING_IN_BOOK if line is not None:
            return _unplaced(line)
        case LeftoverKind.MISSING_AT_BANK:
            if not book:
                return f"Sổ ghi {told} rồi điều chỉnh hết; ngân hàng không có giao dịch."
            return f"Sổ có {told}, {signed(book)}; sao kê chưa có dòng nào."
        case LeftoverKind.AMOUNT_DIFFERS if line is not None:
            stated = f"Sổ: {told}, {signed(book or 0)}; ngân hàng: {signed(line.amount)}"
            return f"{stated}; lệch {format_dong(abs(line.amount - (book or 0)))} đ."
        case LeftoverKind.DUPLICATE if payment is not None:
            earlier = payment.same_reference
            told = f" (đã có {_short(earlier)} cùng mã)" if earlier else " (tháng này đã đóng đủ bằng khoản khác)"
            return f"Đóng thêm một lần cho khoản đã đủ{told}; {format_dong(payment.credit)} đ ghi vào đóng thừa."
        case LeftoverKind.UNIDENTIFIED if payment is not None:
            return f"Tiền vào chưa biết của ai: {format_dong(payment.waiting)} trên {format_dong(payment.amount)} đ."
        case _:
            return told


def _unplaced(line: LineFact) -> str:
    told = f"Ngân hàng ghi tiền {signed(line.amount)}, sổ chưa có bút toán"
    if line.is_reversal:
        return f"{told}; ngân hàng đánh dấu đây là dòng đảo của một giao dịch trước."
    if line.rule == "settlement-waits":
        return f"{told}: đây là khoản gộp {line.target} của kênh, chờ quyết toán khớp từng dòng (dangphi settlement)."
    if line.rule is not None:
        return f"{told} cho dòng này; dòng mang mã giao dịch của khoản khác ({line.target})."
    if line.references:
        return f"{told}; nội dung có mã {', '.join(line.references)} nhưng chưa đặt được vào yêu cầu nào."
    return f"{told}; nội dung không có mã tham chiếu."


def returned(line: LineFact, original: LineFact) -> str:
    """What the bank turned round and the book has not."""
    back = line.is_reversal or line.amount < 0
    which = "dòng đảo" if line.is_reversal else "lấy lại tiền đã báo có" if back else "giao dịch đã bị đảo"
    named = f"{original.bank_reference or original.key[:12]} ngày {original.booked_on:%d/%m/%Y}"
    return f"Ngân hàng ghi {signed(line.amount)}, {which}; giao dịch đối ứng: {named}. Sổ chưa ghi."


def next_step(
    kind: LeftoverKind, line: LineFact | None, item: Item | None, book: Dong | None, *, by_channel: bool = False
) -> str:
    """What the owner has to do; ``by_channel``: a channel and no bank account is to move it."""
    match kind:
        case LeftoverKind.MISSING_AT_BANK if by_channel and item is not None and item.kind in _BY_CHANNEL:
            return "Chờ kênh tính vào đợt trả tới; quá hạn thì yêu cầu kênh quyết toán khoản này."
        case LeftoverKind.MISSING_IN_BOOK if line is not None and line.amount < 0:
            return "Đặt tên dòng tiền ra (phí, chi) hoặc ghi lệnh nộp, hoàn trả còn thiếu; không rõ thì tra soát."
        case LeftoverKind.MISSING_IN_BOOK:
            return "Ghi dòng vào đúng yêu cầu hoặc đặt tên (lãi, ngân sách cấp); dòng đảo thì ghi theo giao dịch gốc."
        case LeftoverKind.MISSING_AT_BANK:
            return _await(item, book)
        case LeftoverKind.AMOUNT_DIFFERS if item is not None and item.kind is ItemKind.SENDING:
            return "Tra soát lệnh nộp: giải trình rồi điều chỉnh giảm số đã ghi gửi, gửi tiếp phần còn thiếu."
        case LeftoverKind.AMOUNT_DIFFERS if item is not None and item.kind is ItemKind.CASH_BAG:
            return "Lập biên bản đối chiếu túi tiền với giấy nộp tiền; ghi thiếu hoặc thừa theo biên bản."
        case LeftoverKind.AMOUNT_DIFFERS:
            return "Đối chiếu thông báo với sao kê; lấy số ngân hàng làm căn cứ và yêu cầu bên báo sai đính chính."
        case LeftoverKind.DUPLICATE:
            return "Hỏi đảng viên: chuyển sang tháng sau hoặc đề nghị hoàn trả."
        case LeftoverKind.UNIDENTIFIED:
            return "Xác định người nộp và căn cứ; quá hạn thì lập đề nghị trả lại người chuyển."
        case LeftoverKind.RETURNED:
            return "Ghi trả lại theo giao dịch gốc (gỡ khoản đã thu hoặc ghi hoàn trả), rồi đối chiếu lại."
        case LeftoverKind.STATEMENT_GAP:
            return "Xin ngân hàng sao kê của những ngày còn thiếu và nhập vào sổ; kiểm lại số dư đầu kỳ đã ký."
        case LeftoverKind.NOTIFICATION_REJECTED:
            return "Kiểm tra nguồn gửi; nếu là thông báo thật, yêu cầu gửi lại đúng mã, chữ ký và định dạng."


#: What a channel nets from its next lump, or adds to it.
_BY_CHANNEL = (ItemKind.REFUND, ItemKind.FAILED_REFUND, ItemKind.SETTLEMENT, ItemKind.CHANNEL_CASE)

#: What to do about money that a channel took back.
CASE_STEP = "Gửi chứng cứ cho kênh; mất thì quyết định: đơn vị chịu (bear-loss) hoặc mở lại nghĩa vụ (open-again)."
#: What to do about a transfer that a member told of.
TRANSFER_STEP = "Nhập sao kê mới; quá hạn chờ thì hỏi lại đảng viên hoặc gỡ lời báo để thu lại."

_CASE_WORDS = {
    "opened": "đã mở",
    "withdrawn": "đã trừ tiền",
    "reinstated": "đã trả lại một phần",
    "won": "đã thắng, chờ kênh trả lại",
    "lost": "đã thua",
    "settled": "đã quyết toán",
    "closed": "đã quyết định một phần",
    "reopened": "đã gỡ quyết định",
}


def about_case(case: CaseFact, missing: Dong) -> str:
    """What is missing in a case of a channel."""
    of = "" if case.payment_id is None else f" về khoản {_short(case.payment_id)}"
    word = _CASE_WORDS.get(case.word, case.word)
    told = "còn thiếu" if missing > 0 else "kênh trả lại thừa"
    return f"Vụ {case.case.removeprefix('case:')}{of}: {word}; {told} {format_dong(abs(missing))} đ."


def about_transfer(reference: str, amount: Dong, told_on: date) -> str:
    """What a member said."""
    return (
        f"Đảng viên báo ngày {told_on:%d/%m/%Y} đã chuyển {format_dong(amount)} đ, mã {reference}; ngân hàng chưa báo."
    )


def _await(item: Item | None, book: Dong | None) -> str:
    if not book:
        return "Không phải làm gì thêm."
    match None if item is None else item.kind:
        case ItemKind.PORTAL_PAYMENT:
            return "Chờ báo có T+2; quá hạn thì tra soát với Cổng và ngân hàng theo mã giao dịch."
        case ItemKind.CASH_BAG:
            return "Hỏi ngân hàng theo giấy nộp tiền; quá 3 ngày làm việc thì báo cấp ủy."
        case ItemKind.SENDING:
            return "Kiểm tra lệnh đã được ngân hàng thực hiện chưa; nếu không, điều chỉnh lượt gửi và gửi lại."
        case ItemKind.REFUND:
            return "Kiểm tra lệnh chi hoàn trả tại ngân hàng; nếu bị trả lại thì ghi chi không thành."
        case ItemKind.BANK_PAYMENT:
            return "Nhập sao kê của ngày này; nếu sao kê đã có mà thiếu dòng, tra soát báo có tự động."
        case _:
            return "Nhập sao kê của ngày này hoặc kiểm tra lại bút toán."


def follow_up(*, debited: bool, disputed: bool) -> str:
    """What to do about a remittance that is under way."""
    if disputed:
        return "Trả lời tra soát của cấp trên; nếu ghi sai thì điều chỉnh lượt gửi."
    if debited:
        return "Ngân hàng đã ghi nợ; chờ cấp trên báo có, quá hạn thì gửi giấy tra soát."
    return "Chưa thấy báo nợ; kiểm tra lệnh tại ngân hàng rồi mới hỏi cấp trên."


def settled_later(on: date) -> str:
    """The next step of what was open at the end of the span and is known to be settled since."""
    return f"Đã xong ngày {on:%d/%m/%Y}, sau kỳ đối chiếu; chỉ theo dõi."


def about_notice(notice: NoticeFact, seen: Dong | None) -> str:
    """What is wrong with a notification; ``seen`` is what the bank credited under the same reference."""
    name = _short(f"{notice.source}/{notice.outside_reference}")
    stated = "" if notice.stated is None else f" báo {format_dong(notice.stated)} đ"
    if notice.rejected:
        return f"Thông báo {name}{stated} bị từ chối: {notice.code}."
    told = {
        "amount-differs": "khác số tiền của yêu cầu",
        "unknown-reference": "mang mã không có trong sổ",
        "other-content": "trùng mã giao dịch nhưng khác nội dung đã nhận",
    }.get(notice.code, notice.code)
    asked = "" if notice.expected is None else f" (cần {format_dong(notice.expected)} đ)"
    bank = "" if seen is None else f"; ngân hàng báo có {format_dong(seen)} đ và sổ ghi theo ngân hàng"
    return f"Thông báo {name}{stated}, {told}{asked}; không ghi sổ{bank}."


def about_jump(is_first: bool, expected: Dong, stated: Dong) -> str:
    """Why a statement does not begin where the one before ended."""
    before = "sổ mở đầu" if is_first else "các dòng trước đó đưa đến"
    lack = "Số dư đầu kỳ đã ký khác sao kê" if is_first else "Thiếu sao kê ở giữa"
    return f"{lack}: sao kê mở đầu {format_dong(stated)} đ, {before} {format_dong(expected)} đ."


# --- who, what was decided, why -----------------------------------------------------------------------------------


def role(kind: LeftoverKind, item: Item | None) -> str:
    """The office that has to act."""
    if item is not None and item.kind is ItemKind.CASH_BAG:
        return "thủ quỹ"
    if item is not None and item.kind in (ItemKind.SENDING, ItemKind.REFUND):
        return "kế toán, chủ tài khoản"
    return "chi ủy viên thu đảng phí" if kind is LeftoverKind.DUPLICATE else "kế toán"


_DECISIONS = {
    "identify": "xác định người nộp",
    "split": "chia cho nhiều đảng viên",
    "duplicate": "coi là đóng trùng",
    "return": "trả lại người chuyển",
    "reject": "không nhận, trả lại",
    "write-off": "ghi thu khác",
    "accept-fee": "nhận phần phí bị trừ",
    "lump": "là khoản trả gộp của kênh",
    "bear-loss": "đơn vị chịu phần kênh lấy lại",
    "open-again": "mở lại nghĩa vụ",
}


def decision(made: DecisionFact) -> str:
    """A decision in words: «chờ đến 15/08/2026 vì …»."""
    what = _DECISIONS.get(made.kind) or KIND_NAMES[DecisionKind(made.kind)]
    if made.until is not None:
        what = f"chờ đến {made.until:%d/%m/%Y}"
    waits = "" if made.holds else " (chờ người thứ hai duyệt)"
    return f"{what} vì {made.reason}; {made.decision_id}, {made.by} ngày {made.on:%d/%m/%Y}{waits}"


def why_at_import(line: LineFact) -> tuple[str, str]:
    """Rule and main evidence of a line placed at import, and why no other was taken; all from what was recorded."""
    if line.references and line.rule in ("reference", "portal-credit", "cash-bag", "remittance-debit"):
        why = f"{rule_title(line.rule)}: {', '.join(line.references)}"
        return why, "không xét khoản khác: chỉ một yêu cầu mang mã này"
    if line.rule == "witness":
        return f"{rule_title(line.rule)}, số giao dịch {line.bank_reference}", "không xét khoản khác: cùng số giao dịch"
    return rule_title(line.rule), "không xét khoản khác: quy tắc lúc nhập chỉ nhận một khoản"


def why_left(kind: LeftoverKind, line: LineFact | None) -> str:
    """Why nothing was matched, from what was recorded at import."""
    if line is None:
        return "chưa có dòng sao kê nào dẫn tới"
    if line.rule == "suspense" and kind is LeftoverKind.UNIDENTIFIED:
        told = f"có mã {', '.join(line.references)} nhưng không dùng được" if line.references else "không có mã hợp lệ"
        return f"nội dung {told}; không quy tắc nào đủ căn cứ để tự ghi"
    if line.rule is not None:
        return rule_title(line.rule)
    if line.references:
        return f"nội dung có mã {', '.join(line.references)}, không yêu cầu nào đang mở nhận được khoản này"
    return "nội dung không có mã tham chiếu hợp lệ"
