"""The sandbox's first page: who it is, what stands on the accounts, what went wrong so far, and how to reach it.

Vietnamese, one document without scripts or anything fetched from elsewhere; it asks for itself anew every few seconds.
"""

from collections import Counter
from collections.abc import Iterable
from html import escape

from adapters.inbound import VIETNAM
from adapters.sandbox.world.world import World
from domain.money import format_dong

#: Rows of a list that are shown, newest first.
_MOST = 15

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:1.5rem auto;padding:0 1rem;color:#1c1c1c}"
    "h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:1.6rem}table{border-collapse:collapse;width:100%}"
    "th,td{border-bottom:1px solid #ccc;padding:.25rem .6rem .25rem 0;text-align:left;vertical-align:top}"
    ".n{text-align:right;font-variant-numeric:tabular-nums}pre{background:#f3f3f3;padding:.8rem;overflow:auto}"
    "@media(prefers-color-scheme:dark){body{background:#161616;color:#e6e6e6}pre{background:#262626}}"
)


def start_page(world: World, base: str, target: str) -> str:
    """The page as HTML; ``base`` is the sandbox's address, ``target`` dangphi's."""
    accounts = [
        (one.account_id, one.holder, format_dong(world.bank.balance(one.account_id)))
        for one in world.bank.accounts.values()
    ]
    opened = reversed(list(world.portal.transactions.values()))
    portal = [(one.reference, format_dong(one.amount), str(one.state)) for one in opened]
    intents = reversed(list(world.gateway.intents.values()))
    cards = [(one["id"], format_dong(one["amount"]), one["status"]) for one in intents]
    counted = Counter(str(one.fault) for one in world.chances.struck)
    last = {str(one.fault): one for one in world.chances.struck}
    struck = [(name, str(many), last[name].key[:60]) for name, many in sorted(counted.items())]
    parts = [
        f"<h1>Sandbox dangphi: {escape(world.scenario.title)}</h1>",
        f"<p>Mọi thứ ở đây là bịa, không tin nào ra khỏi máy này. Giờ của kịch bản: "
        f"<b>{world.now.astimezone(VIETNAM):%d/%m/%Y %H:%M}</b>, nhanh gấp {world.scenario.speed:g} lần; "
        f"hạt giống {world.scenario.seed}; {world.post.waiting()} tin đang chờ gửi tới "
        f"<code>{escape(target or '(chưa có)')}</code>.</p>",
        _table("Tài khoản", ("Tài khoản", "Chủ", "Số dư"), accounts, 2, "Chưa mở tài khoản nào."),
        _table("Lượt trên Cổng", ("Mã", "Số tiền", "Trạng thái"), portal, 1, "Chưa có lượt nào."),
        _table("Lượt trên cổng thẻ", ("Mã", "Số tiền", "Trạng thái"), cards, 1, "Chưa có lượt nào."),
        _table("Lỗi đã xảy ra", ("Lỗi", "Số lần", "Gần nhất"), struck, 1, "Chưa có lỗi nào."),
        _commands(base),
    ]
    return (
        '<!doctype html><html lang="vi"><head><meta charset="utf-8"><meta http-equiv="refresh" content="5">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>Sandbox dangphi</title><style>{_STYLE}</style></head><body>{''.join(parts)}</body></html>"
    )


def _table(title: str, heads: tuple[str, ...], rows: Iterable[tuple[str, ...]], number: int, none: str) -> str:
    """A table; the column of that number is one of figures."""
    found = list(rows)
    if not found:
        return f"<h2>{title}</h2><p>{none}</p>"

    def line(cells: tuple[str, ...], tag: str) -> str:
        marked = (' class="n"' if place == number else "" for place in range(len(cells)))
        return "".join(f"<{tag}{mark}>{escape(cell)}</{tag}>" for cell, mark in zip(cells, marked, strict=True))

    body = "".join(f"<tr>{line(row, 'td')}</tr>" for row in found[:_MOST])
    more = f"<p>… và {len(found) - _MOST} dòng nữa.</p>" if len(found) > _MOST else ""
    return f"<h2>{title}</h2><table><tr>{line(heads, 'th')}</tr>{body}</table>{more}"


def _commands(base: str) -> str:
    told = f"""# 1. Trỏ dangphi vào đây: các biến được in ra khi sandbox chạy, hoặc nằm trong tệp của --env
source sandbox.env
dangphi serve

# 2. Mở một tài khoản
curl -X POST {base}/sandbox/accounts -H "Authorization: Bearer $DANGPHI_SANDBOX_CONTROL" \\
  -d '{{"bin":"970436","number":"0000001201","holder":"CHI BO MAU","opening":1000000}}'

# 3. Chuyển khoản tự do; quét mã VietQR thì POST {base}/bank/qr
curl -X POST {base}/bank/transfer \\
  -d '{{"bin":"970436","account":"0000001201","amount":50000,"words":"HJ...","payer":"mau","key":"1"}}'

# 4. Sao kê của những ngày đã qua, sự thật, câu chuyện
curl -OJ '{base}/bank/statements/970436/0000001201?first=2026-08-01&last=2026-08-01'
curl -H "Authorization: Bearer $DANGPHI_SANDBOX_CONTROL" {base}/sandbox/truth
curl -H "Authorization: Bearer $DANGPHI_SANDBOX_CONTROL" {base}/sandbox/transcript"""
    return f"<h2>Dùng thử bằng curl</h2><pre>{escape(told)}</pre>"
