"""Reading what strangers send over HTTP: strict JSON objects, header look-up, Vietnamese wall-clock time.

The checks that decide whether a message is believed live in the adapter of each channel; here is only what
every one of them needs before it may look at a field.
"""

import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone

from domain.errors import Malformed

#: The largest body that any callback or webhook may have, in bytes (architecture, step "callbacks").
MAX_BODY = 64 * 1024

#: Vietnam has kept UTC+7 without summer time since 1975, so no time zone database is needed on the machine.
VIETNAM = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")

#: 2^63 has 19 digits; anything longer is no amount, no id and no balance.
_MAX_DIGITS = 19

_CHARSET = re.compile(r"charset\s*=\s*\"?([A-Za-z0-9._-]+)", re.ASCII)
_WALL_CLOCK = re.compile(r"(\d{4})-(\d{2})-(\d{2})[ T](\d{2}):(\d{2}):(\d{2})", re.ASCII)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})", re.ASCII)


def header_value(headers: Mapping[str, str], name: str) -> str:
    """The value of a header whatever the case of its name; empty text when it is not there."""
    wanted = name.lower()
    return next((value for key, value in headers.items() if key.lower() == wanted), "")


def _one_of_each(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """An object from its members, each named once.

    A second member of the same name is refused: two readers could believe two different amounts.
    """
    members = dict(pairs)
    if len(members) != len(pairs):
        raise Malformed("JSON có hai trường cùng tên")
    return members


def _short_int(text: str) -> int:
    if len(text.lstrip("-")) > _MAX_DIGITS:
        raise Malformed("JSON có số nguyên quá dài")
    return int(text)


def _finite(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise Malformed("JSON có số ngoài phạm vi")
    return value


def _no_constant(name: str) -> object:
    raise Malformed(f"JSON không được chứa {name}")


def read_object(raw: bytes, headers: Mapping[str, str]) -> dict[str, object]:
    """Read one JSON object (RFC 8259) from a request body.

    Raises ``Malformed`` on more than 64 KiB, a charset other than UTF-8, a cut text, NaN and Infinity,
    integers of more than 19 digits, members named twice, and anything that is not an object. Never raises
    anything else.
    """
    if len(raw) > MAX_BODY:
        raise Malformed(f"nội dung dài {len(raw)} byte, tối đa {MAX_BODY} byte")
    charset = _CHARSET.search(header_value(headers, "Content-Type"))
    if charset and charset[1].lower() not in {"utf-8", "utf8", "us-ascii"}:
        raise Malformed(f"bảng mã {charset[1]} không được nhận, cần UTF-8")
    try:
        value: object = json.loads(
            raw.decode("utf-8-sig"),
            object_pairs_hook=_one_of_each,
            parse_int=_short_int,
            parse_float=_finite,
            parse_constant=_no_constant,
        )
    except Malformed:
        raise
    except UnicodeDecodeError as error:
        raise Malformed(f"byte thứ {error.start + 1} không phải UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise Malformed("không đọc được JSON (bị cắt, sai cú pháp hoặc lồng quá sâu)") from error
    if not isinstance(value, dict):
        raise Malformed("JSON phải là một đối tượng")
    return value


def read_wall_clock(text: str) -> datetime:
    """``2026-07-04 09:15:00`` or ``20260704091500`` as Vietnamese time; ``Malformed`` on anything else."""
    match = _WALL_CLOCK.fullmatch(text) or _COMPACT.fullmatch(text)
    if match is None:
        raise Malformed(f"thời điểm {text[:40]!r} không đúng dạng")
    try:
        year, month, day, hour, minute, second = (int(part) for part in match.groups())
        # Money that came in a leap second is not refused for it: the calendar of the language has only the one before.
        return datetime(year, month, day, hour, minute, 59 if second == 60 else second, tzinfo=VIETNAM)
    except ValueError as error:
        raise Malformed(f"thời điểm {text[:40]!r} không có trong lịch") from error
