"""Every "no" of the HTTP interface as a problem document (RFC 9457), from one table of codes.

``code`` is stable and meant for programs, ``title`` says in Vietnamese what kind of problem it is, ``detail`` what
happened this time and what to do next. What a fault says inside is never shown: it is logged under an incident
number.
"""

import json
import logging
import time
import traceback
import uuid
from collections.abc import Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType

import psycopg
from eventsourcing.persistence import InterfaceError, OperationalError
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from api.naming import with_unit_codes
from domain.errors import Malformed, Refusal, RefusalCode
from ledger.store import StoreUnavailable
from projections.runner import ProjectionStopped

MEDIA_TYPE = "application/problem+json"

#: Seconds after which a caller may try again when the database cannot be reached.
RETRY_AFTER = 2

_log = logging.getLogger("dangphi.http")


class EdgeCode(StrEnum):
    """Problems of a request that never reached a rule."""

    MALFORMED = "malformed"
    QUERY_UNKNOWN = "query-unknown"
    UNAUTHENTICATED = "unauthenticated"
    KEY_MISSING = "idempotency-key-missing"
    KEY_MALFORMED = "idempotency-key-malformed"
    NOT_FOUND = "not-found"
    METHOD_NOT_ALLOWED = "method-not-allowed"
    TOO_SLOW = "request-too-slow"
    TOO_LARGE = "body-too-large"
    NOT_YET_SHOWN = "not-yet-shown"
    TOO_MANY = "too-many-rejected"
    FAULT = "fault"
    UNAVAILABLE = "unavailable"


_R = RefusalCode

#: Code → (HTTP status, Vietnamese title). Every refusal of the domain stands here; a test compares the lists.
PROBLEMS: Mapping[str, tuple[int, str]] = MappingProxyType(
    {
        _R.AMOUNT_NOT_INTEGER: (422, "Số tiền không phải số nguyên"),
        _R.AMOUNT_OUT_OF_RANGE: (422, "Số tiền ngoài phạm vi"),
        _R.AMOUNT_DIFFERS: (409, "Số tiền không khớp"),
        _R.MONTH_MALFORMED: (422, "Tháng hoặc kỳ viết sai"),
        _R.MONTH_IN_FUTURE: (422, "Tháng hoặc ngày chưa đến"),
        _R.PERIOD_NOT_OVER: (409, "Kỳ chưa kết thúc"),
        _R.NOT_ALLOWED: (403, "Không có quyền"),
        _R.MAKER_IS_CHECKER: (403, "Người lập không được tự duyệt"),
        _R.ROLES_CONFLICT: (409, "Hai vai không được kiêm nhiệm"),
        _R.UNKNOWN_UNIT: (404, "Không có đơn vị này"),
        _R.UNIT_EXISTS_OTHERWISE: (409, "Đơn vị đã có với nội dung khác"),
        _R.UNKNOWN_ACCOUNT: (404, "Không có tài khoản này"),
        _R.HOLDER_NOT_ABOVE: (422, "Nơi giữ hộ không phải cấp trên"),
        _R.NO_RECEIVING_ACCOUNT: (409, "Chưa có nơi nhận tiền"),
        _R.OPENING_NOT_BALANCED: (422, "Số dư đầu kỳ không cân"),
        _R.OPENING_ALREADY_SIGNED: (409, "Số dư đầu kỳ đã ký"),
        _R.PAST_TOLD_TWICE: (409, "Tháng đã có trong lần nhập sổ cũ khác"),
        _R.PAST_DOES_NOT_ADD_UP: (422, "Số liệu sổ cũ không khớp"),
        _R.UNKNOWN_PAST_IMPORT: (404, "Không có lần nhập sổ cũ này"),
        _R.PAST_UNDO_NOT_PROPOSED: (409, "Chưa có đề nghị bỏ lần nhập"),
        _R.UNIT_ENDED: (409, "Đơn vị đã kết thúc"),
        _R.UNIT_HAS_NO_MEMBERS: (409, "Đơn vị không có đảng viên sinh hoạt trực tiếp"),
        _R.CODE_TAKEN: (409, "Mã đơn vị đã có đơn vị khác dùng"),
        _R.RESTRUCTURE_NOT_POSSIBLE: (409, "Chưa sắp xếp tổ chức được"),
        _R.RESTRUCTURE_STATE: (409, "Việc sắp xếp tổ chức không ở bước này"),
        _R.UNKNOWN_MEMBER: (404, "Không có đảng viên này"),
        _R.NOT_CLASSIFIED: (409, "Chưa phân loại được đảng viên"),
        _R.OUTSIDE_PROCEDURE: (409, "Ngoài phạm vi thủ tục trực tuyến"),
        _R.BASE_MISSING: (409, "Thiếu căn cứ tính mức đóng"),
        _R.REGION_MISSING: (409, "Thiếu vùng lương tối thiểu"),
        _R.ALREADY_ASSESSED: (409, "Tháng đã tính mức đóng"),
        _R.NOT_ASSESSED: (409, "Tháng chưa tính mức đóng"),
        _R.NOTHING_DUE: (409, "Không còn gì phải đóng hoặc phải hoàn"),
        _R.CARD_TAKEN: (409, "Số thẻ đã thuộc người khác"),
        _R.RELIEF_STATE: (409, "Đơn, quyết định miễn giảm không ở trạng thái này"),
        _R.SURPLUS_STATE: (409, "Đề nghị đóng thêm không ở trạng thái này"),
        _R.NOT_RELEASED: (422, "Đảng viên không được tạm miễn sinh hoạt tháng đó"),
        _R.SPLIT_LIST_WRONG: (422, "Bảng kê chia tiền không khớp"),
        _R.IDENTITY_ERASED: (409, "Danh tính đã được xoá"),
        _R.MEMBERSHIP_STATE: (409, "Tư cách đảng viên không ở bước này"),
        _R.TRANSFER_STATE: (409, "Việc chuyển sinh hoạt không ở bước này"),
        _R.TRANSFER_MONTHS: (422, "Tháng trên giấy giới thiệu không hợp lệ"),
        _R.POLICY_ROW_NOT_FOUND: (404, "Không có quy định cho trường hợp này"),
        _R.POLICY_ROW_NOT_ACTIVE: (409, "Quy định chưa được kích hoạt"),
        _R.POLICY_ROW_UNKNOWN_VALUE: (409, "Quy định chưa có giá trị"),
        _R.POLICY_ALREADY_ACTIVE: (409, "Quy định đã có hiệu lực"),
        _R.RELIEF_NOT_ALLOWED: (422, "Mức miễn giảm không được phép"),
        _R.BASE_NOT_TAKEN: (422, "Loại này không dùng căn cứ thu nhập"),
        _R.REGION_NOT_TAKEN: (422, "Loại này không dùng vùng lương"),
        _R.AMOUNT_SET_BY_DECISION: (409, "Mức đóng do quyết định riêng ấn định"),
        _R.POLICY_ROW_IS_DRAFT: (409, "Quy định còn là dự thảo"),
        _R.POLICY_APPROVAL_INCOMPLETE: (422, "Phê duyệt quy định chưa đủ"),
        _R.SHARE_OUTSIDE_RANGE: (422, "Tỷ lệ trích ngoài khung"),
        _R.SETTING_NOT_ALLOWED: (422, "Thiết lập không hợp lệ"),
        _R.SET_AMOUNT_OUTSIDE_RANGE: (422, "Số ấn định ngoài khung"),
        _R.SET_AMOUNT_NOT_TAKEN: (422, "Mức đã rõ, không nhận số ấn định"),
        _R.EXCHANGE_RATE_INCOMPLETE: (422, "Ngoại tệ thiếu tỷ giá, nguồn hoặc ngày"),
        _R.REFERENCE_MALFORMED: (422, "Mã tham chiếu viết sai"),
        _R.UNKNOWN_REFERENCE: (404, "Không có mã tham chiếu này"),
        _R.UNKNOWN_PAYMENT: (404, "Không có khoản tiền này"),
        _R.PAYMENT_KIND_DIFFERS: (409, "Loại khoản thu không khớp"),
        _R.NOT_IN_SUSPENSE: (409, "Không nằm ở tiền chưa xác định"),
        _R.SLIP_NUMBER_TAKEN: (409, "Số phiếu đã ghi cho giao dịch khác"),
        _R.MATCH_STALE: (409, "Đề xuất khớp không còn đúng"),
        _R.MATCH_NOT_AUTOMATIC: (409, "Quy tắc này không được tự ghi"),
        _R.ATTEMPT_PENDING: (409, "Có lượt thanh toán đang chờ báo về"),
        _R.UNKNOWN_RAIL: (404, "Không có kênh thanh toán này"),
        _R.RAIL_CANNOT: (409, "Kênh thanh toán không làm được việc này"),
        _R.OTHER_HOLDER: (409, "Kênh trả tiền về tài khoản của đơn vị khác"),
        _R.RAIL_SAID_NO: (502, "Kênh thanh toán từ chối"),
        _R.RAIL_AWAY: (503, "Kênh thanh toán không trả lời"),
        _R.CASH_NOT_IN_HAND: (409, "Không đủ tiền mặt tại quỹ"),
        _R.COUNT_CASE_STATE: (409, "Vụ việc kiểm quỹ không ở trạng thái này"),
        _R.CUSTODY_STATE: (409, "Bàn giao quỹ không ở trạng thái này"),
        _R.HEADING_UNKNOWN: (422, "Không có mục chi hoặc nguồn chi này"),
        _R.OWN_MONEY_SHORT: (409, "Vượt số tiền của chính đơn vị"),
        _R.UNKNOWN_VOUCHER: (404, "Không có phiếu này"),
        _R.VOUCHER_STATE: (409, "Phiếu không ở trạng thái này"),
        _R.LINE_ANSWERS_VOUCHER: (409, "Dòng sao kê ứng với một phiếu đã duyệt"),
        _R.FUND_YEAR_CLOSED: (409, "Năm đã kết chuyển"),
        _R.STATEMENT_DOES_NOT_ADD_UP: (422, "Sao kê không khớp tổng"),
        _R.STATEMENT_OTHER_ACCOUNT: (409, "Sao kê của tài khoản khác"),
        _R.STATEMENT_GAP: (409, "Sao kê bị hụt ngày"),
        _R.DECISION_UNKNOWN: (404, "Không có quyết định này"),
        _R.DECISION_STATE: (409, "Quyết định không ở trạng thái cho phép"),
        _R.BATCH_REFUSED: (422, "Cả tệp quyết định bị từ chối"),
        _R.STATEMENT_CONFLICTS: (409, "Sao kê trái với bản đã nhận"),
        _R.SETTLEMENT_DOES_NOT_ADD_UP: (422, "Quyết toán của kênh không khớp tổng"),
        _R.ALREADY_DECLARED: (409, "Kỳ đã chốt"),
        _R.NOT_DECLARED: (409, "Kỳ chưa chốt"),
        _R.NO_ACTIVE_SHARE: (409, "Chưa có tỷ lệ trích có hiệu lực"),
        _R.REMITTANCE_STATE: (409, "Lệnh nộp không ở bước này"),
        _R.REMITTANCE_TOO_LARGE: (409, "Lệnh nộp vượt số phải nộp"),
        _R.CHANNEL_NEEDS_REASON: (422, "Hình thức nộp cần ghi lý do"),
        _R.REFUND_STATE: (409, "Hoàn trả không ở bước này"),
        _R.REFUND_TOO_LARGE: (409, "Hoàn trả vượt số còn giữ"),
        _R.PERIOD_KIND_DIFFERS: (422, "Kỳ báo cáo không đúng loại"),
        _R.MONTH_CLOSED: (409, "Tháng đã khoá sổ"),
        _R.MONTH_NOT_CLOSED: (409, "Tháng chưa khoá sổ"),
        _R.MONTHS_CLOSE_IN_ORDER: (409, "Khoá và mở sổ theo thứ tự tháng"),
        _R.CLOSE_NOT_CONFIRMED: (409, "Việc khoá sổ chưa được xác nhận"),
        _R.CLOSE_CHECKLIST_OPEN: (409, "Còn việc chưa xong, chưa giải trình"),
        _R.REOPENING_NOT_REQUESTED: (409, "Chưa ai đề nghị mở lại sổ"),
        _R.CORRECTION_BLOCKED: (409, "Việc sau đã dựa vào khoản này"),
        _R.CORRECTION_UNKNOWN: (404, "Không có điều chỉnh này"),
        _R.UNKNOWN_RECEIPT: (404, "Không có biên lai này"),
        _R.DAY_DOES_NOT_TIE: (409, "Ngày của tài khoản chưa cân"),
        _R.DAY_NOT_COVERED: (409, "Chưa có sao kê của ngày này"),
        _R.DAY_CLOSED_ALREADY: (409, "Ngày của tài khoản đã chốt"),
        _R.DAY_NOT_CLOSED: (409, "Ngày của tài khoản chưa chốt"),
        _R.BOOK_BROKEN: (409, "Số liệu của sổ không khớp, không in"),
        _R.BOOK_STATE: (409, "Sổ không ở trạng thái phù hợp"),
        _R.BOOK_DIFFERS: (409, "Sổ khác bản đã ký"),
        _R.COMMAND_REUSED: (422, "Khoá lặp lại cho một yêu cầu khác"),
        _R.VERSION_MOVED: (409, "Dữ liệu vừa thay đổi"),
        EdgeCode.MALFORMED: (400, "Yêu cầu không đọc được"),
        EdgeCode.QUERY_UNKNOWN: (400, "Tham số không được nhận"),
        EdgeCode.UNAUTHENTICATED: (401, "Chưa xác thực"),
        EdgeCode.KEY_MISSING: (400, "Thiếu Idempotency-Key"),
        EdgeCode.KEY_MALFORMED: (400, "Idempotency-Key viết sai"),
        EdgeCode.NOT_FOUND: (404, "Không có tài nguyên này"),
        EdgeCode.METHOD_NOT_ALLOWED: (405, "Phương thức không được nhận"),
        EdgeCode.TOO_SLOW: (408, "Yêu cầu đến quá chậm"),
        EdgeCode.TOO_LARGE: (413, "Nội dung quá lớn"),
        EdgeCode.NOT_YET_SHOWN: (409, "Sổ chưa cập nhật đến vị trí này"),
        EdgeCode.TOO_MANY: (429, "Quá nhiều tin bị từ chối"),
        EdgeCode.FAULT: (500, "Lỗi hệ thống"),
        EdgeCode.UNAVAILABLE: (503, "Tạm thời không phục vụ được"),
    }
)

#: Problems after which the same request may succeed when sent again without change.
_RETRYABLE = frozenset(
    {_R.VERSION_MOVED, EdgeCode.NOT_YET_SHOWN, EdgeCode.TOO_MANY, EdgeCode.UNAVAILABLE, EdgeCode.TOO_SLOW}
)

_OF_STATUS = {404: EdgeCode.NOT_FOUND, 405: EdgeCode.METHOD_NOT_ALLOWED, 413: EdgeCode.TOO_LARGE}
_DETAIL_OF_STATUS = {
    404: "Không có đường dẫn này. Xem danh sách thao tác ở /docs.",
    405: "Đường dẫn này không nhận phương thức đó. Xem danh sách thao tác ở /docs.",
}

_VALIDATION = MappingProxyType(
    {
        "missing": "thiếu",
        "extra_forbidden": "trường không được nhận",
        "json_invalid": "không phải JSON hợp lệ",
        "int_type": "phải là số nguyên",
        "int_parsing": "phải là số nguyên",
        "string_type": "phải là văn bản",
        "greater_than": "quá nhỏ",
        "greater_than_equal": "quá nhỏ",
        "less_than": "quá lớn",
        "less_than_equal": "quá lớn",
        "string_too_short": "quá ngắn",
        "string_too_long": "quá dài",
        "string_pattern_mismatch": "sai dạng",
        "date_from_datetime_parsing": "phải là ngày dạng NNNN-TT-NN",
        "date_parsing": "phải là ngày dạng NNNN-TT-NN",
        "date_type": "phải là ngày dạng NNNN-TT-NN",
        "literal_error": "không nằm trong các giá trị được nhận",
        "enum": "không nằm trong các giá trị được nhận",
        "union_tag_invalid": "không nằm trong các loại được nhận",
        "union_tag_not_found": "thiếu trường «kind»",
    }
)


class Outage:
    """Remembers for a moment that the database is gone, so that the next callers hear it at once.

    Without this every one of them would hold a thread for seconds, until there are no threads left.
    """

    def __init__(self) -> None:
        self._until = 0.0

    def seen(self) -> None:
        """The database could not be reached just now."""
        self._until = time.monotonic() + 1.0

    @property
    def lasts(self) -> bool:
        """Whether it is too early to ask again."""
        return time.monotonic() < self._until


class Problem(Exception):
    """A request that never reached a rule: what is wrong with it and what to do."""

    def __init__(self, code: EdgeCode, detail: str, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.headers = dict(headers or {})


def document(code: str, detail: str, **more: object) -> dict[str, object]:
    """The members of a problem document; ``type`` is a path under which the code is explained."""
    status, title = PROBLEMS[code]
    return {
        "type": f"/problems/{code}",
        "title": title,
        "status": status,
        "code": str(code),
        "detail": detail,
        "retryable": code in _RETRYABLE,
        **more,
    }


def response(code: str, detail: str, *, headers: Mapping[str, str] | None = None, **more: object) -> Response:
    """A problem document as an answer."""
    body = document(code, detail, **more)
    return Response(
        json.dumps(body, ensure_ascii=False).encode(),
        status_code=PROBLEMS[code][0],
        media_type=MEDIA_TYPE,
        headers=dict(headers or {}),
    )


def unavailable() -> Response:
    """The answer while the database cannot be reached: nothing is acknowledged, asking again is safe."""
    return response(
        EdgeCode.UNAVAILABLE,
        "Không liên lạc được với cơ sở dữ liệu. Hãy gửi lại đúng yêu cầu này (cùng Idempotency-Key nếu có); "
        "hệ thống sẽ không ghi hai lần.",
        headers={"Retry-After": str(RETRY_AFTER)},
    )


def fault(error: Exception) -> Response:
    """The answer to a fault of ours: its number here, its kind and place in the log, its text nowhere."""
    incident = uuid.uuid4().hex[:12]
    frames = traceback.extract_tb(error.__traceback__)
    places = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames[-6:]))
    _log.error("incident %s: %s at %s", incident, type(error).__name__, places)
    return response(
        EdgeCode.FAULT,
        f"Hệ thống gặp lỗi. Hãy báo người quản trị mã sự cố {incident}.",
        incident=incident,
    )


def install(app: FastAPI) -> None:
    """Let every error of every route come out as a problem document; faults are caught by ``security.Guard``."""
    app.add_exception_handler(Problem, _of_problem)
    app.add_exception_handler(Refusal, _of_refusal)
    app.add_exception_handler(Malformed, _of_malformed)
    app.add_exception_handler(RequestValidationError, _of_validation)
    app.add_exception_handler(HTTPException, _of_http)
    app.add_exception_handler(TimeoutError, _of_timeout)
    app.add_exception_handler(ProjectionStopped, _of_stopped)
    for outage in (StoreUnavailable, OperationalError, InterfaceError, psycopg.OperationalError):
        app.add_exception_handler(outage, _of_outage)


def _of_problem(_: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return response(error.code, error.detail, headers=error.headers)


def _of_refusal(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    headers = {"Retry-After": str(RETRY_AFTER)} if error.retryable else {}
    try:
        told = with_unit_codes(request.app.state.door.inst.ledger, error.message)
    except (StoreUnavailable, OperationalError, InterfaceError, psycopg.Error):
        # The answer is the refusal, with or without the names that people know.
        told = error.message
    return response(error.code, told, headers=headers)


def _of_malformed(_: Request, error: Exception) -> Response:
    return response(EdgeCode.MALFORMED, str(error))


def _of_validation(_: Request, error: Exception) -> Response:
    """Names what is wrong and where; never repeats the value, which may be anything."""
    assert isinstance(error, RequestValidationError)
    errors = [
        {"where": _where(item["loc"]), "message": _VALIDATION.get(item["type"], "không hợp lệ")}
        for item in error.errors()[:20]
    ]
    told = "; ".join(f"{item['where']}: {item['message']}" for item in errors[:5])
    return response(EdgeCode.MALFORMED, f"Yêu cầu sai ở {told}.", errors=errors)


def _where(place: Sequence[object]) -> str:
    """``body.amount`` for the pydantic location ("body", "amount"); a name is cut, since a stranger may choose it."""
    return ".".join(str(part)[:40] for part in place)


def _of_http(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = _OF_STATUS.get(error.status_code, EdgeCode.MALFORMED)
    detail = _DETAIL_OF_STATUS.get(error.status_code)
    if detail is None:
        detail = error.detail if code is EdgeCode.TOO_LARGE else "Không đọc được nội dung yêu cầu."
    return response(code, detail, headers=error.headers)


def _of_timeout(_: Request, error: Exception) -> Response:
    return response(EdgeCode.TOO_SLOW, "Nội dung không đến đủ trong thời hạn. Hãy gửi lại.")


def _of_stopped(_: Request, error: Exception) -> Response:
    _log.error("a read model stands still")
    return response(
        EdgeCode.UNAVAILABLE,
        "Số liệu đọc đang dừng trước một sự kiện chưa xử lý được và sẽ không trả số liệu thiếu. Báo người quản trị.",
    )


def _of_outage(request: Request, error: Exception) -> Response:
    _log.warning("outage: %s", type(error).__name__)
    request.app.state.outage.seen()
    return unavailable()
