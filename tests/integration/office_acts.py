"""What a ward's office does with its files, for tests of the flows."""

from datetime import date, datetime
from itertools import count
from pathlib import Path

from adapters.office.organisation import unit_id_for
from api.demo.scenario import VIETNAM, read_scenario
from api.flows import openings, roster, setup
from domain import dues_account
from domain.dues_account import DuesAssessed
from domain.period import Month
from ledger.application import command_id_for
from ledger.handlers.assess import AssessMonth
from ledger.work import Act

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "viet-hoa"
SETTINGS = read_scenario(EXAMPLE).settings
JULY = datetime(2026, 7, 1, 8, 0, tzinfo=VIETNAM)
AUGUST = datetime(2026, 8, 1, 8, 0, tzinfo=VIETNAM)
RESIDENTIAL = EXAMPLE / "danh-sach-dang-vien-khu-dan-cu.xlsx"
OFFICES = EXAMPLE / "danh-sach-dang-vien-co-quan.csv"
WRONG = EXAMPLE / "danh-sach-loi.csv"
OPENINGS = EXAMPLE / "so-du-dau-ky.csv"
PROVINCE, WARD = unit_id_for("31"), unit_id_for("31.001")
ACCOUNTANT, COMMITTEE = "VH-KT1", "VH-BT"


class Office:
    """The acts of one ward's office on one installation."""

    def __init__(self, inst):
        self.inst = inst
        self._ids = count(1)

    def new_id(self):
        return f"m-{next(self._ids):04d}"

    def law(self, document="QĐ-KH/VD-01"):
        given = {"approver": "HP-BTV", "document": document, "decided_on": date(2026, 6, 30)}
        return setup.activate_law(self.inst, actor="service:setup", at=JULY, **given)

    def shares(self):
        path = EXAMPLE / "quyet-dinh-ty-le.json"
        return setup.activate_shares(self.inst, actor="service:setup", at=JULY, path=path, approver="HP-BTV")

    def tree(self, **other):
        names = {
            "units": "to-chuc.csv",
            "accounts": "tai-khoan.csv",
            "holders": "noi-nhan-tien.csv",
            "regions": "vung-luong.csv",
        }
        paths = {key: EXAMPLE / name for key, name in names.items()} | other
        return setup.import_organisation(self.inst, actor="service:setup", at=JULY, **paths)

    def officers(self, path=EXAMPLE / "officers.csv", proposed_by="HP-VP", approved_by="HP-BTV"):
        return setup.import_officers(
            self.inst, actor="service:setup", at=JULY, path=path, proposed_by=proposed_by, approved_by=approved_by
        )

    def set_up(self):
        return self.law(), self.shares(), self.tree(), self.officers()

    def enter(self, path=OPENINGS, at=JULY):
        return openings.enter_openings(self.inst, actor=ACCOUNTANT, at=at, path=path, root=WARD)

    def sign(self, actor=COMMITTEE):
        return openings.sign_openings(self.inst, actor=actor, at=JULY, root=WARD)

    def roster(self, path, actor=ACCOUNTANT, root=WARD):
        return roster.import_roster(self.inst, actor=actor, at=JULY, path=path, root=root, new_id=self.new_id)

    def bases(self, path=EXAMPLE / "luong-thang-7.csv", at=AUGUST):
        return roster.import_bases(self.inst, actor=ACCOUNTANT, at=at, path=path, root=WARD)

    def assess(self, month="2026-07", at=JULY):
        act = Act(actor=ACCOUNTANT, at=at, command_id=command_id_for("test-assess", month))
        return self.inst.ledger.execute(AssessMonth(unit_id=WARD, month=Month(month)), act).answer

    def assessed(self, card, month):
        events, _ = self.inst.store.load(dues_account.stream(self.inst.vault.find_by_card(card), 2026))
        return next(event for event in events if isinstance(event, DuesAssessed) and event.month == month)

    @property
    def head(self):
        return self.inst.store.head()


def places(report):
    return [(problem.row, problem.column, str(problem.code)) for problem in report.problems]
