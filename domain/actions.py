"""What can be asked of the ledger, the offices that act in it, and which office may ask for what."""

from enum import StrEnum


class Role(StrEnum):
    """Offices that act in the ledger (security-privacy §4)."""

    SECRETARY = "secretary"  #: bí thư / phó bí thư
    COLLECTOR = "collector"  #: chi ủy viên thu đảng phí
    ACCOUNTANT = "accountant"  #: kế toán Đảng
    CASHIER = "cashier"  #: thủ quỹ
    COMMITTEE = "committee"  #: T/M cấp ủy, chủ tài khoản
    OFFICE = "office"  #: Văn phòng Đảng ủy
    INSPECTOR = "inspector"  #: Ủy ban Kiểm tra


class Action(StrEnum):
    """Everything that can be asked of the ledger."""

    SET_UP = "set-up"
    GRANT_ROLE = "grant-role"
    ACTIVATE_POLICY = "activate-policy"
    IMPORT_ROSTER = "import-roster"
    ENTER_OPENING = "enter-opening"
    SIGN_OPENING = "sign-opening"
    ASSESS = "assess"
    REQUEST_PAYMENT = "request-payment"
    OPEN_ATTEMPT = "open-attempt"
    TELL_TRANSFER = "tell-transfer"
    PREPARE_COLLECTION = "prepare-collection"
    RECORD_CASH = "record-cash"
    HAND_OVER_CASH = "hand-over-cash"
    IMPORT_STATEMENT = "import-statement"
    PLACE_MONEY = "place-money"
    RECEIVE_NOTICE = "receive-notice"
    ISSUE_RECEIPT = "issue-receipt"
    DECLARE = "declare"
    PREPARE_REMITTANCE = "prepare-remittance"
    APPROVE_REMITTANCE = "approve-remittance"
    SEND_REMITTANCE = "send-remittance"
    ACKNOWLEDGE_REMITTANCE = "acknowledge-remittance"
    DISPUTE_REMITTANCE = "dispute-remittance"
    CORRECT_REMITTANCE = "correct-remittance"
    RESTATE_DUES = "restate-dues"
    APPLY_RELIEF = "apply-relief"
    DECIDE_RELIEF = "decide-relief"
    DECIDE_SURPLUS = "decide-surplus"
    SET_AMOUNT = "set-amount"
    REQUEST_REFUND = "request-refund"
    APPROVE_REFUND = "approve-refund"
    PAY_REFUND = "pay-refund"
    CLOSE_MONTH = "close-month"
    CLOSE_DAY = "close-day"
    CONFIRM_CLOSE = "confirm-close"
    REOPEN_MONTH = "reopen-month"
    CORRECT_ENTRY = "correct-entry"
    APPROVE_CORRECTION = "approve-correction"
    KEEP_RECEIPTS = "keep-receipts"
    COUNT_CASH = "count-cash"
    RESOLVE_COUNT = "resolve-count"
    HAND_OVER_CUSTODY = "hand-over-custody"
    PROPOSE_SPENDING = "propose-spending"
    APPROVE_SPENDING = "approve-spending"
    CLOSE_FUND_YEAR = "close-fund-year"
    MOVE_MEMBERS = "move-members"
    PREPARE_BOOK = "prepare-book"
    SIGN_BOOK = "sign-book"
    SET_REPORT_COLUMN = "set-report-column"
    RESTRUCTURE = "restructure"
    SIGN_HANDOVER = "sign-handover"
    READ = "read"
    READ_MESSAGE = "read-message"


_CELL_WORK = frozenset(
    {
        Action.READ,
        Action.OPEN_ATTEMPT,
        Action.TELL_TRANSFER,
        Action.PREPARE_COLLECTION,
        Action.RECORD_CASH,
        Action.HAND_OVER_CASH,
    }
)

#: Closing months, setting entries right and keeping receipts: whoever keeps a unit's book.
_CONFIRMING = frozenset({Action.CONFIRM_CLOSE, Action.REOPEN_MONTH, Action.APPROVE_CORRECTION})
_BOOKKEEPING = _CONFIRMING | {
    Action.CLOSE_MONTH,
    Action.CLOSE_DAY,
    Action.CORRECT_ENTRY,
    Action.KEEP_RECEIPTS,
}

#: What each action is called in messages.
ACTION_NAMES: dict[Action, str] = {
    Action.SET_UP: "lập cây tổ chức",
    Action.GRANT_ROLE: "giao quyền",
    Action.ACTIVATE_POLICY: "kích hoạt quy định",
    Action.IMPORT_ROSTER: "nhập danh sách đảng viên",
    Action.ENTER_OPENING: "nhập số dư đầu kỳ",
    Action.SIGN_OPENING: "ký số dư đầu kỳ",
    Action.ASSESS: "tính mức đóng",
    Action.REQUEST_PAYMENT: "lập yêu cầu nộp",
    Action.OPEN_ATTEMPT: "mở lượt thanh toán",
    Action.PREPARE_COLLECTION: "lập danh sách đi thu tiền mặt",
    Action.TELL_TRANSFER: "ghi nhận đảng viên báo đã chuyển tiền",
    Action.RECORD_CASH: "thu tiền mặt",
    Action.HAND_OVER_CASH: "nộp, bàn giao tiền mặt",
    Action.IMPORT_STATEMENT: "nhập sao kê",
    Action.PLACE_MONEY: "phân loại, xác định tiền",
    Action.RECEIVE_NOTICE: "nhận thông báo",
    Action.ISSUE_RECEIPT: "lập biên lai",
    Action.DECLARE: "chốt kỳ",
    Action.PREPARE_REMITTANCE: "lập lệnh nộp",
    Action.APPROVE_REMITTANCE: "duyệt lệnh nộp",
    Action.SEND_REMITTANCE: "gửi tiền nộp cấp trên",
    Action.ACKNOWLEDGE_REMITTANCE: "xác nhận đã nhận",
    Action.DISPUTE_REMITTANCE: "tra soát",
    Action.CORRECT_REMITTANCE: "giải trình, điều chỉnh",
    Action.RESTATE_DUES: "tính lại mức đóng",
    Action.APPLY_RELIEF: "ghi đơn miễn giảm, đề nghị đóng thêm",
    Action.DECIDE_RELIEF: "quyết định miễn giảm",
    Action.DECIDE_SURPLUS: "quyết định nhận khoản đóng thêm",
    Action.SET_AMOUNT: "ghi mức đóng do cấp có thẩm quyền ấn định",
    Action.REQUEST_REFUND: "đề nghị hoàn trả",
    Action.APPROVE_REFUND: "duyệt hoàn trả",
    Action.PAY_REFUND: "chi trả khoản hoàn",
    Action.CLOSE_MONTH: "khoá sổ tháng",
    Action.CLOSE_DAY: "chốt ngày của tài khoản",
    Action.CONFIRM_CLOSE: "xác nhận khoá sổ",
    Action.REOPEN_MONTH: "mở lại sổ tháng",
    Action.CORRECT_ENTRY: "điều chỉnh bút toán",
    Action.APPROVE_CORRECTION: "duyệt điều chỉnh",
    Action.KEEP_RECEIPTS: "in, huỷ biên lai, lưu danh sách ký",
    Action.COUNT_CASH: "kiểm quỹ",
    Action.RESOLVE_COUNT: "quyết định xử lý thừa, thiếu quỹ",
    Action.HAND_OVER_CUSTODY: "bàn giao, nhận bàn giao quỹ",
    Action.PROPOSE_SPENDING: "lập phiếu thu, phiếu chi",
    Action.APPROVE_SPENDING: "duyệt, huỷ phiếu thu, phiếu chi",
    Action.CLOSE_FUND_YEAR: "kết chuyển nguồn cuối năm",
    Action.MOVE_MEMBERS: "ghi biến động đảng viên",
    Action.PREPARE_BOOK: "lập và ký sổ, báo cáo",
    Action.SIGN_BOOK: "ký sổ, báo cáo thay mặt cấp ủy",
    Action.SET_REPORT_COLUMN: "xếp cột báo cáo B01",
    Action.RESTRUCTURE: "lập, thực hiện phương án sắp xếp tổ chức",
    Action.SIGN_HANDOVER: "ký bàn giao",
    Action.READ: "xem",
    Action.READ_MESSAGE: "xem nguyên văn tin của kênh thanh toán",
}

#: What each role may do within its unit and beneath it.
ROLE_ACTIONS: dict[Role, frozenset[Action]] = {
    Role.COLLECTOR: _CELL_WORK
    | _BOOKKEEPING
    | {
        Action.PREPARE_REMITTANCE,
        Action.SEND_REMITTANCE,
        Action.CORRECT_REMITTANCE,
        Action.APPLY_RELIEF,
        Action.REQUEST_REFUND,
        Action.COUNT_CASH,
        Action.HAND_OVER_CUSTODY,
        Action.PROPOSE_SPENDING,
        Action.PREPARE_BOOK,
    },
    Role.SECRETARY: _CELL_WORK
    | _BOOKKEEPING
    | {
        Action.MOVE_MEMBERS,
        Action.APPROVE_REMITTANCE,
        Action.DECLARE,
        Action.SIGN_HANDOVER,
        Action.SIGN_OPENING,
        Action.APPROVE_REFUND,
        Action.RESTATE_DUES,
        Action.APPLY_RELIEF,
        Action.DECIDE_RELIEF,
        Action.DECIDE_SURPLUS,
        Action.RESOLVE_COUNT,
        Action.APPROVE_SPENDING,
        Action.SIGN_BOOK,
    },
    Role.ACCOUNTANT: _BOOKKEEPING
    | frozenset(
        {
            Action.READ,
            Action.READ_MESSAGE,
            Action.MOVE_MEMBERS,
            Action.IMPORT_ROSTER,
            Action.ENTER_OPENING,
            Action.ASSESS,
            Action.REQUEST_PAYMENT,
            Action.OPEN_ATTEMPT,
            Action.TELL_TRANSFER,
            Action.PREPARE_COLLECTION,
            Action.IMPORT_STATEMENT,
            Action.PLACE_MONEY,
            Action.DECLARE,
            Action.PREPARE_REMITTANCE,
            Action.CORRECT_REMITTANCE,
            Action.ACKNOWLEDGE_REMITTANCE,
            Action.DISPUTE_REMITTANCE,
            Action.REQUEST_REFUND,
            Action.RESTATE_DUES,
            Action.APPLY_RELIEF,
            Action.SET_AMOUNT,
            Action.PROPOSE_SPENDING,
            Action.CLOSE_FUND_YEAR,
            Action.PREPARE_BOOK,
        }
    ),
    Role.CASHIER: frozenset(
        {
            Action.READ,
            Action.KEEP_RECEIPTS,
            Action.RECORD_CASH,
            Action.HAND_OVER_CASH,
            Action.SEND_REMITTANCE,
            Action.PAY_REFUND,
            Action.COUNT_CASH,
            Action.HAND_OVER_CUSTODY,
        }
    ),
    Role.COMMITTEE: _CONFIRMING
    | frozenset(
        {
            Action.READ,
            Action.READ_MESSAGE,
            Action.SIGN_BOOK,
            Action.ACTIVATE_POLICY,
            Action.GRANT_ROLE,
            Action.SIGN_HANDOVER,
            Action.SIGN_OPENING,
            Action.APPROVE_REMITTANCE,
            Action.APPROVE_REFUND,
            Action.DECIDE_RELIEF,
            Action.DECIDE_SURPLUS,
            Action.SET_AMOUNT,
            Action.RESOLVE_COUNT,
            Action.APPROVE_SPENDING,
        }
    ),
    Role.OFFICE: frozenset(
        {
            Action.READ,
            Action.SET_REPORT_COLUMN,
            Action.MOVE_MEMBERS,
            Action.RESTRUCTURE,
            Action.SET_UP,
            Action.GRANT_ROLE,
            Action.IMPORT_ROSTER,
        }
    ),
    Role.INSPECTOR: frozenset({Action.READ, Action.READ_MESSAGE}),
}

#: What the second person of a one-officer unit may do there, beside that unit's own officer.
SECOND_PERSON_ACTIONS = frozenset({Action.APPROVE_REMITTANCE, Action.APPROVE_SPENDING, Action.SIGN_BOOK})

#: What programs may do; they are named "service:…" and have no unit of their own.
SERVICE_ACTIONS: dict[str, frozenset[Action]] = {
    "service:setup": frozenset(
        {Action.SET_UP, Action.GRANT_ROLE, Action.ACTIVATE_POLICY}
    ),  # The first grants come before any officer exists.
    "service:portal": frozenset({Action.RECEIVE_NOTICE, Action.OPEN_ATTEMPT, Action.TELL_TRANSFER}),
    "service:bank": frozenset({Action.RECEIVE_NOTICE}),
    "service:matcher": frozenset({Action.PLACE_MONEY}),
    "service:worker": frozenset({Action.RECEIVE_NOTICE, Action.PLACE_MONEY, Action.ISSUE_RECEIPT}),
}
