"""The hold-out's lines with references: other wrappings, several in one line, requests replaced, slips and sets."""

from collections.abc import Callable

from tests.torture.holdout_hand import Hand, slipped, whole
from tests.torture.holdout_world import AUGUST, CHANGED, GONE, JULY, RAISE, SEPTEMBER, plain
from tests.torture.values import Dice, Must

# --- one reference, other wrappings -------------------------------------------------------------------------------

#: Around {x}: {n} a name, {d} ten digits, {a} an account.
WRAPPINGS = (
    "NHAN TU {a} TRACE {d} ND {x}",
    "IB CKN247 {d} {x}",
    "IB FUND TRANSFER FROM {n} -{x}- REF {d}",
    "{x} \\BNB FT26{d}\\{n}",
    "REM Tfr A/c:{a} O@L_970436_{d}_{x} B/O:{n}",
    "Nguoi chuyen: {n}; ND: {x}; So GD: {d}",
    "VQR CT tu {a} {n}: {x}.",
    "CT nhanh 247 den: {x} tai iPay {d}",
    "SPAY{d} {x}",
    "QR - VNPAY - {d} - {x} - {n}",
    "VNPTMONEY {d} CK {x}",
    "Timo:{x}/Chuyen tien/{d}",
    "/PL{d}/ND/{x}/PB/{n}/",
    "MSG:{x}|TRN:{d}|NAME:{n}",
    "{d}{x}{d}",
    "DPHI_{x}_T9_{n}",
    "LENH CHUYEN TIEN DEN SO {d} NGAY 100926 NGUOI TRA {n} TK {a} NOI DUNG {x} NGAN HANG TPCP XXX CN SO 2",
    '"{x}"',
    "[{x}]",
    "#{x}#",
    "Ma:{x};ck",
    "ma{x}",
    "?ref={x}&t=9",
    "Kinh gui chi bo, dong chi {n} nop dang phi, ma so {x}, tran trong",
    "{x}\t\t{n}",
    "  {x}  ",
    "Đảng phí: {x} — đ/c {n}",
    "DANG PHI {x} {x} DANG PHI",
    "HJ{x}",
    "HJ HJ {x}",
    "KHJ2026 {x}",
    "HJ2026 T9 {x} HJ",
    "CT DI: {d} {x}; CT DEN: {d} {x}",
    "{n} {x} FT26{d}1234 MBCT {d} GD {d}-100926 10:10:10",
    "ND:{x}THANHTOANDANGPHI",
)

SPOILED: dict[str, Callable[[Dice, str], str]] = {
    "nbsp": lambda dice, code: code[:6] + "\u00a0" + code[6:],
    "zero-width": lambda dice, code: code[:5] + "\u200b" + code[5:],
    "tab-inside": lambda dice, code: code[:7] + "\t" + code[7:],
    "slashes": lambda dice, code: "/".join((code[:2], code[2:6], code[6:10], code[10:])),
    "one-by-one": lambda dice, code: " ".join(code),
    "cut-and-whole": lambda dice, code: f"{code[:10]} {code}",
    "slip-and-whole": lambda dice, code: f"{slipped(dice, code)} sua lai {code}",
    "thrice": lambda dice, code: f"{code.lower()}-{code}/{code}",
    "two-breaks": lambda dice, code: code[:4] + "\n" + code[4:9] + "\r\n" + code[9:],
    "lower-o-i": lambda dice, code: code.replace("0", "o").replace("1", "l").lower(),
}


def wrapped(h: Hand, wraps: list[str]) -> None:
    """Wrappings and damages that the main set has not: the reference is whole, so the money is the member's."""
    for number, wrap in enumerate(wraps):
        one = h.one()
        spoil = sorted(SPOILED)[h.dice.below(len(SPOILED))] if number % 2 else "none"
        code = SPOILED[spoil](h.dice, h.ref(one)) if number % 2 else h.ref(one)
        text = wrap.format(x=code, n=plain(h.stranger()), d=h.dice.digits(10), a=h.pen.account())
        h.put("wrapped", Must.POST, one.dues, text, whole(one), why="its reference is whole", damage=spoil)


# --- several references -------------------------------------------------------------------------------------------


def several(h: Hand) -> None:
    """More than one reference of the account."""
    one = h.one()
    months = (JULY, AUGUST, SEPTEMBER)
    codes = " ".join(h.ref(one, month) for month in months)
    h.put("three-months-of-one", Must.POST, one.dues * 3, f"DP QUY 3 {codes}", whole(one, times=3), why="sum of three")
    one = h.one()
    codes = f"{h.ref(one, JULY)}+{h.ref(one, AUGUST)}"
    h.put("two-months-one-paid", Must.EITHER, one.dues, codes, whole(one), why="both references are the same member's")
    six = h.some(6)
    codes = ",".join(h.ref(member) for member in six)
    total = sum(member.dues for member in six)
    h.put("list-of-six", Must.POST, total, codes, whole(*six), why="the sum of six references")
    one, other = h.some(2)
    text = f"{h.ref(one)} va {slipped(h.dice, h.ref(other))}"
    why = "one reference whole and one with a slip, the amount is the sum"
    h.put("one-whole-one-slip", Must.SUGGEST, one.dues + other.dues, text, whole(one, other), why=why)
    one, other = h.some(2)
    why = "one reference and another member's name, the amount is the sum"
    text = f"{h.ref(one)} va {plain(other.name)}"
    h.put("one-reference-one-name", Must.SUGGEST, one.dues + other.dues, text, whole(one, other), why=why)
    a, b, c = h.one(), h.one(), h.one()
    codes = " ".join(h.ref(member) for member in (a, b, c))
    least = a.dues + b.dues + c.dues - 1_000
    h.put("three-references-less", Must.HOLD, least, codes, why="nobody can say who pays less")
    one, other = h.some(2)
    h.put("paid-before", Must.POST, one.dues, h.ref(one), whole(one), why="its reference", day=2)
    why = "one of two references is paid already; the amount is the other's"
    h.put("one-of-two-paid", Must.EITHER, other.dues, f"{h.ref(one)} {h.ref(other)}", whole(other), why=why, day=20)
    one, other = h.some(2)
    h.put("paid-before", Must.POST, one.dues, h.ref(one), whole(one), why="its reference", day=3)
    why = "one of two references is paid already; the amount is both's: did he pay twice?"
    text = f"{h.ref(one)} {h.ref(other)}"
    h.put("both-one-of-them-paid", Must.HOLD, one.dues + other.dues, text, why=why, day=21)
    one = h.one()
    foreign = h.pen.by_key[h.next[40 + h.dice.below(30)].id, SEPTEMBER]
    why = "another cell's reference beside ours, the amount is the sum of both"
    text = f"{h.ref(one)} {foreign.reference}"
    h.put("beside-another-cells", Must.HOLD, one.dues + foreign.member.dues, text, why=why)


# --- requests that changed, people who left -----------------------------------------------------------------------


def replaced(h: Hand) -> None:
    """Requests withdrawn because the income changed."""
    a, b, c, d = (h.own[number] for number in CHANGED)
    why = "money under a withdrawn request is its member's"
    h.put("withdrawn", Must.POST, a.dues, h.ref(a), whole(a), why=why)
    raised = ((b.id, b.dues + RAISE),)
    h.put("withdrawn-new-amount", Must.POST, b.dues + RAISE, f"DP T9 {h.ref(b)}", raised, why=why)
    raised = ((c.id, c.dues + RAISE),)
    why = "the old and the new reference of one month"
    h.put("old-and-new", Must.EITHER, c.dues + RAISE, f"{h.ref(c)} {h.anew[c.id]}", raised, why=why)
    raised = ((d.id, d.dues + RAISE),)
    h.put("new-one", Must.POST, d.dues + RAISE, f"{h.anew[d.id]} HP T9", raised, why="the request that stands")
    foreign = h.next[CHANGED[0]]
    code = h.pen.by_key[foreign.id, SEPTEMBER].reference
    h.put("withdrawn-of-another-cell", Must.HOLD, foreign.dues, code, why="not this account's, and withdrawn")


def gone(h: Hand) -> None:
    """People who left on the last of September."""
    a, b, c = (h.own[number] for number in GONE)
    h.put("left-since", Must.POST, a.dues, h.ref(a, AUGUST), whole(a), why="he owed August here", month=AUGUST)
    account = h.pen.account()
    payer = (plain(b.name), account)
    h.put("left-since", Must.POST, b.dues, h.ref(b, JULY), whole(b), why="its reference", month=JULY, payer=payer)
    same = next((one for one in h.own[12:] if one.dues == b.dues), None)
    text = "nop dang phi" if same else "chuyen tien"
    why = "an account of one who left; nothing says whose it is now"
    h.put("stale-payer-other-amount", Must.HOLD, b.dues + 3_500, text, why=why, payer=payer)
    why = "he paid in August already under his reference"
    h.put("left-paid-again", Must.EITHER, c.dues, f"{plain(c.name)} dang phi T9", whole(c), why=why, reachable=False)


# --- slips and sets -----------------------------------------------------------------------------------------------


def slips(h: Hand) -> None:
    """References that cannot be read; what else the line says."""
    one = h.one()
    code = h.ref(one)
    double = slipped(h.dice, slipped(h.dice, code, 4), 9)
    why = "two slips in the reference, but his name and what he owes"
    h.put("two-slips-and-name", Must.EITHER, one.dues, f"{plain(one.name)} {double}", whole(one), why=why)
    one = h.one()
    double = slipped(h.dice, slipped(h.dice, h.ref(one), 5), 10)
    h.put("two-slips", Must.SUGGEST, one.dues, double, whole(one), why="two slips", reachable=False)
    one, other = h.some(2)
    text = f"{slipped(h.dice, h.ref(one))} {plain(other.name)}"
    why = "a slip of one member's reference, another's name and another's amount"
    h.put("slip-against-name", Must.SUGGEST, other.dues, text, whole(other), why=why, reachable=False)
    foreign = h.pen.by_key[h.next[50 + h.dice.below(20)].id, AUGUST]
    h.put(
        "slip-of-another-cell",
        Must.HOLD,
        foreign.member.dues,
        slipped(h.dice, foreign.reference),
        why="not this account's",
    )
    one = h.one()
    code = slipped(h.dice, h.ref(one))
    h.put(
        "slip-other-amount",
        Must.SUGGEST,
        one.dues - 500,
        code,
        ((one.id, one.dues - 500),),
        why="a slip that can be located",
    )


def sets(h: Hand) -> None:
    """Lists and sums that fit in more than one way, and halves."""
    batch = next(one for one in h.pen.world.batches if one.unit == h.unit.id and one.month == SEPTEMBER)
    total = sum(amount for _, amount in batch.parts)
    h.put(
        "batch-one-missing", Must.HOLD, total - batch.parts[0][1], batch.reference, why="a list less one of its lines"
    )
    batch = next(one for one in h.pen.world.batches if one.unit == h.unit.id and one.month == AUGUST)
    total = sum(amount for _, amount in batch.parts)
    h.put("batch", Must.POST, total, f"nop ho {batch.reference}", batch.parts, why="a fixed list", month=AUGUST, day=5)
    h.put(
        "batch-again",
        Must.HOLD,
        total,
        f"nop ho {batch.reference}",
        why="the same list a second time",
        month=AUGUST,
        day=6,
    )
    one = h.one()
    half = one.dues // 2
    parts = ((one.id, half),)
    h.put("halves", Must.POST, half, h.ref(one), parts, why="a part under its reference", day=7)
    rest = one.dues - half
    h.put("halves", Must.POST, rest, h.ref(one), ((one.id, rest),), why="the rest under its reference", day=8)
    a, b = h.some(2)
    lo = a.dues + b.dues - 50_000
    why = "two transfers without a word whose sum is what two owe"
    h.put("two-for-two", Must.HOLD, lo, "dang phi", why=why, day=11)
    h.put("two-for-two", Must.HOLD, 50_000, "dang phi", why=why, day=11)
    some = h.some(3)
    text = f"DP T9: {', '.join(plain(m.name).split()[-1] for m in some)}"
    why = "given names only; several members have such"
    h.put("given-names", Must.HOLD, sum(m.dues for m in some), text, why=why)
    a, b = h.some(2)
    text = f"{h.ref(a, AUGUST)} {h.ref(a)} {h.ref(b, AUGUST)} {h.ref(b)}"
    to = ((a.id, a.dues * 2), (b.id, b.dues * 2))
    h.put(
        "two-members-two-months", Must.POST, sum(amount for _, amount in to), text, to, why="the sum of four references"
    )
    a, b = h.some(2)
    text = f"{h.ref(a, AUGUST)} {h.ref(a)} {h.ref(b)}"
    why = "three references of two members, the amount leaves one month of one open"
    h.put("three-references-two-paid", Must.SUGGEST, a.dues + b.dues, text, whole(a, b), why=why, reachable=False)
