"""camt.053 and camt.054 (ISO 20022) as they stand in the file: balances, entries and details, not judged.

Versions .001.02, .001.04 and .001.08. The file is streamed entry by entry and may hold no DTD and no
entities, so a document that expands or reads other files is refused before it does either.
"""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import BinaryIO
from xml.parsers import expat

from adapters.bank.lines import squeeze
from adapters.bank.xml_events import Part, Reader, Texts, tree
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

#: Details of an entry.
_MOST_DETAILS = 100_000

#: Values by which banks say that there is no reference.
_NO_REFERENCE = frozenset({"NOTPROVIDED", "NOTAVAILABLE", "NONREF"})

_PARTIES = tuple(
    path
    for side in ("Dbtr", "Cdtr")
    for path in (f"{side}/Pty/Nm", f"{side}/Nm", f"{side}Acct/Id/IBAN", f"{side}Acct/Id/Othr/Id")
)
#: What is read of each part.
_OF_RECORD = tree(
    *("Acct/Id/IBAN", "Acct/Id/Othr/Id", "Acct/Ccy", "Acct/Svcr/FinInstnId/ClrSysMmbId/MmbId"),
    *("FrToDt/FrDtTm", "FrToDt/ToDtTm"),
)
_OF_BALANCE = tree("Amt", "CdtDbtInd", "Dt/Dt", "Dt/DtTm", "Tp/CdOrPrtry/Cd", "Tp/CdOrPrtry/Prtry")
_OF_ENTRY = tree(
    *("Amt", "CdtDbtInd", "RvslInd", "Sts", "Sts/Cd", "BookgDt/Dt", "BookgDt/DtTm", "ValDt/Dt", "ValDt/DtTm"),
    *("AcctSvcrRef", "AddtlNtryInf", "BkTxCd/Domn/Cd", "BkTxCd/Domn/Fmly/Cd", "BkTxCd/Domn/Fmly/SubFmlyCd"),
    "BkTxCd/Prtry/Cd",
)
_OF_DETAILS = tree(
    *("Amt", "AmtDtls/TxAmt/Amt", "CdtDbtInd", "Refs/AcctSvcrRef", "Refs/TxId", "Refs/EndToEndId"),
    *("RmtInf/Ustrd", "RmtInf/Strd/CdtrRefInf/Ref", "RmtInf/Strd/AddtlRmtInf", "AddtlTxInf"),
    *(f"RltdPties/{path}" for path in _PARTIES),
)


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
    except expat.ExpatError as error:
        where = f"dòng {error.lineno} cột {error.offset}"
        raise Malformed("XML hỏng hoặc bị cắt; hãy tải lại tệp từ ngân hàng", where=where) from error
    except (ValueError, LookupError) as error:
        raise Malformed("không đọc được bảng mã của XML; hãy lưu tệp theo UTF-8") from error
    if not count:
        raise Malformed("tệp camt không chứa sao kê nào (không có Stmt hay Ntfctn)", where="Document")


def _stream(file: BinaryIO, expected: str) -> Iterator[CamtEntry | CamtRecord]:
    """Yield entries and records; what a piece of the file brought is handed over before the next piece is read."""
    taking = _Taking(expected)
    reader = Reader(taking.root, taking.began, taking.ended, taking.place)
    for _ in reader.read(file):
        yield from taking.found
        taking.found.clear()


class _Taking:
    """The parts of a camt document as they end, made into our values."""

    def __init__(self, expected: str) -> None:
        self.found: list[CamtEntry | CamtRecord] = []
        self._expected = expected
        self._message = self._tag = ""
        self._count = self._number = 0
        self._details: list[CamtDetails] = []
        self._balances: list[CamtBalance] = []

    def place(self) -> str:
        """The entry that is being read."""
        return f"{self._tag}[{self._count}]/Ntry[{self._number + 1}]"

    def root(self, name: str) -> tuple[Part, ...]:
        """Which parts a message of this kind has."""
        self._message = _message_of(name, self._expected)
        self._tag = _RECORDS[self._message[:8]]
        return (
            Part(name=self._tag, depth=3, within="", wanted=_OF_RECORD),
            Part(name="Bal", depth=4, within=self._tag, wanted=_OF_BALANCE),
            Part(name="Ntry", depth=4, within=self._tag, wanted=_OF_ENTRY),
            Part(name="TxDtls", depth=6, within="Ntry", wanted=_OF_DETAILS),
        )

    def began(self, name: str) -> None:
        """A record's entries and balances are counted from its beginning."""
        if name == self._tag:
            self._count += 1
            self._number = 0
            self._balances = []

    def ended(self, name: str, texts: Texts) -> None:
        """Make a value of a part."""
        if name == "TxDtls":
            self._details.append(_details(texts, self.place()))
            if len(self._details) > _MOST_DETAILS:
                message = f"một bút toán có hơn {_MOST_DETAILS} chi tiết; chia kỳ ngắn hơn"
                raise Malformed(message, where=self.place())
        elif name == "Ntry":
            self.found.append(_entry(texts, self.place(), tuple(self._details)))
            self._number += 1
            self._details = []
        elif name == "Bal":
            where = f"{self._tag}[{self._count}]/Bal[{len(self._balances) + 1}]"
            self._balances.append(_balance(texts, where))
        else:
            where = f"{self._tag}[{self._count}]"
            self.found.append(_record(texts, self._message, where, tuple(self._balances)))


def _message_of(root_tag: str, expected: str) -> str:
    match = _NAMESPACE.fullmatch(root_tag)
    if match is None:
        raise Malformed(f"không phải camt.053 hay camt.054: phần tử gốc là {root_tag[:80]}", where="Document")
    if match[1] not in _VERSIONS:
        raise Malformed(f"phiên bản {match[1]} chưa đọc được (chỉ .02, .04, .08)", where="Document")
    if not match[1].startswith(expected):
        raise Malformed(f"tệp là {match[1]}, ở đây cần {expected}", where="Document")
    return match[1]


def _text(texts: Texts, *paths: str) -> str | None:
    """The first text found under one of the paths, without outer blanks; ``None`` when all are empty."""
    for path in paths:
        found = texts.get(path)
        if found and (text := found[0].strip()):
            return text
    return None


def _need(texts: Texts, where: str, *paths: str) -> str:
    found = _text(texts, *paths)
    if found is None:
        raise Malformed(f"thiếu {paths[0]}", where=where)
    return found


def _reference(texts: Texts, *paths: str) -> str | None:
    found = _text(texts, *paths)
    return None if found is None or found.upper() in _NO_REFERENCE else squeeze(found)


def _amount(texts: Texts, path: str, where: str) -> CamtAmount:
    """Read an Amt element. Not negative, ASCII digits, no more decimals than the currency has."""
    if path not in texts:
        raise Malformed("thiếu Amt", where=where)
    currency = texts.get(f"{path}@", [""])[0]
    text = texts[path][0].strip()
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


def _is_credit(texts: Texts, where: str) -> bool:
    indicator = _need(texts, where, "CdtDbtInd")
    if indicator not in {"CRDT", "DBIT"}:
        raise Malformed(f"CdtDbtInd là {indicator[:20]!r}, cần CRDT hoặc DBIT", where=where)
    return indicator == "CRDT"


def _day(texts: Texts, where: str, *paths: str) -> date | None:
    """A day from a Dt or DtTm; a moment with an offset is turned into the Vietnamese day it lies in."""
    text = _text(texts, *paths)
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


def _flag(texts: Texts, where: str, path: str) -> bool:
    text = _text(texts, path) or "false"
    if text not in {"true", "false", "1", "0"}:
        raise Malformed(f"{path} là {text[:20]!r}, cần true hoặc false", where=where)
    return text in {"true", "1"}


def _entry(texts: Texts, where: str, details: tuple[CamtDetails, ...]) -> CamtEntry:
    domain = [_text(texts, f"BkTxCd/Domn/{path}") for path in ("Cd", "Fmly/Cd", "Fmly/SubFmlyCd")]
    return CamtEntry(
        where=where,
        amount=_amount(texts, "Amt", where),
        credit=_is_credit(texts, where),
        reversal=_flag(texts, where, "RvslInd"),
        status=_need(texts, where, "Sts/Cd", "Sts"),
        booked_on=_day(texts, where, "BookgDt/Dt", "BookgDt/DtTm"),
        value_on=_day(texts, where, "ValDt/Dt", "ValDt/DtTm"),
        reference=_reference(texts, "AcctSvcrRef"),
        code="/".join(part for part in domain if part) or _text(texts, "BkTxCd/Prtry/Cd"),
        additional=squeeze(_text(texts, "AddtlNtryInf") or ""),
        details=details,
    )


def _details(texts: Texts, where: str) -> CamtDetails:
    amount = next((path for path in ("Amt", "AmtDtls/TxAmt/Amt") if path in texts), None)
    return CamtDetails(
        amount=None if amount is None else _amount(texts, amount, where),
        credit=_is_credit(texts, where) if "CdtDbtInd" in texts else None,
        reference=_reference(texts, "Refs/AcctSvcrRef") or _reference(texts, "Refs/TxId"),
        end_to_end=_reference(texts, "Refs/EndToEndId"),
        content=_content(texts),
        debtor_name=_name(texts, "Dbtr"),
        debtor_account=_text(texts, "RltdPties/DbtrAcct/Id/IBAN", "RltdPties/DbtrAcct/Id/Othr/Id"),
        creditor_name=_name(texts, "Cdtr"),
        creditor_account=_text(texts, "RltdPties/CdtrAcct/Id/IBAN", "RltdPties/CdtrAcct/Id/Othr/Id"),
    )


def _name(texts: Texts, side: str) -> str | None:
    found = _text(texts, f"RltdPties/{side}/Pty/Nm", f"RltdPties/{side}/Nm")
    return None if found is None else squeeze(found)


def _content(texts: Texts) -> str:
    """What the payer wrote: unstructured lines, then structured references, else the bank's own remark."""
    pieces = [
        found
        for path in ("RmtInf/Ustrd", "RmtInf/Strd/CdtrRefInf/Ref", "RmtInf/Strd/AddtlRmtInf")
        for found in texts.get(path, ())
    ]
    return squeeze(" ".join(pieces)) or squeeze(_text(texts, "AddtlTxInf") or "")


def _balance(texts: Texts, where: str) -> CamtBalance:
    amount = _amount(texts, "Amt", where)
    day = _day(texts, where, "Dt/Dt", "Dt/DtTm")
    if day is None:
        raise Malformed("thiếu ngày của số dư", where=where)
    return CamtBalance(
        code=_need(texts, where, "Tp/CdOrPrtry/Cd", "Tp/CdOrPrtry/Prtry"),
        signed_minor=amount.minor if _is_credit(texts, where) else -amount.minor,
        currency=amount.currency,
        day=day,
        where=where,
    )


def _record(texts: Texts, message: str, where: str, balances: tuple[CamtBalance, ...]) -> CamtRecord:
    return CamtRecord(
        where=where,
        message=message,
        account=_need(texts, where, "Acct/Id/IBAN", "Acct/Id/Othr/Id"),
        account_currency=_text(texts, "Acct/Ccy"),
        member_id=_text(texts, "Acct/Svcr/FinInstnId/ClrSysMmbId/MmbId"),
        from_day=_day(texts, where, "FrToDt/FrDtTm"),
        to_day=_day(texts, where, "FrToDt/ToDtTm"),
        balances=balances,
        entries=(),
    )
