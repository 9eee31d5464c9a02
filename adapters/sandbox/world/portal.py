"""The portal's Payment Platform 1.0.6: transactions, answers to INIT, QUERY and GET_BILL, and the settlement file.

Fields and signatures are certain (payments §3.2). Assumed: error codes other than 00 and 99, the signature of answers,
and the whole settlement file (§3.3), whose real layout is not public.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from adapters.inbound import VIETNAM
from adapters.portal import signature
from adapters.sandbox.portal_settlement import SettledPayment, file_name, settlement_file
from adapters.sandbox.world.keys import Keys
from adapters.sandbox.world.scenario import PortalPlan
from domain.errors import Malformed
from domain.money import CURRENCY, Dong

#: Where payers go when no server says where it is.
PAY_URL = "https://thanh-toan.sandbox.invalid/"

_BANKS = {"vietcombank": "VIETCOMBANK", "mb": "MBBANK", "momo": "MOMO", "bidv": "BIDV"}


class State(StrEnum):
    """What the platform knows of a transaction."""

    OPENED = "opened"
    PENDING = "pending"
    PAID = "paid"
    FAILED = "failed"


#: TrangThaiGD. An opened transaction that nobody has paid yet is pending as well.
_STATES = {State.OPENED: "3", State.PENDING: "3", State.PAID: "1", State.FAILED: "4"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """One transaction of the platform."""

    reference: str
    amount: Dong
    information: str
    dossier: str
    account_number: str
    opened_at: datetime
    state: State = State.OPENED
    transaction_id: str = ""
    bank: str = ""
    changed_at: datetime | None = None


@dataclass(slots=True, kw_only=True)
class Portal:
    """The platform's own book."""

    keys: Keys
    plan: PortalPlan
    transactions: dict[str, Transaction] = field(default_factory=dict)
    answers: list[bytes] = field(default_factory=list)  #: our answer files, as they came
    pay_url: str = PAY_URL  #: before the reference; the server sets its own
    _paid: int = 0

    # --- messages ------------------------------------------------------------------------------------------------

    def message(self, body: bytes, now: datetime) -> tuple[str, bytes]:
        """Answer INIT, QUERY or GET_BILL: media type and body. Never raises on what is sent."""
        try:
            fields = json.loads(body)
        except ValueError:
            return self._json({"MaLoi": "03", "MoTaLoi": "Sai định dạng"})
        if not isinstance(fields, dict):
            return self._json({"MaLoi": "03", "MoTaLoi": "Sai định dạng"})
        match fields.get("LoaiBanTin"):
            case "INIT":
                return self._json(self._init(fields, now))
            case "QUERY":
                return self._json(self._query(fields, now))
            case "GET_BILL":
                return self._bill(fields)
        return self._json({"MaLoi": "03", "MoTaLoi": "Không rõ loại bản tin"})

    def _json(self, answer: Mapping[str, object]) -> tuple[str, bytes]:
        body = json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
        if self.plan.envelope == "lgsp":
            body = json.dumps({"error_code": "0", "message": body}, ensure_ascii=False)
        return "application/json", body.encode()

    def _checked(self, fields: Mapping[str, Any], order: tuple[str, ...]) -> str | None:
        """The code of what is wrong with the sender or the signature."""
        texts = {name: fields.get(name, "") for name in order}
        if not all(isinstance(value, str) for value in texts.values()):
            return "03"
        if texts["MaDoiTac"] != self.keys.portal_partner:
            return "07"
        try:
            signed = signature.is_signed(texts, order, self.keys.portal_secret, str(fields.get("MaXacThuc", "")))
        except Malformed:
            return "03"
        return None if signed else "02"

    def _init(self, fields: Mapping[str, Any], now: datetime) -> dict[str, object]:
        wrong = self._checked(fields, signature.INIT)
        reference = str(fields.get("MaThamChieu", ""))
        answer: dict[str, object] = {"MaLoi": wrong or "00", "MaDoiTac": self.keys.portal_partner}
        answer["MaThamChieu"] = reference
        receipt = fields.get("ThongTinBienLai")
        if wrong is None and (
            not re.fullmatch(r"[A-Za-z0-9]{1,50}", reference)
            or not re.fullmatch(r"[1-9][0-9]{0,12}", str(fields.get("SoTien", "")))
            or not isinstance(receipt, dict)
            or fields.get("PhienBan") != "1.0.6"
        ):
            wrong = "03"
        if wrong is None and reference in self.transactions:
            wrong = "04"
        if wrong is None and isinstance(receipt, dict):
            lines = receipt.get("DSKhoanNop") or []
            if lines and sum(int(line["SoTien"]) for line in lines) != int(fields["SoTien"]):
                wrong = "05"
        if wrong is not None or not isinstance(receipt, dict):
            return answer | {"MaLoi": wrong or "03", "MoTaLoi": _WORDS.get(wrong or "03", "Lỗi khác")}
        self.transactions[reference] = Transaction(
            reference=reference,
            amount=int(fields["SoTien"]),
            information=str(fields["ThongTinGiaoDich"]),
            dossier=str(receipt.get("MaHoSo", "")),
            account_number=str(receipt.get("TKThuHuong", "")),
            opened_at=now,
        )
        return answer | {"MoTaLoi": "Thành công", "UrlThanhToan": self.pay_url + reference}

    def _query(self, fields: Mapping[str, Any], now: datetime) -> dict[str, object]:
        wrong = self._checked(fields, signature.QUERY)
        found = self.transactions.get(str(fields.get("MaThamChieu", "")))
        if wrong is None and found is None:
            wrong = "01"
        if wrong is not None or found is None:
            return {"MaLoi": wrong or "01", "MoTaLoi": _WORDS.get(wrong or "01", "Lỗi khác")}
        code = "99" if found.state is State.FAILED else "00"
        said = self.told(found, now, code=code)
        texts = {name: str(value) for name, value in said.items()}
        signed = signature.sign(texts, signature.QUERY_ANSWER, self.keys.portal_secret)
        return {**said, "MaXacThuc": signed, "TrangThaiGD": _STATES[found.state]}

    def _bill(self, fields: Mapping[str, Any]) -> tuple[str, bytes]:
        wrong = self._checked(fields, signature.GET_BILL)
        found = self.transactions.get(str(fields.get("MaThamChieu", "")))
        if wrong is not None or found is None or found.state is not State.PAID:
            return self._json({"MaLoi": wrong or "01", "MoTaLoi": _WORDS.get(wrong or "01", "Lỗi khác")})
        if self.plan.envelope == "lgsp":
            told = {"MaLoi": "00", "MoTaLoi": "Thành công", "UrlBienLai": f"{PAY_URL}bien-lai/{found.reference}"}
            return self._json(told)
        return "application/pdf", b"%PDF-1.4\n% bien lai mo phong " + found.reference.encode() + b"\n%%EOF\n"

    def told(self, found: Transaction, now: datetime, *, code: str) -> dict[str, object]:
        """The fields of a notification, unsigned: INIT's own words and the platform's."""
        at = found.changed_at or now
        return {
            "LoaiBanTin": "CONFIRM",
            "MaLoi": code,
            "MaDoiTac": self.keys.portal_partner,
            "MaThamChieu": found.reference,
            "SoTien": found.amount,
            "MaTienTe": CURRENCY,
            "MaGiaoDich": found.transaction_id,
            "MaNganHang": found.bank,
            "ThoiGianGD": f"{at.astimezone(VIETNAM):%Y%m%d%H%M%S}",
            "ThongTinGiaoDich": found.information,
        }

    def minted(
        self, *, reference: str, amount: Dong, information: str, dossier: str, account_number: str, now: datetime
    ) -> None:
        """A transaction made from a bill that was looked up; a reference that is known stays what it is."""
        made = Transaction(
            reference=reference,
            amount=amount,
            information=information,
            dossier=dossier,
            account_number=account_number,
            opened_at=now,
        )
        self.transactions.setdefault(reference, made)

    # --- what payers do ------------------------------------------------------------------------------------------

    def found(self, reference: str) -> Transaction:
        """A transaction by our reference; ``Malformed`` where there is none."""
        found = self.transactions.get(reference)
        if found is None:
            raise Malformed("cổng mô phỏng chưa nhận INIT của mã này", where=reference)
        return found

    def change(self, reference: str, state: State, now: datetime, *, bank: str = "") -> Transaction:
        """Move a transaction on. Paid is final: whatever comes later, money was taken."""
        found = self.found(reference)
        if found.state is State.PAID:
            return found
        number = found.transaction_id
        if state is State.PAID and not number:
            self._paid += 1
            number = f"PP{self._paid:010d}"
        changed = replace(found, state=state, transaction_id=number, bank=_BANKS.get(bank, "NAPAS"), changed_at=now)
        self.transactions[reference] = changed
        return changed

    def settlement_day(self, paid_at: datetime) -> date:
        """The day whose settlement a payment belongs to: the next one from the cut-off hour on."""
        local = paid_at.astimezone(VIETNAM)
        late = self.plan.cut_off is not None and local.hour >= self.plan.cut_off
        return local.date() + timedelta(days=1 if late else 0)

    def settled(self, day: date) -> tuple[Transaction, ...]:
        """What was paid and belongs to a day, in order of time."""
        paid = [one for one in self.transactions.values() if one.state is State.PAID and one.changed_at is not None]
        of_day = [one for one in paid if one.changed_at is not None and self.settlement_day(one.changed_at) == day]
        return tuple(sorted(of_day, key=lambda one: one.transaction_id))

    def settlement_file(self, day: date, lines: Iterable[SettledPayment]) -> tuple[str, bytes]:
        """Name and bytes of the file of a day; its totals fit its lines, true or not."""
        partner, secret = self.keys.portal_partner, self.keys.portal_secret
        # With a cut-off the day begins on the evening before; the header names the day alone.
        data = settlement_file(partner=partner, secret=secret, first=day, last=day, payments=tuple(lines))
        return file_name(partner, day), data

    def line_of(self, one: Transaction, day: date) -> SettledPayment:
        """A transaction as the settlement of a day says it."""
        at = one.changed_at or one.opened_at
        booked = datetime.combine(day + timedelta(days=1), time(9), VIETNAM)
        return SettledPayment(
            reference=one.reference,
            transaction_id=one.transaction_id,
            amount=one.amount,
            paid_at=at,
            booked_at=booked,
            account_number=one.account_number,
            fee=self.plan.fee,
            bank=one.bank,
            dossier=one.dossier,
            information=one.information,
        )


_WORDS = {
    "01": "Không có mã tham chiếu này",
    "02": "Sai chữ ký",
    "03": "Sai định dạng",
    "04": "Trùng mã tham chiếu",
    "05": "Số tiền không khớp",
    "07": "Không đúng đối tác",
}
