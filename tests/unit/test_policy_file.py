"""The shipped policy file, bad policy files, and local decisions on shares."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from adapters.office.policy_file import SHIPPED, load, offline_policy
from adapters.office.share_decision import read
from domain.errors import Malformed
from domain.organisation_kinds import UnitKind
from domain.policy_rows import Confidence, has_known_value, is_stated_default, share_label

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT / ".." / "shared" / "domain" / "dues_policy.json"
EXAMPLE = ROOT / "examples" / "viet-hoa" / "quyet-dinh-ty-le.json"


def test_the_shipped_file_reads_and_is_known_by_its_digest() -> None:
    file = load()
    assert file.digest == hashlib.sha256(SHIPPED.read_bytes()).hexdigest()
    assert file.rows.find("R26-SI") is not None
    assert file.rows.find("R99-XX") is None


def test_rates_and_wages_say_what_the_collected_facts_say() -> None:
    if not SHARED.exists():
        pytest.skip("the folder shared with the collected facts is not beside the repository")
    facts = json.loads(SHARED.read_text(encoding="utf-8"))
    rows = load().rows
    # Beside the collected facts stand only the tiers that 342-QĐ/TW halves past working age.
    half = {"R10-OTH-H", "R10-AGR1-H", "R10-AGR2-H", "R10-AGR3-H", "R10-BIZ-H"}
    assert {row.id for row in rows.rates} - {fact["id"] for fact in facts["rates"]} == half
    for fact, row in zip(facts["rates"], (row for row in rows.rates if row.id not in half), strict=True):
        value: Any = fact["value"]
        assert (row.id, row.category, row.kind) == (fact["id"], fact["category_code"], fact["kind"])
        assert (row.document, row.article, row.confidence) == (fact["document"], fact["article"], fact["confidence"])
        assert row.from_month == fact["effective_from"][:7]
        assert row.to_month == (fact["effective_to"] or "")[:7] or row.to_month is fact["effective_to"]
        ours = {"percent": row.value_bp, "fixed": row.value_dong, "range": [row.low, row.high], "minimum": row.low}
        assert ours[fact["kind"]] == value
    wages = {(row.region, row.from_month, row.amount, row.to_month) for row in rows.wages}
    assert wages == {
        (wage["region"], wage["effective_from"][:7], wage["amount"], wage["effective_to"] and wage["effective_to"][:7])
        for wage in facts["reference_values"]["regional_minimum_wage_monthly"]
    }


def test_every_tier_past_working_age_is_half_of_its_own() -> None:
    rows = load().rows.rates
    half = [(row, found) for row in rows for found in rows if row.id == f"{found.id}-H"]
    assert len(half) == 5
    for ours, whole in half:
        assert (ours.value_dong, ours.low, ours.high) == tuple(
            value and value // 2 for value in (whole.value_dong, whole.low, whole.high)
        )
        assert (ours.from_month, ours.to_month, ours.regime) == (whole.from_month, whole.to_month, whole.regime)


def test_the_offline_policy_holds_sure_rows_and_stated_defaults_and_nothing_else() -> None:
    policy = offline_policy()
    active = {fact.row_id for fact in policy.activations}
    expected = {
        row.id
        for row in policy.known.every()
        if is_stated_default(row) or (row.confidence in ("seen", "derived") and has_known_value(row))
    }
    assert active == expected
    assert active.isdisjoint({"CAP25", "CAP26", "S26-CELL", "S26-COMM", "R10-STU"})


Change = Callable[[dict[str, Any]], None]


def _change(path: str, value: object) -> Change:
    def apply(document: dict[str, Any]) -> None:
        *way, last = path.split(".")
        place: Any = document
        for step in way:
            place = place[int(step)] if step.isdigit() else place[step]
        key: Any = int(last) if last.isdigit() else last
        if value is KeyError:
            del place[key]
        else:
            place[key] = value

    return apply


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (_change("format", "other"), "tệp.json.format"),
        (_change("version", 2), "tệp.json.version"),
        (_change("rates", {}), "tệp.json.rates"),
        (_change("rates.0", "R26-SI"), "tệp.json.rates[0]"),
        (_change("rates.0.value_bp", 1.5), "rates[0].value_bp"),
        (_change("rates.0.value_bp", "100"), "rates[0].value_bp"),
        (_change("rates.0.value_bp", True), "rates[0].value_bp"),
        (_change("rates.0.value_bp", -1), "rates[0].value_bp"),
        (_change("rates.0.value_bp", 10_001), "rates[0].value_bp"),
        (_change("rates.0.value_bp", None), "rates[0]"),
        (_change("rates.0.value_dong", 5), "rates[0]"),
        (_change("rates.0.base_kind", "none"), "rates[0].base_kind"),
        (_change("rates.0.from_month", "2026-13"), "rates[0].from_month"),
        (_change("rates.0.to_month", "2026-01"), "rates[0].to_month"),
        (_change("rates.0.confidence", "certain"), "rates[0].confidence"),
        (_change("rates.0.document", KeyError), "rates[0].document"),
        (_change("rates.0.document", "99-XX"), "R26-SI"),
        (_change("rates.0.titel", "x"), "rates[0].titel"),
        (_change("rates.9.high", 1), "rates[9].high"),
        (_change("wages.0.region", "V"), "wages[0].region"),
        (_change("wages.0.amount", 2**63), "wages[0].amount"),
        (_change("wages.4.from_month", "2025-12"), "tệp.json"),
        (_change("caps.0.base_kind", "none"), "caps[0].base_kind"),
        (_change("reliefs.3.percents", [30, 101]), "reliefs[3].percents[1]"),
        (_change("reliefs.3.application_required", "yes"), "reliefs[3].application_required"),
        (_change("roundings.0.unit", 0), "roundings[0].unit"),
        (_change("shares.0.low_bp", None), "shares[0]"),
        (_change("shares.0.low_bp", 6000), "shares[0]"),
        (_change("shares.0.retain_bp", 4000), "shares[0]"),
        (_change("shares.0.unit_kind", "WARD"), "shares[0].unit_kind"),
        (_change("shares.1.id", "S10-CELL"), "tệp.json"),
        (_change("compiled_on", "2026-02-30"), "compiled_on"),
        (_change("extra", 1), "tệp.json.extra"),
    ],
)
def test_a_bad_policy_file_is_refused_with_the_place(change: Change, where: str, tmp_path: Path) -> None:
    document = json.loads(SHIPPED.read_text(encoding="utf-8"))
    change(document)
    path = tmp_path / "tệp.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(Malformed) as caught:
        load(path)
    assert caught.value.where.endswith(where)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (SHIPPED.read_bytes()[:4998], "JSON"),
        ("đảng".encode()[:4], "cắt giữa chừng"),
        (b"", "JSON"),
        ('{"format": "đảng"}'.encode("utf-16"), "UTF-8"),
        ("đảng phí".encode("cp1258", errors="replace"), "UTF-8"),
        (b'{"format": 1, "format": 2}', "hai lần"),
        (b"[" * 100_000, "lồng quá sâu"),
        (b'{"version": ' + b"9" * 5000 + b"}", "số quá dài"),
        (b"[]", "đối tượng JSON"),
        (b" " * 2_000_001, "2000000 byte"),
    ],
)
def test_a_file_that_is_no_json_object_is_refused_and_named(content: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / "luat.json"
    path.write_bytes(content)
    with pytest.raises(Malformed) as caught:
        load(path)
    assert caught.value.where.startswith("luat.json")
    assert said in caught.value.message


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(Malformed) as caught:
        load(tmp_path / "khong-co.json")
    assert caught.value.where.endswith("khong-co.json")


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "bom.json"
    path.write_bytes(b"\xef\xbb\xbf" + SHIPPED.read_bytes())
    assert load(path).rows == load().rows


def test_the_example_decision_says_that_its_shares_are_examples() -> None:
    decision = read(EXAMPLE)
    assert decision.is_example
    kept = {row.unit_kind: row.retain_bp for row in decision.rows}
    assert kept == {
        UnitKind.CELL: 3000,
        UnitKind.BASE_CELL: 3000,
        UnitKind.BASE_OTHER: 5000,
        UnitKind.SUPERIOR_COMMUNE: 5000,
        UnitKind.BASE_COMMUNE: 5000,
        UnitKind.PROVINCE: 5000,
    }
    for row in decision.rows:
        assert (row.from_period, row.to_period, row.decision) == ("2026-07", None, "01-QĐ/VD-ĐU")
        assert row.confidence is Confidence.GUESS
        assert "tỷ lệ ví dụ" in share_label(row)


CSV_HEAD = "so_quyet_dinh,ngay,co_quan_ban_hanh,loai_to_chuc,ty_le_giu_lai,tu_ky,den_ky,la_vi_du,ghi_chu\n"


def test_a_decision_as_csv_reads_like_the_same_decision_as_json(tmp_path: Path) -> None:
    lines = [
        f"01-QĐ/VD-ĐU,2026-06-25,Đảng ủy phường Việt Hòa (ví dụ),{kind},{percent},2026-07,,có,tỷ lệ ví dụ\n"
        for kind, percent in (
            ("CELL", 30),
            ("BASE_CELL", 30),
            ("BASE_OTHER", 50),
            ("SUPERIOR_COMMUNE", 50),
            ("BASE_COMMUNE", 50),
            ("PROVINCE", 50),
        )
    ]
    path = tmp_path / "quyet-dinh.csv"
    path.write_text(CSV_HEAD + "".join(lines), encoding="utf-8-sig")
    from_csv, from_json = read(path), read(EXAMPLE)
    assert from_csv.rows == from_json.rows
    assert (from_csv.number, from_csv.decided_on, from_csv.issuer) == (
        from_json.number,
        from_json.decided_on,
        from_json.issuer,
    )


def test_a_share_with_two_decimals_is_exact(tmp_path: Path) -> None:
    document = json.loads(EXAMPLE.read_text(encoding="utf-8"))
    document["rows"][0]["retain_percent"] = 33.33
    document["is_example"] = False
    path = tmp_path / "q.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    row = read(path).rows[0]
    assert (row.retain_bp, row.confidence) == (3333, Confidence.SEEN)
    assert "ví dụ" not in share_label(row).replace("VD", "")


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (_change("rows.0.retain_percent", 100.01), "rows[0].retain_percent"),
        (_change("rows.0.retain_percent", -1), "rows[0].retain_percent"),
        (_change("rows.0.retain_percent", "33.333"), "rows[0].retain_percent"),
        (_change("rows.0.retain_percent", "NaN"), "rows[0].retain_percent"),
        (_change("rows.0.retain_percent", "ba mươi"), "rows[0].retain_percent"),
        (_change("rows.0.retain_percent", None), "rows[0].retain_percent"),
        (_change("rows.0.unit_kind", "chi bộ"), "rows[0].unit_kind"),
        (_change("rows.1.unit_kind", "CELL"), "q.json"),
        (_change("rows.0.from_period", "2026-Q3"), "rows[0].from_period"),
        (_change("rows.0.from_period", KeyError), "rows[0].from_period"),
        (_change("rows", []), "q.json"),
        (_change("is_example", "có"), "q.json.is_example"),
        (_change("is_example", KeyError), "q.json.is_example"),
        (_change("number", " "), "q.json.number"),
        (_change("date", "25/06/2026"), "q.json.date"),
        (_change("rows.0.note", "x"), "rows[0].note"),
    ],
)
def test_a_bad_decision_is_refused_with_the_place(change: Change, where: str, tmp_path: Path) -> None:
    document = json.loads(EXAMPLE.read_text(encoding="utf-8"))
    change(document)
    path = tmp_path / "q.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(Malformed) as caught:
        read(path)
    assert caught.value.where.endswith(where)


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ("", "q.csv"),
        ("01,2026-06-25,ĐU,CELL,30,2026-07,,có\n", "q.csv:2"),
        ("01,2026-06-25,ĐU,CELL,30,2026-07,,maybe,\n", "q.csv:2.is_example"),
        ("01,2026-06-25,ĐU,CELL,,2026-07,,có,\n", "q.csv:2.retain_percent"),
        ("01,2026-06-25,ĐU,CELL,30,2026-07,,có,\n02,2026-06-25,ĐU,PROVINCE,50,2026-07,,có,\n", "q.csv"),
        ('01,2026-06-25,"ĐU,CELL,30,2026-07,,có,\n', "q.csv:2"),
    ],
)
def test_a_bad_csv_decision_is_refused_with_the_line(body: str, where: str, tmp_path: Path) -> None:
    path = tmp_path / "q.csv"
    path.write_text(CSV_HEAD + body, encoding="utf-8")
    with pytest.raises(Malformed) as caught:
        read(path)
    assert caught.value.where == where


def test_a_csv_with_other_headings_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "q.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(Malformed) as caught:
        read(path)
    assert caught.value.where == "q.csv:1"
