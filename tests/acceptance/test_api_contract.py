"""The interface as a whole: what its document says, who is let in where, what it never tells."""

import logging

import pytest
from fastapi.routing import APIRoute

from api.app import OPEN_PATHS, ROUTERS, create_app
from api.wiring import in_memory
from tests.acceptance.front_door import SetClock, bearer, paid, problem
from tests.acceptance.story import settings


@pytest.fixture(scope="module")
def document():
    return create_app(in_memory(settings()), SetClock()).openapi()


def operations(document):
    return [(path, method, op) for path, item in document["paths"].items() for method, op in item.items()]


def walk(node):
    yield node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from walk(child)


def test_the_document_is_whole(document):
    """Every reference leads somewhere, every id is used once, every path parameter is declared."""
    assert document["openapi"].startswith("3.1")
    for node in walk(document):
        if isinstance(node, dict) and isinstance(node.get("$ref"), str):
            found = document
            for step in node["$ref"].removeprefix("#/").split("/"):
                found = found[step]
    ids = [op["operationId"] for _, _, op in operations(document)]
    assert len(ids) == len(set(ids))
    for path, method, op in operations(document):
        declared = {p["name"] for p in op.get("parameters", []) if p["in"] == "path"}
        assert declared == {part[1:-1] for part in path.split("/") if part.startswith("{")}, (method, path)


def has_example(shape, document):
    if "example" in shape or "examples" in shape:
        return True
    schema = shape.get("schema", {})
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    return "examples" in schema


def test_every_operation_has_a_vietnamese_summary_and_examples_of_what_goes_in_and_comes_out(document):
    for path, method, op in operations(document):
        assert any(ord(letter) > 127 for letter in op["summary"]), (method, path)
        for shape in op["responses"]["200"]["content"].values():
            assert has_example(shape, document), (method, path, "answer")
        assert "application/problem+json" in op["responses"]["default"]["content"], (method, path)
        for shape in op.get("requestBody", {}).get("content", {}).values():
            assert has_example(shape, document), (method, path, "body")


def test_every_operation_needs_a_token_but_those_listed_and_every_command_a_key(document):
    for path, method, op in operations(document):
        assert ("security" not in op) == (path in OPEN_PATHS), (method, path)
        # The portal sends no key with a look-up, and each look-up may mint a transaction of its own.
        if method == "post" and path not in {*OPEN_PATHS, "/portal/bills"}:
            assert any(p["name"] == "Idempotency-Key" for p in op["parameters"]), path


def test_no_route_is_hidden_from_the_document_but_the_pages_that_show_it(document):
    every = {
        route.path.replace(":path", "") for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)
    }
    assert every - set(document["paths"]) == {"/", "/docs", "/docs.css"}


def test_every_guarded_route_turns_a_stranger_away(door):
    document = door.app.openapi()
    for path, method, _ in operations(document):
        if path in OPEN_PATHS:
            continue
        filled = path.replace("{number}", "1").replace("{", "").replace("}", "")
        answer = door.client.request(method, filled, headers={"Idempotency-Key": "k"})
        problem(answer, 401, "unauthenticated")


def test_every_answer_carries_the_security_headers(door):
    for answer in (door.client.get("/livez"), door.client.get("/nowhere"), door.notify(b"x")):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_the_documentation_page_shows_every_operation_and_loads_nothing_from_elsewhere(door):
    page = door.client.get("/docs").text
    for path, _, op in operations(door.app.openapi()):
        assert path.replace("'", "&#x27;") in page
        assert op["summary"].split("«")[0][:30] in page
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert "https://" not in page
    assert "<script" not in page
    assert door.client.get("/docs.css").headers["content-type"].startswith("text/css")
    assert door.client.get("/", follow_redirects=True).url.path == "/docs"


def test_a_problem_s_type_leads_to_its_explanation(door):
    told = problem(door.get("/nowhere"), 404, "not-found")
    assert door.client.get(told["type"]).json() == {"code": "not-found", "status": 404, "title": told["title"]}
    assert len(door.client.get("/problems").json()["problems"]) > 60
    problem(door.client.get("/problems/none"), 404, "not-found")


def test_health_says_what_works(door):
    assert door.client.get("/livez").json() == {"ok": True}
    ready = door.client.get("/readyz")
    assert (ready.status_code, ready.json()["ok"]) == (200, True)
    assert {"database", "migrations", "inbox"} <= {check["name"] for check in ready.json()["checks"]}


def test_a_message_that_waits_too_long_makes_the_shard_unready(door):
    opened = door.attempt("A1")
    door.notify(paid(opened["reference"], opened["amount"], "GD1"))
    assert door.client.get("/readyz").status_code == 200
    door.clock.instant = door.clock.instant.replace(hour=13)
    ready = door.client.get("/readyz")
    assert (ready.status_code, ready.json()["ok"]) == (503, False)
    assert door.client.get("/health").status_code == 200
    door.work_off()
    assert door.client.get("/readyz").status_code == 200


def test_neither_bodies_nor_queries_nor_tokens_nor_ids_are_logged(door, caplog):
    caplog.set_level(logging.DEBUG)
    opened = door.attempt("A1")
    door.notify(paid(opened["reference"], opened["amount"], "GD-canary-1"))
    door.notify(b'{"MaLoi": "canary-2"}')
    door.get(f"/requests/{opened['reference']}", canary=3)
    door.client.post("/remittances", content=b'{"canary-4"', headers={**bearer("A-TP"), "Idempotency-Key": "canary-5"})
    door.get("/refunds/canary-6")
    door.work_off()
    ours = "\n".join(r.getMessage() for r in caplog.records if r.name.startswith(("dangphi", "uvicorn")))
    assert "POST /callbacks/portal 200" in ours
    assert "canary" not in ours
    assert "token-" not in ours
    assert opened["reference"] not in ours
