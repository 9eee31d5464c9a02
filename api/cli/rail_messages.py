"""``dangphi rail messages`` and ``dangphi rail message``: what channels sent, as it came, with hash and headers."""

from typing import Annotated

import typer

from api.cli.session import Actor, AsJson, At, CommandId, Data, Demo, Reader, act, moment, opened, reading_as, show
from api.flows import messages


def messages_command(
    of: Annotated[
        str | None,
        typer.Option("--of", help="Mã khoản tiền (nguồn/mã giao dịch) hoặc mã tham chiếu; bỏ trống là tin mới nhất."),
    ] = None,
    rejected: Annotated[bool, typer.Option("--rejected", help="Chỉ tin không tin được: sai chữ ký, sai dạng.")] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="Số tin nhiều nhất khi bỏ trống --of.")] = 50,
    reader: Reader = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        who = reading_as(reader, demo=demo)
        if of is None:
            found = messages.latest(inst, limit, rejected=rejected)
        else:
            found = messages.of_subject(inst, of)
        rows = messages.shown_to(inst, found, who, moment(None).date(), within_reach=of is None)
    show({"messages": rows}, as_json=as_json)


def message_command(
    number: Annotated[int, typer.Argument(help="Số của tin (dangphi rail messages).")],
    reader: Reader = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        who = reading_as(reader, demo=demo)
        (row,) = messages.shown_to(inst, (messages.message(inst, number),), who, moment(None).date())
    show(row, as_json=as_json)


def open_message_command(
    number: Annotated[int, typer.Argument(help="Số của tin (dangphi rail messages).")],
    actor: Actor,
    reason: Annotated[str, typer.Option("--reason", help="Vì sao phải xem nguyên văn; được ghi lại.")],
    at: At = None,
    command_id: CommandId = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        answer = messages.open_message(inst, number, act(actor, at, command_id, reason=reason))
    show(answer, as_json=as_json)


def add_to(app: typer.Typer) -> None:
    """Hang the commands under ``dangphi rail``."""
    app.command("messages", help="Tin các kênh đã gửi: mã băm, tên các header, có tin hay không; không có nội dung.")(
        messages_command
    )
    app.command(
        "message", help="Một tin theo số: mã băm SHA-256, tên các header, kết quả kiểm tra; không có nội dung."
    )(message_command)
    app.command("open-message", help="Nguyên văn một tin và header của nó; ai xem, lúc nào, vì sao được ghi lại.")(
        open_message_command
    )
