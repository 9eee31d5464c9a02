"""The table of problems: every refusal has a status and a title, and documents have the shape of RFC 9457."""

import json

import pytest

from api import problems
from api.problems import MEDIA_TYPE, PROBLEMS, EdgeCode
from domain.errors import RETRYABLE, RefusalCode


def test_every_refusal_and_every_problem_of_the_edge_stands_in_the_table_and_nothing_else():
    assert set(PROBLEMS) == set(RefusalCode) | set(EdgeCode)


def test_the_two_lists_share_no_code():
    assert not {str(code) for code in RefusalCode} & {str(code) for code in EdgeCode}


@pytest.mark.parametrize("code", PROBLEMS)
def test_a_status_is_an_error_and_a_title_is_vietnamese(code):
    status, title = PROBLEMS[code]
    assert 400 <= status < 600
    assert title[0].isupper()
    assert not title.endswith(".")


def test_a_document_has_its_members_and_is_retryable_where_the_domain_says_so():
    for code in PROBLEMS:
        made = problems.document(code, "chi tiết", more=1)
        assert made["type"] == f"/problems/{code}"
        assert (made["code"], made["detail"], made["more"]) == (code, "chi tiết", 1)
        if code in set(RefusalCode):
            assert made["retryable"] is (code in RETRYABLE)
        json.dumps(made)


def test_a_fault_tells_its_number_and_nothing_of_what_happened(caplog):
    try:
        raise KeyError("Nguyễn Thị An")
    except KeyError as error:
        answer = problems.fault(error)
    told = json.loads(bytes(answer.body))
    assert answer.media_type == MEDIA_TYPE
    assert (answer.status_code, told["code"]) == (500, "fault")
    assert told["incident"] in told["detail"]
    assert told["incident"] in caplog.text
    assert "KeyError at test_a_fault" in caplog.text
    assert "Nguyễn" not in told["detail"] + caplog.text


def test_an_outage_asks_to_try_again():
    answer = problems.unavailable()
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert json.loads(bytes(answer.body))["retryable"] is True
