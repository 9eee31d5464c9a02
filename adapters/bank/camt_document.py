"""camt.053 and camt.054 (ISO 20022) as they stand in the file: balances, entries and details, not judged.

Versions .001.02, .001.04 and .001.08. The file is streamed entry by entry and may hold no DTD and no
entities, so a document that expands or reads other files is refused before it does either.
"""

import io
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import BinaryIO
from xml.parsers import expat

from adapters.bank.lines import squeeze
from adapters.bank.xml_events import events_of
from adapters.inbound import VIETNAM
from domain.errors import Malformed
from domain.money import AMOUNT_CAP

_NAMESPACE = re.compile(r"\{urn:iso:std:iso:20022:tech:xsd:(camt\.05[34]\.001\.\d\d)\}Document")
_VERSIONS = frozenset(f"camt.05{kind}.001.0{version}" for kind in "34" for version in "248")
_RECORDS = {"camt.053": "Stmt", "camt.054": "Ntfctn"}
_AMOUNT = re.compile(r"(\d{1,18})(?:\.(\d{0,5}))?", re.ASCII)
_DATE = re.compile(r"(\d{4}-\d{2}-\d{2})(?:Z|[+-]\d{2}:\d{2})?", re.ASCII)

#: Digits after the point (ISO 4217) where it is not two.
_EXPONENTS = {"VND": 0, "JPY": 0, "KRW": 0}

#: Deeper than any camt document nests; a deeper one is an attack on the parser.
_MAX_DEPTH = 40

#: Elements held at once; attributes of one; details of an entry.
_MOST_ELEMENTS = 100_000
_MOST_ATTRIBUTES = 64
_MOST_DETAILS = 100_000

#: Values by which banks say that there is no reference.
_NO_REFERENCE = frozenset({"NOTPROVIDED", "NOTAVAILABLE", "NONREF"})


@dataclass(frozen=True, slots=True, kw_only=True)
class CamtAmount:
    """A positive sum in the smallest unit of its currency."""

    minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CamtBalance:
    """One Bal: ``code`` is OPBD, CLBD, PRCD …; the sum is negative when the indicator is DBIT."""

    code: str
    signed_minor: int
    currency: str
    day: date
    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CamtDetails:
    """One TxDtls of an entry; several make a batch."""

    amount: CamtAmount | None
    credit: bool | None
    reference: str | None
    end_to_end: str | None
    content: str
    debtor_name: str | None
    debtor_account: str | None
    creditor_name: str | None
    creditor_account: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CamtEntry:
    """One Ntry. ``credit`` is CdtDbtInd as written; ``reversal`` is RvslInd."""

    where: str
    amount: CamtAmount
    credit: bool
    reversal: bool
    status: str
    booked_on: date | None
    value_on: date | None
    reference: str | None
    code: str | None
    additional: str
    details: tuple[CamtDetails, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CamtRecord:
    """One Stmt (camt.053) or Ntfctn (camt.054) with its account, its balances and its entries."""

    where: str
    message: str  #: "camt.053.001.08"
    account: str
    account_currency: str | None
    member_id: str | None  #: clearing member id of the account's bank; assumed to be the BIN in Vietnam
    from_day: date | None
    to_day: date | None
    balances: tuple[CamtBalance, ...]
    entries: tuple[CamtEntry, ...]


def read_records(data: bytes) -> tuple[CamtRecord, ...]:
    """Read every Stmt or Ntfctn of a file; ``Malformed`` names the place when it is broken or foreign."""
    records: list[CamtRecord] = []
    entries: list[CamtEntry] = []
    for found in stream_records(io.BytesIO(data)):
        if isinstance(found, CamtEntry):
            entries.append(found)
        else:
            records.append(replace(found, entries=tuple(entries)))
            entries = []
    return tuple(records)


def stream_records(file: BinaryIO, message: str = "camt.05") -> Iterator[CamtEntry | CamtRecord]:
    """The entries of a file one by one, and behind those of each Stmt or Ntfctn its record without entries.

    ``message`` is how the kind of message must begin. Memory holds one entry at a time. Raises ``Malformed`` with the
    place where the file breaks, is another message or grows beyond what a statement has.
    """
    count = 0
    try:
        for found in _stream(file, message):
            count += isinstance(found, CamtRecord)
            yield found
    except Malformed:
        raise
    except (ET.ParseError, expat.ExpatError) as error:
        line, column = error.position if isinstance(error, ET.ParseError) else (error.lineno, error.offset)
        raise Malformed(
            "XML hỏng hoặc bị cắt; hãy tải lại tệp từ ngân hàng", where=f"dòng {line} cột {column}"
        ) from error
    except (ValueError, LookupError) as error:
        raise Malformed("không đọc được bảng mã của XML; hãy lưu tệp theo UTF-8") from error
    if not count:
        raise Malformed("tệp camt không chứa sao kê nào (không có Stmt hay Ntfctn)", where="Document")


def _stream(file: BinaryIO, expected: str) -> Iterator[CamtEntry | CamtRecord]:
    """Yield entries and records; each entry is read and dropped as soon as it ends."""
    message = tag = ""
    depth = count = number = outside = inside = 0
    record: ET.Element | None = None
    entry: ET.Element | None = None
    parts: list[CamtDetails] = []
    for event, node in events_of(file):
        where = f"{tag}[{count}]/Ntry[{number + 1}]"
        if event == "start":
            depth += 1
            if depth == 1:
                message = _message_of(node.tag, expected)
                tag = _RECORDS[message[:8]]
            elif depth == 3 and node.tag.endswith("}" + tag):
                record, number, outside, count = node, 0, 0, count + 1
            elif depth == 4 and record is not None and node.tag.endswith("}Ntry"):
                entry, inside = node, 0
            outside, inside = (outside, inside + 1) if entry is not None else (outside + 1, inside)
            _require_sane(depth, max(outside, inside), len(node.attrib), where)
            continue
        depth -= 1
        node.tag = node.tag.rpartition("}")[2]
        if record is None:
            node.clear()
        elif entry is not None and depth == 5 and node.tag == "TxDtls":
            parts.append(_details(node, where))
            if len(parts) > _MOST_DETAILS:
                raise Malformed(f"một bút toán có hơn {_MOST_DETAILS} chi tiết; chia kỳ ngắn hơn", where=where)
            node.clear()
            inside = 0
        elif entry is not None and node is entry:
            yield _entry(node, where, tuple(parts))
            number += 1
            parts, entry = [], None
            record.remove(node)
        elif node is record:
            yield _record(node, message, f"{tag}[{count}]", ())
            record.clear()
            record = None


def _require_sane(depth: int, held: int, attributes: int, where: str) -> None:
    if depth > _MAX_DEPTH:
        raise Malformed("XML lồng quá sâu")
    if held > _MOST_ELEMENTS or attributes > _MOST_ATTRIBUTES:
        raise Malformed("XML có quá nhiều phần tử hoặc thuộc tính ở một chỗ", where=where)


def _message_of(root_tag: str, expected: str) -> str:
    match = _NAMESPACE.fullmatch(root_tag)
    if match is None:
        raise Malformed(f"không phải camt.053 hay camt.054: phần tử gốc là {root_tag[:80]}", where="Document")
    if match[1] not in _VERSIONS:
        raise Malformed(f"phiên bản {match[1]} chưa đọc được (chỉ .02, .04, .08)", where="Document")
    if not match[1].startswith(expected):
        raise Malformed(f"tệp là {match[1]}, ở đây cần {expected}", where="Document")
    return match[1]


def _text(node: ET.Element, *paths: str) -> str | None:
    """The first text found under one of the paths, without outer blanks; ``None`` when all are empty."""
    for path in paths:
        found = node.findtext(path)
        if found and found.strip():
            return found.strip()
    return None


def _need(node: ET.Element, where: str, *paths: str) -> str:
    found = _text(node, *paths)
    if found is None:
        raise Malformed(f"thiếu {paths[0]}", where=where)
    return found


def _reference(node: ET.Element, *paths: str) -> str | None:
    found = _text(node, *paths)
    return None if found is None or found.upper() in _NO_REFERENCE else squeeze(found)


def _amount(node: ET.Element | None, where: str) -> CamtAmount:
    """Read an Amt element. Not negative, ASCII digits, no more decimals than the currency has."""
    if node is None:
        raise Malformed("thiếu Amt", where=where)
    currency = node.get("Ccy", "")
    text = (node.text or "").strip()
    match = _AMOUNT.fullmatch(text)
    if match is None:
        raise Malformed(f"số tiền {text[:40]!r} không đọc được; hãy tải lại tệp từ ngân hàng", where=where)
    exponent = _EXPONENTS.get(currency, 2)
    decimals = (match[2] or "").rstrip("0")
    if len(decimals) > exponent:
        raise Malformed(
            f"số tiền {text!r} có phần lẻ mà {currency} không có; hãy tải lại tệp từ ngân hàng", where=where
        )
    minor = int(match[1] + decimals.ljust(exponent, "0"))
    if minor > AMOUNT_CAP:
        raise Malformed(f"số tiền {text} vượt quá giới hạn", where=where)
    return CamtAmount(minor=minor, currency=currency)


def _is_credit(node: ET.Element, where: str) -> bool:
    indicator = _need(node, where, "CdtDbtInd")
    if indicator not in {"CRDT", "DBIT"}:
        raise Malformed(f"CdtDbtInd là {indicator[:20]!r}, cần CRDT hoặc DBIT", where=where)
    return indicator == "CRDT"


def _day(node: ET.Element, where: str, *paths: str) -> date | None:
    """A day from a Dt or DtTm; a moment with an offset is turned into the Vietnamese day it lies in."""
    text = _text(node, *paths)
    if text is None:
        return None
    try:
        match = _DATE.fullmatch(text)
        if match is not None:
            return date.fromisoformat(match[1])
        moment = datetime.fromisoformat(text)
        return (moment.astimezone(VIETNAM) if moment.tzinfo else moment).date()
    except (ValueError, OverflowError) as error:
        raise Malformed(f"ngày {text[:40]!r} không đọc được; hãy tải lại tệp từ ngân hàng", where=where) from error


def _flag(node: ET.Element, where: str, path: str) -> bool:
    text = _text(node, path) or "false"
    if text not in {"true", "false", "1", "0"}:
        raise Malformed(f"{path} là {text[:20]!r}, cần true hoặc false", where=where)
    return text in {"true", "1"}


def _entry(node: ET.Element, where: str, details: tuple[CamtDetails, ...]) -> CamtEntry:
    domain = [_text(node, f"BkTxCd/Domn/{path}") for path in ("Cd", "Fmly/Cd", "Fmly/SubFmlyCd")]
    return CamtEntry(
        where=where,
        amount=_amount(node.find("Amt"), where),
        credit=_is_credit(node, where),
        reversal=_flag(node, where, "RvslInd"),
        status=_need(node, where, "Sts/Cd", "Sts"),
        booked_on=_day(node, where, "BookgDt/Dt", "BookgDt/DtTm"),
        value_on=_day(node, where, "ValDt/Dt", "ValDt/DtTm"),
        reference=_reference(node, "AcctSvcrRef"),
        code="/".join(part for part in domain if part) or _text(node, "BkTxCd/Prtry/Cd"),
        additional=squeeze(_text(node, "AddtlNtryInf") or ""),
        details=details,
    )


def _details(node: ET.Element, where: str) -> CamtDetails:
    amount = node.find("Amt")
    if amount is None:
        amount = node.find("AmtDtls/TxAmt/Amt")
    return CamtDetails(
        amount=None if amount is None else _amount(amount, where),
        credit=_is_credit(node, where) if node.find("CdtDbtInd") is not None else None,
        reference=_reference(node, "Refs/AcctSvcrRef") or _reference(node, "Refs/TxId"),
        end_to_end=_reference(node, "Refs/EndToEndId"),
        content=_content(node),
        debtor_name=_name(node, "Dbtr"),
        debtor_account=_text(node, "RltdPties/DbtrAcct/Id/IBAN", "RltdPties/DbtrAcct/Id/Othr/Id"),
        creditor_name=_name(node, "Cdtr"),
        creditor_account=_text(node, "RltdPties/CdtrAcct/Id/IBAN", "RltdPties/CdtrAcct/Id/Othr/Id"),
    )


def _name(node: ET.Element, side: str) -> str | None:
    found = _text(node, f"RltdPties/{side}/Pty/Nm", f"RltdPties/{side}/Nm")
    return None if found is None else squeeze(found)


def _content(node: ET.Element) -> str:
    """What the payer wrote: unstructured lines, then structured references, else the bank's own remark."""
    pieces = [
        found.text or ""
        for path in ("RmtInf/Ustrd", "RmtInf/Strd/CdtrRefInf/Ref", "RmtInf/Strd/AddtlRmtInf")
        for found in node.findall(path)
    ]
    return squeeze(" ".join(pieces)) or squeeze(_text(node, "AddtlTxInf") or "")


def _balance(node: ET.Element, where: str) -> CamtBalance:
    amount = _amount(node.find("Amt"), where)
    day = _day(node, where, "Dt/Dt", "Dt/DtTm")
    if day is None:
        raise Malformed("thiếu ngày của số dư", where=where)
    return CamtBalance(
        code=_need(node, where, "Tp/CdOrPrtry/Cd", "Tp/CdOrPrtry/Prtry"),
        signed_minor=amount.minor if _is_credit(node, where) else -amount.minor,
        currency=amount.currency,
        day=day,
        where=where,
    )


def _record(node: ET.Element, message: str, where: str, entries: tuple[CamtEntry, ...]) -> CamtRecord:
    return CamtRecord(
        where=where,
        message=message,
        account=_need(node, where, "Acct/Id/IBAN", "Acct/Id/Othr/Id"),
        account_currency=_text(node, "Acct/Ccy"),
        member_id=_text(node, "Acct/Svcr/FinInstnId/ClrSysMmbId/MmbId"),
        from_day=_day(node, where, "FrToDt/FrDtTm"),
        to_day=_day(node, where, "FrToDt/ToDtTm"),
        balances=tuple(
            _balance(balance, f"{where}/Bal[{number}]") for number, balance in enumerate(node.findall("Bal"), start=1)
        ),
        entries=entries,
    )
