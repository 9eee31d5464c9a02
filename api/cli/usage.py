"""What is wrong with a command line, in Vietnamese; the parser's own sentences are English."""

import re
from typing import Any

_PATTERNS = (
    (re.compile(r"No such command '(.+?)'"), "không có lệnh «{}»"),
    (re.compile(r"Got unexpected extra arguments? \((.*)\)"), "thừa «{}»"),
    (re.compile(r"Option '(.+?)' requires"), "tuỳ chọn {} cần một giá trị"),
    (re.compile(r"Option '(.+?)' does not take a value"), "tuỳ chọn {} không nhận giá trị"),
)


_CHOICES = re.compile(r"is not one of (.+?)\.?$")


def is_help(error: Exception) -> bool:
    """Whether the parser only wants the help shown, because a group was called without a command."""
    return type(error).__name__ == "NoArgsIsHelpError"


def in_vietnamese(error: Any) -> str:
    """One sentence: what is wrong, at which option or argument, and where the help is."""
    command = "dangphi" if error.ctx is None else error.ctx.command_path
    return f"{_what(error)}. Xem cách dùng: {command} --help"


def _what(error: Any) -> str:
    match type(error).__name__:
        case "MissingParameter":
            return f"thiếu {_name(error)}"
        case "NoSuchOption":
            near = f"; có phải {', '.join(sorted(error.possibilities))}?" if error.possibilities else ""
            return f"không có tuỳ chọn {error.option_name}{near}"
        case "BadParameter":
            return f"giá trị không dùng được cho {_name(error)}{_expected(error)}"
    for pattern, words in _PATTERNS:
        found = pattern.search(error.format_message())
        if found:
            return words.format(found[1])
    return "không hiểu dòng lệnh"


def _name(error: Any) -> str:
    """The option or argument as it is typed."""
    hint = error.param_hint or (error.param.get_error_hint() if error.param is not None else "tham số")
    return hint if isinstance(hint, str) else " / ".join(hint)


def _expected(error: Any) -> str:
    """What would be understood there."""
    said = error.message
    choices = _CHOICES.search(said)
    if choices:
        return f"; chọn một trong: {choices[1]}"
    if "integer" in said or "equal to" in said:
        return "; phải là số nguyên trong phạm vi cho phép"
    return "; viết ngày như 2026-07-31" if "formats" in said else ""
