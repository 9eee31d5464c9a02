"""One fresh process of the camt bench: settings on stdin, seconds, entries and peak memory on stdout.

Variants: "write" makes the file, "ours" reads it with the product's streaming reader to the last line, "bare" only
counts the entries with the standard library's ``iterparse`` and drops them.
"""

import json
import sys
import xml.etree.ElementTree as ET
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter
from typing import Any

from adapters.bank.camt import open_camt
from adapters.bank.opened import Taking
from bench.measure import peak_mb

_NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
_HEAD = (
    f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{_NAMESPACE}"><BkToCstmrStmt>'
    "<GrpHdr><MsgId>BENCH</MsgId><CreDtTm>2026-07-31T18:00:00+07:00</CreDtTm></GrpHdr><Stmt><Id>1</Id>"
    "<FrToDt><FrDtTm>2026-07-01T00:00:00+07:00</FrDtTm><ToDtTm>2026-07-31T23:59:59+07:00</ToDtTm></FrToDt>"
    "<Acct><Id><Othr><Id>0011001234567</Id></Othr></Id><Ccy>VND</Ccy></Acct>"
)
_BALANCE = (
    '<Bal><Tp><CdOrPrtry><Cd>{}</Cd></CdOrPrtry></Tp><Amt Ccy="VND">{}</Amt><CdtDbtInd>CRDT</CdtDbtInd>'
    "<Dt><Dt>{}</Dt></Dt></Bal>"
)
_ENTRY = (
    '<Ntry><Amt Ccy="VND">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>'
    "<BookgDt><Dt>2026-07-{day:02d}</Dt></BookgDt><ValDt><Dt>2026-07-{day:02d}</Dt></ValDt>"
    "<AcctSvcrRef>FT26{number:012d}</AcctSvcrRef><BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd>"
    "<SubFmlyCd>DMCT</SubFmlyCd></Fmly></Domn></BkTxCd><NtryDtls><TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId>"
    "</Refs><RltdPties><Dbtr><Pty><Nm>NGUYEN VAN A</Nm></Pty></Dbtr><DbtrAcct><Id><Othr><Id>00{number:011d}</Id>"
    "</Othr></Id></DbtrAcct></RltdPties><RmtInf><Ustrd>MBVCB.{number:010d}.HJQPM5YNFT97.CT tu 0011 NGUYEN VAN A</Ustrd>"
    "</RmtInf></TxDtls></NtryDtls></Ntry>\n"
)


def main() -> None:
    """Do one variant and say what it took."""
    asked = json.loads(sys.stdin.read())
    file = Path(asked["file"])
    start = perf_counter()
    found = {"write": _write, "ours": _ours, "bare": _bare}[asked["variant"]](file, asked["entries"])
    found["seconds"] = perf_counter() - start
    found["peak_mb"] = peak_mb()
    sys.stdout.write(json.dumps(found))


def _amount(number: int) -> int:
    return 80_000 + number % 400 * 500


def _write(file: Path, entries: int) -> dict[str, Any]:
    """One statement, entry by entry: no more than one stands in memory."""
    total = sum(_amount(number) for number in range(entries))
    with file.open("w", encoding="utf-8") as out:
        out.write(_HEAD + _BALANCE.format("OPBD", 0, "2026-07-01") + _BALANCE.format("CLBD", total, "2026-07-31"))
        for number in range(entries):
            out.write(_ENTRY.format(number=number, amount=_amount(number), day=1 + number * 31 // entries))
        out.write("</Stmt></BkToCstmrStmt></Document>\n")
    return {"entries": entries, "amount": total, "bytes": file.stat().st_size}


def _ours(file: Path, entries: int) -> dict[str, Any]:
    """Every line read, proved by the balances, given its key and gone through once."""
    count = total = 0
    with ExitStack() as stack, file.open("rb") as raw:
        for statement in open_camt(raw, Taking("0" * 64, stack)):
            for line in statement.lines():
                count += bool(line.key)
                total += line.amount
    return {"entries": count, "amount": total}


def _bare(file: Path, entries: int) -> dict[str, Any]:
    """The least that reading an XML file can cost: parse, count, drop."""
    count = 0
    tag = f"{{{_NAMESPACE}}}Ntry"
    statement: ET.Element | None = None
    for event, node in ET.iterparse(file, events=("start", "end")):
        if event == "start":
            if node.tag.endswith("}Stmt"):
                statement = node
        elif node.tag == tag and statement is not None:
            count += 1
            statement.clear()
    return {"entries": count}


if __name__ == "__main__":
    main()
