"""Strict reading of small JSON files: every field is asked for by name and kind, and nothing may be left over.

A misspelt field that is silently ignored would change what people owe, so an unknown field is an error like a
missing one, and each error names the place (``rates[3].value_bp``).
"""

import json
import re
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from adapters.system_errors import in_vietnamese
from domain.errors import Malformed
from domain.period import Month

#: No policy or decision file comes near this; a larger one is something else.
MAX_BYTES = 2_000_000

_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

Code = TypeVar("Code", bound=StrEnum)


class Fields:
    """One JSON object being read. Each field may be taken once; ``done`` refuses what nobody asked for."""

    def __init__(self, value: object, where: str) -> None:
        if not isinstance(value, dict):
            raise Malformed("phải là một đối tượng JSON {…}.", where=where)
        self._left: dict[str, object] = dict(value)
        self.where = where

    def at(self, name: str) -> str:
        """Where a field stands, for error messages."""
        return f"{self.where}.{name}"

    def _take(self, name: str) -> object:
        if name not in self._left:
            raise Malformed("thiếu trường này.", where=self.at(name))
        return self._left.pop(name)

    def given(self, name: str) -> bool:
        """Whether a field is there and not null; one that is null counts as read."""
        if self._left.get(name) is None:
            self._left.pop(name, None)
            return False
        return True

    def text(self, name: str) -> str:
        """A text that says something."""
        value = self._take(name)
        if not isinstance(value, str) or not value.strip():
            raise Malformed(f"phải là chữ và không để trống, nhận được {value!r}.", where=self.at(name))
        return value.strip()

    def optional_text(self, name: str) -> str | None:
        """A text, or ``None`` where the field is absent or null."""
        if self._left.get(name) is None:
            self._left.pop(name, None)
            return None
        return self.text(name)

    def whole(self, name: str, low: int, high: int) -> int:
        """An integer between ``low`` and ``high``, both included."""
        value = self._take(name)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise Malformed(f"phải là số nguyên từ {low} đến {high}, nhận được {value!r}.", where=self.at(name))
        return value

    def optional_whole(self, name: str, low: int, high: int) -> int | None:
        """An integer in the range, or ``None`` where the field is absent or null."""
        if self._left.get(name) is None:
            self._left.pop(name, None)
            return None
        return self.whole(name, low, high)

    def number_text(self, name: str) -> str:
        """A number as it was written, whether JSON number or text, for readers that must not lose a digit."""
        value = self._take(name)
        if isinstance(value, bool) or not isinstance(value, int | str):
            raise Malformed(f"phải là một số, nhận được {value!r}.", where=self.at(name))
        return str(value)

    def flag(self, name: str) -> bool:
        """``true`` or ``false``; nothing else is taken for either."""
        value = self._take(name)
        if not isinstance(value, bool):
            raise Malformed(f"phải là true hoặc false, nhận được {value!r}.", where=self.at(name))
        return value

    def month(self, name: str) -> Month:
        """A month ``YYYY-MM``."""
        value = self._take(name)
        if not isinstance(value, str) or not _MONTH.fullmatch(value):
            raise Malformed(f"phải là tháng dạng NNNN-TT, nhận được {value!r}.", where=self.at(name))
        return Month(value)

    def span(self, first: str, last: str) -> tuple[Month, Month | None]:
        """An inclusive span of months whose end may be open (null or absent)."""
        start = self.month(first)
        if self._left.get(last) is None:
            self._left.pop(last, None)
            return start, None
        end = self.month(last)
        if end < start:
            raise Malformed(f"kết thúc {end} trước khi bắt đầu {start}.", where=self.at(last))
        return start, end

    def day(self, name: str) -> date:
        """A calendar day ``YYYY-MM-DD``."""
        value = self._take(name)
        try:
            if isinstance(value, str) and _DAY.fullmatch(value):
                return date.fromisoformat(value)
        except ValueError:
            # A day such as 30 February falls through to the message that every bad day gets.
            pass
        raise Malformed(f"phải là ngày dạng NNNN-TT-NN có trên lịch, nhận được {value!r}.", where=self.at(name))

    def code(self, name: str, kind: type[Code]) -> Code:
        """One word of a closed list."""
        value = self._take(name)
        if isinstance(value, str) and value in tuple(kind):
            return kind(value)
        allowed = ", ".join(kind)
        raise Malformed(f"phải là một trong: {allowed}; nhận được {value!r}.", where=self.at(name))

    def items(self, name: str) -> tuple[object, ...]:
        """A JSON list."""
        value = self._take(name)
        if not isinstance(value, list):
            raise Malformed("phải là một danh sách […].", where=self.at(name))
        return tuple(value)

    def objects(self, name: str) -> tuple["Fields", ...]:
        """A JSON list of objects, each knowing its place."""
        return tuple(Fields(item, f"{self.at(name)}[{n}]") for n, item in enumerate(self.items(name)))

    def done(self) -> None:
        """Refuse fields that nobody asked for."""
        if self._left:
            name = min(self._left)
            raise Malformed("không có trường nào tên như vậy; kiểm tra chính tả.", where=self.at(name))


def read_bytes(path: Path) -> bytes:
    """The bytes of a small file, or ``Malformed`` naming the file."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Malformed(f"không đọc được tệp ({in_vietnamese(error)}).", where=str(path)) from error
    if len(content) > MAX_BYTES:
        raise Malformed(f"tệp dài {len(content)} byte, quá {MAX_BYTES} byte.", where=path.name)
    return content


def decode(content: bytes, where: str) -> str:
    """UTF-8 text, with or without a byte order mark; any other encoding is named as an error."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data":
            raise Malformed("tệp bị cắt giữa chừng; hãy lấy lại tệp đầy đủ.", where=where) from error
        raise Malformed(
            f"tệp không phải UTF-8 (byte thứ {error.start + 1}); hãy lưu lại bằng mã UTF-8.", where=where
        ) from error


def parse(content: bytes, where: str) -> Fields:
    """The one JSON object of a file. Numbers with a decimal point stay text, and doubled fields are refused."""

    def unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
        found: dict[str, object] = {}
        for name, value in pairs:
            if name in found:
                raise Malformed(f"trường {name!r} viết hai lần trong một đối tượng.", where=where)
            found[name] = value
        return found

    text = decode(content, where)
    try:
        value: object = json.loads(text, object_pairs_hook=unique, parse_float=str)
    except Malformed:
        # A doubled field has been named already; it must not fall to the general cases below.
        raise
    except json.JSONDecodeError as error:
        raise Malformed(
            "không phải JSON hợp lệ, có thể bị cắt; hãy lấy lại tệp đầy đủ.", where=f"{where}:{error.lineno}"
        ) from error
    except (RecursionError, ValueError) as error:
        # The parser itself gives up on absurd nesting and on integers of thousands of digits.
        raise Malformed("JSON lồng quá sâu hoặc có số quá dài.", where=where) from error
    return Fields(value, where)
