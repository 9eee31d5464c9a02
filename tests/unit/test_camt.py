"""camt.053: the traps of the format, what is refused, and the file that we write ourselves."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from adapters.bank.camt import read_camt
from adapters.bank.camt_document import read_records
from adapters.bank.reader import read_statement
from adapters.sandbox.statements import write_camt053
from domain.errors import Malformed, Refusal, RefusalCode
from domain.notice import BankLine, BankStatement, Direction


def document(
    entries: str, *, closing: int, version: str = "053.001.08", bank: str = "Stmt", balances: str = ""
) -> bytes:
    root = "BkToCstmrStmt" if bank == "Stmt" else "BkToCstmrDbtCdtNtfctn"
    stated = balances or "".join(
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy='VND'>{amount}</Amt>"
        f"<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-07-04</Dt></Dt></Bal>"
        for code, amount in (("OPBD", 100_000), ("CLBD", closing))
    )
    return (
        f"<Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.{version}'><{root}><{bank}><Id>1</Id>"
        f"<Acct><Id><Othr><Id>0011001234567</Id></Othr></Id></Acct>{stated}{entries}</{bank}></{root}></Document>"
    ).encode()


def entry(
    amount: str, indicator: str = "CRDT", *, extra: str = "", status: str = "<Cd>BOOK</Cd>", after: str = ""
) -> str:
    return (
        f"<Ntry><Amt Ccy='VND'>{amount}</Amt><CdtDbtInd>{indicator}</CdtDbtInd>{extra}<Sts>{status}</Sts>"
        f"<BookgDt><Dt>2026-07-04</Dt></BookgDt><AcctSvcrRef>REF1</AcctSvcrRef>{after}</Ntry>"
    )


def batch(*amounts: str, written: str = "<Amt Ccy='VND'>{}</Amt>") -> str:
    parts = "".join(
        f"<TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs>{written.format(amount)}"
        f"<RmtInf><Ustrd>phan {number}</Ustrd></RmtInf></TxDtls>"
        for number, amount in enumerate(amounts, start=1)
    )
    return f"<NtryDtls>{parts}</NtryDtls>"


def one(data: bytes) -> BankStatement:
    (statement,) = read_camt(data)
    return statement


def line(**changes: Any) -> BankLine:
    fields: dict[str, Any] = {
        "key": "",
        "booked_on": date(2026, 7, 4),
        "value_on": date(2026, 7, 4),
        "direction": Direction.IN,
        "amount": 50_000,
        "bank_reference": None,
        "content": "HJQPM5YNFT97",
        "balance_after": None,
        "counterparty_account": None,
        "counterparty_name": None,
        "is_reversal": False,
        "bank_code": None,
        "where": "",
    }
    return BankLine(**{**fields, **changes})


def statement(*lines: BankLine, first: int = 1, last: int = 31) -> BankStatement:
    moved = sum(item.amount if item.direction is Direction.IN else -item.amount for item in lines)
    return BankStatement(
        account_number="0011001234567",
        bin="970436",
        from_date=date(2026, 7, first),
        to_date=date(2026, 7, last),
        opening=1_000_000,
        closing=1_000_000 + moved,
        lines=lines,
        format="",
        file_digest="",
    )


# --- The traps --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["BOOK", "<Cd>BOOK</Cd>"])
@pytest.mark.parametrize("version", ["053.001.02", "053.001.04", "053.001.08"])
def test_each_version_and_both_writings_of_the_status_are_read(version: str, status: str) -> None:
    read = one(document(entry("50000", status=status), closing=150_000, version=version))
    assert (len(read.lines), read.format) == (1, f"camt.{version}")


@pytest.mark.parametrize("status", ["PDNG", "INFO", "<Cd>FUTR</Cd>"])
def test_only_booked_entries_count(status: str) -> None:
    assert one(document(entry("50000", status=status), closing=100_000)).lines == ()


def test_a_batch_becomes_one_line_for_each_part() -> None:
    read = one(document(entry("50000", after=batch("20000", "30000")), closing=150_000))
    assert [(item.amount, item.content, item.bank_reference, item.where) for item in read.lines] == [
        (20_000, "phan 1", "REF1", "Stmt[1]/Ntry[1]/TxDtls[1]"),
        (30_000, "phan 2", "REF1", "Stmt[1]/Ntry[1]/TxDtls[2]"),
    ]


def test_a_batch_in_the_words_of_version_2_is_split_too() -> None:
    parts = batch("20000", "30000", written="<AmtDtls><TxAmt><Amt Ccy='VND'>{}</Amt></TxAmt></AmtDtls>")
    assert len(one(document(entry("50000", after=parts), closing=150_000, version="053.001.02")).lines) == 2


@pytest.mark.parametrize("parts", [("20000", "20000"), ("50000", "0")])
def test_a_batch_that_does_not_sum_stays_one_line(parts: tuple[str, str]) -> None:
    (whole,) = one(document(entry("50000", after=batch(*parts)), closing=150_000)).lines
    assert (whole.amount, whole.content, whole.counterparty_name) == (50_000, "phan 1 phan 2", None)


def test_equal_parts_of_a_batch_have_keys_of_their_own() -> None:
    read = one(document(entry("40000", after=batch("20000", "20000")), closing=140_000))
    assert len({item.key for item in read.lines}) == 2


def test_a_reversal_moves_money_as_the_standard_says_when_the_balances_agree() -> None:
    (back,) = one(document(entry("50000", "DBIT", extra="<RvslInd>true</RvslInd>"), closing=50_000)).lines
    assert (back.direction, back.is_reversal) == (Direction.OUT, True)


def test_a_reversal_is_turned_where_only_that_adds_up() -> None:
    (back,) = one(document(entry("50000", "CRDT", extra="<RvslInd>true</RvslInd>"), closing=50_000)).lines
    assert (back.direction, back.is_reversal) == (Direction.OUT, True)


def test_a_sum_that_is_wrong_by_one_dong_is_refused_with_the_figures() -> None:
    with pytest.raises(Refusal) as caught:
        read_statement(document(entry("50000"), closing=150_001), "thang7.xml")
    assert caught.value.code is RefusalCode.STATEMENT_DOES_NOT_ADD_UP
    assert caught.value.details["difference"] == 1
    assert caught.value.details["computed"] == 150_000
    assert caught.value.details["file"] == "thang7.xml"
    assert "Stmt[1]" in caught.value.message


def test_an_overdrawn_account_has_a_negative_balance() -> None:
    balances = "".join(
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy='VND'>{amount}</Amt>"
        f"<CdtDbtInd>{indicator}</CdtDbtInd><Dt><Dt>2026-07-04</Dt></Dt></Bal>"
        for code, amount, indicator in (("PRCD", 20_000, "DBIT"), ("CLBD", 30_000, "CRDT"))
    )
    read = one(document(entry("50000"), closing=0, balances=balances))
    assert (read.opening, read.closing) == (-20_000, 30_000)


def test_a_moment_is_booked_on_the_vietnamese_day_it_lies_in() -> None:
    late = entry("50000").replace("<Dt>2026-07-04</Dt>", "<DtTm>2026-07-04T18:30:00Z</DtTm>")
    assert one(document(late, closing=150_000)).lines[0].booked_on == date(2026, 7, 5)


def test_two_statements_that_share_a_day_do_not_share_keys() -> None:
    twin = statement(line(), first=4, last=4)
    first, second = read_camt(write_camt053([twin, replace(twin, opening=twin.closing, closing=twin.closing + 50_000)]))
    assert first.lines[0].key != second.lines[0].key


def test_overlapping_files_name_the_same_line_alike() -> None:
    days = [line(booked_on=date(2026, 7, day)) for day in (3, 4, 4, 5)]
    early = one(write_camt053([statement(*days[:3], first=1, last=4)]))
    late = one(write_camt053([statement(*days[1:], first=4, last=9)]))
    assert [item.key for item in early.lines[1:]] == [item.key for item in late.lines[:2]]
    assert len({item.key for item in (*early.lines, *late.lines)}) == 4


# --- What is refused --------------------------------------------------------------------------------------------------

LAUGHS = '<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;">]>'
XXE = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("prologue", [LAUGHS, XXE, '<!DOCTYPE x SYSTEM "http://127.0.0.1/x.dtd">'])
def test_a_document_with_a_dtd_is_refused_before_it_unfolds(prologue: str) -> None:
    with pytest.raises(Malformed, match="DTD"):
        read_camt(prologue.encode() + document(entry("50000"), closing=150_000))


@pytest.mark.parametrize(
    ("data", "words", "where"),
    [
        pytest.param(document(entry("50000"), closing=150_000)[:-30], "cắt", "dòng 1 cột", id="cut"),
        pytest.param(document(entry("-50000"), closing=50_000), "-50000", "Stmt[1]/Ntry[1]", id="negative"),
        pytest.param(document(entry(str(2**63)), closing=1), str(2**63), "Stmt[1]/Ntry[1]", id="2^63"),
        pytest.param(document(entry("５００００"), closing=1), "không đọc được", "Stmt[1]/Ntry[1]", id="digits"),
        pytest.param(document(entry("50000.5"), closing=1), "phần lẻ", "Stmt[1]/Ntry[1]", id="decimals"),
        pytest.param(document(entry("50000").replace("VND", "USD"), closing=1), "USD", "Stmt[1]/Ntry[1]", id="usd"),
        pytest.param(document(entry("50000", "DBTI"), closing=1), "CdtDbtInd", "Stmt[1]/Ntry[1]", id="indicator"),
        pytest.param(
            document(entry("50000").replace("2026-07-04", "2026-02-30"), closing=1), "2026-02-30", "Ntry[1]", id="day"
        ),
        pytest.param(document("", closing=1, balances="<Bal/>"), "Amt", "Stmt[1]/Bal[1]", id="empty-balance"),
        pytest.param(document("", closing=1).replace(b"CLBD", b"ITBD"), "CLBD", "Stmt[1]", id="no-closing"),
        pytest.param(document("", closing=1).replace(b"CLBD", b"OPBD"), "2", "Stmt[1]/Bal[2]", id="two-openings"),
        pytest.param(document("", closing=1, version="053.001.13"), "053.001.13", "Document", id="version"),
        pytest.param(b"<Document/>", "camt.053", "Document", id="no-namespace"),
        pytest.param(b"<a>" * 100, "camt.053", "Document", id="other-xml"),
        pytest.param(document("<a>" * 60, closing=1), "sâu", "", id="deep"),
        pytest.param(b"<?xml version='1.0' encoding='gbk'?><a/>", "bảng mã", "", id="charset"),
        pytest.param(b"", "cắt", "dòng 1", id="empty"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_reason_and_place(data: bytes, words: str, where: str) -> None:
    with pytest.raises(Malformed) as caught:
        read_camt(data)
    assert words in caught.value.message
    assert where in caught.value.where


def test_decimals_of_nothing_are_no_decimals() -> None:
    assert one(document(entry("50000.00"), closing=150_000)).lines[0].amount == 50_000


def test_an_entry_of_nothing_is_left_out() -> None:
    assert one(document(entry("0"), closing=100_000)).lines == ()


def test_memory_holds_entries_one_at_a_time_but_every_entry_is_read() -> None:
    read = one(document(entry("1") * 3_000, closing=103_000))
    assert len(read.lines) == 3_000
    assert read.lines[-1].where == "Stmt[1]/Ntry[3000]"


def test_the_written_file_reads_back_with_names_of_holder_and_bank() -> None:
    sent = statement(
        line(bank_reference="FT1", counterparty_name="NGUYỄN VĂN A", counterparty_account="19001"),
        line(direction=Direction.OUT, amount=1, counterparty_name="CỤC B", is_reversal=True, bank_code="544"),
    )
    data = write_camt053([sent], holders={"0011001234567": "ĐẢNG ỦY"}, bank_name="Vietcombank")
    read = one(data)
    assert data == write_camt053([sent], holders={"0011001234567": "ĐẢNG ỦY"}, bank_name="Vietcombank")
    assert "<Nm>ĐẢNG ỦY</Nm>" in data.decode()
    assert read.bin == "970436"
    assert [replace(item, key="", where="", bank_code=None) for item in read.lines] == [
        replace(item, bank_code=None) for item in sent.lines
    ]
    assert read.lines[1].bank_code == "544"


def test_the_writer_refuses_text_that_xml_cannot_carry() -> None:
    with pytest.raises(Malformed):
        write_camt053([statement(line(content="a\x00b"))])
    with pytest.raises(Malformed):
        write_camt053([])


def test_records_keep_what_the_statement_does_not_use() -> None:
    (record,) = read_records(document(entry("50000", status="PDNG"), closing=1))
    assert record.entries[0].status == "PDNG"
