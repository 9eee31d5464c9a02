"""camt.053 and camt.054: the public sample files against the decodings published with them."""

import json
from pathlib import Path
from typing import Any

import pytest

from adapters.bank.camt import read_camt, read_camt054
from adapters.bank.camt_document import CamtDetails, read_records
from adapters.bank.reader import read_statement
from domain.errors import Malformed
from domain.notice import Direction

SAMPLES = Path(__file__).resolve().parents[2] / ".." / "shared" / "payments" / "statements" / "camt053"


def sample(name: str) -> bytes:
    if not SAMPLES.exists():
        pytest.skip("the shared statement samples are missing beside the repository")
    return (SAMPLES / name).read_bytes()


def of_class(node: Any, name: str) -> list[dict[str, Any]]:
    """Every object of a class in a twin; it prints each object once and marks every later mention."""
    if isinstance(node, list):
        return [found for item in node for found in of_class(item, name)]
    if not isinstance(node, dict):
        return []
    here = [node] if node.get("__CLASS__", "").endswith(f"\\{name}") else []
    return here + [found for item in node.values() for found in of_class(item, name)]


def twin_sum(money: dict[str, Any]) -> tuple[int, str]:
    return int(money["getAmount"]), money["getCurrency"]["getCode"]


def twin_code(code: dict[str, Any]) -> str:
    if code["getProprietary"]:
        return str(code["getProprietary"]["getCode"])
    family = code["getDomain"]["getFamily"]
    return f"{code['getDomain']['getCode']}/{family['getCode']}/{family['getSubFamilyCode']}"


def our_parties(details: CamtDetails) -> set[tuple[str, str | None, str | None]]:
    ours = {
        ("Debtor", details.debtor_name, details.debtor_account),
        ("Creditor", details.creditor_name, details.creditor_account),
    }
    return {party for party in ours if party[1:] != (None, None)}


def twin_parties(node: Any) -> set[tuple[str, str | None, str | None]]:
    return {
        (
            party["getRelatedPartyType"]["__CLASS__"].rpartition("\\")[2],
            party["getRelatedPartyType"]["getName"],
            (party["getAccount"] or {}).get("getIdentification"),
        )
        for party in of_class(node, "RelatedParty")
    }


@pytest.mark.parametrize(
    ("name", "records", "entries", "details"),
    [
        ("camt053.v2.minimal", 1, 1, 1),
        ("camt053.v2.multi.statement", 1, 1, 1),
        ("camt053.v8", 1, 1, 1),
        ("camt054.v2", 1, 1, 3),
    ],
)
def test_each_sample_reads_as_its_twin_says(name: str, records: int, entries: int, details: int) -> None:
    # The twin of the file with two statements tells only of the last one.
    read = read_records(sample(f"{name}.xml"))[-records:]
    twin = json.loads(sample(f"{name}.json"))
    ours = [item for record in read for item in record.entries]
    parts = [part for item in ours for part in item.details]
    assert (len(read), len(ours), len(parts)) == (records, entries, details)

    said_accounts = [*of_class(twin, "IbanAccount"), *of_class(twin, "OtherAccount")]
    assert {record.account for record in read} <= {account["getIdentification"] for account in said_accounts}
    assert sorted((b.signed_minor, b.currency, b.day.isoformat()) for r in read for b in r.balances) == sorted(
        (*twin_sum(b["getAmount"]), b["getDate"]["0"][:10]) for b in of_class(twin, "Balance")
    )
    assert sorted(
        (
            i.amount.minor if i.credit else -i.amount.minor,
            i.amount.currency,
            str(i.booked_on),
            str(i.value_on),
            i.reference,
            i.reversal,
            i.status,
            i.code,
        )
        for i in ours
    ) == sorted(
        (
            *twin_sum(e["getAmount"]),
            e["getBookingDate"]["0"][:10],
            e["getValueDate"]["0"][:10],
            e["getAccountServicerReference"],
            e["getReversalIndicator"],
            e["getStatus"],
            twin_code(e["getBankTransactionCode"]),
        )
        for e in of_class(twin, "Entry")
    )
    assert {party for part in parts for party in our_parties(part)} == twin_parties(twin)
    assert sorted(part.end_to_end or "" for part in parts) == sorted(
        reference["getEndToEndId"] or "" for reference in of_class(twin, "Reference")
    )
    contents = " ".join(part.content for part in parts)
    for block in of_class(twin, "UnstructuredRemittanceInformation"):
        assert block["getMessage"] in contents
    for block in of_class(twin, "CreditorReferenceInformation"):
        assert block["getRef"] in contents


def test_the_sample_of_two_statements_ties_out_in_euro_cents() -> None:
    first, second = read_camt(sample("camt053.v2.multi.statement.xml"), currency="EUR")
    assert (first.opening, first.closing, second.opening, second.closing) == (1815, 2700, 2700, 2000)
    assert [item.content for item in (*first.lines, *second.lines)] == [
        "Transaction Description 1",
        "Transaction Description 2",
    ]
    assert second.lines[0].direction is Direction.OUT
    assert second.lines[0].counterparty_name == "Company Name 2"
    assert second.lines[0].where == "Stmt[2]/Ntry[1]"


@pytest.mark.parametrize("name", ["camt053.v2.minimal.xml", "camt053.v8.xml"])
def test_a_sample_whose_balances_are_in_two_currencies_is_refused_with_the_place(name: str) -> None:
    with pytest.raises(Malformed, match="SEK") as caught:
        read_camt(sample(name), currency="EUR")
    assert caught.value.where == "Stmt[1]/Bal[2]"


def test_the_broken_sample_is_refused_with_reason_and_place() -> None:
    with pytest.raises(Malformed, match="Stmt") as caught:
        read_camt(sample("camt053.v2.wrong.xml"))
    assert caught.value.where == "Document"


def test_the_notification_sample_gives_its_booked_line_and_is_no_statement() -> None:
    (booked,) = read_camt054(sample("camt054.v2.xml"), currency="SEK")
    assert (booked.amount, booked.direction, booked.bank_reference) == (
        20_000_000,
        Direction.OUT,
        "AAAASESS-FP-ACCR001",
    )
    with pytest.raises(Malformed, match=r"camt\.054"):
        read_camt(sample("camt054.v2.xml"))


def test_a_euro_statement_is_no_statement_of_dong() -> None:
    with pytest.raises(Malformed, match="EUR"):
        read_statement(sample("camt053.v2.multi.statement.xml"), "a.xml")
