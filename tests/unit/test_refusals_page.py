"""``docs/reference/refusals.md`` is what the code says."""

import runpy
from pathlib import Path

from domain.errors import RefusalCode

ROOT = Path(__file__).resolve().parents[2]
MADE = runpy.run_path(str(ROOT / "docs" / "reference" / "make_refusals.py"))


def test_the_page_is_up_to_date() -> None:
    # A mismatch is mended by running: make refusals
    assert (ROOT / "docs" / "reference" / "refusals.md").read_text(encoding="utf-8") == MADE["page"]()


def test_every_code_stands_on_the_page_under_its_section() -> None:
    listed = [code for _, codes in MADE["sections"]() for code in codes]
    assert listed == list(RefusalCode)


def test_messages_are_found_with_placeholders_for_what_differs() -> None:
    told = MADE["messages"]()
    assert any("«…»" in message for message in told["RELIEF_NOT_ALLOWED"])
    assert any("domain/policy.py" in files for files in told["RELIEF_NOT_ALLOWED"].values())
