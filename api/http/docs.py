"""The pages that explain the interface: made on the server from the OpenAPI document, without script and without
anything fetched from elsewhere.
"""

import json
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from api.http.door import shows
from api.problems import PROBLEMS, EdgeCode, Problem

router = APIRouter(tags=["Tài liệu"])

_METHODS = ("get", "post")

_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1rem;color:#1b1b1b;background:#fff}
h1{color:#a3121b}h2{border-bottom:2px solid #a3121b;margin-top:2.5rem}
details{border:1px solid #ccc;border-radius:4px;margin:.5rem 0;padding:.3rem .7rem}
summary{cursor:pointer}code,pre{font-family:ui-monospace,monospace;font-size:.9rem}
pre{background:#f4f4f4;padding:.6rem;overflow-x:auto}
.m{display:inline-block;min-width:3.2rem;font-weight:700}.post{color:#0b5d1e}.get{color:#0a3d91}
table{border-collapse:collapse}td,th{text-align:left;padding:.15rem .8rem .15rem 0;vertical-align:top}
a:focus,summary:focus{outline:3px solid #f2b705}
"""


@router.get("/", include_in_schema=False)
def root() -> Response:
    """The way to the documentation."""
    return RedirectResponse("/docs")


@router.get("/docs.css", include_in_schema=False)
def style() -> Response:
    """The one stylesheet of these pages."""
    return Response(_STYLE, media_type="text/css")


@router.get("/docs", include_in_schema=False)
def page(request: Request) -> HTMLResponse:
    """Every operation with its parameters and examples."""
    document = request.app.openapi()
    parts = [
        '<!doctype html><html lang="vi"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(document['info']['title'])}</title>",
        '<link rel="stylesheet" href="/docs.css"></head><body>',
        f"<h1>{escape(document['info']['title'])}</h1><p>{escape(document['info']['description'])}</p>",
        '<p><a href="/openapi.json">openapi.json</a> · <a href="/problems">Bảng mã lỗi</a></p>',
        *_groups(document),
        "</body></html>",
    ]
    return HTMLResponse("".join(parts))


def _groups(document: Mapping[str, Any]) -> Iterator[str]:
    by_tag: dict[str, list[str]] = {}
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                tag = item[method].get("tags", ["Khác"])[0]
                by_tag.setdefault(tag, []).append("".join(_operation(path, method, item[method])))
    for tag, operations in by_tag.items():
        yield f"<h2>{escape(tag)}</h2>{''.join(operations)}"


def _operation(path: str, method: str, operation: Mapping[str, Any]) -> Iterator[str]:
    yield f'<details><summary><span class="m {method}">{method.upper()}</span> <code>{escape(path)}</code> '
    yield f"{escape(operation['summary'])}</summary>"
    if operation.get("description"):
        yield f"<p>{escape(operation['description'])}</p>"
    parameters = operation.get("parameters", [])
    if parameters:
        yield "<table><tr><th>Tham số</th><th>Ở</th><th></th></tr>"
        for one in parameters:
            yield f"<tr><td><code>{escape(one['name'])}</code></td><td>{escape(one['in'])}</td>"
            yield f"<td>{escape(one.get('description', ''))}</td></tr>"
        yield "</table>"
    for title, content in (
        ("Nội dung gửi", operation.get("requestBody", {}).get("content", {})),
        ("Kết quả", operation["responses"].get("200", {}).get("content", {})),
    ):
        for media_type, shape in content.items():
            for text in _examples(shape):
                yield f"<p>{title} (<code>{escape(media_type)}</code>)</p><pre>{escape(text)}</pre>"
    yield "</details>"


def _examples(shape: Mapping[str, Any]) -> Iterator[str]:
    if "example" in shape:
        yield _written(shape["example"])
    for one in shape.get("examples", {}).values():
        yield _written(one["value"])


def _written(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)


@router.get(
    "/problems",
    summary="Bảng mã lỗi",
    responses=shows({"problems": [{"code": "not-allowed", "status": 403, "title": "Không có quyền"}]}),
)
def problems_list() -> dict[str, list[dict[str, Any]]]:
    """Every code with its status and title."""
    return {"problems": [_entry(code) for code in PROBLEMS]}


@router.get(
    "/problems/{code}",
    summary="Một mã lỗi",
    responses=shows({"code": "not-allowed", "status": 403, "title": "Không có quyền"}),
)
def problem(code: str) -> dict[str, Any]:
    """One code, under the address that problem documents name as their type."""
    if code not in PROBLEMS:
        raise Problem(EdgeCode.NOT_FOUND, "Không có mã lỗi này. Xem bảng mã ở /problems.")
    return _entry(code)


def _entry(code: str) -> dict[str, Any]:
    status, title = PROBLEMS[code]
    return {"code": str(code), "status": status, "title": title}
