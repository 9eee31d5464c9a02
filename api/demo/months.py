"""Steps of a story that come again every month: one entry of ``[[every]]`` stands for a step in each month.

``day`` is the day of the month (0 is its last day, -1 the day before that), ``later`` how many months after the
month in question. In texts ``{month}`` is the month, ``{next}`` the one after; ``"{first}"`` and ``"{last}"`` are its
first and last day. A day in the step's own month is written ``"{day:15}"``.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from domain.period import Month, first_day, last_day, parse_month, quarter_of, shift

_DAY = re.compile(r"\{day:(-?[0-9]+)\}")

#: What belongs to the entry itself and is no parameter of its steps.
_OWN = frozenset({"from_month", "to_month", "step_months", "day", "later", "time", "unless"})


def expand(every: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The steps of one entry, a mapping each, as if they had been written out."""
    month, last = parse_month(every["from_month"]), parse_month(every["to_month"])
    hour, minute = map(int, str(every["time"]).split(":"))
    while month <= last:
        if month not in every.get("unless", ()):
            on = _day(shift(month, every.get("later", 0)), every["day"])
            step = {key: _filled(value, month, on) for key, value in every.items() if key not in _OWN}
            yield step | {"at": datetime.combine(on, time(hour, minute))}
        month = shift(month, every.get("step_months", 1))


def _day(month: Month, number: int) -> date:
    """A day of a month: 1 is the first, 0 the last, -1 the day before the last."""
    if number > 0:
        return min(first_day(month) + timedelta(days=number - 1), last_day(month))
    return last_day(month) + timedelta(days=number)


def _filled(value: Any, month: Month, on: date) -> Any:
    if not isinstance(value, str):
        return value
    own = Month(f"{on:%Y-%m}")
    whole = {"{first}": first_day(month), "{last}": last_day(month), "{on}": on}
    if value in whole:
        return whole[value]
    found = _DAY.fullmatch(value)
    if found:
        return _day(own, int(found[1]))
    return (
        value.replace("{month}", month)
        .replace("{next}", shift(month, 1))
        .replace("{quarter}", quarter_of(month))
        .replace("{said}", f"{month[5:]}/{month[:4]}")
    )
