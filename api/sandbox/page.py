"""The closing page of a play: what the world knows beside what the book says, as text and as JSON."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from adapters.sandbox.world.chances import Struck
from adapters.sandbox.world.scenario import UNUSED, Scenario
from api.sandbox.truth import Comparison, as_dict
from domain.money import format_dong

_WAYS = {
    "qr": "chuyển khoản bằng mã QR",
    "portal": "qua Cổng",
    "gateway": "qua cổng thẻ",
    "stranger": "người lạ chuyển",
    "cash": "tiền mặt",
}
_WHAT = {"suspense": "tiền chưa xác định", "line": "dòng sao kê chờ người"}

#: Leftovers shown on the page; all stand in the JSON.
_SHOWN = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Everything that a play leaves."""

    scenario: Scenario
    compared: Comparison
    struck: tuple[Struck, ...]
    undelivered: tuple[str, ...]
    done: Mapping[str, int]
    refused: tuple[str, ...]
    broken: tuple[str, ...]  #: of those, answers that are faults of dangphi itself (HTTP 5xx)
    verified: bool
    findings: tuple[str, ...]
    reconciled: tuple[Mapping[str, Any], ...]  #: by account
    events: int
    seconds: float

    @property
    def ok(self) -> bool:
        """Whether truth and book agree, every leftover has a cause, the book verifies, and dangphi never broke."""
        return self.compared.ok and self.verified and not self.broken


def percent(part: int, whole: int) -> str:
    """A share with two places, rounded down so that only the whole reads 100."""
    return "100,00" if part == whole else f"{part * 10_000 // whole / 100:.2f}".replace(".", ",")


def as_text(page: Page) -> str:
    """The page for people."""
    compared = page.compared
    lines = [
        f"SANDBOX: {page.scenario.title}",
        f"Tháng {page.scenario.month}, hạt giống {page.scenario.seed}; {page.events} sự kiện, {page.seconds:.0f} giây",
        "",
        f"{'Đường tiền đến':<28}{'ngoài đời':>16}{'trong sổ':>16}",
    ]
    for way, (truth, book) in sorted(compared.totals.items()):
        mark = "" if truth == book else "   LỆCH"
        lines.append(f"{_WAYS.get(way, way):<28}{format_dong(truth):>16}{format_dong(book):>16}{mark}")
    lines += ["", f"{'Số của thế giới và của sổ':<28}{'ngoài đời':>16}{'trong sổ':>16}"]
    for figure in compared.figures:
        mark = "" if figure.truth == figure.book else "   LỆCH"
        lines.append(f"{figure.name:<28}{format_dong(figure.truth):>16}{format_dong(figure.book):>16}{mark}")
    lines += [
        "",
        f"Sao kê: {format_dong(compared.moved)} đồng; đặt được chỗ, hoặc kịch bản biết vì sao chưa: "
        f"{percent(compared.explained, compared.moved)} %",
    ]
    for one in page.reconciled:
        state = "khớp từng ngày" if one["ties"] else "CÓ NGÀY LỆCH"
        lines.append(
            f"  tài khoản {one['account']}: {state}, đối chiếu giải thích {one['explained']} %; khớp {one['matched']} "
            f"dòng, không phải đảng phí {one['not_dues']}, đã trả lại {one['returned']}, còn {one['leftovers']} mục"
        )
        lines += [f"    còn treo, {title}: {format_dong(amount)}" for title, amount in one["open"].items()]
    lines += ["", f"Còn lại cho người xử lý: {len(compared.leftovers)}"]
    for left in compared.leftovers[:_SHOWN]:
        cause = left.cause or "KHÔNG RÕ VÌ SAO"
        lines.append(f"  {_WHAT.get(left.what, left.what)} {format_dong(left.amount)} {left.key}: {cause}")
    counted = Counter(str(one.fault) for one in page.struck)
    lines += ["", "Lỗi đã xảy ra: " + (", ".join(f"{name} {n}" for name, n in sorted(counted.items())) or "không có")]
    quiet = [str(fault) for fault in page.scenario.faults if fault not in UNUSED and str(fault) not in counted]
    lines += [f"Lỗi của kịch bản chưa có dịp xảy ra: {', '.join(sorted(quiet))}"] if quiet else []
    lines.append(f"Tin không bao giờ tới: {len(page.undelivered)}")
    lines += [f"dangphi từ chối: {one}" for one in page.refused[:_SHOWN]]
    lines += ["", f"Kiểm tra sổ: {'đạt' if page.verified else 'KHÔNG ĐẠT'}"]
    lines += [f"  {one}" for one in page.findings[:_SHOWN]]
    for difference in compared.differences[:_SHOWN]:
        lines.append(
            f"LỆCH {difference.what}: {difference.key} ngoài đời {format_dong(difference.truth)}, "
            f"trong sổ {format_dong(difference.book)}"
        )
    lines += [f"LỖI CỦA dangphi: {one}" for one in page.broken[:_SHOWN]]
    lines += ["", score(compared)]
    verdict = "SỔ KHỚP NGOÀI ĐỜI, không mất và không thừa một đồng." if page.ok else "SỔ VÀ NGOÀI ĐỜI KHÔNG KHỚP."
    return "\n".join([*lines, verdict]) + "\n"


def score(compared: Comparison) -> str:
    """The line that sums it up: how many payments the book has as they were, and how many đồng it is off."""
    made, kept = compared.payments
    off = sum(abs(one.truth - one.book) for one in compared.differences)
    return f"Sự thật = sổ: {kept}/{made} khoản, lệch {format_dong(off)} đồng"


def as_json(page: Page) -> str:
    """The page for programs."""
    told = {
        "scenario": page.scenario.title,
        "month": page.scenario.month,
        "seed": page.scenario.seed,
        "ok": page.ok,
        "score": score(page.compared),
        "broken": list(page.broken),
        "compared": as_dict(page.compared),
        "faults": [{"fault": one.fault, "key": one.key, "at": one.at.isoformat()} for one in page.struck],
        "undelivered": list(page.undelivered),
        "done": dict(sorted(page.done.items())),
        "refused": list(page.refused),
        "verify": {"ok": page.verified, "findings": list(page.findings)},
        "reconciled": list(page.reconciled),
        "events": page.events,
    }
    return json.dumps(told, ensure_ascii=False, indent=1) + "\n"
