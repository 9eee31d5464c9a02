"""Makes ``api-routes.md`` beside it from the application: every operation in one line.

Run by ``make reference``; a test fails when the page is not what this makes.
"""

from pathlib import Path

from fastapi.routing import APIRoute

from api.app import OPEN_PATHS, ROUTERS

PAGE = Path(__file__).with_name("api-routes.md")

_HEAD = """\
# Mọi thao tác HTTP

Quy ước, lỗi và tin từ bên ngoài: [api](api.md). Thao tác có dấu ○ không cần mã truy cập. POST của cán bộ và dịch vụ cần
`Idempotency-Key`.

Do `make reference` làm từ `api/http/`. Không sửa tay.
"""


def page() -> str:
    """The whole page, in the order of the documentation."""
    parts = [_HEAD]
    last = None
    for router in ROUTERS:
        for route in router.routes:
            if not isinstance(route, APIRoute) or not route.include_in_schema:
                continue
            heading = str((route.tags or ["Khác"])[0])
            if heading != last:
                parts.append(f"\n## {heading}\n\n| | |\n|---|---|\n")
                last = heading
            open_mark = "○ " if route.path in OPEN_PATHS else ""
            method = "/".join(sorted(route.methods))
            parts.append(
                f"| {open_mark}`{method} {route.path}` | {(route.summary or '').replace('|', chr(92) + '|')} |\n"
            )
    return "".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
