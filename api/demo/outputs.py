"""The files the demo leaves: treasurer's workbooks, QR images, slips, receipts, closing page, check of the log."""

import json
from collections.abc import Iterator
from pathlib import Path

from adapters.books.closing import to_markdown, to_pdf, to_text
from adapters.books.receipt import receipts_pdf
from adapters.books.slip import slips_pdf
from adapters.books.treasurer import treasurer_workbook
from adapters.vietqr import image
from adapters.vietqr.payload import encode
from api.demo.stage import Stage
from api.flows.papers import receipts_of, slips_of
from api.flows.reconcile import reconcile_accounts
from domain.payment_request import PaymentRequested, Requested
from domain.period import Month
from ledger.closing import Closing
from ledger.closing_tables import check
from ledger.reports_closing import CheckLine, ClosingPage, LeftFile
from ledger.store import Recorded
from ledger.verify import Verdict

_BATCH = 5_000

#: The cell whose papers are printed: the first of the ward.
_SAMPLE = 12


def events(stage: Stage) -> Iterator[Recorded]:
    """The whole log, in batches."""
    position = 0
    while found := stage.inst.store.read(position, _BATCH):
        yield from found
        position = found[-1].position


def write_workbooks(stage: Stage, folder: Path) -> list[LeftFile]:
    """What the treasurer had on her desk on three days, each as it was known then, and at the end."""
    org = stage.inst.ledger.work().organisation
    names = {str(unit.unit_id): unit.name for unit in org.units.values()}
    left = []
    for span in stage.scenario.results["workbook"]:
        name, first, last, known = span["file"], span["from"], span["to"], span["known_on"]
        results = reconcile_accounts(stage.inst, from_date=first, to_date=last, as_of=known, known_on=known)
        title = f"Đối chiếu tài khoản đảng phí {first:%d/%m/%Y} – {last:%d/%m/%Y}"
        (folder / name).write_bytes(treasurer_workbook(results, title=title, unit_names=names))
        leftovers = sum(len(result.leftovers) for result in results)
        what = f"Bảng đối chiếu của kế toán, {span['text']}: {leftovers} khoản còn lại, khoản nào cũng có tên"
        left.append(LeftFile(path=name, description=what))
    return left


def write_papers(stage: Stage, folder: Path, month: Month) -> list[LeftFile]:
    """QR images and slips of the first cell, and the receipts of the whole ward."""
    cell = stage.cells()[0]
    qr = folder / "qr"
    qr.mkdir(exist_ok=True)
    requests = _requests(stage, cell.unit_id, month)[:_SAMPLE]
    for asked in requests:
        payload = payload_of(stage, asked)
        (qr / f"{asked.reference}.svg").write_text(image.svg(payload), encoding="utf-8")
        (qr / f"{asked.reference}.png").write_bytes(image.png(payload))
    slips = slips_of(stage.inst, tuple(asked.reference for asked in requests))
    (folder / "phieu-nop.pdf").write_bytes(slips_pdf(slips))
    receipts = receipts_of(stage.inst)
    (folder / "bien-lai.pdf").write_bytes(receipts_pdf(receipts))
    return [
        LeftFile(path="qr/", description=f"{len(requests)} mã VietQR của {cell.name} (SVG và PNG)"),
        LeftFile(path="phieu-nop.pdf", description=f"{len(slips)} phiếu nộp chữ lớn có mã VietQR, {cell.name}"),
        LeftFile(path="bien-lai.pdf", description=f"{len(receipts)} biên lai và xác nhận đã nộp"),
    ]


def payload_of(stage: Stage, asked: PaymentRequested) -> str:
    """The VietQR payload of a request: the receiving account, the exact amount, the reference, and nothing else."""
    account = stage.inst.ledger.work().organisation.accounts[asked.account_id]
    return encode(bin=account.bin, account=account.number, amount=asked.amount, content=asked.reference)


def _requests(stage: Stage, unit_id: str, month: Month) -> list[PaymentRequested]:
    stage.inst.ledger.directory.catch_up()
    found = []
    work = stage.inst.ledger.work()
    for member in stage.inst.ledger.directory.members_of([stage.cells()[0].unit_id]):
        reference = stage.inst.ledger.directory.request_for(member, month)
        state = work.request(reference) if reference is not None else None
        if isinstance(state, Requested) and state.asked.unit_id == unit_id:
            found.append(state.asked)
    return found


def closing_page(stage: Stage, verdict: Verdict, files: list[LeftFile]) -> ClosingPage:
    """The last page, worked out from the log."""
    closing = Closing(stage.inst.ledger.work().organisation)
    closing.see(events(stage))
    checks = tuple(
        CheckLine(
            check_id=result.id,
            title=result.title,
            ok=result.ok,
            findings=len(result.findings),
            finding=result.findings[0].sentence if result.findings else "",
        )
        for result in verdict.checks
    )
    return ClosingPage(
        title=stage.scenario.title,
        unit_name=stage.unit("ward").name,
        as_of=stage.scenario.as_of,
        position=closing.position,
        cover=closing.cover(),
        flows=(closing.flow(stage.scenario.results["title"]),),
        additions=closing.additions(),
        waiting=closing.waiting(),
        checks=checks,
        files=tuple(files),
        notes=(
            "Tỷ lệ để lại là tỷ lệ ví dụ: tỷ lệ theo 01-QĐ/TW cho kỳ này chưa được công bố.",
            "Vùng lương tối thiểu II của phường là giả định. Người, số thẻ, tài khoản đều là dữ liệu sinh ra.",
        ),
    )


def write_closing(page: ClosingPage, folder: Path) -> None:
    """The closing page as text, Markdown and PDF."""
    (folder / "ket-so.txt").write_text(to_text(page), encoding="utf-8")
    (folder / "ket-so.md").write_text(to_markdown(page), encoding="utf-8")
    (folder / "ket-so.pdf").write_bytes(to_pdf(page))


def write_verdict(verdict: Verdict, folder: Path) -> None:
    """The check of the whole log."""
    text = json.dumps(verdict.as_dict(), ensure_ascii=False, indent=1, default=str)
    (folder / "kiem-tra.json").write_text(text, encoding="utf-8")


def adds_up(page: ClosingPage) -> bool:
    """Whether every addition on the page holds."""
    return not check(page)
