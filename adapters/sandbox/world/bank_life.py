"""What happens on bank accounts: payers' transfers, credits taken back, strangers, fees, late statements."""

from datetime import date, datetime, time, timedelta

from adapters.inbound import VIETNAM
from adapters.sandbox.world import contents
from adapters.sandbox.world.bank import Account, Entry
from adapters.sandbox.world.money import Money
from adapters.sandbox.world.scenario import Fault
from adapters.sandbox.world.world import Happening, World
from adapters.vietqr.decode import decode
from domain.errors import Malformed
from domain.money import Dong
from domain.notice import Direction

#: The key under which the world keeps the account that the gateway pays into.
GATEWAY_ACCOUNT = "gateway-account"


def next_working_day(day: date) -> date:
    """The next day from Monday to Friday."""
    day += timedelta(days=1)
    while day.weekday() >= 5:
        day += timedelta(days=1)
    return day


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """A moment of a day in Vietnam."""
    return datetime.combine(day, time(hour, minute), VIETNAM)


# --- accounts -------------------------------------------------------------------------------------------------------


def open_account(world: World, account: Account, *, gateway: bool = False) -> None:
    """Open an account at its bank; ``gateway``: card payments are paid out to it."""
    world.bank.open(account)
    if gateway:
        world.notes[GATEWAY_ACCOUNT] = account.account_id
    world.tell(f"account {account.account_id} {account.opening}")
    first = date.fromisoformat(f"{world.scenario.month}-01")
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    world.plan(at(last, 17), "month-end", account.account_id)


def book(
    world: World,
    account_id: str,
    direction: Direction,
    amount: Dong,
    content: str,
    *,
    about: str,
    payer: contents.Payer | None = None,
    announce: bool = True,
) -> Entry:
    """Book a movement now; the account's provider of webhooks tells of it where ``announce``."""
    entry = world.bank.book(
        account_id,
        direction,
        amount,
        content,
        world.now,
        about=about,
        payer_account=payer.account if payer else None,
        payer_name=payer.name if payer else None,
    )
    world.tell(f"booked {account_id} {entry.reference} {entry.signed} {entry.booked_on} {about}")
    message = world.bank.webhook(account_id, entry) if announce else None
    if message is not None:
        world.send(message)
        _tell_twice(world, account_id, entry, about)
    return entry


def _tell_twice(world: World, account_id: str, entry: Entry, about: str) -> None:
    """A second provider watches the account too, and tells of the same credit in its own words."""
    name = f"{account_id}/{entry.number}"
    if entry.direction is Direction.OUT or not world.strikes(Fault.TWO_PROVIDERS, name, about):
        return
    other = "sepay" if world.bank.provider(account_id) == "casso" else "casso"
    message = world.bank.webhook(account_id, entry, other)
    if message is not None:
        world.send(message)


# --- transfers ------------------------------------------------------------------------------------------------------


def pay_qr(world: World, payload: str, payer: str, amount: Dong | None = None) -> Money:
    """A payer's app reads a VietQR payload and transfers. ``amount`` where the code has none.

    Faults change what the payer does: a part, too much, no code, a wrong character, twice. Raises ``Malformed`` for a
    payload that an app would not read or an account that does not exist.
    """
    read = decode(payload)
    if read.fields is None or read.fields.bin is None or read.fields.account is None:
        raise Malformed("ứng dụng ngân hàng không đọc được mã này", where="payload")
    asked = int(read.fields.amount) if read.fields.amount else amount
    if not asked:
        raise Malformed("mã không có số tiền; người trả phải tự ghi số tiền", where="amount")
    account = world.bank.account(read.fields.bin, read.fields.account)
    code = (read.fields.purpose or "").split(" ")[0]
    key = f"qr/{code}/{sum(1 for name in world.moneys if name.startswith(f'qr/{code}/')) + 1}"
    paid, words, flaws = _as_meant(world, key, asked, code)
    if not flaws and (other := _mistaken(world, account.account_id, key)):
        account, flaws = world.bank.accounts[other], (Fault.WRONG_ACCOUNT,)
    money = transfer(world, account.account_id, paid, words, payer, key=key, reference=code)
    for flaw in flaws:
        world.befall(key, flaw)
    if key.endswith("/1") and not flaws and world.strikes(Fault.PAID_TWICE, key):
        later = world.now + timedelta(hours=world.dice.between(4, 60, "again", key))
        world.plan(later, "qr-again", payload, payer, str(asked))
    return money


def pay_for_two(world: World, payload: str, also: str, payer: str) -> Money | None:
    """One transfer for two of a family, with both codes in its words; None where the family pays one by one."""
    first, second = decode(payload).fields, decode(also).fields
    if first is None or second is None or not (first.amount and second.amount) or first.account != second.account:
        return None
    codes = [(one.purpose or "").split(" ")[0] for one in (first, second)]
    key = f"qr/{codes[0]}/{codes[1]}"
    if first.bin is None or first.account is None or not world.strikes(Fault.FOR_TWO, key):
        return None
    account_id = world.bank.account(first.bin, first.account).account_id
    amount = int(first.amount) + int(second.amount)
    money = transfer(world, account_id, amount, " ".join(codes), payer, key=key, reference=codes[0])
    world.befall(key, Fault.FOR_TWO)
    return world.moneys[money.key]


def _mistaken(world: World, account_id: str, key: str) -> str:
    """Another account into which the payer types the money by mistake; "" where none is there or none is meant."""
    others = sorted(name for name in world.bank.accounts if name != account_id)
    if not others or not world.strikes(Fault.WRONG_ACCOUNT, key):
        return ""
    return world.dice.pick(others, "wrong-account", key)


def _as_meant(world: World, key: str, asked: Dong, code: str) -> tuple[Dong, str, tuple[Fault, ...]]:
    if world.strikes(Fault.NO_CODE, key):
        return asked, "nop dang phi", (Fault.NO_CODE,)
    if world.strikes(Fault.WRONG_CHARACTER, key):
        return asked, contents.mistyped(world.dice, key, code), (Fault.WRONG_CHARACTER,)
    if asked > 2_000 and world.strikes(Fault.PART, key):
        return max(asked // 2 // 1_000 * 1_000, 1_000), code, (Fault.PART,)
    if world.strikes(Fault.OVER, key):
        return asked + 1_000 * world.dice.between(5, 40, "over", key), code, (Fault.OVER,)
    return asked, code, ()


def transfer(
    world: World,
    account_id: str,
    amount: Dong,
    words: str,
    payer: str,
    *,
    key: str,
    reference: str = "",
    way: str = "qr",
) -> Money:
    """A free transfer, booked at once, with what the payer's bank makes of its words."""
    who = contents.payer_of(world.dice, payer)
    content = contents.arrives(world.dice, key, words, world.now, who, account_id.partition(":")[2])
    world.own(
        Money(
            key=key, way=way, amount=amount, paid_at=world.now, reference=reference, account_id=account_id, payer=payer
        )
    )
    entry = book(world, account_id, Direction.IN, amount, content, about=key, payer=who)
    money = world.change(key, booked_on=entry.booked_on, bank_reference=entry.reference, outside=entry.reference)
    if way == "qr" and world.strikes(Fault.SENT_BACK, key):
        world.plan(at(next_working_day(entry.booked_on), 10), "sent-back", account_id, key, entry.reference)
    elif way == "qr" and world.strikes(Fault.RECALL, key):
        later = entry.booked_on + timedelta(days=world.dice.between(3, 6, "recall", key))
        world.plan(at(next_working_day(later), 10), "recall", account_id, key, entry.reference)
    return money


def own_movement(world: World, account_id: str, amount: Dong, words: str, key: str) -> Money:
    """Money that the unit itself moves: a cash bag brought to the bank, or a transfer that it ordered (negative)."""
    direction = Direction.IN if amount > 0 else Direction.OUT
    name = f"own/{key}"
    world.own(Money(key=name, way="own", amount=abs(amount), paid_at=world.now, account_id=account_id))
    entry = book(world, account_id, direction, abs(amount), words, about=name)
    return world.change(name, booked_on=entry.booked_on, bank_reference=entry.reference)


def _qr_again(world: World, what: Happening) -> None:
    payload, payer, asked = what.about
    key = pay_qr(world, payload, payer, int(asked)).key
    world.befall(key, Fault.PAID_TWICE)


def _sent_back(world: World, what: Happening) -> None:
    """The payer's bank recalls a transfer: a debit that names it."""
    account_id, key, reference = what.about
    paid = world.moneys[key]
    back = f"back/{key}"
    world.own(Money(key=back, way="sent-back", amount=paid.amount, paid_at=world.now, account_id=account_id, of=(key,)))
    text = f"HOAN TRA GD {reference} {paid.reference} THEO YEU CAU NGAN HANG CHUYEN"
    entry = book(world, account_id, Direction.OUT, paid.amount, text, about=back)
    world.change(back, booked_on=entry.booked_on, bank_reference=entry.reference, befell=(str(Fault.SENT_BACK),))


def _recall(world: World, what: Happening) -> None:
    """The bank takes a credit back after an inquiry, by its own number alone."""
    account_id, key, reference = what.about
    paid = world.moneys[key]
    back = f"recall/{key}"
    world.own(Money(key=back, way="sent-back", amount=paid.amount, paid_at=world.now, account_id=account_id, of=(key,)))
    text = f"THU HOI GHI CO NHAM THEO TRA SOAT {world.dice.digits(7, 'inquiry', key)} GD {reference}"
    entry = book(world, account_id, Direction.OUT, paid.amount, text, about=back)
    world.change(back, booked_on=entry.booked_on, bank_reference=entry.reference, befell=(str(Fault.RECALL),))


def _stranger(world: World, what: Happening) -> None:
    (number,) = what.about
    accounts = sorted(world.bank.accounts)
    if not accounts:
        return
    account_id = world.dice.pick(accounts, "stranger-account", number)
    amount = 10_000 * world.dice.between(2, 90, "stranger", number)
    words = world.dice.pick(("chuyen tien ung ho", "tra tien hang", "chuc mung nam moi"), "stranger-words", number)
    transfer(world, account_id, amount, words, f"stranger-{number}", key=f"stranger/{number}", way="stranger")


def _month_end(world: World, what: Happening) -> None:
    """What banks take and give by themselves; the providers of webhooks do not tell of it."""
    (account_id,) = what.about
    plan = world.scenario.bank
    for way, direction, amount, text in (
        ("fee", Direction.OUT, plan.monthly_fee, "THU PHI DICH VU TAI KHOAN"),
        ("interest", Direction.IN, plan.interest, "TRA LAI TIEN GUI"),
    ):
        if amount:
            key = f"{way}/{account_id}/{world.scenario.month}"
            world.own(Money(key=key, way=way, amount=amount, paid_at=world.now, account_id=account_id))
            entry = book(world, account_id, direction, amount, f"{text} {world.now:%m/%Y}", about=key, announce=False)
            world.change(key, booked_on=entry.booked_on, bank_reference=entry.reference)


def _lag(world: World, what: Happening) -> None:
    """At the end of a day it is decided whose statement of it will be late."""
    for account_id in sorted(world.bank.accounts):
        day = world.now.date()
        if world.strikes(Fault.STATEMENT_LAG, f"{account_id}/{day}"):
            world.bank.lagging.add((account_id, day))


BANK_DOINGS = {
    "qr-again": _qr_again,
    "sent-back": _sent_back,
    "recall": _recall,
    "stranger": _stranger,
    "month-end": _month_end,
    "lag": _lag,
}
