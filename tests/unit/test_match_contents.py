"""Mangled transfer contents, as they arrive, through text, references and rules: the right claim or none."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from domain.match import Rule, may_post
from domain.reference import find_references, suggest
from domain.return_words import words
from reconciliation.match.engine import match
from reconciliation.match.exact import VERDICTS, match_references, reference_keys, references_in
from reconciliation.match.values import MoneyIn, NearReference
from tests.matching import REFERENCES, money, owes

SHARED = Path(__file__).resolve().parents[2] / ".." / "shared" / "payments" / "transfer_contents.json"
AMOUNT = 60_000
R1, R2 = REFERENCES[:2]
CLAIMS = [owes(f"a{n}", AMOUNT, reference) for n, reference in enumerate(REFERENCES)]

#: Shapes of payments §7.1 around X, our own beside the shared ones.
SHAPES = (
    "MBVCB.3278907687.X.CT tu 0000000017 NGUYEN VAN A toi 0000000000024 DANG BO tai BIDV",
    "MBVCB.32789076871.123456.X.CT tu 0000000017 NGUYEN VAN A toi 0000000000024 DANG BO GD 223854-100926 22:38:54",
    "884114.100926.223854.X",
    "X - Ma giao dich/ Trace 587293",
    "X-Ma GD ACSP/ A3817592",
    "BankAPINotify QaXk2 SEPAY6747 1  128667960303-X-CHUYEN TIEN-OQCH000BMyrx-MOMO128667960303MOMO",
    "125916522983-94111011835X-CHUYEN TIEN-OQCH000AEYII-MOMO125916522983MOMO",
    "REM Tfr A/C 12010000 B/O NGUYEN VAN A F/O X",
    "CT DEN:612345678901 X",
    "SHGD:10003411.DD:260501.BO:NGUYEN VAN A.Remark:(X T5)",
    "VTLMONEY X HP T5 260501123456789",
)
MANGLED = (
    ("as it is", lambda x: x),
    ("lower case", str.lower),
    ("in groups", lambda x: f"{x[:2]} {x[2:6]} {x[6:10]} {x[10:]}"),
    ("with hyphens", lambda x: f"{x[:4]}-{x[4:8]}-{x[8:]}"),
    ("broken by a line end", lambda x: f"{x[:3]}\n{x[3:]}"),
    ("told twice", lambda x: f"{x} {x}"),
    ("letters for digits", lambda x: x[:2] + x[2:].replace("0", "O").replace("1", "l")),
)


def arrived(content: str, **more: Any) -> MoneyIn:
    """Money with what is found in its text."""
    return money(
        "m",
        more.pop("amount", AMOUNT),
        *find_references(content),
        near=tuple(
            NearReference(reference=s.reference, slip=str(s.slip), position=s.position) for s in suggest(content)
        ),
        tokens=words(content),
        **more,
    )


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("reference", REFERENCES)
@pytest.mark.parametrize(("how", "mangle"), MANGLED, ids=[name for name, _ in MANGLED])
def test_a_whole_reference_is_matched_through_every_shape(shape: str, reference: str, how: str, mangle: Any) -> None:
    del how
    [pair] = match([arrived(shape.replace("X", mangle(reference), 1))], CLAIMS).pairs
    assert (pair.rule, pair.claims) == (Rule.EXACT_REFERENCE, (CLAIMS[REFERENCES.index(reference)].key,))
    assert may_post(pair.rule, pair.evidence, 9_500)


@pytest.mark.parametrize("shape", SHAPES)
def test_without_a_reference_no_bank_or_wallet_number_is_ever_one(shape: str) -> None:
    content = shape.replace("X", "nop dang phi thang 5", 1)
    assert find_references(content) == ()
    assert match([arrived(content)], CLAIMS).pairs == ()


@pytest.mark.parametrize("cut", range(1, 12))
def test_a_reference_cut_at_the_end_is_never_posted(cut: int) -> None:
    for reference in REFERENCES:
        for pair in match([arrived(f"NGUYEN VAN A {reference[:-cut]}")], CLAIMS).pairs:
            assert not may_post(pair.rule, pair.evidence, 0)


def _items() -> list[dict[str, Any]]:
    if not SHARED.exists():
        return []
    items: list[dict[str, Any]] = json.loads(SHARED.read_text(encoding="utf-8"))["items"]
    return items


def test_the_shared_contents_are_there() -> None:
    if not SHARED.exists():
        pytest.skip(
            "../shared/payments/transfer_contents.json is missing: mangled contents are checked on our own only"
        )
    assert len(_items()) >= 30


@pytest.mark.parametrize("item", _items(), ids=lambda item: item["id"])
def test_each_shared_content_finds_exactly_what_it_should(item: dict[str, Any]) -> None:
    wanted = item["expect"]["match"]
    come_back = "return" in item["expect"].get("action", "") or "reversal" in item["expect"].get("action", "")
    one = arrived(item["content"], amount=AMOUNT * max(1, len(wanted)), returned=come_back)
    assert list(one.references) == wanted
    posted = [p for p in match([one], CLAIMS).pairs if may_post(p.rule, p.evidence, 9_500)]
    if wanted and not come_back:
        [pair] = posted
        assert {CLAIMS[REFERENCES.index(reference)].key for reference in wanted} == set(pair.claims)
    else:
        assert posted == []
    offered = {near.reference for near in one.near if near.reference in REFERENCES}
    assert offered >= set(item["expect"].get("suggest", ()))


# --- over frames --------------------------------------------------------------------------------------------------


def _frame(kind: str, rows: list[tuple[int, int, int, str]]) -> pd.DataFrame:
    columns = list(zip(*rows, strict=True))
    frame = pd.DataFrame({kind: columns[0], "account": columns[1], "amount": columns[2]}).astype("int64")
    return frame.assign(reference=reference_keys(pd.Series(columns[3], dtype="str")))


def test_frames_are_paired_by_reference_with_a_verdict_and_stay_integers() -> None:
    r3, r4, r5 = REFERENCES[2:]
    lines = _frame("line", [(1, 7, 50, R1), (2, 7, 60, R2), (3, 8, 70, r3), (4, 7, 80, r4), (5, 7, 80, r4)])
    receipts = _frame("receipt", [(11, 7, 50, R1), (12, 7, 61, R2), (13, 7, 70, r3), (14, 7, 80, r4), (15, 7, 1, r5)])
    pairs = match_references(lines, receipts)
    assert {str(kind) for kind in pairs.dtypes} == {"int64", "int8"}
    told = {(row.line, row.receipt): (row.amount, row.open, VERDICTS[row.verdict]) for row in pairs.itertuples()}
    assert told == {
        (1, 11): (50, 50, "exact"),
        (2, 12): (60, 61, "other-amount"),
        (3, 13): (70, 70, "other-account"),
        (4, 14): (80, 80, "several"),
        (5, 14): (80, 80, "several"),
    }


def test_a_line_with_two_references_is_no_exact_pair_of_either() -> None:
    lines = _frame("line", [(1, 7, 50, R1), (1, 7, 50, R2)])
    receipts = _frame("receipt", [(11, 7, 50, R1), (12, 7, 50, R2)])
    assert {VERDICTS[v] for v in match_references(lines, receipts)["verdict"]} == {"several"}


def test_frames_that_share_no_reference_give_an_empty_frame_of_integers() -> None:
    pairs = match_references(_frame("line", [(1, 7, 50, R1)]), _frame("receipt", [(11, 7, 50, R2)]))
    assert (len(pairs), {str(kind) for kind in pairs.dtypes}) == (0, {"int64", "int8"})


@pytest.mark.parametrize("column", ["account", "amount", "reference", "line"])
def test_a_column_that_holds_no_integers_is_refused(column: str) -> None:
    lines = _frame("line", [(1, 7, 50, R1)])
    with pytest.raises(TypeError, match=column):
        match_references(lines.assign(**{column: 1.5}), _frame("receipt", [(11, 7, 50, R1)]))


def test_references_are_found_in_a_column_at_their_places() -> None:
    found = references_in(
        pd.Series(["nothing", f"x {R1.lower()} {R2}", "", f"Đảng phí {R1[:4]} {R1[4:]}"], dtype="str")
    )
    assert list(zip(found["at"], found["reference"], strict=True)) == [(1, R1), (1, R2), (3, R1)]


def test_keys_of_references_are_their_fifty_bits_and_nothing_else_passes() -> None:
    keys = reference_keys(pd.Series(REFERENCES, dtype="str"))
    assert keys.nunique() == len(REFERENCES)
    assert keys.max() < 1 << 50
    with pytest.raises(ValueError, match="alphabet"):
        reference_keys(pd.Series(["HJQPM5YNFT9U"], dtype="str"))
