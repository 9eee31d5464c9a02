"""The hold-out's lines without a reference: names, payers for others, shared accounts, other purposes, returns."""

from collections.abc import Callable

from tests.torture import town
from tests.torture.holdout_hand import Hand, whole
from tests.torture.holdout_world import ACROSS, AUGUST, JULY, TWINS, plain
from tests.torture.values import Must

# --- names --------------------------------------------------------------------------------------------------------


def named(h: Hand) -> None:
    """How people write names without a reference; the amount is what that member owes for a month."""

    def glued(name: str) -> str:
        return plain(name).replace(" ", "")

    def broken(name: str) -> str:
        flat = plain(name)
        return flat[: len(flat) // 2] + "\n" + flat[len(flat) // 2 :]

    ways: tuple[tuple[str, Callable[[str], str]], ...] = (
        ("marked", lambda name: f"đ/c {name} nộp đảng phí tháng 9"),
        ("small", lambda name: f"{plain(name).lower()} dang phi thang 9"),
        ("rank-before", lambda name: f"DC {plain(name)} DP T9"),
        ("rank-glued", lambda name: f"DP.T9.DC.{plain(name).replace(' ', '.')}"),
        ("cash-at-counter", lambda name: f"{plain(name)} NOP TIEN MAT DANG PHI"),
        ("glued", lambda name: f"{glued(name)} nop dang phi T9"),
        ("line-break", lambda name: f"{broken(name)} DP T9"),
    )
    for theme, way in ways:
        one = h.one()
        payer = (plain(h.stranger()), h.pen.account())
        why = "one member has this name, and owes this"
        h.put(f"name-{theme}", Must.EITHER, one.dues, way(one.name), whole(one), why=why, payer=payer)
    one = h.one()
    words = plain(one.name).split()
    short = " ".join((*(word[0] for word in words[:-1]), words[-1]))
    why = "initials: a person may guess, nobody may post"
    h.put("name-initials", Must.SUGGEST, one.dues, f"{short} DP T9", whole(one), why=why, reachable=False)
    one = h.one()
    flat = plain(one.name)
    typo = flat.replace("G", "Q", 1) if "G" in flat else flat[:-1] + "Z"
    why = "the name with one letter wrong, and what he owes"
    h.put("name-typo", Must.EITHER, one.dues, f"{typo} nop dang phi", whole(one), why=why)
    one, other = h.some(2)
    why = "two names, the sum of what both owe"
    text = f"{plain(one.name)}, {plain(other.name)} nop DP T9"
    h.put("two-names", Must.EITHER, one.dues + other.dues, text, whole(one, other), why=why)
    one = h.one()
    why = "his name, three months asked for, the amount is all three"
    h.put("name-a-quarter", Must.EITHER, one.dues * 3, f"{plain(one.name)} DP QUY 3", whole(one, times=3), why=why)
    one = h.one()
    why = "his name, and two months of what he owes"
    h.put("name-two-months", Must.EITHER, one.dues * 2, f"{plain(one.name)} DP T7+T8", whole(one, times=2), why=why)
    one = h.one()
    odd = one.dues + 1_500
    h.put("name-odd-amount", Must.SUGGEST, odd, f"{plain(one.name)} dang phi", ((one.id, odd),), why="his name only")
    one = h.one()
    cut = h.ref(one)[:6]
    why = "half a reference, his name and what he owes"
    h.put("name-and-cut", Must.EITHER, one.dues, f"{plain(one.name)} {cut}", whole(one), why=why)


def pays_for_another(h: Hand) -> None:
    """Two members of the cell are named or paid; only one of them is paid for. Posting to the other is wrong money."""
    payer, other = h.one(), h.one()
    who = (plain(payer.name), h.pen.account())
    why = "the payer's name is a member's, the money is for another"
    text = f"{plain(payer.name)} nop dang phi T9 cho {plain(other.name)}"
    h.put("for-another", Must.EITHER, other.dues, text, whole(other), why=why, payer=who)
    payer, other = h.one(), h.one()
    who = (plain(payer.name), h.pen.account())
    text = f"{plain(payer.name)} nop ho DP T9 {h.ref(other)}"
    h.put("for-another-reference", Must.POST, other.dues, text, whole(other), why="the reference says whose", payer=who)
    payer, other = h.one(), h.one()
    account = h.pen.account()
    who = (plain(payer.name), account)
    h.put(
        "first-of-a-payer",
        Must.POST,
        payer.dues,
        h.ref(payer, JULY),
        whole(payer),
        why="its reference",
        month=JULY,
        payer=who,
    )
    if h.shows:
        why = "the account paid for one member, the text names another, and the amount is that one's"
        text = f"nop dang phi thay cho {plain(other.name)}"
        h.put("known-payer-names-another", Must.EITHER, other.dues, text, whole(other), why=why, payer=who)


def twins(h: Hand) -> None:
    """Namesakes with the same dues: in the cell, and in the next one."""
    one = h.own[TWINS[0]]
    payer = (plain(one.name), h.pen.account())
    why = "two members of this name owe this"
    h.put("namesakes", Must.HOLD, one.dues, f"{plain(one.name)} nop dang phi T9", why=why, payer=payer)
    here = h.own[ACROSS]
    why = "a namesake with the same dues is in another cell; the account says which"
    text = f"{plain(here.name)} dong dang phi T9"
    h.put(
        "namesake-elsewhere", Must.EITHER, here.dues, text, whole(here), why=why, payer=(plain(here.name), "1234567890")
    )
    there = next(one for one in h.next if one.name == here.name)
    why = "the reference of the namesake in the other cell, same name, same amount"
    text = f"{plain(here.name)} {h.pen.by_key[there.id, AUGUST].reference}"
    h.put("namesakes-reference", Must.HOLD, here.dues, text, why=why, month=AUGUST)


# --- known payers -------------------------------------------------------------------------------------------------


def shared_accounts(h: Hand) -> None:
    """Banks that show the sender's account: who paid before is evidence, but not for everything."""
    if not h.shows:
        return
    for _ in range(4):
        three = h.some(3)
        account = h.pen.account()
        for member in three:
            who = (plain(member.name), account)
            h.put(
                "first-of-a-payer",
                Must.POST,
                member.dues,
                h.ref(member, JULY),
                whole(member),
                why="its reference",
                month=JULY,
                payer=who,
            )
        who = (plain(three[0].name), account)
        total = sum(member.dues for member in three)
        h.put(
            "shared-by-three-all",
            Must.EITHER,
            total,
            "dang phi T8 ca nha",
            whole(*three),
            why="what all three owe",
            month=AUGUST,
            payer=who,
        )
    _other_purposes(h)
    _both_and_nothing(h)


def _other_purposes(h: Hand) -> None:
    """A known account pays what is owed, for something else."""
    for _ in range(4):
        a = h.one()
        account = h.pen.account()
        who = (plain(a.name), account)
        h.put(
            "first-of-a-payer", Must.POST, a.dues, h.ref(a, JULY), whole(a), why="its reference", month=JULY, payer=who
        )
        why = "a known account, what he owes, but it says that it is for something else"
        text = h.dice.pick(
            (
                "ung ho dong bao bao lut",
                "Quy khuyen hoc",
                "tien dien thang 9",
                "nop cong doan phi T9",
                "tra no anh Ba",
                "mua ve so",
            )
        )
        h.put("known-payer-other-purpose", Must.HOLD, a.dues, text, why=why, payer=who)


def _both_and_nothing(h: Hand) -> None:
    """One account for two people's months."""
    one, other = h.some(2)
    account = h.pen.account()
    h.put(
        "first-of-a-payer",
        Must.POST,
        one.dues,
        h.ref(one, JULY),
        whole(one),
        why="its reference",
        month=JULY,
        payer=(plain(one.name), account),
        day=3,
    )
    h.put(
        "first-of-a-payer",
        Must.POST,
        other.dues,
        h.ref(other, AUGUST),
        whole(other),
        why="its reference",
        month=AUGUST,
        payer=(plain(other.name), account),
        day=3,
    )
    both = one.dues + other.dues
    why = "both months of the one and the other are open in part; the sum fits one way by account"
    h.put(
        "shared-both",
        Must.EITHER,
        both,
        "dang phi T9",
        whole(one, other),
        why=why,
        payer=(plain(one.name), account),
        day=9,
    )
    _nothing_owed(h)


def _nothing_owed(h: Hand) -> None:
    """Who has paid everything pays again; a member of another cell pays here."""
    one = h.one()
    account = h.pen.account()
    who = (plain(one.name), account)
    for month in town.MONTHS:
        h.put(
            "first-of-a-payer",
            Must.POST,
            one.dues,
            h.ref(one, month),
            whole(one),
            why="its reference",
            month=month,
            payer=who,
            day=4,
        )
    why = "he has paid everything; the same again without a word may be October's or a mistake"
    h.put(
        "known-payer-owes-nothing",
        Must.EITHER,
        one.dues,
        "chuyen tien",
        whole(one),
        why=why,
        payer=who,
        day=25,
        reachable=False,
    )
    there = h.next[60]
    account = h.pen.account()
    why = "a member of another cell, by name, on this account"
    h.put(
        "member-of-another-cell",
        Must.HOLD,
        there.dues,
        "nop dang phi T9",
        why=why,
        payer=(plain(there.name) + " X", account),
    )


# --- purposes, lumps, returns -------------------------------------------------------------------------------------


def other_purposes(h: Hand) -> None:
    """A member's name and an amount that he owes, for something that is no dues."""
    for words in h.dice.shuffled(
        (
            "{n} ung ho quy vi nguoi ngheo",
            "{n} nop doan phi",
            "{n} dong hoi phi cuu chien binh",
            "CTY TNHH {n} tt tien hang",
            "HKD {n} TT HOP DONG 12",
            "{n} tra tien dien nuoc",
            "{n} nop phat vi pham",
            "{n} mua bao hiem y te",
        )
    )[:3]:
        one = h.one()
        payer = (plain(h.stranger()), h.pen.account())
        why = "his name and what he owes, but not for dues"
        h.put("name-other-purpose", Must.HOLD, one.dues, words.format(n=plain(one.name)), why=why, payer=payer)
    one = h.one()
    words = h.dice.pick(
        (
            "DVCQG QUYET TOAN 280926 1 GD",
            "SETTLEMENT VNPAY 280926",
            "MOMO TT GIAO DICH 27/09 MERCHANT 8812",
            "PAYOUT po_1Qa2Ws3Ed4Rf",
        )
    )
    h.put("lump-like-dues", Must.HOLD, one.dues, words, why="a channel's lump in the amount of somebody's dues")
    one, other = h.some(2)
    words = "QUYET TOAN CONG THANH TOAN 290926 2 GD"
    h.put(
        "lump-like-two-dues", Must.HOLD, one.dues + other.dues, words, why="a lump in the amount of two members' dues"
    )
    one = h.one()
    h.put("interest-like-dues", Must.OTHER, one.dues, "LAI TIEN GUI KHONG KY HAN T9", why="interest", reachable=False)
    one = h.one()
    h.put("funding-like-dues", Must.OTHER, one.dues, "KBNN QUAN 3 CAP KP HOAT DONG", why="state money", reachable=False)
    words = h.dice.pick(("CASSO XAC THUC TAI KHOAN", "PAYOS TEST WEBHOOK", "xac thuc lien ket vi MoMo", "test ck 2k"))
    h.put("probe", Must.OTHER, h.dice.pick((1_000, 2_000, 5_000)), words, why="a trial", reachable=False)
    h.put("fee-words", Must.OTHER, 22_000, "PHI THUONG NIEN DICH VU", why="a fee", reachable=False, direction="out")
    one = h.one()
    h.put("amount-of-one", Must.HOLD, one.dues, f"GD {h.dice.digits(9)}", why="an amount alone is nobody's")


RETURNED = (
    "HOAN LAI TIEN CK NHAM {x}",
    "TRA LAI DO SAI SO TAI KHOAN {x}",
    "Tra soat {d} hoan tien {x}",
    "LENH CHUYEN TIEN BI TRA LAI {x}",
    "REFUND {x}",
    "RETURN - ACCOUNT CLOSED {x}",
    "CHARGEBACK {x}",
    "HUY LENH {x}",
    "Lệnh bị từ chối, hoàn trả {x}",
    "THOAI CHI {x} SAI NGUOI HUONG",
    "Chuyen hoan {x} do sai ten",
    "REVERSED TXN {d} {x}",
    "NH tra ve lenh {x} ly do TK dong",
)
NO_RETURN = (
    "TRA NO DANG PHI T9 {x}",
    "HOAN THANH DANG PHI T9 {x}",
    "tra tien dang phi {x}",
    "nop lai dang phi {x}",
    "d/c Hoan nop {x}",
    "NGUYEN HUY nop DP {x}",
    "Hoàn nộp tiền đảng {x}",
    "tra dang phi thang 9 {x}",
    "chi bo tra {x} dang phi",
    "CT TRA THI LAI {x}",
    "gui lai lan 2 vi lan truoc loi {x}",
    "PHAM THI HOAN TRAN {x}",
)


def returns(h: Hand, back: list[str], kept: list[str]) -> None:
    """Words of a return beside a reference, and words that only look so."""
    for words in back:
        one = h.one()
        text = words.format(x=h.ref(one), d=h.dice.digits(8))
        h.put("return-words", Must.RETURN, one.dues, text, why="it says that money comes back", reachable=False)
    for words in kept:
        one = h.one()
        h.put(
            "no-return-words", Must.POST, one.dues, words.format(x=h.ref(one)), whole(one), why="dues, in these words"
        )
    one = h.one()
    h.put("paid-before", Must.POST, one.dues, h.ref(one), whole(one), why="its reference", day=2)
    why = "our own payment back to him"
    h.put(
        "return-out",
        Must.RETURN,
        one.dues,
        f"CHUYEN TRA {h.ref(one)} NOP NHAM",
        why=why,
        reachable=False,
        direction="out",
        day=24,
    )
