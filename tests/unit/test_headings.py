"""Headings of spending are rows of a file; a file that cannot be right is refused, unknown words fall under "other"."""

import pytest

from ledger.headings import HEADINGS, of_key, read_headings


def test_a_row_of_headings_is_data_and_a_bad_file_is_refused() -> None:
    text = '{"headings": [' + ", ".join(
        f'{{"code": "{code}", "title": "t", "line": "other"}}' for code in ("bank-fee", "shortage", "other", "new")
    )
    assert list(read_headings(text + "]}")) == ["bank-fee", "shortage", "other", "new"]
    with pytest.raises(ValueError, match="unique"):
        read_headings('{"headings": []}')
    with pytest.raises(ValueError, match="unknown line"):
        read_headings(text + ', {"code": "x", "title": "t", "line": "nowhere"}]}')
    assert {row.line for row in HEADINGS.values()} <= set(HEADINGS)
    assert of_key("newspapers:4320") == ("newspapers", "4320")
    assert of_key("bank-fee") == ("bank-fee", "4310")
    assert of_key("mục lạ") == ("other", "4310")
