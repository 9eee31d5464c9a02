"""A file of raw requests as they came to the portal's callback: one JSON object a line."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from api.flows.notices import examine
from api.wiring import Installation
from domain.errors import Malformed
from domain.notice import Rejection

#: A saved request wraps a body of at most 64 KiB in quotation marks and backslashes.
_LONGEST_LINE = 256 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedRequest:
    """A request that is not believed: where it stands, the code of the rejection, and why."""

    where: str
    code: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFile:
    """How many requests were new, known before or contradicted, and those kept as evidence alone."""

    outcomes: Mapping[str, int]
    rejected: tuple[RejectedRequest, ...]


def keep_file(inst: Installation, data: bytes, name: str) -> KeptFile:
    """Keep every raw request of a file in order of arrival, each at the moment it arrived.

    The file is read whole before anything is kept; a line that is no request is named with its number. A request
    that cannot be believed (forged, for somebody else, not in the agreed format) is kept but never taken for money.
    They are kept one by one, because of two that contradict each other the one that came first counts; what a crash
    left out is kept when the file is read again.
    """
    requests = _requests(data, name)
    examined = [
        (where, examine(inst.settings, "portal", body, headers, received_at))
        for where, (received_at, headers, body) in requests
    ]
    outcomes: Counter[str] = Counter()
    for _, one in examined:
        (kept,) = inst.inbox.keep((one.message,))
        outcomes[str(kept.outcome)] += 1
    return KeptFile(
        outcomes=outcomes,
        rejected=tuple(
            RejectedRequest(where=where, code=one.reading.code, reason=one.reading.reason)
            for where, one in examined
            if isinstance(one.reading, Rejection)
        ),
    )


def _requests(data: bytes, name: str) -> list[tuple[str, tuple[datetime, dict[str, str], bytes]]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Malformed(
            f"không phải UTF-8 (byte {data[error.start]:#04x}); xuất lại tệp từ Cổng, không mở và lưu bằng bảng tính",
            where=f"{name}, dòng {line}",
        ) from error
    if not text.strip():
        raise Malformed("tệp rỗng; hãy lấy lại tệp", where=name)
    # Only line feeds end a request: the other separators that Unicode knows may stand inside one.
    lines = text.split("\n")
    return [
        (f"{name}, dòng {n}", _request(line, f"{name}, dòng {n}"))
        for n, line in enumerate(lines, start=1)
        if line.strip()
    ]


def _request(line: str, where: str) -> tuple[datetime, dict[str, str], bytes]:
    if len(line) > _LONGEST_LINE:
        raise Malformed(f"dòng dài {len(line)} ký tự; đây không phải tệp yêu cầu đã lưu, kiểm tra tệp", where=where)
    try:
        raw = json.loads(line, object_pairs_hook=_one_of_each)
        received_at = datetime.fromisoformat(raw["received_at"])
        headers = {str(key): str(value) for key, value in raw["headers"].items()}
        body = raw["body"].encode()
    except Malformed as error:
        raise Malformed(f"{error.message}; hãy lấy lại tệp từ Cổng", where=where) from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Malformed(
            "không phải một yêu cầu đã lưu (đối tượng JSON có received_at, headers, body), hoặc dòng bị cắt; "
            "hãy lấy lại tệp đầy đủ",
            where=where,
        ) from error
    if received_at.tzinfo is None:
        raise Malformed("received_at phải có múi giờ, ví dụ 2026-07-02T07:20:00+07:00", where=where)
    return received_at, headers, body


def _one_of_each(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """A second member of the same name is refused: two readers could believe two different things."""
    members = dict(pairs)
    if len(members) != len(pairs):
        raise Malformed("JSON có hai trường cùng tên")
    return members
