"""The command ``dangphi``: a table of sub-commands, each loaded only when it is called.

Start-up time is part of the contract (under half a second for the offline commands), so this module imports
nothing but typer, and a sub-command's module is imported when its name is typed. Refusals and malformed input
are reported in one place, :func:`run`.
"""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import Any, cast

import typer
from typer.core import TyperGroup

from api.troubles import CannotWork, of_system
from domain.errors import Malformed, Refusal


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the table: ``target`` is "module:app", ``help`` one Vietnamese line for ``dangphi --help``.

    A group keeps its own sub-commands (``dangphi qr encode``) even where it has only one; otherwise the app's
    single command takes the name of the line (``dangphi verify``).
    """

    target: str
    help: str
    group: bool = True


#: Exit status of an import that did what it could: the good rows are in, the others are named and must be mended.
LEFT_OUT = 3

#: The sub-commands in the order in which the help lists them. A new one needs a line here and nothing else.
COMMANDS = MappingProxyType(
    {
        "qr": Entry("api.cli.qr:app", "Tạo, đọc và vẽ mã VietQR."),
        "ref": Entry("api.cli.ref:app", "Tìm và gợi ý mã tham chiếu trong nội dung chuyển khoản."),
        "policy": Entry("api.cli.policy:app", "Tra mức đóng đảng phí theo văn bản và tháng."),
        "demo": Entry("api.cli.demo:app", "Chạy trọn tháng đảng phí mẫu của một phường.", group=False),
        "import": Entry("api.cli.imports:app", "Nhập tệp của văn phòng: tổ chức, cán bộ, số dư, đảng viên, lương."),
        "member": Entry("api.cli.member:app", "Biến động đảng viên: kết nạp, chuyển sinh hoạt, ra, phục hồi."),
        "dues": Entry("api.cli.dues:app", "Tính mức đóng và lập yêu cầu nộp."),
        "relief": Entry("api.cli.relief:app", "Miễn, giảm: đơn, quyết định, thu hồi, đề xuất miễn, sắp hết hạn."),
        "adjust": Entry("api.cli.adjust:app", "Điều chỉnh mức đóng, đóng thêm, mức do cấp có thẩm quyền ấn định."),
        "collect": Entry("api.cli.collect:app", "Thu: thông báo của Cổng, sao kê, tiền mặt, phân loại."),
        "rail": Entry("api.cli.rail:app", "Kênh thanh toán: mở lượt trên Cổng, hỏi lại, tình trạng, biên lai."),
        "gateway": Entry("api.cli.gateway:app", "Cổng thẻ: lấy đợt trả, hoàn qua cổng; quyết toán của mọi kênh."),
        "match": Entry("api.cli.match:app", "Khớp tiền đang treo: gợi ý, căn cứ, nhận, gỡ, đo độ chính xác."),
        "remit": Entry("api.cli.remit_cases:app", "Chốt kỳ và nộp lên cấp trên; tra soát, điều chỉnh."),
        "cash": Entry("api.cli.cash:app", "Sổ quỹ, kiểm quỹ, bàn giao quỹ, cảnh báo tiền mặt."),
        "spend": Entry("api.cli.spend:app", "Phiếu thu, phiếu chi của đơn vị; kết chuyển cuối năm."),
        "share": Entry("api.cli.share:app", "Tỷ lệ để lại: xem, phân bổ muộn các kỳ đã giữ."),
        "refund": Entry("api.cli.refund_cases:app", "Hoàn trả: đề nghị, hai người duyệt, chi trả."),
        "book": Entry("api.cli.book:app", "Sổ sách, báo cáo theo mẫu: lập, ký, dựng lại từng byte."),
        "progress": Entry("api.cli.progress:app", "Tiến độ đóng đảng phí của một tháng, từng chi bộ.", group=False),
        "close": Entry("api.cli.close:app", "Khoá sổ tháng, xác nhận, mở lại, việc phát sinh muộn."),
        "correct": Entry("api.cli.correct:app", "Điều chỉnh: ghi đảo bút toán sai, ghi lại cho đúng."),
        "statement": Entry("api.cli.statement_map:app", "Tệp sao kê đã nhập: xem, lấy lại, tra dòng, rút; bảng cột."),
        "open-item": Entry("api.cli.open_item:app", "Khoản chờ quyết định: xem, quyết định, duyệt, gỡ."),
        "receipt": Entry("api.cli.receipt:app", "Biên lai: in, huỷ; danh sách ký nộp tiền mặt."),
        "tree": Entry("api.cli.tree:app", "Cây tổ chức: xem theo ngày, đổi tên, hợp nhất, chia, giải thể."),
        "balance": Entry("api.cli.balance:app", "Số dư của một đơn vị, tại hai thời điểm biết.", group=False),
        "audit": Entry("api.cli.audit:app", "Lịch sử một đảng viên, khoản tiền, lần nộp, hoàn trả, đơn vị."),
        "reconcile": Entry(
            "api.cli.reconcile:app", "Đối chiếu sao kê, kênh thu và sổ; tệp XLSX cho người giữ quỹ; chốt ngày."
        ),
        "past": Entry("api.cli.past:app", "Sổ cũ: nhập để tra cứu, bỏ cả lần nhập, so với sổ này."),
        "export": Entry("api.cli.export:app", "Xuất nhật ký, nghĩa vụ, tiền thu, tiền nộp ra tệp.", group=False),
        "verify": Entry("api.cli.verify:app", "Kiểm tra toàn bộ sổ bằng cách chạy lại nhật ký từ đầu.", group=False),
        "rebuild": Entry("api.cli.rebuild:app", "Dựng lại bảng đọc từ nhật ký khi bảng cũ vẫn dùng.", group=False),
        "example": Entry("api.cli.example:app", "Làm lại các tệp mẫu.", group=False),
        "sandbox": Entry("api.cli.sandbox:app", "Cổng, ngân hàng, cổng thẻ, đăng nhập mô phỏng chạy thật qua HTTP."),
        "serve": Entry("api.cli.serve:app", "Chạy giao diện HTTP và bộ xử lý nền.", group=False),
    }
)


def _load(name: str, entry: Entry) -> Any:
    """The click command of one line; the first import of its module happens here."""
    module, attribute = entry.target.split(":")
    app: typer.Typer = getattr(import_module(module), attribute)
    # Plain help texts need no rich, whose import alone costs a good part of the half second.
    app.rich_markup_mode = None
    app.pretty_exceptions_enable = False
    app._add_completion = False
    command = typer.main.get_group(app) if entry.group else typer.main.get_command(app)
    command.name = name
    return command


class LazyGroup(TyperGroup):
    """Looks sub-commands up in :data:`COMMANDS`; the contexts are click's, which typer keeps private."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        entry = COMMANDS.get(cmd_name)
        return None if entry is None else _load(cmd_name, entry)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """The help of the whole program comes from the table alone and loads no sub-command."""
        with formatter.section("Lệnh"):
            formatter.write_dl([(name, entry.help) for name, entry in COMMANDS.items()])


root = typer.Typer(
    name="dangphi",
    cls=LazyGroup,
    help="Sổ cái đảng phí: xác định, thu, đối chiếu, trích nộp và chứng minh từng đồng.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@root.callback()
def _root() -> None:
    """Makes the root a group although its commands stand in a table and not on the app."""


#: The parser's error for a command line that cannot be understood; typer exports only a class made of it.
_UsageError = cast(type[Exception], typer.BadParameter.__mro__[1])


def report(error: Refusal | Malformed | CannotWork, *, as_json: bool) -> None:
    """Print a refusal or malformed input: a JSON object on standard output, or the message on standard error."""
    message = str(error) if isinstance(error, Malformed) else error.message
    _tell(str(error.code), message, as_json=as_json)


def _tell(code: str, message: str, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"error": {"code": code, "message": message}}, ensure_ascii=False))
    else:
        typer.echo(f"Lỗi: {message}", err=True)


def run(arguments: Sequence[str] | None = None) -> None:
    """Run ``dangphi`` with ``arguments`` (the process's own by default) and exit.

    Exit status 0: done; 1: a rule refused, the input could not be read, or the machine could not do the work;
    2: the command line was wrong.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # Vietnamese must not fail on a terminal set to another encoding, nor on bytes that were no text.
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    options = given[: given.index("--")] if "--" in given else given
    as_json = "--json" in options
    try:
        status = root(args=given, prog_name="dangphi", standalone_mode=False)
    except (Refusal, Malformed, CannotWork) as error:
        report(error, as_json=as_json)
        sys.exit(1)
    except OSError as error:
        report(of_system(error), as_json=as_json)
        sys.exit(1)
    except typer.Abort:
        sys.exit(1)
    except _UsageError as error:
        # Imported here because a command line that is understood needs none of its words.
        from api.cli import usage

        if usage.is_help(error):
            typer.echo(str(error))
        else:
            _tell("usage", usage.in_vietnamese(error), as_json=as_json)
        sys.exit(2)
    sys.exit(status if isinstance(status, int) else 0)


if __name__ == "__main__":
    run()
