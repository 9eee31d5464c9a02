"""Checks on people: everyone acted within role and place (I20), and maker is never checker (I21)."""

from datetime import date
from typing import Any
from uuid import UUID

from domain import access
from domain.access import Access, Action, RoleGranted, SecondPersonSet
from domain.bank_account import MovementNamed
from domain.declaration import DeclarationCorrected
from domain.errors import Refusal
from domain.held_passed import HeldMoneyPassed
from domain.identifiers import UnitId
from domain.membership import TransferLetterIssued, TransferReceived
from domain.open_item import DecisionProposed, DecisionTaken
from domain.opening import OpeningEntered, OpeningSigned
from domain.organisation import UnitRegistered
from domain.payment import SuspenseForRemittance, SuspenseIdentified, SuspenseNamed
from domain.refund import RefundApproved, RefundPaidOut, RefundRequested
from domain.refund_cases import ClawBackSent, RefundWithdrawn
from domain.remittance import (
    DisputeExplained,
    RemittanceApproved,
    RemittanceDisputed,
    RemittancePrepared,
    SendingCorrected,
    SettledFromHeld,
)
from domain.remittance_cases import DisputeResolved, InterimPrepared, RemittanceWithdrawn
from ledger.allowed import ALLOWED, ELSEWHERE
from ledger.checks.base import Finding, Findings, World
from ledger.posting import Line
from ledger.store import Recorded


class AccessChecker:
    """I20: authorise each command again, with the grants and the tree as they were then."""

    events = None

    def __init__(self, world: World) -> None:
        self._world = world
        self._found = Findings()
        self._grants: dict[str, tuple[RoleGranted, ...]] = {}
        self._seconds: tuple[SecondPersonSet, ...] = ()
        self._command: UUID | None = None
        self._judged: dict[tuple[str, str, str, date], str] = {}

    def see(self, recorded: Recorded, lines: tuple[Line, ...]) -> None:
        """Judge a command at its first event, and each event by the action it came from."""
        meta = recorded.meta
        if meta.command_id != self._command:
            self._command = meta.command_id
            self._judge(recorded)
        if meta.action not in ALLOWED.get(recorded.name, ()):
            self._found.add(
                "I20",
                f"{meta.actor} ghi sự kiện «{recorded.name}» bằng quyền «{meta.action}», quyền này không sinh ra sự "
                "kiện đó. Xác minh với người này và so với bản sao lưu.",
                recorded,
                unit=meta.unit,
            )
        event: Any = recorded.event
        if recorded.name not in ELSEWHERE and not meta.actor.startswith("service:"):
            unit = getattr(event, "unit_id", None)
            if unit is not None and not self._world.within(unit, meta.unit):
                self._found.add(
                    "I20",
                    f"{meta.actor} làm việc cho {meta.unit} nhưng sự kiện thuộc {unit}, ngoài phạm vi đó. Xác minh với "
                    "người này và đơn vị liên quan.",
                    recorded,
                    unit=unit,
                )
        # Grants count from the next command on, as when the command was judged.
        if isinstance(event, RoleGranted):
            self._grants[event.officer_id] = (*self._grants.get(event.officer_id, ()), event)
            self._judged.clear()
        elif isinstance(event, SecondPersonSet):
            self._seconds = (*self._seconds, event)
            self._judged.clear()
        elif isinstance(event, UnitRegistered):
            self._judged.clear()

    def _judge(self, recorded: Recorded) -> None:
        meta = recorded.meta
        question = (meta.actor, meta.action, meta.unit, self._world.on)
        role = self._judged.get(question)
        if role is None:
            role = self._judged[question] = self._role(meta.actor, meta.action, meta.unit, self._world.on)
        if role != meta.role:
            said = "không có quyền này" if not role else f"có quyền với vai trò {role}"
            self._found.add(
                "I20",
                f"{meta.actor} làm «{meta.action}» tại {self._world.name(meta.unit)} ngày {self._world.on:%d/%m/%Y} "
                f"với vai trò {meta.role}, nhưng theo các quyết định lúc đó người này {said}. Báo Uỷ ban Kiểm tra.",
                recorded,
                unit=meta.unit,
            )

    def _role(self, actor: str, action: str, unit: str, on: date) -> str:
        """The role under which the actor might act; "" if none."""
        if unit and not actor.startswith("service:") and not self._reaches_top(unit):
            return ""
        # One officer's grants are all that the question is about.
        state = Access(grants=self._grants.get(actor, ()), second_persons=self._seconds)
        try:
            return str(
                access.authorise(
                    state,
                    self._world.organisation,
                    actor=actor,
                    action=Action(action),
                    unit=UnitId(unit),
                    on=on,
                )
            )
        except (Refusal, ValueError):
            return ""

    def _reaches_top(self, unit: str) -> bool:
        """Whether the unit hangs on a sound tree; in a damaged one there is no place to act for."""
        *_, top = self._world.path_up(unit)
        found = self._world.organisation.units.get(UnitId(top))
        return found is not None and found.parent_id is None

    def finish(self) -> tuple[Finding, ...]:
        """What was found."""
        return self._found.all()


class TwoPeopleChecker:
    """I21: the one who checks is not the one who made, and each name is the name of who acted."""

    events = frozenset(
        {
            RoleGranted,
            OpeningEntered,
            OpeningSigned,
            RemittancePrepared,
            RemittanceApproved,
            SettledFromHeld,
            RemittanceDisputed,
            DisputeExplained,
            DisputeResolved,
            InterimPrepared,
            RemittanceWithdrawn,
            DeclarationCorrected,
            RefundWithdrawn,
            ClawBackSent,
            SuspenseForRemittance,
            HeldMoneyPassed,
            SendingCorrected,
            RefundRequested,
            RefundApproved,
            RefundPaidOut,
            SuspenseIdentified,
            SuspenseNamed,
            MovementNamed,
            DecisionProposed,
            DecisionTaken,
            TransferLetterIssued,
            TransferReceived,
        }
    )

    def __init__(self, world: World) -> None:
        self._found = Findings()
        self._openings: dict[str, set[str]] = {}
        self._remittances: dict[str, str] = {}
        self._disputes: dict[str, str] = {}
        self._refunds: dict[str, list[str]] = {}
        self._letters: dict[tuple[str, str], str] = {}
        self._proposals: dict[str, str] = {}

    def see(self, recorded: Recorded, lines: tuple[Line, ...]) -> None:
        """Remember makers, compare checkers."""
        e, actor = recorded.event, recorded.meta.actor
        match e:
            case RoleGranted():
                self._apart(
                    recorded, {e.proposed_by}, e.approved_by, f"giao quyền {e.role} cho {e.officer_id}", e.unit_id
                )
            case OpeningEntered():
                self._openings[e.unit_id] = {e.entered_by, actor}
            case OpeningSigned():
                makers = self._openings.get(e.unit_id, set()) | {e.entered_by}
                self._apart(recorded, makers, e.signed_by, f"số dư đầu kỳ của {e.unit_id}", e.unit_id)
                self._acted(recorded, e.signed_by)
            case RemittancePrepared() | InterimPrepared():
                self._remittances[e.remittance_id] = e.prepared_by
                self._acted(recorded, e.prepared_by)
            case RemittanceApproved():
                maker = self._remittances.get(e.remittance_id, "")
                self._apart(recorded, {maker}, e.approved_by, f"lệnh nộp {e.remittance_id}", e.unit_id)
                self._acted(recorded, e.approved_by)
            case SettledFromHeld():
                maker = self._remittances.get(e.remittance_id, "")
                self._apart(recorded, {maker}, e.confirmed_by, f"quyết toán {e.remittance_id}", e.unit_id)
                self._acted(recorded, e.confirmed_by)
            case RemittanceDisputed():
                self._disputes[e.remittance_id] = e.disputed_by
                self._acted(recorded, e.disputed_by)
            case DisputeExplained():
                maker = self._disputes.get(e.remittance_id, "")
                self._apart(recorded, {maker}, e.explained_by, f"tra soát {e.remittance_id}", e.unit_id)
                self._acted(recorded, e.explained_by)
            case RefundRequested():
                self._refunds[e.refund_id] = [e.requested_by]
                self._acted(recorded, e.requested_by)
            case RefundApproved():
                people = self._refunds.setdefault(e.refund_id, [""])
                self._apart(recorded, set(people), e.approved_by, f"hoàn trả {e.refund_id}", e.unit_id)
                self._acted(recorded, e.approved_by)
                people.append(e.approved_by)
            case TransferLetterIssued() | TransferReceived():
                self._transfer(recorded, e)
            case SendingCorrected() | DeclarationCorrected():
                self._acted(recorded, e.corrected_by)
            case DisputeResolved():
                self._acted(recorded, e.resolved_by)
            case RemittanceWithdrawn() | RefundWithdrawn():
                self._acted(recorded, e.withdrawn_by)
            case ClawBackSent():
                self._acted(recorded, e.sent_by)
            case RefundPaidOut():
                self._acted(recorded, e.paid_by)
            case SuspenseIdentified():
                self._acted(recorded, e.identified_by)
            case DecisionProposed() | DecisionTaken():
                self._decision(recorded, e)
            case SuspenseNamed() | MovementNamed() | SuspenseForRemittance() | HeldMoneyPassed():
                self._acted(recorded, e.named_by)
            case _:
                pass

    def _decision(self, recorded: Recorded, e: DecisionProposed | DecisionTaken) -> None:
        """What needed two people was proposed by one and agreed to by another."""
        made = e.decision
        if isinstance(e, DecisionProposed):
            self._proposals[made.decision_id] = made.decided_by
            self._acted(recorded, made.decided_by)
        elif e.approved_by is None:
            self._acted(recorded, made.decided_by)
        else:
            maker = self._proposals.get(made.decision_id, "")
            self._apart(recorded, {maker}, e.approved_by, f"quyết định {made.decision_id}", e.unit_id)
            self._acted(recorded, e.approved_by)

    def _transfer(self, recorded: Recorded, e: TransferLetterIssued | TransferReceived) -> None:
        """Who gives and who receives are two."""
        if isinstance(e, TransferLetterIssued):
            self._letters[e.member_id, e.letter] = e.issued_by
            self._acted(recorded, e.issued_by)
        else:
            maker = self._letters.get((e.member_id, e.letter), "")
            self._apart(recorded, {maker}, e.received_by, f"tiếp nhận theo giấy {e.letter}", e.unit_id)
            self._acted(recorded, e.received_by)

    def _apart(self, recorded: Recorded, makers: set[str], checker: str, what: str, unit: str) -> None:
        if checker in makers or not checker:
            self._found.add(
                "I21",
                f"Việc {what}: {checker or 'không ai'} vừa lập vừa duyệt. Hai người khác nhau phải làm; huỷ việc duyệt "
                "này và báo Uỷ ban Kiểm tra.",
                recorded,
                unit=unit,
            )
        if "" in makers:
            self._found.add(
                "I21", f"Việc {what} được duyệt mà không thấy ai lập. Tìm sự kiện lập đã mất.", recorded, unit=unit
            )

    def _acted(self, recorded: Recorded, named: str) -> None:
        if named != recorded.meta.actor:
            self._found.add(
                "I21",
                f"Sự kiện «{recorded.name}» ghi tên {named} nhưng người thao tác là {recorded.meta.actor}. "
                "Xác minh ai đã thật sự làm việc này.",
                recorded,
                unit=recorded.meta.unit,
            )

    def finish(self) -> tuple[Finding, ...]:
        """What was found."""
        return self._found.all()
