"""Answers that come page by page, and how the read models are asked."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

from fastapi import Query

from api.http.door import Caller
from api.problems import EdgeCode, Problem
from api.reading import Reading

#: Rows on one page at most.
PAGE_MOST = 200

After = Annotated[
    int,
    Query(
        alias="page",
        ge=0,
        lt=2**63,
        description="Bỏ trống cho trang đầu; trang sau lấy giá trị «next» của trang trước.",
        examples=[0],
    ),
]
Size = Annotated[int, Query(ge=1, le=PAGE_MOST, description=f"Số dòng một trang, tối đa {PAGE_MOST}.")]
Position = Annotated[
    int | None,
    Query(ge=0, lt=2**63, description="Vị trí trong sổ: số liệu như sổ biết tại đó."),
]


@contextmanager
def asking(by: Caller) -> Iterator[Reading]:
    """The read models at one moment."""
    models = by.door.models
    if models is None:
        raise Problem(EdgeCode.UNAVAILABLE, "Bản chạy này không có số liệu đọc.")
    with models.ask() as found:
        yield found


def known(reading: Reading, position: int | None, most: int) -> int | None:
    """A position asked for, if the read models have come so far; ``most`` is the head of the log."""
    if position is None:
        return None
    if position > most:
        raise Problem(EdgeCode.NOT_FOUND, f"Sổ chưa có vị trí {position}; vị trí cuối là {most}.")
    if position > reading.position:
        raise Problem(
            EdgeCode.NOT_YET_SHOWN,
            f"Số liệu đọc mới đến vị trí {reading.position}, chưa đến {position}. Hãy thử lại sau giây lát.",
            headers={"Retry-After": "1"},
        )
    return position


def page(reading: Reading, name: str, rows: Sequence[Mapping[str, Any]], size: int) -> dict[str, Any]:
    """One page of rows that carry their ``position``; the caller asked for one row more, to see whether it ends."""
    shown = rows[:size]
    more = len(rows) > size
    return {"position": reading.position, name: list(shown), "next": shown[-1]["position"] if more else None}
