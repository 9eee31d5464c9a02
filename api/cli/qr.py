"""``dangphi qr``: make, read and draw VietQR payloads; no database, no network."""

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from adapters.vietqr.payload import encode
from domain.errors import Malformed
from domain.money import Dong

app = typer.Typer(
    help="Tạo, đọc và vẽ mã VietQR (NAPAS 247).", no_args_is_help=True, add_completion=False, rich_markup_mode=None
)

Bin = Annotated[str, typer.Option("--bin", help="Mã BIN của ngân hàng, 6 chữ số, ví dụ 970436.")]
Account = Annotated[str, typer.Option("--account", help="Số tài khoản nhận, tối đa 19 ký tự.")]
Amount = Annotated[str | None, typer.Option("--amount", help="Số tiền, đồng nguyên; bỏ trống để tạo mã tĩnh.")]
Content = Annotated[
    str | None, typer.Option("--content", help="Nội dung chuyển khoản, tối đa 25 ký tự, sẽ được bỏ dấu.")
]
AsJson = Annotated[bool, typer.Option("--json", help="In kết quả dạng JSON.")]


class Format(StrEnum):
    """What an image can be."""

    SVG = "svg"
    PNG = "png"
    TERMINAL = "terminal"


def _dong(text: str | None) -> Dong | None:
    """The amount as typed; grouping marks and decimals are refused, because 50.000 may mean two things."""
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 13):
        raise Malformed(
            f"số tiền {text!r} phải là số đồng nguyên chỉ gồm chữ số, ví dụ 50000 (không dấu chấm, không phần lẻ).",
            where="amount",
            code="amount-malformed",
        )
    return int(text)


@app.command("encode", help="In nội dung mã VietQR trên một dòng.")
def encode_command(
    bin: Bin, account: Account, amount: Amount = None, content: Content = None, as_json: AsJson = False
) -> None:
    dong = _dong(amount)
    payload = encode(bin=bin, account=account, amount=dong, content=content)
    if as_json:
        initiation = "static" if dong is None else "dynamic"
        typer.echo(json.dumps({"payload": payload, "initiation": initiation, "amount": dong}, ensure_ascii=False))
    else:
        typer.echo(payload)


@app.command("decode", help="Đọc và kiểm tra một mã VietQR; mã thoát 0 nếu hợp lệ, 1 nếu không.")
def decode_command(
    payload: Annotated[str, typer.Argument(metavar="PAYLOAD", help="Toàn bộ nội dung của mã QR.")],
    lenient: Annotated[
        bool, typer.Option("--lenient", help="Chỉ cảnh báo với các lỗi thường gặp mà vẫn đọc được chắc chắn.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    # Imported here because making a payload needs neither the lint nor the bank directory.
    from adapters.vietqr.banks import bank_of
    from adapters.vietqr.decode import decode

    decoded = decode(payload, lenient=lenient)
    fields = decoded.fields
    bank = bank_of(fields.bin) if fields and fields.bin else None
    result = {
        "valid": decoded.valid,
        "scheme": decoded.scheme,
        "initiation": decoded.initiation,
        "bin": fields.bin if fields else None,
        "bank": bank.shown if bank else None,
        "account": fields.account if fields else None,
        "service": fields.service if fields else None,
        "amount": decoded.amount,
        "content": fields.purpose if fields else None,
        "errors": [{"code": str(found.code), "message": found.message} for found in decoded.errors],
        "warnings": [{"code": str(found.code), "message": found.message} for found in decoded.warnings],
    }
    if as_json:
        typer.echo(json.dumps(result, ensure_ascii=False))
    else:
        typer.echo("Hợp lệ." if decoded.valid else "Không hợp lệ.")
        labels = {"bank": "Ngân hàng", "bin": "BIN", "account": "Tài khoản", "amount": "Số tiền", "content": "Nội dung"}
        for key, label in labels.items():
            if result[key] is not None:
                typer.echo(f"{label}: {result[key]}")
        for found in decoded.errors:
            typer.echo(f"Lỗi {found.code}: {found.message}")
        for found in decoded.warnings:
            typer.echo(f"Cảnh báo {found.code}: {found.message}")
    if not decoded.valid:
        raise typer.Exit(1)


@app.command("image", help="Vẽ mã VietQR dạng SVG, PNG hoặc ngay trong cửa sổ lệnh.")
def image_command(
    bin: Bin,
    account: Account,
    amount: Amount = None,
    content: Content = None,
    format: Annotated[Format, typer.Option("--format", help="Dạng ảnh.")] = Format.TERMINAL,
    out: Annotated[Path | None, typer.Option("--out", help="Tệp để ghi; bỏ trống thì in ra màn hình.")] = None,
    as_json: AsJson = False,
) -> None:
    from adapters.vietqr import image

    payload = encode(bin=bin, account=account, amount=_dong(amount), content=content)
    if out is None and format is Format.PNG and (as_json or sys.stdout.isatty()):
        raise Malformed("ảnh PNG không in ra màn hình được. Hãy thêm --out TỆP.", where="format")
    if format is Format.PNG:
        drawn = image.png(payload)
    elif format is Format.SVG:
        drawn = image.svg(payload).encode("utf-8")
    else:
        drawn = image.terminal(payload).encode("utf-8")
    if out is not None:
        try:
            out.write_bytes(drawn)
        except OSError as error:
            raise Malformed(f"không ghi được tệp: {error.strerror}. Hãy chọn chỗ khác.", where=str(out)) from error
    if as_json:
        shown = None if out else drawn.decode("utf-8")
        result = {"payload": payload, "format": str(format), "file": str(out) if out else None, "image": shown}
        typer.echo(json.dumps(result, ensure_ascii=False))
    elif out is not None:
        typer.echo(f"Đã ghi {out}")
    else:
        sys.stdout.buffer.write(drawn)
        sys.stdout.buffer.flush()
