"""What the year leaves: every signed book made again and compared, pages for members and for the wall, a summary."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from api.demo.stage import Stage
from api.flows.books import file_name, make_book, reproduce, signed_books
from api.flows.progress import as_csv, progress_of
from domain.book import SignedAs
from domain.declaration import PeriodDeclared
from domain.identifiers import MemberId, UnitId
from domain.money import format_dong
from domain.organisation import subtree
from domain.period import last_day, parse_month
from ledger.statutory.books import Asked, asked_of
from ledger.statutory.heading import BookKind
from ledger.verify import Verdict

_BATCH = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthSums:
    """What the cells collected for a month's report, kept and owed upwards; đồng."""

    period: str
    collected: int
    kept: int
    payable: int


@dataclass(frozen=True, slots=True, kw_only=True)
class YearPage:
    """The year at a glance."""

    months: tuple[MonthSums, ...]
    books: int
    reproduced: int
    files: tuple[str, ...]
    verdict: Verdict


def write_year(stage: Stage, out: Path, verdict: Verdict) -> YearPage:
    """Write the books, and the summary as text; the page says how many signed books came out byte for byte."""
    files = list(_papers(stage, out))
    signed = made_again = 0
    for unit in _with_signatures(stage):
        for one in signed_books(stage.inst, unit):
            if one.signed_as is not SignedAs.COMMITTEE:
                continue
            again = reproduce(stage.inst, one)
            signed += 1
            made_again += again.ok
            if again.made is not None:
                stem = f"so-sach/{_readable(stage, asked_of(one))}"
                for ending, content in (("pdf", again.made.pdf), ("xlsx", again.made.xlsx), ("json", again.made.json)):
                    files.append(_write(out, f"{stem}.{ending}", content))
    page = YearPage(
        months=tuple(_months(stage)), books=signed, reproduced=made_again, files=tuple(files), verdict=verdict
    )
    console = Console(record=True, width=100, file=(out / "tong-ket-nam.txt").open("w", encoding="utf-8"))
    show(page, console)
    console.file.close()
    return page


def _papers(stage: Stage, out: Path) -> Iterator[str]:
    """Papers that nobody signs: the cell's public posting, progress, and the years of three members."""
    results = stage.scenario.results
    month = parse_month(results["month"])
    for cell in results["posting"]:
        unit = stage.unit(cell).unit_id
        made = make_book(stage.inst, Asked(kind=BookKind.POSTING, unit_id=unit, period=month))
        yield _write(out, f"cong-khai-{cell}-{month}.pdf", made.pdf)
    found = progress_of(stage.inst, stage.unit("ward").unit_id, month, as_of=last_day(month))
    yield _write(out, f"tien-do-{month}.csv", as_csv(found).encode("utf-8-sig"))
    for card in results["members"]:
        member = MemberId(stage.inst.vault.find_by_card(card) or "")
        unit = stage.inst.ledger.work().member(member).unit_id
        for year in ("2025", "2026"):
            asked = Asked(kind=BookKind.MEMBER_YEAR, unit_id=unit, period=year, subject=member)
            made = make_book(stage.inst, asked, with_names=True)
            yield _write(out, f"dang-vien/{card}-{year}.pdf", made.pdf)


def _with_signatures(stage: Stage) -> tuple[UnitId, ...]:
    org = stage.inst.ledger.work().organisation
    return tuple(unit.unit_id for unit in subtree(org, stage.unit("province").unit_id))


def _readable(stage: Stage, asked: Asked) -> str:
    """The file's name with the unit's code, which people know."""
    code = stage.inst.ledger.work().organisation.units[asked.unit_id].code
    return file_name(asked).replace(asked.unit_id, code)


def _write(out: Path, name: str, content: bytes) -> str:
    path = out / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return name


def _months(stage: Stage) -> Iterator[MonthSums]:
    """Sums of the cells' declarations by month, from the log."""
    cells = {cell.unit_id for cell in stage.cells()}
    sums: dict[str, list[int]] = {}
    position = 0
    while found := stage.inst.store.read(position, _BATCH, ("period-declared",)):
        for recorded in found:
            event = recorded.event
            if isinstance(event, PeriodDeclared) and (event.unit_id in cells or not event.subordinates):
                row = sums.setdefault(event.period, [0, 0, 0])
                row[0] += event.own_collected
                row[1] += event.kept
                row[2] += event.payable
        position = found[-1].position
    for period in sorted(sums):
        collected, kept, payable = sums[period]
        yield MonthSums(period=period, collected=collected, kept=kept, payable=payable)


def show(page: YearPage, console: Console) -> None:
    """The year for a reader: months, a bar for what was collected, books, checks."""
    most = max((month.collected for month in page.months), default=1)
    table = Table(title="Các chi bộ: đã thu, để lại, phải nộp (đồng)", title_justify="left")
    for heading in ("Kỳ", "Đã thu", "Để lại", "Phải nộp"):
        table.add_column(heading, justify="left" if heading == "Kỳ" else "right", no_wrap=True)
    table.add_column("")
    for month in page.months:
        bar = "█" * round(24 * month.collected / most)
        table.add_row(
            month.period, format_dong(month.collected), format_dong(month.kept), format_dong(month.payable), bar
        )
    console.print(table)
    failed = [check for check in page.verdict.checks if not check.ok]
    console.print(
        f"Sổ sách hai chữ ký: {page.books}; dựng lại từ nhật ký, đúng từng byte: {page.reproduced}. "
        f"Kiểm tra cả nhật ký: {len(page.verdict.checks) - len(failed)}/{len(page.verdict.checks)} đạt, "
        f"{page.verdict.events} sự kiện."
    )
    for check in failed:
        console.print(f"  {check.id}: {check.findings[0].sentence}")
